"""Figures that nobody could verify are shown, and never enter what the model is given."""

import dataclasses

import numpy as np
import pytest

from caudal.core.errors import CaudalError
from caudal.evidence import inputs as module
from caudal.evidence import inputs_reader
from caudal.evidence.inputs import Inputs
from caudal.evidence.series import Value, series

ABSURD = 1e9


def planted(monkeypatch, name, rows, without=()):
    """Give one series unverified rows, and take from it the years that they stand for."""
    record = series(name)
    extra = tuple(Value(e, year, ABSURD, record.unit, ("mod.lhy",), "unverified", "") for e, year in rows)
    kept = tuple(row for row in record.rows if (row.entity, row.year) not in set(without))
    changed = record.model_copy(update={"rows": kept + extra, "preferred_sources": ("mod.lhy",)})
    for reader in (module, inputs_reader):
        monkeypatch.setattr(reader, "series", lambda wanted: changed if wanted == name else series(wanted))
    return changed


def built() -> Inputs:
    """Return the inputs read anew."""
    return module._departmental.__wrapped__(2025)


def same(one, other):
    for field in dataclasses.fields(Inputs):
        ours, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(ours, np.ndarray):
            np.testing.assert_array_equal(ours, theirs, err_msg=field.name)
        else:
            assert ours == theirs, field.name


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("coca_area_department", [("NARIÑO", "2010"), ("PUTUMAYO", "1999")]),
        ("aerial_spraying_cumulative", [("Colombia", "1995-2009"), ("Colombia", "1992-1998")]),
        ("eradication_and_substitution", [("Colombia", "2025-01..09")]),
        ("voluntary_eradication", [("Colombia", "cumulative to 2024")]),
        ("manual_eradication", [("Colombia", "2025-01..09"), ("Colombia", "2013")]),
        ("coca_area_unodc", [("Colombia", "2010"), ("Peru", "2010")]),
    ],
)
def test_an_unverified_row_changes_nothing(monkeypatch, name, rows):
    before = built()
    changed = planted(monkeypatch, name, rows)
    assert all(changed.value_at(*row).value == ABSURD for row in rows)  # it is there to be shown
    same(built(), before)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("aerial_spraying_cumulative", ("Colombia", "1995-2009")),
        ("voluntary_eradication", ("Colombia", "cumulative to 2024")),
    ],
)
def test_inputs_are_refused_where_only_an_unverified_row_is_left(monkeypatch, name, row):
    planted(monkeypatch, name, [row], without=[row])
    with pytest.raises(CaudalError, match="CAU-111"):
        built()


def test_value_and_panel_leave_unverified_rows_out_when_calibrating(monkeypatch):
    changed = planted(monkeypatch, "coca_area_department", [("NARIÑO", "1950")])
    assert changed.panel(["NARIÑO"], [1950])[0, 0] == ABSURD
    assert np.isnan(changed.panel(["NARIÑO"], [1950], calibrating=True)[0, 0])
    with pytest.raises(CaudalError, match="CAU-111"):
        changed.value_at("NARIÑO", 1950, calibrating=True)


def test_the_municipal_scale_uses_verified_totals_only(monkeypatch, tmp_path):
    national = series("coca_area_unodc").annual("Colombia")
    path = tmp_path / "coca.csv"
    rows = f"52001,UNO,NARIÑO,{national[2020]}"
    path.write_text(f"CODMPIO,MUNICIPIO,DEPARTAMENTO,2020\n{rows}\n", encoding="utf-8")
    before = module._municipal(path)[0]
    planted(monkeypatch, "coca_area_unodc", [("Colombia", "2010"), ("Colombia", "2020")])
    np.testing.assert_array_equal(module._municipal(path)[0], before)

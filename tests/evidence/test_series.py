"""Series give the published figures, one per year by declared preference, and never blend rivals."""

import numpy as np
import pytest

from caudal.core.errors import CaudalError
from caudal.evidence.series import data_digest, series, series_ids, themes
from caudal.evidence.source import source, sources


@pytest.mark.parametrize(
    ("name", "entity", "year", "figure"),
    [
        ("coca_area_unodc", "Colombia", 2024, 261_386),
        ("coca_area_unodc", "Colombia", 2012, 47_788),
        ("coca_area_unodc", "Peru", 2024, 89_755),
        ("coca_area_wdr2004", "Peru", 1990, 121_300),
        ("aerial_spraying", "Colombia", 2005, 140_399.6),
        ("manual_eradication_gme", "Colombia", 2008, 84_034),
        ("seizures_colombia_official", "Colombia", 2024, 889.201),
        ("cocaine_deaths", "US", 2019, 15_883),
        ("us_consumption", "US", 1988, 660),
        ("minimum_wage_colombia", "Colombia", 2025, 1_423_500),
    ],
)
def test_published_figures(name, entity, year, figure):
    assert series(name).annual(entity)[year] == pytest.approx(figure)


def test_exchange_rate_changes_source_in_1994():
    rate = series("cop_per_usd")
    assert rate.value_at("Colombia", 1993).sources == ("gap.G01",)
    assert rate.value_at("Colombia", 1994).sources == ("gap.G02",)
    assert rate.annual("Colombia")[1992] == pytest.approx(759.28)


def test_rivals_stay_apart():
    sprayed = [row for row in series("aerial_spraying").values("Colombia") if row.year == "2005"]
    assert {row.value for row in sprayed} == {140_399.6, 138_775}
    only = series("aerial_spraying").values("Colombia", sources=["sup.S12"])
    assert {row.year for row in only} == {"2004", "2005"}


def test_later_vintage_is_preferred_and_withheld_year_is_absent():
    produced = series("potential_cocaine_unodc").annual("Colombia")
    assert produced[2005] == 680
    assert 2024 not in produced


def test_departments_add_up_to_the_published_total():
    area = series("coca_area_department")
    years = range(1999, 2025)
    published = series("coca_area_unodc").annual("Colombia")
    totals = np.nansum(area.panel(area.entities(), years), axis=0)
    assert len(area.entities()) == 24
    np.testing.assert_allclose(totals, [published[y] for y in years], rtol=1e-3)


def test_panel_marks_missing_years():
    panel = series("coca_area_department").panel(["NARIÑO", "PUTUMAYO"], [1990, 2000])
    assert panel.shape == (2, 2)
    assert np.isnan(panel[:, 0]).all()
    assert panel[1, 1] == pytest.approx(66_022, rel=1e-3)


def test_dataset_of_2001_is_scaled_when_read_as_annual():
    dataset = series("coca_area_department_2001_dataset")
    raw = dataset.values("PUTUMAYO")[0].value
    assert dataset.annual("PUTUMAYO")[2001] == pytest.approx(raw * 144_807 / 136_918.1, rel=1e-5)
    assert dataset.value_at("PUTUMAYO", 2001).quality == "derived"


def test_unverified_figures_are_never_used():
    shown = series("manual_eradication_unverified")
    assert shown.annual("Colombia")
    assert shown.annual("Colombia", calibrating=True) == {}
    assert {row.quality for row in shown.rows} == {"unverified"}
    verified = [name for theme, names in themes().items() if theme != "unverified" for name in names]
    assert all(row.quality != "unverified" for name in verified for row in series(name).rows)


def test_provisional_deaths_are_left_out():
    deaths = series("cocaine_deaths_vsrr")
    assert max(deaths.annual("US")) == 2024
    assert "2025 provisional" in {row.year for row in deaths.values("US")}
    assert "2025 provisional" not in deaths.chosen("US")


def test_unknown_names_say_the_nearest():
    with pytest.raises(CaudalError, match=r"CAU-110.*coca_area_unodc"):
        series("coca_area_unod")
    with pytest.raises(CaudalError, match=r"CAU-111.*1950"):
        series("coca_area_unodc").value_at("Colombia", 1950)
    with pytest.raises(CaudalError, match=r"CAU-112"):
        source("sup.S999")


def test_every_series_is_found_by_its_id():
    assert len(set(series_ids())) == len(series_ids()) > 300
    assert all(series(name).id == name for name in series_ids())
    assert len(data_digest()) == 64


def test_sources_state_their_terms():
    assert source("clm.S36").url.startswith("http")
    assert source("lit.E01").date == "2017"
    assert all(item.licence and item.redistribution for item in sources().values())

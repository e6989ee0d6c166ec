"""A fault in a scenario file is told in one line: the file, the line, what is wrong and what is near."""

from __future__ import annotations

from pathlib import Path

import pytest

from caudal.core.errors import CaudalError
from caudal.core.messages import use_language
from caudal.simulate.scenario import Change, load, parse_change, scenario

FOLDER = Path(__file__).parents[1] / "bad_inputs"

EXPECTED = {
    "unknown_lever": ("CAU-304", "line 9", "unknown lever 'aerial_spraing'", "Did you mean aerial_spraying?"),
    "value_out_of_range": ("CAU-304", "line 11", "aerial_spraying = 1000000000", "300000", "ha/year"),
    "value_not_a_number": ("CAU-204", "line 11", "levers.aerial_spraying.0.value", "number"),
    "malformed": ("CAU-201", "line 16", "not valid YAML", "expected"),
    "unknown_key": ("CAU-204", "line 2", "questoin", "Did you mean question?"),
    "unknown_key_in_line": ("CAU-204", "line 15", "rampp", "Did you mean ramp?"),
    "no_cites": ("CAU-204", "line 10", "cites", "required"),
    "empty_cites": ("CAU-204", "line 14", "cites", "at least 1"),
    "year_1990": ("CAU-204", "line 10", "levers.aerial_spraying.0.from", "2026"),
    "unknown_department": ("CAU-304", "line 10", "unknown region 'NARINO'", "Did you mean NARIÑO?"),
    "unknown_baseline": ("unknown_baseline.yaml", "line 6", "baselin", "Did you mean baseline?"),
    "list": ("CAU-203", "list"),
    "empty": ("CAU-203", "mapping"),
    "latin1": ("CAU-202", "latin1.yaml"),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_fault_in_a_file_is_told_in_one_line(name):
    path = FOLDER / f"{name}.yaml"
    with pytest.raises(CaudalError) as error:
        load(path)
    said = error.value.render()
    assert "\n" not in said
    assert path.name in said
    for part in EXPECTED[name]:
        assert part in said, said


def test_the_same_file_without_its_fault_loads():
    good = load(FOLDER / "good.yaml")
    assert good.name == "good"
    assert good.document.levers["aerial_spraying"][0].start == 2027


def test_every_bad_file_is_expected():
    assert {p.stem for p in FOLDER.glob("*.yaml")} == {*EXPECTED, "good"}


def test_a_missing_file_is_told():
    with pytest.raises(CaudalError, match=r"CAU-202.*nowhere\.yaml"):
        load(FOLDER / "nowhere.yaml")
    with pytest.raises(CaudalError, match=r"CAU-101.*eradication-led"):
        scenario("eradication-lead")


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("aerial_spraing=1", "CAU-102"),
        ("aerial_spraying", "CAU-303"),
        ("aerial_spraying=", "CAU-303"),
        ("aerial_spraying=plenty", "CAU-303"),
        ("aerial_spraying=1@soon", "CAU-303"),
        ("aerial_spraying=1e9", "CAU-301"),
        ("aerial_spraying=-1", "CAU-301"),
        ("aerial_spraying=nan", "CAU-301"),
        ("aerial_spraying=inf", "CAU-301"),
        ("aerial_spraying=1@1990", "CAU-302"),
        ("aerial_spraying=1@2051", "CAU-302"),
        ("=1", "CAU-102"),
    ],
)
def test_a_bad_setting_is_refused(word, code):
    with pytest.raises(CaudalError, match=code):
        parse_change(word)


def test_a_good_setting_is_read():
    assert parse_change("levers.aerial_spraying=1e5@2030") == Change("aerial_spraying", 1e5, 2030)
    assert parse_change("aerial_spraying=0") == Change("aerial_spraying", 0.0, 2026)


def test_errors_speak_spanish():
    use_language("es")
    try:
        with pytest.raises(
            CaudalError, match=r"la palanca 'aerial_spraing' no existe.*¿Quiso decir aerial_spraying\?"
        ):
            parse_change("aerial_spraing=1")
    finally:
        use_language("en")

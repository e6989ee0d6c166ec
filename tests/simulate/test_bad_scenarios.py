"""A fault in a scenario file is told in one line: the file, the line, what is wrong and what is near."""

from __future__ import annotations

import contextvars
from pathlib import Path

import numpy as np
import pytest

from caudal.core.clock import START
from caudal.core.errors import CaudalError
from caudal.core.files import data_path, read_yaml
from caudal.core.messages import use_language
from caudal.evidence.inputs import inputs
from caudal.evidence.source import sources
from caudal.simulate import document
from caudal.simulate import scenario as module
from caudal.simulate.document import source_ids
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
    "year_1990": ("CAU-304", "line 10", "CAU-302", "2026"),
    "unknown_event": ("CAU-304", "line 10", "CAU-114", "Did you mean boat-strikes?"),
    "unknown_event_beside_a_year": ("CAU-304", "line 11", "CAU-114", "Did you mean boat-strikes?"),
    "unknown_branch": ("CAU-304", "line 6", "CAU-114", "Did you mean boat-strikes?"),
    "replay_of_a_projection": ("CAU-304", "line 6", "CAU-313", "baseline"),
    "levers_a_word": ("CAU-204", "line 8", "levers"),
    "levers_a_list": ("CAU-204", "line 8", "levers"),
    "replay_too_late": ("CAU-204", "replay", "2024"),
    "unknown_department": ("CAU-304", "line 15", "unknown region 'NARINO'", "Did you mean NARIÑO?"),
    "unknown_baseline": ("unknown_baseline.yaml", "line 6", "baselin", "Did you mean baseline?"),
    "list": ("CAU-203", "list"),
    "empty": ("CAU-203", "mapping"),
    "latin1": ("CAU-202", "latin1.yaml"),
    "nul_byte": ("CAU-202", "characters are not allowed"),
    "duplicate_key": ("CAU-201", "line 12", "the key 'value' stands twice"),
    "duplicate_lever": ("CAU-201", "line 15", "the key 'aerial_spraying' stands twice"),
    "value_true": ("CAU-204", "line 11", "levers.aerial_spraying.0.value", "number"),
    "value_quoted": ("CAU-204", "line 11", "levers.aerial_spraying.0.value", "number"),
    "to_before_from": ("CAU-304", "line 11", "CAU-309", "'to: 2026' comes before 'from: 2027'"),
    "same_start": ("CAU-304", "line 15", "CAU-310", "two lines of aerial_spraying start in 2027"),
    "no_place": ("CAU-304", "line 15", "CAU-311", "harm_reduction has no place", "aerial_spraying"),
    "unknown_cite": ("CAU-304", "line 14", "CAU-112", "mod.structur'", "Did you mean mod.structure?"),
    "unknown_reference": ("CAU-304", "line 7", "CAU-112", "unknown source 'clm.S9999'"),
    "composes_itself": ("CAU-304", "line 7", "CAU-312", "'composes_itself' is made of itself"),
    "composes_its_alias": ("CAU-304", "line 8", "CAU-312", "composes_its_alias -> mine"),
    "distant_key": ("CAU-204", "line 7", "zzz"),
    "key_of_another_place": ("CAU-204", "line 12", "levers.aerial_spraying.0.questoin"),
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
    assert parse_change("aerial_spraying=0") == Change("aerial_spraying", 0.0)
    assert scenario("baseline").set(aerial_spraying=0).changes[0].year == 2026
    assert scenario("plan-colombia").set(aerial_spraying=0).changes[0].year == 2000


def test_errors_speak_spanish():
    def refuse():
        use_language("es")
        with pytest.raises(
            CaudalError, match=r"la palanca 'aerial_spraing' no existe.*¿Quiso decir aerial_spraying\?"
        ):
            parse_change("aerial_spraing=1")
        with pytest.raises(CaudalError, match=r"CAU-201.*línea 12.*la clave 'value' aparece dos veces"):
            load(FOLDER / "duplicate_key.yaml")

    contextvars.copy_context().run(refuse)  # the language of other tests stays as it was


GOOD = (FOLDER / "good.yaml").read_text(encoding="utf-8")
LINE = GOOD[GOOD.index("    - from: 2027") :]


@pytest.mark.parametrize("name", ["distant_key", "key_of_another_place", "composes_itself"])
def test_no_name_is_offered_that_is_not_close(name):
    with pytest.raises(CaudalError) as error:
        load(FOLDER / f"{name}.yaml")
    assert "Did you mean" not in error.value.render()


@pytest.fixture
def write(tmp_path):
    """Return a writer of scenario files: the good one with replacements."""

    def _write(*changes, name="mine"):
        content = GOOD
        for old, new in changes:
            assert old in content
            content = content.replace(old, new)
        path = tmp_path / f"{name}.yaml"
        path.write_text(content, encoding="utf-8")
        return path

    return _write


def test_lines_apply_in_the_order_of_their_years(write):
    later = LINE.replace("2027", "2030").replace("value: 100", "value: 900")
    ordered = load(write((LINE, LINE + later)))
    turned = load(write((LINE, later + LINE), name="turned"))
    given = inputs()
    path = ordered.paths(given, 2035)["aerial_spraying"]
    assert np.array_equal(turned.paths(given, 2035)["aerial_spraying"], path)
    assert path[2027 - START : 2036 - START].tolist() == [100.0] * 3 + [900.0] * 6


def test_a_line_without_departments_is_nationwide_again(write):
    placed = LINE + "      departments: [NARIÑO]\n"
    given = inputs()
    home = given.department.index("NARIÑO")
    found = load(write((LINE, placed + LINE.replace("2027", "2030"))))
    allowed = found.allowed("aerial_spraying", given, 2035)
    assert allowed[: 2027 - START].all()
    assert (allowed[2027 - START : 2030 - START].sum(axis=1) == 1).all()
    assert allowed[2027 - START : 2030 - START, home].all()
    assert allowed[2030 - START :].all()
    ended = load(write((LINE, placed.replace("from: 2027", "from: 2027\n      to: 2028")), name="ended"))
    allowed = ended.allowed("aerial_spraying", given, 2035)
    assert (allowed.sum(axis=1) == 1).tolist() == [START + i in (2027, 2028) for i in range(len(allowed))]


def test_baseline_and_compose_take_aliases(write):
    made = ("baseline: baseline", "baseline: status-quo\ncompose: [reform, no-policy]")
    found = load(write(made))
    assert found.document.baseline == "baseline"
    assert found.document.compose == ("substitution-led", "no-policy")
    own = load(write(name="baseline"))  # a file of one's own may be called like the one it builds on
    assert own.document.baseline == "baseline"


def test_a_number_may_be_written_with_an_exponent(write):
    assert load(write(("value: 100", "value: 1e5"))).document.levers["aerial_spraying"][0].value == 1e5


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"one": "two", "two": "three", "three": "one"}, "one -> two -> three -> one"),
        ({"one": "one"}, "one -> one"),
    ],
)
def test_a_circle_in_the_library_is_refused(tmp_path, monkeypatch, parts, said):
    folder = tmp_path / "scenarios"
    folder.mkdir()
    for name, part in parts.items():
        content = GOOD.replace("baseline: baseline", f"compose: [{part}]")
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")

    def moved(*names):
        return tmp_path.joinpath(*names) if names[0] == "scenarios" else data_path(*names)

    monkeypatch.setattr(module, "data_path", moved)
    monkeypatch.setattr(document, "data_path", moved)
    with pytest.raises(CaudalError, match=r"CAU-304.*line 6.*CAU-312.*made of itself") as error:
        module.library.__wrapped__()
    said_parts = said.split(" -> ")
    assert said_parts[0] in str(error.value)
    assert "Did you mean" not in str(error.value)
    assert str(error.value).count(" -> ") == len(said_parts) - 1


def test_source_ids_are_those_of_the_sources():
    assert source_ids() == set(sources())


def test_no_file_of_the_package_states_a_key_twice():
    for path in data_path().rglob("*.yaml"):
        read_yaml(path)

"""The published effects are complete, cited, bilingual, strict, and never told twice."""

import math
import re

import pytest

from caudal.core.errors import CaudalError
from caudal.core.files import data_path
from caudal.core.records import load_document
from caudal.core.units import check_unit
from caudal.evidence.effects import about, effects, published, read_effects, reported_by, unexplained
from caudal.evidence.series import series
from caudal.evidence.source import sources


def test_every_row_of_the_file_loads_in_order():
    rows = load_document(data_path("effects", "effects.yaml"))["effects"]
    assert list(effects()) == list(rows) == sorted(rows)
    assert len(rows) == 61
    for name, row in rows.items():
        found = effects()[name]
        assert found.id == name
        for field in ("estimate", "low", "high", "band", "unit", "estimand", "source", "topic"):
            assert getattr(found, field) == row.get(field), (name, field)


def test_every_effect_is_of_the_literature_and_every_document_of_it_has_one():
    literature = {name for name in sources() if name.startswith("lit.E")}
    assert {effect.source for effect in effects().values()} == literature
    for name, effect in effects().items():
        assert effect.source == f"lit.{name}"
        assert reported_by(effect.source) == (effect,)
        assert check_unit(effect.unit, name)
    assert reported_by("sup.S12") == ()


def test_estimates_lie_inside_their_bands():
    for name, effect in effects().items():
        ends = [x for x in (effect.low, effect.estimate, effect.high) if x is not None]
        assert ends, name
        assert ends == sorted(ends), name
    assert [n for n, e in effects().items() if e.estimate is None] == ["E39"]
    assert effects()["E49"].band_ours == ("low",)
    assert effects()["E36"].band_ours == ("low", "high")


def test_everything_is_said_in_both_languages_and_nothing_is_quoted():
    words = [*published().topics.values(), *published().estimands.values(), *published().bands.values()]
    for effect in effects().values():
        words += (effect.claim, effect.quantity, effect.context, effect.experiment)
    for text in words:
        assert text.en.strip()
        assert text.es.strip()
        assert text.en != text.es
        assert not set('"“”«»') & set(text.en + text.es)
    for name, effect in effects().items():
        assert effect.claim.en.endswith("."), name
        assert effect.claim.es.endswith("."), name
        assert len(effect.claim.en.split()) <= 45, name


def test_what_was_only_remembered_is_never_scored():
    assert [name for name, effect in effects().items() if not effect.scored] == ["E56"]
    assert effects()["E56"].how_read == "recall"
    assert effects()["E01"].how_read == "abstract"
    assert effects()["E09"].how_read == "secondary"


def test_what_the_model_took_in_is_told_and_nothing_else_is_scored():
    """A parameter that cites an effect has it in its prior, or the record says why not."""
    assert unexplained() == ()
    assert effects()["E01"].cited_by == ("spray_kill", "drone_kill")
    assert effects()["E01"].used_in == "prior"
    free = {name for name, effect in effects().items() if effect.used_in == "none"}
    assert {name for name in free if effects()[name].cited_by} == set()
    assert free >= {"E05", "E37", "E38", "E48", "E49", "E50", "E51", "E52", "E70", "E72"}
    assert effects()["E05"].model_copy(update={"source": "lit.E01"}).cited_by  # what would have to be told
    fitted = {name for name, effect in effects().items() if effect.used_in == "data"}
    assert fitted >= {"E15", "E16", "E40", "E42", "E43", "E61", "E62", "E64"}


def test_the_range_is_that_of_a_document_or_says_that_it_is_ours():
    assert effects()["E01"].range == (-0.03, -0.022, "published")
    assert effects()["E12"].range == (37_000, 120_000, "partly_ours")
    assert effects()["E51"].range == (-30, -5, "sought")
    assert effects()["E03"].range == (-0.3125, -0.1875, "ours")
    assert effects()["E11"].range[2] == "ours"  # the extremes of two years are the range of neither
    assert effects()["E39"].range == (-math.inf, 1, "published")
    assert effects()["E48"].range is None


def test_the_range_that_is_sought_stands_in_the_experiment():
    for name, effect in effects().items():
        told = {float(word) for word in re.findall(r"\d+(?:\.\d+)?", effect.experiment.en)}
        for end in effect.sought or ():
            assert end == 0 or {abs(end), 100 * abs(end)} & told, (name, end)


def test_effects_are_found_by_topic():
    assert {e for name in published().topics for e in about(name)} == set(effects().values())
    told = {effect.id for effect in about("plan_colombia")}
    assert told >= {"E09", "E10", "E11", "E12", "E31", "E32", "E49", "E50", "E51", "E52", "E70"}
    assert effects()["E09"] in about("spraying")
    with pytest.raises(CaudalError, match=r"CAU-107.*spraying"):
        about("sprayings")


def test_series_that_hold_the_same_figure_agree():
    same = {
        "E12": ("spray_cost_eliminated", "Colombia", 1.0),
        "E49": ("marginal_cost_kilogram", "US: eradication", 1.0),
        "E50": ("marginal_cost_kilogram", "US: interdiction", 1.0),
        "E70": ("homicides_drug_share", "Colombia", 100.0),
    }
    for name, (other, entity, scale) in same.items():
        found = {row.value for row in series(other).values(entity)}
        assert found == {effects()[name].estimate * scale}, name


GOOD = """topics:
  forest: {en: forest, es: bosque}
estimands:
  theory: {en: theory, es: teoría}
bands:
  interval: {en: range, es: rango}
units:
  ha: {en: ha, es: ha}
  dimensionless: {en: "", es: ""}
effects:
  E01:
    topic: forest
    claim: {en: Forest goes., es: El bosque se va.}
    quantity: {en: Forest, es: Bosque}
    estimate: 2
    low: 1
    high: 3
    band: interval
    unit: ha
    context: {en: Here, es: Aquí}
    estimand: theory
    source: lit.E01
    used_in: none
    experiment: {en: Count., es: Contar.}
"""


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("    low: 1", "    low: 2.5", r"line 11, effects\.E01: .*low <= estimate <= high"),
        ("    band: interval\n", "", r"effects\.E01: .*band go together"),
        ("    low: 1\n    high: 3\n", "", r"effects\.E01: .*band go together"),
        ("    estimate: 2\n    low: 1\n    high: 3\n    band: interval\n", "", r"expected an estimate"),
        ("    low: 1\n", "    band_ours: [low]\n", r"effects\.E01: .*band_ours"),
        ("unit: ha\n", "unit: ha\n    form: direction\n", r"effects\.E01: .*a direction"),
        ("unit: ha\n", "unit: kg\n", r"E01: no words for the unit kg"),
        ("    used_in: none\n", "", r"effects\.E01\.used_in"),
        ("unit: ha\n", "unit: ha\n    money_year: 1850\n", r"effects\.E01: .*no US price index"),
        ("used_in: none", "used_in: data", r"effects\.E01: .*which record"),
        ("used_in: none", "used_in: fit", r"line 23, effects\.E01\.used_in"),
        ("unit: ha\n", "sought: [0, 5]\n    unit: ha\n", r"effects\.E01: .*sought is a range"),
        ("    source: lit.E01\n", "", r"effects\.E01: .*a source, or a study"),
        ("source: lit.E01", "source: lit.E999", r"line 22, effects\.E01\.source.*lit\.E999"),
        ("source: lit.E01", "source: clm.S49", r"line 22, effects\.E01\.source.*clm\.S49"),
        ("estimand: theory", "estimand: guess", r"line 21, effects\.E01\.estimand"),
        ("topic: forest", "topic: forests", r"line 12, effects\.E01\.topic"),
        ("topic: forest", "topic: forest\n    also: [forest]", r"each topic once"),
        ("{en: Here, es: Aquí}", "{en: Here}", r"effects\.E01\.context\.es"),
        ("{en: Here, es: Aquí}", '{en: Here, es: " "}', r"effects\.E01\.context.*both languages"),
        ("    context:", "    contxt:", r"effects\.E01\.contxt.*context"),
        ("  E01:\n", "  X1:\n", r"effects\.X1\.id"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(tmp_path, old, new, where):
    path = tmp_path / "effects.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert list(read_effects(path).effects) == ["E01"]
    assert old in GOOD
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CaudalError, match=rf"CAU-204: effects\.yaml, .*{where}"):
        read_effects(path)

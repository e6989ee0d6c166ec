"""The sheets of levers: one for each, in both languages, with documents that exist and figures on record."""

import json
import re
from collections import Counter

import pytest
import yaml

from caudal.core.clock import FIRST_DECISION, START
from caudal.core.errors import CaudalError
from caudal.core.files import data_path
from caudal.core.messages import LANGUAGES, catalogue
from caudal.evidence.effects import effects, reported_by
from caudal.evidence.inputs import inputs
from caudal.evidence.registry import levers, outcomes, parameters
from caudal.evidence.series import series, series_ids
from caudal.evidence.sheets import read_sheets, sheets
from caudal.evidence.source import sources
from caudal.evidence.stakeholders import stakeholders
from caudal.evidence.timeline import timeline
from caudal.report.leverlevels import targets, today
from caudal.report.leversheet import sheet
from caudal.simulate.scenario import library, scenario

NUMBER = {"en": re.compile(r"-?\d[\d,]*(?:\.\d+)?"), "es": re.compile(r"-?\d[\d.]*(?:,\d+)?")}
SWAP = str.maketrans(",.", ".,")
PARTS = ("message", "dynamics", "waits", "side_effects", "interactions", "not_modelled")
SEEN = {}


def numbers(words, language="en"):
    """Return the figures of a text as numbers; a full stop or comma after a figure is not part of it."""
    found = (one.rstrip(".,") for one in NUMBER[language].findall(re.sub(r"(?<=\d)-(?=\d)", " ", words)))
    plain = (one.translate(SWAP) if language == "es" else one for one in found)
    return [float(one.replace(",", "")) for one in plain]


def told(record):
    """Return a record as text, its numbers and both languages included."""
    return json.dumps(record, ensure_ascii=False, default=str)


def behind(source):
    """Return every record that says what a document reports, as text."""
    if source not in SEEN:
        found = [told(sources()[source].model_dump())]
        found += [told(one.model_dump()) for one in reported_by(source)]
        found += [told(one.model_dump()) for one in timeline().events.values() if source in one.cites]
        found += [told(one.model_dump()) for one in parameters().values() if source in one.source]
        found += [words for one in levers().values() if source in (words := told(one.model_dump()))]
        found += [
            told(line.model_dump())
            for one in library().values()
            for lines in one.document.levers.values()
            for line in lines
            if source in line.cites
        ]
        found += [
            told([row.year, row.value, row.note])
            for name in series_ids()
            for row in series(name).rows
            if source in row.sources
        ]
        parties = stakeholders().parties.values()
        found += [
            told(one.model_dump())
            for party in parties
            for one in (*party.aims, *party.instruments, *party.red_lines, *party.grievances, *party.moves)
            if source in one.cites
        ]
        SEEN[source] = " ".join(found)
    return SEEN[source]


def on_record(name, statement):
    """Return the figures of the records that a statement rests on, and of its lever."""
    words = [told(levers()[name].model_dump()), *(behind(source) for source in statement.cites)]
    words += [told(parameters()[one].model_dump()) for one in statement.model if one in parameters()]
    return {abs(one) for one in numbers(" ".join(words))}


STATEMENTS = [
    pytest.param(name, statement, id=f"{name}-{k}")
    for name, text in sheets().items()
    for k, statement in enumerate(text.statements)
]


@pytest.mark.parametrize("name", levers())
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lever_has_a_sheet_in_both_languages(name, language):
    found = sheet(name, language)
    answer = found.as_json()
    assert json.loads(json.dumps(answer)) == answer
    assert (found.name, found.language) == (name, language)
    assert found.label == levers()[name].label[language]
    for part in PARTS:
        assert getattr(found, part), part
    documents = {one.id for one in found.documents}
    assert documents <= set(sources())
    cited = set(re.findall(r'"cites": \[([^\]]*)\]', json.dumps(answer)))
    assert {one for some in cited for one in re.findall(r"[\w.]+", some)} == documents
    assert "{" not in "".join(re.findall(r'"text": "([^"]*)"', json.dumps(answer, ensure_ascii=False)))


@pytest.mark.parametrize(("name", "statement"), STATEMENTS)
def test_figures_of_a_statement_are_on_record(name, statement):
    missing = [one for one in numbers(statement.en) if abs(one) not in on_record(name, statement)]
    assert missing == []


@pytest.mark.parametrize(("name", "statement"), STATEMENTS)
def test_both_languages_give_the_same_figures(name, statement):
    assert Counter(numbers(statement.en)) == Counter(numbers(statement.es, "es")), name


def test_figures_are_read_as_each_language_writes_them():
    assert numbers("From 8,051 ha (0.02 to 1.5) in 2018-21.") == [8051.0, 0.02, 1.5, 2018.0, 21.0]
    assert numbers("De 8.051 ha (0,02 a 1,5) en 2018-21.", "es") == [8051.0, 0.02, 1.5, 2018.0, 21.0]


def test_a_figure_that_is_nowhere_on_record_is_found_out():
    spraying = sheets()["aerial_spraying"].message[0]
    made_up = spraying.model_copy(update={"en": "Each hectare sprayed removes 0.7531 ha."})
    assert 0.7531 in numbers(made_up.en)
    assert 0.7531 not in on_record("aerial_spraying", made_up)


@pytest.mark.parametrize("name", levers())
def test_levels_are_those_of_the_records(name):
    record, found = levers()[name], sheet(name)
    path = scenario("baseline").paths(inputs(), FIRST_DECISION)[name]
    assert today(name) == found.today.value == path[FIRST_DECISION - START]
    assert (found.maximum.value, found.maximum.year) == (record.maximum.value, record.maximum.year)
    assert found.range == record.range
    for level in found.targets:
        assert record.range[0] <= level.value <= record.range[1]
        assert level.cites
    assert found.cost.value == record.cost.value
    assert sum(payer.share for payer in found.cost.payers) == pytest.approx(1.0)


def test_announced_levels_come_in_order_from_events_and_scenarios():
    found = targets("manual_eradication")
    assert [(level.year, level.value) for level in found] == [
        (2023, 20000.0),
        (2024, 10000.0),
        (2025, 30000.0),
        (2026, 5750.0),
    ]


@pytest.mark.parametrize("name", levers())
def test_events_of_a_lever_are_all_on_its_sheet(name):
    shown = [one.event for one in sheet(name).events]
    assert {key for key, event in timeline().events.items() if event.lever == name} <= set(shown)
    order = list(timeline().events)
    assert shown == sorted(shown, key=order.index)


def test_a_recorded_lever_shows_its_peak_and_its_last_year():
    found = {one.series: one for one in sheet("manual_eradication").recorded}["manual_eradication"]
    assert (found.peak, found.last) == ((2020, 130171.0), (2025, 8051.0))
    assert dict(found.points) == series("manual_eradication").annual("Colombia")


def test_money_of_a_series_says_of_which_year_it_is():
    (found,) = (one for one in sheet("us_aid_military").recorded if one.series == "us_aid_military")
    assert series("us_aid_military").money_year is None
    assert found.unit == catalogue("en", "sheets")["money"]


def test_money_of_an_event_is_not_called_that_of_2020():
    amounts = {one.event: one.amount for one in sheet("us_aid_military", "en").events}
    assert amounts["plan-colombia-funded"] == "1,300,000,000 current USD"
    assert {one.event: one.amount for one in sheet("certification", "es").events}["decertified-2025"] == (
        "380.000.000 USD corrientes al año"
    )


def test_a_series_of_one_figure_tells_it_once():
    (found,) = sheet("air_and_sea_force", "en").recorded
    assert found.text == "Lethal strikes on vessels, 2025: 35 strikes a year."


def test_a_number_of_the_model_has_its_unit_and_no_infinity():
    found = {one.effect: one for one in sheet("treatment_admissions", "en").studies}
    assert found["E54"].model.partition(" (")[0].endswith(" years")
    assert "USD of 2020" in found["E57"].model
    shown = " ".join(one.model for name in levers() for one in sheet(name).studies)
    assert not re.search(r"\b(inf|nan)\b", shown)


def test_what_a_statement_rests_on_in_the_model_has_a_label():
    for name in levers():
        found = sheet(name, "es")
        named = [one for part in PARTS for told in getattr(found, part) for one in told.model]
        assert all(one.label != one.id for one in named), name


def test_a_speed_is_told_as_the_time_it_takes():
    (risk,) = (one for one in sheet("aerial_spraying").delays if one.parameter == "risk_learning")
    prior = parameters()["risk_learning"].prior
    assert (risk.years, risk.low, risk.high) == pytest.approx(
        (1 / prior.median, 1 / prior.high, 1 / prior.low)
    )
    assert risk.low < risk.years < risk.high


def test_a_study_shows_its_number_and_the_verdict_on_the_model():
    found = {one.effect: one for one in sheet("manual_eradication").studies}
    assert found["E05"].verdict == "wrong_sign"
    assert found["E05"].why
    assert found["E17"].cites == (effects()["E17"].source,)


def test_no_lever_interacts_with_itself_and_what_works_with_it_is_a_lever():
    for name, text in sheets().items():
        others = [one.lever for one in text.interactions]
        assert name not in others
        assert set(others) <= set(levers())
        assert len(set(others)) == len(others), name


def test_an_effect_on_an_outcome_that_is_certain_is_told_with_its_sign():
    signs = {one.id: one.sign for one in sheet("aerial_spraying").signs}
    assert signs == levers()["aerial_spraying"].raises
    assert set(signs) <= set(outcomes())


def test_an_unknown_lever_is_refused_with_the_nearest_name():
    with pytest.raises(CaudalError, match=r"CAU-102.*aerial_spraying"):
        sheet("aerial_spray")


def written(tmp_path, **change):
    """Return the path of a sheet file of one lever, changed."""
    path = tmp_path / "mine.yaml"
    fair = {"en": "A.", "es": "A.", "judgement": True}
    whole = {
        **{part: [fair] for part in ("message", "dynamics", "waits", "not_modelled")},
        "side_effects": [{**fair, "bearer": {"en": "a", "es": "a"}}],
        "interactions": [{**fair, "lever": "land_titles"}],
        **change,
    }
    path.write_text(yaml.safe_dump({"rural_roads": whole}), encoding="utf-8")
    return path


def test_a_whole_sheet_is_read(tmp_path):
    assert list(read_sheets(written(tmp_path))) == ["rural_roads"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"message": []}, "message"),
        ({"message": [{"en": "A.", "es": "A."}]}, "expected cites, model, or judgement"),
        ({"message": [{"en": "A.", "es": "A.", "cites": ["lit.none"]}]}, "no source has the id lit.none"),
        ({"message": [{"en": "A.", "es": "A.", "model": ["magic"]}]}, "no parameter or block has the name"),
        ({"message": [{"en": "A.", "judgement": True}]}, "es"),
        ({"effects": ["E999"]}, "no published effect has the name E999"),
        ({"series": ["nothing"]}, "no series has the name nothing"),
        ({"events": ["never"]}, "no event has the name never"),
        ({"delays": ["spray_kill"]}, "no parameter of time or speed has the name spray_kill"),
        ({"mesage": []}, "message"),
    ],
)
def test_a_faulty_sheet_is_refused_with_file_and_line(tmp_path, change, words):
    with pytest.raises(CaudalError) as caught:
        read_sheets(written(tmp_path, **change))
    assert caught.value.code == "CAU-204"
    assert "mine.yaml, line " in str(caught.value)
    assert words in str(caught.value)


def test_a_sheet_of_no_lever_is_refused(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("rural_road: {}\n", encoding="utf-8")
    with pytest.raises(CaudalError, match=r"CAU-102.*rural_roads"):
        read_sheets(path)


def test_files_are_in_the_package_and_nothing_else_is():
    assert {path.suffix for path in data_path("sheets").iterdir()} == {".yaml"}

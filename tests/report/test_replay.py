"""Replays of the past: the answer, the sums, the record beside them, and published attributions."""

import json
import math
import re

import numpy as np
import pytest
from click.testing import CliRunner

from caudal.cli.run import run as run_command
from caudal.core.errors import CaudalError
from caudal.core.messages import LANGUAGES, catalogue, use_language
from caudal.evidence.effects import about, effects
from caudal.evidence.inputs import deflator, inputs
from caudal.evidence.inputs_trade import PURITY
from caudal.evidence.series import series
from caudal.evidence.source import sources
from caudal.report.answer import answer
from caudal.report.attribution import Number, _word, attribution
from caudal.report.comparisons import comparisons, read_comparisons
from caudal.report.counterparts import Runs, quantiles
from caudal.report.html import write_report
from caudal.report.moves import moves
from caudal.report.notes import warnings
from caudal.report.numbers import Writer
from caudal.report.recorded import dots, misses
from caudal.report.replay import misses_text
from caudal.report.summary import Summary
from caudal.report.tables import rows, sums
from caudal.report.terminal import terminal
from caudal.simulate.experiments import KIND, Experiment, Raise, experiments
from caudal.simulate.results import Result, open_result
from caudal.simulate.run import run
from caudal.simulate.scenario import scenario

pytestmark = pytest.mark.slow

PAIR = ("plan-colombia", "no-plan-colombia")
DRAWS = 20


@pytest.fixture(scope="module")
def result():
    return run(PAIR, draws=DRAWS)


@pytest.fixture(scope="module")
def others():
    """Return pairs that change no US aid: one that departs late, and one that departs not at all."""
    return {
        "late": run(["as-it-was", "spraying-continued"], draws=DRAWS),
        "none": run(["plan-colombia", scenario("plan-colombia")], draws=4),
    }


@pytest.fixture(scope="module")
def table(result):
    use_language("en")
    return attribution(result)


@pytest.fixture(autouse=True)
def _english():
    use_language("en")
    yield
    use_language("en")


def row(table, start):
    return next(line for line in table.lines if line.id == start or line.claim.startswith(start))


@pytest.mark.parametrize("code", LANGUAGES)
def test_five_sentences_tell_the_record_the_other_policy_violence_cost_and_trust(result, code):
    use_language(code)
    said = answer(result)
    assert len(said) == 5
    write = Writer()
    assert write.number(96_085) in said[0]
    assert write.number(163_290) in said[0]
    given = inputs()
    recorded = (given.aid_military + given.aid_social)[:16].sum() / 1e6
    assert write.number(recorded) in said[1]
    assert write.number(recorded) in said[3]
    assert catalogue(code, "replay")["answer_violence_aid"].rpartition("; ")[2] in said[2]
    assert catalogue(code, "replay")["in_text_homicides_coca_departments"] in said[2]
    found = misses(Summary.of(result), "coca_area")
    told = (
        "misses_above" if found.years and found.gap > 0 else "misses_below" if found.years else "misses_none"
    )
    assert catalogue(code, "replay")[told].partition(" {")[0] in said[4]
    assert str(found.worst) in said[4]
    assert not any("{" in sentence or "nan" in sentence for sentence in said)


@pytest.mark.parametrize("code", LANGUAGES)
def test_terminal_and_page_speak_of_the_past(result, others, code, tmp_path):
    use_language(code)
    known = catalogue(code, "replay")
    for one in (result, *others.values()):
        told = terminal(one)
        assert max(map(len, told.splitlines())) <= 120
        assert known["happened"] in told
        assert "2026" not in told
        assert "replay: " in told
        page = write_report(one, tmp_path / "r.html", code).read_text("utf-8")
        assert 'id="sums"' in page
        assert 'id="framings"' not in page
        assert not re.search(r"\bnan\b|>inf", page)
    assert known["published_title"].upper() in terminal(result)
    assert known["published_title"].upper() not in terminal(others["late"])


def test_signs_and_units_of_less_aid(result):
    summary = Summary.of(result)
    assert summary.happened
    assert summary.first_decision == 2000
    last = {r.outcome: r.cells[1] for r in rows(summary)}
    whole = {r.outcome: r for r in sums(summary)}
    assert last["coca_area"].gap[1] > 0.0
    assert last["us_retail_price"].gap[1] < 0.0
    assert whole["cocaine_to_us"].cells[1].gap[1] > 0.0
    assert whole["public_cost_us"].cells[1].gap[1] < 0.0
    assert whole["people_exposed_to_spraying"].cells[1].gap[1] < 0.0
    assert whole["cocaine_to_us"].unit == "t"
    drawn = result.draws("cocaine_to_us", "no-plan-colombia").sum(axis=1)
    assert whole["cocaine_to_us"].cells[1].level[1] == pytest.approx(np.median(drawn))
    for name in ("coca_area", "us_retail_price", "households_in_coca", "colombia_share", "cooperation"):
        assert name not in whole, name


def test_rows_in_which_nothing_happens_are_left_out(result):
    assert {"us_legal_use", "people_killed_at_sea", "cooperation"} & {
        r.outcome for r in rows(result)
    } == set()
    assert "coca_area_peru_bolivia" in {r.outcome for r in rows(result)}


def test_the_record_stands_beside_the_simulation(result):
    recorded = {r.outcome: r.recorded for r in rows(result)}
    assert "UNODC" in recorded["coca_area"]
    assert recorded["cocaine_to_us"] == ""
    assert all(max(one.values) <= 2015 for one in dots("coca_area", 2015))
    found = misses(Summary.of(result), "coca_area")
    middle = np.median(result.draws("coca_area", "plan-colombia"), axis=0)
    survey = series("coca_area_unodc").annual("Colombia")
    far = [y for y in range(2000, 2016) if abs(middle[y - 2000] / survey[y] - 1.0) > 0.1]
    assert found.years == far
    assert found.gap == pytest.approx(middle[found.worst - 2000] / survey[found.worst] - 1.0, abs=1e-6)
    largest = max(abs(middle[y - 2000] / survey[y] - 1.0) for y in range(2000, 2016))
    assert abs(found.gap) == pytest.approx(largest, abs=1e-6)


def shifted(result, factor):
    """Return a result whose coca area is a multiple of what it was."""
    return Result(result.ds.assign(coca_area=factor * result.ds["coca_area"]))


@pytest.mark.parametrize(("factor", "word"), [(1.0, "never further"), (1.3, "too high"), (0.7, "too low")])
def test_how_close_the_simulation_is_to_the_record_is_told(result, factor, word):
    one = Summary.of(shifted(result, factor))
    found = misses(one, "coca_area")
    assert bool(found.years) == (factor != 1.0)
    assert word in misses_text(one, Writer())


def test_seizures_on_record_are_shown_pure(others):
    summary = Summary.of(others["late"])
    (one,) = dots("cocaine_seized_colombia", summary.last)
    gross = series("seizures_colombia_territory").annual("Colombia")
    assert one.values[2024] == pytest.approx(PURITY * gross[2024])
    assert "0.72" in one.short
    assert "judged purity" in {r.outcome: r.recorded for r in rows(summary)}["cocaine_seized_colombia"]


def test_all_homicides_stand_beside_the_attributable_where_military_aid_moves(result, others):
    shown = [r.outcome for r in sums(result)]
    assert {"homicides_attributable", "homicides_coca_departments"} <= set(shown)
    assert "homicides_coca_departments" not in {r.outcome for r in sums(others["late"])}
    assert "all homicides" not in answer(others["late"])[2]


def test_a_replay_equal_to_what_happened_shows_no_difference(others):
    one = others["none"]
    for table in (rows(one), sums(one)):
        assert table
        for line in table:
            assert line.cells[1].gap == (0.0, 0.0, 0.0), line.outcome
            assert line.cells[1].direction == "same"
    said = " ".join(answer(one))
    assert said.count("would have been the same") == 6
    assert attribution(one) is None
    assert moves(Summary.of(one)) == []
    assert not any(KIND in str(name) for name in one.ds["scenario"].values)


def test_a_late_departure_is_summed_and_marked_from_its_year(others):
    summary = Summary.of(others["late"])
    assert summary.first_decision == 2015
    (move,) = moves(summary)
    assert (move.lever, move.dated) == ("aerial_spraying", "2015 to 2024")
    assert move.ends[1] == 55_554.0
    assert move.ends[0] == pytest.approx(inputs().spraying[15:25].mean(), rel=1e-4)
    assert "2015-2024" in answer(summary)[1]
    assert not any("security" in line for line in warnings(summary))


def test_a_document_of_ones_own_and_a_lever_by_hand_are_answered(tmp_path):
    own = scenario("as-it-was").set(us_aid_military=(0.0, 2004), us_aid_social=(0.0, 2004))
    one = run(["as-it-was", own], draws=4, to=2012, framings=False)
    said = answer(one)
    assert len(said) == 5
    assert "with less US aid" in said[1] or "without US aid" in said[1]
    table = attribution(one)
    assert row(table, "E51").word == "not_run"
    assert row(table, "E52").word in ("agrees", "other_size")
    assert len(answer(run(["plan-colombia"], draws=4))) == 5
    page = write_report(one, tmp_path / "r.html").read_text("utf-8")
    assert "set by hand" in page


def test_every_effect_about_plan_colombia_has_a_row(table):
    assert {e.id for e in about("plan_colombia")} <= {line.id for line in table.lines}


def test_published_numbers_are_those_of_the_effects(table):
    for line, asked in zip(table.lines, comparisons().rows, strict=True):
        effect = asked.published
        if effect is None or asked.per or effect.form == "direction":
            continue
        scale = deflator()[effect.money_year] if effect.money_year else 1.0
        assert line.number.value == pytest.approx(scale * getattr(effect, asked.use)), line.id
        assert line.number.low <= line.number.value <= line.number.high
    ratio = next(line for line, asked in zip(table.lines, comparisons().rows, strict=True) if asked.per)
    assert ratio.number.value == effects()["E49"].estimate / effects()["E50"].estimate


def test_counterparts_are_finite_ordered_and_of_the_sign_of_the_mechanisms(table):
    for line in table.lines:
        for kind, found in line.values.items():
            if found is not None:
                assert found[0] <= found[1] <= found[2], (line.id, kind)
                assert math.isfinite(found[1]), (line.id, kind)
    for name in ("E09", "E12", "E49", "E50"):
        assert row(table, name).values["caused"][1] > 0.0, name
    assert row(table, "E01").values["caused"][1] < 0.0
    assert row(table, "E51").values["caused"][1] < 0.0
    assert 0.0 < row(table, "E52").values["caused"][1] < 1.0
    assert row(table, "E31").word == row(table, "E32").word == "put_in"


def test_a_counterpart_computed_by_hand(result, table):
    area = {n: result.draws("coca_area", n).astype(float) for n in (*PAIR, "sprayed-more-once@beside")}
    sprayed = {n: result.draws("sprayed_by_aircraft", n).astype(float)[:, :15].sum(axis=1) for n in PAIR}
    ratio = (area[PAIR[1]] - area[PAIR[0]])[:, 14] / (sprayed[PAIR[0]] - sprayed[PAIR[1]])
    assert row(table, "E09").values["caused"] == pytest.approx(quantiles(ratio))
    survey, record = (series(n).annual("Colombia") for n in ("coca_area_unodc", "aerial_spraying"))
    told = (survey[2002] - survey[2014]) / sum(record[y] for y in range(2003, 2015))
    assert row(table, "E09").values["record"][1] == pytest.approx(told)
    cost = 10_000 * 2705.0 / (area[PAIR[0]] - area["sprayed-more-once@beside"])[:, 6]
    assert row(table, "E12").values["caused"] == pytest.approx(quantiles(cost))


def test_what_averts_nothing_costs_without_limit(result):
    asked = next(r for r in comparisons().rows if r.effect == "E52").caused
    turned = asked.model_copy(
        update={
            "under": asked.under.model_copy(
                update={"run": "happened", "less": "without", "of": ("coca_area",), "years": (2014,)}
            )
        }
    )
    assert np.isinf(Runs(Summary.of(result), PAIR[1]).value(turned)).all()


@pytest.mark.parametrize(
    ("number", "found", "word"),
    [
        (Number(5.4, 5.4, 5.4), (1.0, 3.0, 6.0), "agrees"),
        (Number(10.0, 2.0, 20.0), (2.5, 3.0, 3.5), "agrees"),
        (Number(10.0, 10.0, 10.0), (9.0, 9.5, 9.9), "agrees"),
        (Number(10.0, 10.0, 10.0), (2.0, 3.0, 4.0), "other_size"),
        (Number(-17.0, -17.0, -17.0), (2.0, 3.0, 4.0), "opposite"),
        (Number(-17.0, -17.0, -17.0), None, "not_run"),
        (None, (1.0, 2.0, 3.0), "none"),
    ],
)
def test_the_word_of_a_row(number, found, word):
    assert _word(number, found) == word


@pytest.mark.parametrize("code", LANGUAGES)
def test_rows_are_told_in_both_languages_with_their_sources(result, code):
    use_language(code)
    for line in attribution(result).lines:
        assert line.claim
        assert set(line.cites) <= set(sources())
        assert catalogue(code, "replay")[f"word_{line.word}"]
        assert "{" not in f"{line.claim}{line.published}{line.note}{[*line.told.values()]}"
    first = attribution(result).first
    assert "2015" in first
    assert re.search(r"\b7\b.*\b7\b", first)


def test_json_holds_the_table(tmp_path):
    done = CliRunner().invoke(
        run_command, [*PAIR, "--draws", "4", "--json", "--out", str(tmp_path)], catch_exceptions=False
    )
    told = json.loads(done.stdout)
    rows_told = told["attribution"]["rows"]
    assert told["attribution"]["scenario"] == PAIR[1]
    assert len(rows_told) == len(comparisons().rows)
    found = next(r for r in rows_told if r["id"] == "E51")
    assert found["published"]["value"] == -17
    assert set(found["caused"]) == {"p05", "median", "p95"}
    assert set(told["scenarios"]) <= {*PAIR, *told["record"]["aliases"]}
    saved = open_result(tmp_path / "result.nc")
    assert [line.word for line in attribution(saved).lines] == [r["word"] for r in rows_told]


def test_experiments_change_one_thing_for_some_years_only():
    given, happened = inputs(), scenario("plan-colombia")
    base = happened.paths(given, 2015)
    for name, experiment in experiments().items():
        own = experiment.made(happened, given, 2015).paths(given, 2015)
        moved = {lever for lever in own if not np.allclose(own[lever], base[lever])}
        assert moved == set(experiment.levers), name
    once = experiments()["sprayed-more-once"].made(happened, given, 2015).paths(given, 2015)
    added = once["aerial_spraying"] - base["aerial_spraying"]
    assert np.flatnonzero(np.abs(added) > 1e-6).tolist() == [5]
    assert added[5] == pytest.approx(10_000)
    tripled = experiments()["aid-tripled"].made(happened, given, 2015).paths(given, 2015)
    assert tripled["us_aid_military"].max() == 2.5e9
    assert experiments()["spraying-bought"].spent() == experiments()["interdiction-bought"].spent() == 5e8


def test_a_raise_is_one_thing():
    with pytest.raises(ValueError, match="one of add, spend, times and set"):
        Raise.model_validate({"from": 2001, "to": 2002, "add": 1.0, "times": 2.0})
    with pytest.raises(ValueError, match="title"):
        Experiment.model_validate({"levers": {}})


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("- effect: E999\n    word: none", "E999"),
        ("- effect: E51\n    caused: {over: {in: nowhere, of: [coca_area], years: [2005]}}", "nowhere"),
        ("- effect: E51\n    caused: {over: {in: happened, of: [coca], years: [2005]}}", "coca"),
        ("- effect: E51\n    caused: {over: {spent: nothing}}", "nothing"),
        (
            "- effect: E51\n    caused: {over: {in: happened, how: sum, of: [coca_area], years: [1]}}",
            "one year",
        ),
        ("- effect: E51", "expected caused"),
        ("- stated: {value: 1, cites: [no.such]}\n    word: none", "no.such"),
    ],
)
def test_a_bad_comparison_is_told_with_its_line(tmp_path, words, problem):
    path = tmp_path / "comparisons.yaml"
    path.write_text(f"close: 0.1\nrows:\n  {words}\n", encoding="utf-8")
    with pytest.raises(CaudalError, match=rf"CAU-204.*{re.escape(problem)}"):
        read_comparisons(path)

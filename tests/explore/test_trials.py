"""Trials of published effects: records, what runs beside what happened, and records of one's own."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from caudal.cli.validate import validate as command
from caudal.core.errors import CaudalError
from caudal.evidence.effects import effects
from caudal.evidence.inputs import inputs
from caudal.explore.trialruns import TrialRuns
from caudal.explore.trials import Program, Trial, own_program, program
from caudal.simulate.experiments import Experiment, Raise
from caudal.simulate.quantities import HAPPENED, Quantity, Ratio, value

TITLE = {"en": "A run", "es": "Una corrida"}


def experiment(**fields):
    return Experiment.model_validate({"title": TITLE, **fields})


def quantity(of, run=HAPPENED, **fields):
    return Quantity.model_validate({"in": run, "of": of, **fields})


# ---- records


def test_every_effect_has_a_trial_or_a_reason():
    assert list(program().trials) == list(effects())
    tried = [name for name, trial in program().trials.items() if trial.reads]
    assert len(tried) >= 50
    for name, trial in program().trials.items():
        assert bool(trial.reads) != bool(trial.out_of_scope), name


def test_the_hard_effects_of_the_prototype_are_all_tried():
    hard = ("E01", "E03", "E09", "E11", "E15", "E19", "E37", "E39", "E49", "E50", "E54", "E58", "E48", "E07")
    assert all(program().trials[name].reads for name in hard)


def test_every_run_is_read():
    assert set(program().only(()).runs) >= {n for n in program().runs if n != "sprayed-more-once"}


def test_only_keeps_the_runs_that_are_read_and_offers_the_nearest_id():
    some = program().only(("E58", "E59"))
    assert (set(some.trials), set(some.runs)) == ({"E58", "E59"}, {"retail-dearer"})
    with pytest.raises(CaudalError, match=r"CAU-116.*E58"):
        program().only(("E588",))


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"levers": {"spraying": {"from": 2005, "to": 2006, "add": 1}}}, "no lever is called spraying"),
        ({"parameters": {"kill": {"from": 2005, "to": 2006, "add": 1}}}, "no parameter is called kill"),
        ({"scenario": "nowhere"}, "no scenario is called nowhere"),
        ({}, "something that departs"),
        ({"prices": "free", "retail": {"us": {"from": 2005, "to": 2006, "times": 2}}}, "prices are held"),
        ({"prices": "held", "retail": {"us": {"from": 2005, "to": 2006, "add": 2}}}, "moved by times"),
        (
            {
                "levers": {
                    "treatment_admissions": {"from": 2005, "to": 2006, "add": 1, "departments": ["META"]}
                }
            },
            "has no place",
        ),
        (
            {
                "parameters": {
                    "spray_kill": {"from": 2005, "to": 2006, "times": 2},
                    "manual_kill": {"from": 2005, "to": 2007, "times": 2},
                }
            },
            "same years",
        ),
        (
            {
                "levers": {
                    "aerial_spraying": {"from": 2005, "to": 2006, "times": 2},
                    "drone_spraying": {"from": 2027, "to": 2028, "times": 2},
                }
            },
            "of the past, or of the future",
        ),
    ],
)
def test_an_experiment_that_cannot_be_run_is_refused(fields, problem):
    with pytest.raises(ValueError, match=problem):
        experiment(**fields)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"from": 2006, "to": 2005, "add": 1}, "comes before"),
        ({"from": 2005, "to": 2006, "times": 2, "departments": ["META"]}, "expected add or spend"),
        ({"from": 2005, "to": 2006, "add": 2, "departments": ["METTA"]}, "METTA"),
    ],
)
def test_a_departure_that_cannot_be_made_is_refused(fields, problem):
    with pytest.raises(ValueError, match=problem):
        Raise.model_validate(fields)


def test_what_one_department_gets_leaves_the_others_what_they_had():
    given = inputs()
    more = {"from": 2006, "to": 2006, "add": 3000, "departments": ["META", "NARIÑO"]}
    paths = experiment(levers={"aerial_spraying": more}).arrays(given)
    before = given.spraying[6] * given.spraying_share[6]
    after = paths.aerial_spraying[6] * paths.place_spraying.fixed[6]
    added = dict(zip(given.regions, after - before, strict=True))
    assert {name for name, ha in added.items() if abs(ha) > 1e-6} == {"META", "NARIÑO"}
    assert added["META"] == pytest.approx(1500.0)
    assert paths.aerial_spraying[7] == given.spraying[7]
    assert paths.place_spraying.fixed[7] == pytest.approx(given.spraying_share[7])


# ---- reading


class Made:
    """A source with two runs of three draws."""

    def table(self, name, run, years, departments):
        start = {"happened": 100.0, "other": 80.0}[run]
        paths = start * np.array([1.0, 2.0, 3.0])[:, None] * 0.5 ** np.arange(len(years))
        return None if name == "forest_cleared" else paths

    def spent(self, run):
        return 7.0


def read(over, under=None, times=1.0):
    return value(Ratio(over=over, under=under, times=times), Made())


def test_years_become_one_number():
    area = ("coca_area",)
    assert read(quantity(area, years=(2005,))).tolist() == [100.0, 200.0, 300.0]
    assert read(quantity(area, years=(2005, 2006), how="mean")).tolist() == [75.0, 150.0, 225.0]
    assert read(quantity(area, years=(2005, 2006), how="fall")).tolist() == [50.0, 100.0, 150.0]
    discounted = quantity(area, years=(2005, 2006), how="sum", discount=0.25)
    assert read(discounted).tolist() == [140.0, 280.0, 420.0]
    assert read(quantity(area, years=(2005, 2010), how="until", left=0.25)) == pytest.approx(2.0)
    assert np.isinf(read(quantity(area, years=(2005, 2006), how="until", left=0.25))).all()


def test_runs_are_compared_by_difference_and_by_logarithm():
    gap = quantity(("coca_area",), less="other", years=(2005,))
    assert read(gap).tolist() == [20.0, 40.0, 60.0]
    logs = quantity(("coca_area",), less="other", years=(2005,), log=True)
    assert read(logs) == pytest.approx(np.log(1.25))
    assert read(gap, quantity(("coca_area",), years=(2005,)), 100.0) == pytest.approx(20.0)
    assert np.isinf(read(gap, quantity(("coca_area",), "other", less=HAPPENED, years=(2005,)))).all()
    assert read(quantity(("forest_cleared",), years=(2005,))) is None
    assert read(Quantity(spent="other")).tolist() == [7.0]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"of": ["coca"], "years": [2005]}, "not coca"),
        ({"of": ["coca_area"], "years": [2005, 2006]}, "one year"),
        ({"of": ["coca_area"], "years": [2005], "departments": ["META"]}, "by department"),
        ({"of": ["coca_area_department"], "years": [2005], "departments": ["METTA"]}, "METTA"),
        ({"of": ["coca_area"], "years": [2005], "priced": "gold"}, "no lever is called gold"),
    ],
)
def test_a_quantity_that_cannot_be_read_is_refused(fields, problem):
    with pytest.raises(ValueError, match=problem):
        Quantity.model_validate({"in": HAPPENED, **fields})


# ---- records of one's own

OWN_EFFECTS = """effects:
  U01:
    topic: demand
    claim: {en: A dearer gram is used less., es: Un gramo más caro se consume menos.}
    quantity: {en: Response of use to price, es: Respuesta del consumo al precio}
    estimate: -0.6
    low: -3
    high: -0.1
    band: interval
    unit: dimensionless
    context: {en: A made-up place, es: Un lugar inventado}
    estimand: natural_experiment
    study: {owner: Nobody, title: Made up for a test, date: '2026', url: none, read: abstract}
    used_in: none
    experiment: {en: Raise the price by a fifth., es: Subir el precio en un quinto.}
"""
OWN_TRIALS = """runs:
  dearer:
    title: {en: A fifth dearer, es: Un quinto más caro}
    prices: held
    retail: {us: {from: 2010, to: 2014, times: 1.2}}
trials:
  U01:
    reads:
      - over: {in: dearer, less: happened, of: [us_consumption], how: mean, years: [2011, 2014], log: true}
        times: 5.48481
"""


@pytest.fixture
def own(tmp_path):
    def written(effects_text=OWN_EFFECTS, trials_text=OWN_TRIALS):
        paths = tmp_path / "effects.yaml", tmp_path / "experiments.yaml"
        for path, text in zip(paths, (effects_text, trials_text), strict=True):
            path.write_text(text, encoding="utf-8")
        return paths

    return written


def test_a_record_of_ones_own_needs_no_code(own):
    mine = own_program(*own())
    assert isinstance(mine, Program)
    assert list(mine.trials) == ["U01"]
    assert mine.effects["U01"].range == (-3.0, -0.1, "published")
    assert mine.effects["U01"].how_read == "abstract"
    assert "narino-pressed" in mine.runs  # runs of ours may be read too


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("  U01:", "  U02:", r"line 7, trials\.U02: no effect has the id U02"),
        ("in: dearer", "in: cheaper", r"line 7, trials\.U01: no run is called cheaper"),
        ("[2011, 2014]", "[2011, 2030]", r"line 7, trials\.U01: dearer ends in 2024"),
        ("times: 1.2", "add: 1.2", r"line 2, runs\.dearer: .*moved by times"),
        ("of: [us_consumption]", "of: [use]", r"line 9, trials\.U01\.reads\.0\.over: .*not use"),
        ("how: mean", "howw: mean", r"howw.*how"),
        ("    reads:", "    out_of_scope: {en: a, es: b}\n    reads:", r"expected reads, or out_of_scope"),
    ],
)
def test_what_is_wrong_in_ones_own_is_told_with_file_and_line(own, old, new, where):
    assert old in OWN_TRIALS
    with pytest.raises(CaudalError, match=rf"CAU-204: experiments\.yaml, .*{where}"):
        own_program(*own(trials_text=OWN_TRIALS.replace(old, new, 1)))


def test_an_effect_of_ones_own_without_a_document_is_refused(own):
    bare = re.sub(r"    study:.*\n", "", OWN_EFFECTS)
    with pytest.raises(CaudalError, match=r"CAU-204: effects\.yaml, .*a source, or a study"):
        own_program(*own(effects_text=bare))


def test_a_direction_that_found_nothing_needs_a_size_of_nothing(own):
    nothing = OWN_EFFECTS.replace(
        "estimate: -0.6\n    low: -3\n    high: -0.1\n    band: interval", "estimate: 0"
    )
    nothing = nothing.replace("    unit:", "    form: direction\n    unit:")
    with pytest.raises(CaudalError, match="expected nothing"):
        own_program(*own(effects_text=nothing))


def invoked(*words):
    return CliRunner().invoke(command, list(map(str, words)))


def test_both_files_go_together_and_only_all_is_stored(own):
    effect_file, trial_file = own()
    assert "go together" in invoked("--effects", effect_file).output
    assert "--store" in invoked("--store", "--effects", effect_file, "--experiments", trial_file).output
    assert "--store" in invoked("--store", "E01").output


@pytest.mark.slow
def test_a_record_of_ones_own_is_answered(own):
    effect_file, trial_file = own()
    words = ("--effects", effect_file, "--experiments", trial_file, "--draws", "8")
    done = invoked(*words, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert "A fifth dearer" in done.stderr
    assert told["score"]["scored"] == 1
    answer = told["effects"]["U01"]
    assert answer["word"] == "inside"
    assert answer["model"]["p05"] <= answer["model"]["median"] <= answer["model"]["p95"] < 0.0
    assert (answer["low"], answer["high"], answer["standing"]) == (-3.0, -0.1, "scored")
    plain = invoked(*words, "U01", "--lang", "es")
    assert "dentro" in plain.stdout
    assert "Un gramo más caro se consume menos." in plain.stdout


# ---- what runs


@pytest.fixture(scope="module")
def runs():
    """Return a few runs, with what is read of them."""
    watched = (
        "coca_area",
        "us_consumption",
        "us_retail_price",
        "us_wholesale_price",
        "export_price",
        "farm_price",
        "sprayed_by_aircraft",
    )
    chosen = {
        "same-free": {"parameters": {"spray_kill": {"from": 2003, "to": 2008, "times": 1.0}}},
        "same-held": {
            "prices": "held",
            "parameters": {"spray_kill": {"from": 2003, "to": 2008, "times": 1.0}},
        },
        "dearer": {"prices": "held", "retail": {"us": {"from": 2004, "to": 2006, "times": 1.1}}},
        "placed": {
            "prices": "held",
            "levers": {"aerial_spraying": {"from": 2006, "to": 2006, "add": 1000, "departments": ["META"]}},
        },
        "later": {"parameters": {"yield_per_hectare": {"from": 2027, "to": 2028, "times": 0.5}}},
        "no-plan": {"scenario": "no-plan-colombia"},
    }
    ends = dict.fromkeys(chosen, 2008) | {"later": 2028}
    reads = [
        Ratio(over=quantity(watched, run=name, less=HAPPENED, how="sum", years=(2000, ends[name])))
        for name in chosen
    ]
    reads += [
        Ratio(over=quantity((name,), run="placed", years=(2006,)))
        for name in ("coca_area_department", "eradication_removed_department")
    ]
    made = {name: experiment(**fields) for name, fields in chosen.items()}
    return TrialRuns(Program({}, {"T": Trial(id="T", reads=tuple(reads))}, made), 4, 1)


def path(runs, name, run, first=2000, last=2008, departments=()):
    return runs.table(name, run, range(first, last + 1), departments)


@pytest.mark.slow
@pytest.mark.parametrize("run", ["same-free", "same-held"])
@pytest.mark.parametrize("name", ["coca_area", "us_consumption", "us_retail_price", "farm_price"])
def test_nothing_departs_where_nothing_is_changed(runs, run, name):
    assert path(runs, name, run) == pytest.approx(path(runs, name, HAPPENED), rel=1e-9)


@pytest.mark.slow
def test_a_retail_price_is_moved_as_asked_and_no_other(runs):
    ratio = path(runs, "us_retail_price", "dearer") / path(runs, "us_retail_price", HAPPENED)
    assert ratio[:, 4:7] == pytest.approx(1.1, rel=1e-3)
    assert ratio[:, :4] == pytest.approx(1.0, rel=1e-9)
    assert ratio[:, 7:] == pytest.approx(1.0, rel=1e-9)
    for name in ("export_price", "farm_price", "coca_area"):
        assert path(runs, name, "dearer") == pytest.approx(path(runs, name, HAPPENED), rel=1e-9)
    used = path(runs, "us_consumption", "dearer") / path(runs, "us_consumption", HAPPENED)
    assert (used[:, 4:7] < 0.98).all()
    assert (np.diff(used[:, 4:7], axis=1) < 0.0).all()  # fewer people use, year after year


@pytest.mark.slow
def test_hectares_are_added_in_their_place_at_held_prices(runs):
    added = path(runs, "sprayed_by_aircraft", "placed") - path(runs, "sprayed_by_aircraft", HAPPENED)
    assert added[:, 6] == pytest.approx(1000.0)
    assert np.abs(np.delete(added, 6, axis=1)).max() < 1e-6
    own, other = (
        path(runs, "coca_area_department", "placed", 2006, 2006, [place])
        - path(runs, "coca_area_department", HAPPENED, 2006, 2006, [place])
        for place in ("META", "NARIÑO")
    )
    assert (own < -0.1).all()
    assert (np.abs(other) < 0.05 * np.abs(own)).all()  # uprooting of no known place follows coca
    for name in ("us_retail_price", "farm_price"):
        assert path(runs, name, "placed") == pytest.approx(path(runs, name, HAPPENED), rel=1e-9)


@pytest.mark.slow
def test_a_run_of_the_future_departs_when_it_says_and_moves_prices(runs):
    price = path(runs, "farm_price", "later", 2020, 2028) / path(runs, "farm_price", HAPPENED, 2020, 2028)
    assert price[:, :7] == pytest.approx(1.0, rel=1e-9)
    assert (price[:, 8] > 1.01).all()


@pytest.mark.slow
def test_a_scenario_can_be_what_is_run(runs):
    less = path(runs, "sprayed_by_aircraft", "no-plan") / path(runs, "sprayed_by_aircraft", HAPPENED)
    assert (less[:, 1:] < 0.95).all()


@pytest.mark.slow
def test_parameters_are_read_as_they_were_drawn(runs):
    drawn = path(runs, "spray_kill", HAPPENED, 2005, 2006)
    assert drawn.shape == (4, 2)
    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert len(set(drawn[:, 0])) == 4


def test_everything_is_said_in_two_languages():
    told = [run.title for run in program().runs.values()]
    for trial in program().trials.values():
        some = (trial.out_of_scope, trial.note, trial.sign_only, trial.put_in, trial.why)
        told += [words for words in some if words is not None]
    assert [words.en for words in told if not words.en.strip() or words.en == words.es] == []


def test_the_example_of_the_documentation_loads(own):
    page = Path(__file__).resolve().parents[2] / "docs" / "validation" / "adding-an-effect.md"
    examples = re.findall(r"^```yaml\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert list(own_program(*own(*examples)).trials) == ["U01"]

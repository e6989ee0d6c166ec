"""Scenario, lever, outcome and region files: every number is cited, inside its range and bilingual."""

import dataclasses
import itertools

import pytest

from caudal.core.clock import FIRST_DECISION, LAST_YEAR, START
from caudal.core.files import data_path, read_yaml
from caudal.core.units import registry as units
from caudal.evidence.registry import departments, levers, outcomes
from caudal.model.state import Levers
from caudal.simulate.scenario import library

KINDS = {"policy", "target", "maximum", "observed", "judgement"}
KEYS = {"from", "to", "value", "ramp", "departments", "kind", "text", "cites"}
TOP = {
    *("title", "question", "author", "date", "reference"),
    *("aliases", "baseline", "description", "compose", "levers"),
}  # fmt: skip
OPTIONAL = {"branches_from", "replay"}
HAPPENED = ("plan-colombia", "as-it-was")  # replays of what was recorded
SCENARIOS = {path.stem: read_yaml(path) for path in sorted(data_path("scenarios").glob("*.yaml"))}
LEVER_NAMES = {f.name for f in dataclasses.fields(Levers) if not f.name.startswith("place_")}


def documents(folder):
    """Return the records of a data folder by name."""
    found = {}
    for path in sorted(data_path(folder).glob("*.yaml")):
        found |= read_yaml(path)
    return found


@pytest.fixture(scope="module")
def sources():
    return set(documents("sources"))


def lines(scenario):
    """Return (lever, line) for every line of a scenario."""
    return [(name, line) for name, entries in scenario["levers"].items() for line in entries]


def bilingual(tree, path=()):
    """Return every bilingual text under a tree, with the place where it stands."""
    if isinstance(tree, dict):
        if set(tree) == {"en", "es"}:
            return [(path, tree)]
        children = tree.items()
    elif isinstance(tree, list):
        children = enumerate(tree)
    else:
        return []
    return list(itertools.chain.from_iterable(bilingual(v, (*path, k)) for k, v in children))


def cited(tree):
    """Return every source id under the keys that cite."""
    if isinstance(tree, list):
        return set().union(*(cited(v) for v in tree)) if tree else set()
    if not isinstance(tree, dict):
        return set()
    found = set()
    for key, value in tree.items():
        found |= set(value) if key in ("source", "cites", "reference") else cited(value)
    return found


def test_levers_are_those_of_the_model():
    assert set(levers()) == LEVER_NAMES


def test_the_region_axis_has_the_departments_with_coca():
    names = [d.name for d in departments()]
    assert len(names) == len(set(names)) == len({d.code for d in departments()}) == 24
    assert all(len(d.code) == 2 and d.code.isdigit() for d in departments())


@pytest.mark.parametrize("tree", [SCENARIOS, documents("levers")], ids=["scenarios", "levers"])
def test_every_cited_source_exists(tree, sources):
    assert sources, "no sources in the package"
    assert cited(tree) - sources == set()


def test_every_series_named_exists():
    series = set(documents("series"))
    named = {lever.history for lever in levers().values()} - {"events", "constant"}
    named |= {name for outcome in outcomes().values() for name in outcome.observed}
    assert named - series == set()


@pytest.mark.parametrize("folder", ["levers", "outcomes", "scenarios"])
def test_texts_stand_in_both_languages(folder):
    tree = SCENARIOS if folder == "scenarios" else documents(folder)
    for place, text in bilingual(tree):
        assert text["en"].strip(), place
        assert text["es"].strip(), place
        if place[-1] != "shown_unit":  # symbols of units are the same in both
            assert text["en"] != text["es"], place


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_complete_and_its_lines_are_sound(name):
    scenario = SCENARIOS[name]
    assert TOP <= set(scenario) <= TOP | OPTIONAL
    replay = scenario.get("replay")
    held = library()[name].document.baseline
    bases = (None,) if name in ("baseline", *HAPPENED) else HAPPENED if replay else ("baseline",)
    assert held in bases
    first, last = (START, replay) if replay else (FIRST_DECISION, LAST_YEAR)
    starts = {n: [x.start for x in found] for n, found in library()[name].document.levers.items()}
    assert all(first <= year <= last for years in starts.values() for year in years)
    assert set(scenario["levers"]) <= LEVER_NAMES
    known_departments = {d.name for d in departments()}
    for lever, line in lines(scenario):
        assert set(line) <= KEYS, lever
        low, high = levers()[lever].range
        assert low <= line["value"] <= high, lever
        assert line["kind"] in KINDS, lever
        assert line["cites"], lever
        assert line.get("to", last) <= last, lever
        assert line.get("ramp", 0) >= 0, lever
        assert set(line.get("departments", [])) <= known_departments, lever
        assert levers()[lever].departmental or "departments" not in line, lever


def test_a_line_called_maximum_does_not_pass_the_record():
    for scenario in SCENARIOS.values():
        for lever, line in lines(scenario):
            if line["kind"] == "maximum":
                assert line["value"] <= levers()[lever].maximum.value, lever


def test_the_baseline_states_every_lever_from_the_first_decision():
    stated = SCENARIOS["baseline"]["levers"]
    assert set(stated) == LEVER_NAMES
    assert all(entries[0]["from"] == FIRST_DECISION for entries in stated.values())


def test_other_scenarios_state_only_what_differs_from_the_baseline():
    held = {lever: line["value"] for lever, line in lines(SCENARIOS["baseline"])}
    for name, scenario in SCENARIOS.items():
        if name != "baseline" and "replay" not in scenario:
            assert all(line["value"] != held[lever] for lever, line in lines(scenario)), name


def test_names_and_aliases_are_unique():
    words = list(SCENARIOS) + [alias for s in SCENARIOS.values() for alias in s["aliases"]]
    assert len(words) == len(set(words))


def test_maxima_lie_inside_ranges_and_costs_make_money_per_year():
    for name, lever in levers().items():
        assert lever.range[0] <= lever.maximum.value <= lever.range[1], name
        assert lever.range[0] <= lever.held <= lever.range[1], name
        if lever.cost.value:
            total = units().Unit(lever.unit) * units().Unit(lever.cost.unit)
            assert total.dimensionality == units().Unit("USD/year").dimensionality, name


def test_declared_signs_name_known_outcomes():
    for name, lever in levers().items():
        assert set(lever.raises) <= set(outcomes()), name

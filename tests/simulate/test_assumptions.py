"""Assumptions and changes by place: what they reach, what they refuse, and how a run is told again."""

from __future__ import annotations

import numpy as np
import pytest

import caudal as cd
from caudal.core.clock import START
from caudal.core.errors import CaudalError
from caudal.report.provenance import repeat
from caudal.report.summary import Summary
from caudal.simulate.basis import Basis, members, parse_assumption
from caudal.simulate.run import run
from caudal.simulate.scenario import Change, parse_change, scenario

WORD = "manual_eradication=60000@2027+2:NARIÑO,CAUCA"


def small(*chosen, **options):
    return run(list(chosen), draws=4, to=2030, framings=False, **options)


@pytest.fixture(scope="module")
def usual():
    return small("baseline")


def test_an_assumption_is_the_same_in_all_members_and_leaves_the_others():
    usual, held = members(1, range(5)), members(1, range(5), Basis(assumed=(("spray_kill", 0.1),)))
    assert np.all(np.asarray(held["spray_kill"]) == 0.1)
    assert np.ptp(np.asarray(usual["spray_kill"])) > 0.0
    others = [n for n in usual if n != "spray_kill"]
    assert all(np.array_equal(usual[n], held[n]) for n in others)


def test_an_assumption_moves_the_reference_too_and_is_never_compared_with_none(usual):
    assumed = small("baseline", assume={"choice_slope": 0.5})
    assert assumed.digests != usual.digests
    assert assumed.record["assumed"] == {"choice_slope": 0.5}
    with pytest.raises(CaudalError, match="assumptions"):
        assumed.compare(usual)


def test_equal_runs_have_equal_digests_and_a_change_has_another(usual):
    assert small("baseline").digests == usual.digests
    other = small("baseline", scenario("baseline").set(manual_eradication=60_000.0))
    assert other.digests["baseline"] == usual.digests["baseline"]
    assert len(set(other.digests.values())) == 2


def test_a_change_says_ramp_and_places():
    change = parse_change(WORD)
    assert change == Change("manual_eradication", 60_000.0, 2027, 2, ("NARIÑO", "CAUCA"))
    assert Change.of(change.as_json(2026)) == change


def test_a_ramp_is_climbed_and_places_are_kept(usual):
    from caudal.evidence.inputs import inputs

    given = inputs()
    changed = scenario("baseline").changed([parse_change(WORD)])
    path, base = (s.paths(given, 2030)["manual_eradication"] for s in (changed, scenario("baseline")))
    before = base[2026 - START]
    assert path[2027 - START : 2030 - START] == pytest.approx(
        before + (60_000 - before) * np.array([1, 2, 3]) / 3
    )
    allowed = changed.allowed("manual_eradication", given, 2030)
    assert {n for n, one in zip(given.regions, allowed[-1], strict=True) if one} == {"NARIÑO", "CAUCA"}
    assert allowed[0].all()
    moved = small("baseline", changed).ds["coca_area_department_quantile"].sel(quantile=0.5)
    gap = moved[1].values - moved[0].values
    places = [str(r) for r in moved["region"].values]
    assert gap[-1, places.index("NARIÑO")] < 0.0 < gap[-1, places.index("PUTUMAYO")]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("manual_eradication=60000@2027+99", "CAU-325"),
        ("manual_eradication=60000:NARINO", "CAU-105"),
        ("treatment_admissions=1:NARIÑO", "CAU-311"),
        ("manual_eradication=60000@2027+", "CAU-303"),
    ],
)
def test_a_change_that_cannot_be_is_refused(word, code):
    with pytest.raises(CaudalError, match=code):
        parse_change(word)


@pytest.mark.parametrize(
    ("word", "code"),
    [("spray_kil=0.1", "CAU-104"), ("spray_kill", "CAU-327"), ("spray_kill=much", "CAU-327")],
)
def test_an_assumption_that_cannot_be_is_refused(word, code):
    with pytest.raises(CaudalError, match=code):
        parse_assumption(word)


def test_an_assumption_out_of_bounds_is_refused():
    with pytest.raises(CaudalError, match="CAU-326"):
        cd.run(["baseline"], draws=2, assume={"spray_kill": 7.0})


def test_the_command_that_repeats_a_run_tells_its_changes_and_assumptions():
    changed = scenario("baseline").changed([parse_change(WORD)])
    first = small("baseline", changed, assume={"spray_kill": 0.1})
    told = repeat(Summary.of(first)).words
    assert f"--set {WORD}" in told.replace("'", "")
    assert "--assume spray_kill=0.1" in told

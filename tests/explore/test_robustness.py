"""Robustness: the word of the report is asked for again in other ways, and what cannot be tried is told."""

import numpy as np
import pytest
import shelfcase

from caudal.evidence.structures import structures
from caudal.explore import robustness as module
from caudal.explore.robustness import COMPARED, attached, finding, importance, of_result, robustness
from caudal.report.summary import Summary
from caudal.simulate.basis import Basis
from caudal.simulate.results import open_result
from caudal.simulate.run import run
from caudal.simulate.scenario import scenario

PACKAGES = ("baseline", "eradication-led", "substitution-led")


@pytest.mark.parametrize("shift", [-1.0, -0.3, 0.0, 0.3, 1.0])
def test_the_word_is_the_report_s(shift):
    rng = np.random.default_rng(0)
    base = 10.0 + rng.normal(size=400)
    own = base + shift + rng.normal(size=400)
    cell = Summary.compared("coca_area", "own", own, base, alone=False)
    found = finding(own, base)
    assert found.word == cell.direction
    assert (found.lower, found.higher, found.gap) == (cell.p_lower, cell.p_higher, pytest.approx(cell.gap[1]))


def test_weights_count_runs():
    own, base = np.array([1.0, 2.0, 30.0, 40.0]), np.full(4, 10.0)
    found = finding(own, base, np.array([0.1, 0.1, 0.4, 0.4]))
    assert found.lower == pytest.approx(0.2)
    assert found.higher == pytest.approx(0.8)
    assert (found.gap, found.word) == (20.0, "higher")


@pytest.mark.parametrize("power", [0.8, 1.25])
def test_a_prior_to_a_power_moves_a_normal_posterior_as_it_must(power):
    # Prior N(0, 1) and one reading y = 2 with sd 1: the posterior of power a is N(2 / (1 + a), 1 / (1 + a))
    drawn = np.random.default_rng(1).normal(1.0, np.sqrt(0.5), 4000)
    weights, khat = importance(-0.5 * drawn**2, power)
    assert khat < 0.5
    mean = np.average(drawn, weights=weights)
    assert mean == pytest.approx(2.0 / (1.0 + power), abs=0.03)
    assert np.average((drawn - mean) ** 2, weights=weights) == pytest.approx(1.0 / (1.0 + power), abs=0.03)


def test_weights_that_rest_on_a_few_runs_are_seen():
    drawn = np.random.default_rng(1).normal(size=(500, 200))
    assert importance(-0.5 * (drawn**2).sum(axis=1), 3.0)[1] > module.HIGHEST_KHAT


@pytest.fixture(scope="module")
def result():
    return run(PACKAGES, draws=12, to=2027)


@pytest.fixture(scope="module")
def chosen():
    return [scenario(name) for name in PACKAGES]


@pytest.fixture
def bare(tmp_path, monkeypatch):
    shelfcase.put(tmp_path, "standard", "standard")
    shelfcase.lay(tmp_path, monkeypatch)
    yield
    shelfcase.forget()


@pytest.mark.slow
def test_every_variant_is_tried_and_finds_what_a_run_of_it_finds(result, chosen, stocked, tmp_path):
    told = []
    found = robustness(result, chosen, progress=lambda done, total, name: told.append((done, total, name)))
    kinds = {v.id for v in found.variants}
    assert kinds >= {"reported", "framing:equal-cost", "framing:swapped", "owner:us", "prior:alone"}
    assert kinds >= {f"structure:{n}" for n in (*structures(), "stacked") if n != "standard"}
    assert not any(v.missing for v in found.variants)
    assert [done for done, _, _ in told] == list(range(1, told[0][1] + 1))
    # Twelve draws are too few for weights: said, and not used
    assert {v.id for v in found.untried} == {"prior:weaker", "prior:stronger"}
    assert {(c.scenario, c.reference) for c in found.conclusions} == {
        (PACKAGES[1], PACKAGES[0]), (PACKAGES[2], PACKAGES[0]), (PACKAGES[2], PACKAGES[1])
    }  # fmt: skip
    assert len(found.conclusions) == 3 * len(COMPARED)
    other = run(PACKAGES, draws=12, to=2027, structures="log-gap", framings=False)
    summaries = {"reported": Summary(result), "structure:log-gap": Summary(other)}
    for one in found.conclusions:
        for name, summary in summaries.items():
            cell = summary.cell(one.outcome, one.scenario, one.reference)
            assert one.found[name].word == cell.direction
            assert one.found[name].lower == cell.p_lower
        equal = Summary(result).cell(one.outcome, f"{one.scenario}@equal-cost", _framed(one.reference))
        assert one.found["framing:equal-cost"].lower == equal.p_lower
    kept = open_result(attached(result, found).save(tmp_path / "result.nc"))
    assert of_result(kept) == found
    assert of_result(result) is None


def _framed(name):
    return name if name == PACKAGES[0] else f"{name}@equal-cost"


@pytest.mark.slow
def test_what_is_not_stored_is_listed_as_missing(bare):
    result = run(PACKAGES[:2], draws=4, to=2026)
    found = robustness(result, [scenario(name) for name in PACKAGES[:2]])
    missing = {v.id: v.missing for v in found.untried if v.missing}
    assert missing["owner:us"] == ("owner-us",)
    assert missing["structure:stacked"] == ("structures.json",)
    assert missing["structure:log-gap"] == ("log-gap",)
    # A structure that the past cannot tell apart needs no posterior of its own; packages have no framing
    assert "structure:state-presence" in {v.id for v in found.again}
    assert not any(v.kind == "framing" for v in found.variants)
    assert {(c.scenario, c.reference) for c in found.conclusions} == {(PACKAGES[1], PACKAGES[0])}
    assert all(set(c.found) == {"reported", *(v.id for v in found.again)} for c in found.conclusions)


@pytest.mark.skipif(not module.STORED.exists(), reason="no table is stored")
def test_the_stored_table_is_of_this_model_these_data_and_this_posterior():
    from caudal.evidence.series import data_digest
    from caudal.simulate.run import step_hash

    about = module.stored()
    message = "run python -m caudal.explore.robustness"
    assert (about["step"], about["data"]) == (step_hash(), data_digest()), message
    assert about["fit"] == Basis().digest(), message
    found = module.stored_robustness()
    assert found.draws >= 200
    ready = {v.id for v in found.untried if v.missing and not _basis(v).missing()}
    assert not ready, message


def _basis(variant):
    if variant.kind == "owner":
        return Basis(owner=variant.name)
    return Basis(structures=variant.name) if variant.kind == "structure" else Basis()

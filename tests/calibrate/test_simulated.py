"""Reduced problems, and what is made of ranks: without simulating anything."""

import numpy as np
import pytest

from caudal.calibrate.chains import Sample
from caudal.calibrate.simulated import (
    REST,
    Synthetic,
    joined,
    ranks,
    recovered,
    reduced,
    restricted,
    showing,
    truths,
)
from caudal.calibrate.space import space
from caudal.evidence.inputs import inputs
from caudal.evidence.registry import parameters

NAMES = ("manual_kill", "growth_shift_sd", "retail_price_us")
GROUPS = {"SOUTH": ("NARIÑO", "PUTUMAYO", "CAUCA"), "NORTE DE SANTANDER": ("NORTE DE SANTANDER",)}


@pytest.fixture(scope="module")
def problem():
    return reduced(NAMES, GROUPS, 2006)


def test_a_restricted_space_keeps_scales_and_holds_the_rest():
    whole = space()
    part = restricted(whole, NAMES)
    assert part.names == NAMES
    z = np.array([0.5, -1.0, 2.0])
    full = whole.point({})
    full[[whole.names.index(n) for n in NAMES]] = z
    assert {n: float(v) for n, v in part.params(z).items()} == pytest.approx(
        {n: float(v) for n, v in whole.params(full).items()}
    )


def test_joined_departments_keep_their_totals():
    given = inputs(known=2006)
    few = joined(given, GROUPS)
    assert few.regions == ("SOUTH", "NORTE DE SANTANDER", REST)
    for name in ("area", "spraying_share", "manual_share", "homicides"):
        assert np.allclose(getattr(few, name).sum(axis=1), getattr(given, name).sum(axis=1)), name
    assert few.people.sum() == pytest.approx(given.people.sum())
    at = given.regions.index("NORTE DE SANTANDER")
    for name in ("area", "contested", "contested_without_farc", "homicides"):
        assert np.allclose(getattr(few, name)[:, 1], getattr(given, name)[:, at]), name
    assert few.contested.min() >= 0.0
    assert few.contested.max() <= 1.0


def test_a_reduced_problem_has_a_dimension_for_each_sampled_parameter(problem):
    assert problem.last == 2006
    assert problem.size == len(NAMES)
    assert problem.space.others.survey_break_2001 == 1.0


def test_truths_are_draws_of_the_prior(problem):
    drawn = truths(problem, 1, 2000)
    assert drawn.shape == (2000, len(NAMES))
    assert np.array_equal(drawn, truths(problem, 1, 2000))
    assert not np.array_equal(drawn, truths(problem, 2, 2000))
    assert np.all(np.abs(drawn.mean(axis=0)) < 4.0 / np.sqrt(2000))
    assert np.allclose(drawn.std(axis=0), 1.0, atol=0.08)
    for name, values in problem.space.values(drawn, np).items():
        low, high = parameters()[name].bounds
        assert np.all((values >= low) & (values <= high)), name


def test_the_likelihood_of_its_own_record_is_itself(problem):
    own = Synthetic(
        area=problem.given.area,
        andes=problem.given.andes,
        forcing=problem.forcing,
        logs={s.reading.id: s.logs for s in problem.seen},
    )
    other = showing(problem, own)
    point = np.full(problem.size, 0.3)
    assert float(other.stable(other.space.params(point))) == float(
        problem.stable(problem.space.params(point))
    )
    assert [s.logs.tolist() for s in other.seen] == [s.logs.tolist() for s in problem.seen]
    assert other.given.area is problem.given.area


def test_the_likelihood_of_another_record_leaves_the_first_alone(problem):
    before = [s.logs.copy() for s in problem.seen]
    other = Synthetic(
        area=2.0 * problem.given.area,
        andes=problem.given.andes,
        forcing=problem.forcing,
        logs={s.reading.id: s.logs + 1.0 for s in problem.seen},
    )
    shown = showing(problem, other)
    assert np.array_equal(shown.given.area, 2.0 * problem.given.area)
    assert all(np.array_equal(a, s.logs) for a, s in zip(before, problem.seen, strict=True))
    assert all(np.array_equal(a + 1.0, s.logs) for a, s in zip(before, shown.seen, strict=True))


def drawn(points):
    """Return draws of which only the points matter."""
    nothing = np.zeros(points.shape[:2])
    return Sample(points, nothing, nothing, nothing)


def conjugate(records, shift=0.0, narrow=1.0, seed=0):
    """Return true means and draws of their exact posterior: one figure seen, errors as wide as the prior."""
    rng = np.random.default_rng(seed)
    truth = rng.standard_normal((records, len(NAMES)))
    figure = truth + rng.standard_normal(truth.shape)
    noise = rng.standard_normal((records, 200, len(NAMES)))
    return truth, drawn(0.5 * figure[:, None] + shift + narrow * np.sqrt(0.5) * noise)


def test_a_rank_is_the_share_of_draws_below():
    points = np.linspace(-1.0, 1.0, 100)[None, :, None]
    found = [ranks(np.array([[x]]), drawn(points), thin=1)[0, 0] for x in (-2.0, 0.0, 2.0)]
    assert 0.0 < found[0] < 0.01
    assert found[1] == pytest.approx(0.5, abs=0.01)
    assert 0.99 < found[2] < 1.0


@pytest.mark.slow
def test_exact_posteriors_pass(problem):
    found = recovered(problem, *conjugate(100), thin=4)
    assert tuple(found) == NAMES
    for row in found.values():
        assert row.inside
        assert row.contraction == pytest.approx(0.5, abs=0.05)
        assert abs(row.bias) < 4.0 * row.bias_error
        assert 0.8 < row.coverage < 0.97


@pytest.mark.slow
@pytest.mark.parametrize(("shift", "narrow"), [(0.5, 1.0), (-0.5, 1.0), (0.0, 0.4), (0.0, 3.0)])
def test_biased_or_falsely_sure_or_falsely_unsure_posteriors_fail(problem, shift, narrow):
    found = recovered(problem, *conjugate(100, shift, narrow), thin=4)
    assert not any(row.inside for row in found.values())

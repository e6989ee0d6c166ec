"""Scores against known answers: closed forms, nominal rates, and mixtures whose weights are known."""

import numpy as np
import pytest
from scipy import stats

from caudal.calibrate.scores import (
    coverage,
    crps,
    log_density,
    score,
    skill,
    stacking,
    width,
)

DRAWS = 4000
NORMAL = stats.norm.ppf((np.arange(DRAWS) + 0.5) / DRAWS)
"""A normal sample without sampling error."""


def normals(points):
    """Return the same normal forecast of several points."""
    return np.broadcast_to(NORMAL[:, None], (DRAWS, points))


@pytest.mark.parametrize("at", [-2.0, 0.0, 0.7, 5.0])
def test_crps_of_a_normal_is_its_closed_form(at):
    closed = at * (2 * stats.norm.cdf(at) - 1) + 2 * stats.norm.pdf(at) - 1 / np.sqrt(np.pi)
    assert crps(NORMAL, np.array(at)) == pytest.approx(closed, abs=2e-3)


def test_crps_does_not_reward_fewer_draws(rng):
    few, many = (crps(rng.standard_normal((n, 20_000)), np.zeros(20_000)).mean() for n in (5, 100))
    assert few == pytest.approx(many, abs=0.01)


def test_log_density_is_the_normals_near_it_and_finite_far_away():
    near = np.array([-1.5, 0.0, 1.0])
    assert log_density(normals(3), near) == pytest.approx(stats.norm.logpdf(near), abs=0.06)
    far = log_density(normals(2), np.array([20.0, 40.0]))
    assert np.all(np.isfinite(far))
    assert far[1] < far[0] < -10


def test_log_density_of_a_forecast_without_spread_is_bounded():
    found = log_density(np.full((100, 2), 3.0), np.array([3.0, 4.0]))
    assert np.all(np.isfinite(found))
    assert found[0] > 0 > found[1]


def test_log_density_integrates_to_one():
    grid = np.linspace(-100, 100, 20_001)
    density = np.exp(log_density(normals(len(grid))[20::40], grid))
    assert np.trapezoid(density, grid) == pytest.approx(1.0, abs=1e-3)


def test_exact_forecasts_cover_at_the_nominal_rate_and_wide_ones_do_not():
    truth = NORMAL[2::4]
    exact = score(normals(1000)[2::4], truth)
    for held, level in ((exact.inside_50, 0.5), (exact.inside_90, 0.9)):
        found = coverage(held)
        assert found.value == pytest.approx(level, abs=0.002)
        assert found.low < level < found.high
    assert coverage(score(2 * normals(1000)[2::4], truth).inside_90).low > 0.9
    assert exact.log_error == pytest.approx(np.median(NORMAL[2::4]) - truth)


def test_coverage_interval_is_clopper_pearsons():
    found = coverage(np.array([1.0] * 8 + [0.0] * 2 + [np.nan]))
    assert found.value == 0.8
    assert found.low == pytest.approx(stats.beta.ppf(0.05, 8, 3))
    assert found.high == pytest.approx(stats.beta.ppf(0.95, 9, 2))


def test_width_of_the_normal():
    assert width(NORMAL) == pytest.approx(2 * stats.norm.ppf(0.95), abs=0.01)
    assert width(NORMAL, 0.5) == pytest.approx(2 * stats.norm.ppf(0.75), abs=0.01)


def test_what_was_not_observed_scores_nothing():
    found = score(normals(2), np.array([0.0, np.nan]))
    for name in ("crps", "log_density", "log_error", "inside_50", "inside_90"):
        assert np.isfinite(getattr(found, name)).tolist() == [True, False], name


def test_skill_pools_points_and_leaves_out_what_either_lacks():
    own, rival = np.array([[1.0, 2.0], [3.0, np.nan]]), np.array([[2.0, 2.0], [4.0, 100.0]])
    assert skill(own, rival).value == pytest.approx(1 - 6 / 8)
    assert skill(rival, rival).value == 0.0


def test_skill_interval_comes_from_origins_not_points(rng):
    """Points that repeat within an origin add no certainty."""
    own, rival = rng.uniform(0.5, 1.5, 8), rng.uniform(1.0, 2.0, 8)
    once = skill(own[:, None], rival[:, None])
    often = skill(np.repeat(own[:, None], 50, axis=1), np.repeat(rival[:, None], 50, axis=1))
    assert once.low < once.value < once.high
    assert (often.low, often.high) == pytest.approx((once.low, once.high))


def test_skill_interval_holds_the_true_skill_about_as_often_as_it_says(rng):
    held = []
    for _ in range(200):
        level = rng.gamma(8.0, size=(30, 1))  # what the years of an origin share
        own, rival = (level * rng.gamma(20.0, scale, (30, 5)) for scale in (0.8, 1.0))
        found = skill(own, rival)
        held.append(found.low < 0.2 < found.high)
    assert 0.82 < np.mean(held) < 0.95


def test_skill_of_one_origin_has_no_interval():
    found = skill(np.ones((1, 5)), np.full((1, 5), 2.0))
    assert found.value == 0.5
    assert np.isnan([found.low, found.high]).all()


def test_stacking_recovers_the_true_mixture(rng):
    truth = np.where(rng.random(5000) < 0.3, rng.normal(-2, 1, 5000), rng.normal(2, 1, 5000))
    parts = {"left": (-2, 1), "right": (2, 1), "wide": (0, 6), "wrong": (9, 1)}
    found = stacking({name: stats.norm.logpdf(truth, *part) for name, part in parts.items()})
    assert sum(found.values()) == pytest.approx(1.0)
    assert list(found) == list(parts)
    assert found["left"] == pytest.approx(0.3, abs=0.03)
    assert found["right"] == pytest.approx(0.7, abs=0.03)


def test_stacking_is_the_optimum(rng):
    """At the optimum the mean ratio to the mixture is one where the weight is positive, below elsewhere."""
    table = rng.normal(-2.0, 2.0, (25, 5))
    weights = np.array(list(stacking(dict(enumerate(table.T))).values()))
    density = np.exp(table)
    slope = (density / (density @ weights)[:, None]).mean(axis=0)
    assert np.all(slope < 1 + 1e-3)
    assert slope[weights > 0.01] == pytest.approx(1.0, abs=1e-3)


def test_stacking_stands_densities_far_below_what_can_be_exponentiated():
    found = stacking({"near": np.full(6, -900.0), "far": np.full(6, -1900.0)})
    assert found["near"] == pytest.approx(1.0)


def test_stacking_one_forecast_and_refusing_none_finite():
    assert stacking({"only": np.array([-1.0, -2.0])}) == {"only": 1.0}
    with pytest.raises(ValueError, match="finite"):
        stacking({"a": np.array([-np.inf, 0.0]), "b": np.array([0.0, 0.0])})


@pytest.fixture
def rng():
    return np.random.default_rng(7)

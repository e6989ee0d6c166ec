"""Gradients are those of the numbers, and finite where nothing is done and at draws."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from caudal.core.clock import FIRST_DECISION, LAST_YEAR, START

LAST = 2040
YEARS = LAST - START + 1
WATCHED = {
    "coca_area": 2040,
    "us_consumption": 2040,
    "us_deaths": 2040,
    "farm_price": 2040,
    "coca_area_peru_bolivia": 2035,
    "growers_income": 2030,
    "potential_cocaine": 2015,
    "us_retail_price": 2010,
}
STEP = 1e-5  # of a prior standard deviation, or of a lever's range
RELATIVE = 1e-5
NOISE = 1e-8  # rounding of a difference of logarithms over a step


@pytest.fixture(scope="module")
def knobs(bench):
    """Return the parameters' normal scales, and functions from moves to parameters and levers."""
    from caudal.evidence.registry import levers, parameters
    from caudal.model.params import Params
    from caudal.model.priors import from_normal, scale, to_normal

    scales = {n: scale(r.prior) for n, r in parameters().items()}
    ranges = {n: r.range[1] - r.range[0] for n, r in levers().items()}
    ahead = (np.arange(START, LAST_YEAR + 1) >= FIRST_DECISION).astype(float)

    def params(base, z):
        moved = {}
        for i, (name, (transform, _, sd)) in enumerate(scales.items()):
            moved[name] = from_normal(transform, to_normal(transform, base[name]) + sd * z[..., i])
        return Params(moved)

    def used(base, y):
        changed = {n: getattr(base, n) + ranges[n] * y[i] * ahead for i, n in enumerate(ranges)}
        return type(base)(**{f: changed.get(f, getattr(base, f)) for f in base.__dataclass_fields__})

    return list(scales), list(ranges), params, used


@pytest.fixture(scope="module")
def gradient(bench, knobs):
    """Return ``gradient(base, levers, weights)`` of weighted log outcomes by moves of every knob."""
    from caudal.model.step import initial
    from caudal.simulate.engine import trajectory

    names, lever_names, _, used = knobs
    given = jax.tree.map(lambda x: x[:YEARS], bench.forcing)
    still = jax.tree.map(lambda x: x[0, :YEARS], bench.still())

    def value(p, y, levers, weights):
        acting = jax.tree.map(lambda x: x[:YEARS], used(levers, y))
        _, seen = trajectory(initial(p, bench.places), p, acting, given, still, bench.places)
        return sum(jnp.sum(weights[i] * jnp.log(seen[n])) for i, n in enumerate(WATCHED))

    slope = jax.jit(jax.value_and_grad(value, argnums=(0, 1)))
    zero = jnp.zeros(len(lever_names))

    def gradient(p, levers, weights):
        at, (by_parameter, by_lever) = slope(jax.tree.map(np.asarray, p), zero, levers, weights)
        return float(at), {n: float(by_parameter[n]) for n in names}, np.asarray(by_lever)

    return gradient


def chosen(name: str | None = None) -> np.ndarray:
    """Return weights that pick one watched outcome in its year, or all of them."""
    weights = np.zeros((len(WATCHED), YEARS))
    for i, (outcome, year) in enumerate(WATCHED.items()):
        weights[i, year - START] = float(name in (None, outcome))
    return weights


def logs(seen) -> np.ndarray:
    """Return the watched log outcomes of every member."""
    return np.stack([np.log(seen[n][:, y - START]) for n, y in WATCHED.items()], axis=-1)


@pytest.fixture(scope="module")
def differences(bench, knobs):
    """Return central differences of the watched outcomes by parameter and by lever, at the fit."""
    from caudal.explore.bench import MEMBERS, joined

    names, lever_names, params, used = knobs
    active, still = bench.levers(bench.active()), bench.still()
    moves = np.concatenate([np.eye(len(names)), -np.eye(len(names))]) * STEP
    found = []
    for i in range(0, len(moves), MEMBERS):
        some = moves[i : i + MEMBERS]
        z = np.zeros((MEMBERS, len(names)))
        z[: len(some)] = some
        p = params(bench.params(), jnp.asarray(z))
        start = bench.start(p, bench.places)
        found.append(logs(bench.years(start, p, active, still, START, LAST)[1])[: len(some)])
    up, down = np.split(np.concatenate(found), 2)
    by_parameter = (up - down) / (2.0 * STEP)

    p = bench.params()
    state, before = bench.history(p, still)
    by_lever = []
    for i in range(len(lever_names)):
        y = np.zeros(len(lever_names))
        ends = []
        for sign in (1.0, -1.0):
            y[i] = sign * STEP
            ends.append(logs(joined(before, bench.ahead(state, p, used(active, y), still)))[0])
        by_lever.append((ends[0] - ends[1]) / (2.0 * STEP))
    return by_parameter, np.stack(by_lever)


@pytest.mark.slow
def test_gradients_are_those_of_the_numbers(bench, knobs, gradient, differences):
    from caudal.evidence.registry import parameters
    from caudal.model.priors import from_normal, scale, to_normal

    names, lever_names, *_ = knobs
    per_sd = {}
    for name, record in parameters().items():
        transform, _, sd = scale(record.prior)
        middle = to_normal(transform, float(bench.middle[name]))
        per_sd[name] = sd * float(jax.grad(lambda z, t=transform: jnp.asarray(from_normal(t, z)))(middle))
    active = bench.levers(bench.active())
    by_parameter, by_lever = differences
    for k, outcome in enumerate(WATCHED):
        _, slopes, lever_slopes = gradient(bench.middle, active, chosen(outcome))
        for i, name in enumerate(names):
            expected, exact = by_parameter[i, k], slopes[name] * per_sd[name]
            assert abs(exact - expected) <= RELATIVE * abs(expected) + NOISE, (outcome, name, exact, expected)
        for i, name in enumerate(lever_names):
            expected, exact = by_lever[i, k], lever_slopes[i]
            assert abs(exact - expected) <= RELATIVE * abs(expected) + NOISE, (outcome, name, exact, expected)
    assert np.all(np.abs(by_parameter).max(axis=0) > 1e-2)  # there was something to compare
    assert np.all(np.abs(by_lever).max(axis=0)[:6] > 1e-2)


@pytest.mark.slow
def test_gradients_are_finite_where_nothing_is_done(bench, gradient):
    from caudal.evidence.registry import levers

    nothing = bench.levers(bench.baseline.set(**dict.fromkeys(levers(), 0.0)))
    value, slopes, lever_slopes = gradient(bench.middle, nothing, chosen())
    assert np.isfinite(value)
    assert {n for n, s in slopes.items() if not np.isfinite(s)} == set()
    assert np.isfinite(lever_slopes).all()


@pytest.mark.slow
def test_gradients_are_finite_at_draws(bench, gradient):
    p = bench.drawn()
    for member in range(1, 9):
        one = jax.tree.map(lambda x, m=member: x[m], p)
        value, slopes, lever_slopes = gradient(one, bench.levers(bench.baseline), chosen())
        assert np.isfinite(value)
        assert {n for n, s in slopes.items() if not np.isfinite(s)} == set()
        assert np.isfinite(lever_slopes).all()

"""Harms follow coca and policy, one way: their limits, their signs, and what they are held against."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from generated import starts
from hypothesis import given
from numpy.testing import assert_allclose

from caudal.core.clock import FIRST_DECISION, LAST_OBSERVED, MONTHS, START, SUBSTEPS

DT = 1.0 / (MONTHS * SUBSTEPS)
HARMS = (
    "homicides_attributable",
    "people_displaced_attributable",
    "people_exposed_to_spraying",
    "leaders_killed",
    "transit_violence",
    "forest_cleared",
)


@pytest.fixture(scope="module")
def history(bench):
    """Return the outcomes up to 2025 at the fit."""
    _, seen = bench.history(bench.params(), bench.still())
    return {n: v[0] for n, v in seen.items()}


@pytest.mark.slow
@given(starts())
def test_harms_are_no_negative_number_and_add_up(walk, start, numbers):
    where = start(numbers)
    states, flows, seen, _ = walk(where.state, where.p, where.levers, where.given)
    harm, forest = flows.conflict, flows.forest
    for part in (harm, forest):
        for field in dataclasses.fields(part):
            values = getattr(part, field.name)
            assert np.isfinite(values).all(), field.name
            assert field.name == "calm_wanted" or np.min(values) >= 0.0, field.name
    assert np.all(harm.homicides_attributable <= harm.homicides)
    assert np.all(harm.displaced_attributable <= harm.displaced)
    cleared = forest.direct + forest.displaced + forest.pasture
    assert_allclose(np.diff(states.cleared, axis=0), DT * cleared, rtol=0, atol=1e-6)
    assert_allclose(np.diff(seen["forest_cleared_cumulative"]), DT * seen["forest_cleared"][1:], atol=1e-6)


@pytest.fixture(scope="module")
def here(bench):
    """Return one member's stocks, parameters, levers and forcings at the start of 2026."""
    state, _ = bench.history(bench.params(), bench.still())
    one = jax.tree.map(lambda x: jnp.asarray(x[0]), (state, bench.params()))
    at = FIRST_DECISION - START
    used = jax.tree.map(lambda x: jnp.asarray(x[at]), bench.levers(bench.active()))
    return *one, used, jax.tree.map(lambda x: jnp.asarray(x[at, 0]), bench.forcing), bench.places


def harms(state, p, used, forced, places):
    """Return the flows of the conflict block."""
    from caudal.model.step import flows

    return flows(state, p, used, forced, places).conflict


def test_without_contestation_the_value_of_coca_does_nothing(here):
    state, p, used, forced, places = here
    calm = dataclasses.replace(forced, contestation=jnp.zeros_like(forced.contestation))
    p = p.with_values(contestation_refill=jnp.asarray(0.0))
    dear = dataclasses.replace(state, expected_price=state.expected_price + 3.0)
    plain, again = (harms(s, p, used, calm, places) for s in (state, dear))
    assert jnp.all(plain.homicides == again.homicides)
    assert not jnp.any(again.displaced_attributable)
    # nor do agreements reach leaders, and with no eradication and no vacuum nothing is attributed
    quiet = p.with_values(
        homicide_eradication_response=jnp.asarray(0.0), homicide_vacuum_response=jnp.asarray(0.0)
    )
    assert not jnp.any(harms(dear, quiet, used, calm, places).homicides_attributable)
    held = dataclasses.replace(state, agreed=jnp.zeros_like(state.agreed))
    assert jnp.all(plain.leaders == harms(held, p, used, calm, places).leaders)


def test_where_groups_contest_dearer_coca_kills_and_displaces_more(here):
    state, *rest = here
    dear = dataclasses.replace(state, expected_price=state.expected_price + 0.1)
    plain, again = harms(state, *rest), harms(dear, *rest)
    grown = (rest[2].contestation > 0) & (state.mature > 100.0)
    assert jnp.all(jnp.where(grown, again.homicides > plain.homicides, True))
    rise = jnp.log(again.homicides / plain.homicides) / 0.1
    assert jnp.all(rise <= 0.2)  # no more than the elasticity at full contestation
    assert jnp.all(again.displaced_attributable >= plain.displaced_attributable)


@pytest.mark.slow
def test_gradients_of_harms_are_finite_where_nothing_stands(here):
    state, p, used, forced, places = here
    bare = dataclasses.replace(
        state, **{n: jnp.zeros_like(getattr(state, n)) for n in ("young", "mature", "agreed", "risk")}
    )
    calm = dataclasses.replace(forced, contestation=jnp.zeros_like(forced.contestation))

    def total(state, p):
        found = harms(state, p, used, calm, places)
        return sum(jnp.sum(x) for x in jax.tree.leaves(found))

    for slope in jax.tree.leaves(jax.grad(total, argnums=(0, 1))(bare, p)):
        assert jnp.all(jnp.isfinite(slope))


def test_harms_change_nothing_else(bench):
    from caudal.evidence.registry import outcomes, parameters

    own = [n for n, r in parameters().items() if r.block in ("conflict", "forest")]
    none = {n: 1e-9 if n == "vacuum_duration" else 0.0 for n in own}
    none |= {n: float(bench.middle[n]) for n in ("calm_memory", "homicide_value_scale")}
    state, _ = bench.history(bench.params(), bench.still())
    seen = bench.ahead(state, bench.params([none]), bench.levers(bench.active()), bench.still())
    for name, values in seen.items():
        if outcomes()[name].block not in ("conflict", "forest"):
            assert_allclose(values[0], values[1], rtol=1e-12, err_msg=name)
    for name in HARMS[:3]:
        assert not np.any(seen[name][0]), name


def test_homicides_follow_the_record_while_it_lasts(bench, history):
    recorded = bench.given.homicides.sum(axis=1)[: LAST_OBSERVED - START + 1]
    found = history["homicides_coca_departments"][: len(recorded)]
    assert np.all(np.abs(np.log(found / recorded)) < 0.12)


def test_farc_does_not_contest_after_its_exit(bench):
    given, forced = bench.given, bench.forcing
    assert np.all((given.contested >= 0.0) & (given.contested < 1.0))
    july, august = forced.contestation[2016 - START, 6], forced.contestation[2016 - START, 7]
    assert np.sum(august) < np.sum(july)
    alone = given.regions.index("CAQUETÁ")  # no other group on record there
    assert july[alone] > 0.0
    assert august[alone] == 0.0
    assert not np.any(forced.exited[2016 - START, :7])
    assert np.all(forced.exited[2016 - START, 7:])
    last = {f.input: f.years for f in given.fills}["contestation"]
    assert min(last) == 2019


@pytest.mark.slow
def test_transit_violence_is_one_in_its_base_year():
    from caudal.simulate.run import run

    found = run(["baseline"], draws=2, to=2026, framings=False).ds["transit_violence"]
    assert_allclose(found.sel(year=2024) if "year" in found.dims else found[..., 24], 1.0, rtol=1e-12)


def test_levels_are_of_the_order_of_the_record(history):
    def mean(name, first, last):
        return history[name][first - START : last + 1 - START].mean()

    assert 40_500 / 2 < mean("forest_cleared", 2000, 2014) < 2 * 40_500  # series forest_cleared_for_coca
    assert 230_000 / 3 < mean("people_displaced", 2003, 2024) < 3 * 230_000  # displaced_idmc, _codhes
    assert 126 / 2 < mean("leaders_killed", 2016, 2024) < 2 * 310  # the two counts
    assert (
        0 < mean("homicides_attributable", 2003, 2024) < 0.25 * mean("homicides_coca_departments", 2003, 2024)
    )

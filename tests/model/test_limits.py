"""Limits whose answer is known, and signs that theory gives (recommended structure, section 11)."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

DEMAND = ("use_light", "use_heavy", "world_demand_2000")
RESPONSES = ("elasticity_initiation", "elasticity_escalation", "elasticity_exit")
CASES = ("as it is", "no demand", "spraying removes nothing", "people do not respond")


@pytest.fixture(scope="module")
def ahead(bench):
    """Return ``ahead(levers)``: outcomes from 2026 of one member per case, from the same stocks."""
    still = bench.still()
    state, _ = bench.history(bench.params(), still)
    p = bench.params(
        [
            {},
            {n: 1e-3 * float(bench.middle[n]) for n in DEMAND},
            {"spray_kill": 0.0},
            dict.fromkeys(RESPONSES, 0.0),
        ]
    )

    def run(used=None, **values):
        used = used or bench.levers(bench.baseline.set(**values))
        seen = bench.ahead(state, p, used, still)
        return {case: {n: v[i] for n, v in seen.items()} for i, case in enumerate(CASES)}

    return run


@pytest.fixture(scope="module")
def baseline(ahead):
    return ahead()


def beyond(bench, **values):
    """Return baseline levers with some beyond their range, at all times."""
    base = bench.levers(bench.baseline)
    return dataclasses.replace(base, **{n: np.full_like(base.aerial_spraying, v) for n, v in values.items()})


def test_without_eradication_nothing_is_removed(ahead):
    none = ahead(aerial_spraying=0, manual_eradication=0, substitution_enrolment=0)["as it is"]
    for name in ("eradication_removed", "eradication_reported", "substitution_removed"):
        assert not np.any(none[name]), name


def test_with_boundless_seizure_nothing_arrives_but_by_the_backstops(bench, ahead, baseline):
    seized = ahead(beyond(bench, interdiction_us_transit=1e3, interdiction_world_transit=1e3))["as it is"]
    first = slice(0, 2)
    for name, way in (("cocaine_to_us", "flow_overland"), ("cocaine_to_world", "flow_dispersed")):
        assert np.allclose(seized[name][first], seized[way][first], rtol=1e-12), name
        assert np.all(seized[name][first] < 0.75 * baseline["as it is"][name][first]), name


def test_spraying_that_removes_nothing_changes_nothing_but_the_count(ahead, baseline):
    case = "spraying removes nothing"
    sprayed, plain = ahead(aerial_spraying=172_251)[case], baseline[case]
    assert sprayed["eradication_reported"][-1] > plain["eradication_reported"][-1] + 170_000
    for name in sprayed:
        if name not in ("eradication_reported", "sprayed_by_aircraft", "people_exposed_to_spraying"):
            assert_allclose(sprayed[name], plain[name], rtol=1e-12, err_msg=name)


def test_without_demand_the_farm_price_collapses_and_coca_goes(baseline):
    nobody, plain = baseline["no demand"], baseline["as it is"]
    assert nobody["farm_price"][-1] < 0.5 * plain["farm_price"][-1]
    assert nobody["coca_area"][-1] < 0.5 * plain["coca_area"][-1]


def test_without_demand_prices_area_and_output_are_lower(baseline):
    nobody, plain = baseline["no demand"], baseline["as it is"]
    for name in ("farm_price", "export_price", "us_wholesale_price", "us_retail_price", "world_retail_price"):
        assert np.all(nobody[name] < plain[name]), name
    for name in ("coca_area", "coca_area_peru_bolivia", "farm_value", "potential_cocaine", "coca_planted"):
        assert nobody[name][-1] < plain[name][-1], name


@pytest.mark.parametrize("lever", ["aerial_spraying", "manual_eradication"])
def test_what_eradication_displaces_is_less_than_what_it_removes(ahead, baseline, lever):
    from caudal.evidence.registry import levers

    more, plain = ahead(**{lever: levers()[lever].maximum.value})["as it is"], baseline["as it is"]
    here = more["coca_area"][-1] - plain["coca_area"][-1]
    there = more["coca_area_peru_bolivia"][-1] - plain["coca_area_peru_bolivia"][-1]
    assert here < 0 < there
    assert 0 < -there / here < 1
    assert more["farm_price"][-1] > plain["farm_price"][-1]
    assert more["us_consumption"][-1] < plain["us_consumption"][-1]


def test_with_inelastic_demand_seizures_raise_what_users_spend(ahead, baseline):
    case = "people do not respond"
    more, plain = ahead(interdiction_us_transit=2)[case], baseline[case]
    assert np.all(more["us_retail_price"] > plain["us_retail_price"])
    assert np.all(more["us_consumption"] < plain["us_consumption"])
    assert np.all(more["us_spending"] > plain["us_spending"])  # elasticities are above -1


def test_source_control_hits_the_rest_of_the_world_too(ahead, baseline):
    more, plain = ahead(interdiction_colombia=2)["as it is"], baseline["as it is"]
    for name in ("us_consumption", "world_consumption"):
        assert more[name][-1] < plain[name][-1], name
    assert more["us_wholesale_price"][-1] > plain["us_wholesale_price"][-1]
    assert more["coca_area"][-1] != plain["coca_area"][-1]


@pytest.fixture(scope="module")
def here(bench):
    """Return one member's stocks, parameters, levers and forcings at the start of 2026."""
    state, _ = bench.history(bench.params(), bench.still())
    one = jax.tree.map(lambda x: x[0], (state, bench.params()))
    used = jax.tree.map(lambda x: jnp.asarray(x[26]), bench.levers(bench.active()))
    return *one, used, jax.tree.map(lambda x: jnp.asarray(x[26, 0]), bench.forcing), bench.places


def test_the_price_growers_expect_raises_the_area_they_want(here):
    from caudal.model.blocks import farms

    state, *rest = here
    dearer = dataclasses.replace(state, expected_price=state.expected_price + 0.1)
    assert jnp.all(farms.flows(dearer, *rest).desired > farms.flows(state, *rest).desired)


def test_scarcer_goods_are_dearer_and_less_is_used(here):
    from caudal.model.step import flows

    state, *rest = here
    scarcer = dataclasses.replace(state, stock=0.9 * state.stock)
    less, plain = flows(scarcer, *rest).prices, flows(state, *rest).prices
    assert jnp.all(less.retail > plain.retail)
    assert jnp.all(less.wholesale > plain.wholesale)
    assert_allclose(less.use, 0.9 * plain.use, rtol=1e-12)
    slope = jnp.log(less.use / plain.use) / jnp.log(less.retail / plain.retail)
    assert jnp.all((slope < 0) & (slope > -1.5))


MONEY = (
    "retail_price_us",
    "retail_price_world",
    "wholesale_price_us",
    "wholesale_price_world",
    "export_price",
    "corridor_cost_us",
    "corridor_cost_world",
    "risk_compensation",
    "least_rent",
    "processing_cost",
    "income_per_hectare",
    "legal_cost",
)


def test_money_may_be_counted_in_half_dollars(here, monkeypatch):
    from caudal.model import netback
    from caudal.model.step import flows

    state, p, used, given, places = here
    plain = flows(*here)
    monkeypatch.setattr(netback, "FLOOR_WIDTH", 2 * netback.FLOOR_WIDTH)
    doubled = dataclasses.replace(
        state,
        benefit=2 * state.benefit,
        works=2 * state.works,
        roads=2 * state.roads,
        titles=2 * state.titles,
        presence=2 * state.presence,
        expected_price=state.expected_price + np.log(2),
        netback=state.netback + np.log(2),
    )
    capital = ("rural_roads", "land_titles", "state_presence")
    paid = ("substitution_payment", *capital, "us_aid_military", "us_aid_social", "regulated_tax")
    dearer = dataclasses.replace(used, **{n: 2 * getattr(used, n) for n in paid})
    returns = {n: p[n] / 2 for n in ("road_return", "title_return", "presence_return", "presence_calm")}
    p = p.with_values(**{n: 2 * p[n] for n in MONEY}, **returns)
    given = dataclasses.replace(given, aid_military=2 * given.aid_military, aid_social=2 * given.aid_social)
    again = flows(doubled, p, dearer, given, places)

    def same(block, names, times=1.0):
        for name in names:
            new, old = (getattr(getattr(f, block), name) for f in (again, plain))
            assert_allclose(new, times * old, rtol=1e-9, err_msg=name)

    for block in ("users", "andes", "labs", "deaths", "diplomacy"):
        same(block, [field.name for field in dataclasses.fields(getattr(plain, block))])
    same("farms", ("planted", "abandoned", "desired", "removed_manual", "lapsed"))
    same("trade", ("shipped", "share_us"))
    same("corridors", ("entering", "seized", "delivered", "assets_wanted"))
    same("regulation", ("share_wanted", "use", "area"))
    same("prices", ("farm", "export", "wholesale", "retail"), 2.0)
    same("money", ("spending", "farm_colombia"), 2.0)
    same("income", ("coca", "payments"), 2.0)


def test_everything_stays_a_number_at_the_ends_of_every_lever(bench):
    from caudal.evidence.registry import levers

    p = bench.drawn()
    moved = bench.shifted(p)
    state, _ = bench.history(p, moved)
    for end in (0, 1):
        far = bench.levers(bench.baseline.set(**{n: r.range[end] for n, r in levers().items()}))
        _, seen = bench.years(state, p, far, moved, 2026, 2050)
        assert [n for n, v in seen.items() if not np.isfinite(v).all()] == []
        below = {n for n, v in seen.items() if np.min(v) < 0}
        assert below <= {"rural_capital"}  # a departure from what is spent today


CORRIDORS = {
    "interdiction_pacific": ("pacific", ("caribbean", "venezuela", "overland")),
    "interdiction_caribbean": ("caribbean", ("pacific", "venezuela", "overland")),
    "interdiction_venezuela": ("venezuela", ("pacific", "caribbean", "overland")),
    "interdiction_ecuador": ("ecuador", ("brazil", "atlantic", "dispersed")),
    "interdiction_brazil": ("brazil", ("ecuador", "atlantic", "dispersed")),
    "interdiction_atlantic": ("atlantic", ("ecuador", "brazil", "dispersed")),
}


def test_hardening_a_corridor_moves_traffic_to_the_others(bench):
    p = bench.drawn()
    moved = bench.shifted(p)
    state, _ = bench.history(p, moved)
    base = bench.ahead(state, p, bench.levers(bench.baseline), moved)

    def shares(found, names):
        flow = np.stack([found[f"flow_{n}"] for n in names])
        return flow / flow.sum(axis=0)

    for lever, (hard, others) in CORRIDORS.items():
        found = bench.ahead(state, p, bench.levers(bench.baseline.set(**{lever: 1.0})), moved)
        before, after = (shares(f, (hard, *others))[:, :, -1] for f in (base, found))
        assert np.all(after[0] < before[0]), lever  # in every draw traffic leaves it
        assert np.all(after[1:, 0] > before[1:, 0]), lever  # at the fit each of the others takes some


@pytest.mark.slow
def test_the_same_levers_replay_the_past_as_it_was(bench):
    import jax.numpy as jnp

    from caudal.simulate.engine import replay

    p = bench.drawn()
    moved = bench.shifted(p)
    used = bench.levers(bench.baseline)
    start = bench.start(p, bench.places)
    _, seen = bench.history(p, moved)
    _, again = replay(start, p, (used, used), bench.forcing, moved, bench.places, 0, 25)
    for name, values in seen.items():
        assert_allclose(jnp.asarray(again[name])[:, :25], values[:, :25], rtol=1e-9, atol=1e-9, err_msg=name)

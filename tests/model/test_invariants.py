"""What must hold at every step, from any stocks, parameters and levers."""

from __future__ import annotations

import dataclasses

import numpy as np
from generated import starts
from hypothesis import given
from numpy.testing import assert_allclose

from caudal.core.clock import MONTHS, SUBSTEPS

DT = 1.0 / (MONTHS * SUBSTEPS)


def gone(walk, start, numbers):
    """Walk from a generated start; every stock must stay a number."""
    where = start(numbers)
    states, flows, seen, residual = walk(where.state, where.p, where.levers, where.given)
    for field in dataclasses.fields(states):
        assert np.isfinite(getattr(states, field.name)).all(), field.name
    return where, states, flows, seen, residual


def assert_within(values, low: float, high: float = np.inf) -> None:
    assert np.min(values) >= low
    assert np.max(values) <= high


@given(starts())
def test_every_kilogram_is_accounted_for(walk, start, numbers):
    _, states, flows, _, _ = gone(walk, start, numbers)
    trade, way = flows.trade, flows.corridors
    made = flows.labs.made.sum() + flows.andes.made.sum()
    seized = trade.seized_source.sum() + way.seized_transit.sum()
    out = flows.prices.use.sum() + seized + trade.spoiled.sum()
    stored = states.pipeline.sum(axis=1) + states.stock.sum(axis=1)
    passed = DT * made + stored[0]
    assert abs(DT * (made - out) - (stored[-1] - stored[0])) <= 1e-10 * passed
    assert_within(states.pipeline, 0.0)
    assert_within(states.stock, 0.0)
    # What is shipped is what leaves less what is seized; what is delivered, what is shipped less the same
    exported = trade.leaving.sum(axis=1) - trade.seized_source.sum(axis=1)
    assert_allclose(trade.shipped.sum(axis=1), exported, rtol=1e-12)
    assert_allclose(way.entering.sum(axis=-1), trade.shipped, rtol=1e-12)
    assert_allclose(way.delivered + way.seized_transit, trade.shipped, rtol=1e-12)


@given(starts())
def test_corridor_and_asset_shares_sum_to_one(walk, start, numbers):
    _, states, flows, seen, _ = gone(walk, start, numbers)
    way = flows.corridors
    for share in (way.share, way.loss, way.feared, way.assets_wanted, states.assets):
        assert_within(share, 0.0, 1.0)
    for share in (way.share, way.assets_wanted, states.assets):
        assert_allclose(share.sum(axis=-1), 1.0, rtol=1e-12)
    # Interdiction does not reach the backstops
    assert not np.any(way.seized[:, :, 3])
    corridors = (
        "pacific",
        "caribbean",
        "venezuela",
        "overland",
        "ecuador",
        "brazil",
        "atlantic",
        "dispersed",
    )
    assert_allclose(
        sum(seen[f"flow_{c}"] for c in corridors) * 1e3, flows.trade.shipped.sum(axis=1), rtol=1e-12
    )


@given(starts())
def test_every_person_is_accounted_for(walk, start, numbers):
    _, states, flows, _, _ = gone(walk, start, numbers)
    people = flows.users
    everyone = states.light + states.heavy + states.treated
    recovered = people.left_treatment - people.relapsed
    left = people.quit_light + people.left_heavy - people.returned_light + recovered
    assert_allclose(np.diff(everyone), DT * (people.initiated - left), atol=1e-12 * everyone.max())
    for stock in (states.light, states.heavy, states.treated, states.memory):
        assert_within(stock, 0.0)
    for field in dataclasses.fields(people):
        assert_within(getattr(people, field.name), 0.0)
    assert_within(people.left_heavy - people.returned_light, 0.0)
    assert_within(recovered, 0.0)


@given(starts())
def test_every_hectare_is_accounted_for(walk, start, numbers):
    where, states, flows, seen, _ = gone(walk, start, numbers)
    farms, p = flows.farms, where.p
    area = states.young + states.mature
    assert_within(states.young, 0.0)
    assert_within(states.mature, 0.0)
    assert_within(states.andes_area, 0.0)
    for name in ("planted", "abandoned", "aged", "matured"):
        assert_within(getattr(farms, name), 0.0)
    removals = (farms.removed_spraying, farms.removed_drone, farms.removed_manual, farms.removed_voluntary)
    done = flows.aid.done
    removed = sum(removals)
    change = DT * (farms.planted - farms.aged - farms.abandoned - removed)
    assert_allclose(np.diff(area, axis=0), change, rtol=0, atol=1e-6)
    assert_allclose(
        np.diff(area.sum(axis=1)), change.sum(axis=1), rtol=0, atol=1e-10 * area.sum(axis=1).max()
    )
    # No more is removed than stands, than the ceiling allows, or than was hit
    for flow in removals:
        assert_within(flow, 0.0)
    assert_within(area[:-1] + DT * (farms.planted - removed), 0.0)
    assert_within(farms.hazard, 0.0, p.removal_ceiling)
    assert_within(p.spray_kill * farms.reported_spraying - farms.removed_spraying, -1e-9)
    assert_within(p.manual_kill * farms.reported_manual - farms.removed_manual, -1e-9)
    # No hectare of a lever is spent twice
    assert_within(farms.reported_spraying.sum(axis=1), 0.0, done.aerial_spraying.max() * (1 + 1e-12))
    assert_within(farms.reported_manual.sum(axis=1), 0.0, done.manual_eradication.max() * (1 + 1e-12))
    # Departments add up
    assert_allclose(seen["coca_area"], area[1:].sum(axis=1), rtol=1e-12)
    assert_allclose(seen["coca_area_department"].sum(axis=1), seen["coca_area"], rtol=1e-12)
    assert_allclose(
        seen["eradication_removed_department"].sum(axis=1), seen["eradication_removed"], rtol=1e-12
    )


@given(starts())
def test_every_dollar_is_booked(walk, start, numbers):
    _, _, flows, seen, residual = gone(walk, start, numbers)
    money = flows.money
    assert_within(np.abs(residual) / money.spending.sum(axis=1), 0.0, 1e-8)
    # What users pay and growers are paid, from prices and quantities alone
    paid = (seen["us_retail_price"] * 1e3) * ((seen["us_consumption"] - seen["us_legal_use"]) * 1e3)
    assert_allclose(seen["us_spending"] * 1e9, paid, rtol=1e-12)
    assert_allclose(seen["farm_value"] * 1e6, seen["farm_price"] * flows.labs.made, rtol=1e-12)
    for margin in (money.dealing, money.traffic, money.origin, money.lost_transit, money.lost_source):
        assert_within(margin, 0.0)


@given(starts())
def test_prices_are_ordered_and_shares_are_shares(walk, start, numbers):
    _, states, flows, seen, _ = gone(walk, start, numbers)
    price, trade = flows.prices, flows.trade
    assert np.all(price.farm > 0.0)
    assert np.all(price.farm < price.export)
    assert np.all(price.export[:, None] < price.wholesale)
    assert np.all(price.wholesale < price.retail)
    for share in (
        trade.share_us,
        flows.labs.bought,
        states.trust,
        states.caution,
        states.cooperation,
        states.legal_share,
        flows.diplomacy.aid_kept,
    ):
        assert_within(share, 0.0, 1.0)
    assert_within(seen["colombia_share"], 0.0, 100.0)
    bound = trade.shipped / trade.shipped.sum(axis=1, keepdims=True)
    assert_within(bound, 0.0, 1.0)
    assert_allclose(bound.sum(axis=1), 1.0, rtol=1e-12)
    # Made is at most potential; deaths are no negative number
    assert_within(flows.labs.potential.sum(axis=1) - flows.labs.made, 0.0)
    assert_within(flows.andes.production - flows.andes.made, 0.0)
    assert_within(flows.deaths.without_synthetic, 0.0)
    assert_within(flows.deaths.with_synthetic, 0.0)

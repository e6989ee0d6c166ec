"""One step of the system, and the only place where stocks change.

Order of a step:

1. diplomacy   cooperation, and the eradication that is accepted
2. aid         the levers as they are carried out
3. users       what people would take at the reference price
4. prices      retail clears, and passes back to the farm
5. farms       planting, eradication, substitution, by department
6. livelihoods roads, titles and state presence under construction and in use
7. andes       the growers of Peru and Bolivia
8. labs        from leaf to hydrochloride
9. regulation  the licensed supply beside the illicit one
10. trade      pipeline, seizures at home, destinations
11. corridors  traffic, interdiction and learning on the way
12. deaths     two hazards
13. money      every dollar booked
14. income     what growers earn
15. conflict   homicides, displacement and other harms of violence
16. forest     forest cleared
17. stocks     change, all at once

Blocks 15 and 16 read the others and nothing reads them: harms do not feed back.

The step is a midpoint rule (second order): flows are evaluated at the start, again half a
step later, and the stocks move with the second. The flows reported are those that moved the
stocks, so every balance closes to rounding.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp

from caudal.model.blocks import (
    aid,
    andes,
    conflict,
    corridors,
    deaths,
    diplomacy,
    farms,
    forest,
    income,
    labs,
    livelihoods,
    money,
    prices,
    regulation,
    trade,
    users,
)
from caudal.model.netback import reference, usual_shares
from caudal.model.params import Params
from caudal.model.pytree import pytree
from caudal.model.state import CorridorFlows, Forcing, Levers, Places, Prices, S, State, TradeFlows, Two

YOUNG_AT_START = 0.12
"""Share of the coca of 31 December 1999 too young to harvest (judgement; forgotten in about a year)."""


@pytree
class Flows:
    """Everything that happens in a step, block by block."""

    diplomacy: diplomacy.DiplomacyFlows
    aid: aid.AidFlows
    users: users.UserFlows
    prices: Prices
    farms: farms.FarmFlows
    livelihoods: livelihoods.LivelihoodFlows
    andes: andes.AndesFlows
    labs: labs.LabFlows
    regulation: regulation.RegulationFlows
    trade: TradeFlows
    corridors: CorridorFlows
    deaths: deaths.DeathFlows
    money: money.MoneyFlows
    income: income.IncomeFlows
    conflict: conflict.ConflictFlows
    forest: forest.ForestFlows


def flows(state: State, p: Params, levers: Levers, given: Forcing, places: Places) -> Flows:
    """Return what happens at a state."""
    agreed = diplomacy.flows(state, p, levers)
    support = aid.flows(state, p, levers, given, agreed.aid_kept, agreed.beyond_plan)
    done = support.done
    people = users.flows(state, p, done, given)
    light, heavy, elasticity = users.demand(state, p)
    price = prices.flows(state, p, given, light + heavy, elasticity)
    farm = farms.flows(state, p, done, given, places)
    andean = andes.flows(state, p, given, labs.bought(p, price.export))
    lab = labs.flows(state, p, done, given, price.export, places.mask)
    licensed = regulation.flows(state, p, done, light + heavy, elasticity, price.retail[0], lab.technical)
    traffic = trade.flows(state, p, done, given)
    way = corridors.flows(state, p, done, given, traffic.shipped, price.wholesale)
    ledger = money.flows(lab.made, andean.made, traffic, way, price)
    exposed = (
        p.people_per_hectare_sprayed * farm.reported_spraying
        + p.people_per_hectare_drone * farm.reported_drone
    )
    return Flows(
        diplomacy=agreed,
        aid=support,
        users=people,
        prices=price,
        farms=farm,
        livelihoods=livelihoods.flows(state, p, done, places),
        andes=andean,
        labs=lab,
        regulation=licensed,
        trade=traffic,
        corridors=way,
        deaths=deaths.flows(state, p, done, given, price, licensed.intensity),
        money=ledger,
        income=income.flows(state, p, done, ledger.farm_colombia, lab.potential, farm.enrolled, places.mask),
        conflict=conflict.flows(
            state,
            p,
            given,
            lab.potential,
            farm.removed_by_force,
            exposed,
            support.ratio,
            price.wholesale,
            traffic.shipped,
        ),
        forest=forest.flows(p, farm.planted, farm.removed_by_force, farm.abandoned),
    )


def change(state: State, f: Flows, p: Params, levers: Levers, given: Forcing) -> State:
    """Return the rate of change of every stock, per year."""
    farm, people = f.farms, f.users
    removal = farm.hazard + farm.abandoned / (state.young + state.mature + 1e-6)
    made = jnp.stack([f.labs.made, jnp.sum(f.andes.made)])
    paid = (1.0 - state.legal_share) * f.prices.ratio[0] + state.legal_share * f.regulation.ratio
    return State(
        young=farm.planted - farm.matured - removal * state.young,
        mature=farm.matured - farm.aged - removal * state.mature,
        level=given.track * farms.learned(p, given, farm.level_wanted - state.level)
        + (1.0 - given.track) * p.level_reversion * (state.usual_level - state.level),
        usual_level=given.track * (state.level - state.usual_level) / p.usual_memory,
        exodus=(given.track * farm.exodus_wanted - state.exodus) / farms.EXODUS_TIME,
        risk=p.risk_learning * (farm.forced - state.risk),
        usual_risk=given.track * (state.risk - state.usual_risk) / p.level_memory,
        works=f.livelihoods.begun - f.livelihoods.finished,
        roads=f.livelihoods.roads,
        titles=f.livelihoods.titles,
        presence=f.livelihoods.presence,
        agreed=farm.removed_voluntary - farm.lapsed,
        benefit=(farm.benefit_target - state.benefit) / p.benefit_memory,
        trust=f.farms.seen * (levers.payment_reliability - state.trust) / p.trust_memory,
        expected_price=(jnp.log(f.prices.farm * f.labs.bought) - state.expected_price) / p.price_expectation,
        andes_area=f.andes.change,
        andes_level=given.track * (f.andes.level_wanted - state.andes_level) / p.level_memory,
        pipeline=made - f.trade.leaving - f.trade.spoiled,
        stock=f.corridors.delivered - f.prices.use,
        netback=(f.corridors.netback - state.netback) / p.netback_smoothing,
        caution=p.caution_learning * (f.corridors.feared - state.caution),
        assets=p.asset_adaptation * (f.corridors.assets_wanted - state.assets),
        light=people.initiated - people.quit_light - people.escalated + people.returned_light,
        heavy=people.escalated - people.left_heavy - people.enrolled + people.relapsed,
        treated=people.enrolled - people.left_treatment,
        memory=state.heavy - p.forgetting * state.memory,
        price_memory=(paid - state.price_memory) / p.price_averaging,
        calm=given.track * (f.conflict.calm_wanted - state.calm) / p.calm_memory,
        cleared=f.forest.direct + f.forest.displaced + f.forest.pasture,
        cooperation=(f.diplomacy.cooperation_wanted - state.cooperation) / p.cooperation_adjustment,
        legal_share=(f.regulation.share_wanted - state.legal_share) / p.legal_adaptation,
    )


def moved(state: State, rate: State, dt: float) -> State:
    """Return the stocks after ``dt`` years at a rate."""
    return jax.tree.map(lambda stock, r: stock + dt * r, state, rate)


def halfway(state: State, rate: State, dt: float) -> State:
    """Return the stocks half a step later; the stocks of harms, which feed nothing back, wait.

    So the harms of the start are asked for by nobody, and the compiler leaves them out.
    """
    return dataclasses.replace(moved(state, rate, 0.5 * dt), calm=state.calm, cleared=state.cleared)


def step(
    state: State, p: Params, levers: Levers, given: Forcing, places: Places, dt: float
) -> tuple[State, Flows]:
    """Advance the system by ``dt`` years; return the new stocks and the flows that moved them."""
    first = flows(state, p, levers, given, places)
    middle = halfway(state, change(state, first, p, levers, given), dt)
    second = flows(middle, p, levers, given, places)
    return moved(state, change(middle, second, p, levers, given), dt), second


def following(other: State, state: State, happened: Flows) -> State:
    """Return ``other`` with the stocks that were inferred from the record on the way of ``state``."""
    return dataclasses.replace(
        other,
        level=happened.farms.level_held,
        usual_level=state.usual_level,
        exodus=state.exodus,
        usual_risk=state.usual_risk,
        andes_level=happened.andes.level_held,
        calm=state.calm,
    )


def price_taking(
    other: State, p: Params, given: Forcing, state: State, happened: Flows, retail: Two
) -> State:
    """Return ``other`` with the stocks at which it faces the prices of ``state``.

    The stock in consumer countries is what clears the market at those prices, so that any quantity
    may be had at them; net values and the pipeline, from which prices pass back to the farm, are
    those of ``state``. ``retail`` moves retail prices by market, in log points.
    """
    light, heavy, elasticity = users.demand(other, p)
    demand = prices.flows(other, p, given, light + heavy, elasticity).demand
    ratio = prices.WIDEST * jnp.arctanh((happened.prices.ratio + retail) / prices.WIDEST)
    use = demand * jnp.exp(jnp.stack([elasticity, p.world_elasticity]) * ratio)
    return dataclasses.replace(
        other, stock=p.turnover_time * use, pipeline=state.pipeline, netback=state.netback
    )


def twin_step(
    pair: tuple[State, State],
    p: tuple[Params, Params],
    levers: tuple[Levers, Levers],
    given: Forcing,
    places: Places,
    dt: float,
    held: tuple[S, Two] | None = None,
) -> tuple[tuple[State, State], Flows]:
    """Advance what happened, and what would have happened under other levers or parameters.

    The first of the pair follows the record; the second takes over the levels, land left in
    haste, background homicides and yield pressure that the first infers at every stage. Where
    ``held`` is given, its first number is 1 if the second also takes the prices of the first as
    given (``price_taking``) and its second moves the retail prices. In all else the second is free.
    With the same levers and parameters both are the same. The flows returned are those of the second.
    """
    state, other = pair
    free = dataclasses.replace(given, track=jnp.zeros_like(given.track))

    def beside(other: State, state: State, happened: Flows) -> State:
        other = following(other, state, happened)
        if held is None:
            return other
        taking = price_taking(other, p[1], given, state, happened, held[1])
        return jax.tree.map(lambda taken, own: jnp.where(held[0] > 0.0, taken, own), taking, other)

    first = flows(state, p[0], levers[0], given, places)
    other = beside(other, state, first)
    first_other = flows(other, p[1], levers[1], free, places)
    middle = halfway(state, change(state, first, p[0], levers[0], given), dt)
    middle_other = halfway(other, change(other, first_other, p[1], levers[1], free), dt)
    second = flows(middle, p[0], levers[0], given, places)
    middle_other = beside(middle_other, middle, second)
    second_other = flows(middle_other, p[1], levers[1], free, places)
    state = moved(state, change(middle, second, p[0], levers[0], given), dt)
    other = moved(other, change(middle_other, second_other, p[1], levers[1], free), dt)
    return (state, other), second_other


def initial(p: Params, places: Places) -> State:
    """Return the stocks of 31 December 1999, at rest where the record says nothing."""
    treated = (1.0 - p.treatment_abstinence) * p.treated_start
    demand = (p.use_light * p.light_start + p.use_heavy * (p.heavy_start + treated)) / 1000.0
    zero = jnp.zeros_like(places.start)
    ceiling = p.land_multiple * places.peak + farms.SEED
    share = jnp.clip(places.start / ceiling, 1e-4, 0.95)
    level = jnp.log(share) - jnp.log1p(-share)
    flow = p.flow_reference * 1000.0
    origin = jnp.stack([p.pipeline_share_colombia, 1.0 - p.pipeline_share_colombia])
    caution = jnp.stack([p.caution_start_us, p.caution_start_world])
    usual = usual_shares(p)
    return State(
        young=YOUNG_AT_START * places.start,
        mature=(1.0 - YOUNG_AT_START) * places.start,
        level=level,
        usual_level=level,
        exodus=zero,
        risk=zero + p.risk_start,
        usual_risk=zero + p.risk_start,
        works=jnp.zeros(3),
        roads=zero,
        titles=zero,
        presence=zero,
        agreed=zero,
        benefit=jnp.zeros(()),
        trust=p.trust_start,
        expected_price=jnp.log(p.farm_share * p.export_price * labs.bought(p, p.export_price)),
        andes_area=places.andes_start,
        andes_level=jnp.log(places.andes_start),
        pipeline=p.pipeline_time * flow * origin,
        stock=p.turnover_time * jnp.stack([demand, p.world_demand_2000]),
        netback=reference(p),
        caution=jnp.broadcast_to(caution[:, None], (2, 4)),
        assets=usual[:, :3] / (1.0 - usual[:, 3:]),
        light=p.light_start,
        heavy=p.heavy_start,
        treated=p.treated_start,
        memory=p.heavy_start / p.forgetting,
        price_memory=jnp.zeros(()),
        calm=jnp.log(places.homicides_start),
        cleared=zero,
        cooperation=jnp.ones(()),
        legal_share=jnp.zeros(()),
    )

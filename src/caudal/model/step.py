"""One step of the system, and the only place where stocks change.

Order of a step:

1. users      what people would take at the reference price
2. prices     retail clears, and passes back to the farm
3. farms      planting, eradication, substitution, by department
4. andes      the growers of Peru and Bolivia
5. labs       from leaf to hydrochloride
6. trade      pipeline, destinations, seizures, learning
7. deaths     two hazards
8. money      every dollar booked
9. income     what growers earn
10. conflict  homicides, displacement and other harms of violence
11. forest    forest cleared
12. stocks    change, all at once

Blocks 10 and 11 read the others and nothing reads them: harms do not feed back.

The step is a midpoint rule (second order): flows are evaluated at the start, again half a
step later, and the stocks move with the second. The flows reported are those that moved the
stocks, so every balance closes to rounding.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from caudal.model.blocks import (
    andes,
    conflict,
    deaths,
    farms,
    forest,
    income,
    labs,
    money,
    prices,
    trade,
    users,
)
from caudal.model.netback import log_netback
from caudal.model.params import Params
from caudal.model.pytree import pytree
from caudal.model.state import Forcing, Levers, Places, Prices, State, TradeFlows

YOUNG_AT_START = 0.12
"""Share of the coca of 31 December 1999 too young to harvest (judgement; forgotten in about a year)."""


@pytree
class Flows:
    """Everything that happens in a step, block by block."""

    users: users.UserFlows
    prices: Prices
    farms: farms.FarmFlows
    andes: andes.AndesFlows
    labs: labs.LabFlows
    trade: TradeFlows
    deaths: deaths.DeathFlows
    money: money.MoneyFlows
    income: income.IncomeFlows
    conflict: conflict.ConflictFlows
    forest: forest.ForestFlows


def flows(state: State, p: Params, levers: Levers, given: Forcing, places: Places) -> Flows:
    """Return what happens at a state."""
    people = users.flows(state, p, levers, given)
    light, heavy, elasticity = users.demand(state, p)
    price = prices.flows(state, p, given, light + heavy, elasticity)
    farm = farms.flows(state, p, levers, given, places)
    andean = andes.flows(state, p, given, labs.bought(p, price.export))
    lab = labs.flows(state, p, levers, given, price.export, places.mask)
    traffic = trade.flows(state, p, levers, given, price.wholesale)
    ledger = money.flows(lab.made, andean.made, traffic, price)
    forced = farm.removed_spraying + farm.removed_manual
    return Flows(
        users=people,
        prices=price,
        farms=farm,
        andes=andean,
        labs=lab,
        trade=traffic,
        deaths=deaths.flows(state, p, levers, given, price),
        money=ledger,
        income=income.flows(state, p, levers, ledger.farm_colombia, places.mask),
        conflict=conflict.flows(
            state, p, given, lab.potential, forced, farm.reported_spraying, price.wholesale, traffic.shipped
        ),
        forest=forest.flows(p, farm.planted, forced, farm.abandoned),
    )


def change(state: State, f: Flows, p: Params, levers: Levers, given: Forcing) -> State:
    """Return the rate of change of every stock, per year."""
    farm, people = f.farms, f.users
    removal = farm.hazard + farm.abandoned / (state.young + state.mature + 1e-6)
    made = jnp.stack([f.labs.made, jnp.sum(f.andes.made)])
    return State(
        young=farm.planted - farm.matured - removal * state.young,
        mature=farm.matured - farm.aged - removal * state.mature,
        level=given.track * (farm.level_wanted - state.level) / p.level_memory,
        risk=p.risk_learning * (farm.forced - state.risk),
        usual_risk=given.track * (state.risk - state.usual_risk) / p.level_memory,
        capital=farm.capital_built,
        agreed=farm.removed_voluntary - farm.lapsed,
        benefit=(farm.benefit_target - state.benefit) / p.benefit_memory,
        trust=f.farms.seen * (levers.payment_reliability - state.trust) / p.trust_memory,
        expected_price=(jnp.log(f.prices.farm * f.labs.bought) - state.expected_price) / p.price_expectation,
        andes_area=f.andes.change,
        andes_level=given.track * (f.andes.level_wanted - state.andes_level) / p.level_memory,
        pipeline=made - f.trade.leaving - f.trade.spoiled,
        stock=f.trade.delivered - f.prices.use,
        netback=(f.trade.netback - state.netback) / p.netback_smoothing,
        caution=p.caution_learning * (f.trade.loss - state.caution),
        light=people.initiated - people.quit_light - people.escalated + people.returned_light,
        heavy=people.escalated - people.left_heavy - people.enrolled + people.relapsed,
        treated=people.enrolled - people.left_treatment,
        memory=state.heavy - p.forgetting * state.memory,
        price_memory=(f.prices.ratio[0] - state.price_memory) / p.price_averaging,
        calm=given.track * (f.conflict.calm_wanted - state.calm) / p.calm_memory,
        cleared=f.forest.direct + f.forest.displaced + f.forest.pasture,
    )


def moved(state: State, rate: State, dt: float) -> State:
    """Return the stocks after ``dt`` years at a rate."""
    return jax.tree.map(lambda stock, r: stock + dt * r, state, rate)


def step(
    state: State, p: Params, levers: Levers, given: Forcing, places: Places, dt: float
) -> tuple[State, Flows]:
    """Advance the system by ``dt`` years; return the new stocks and the flows that moved them."""
    first = flows(state, p, levers, given, places)
    middle = moved(state, change(state, first, p, levers, given), 0.5 * dt)
    second = flows(middle, p, levers, given, places)
    return moved(state, change(middle, second, p, levers, given), dt), second


def initial(p: Params, places: Places) -> State:
    """Return the stocks of 31 December 1999, at rest where the record says nothing."""
    treated = (1.0 - p.treatment_abstinence) * p.treated_start
    demand = (p.use_light * p.light_start + p.use_heavy * (p.heavy_start + treated)) / 1000.0
    zero = jnp.zeros_like(places.start)
    ceiling = p.land_multiple * places.peak + farms.SEED
    share = jnp.clip(places.start / ceiling, 1e-4, 0.95)
    flow = p.flow_reference * 1000.0
    origin = jnp.stack([p.pipeline_share_colombia, 1.0 - p.pipeline_share_colombia])
    wholesale = jnp.stack([p.wholesale_price_us, p.wholesale_price_world])
    caution = jnp.stack([p.caution_start_us, p.caution_start_world])
    return State(
        young=YOUNG_AT_START * places.start,
        mature=(1.0 - YOUNG_AT_START) * places.start,
        level=jnp.log(share) - jnp.log1p(-share),
        risk=zero + p.risk_start,
        usual_risk=zero + p.risk_start,
        capital=zero,
        agreed=zero,
        benefit=jnp.zeros(()),
        trust=p.trust_start,
        expected_price=jnp.log(p.farm_share * p.export_price * labs.bought(p, p.export_price)),
        andes_area=places.andes_start,
        andes_level=jnp.log(places.andes_start),
        pipeline=p.pipeline_time * flow * origin,
        stock=p.turnover_time * jnp.stack([demand, p.world_demand_2000]),
        netback=log_netback(p, wholesale, caution),
        caution=caution,
        light=p.light_start,
        heavy=p.heavy_start,
        treated=p.treated_start,
        memory=p.heavy_start / p.forgetting,
        price_memory=jnp.zeros(()),
        calm=jnp.log(places.homicides_start),
        cleared=zero,
    )

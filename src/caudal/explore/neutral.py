"""What each block does: set to its neutral form (its mechanism switched off) from 2026 on."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np

from caudal.core.clock import FIRST_DECISION, START
from caudal.explore.bench import LAST, Bench, Outcomes, joined
from caudal.explore.change import Row, compared
from caudal.model import step
from caudal.model.params import Params
from caudal.model.state import Levers, State
from caudal.simulate.engine import Shifts, trajectory

FROZEN = 1e-9
"""A speed that stands for none, where zero would divide."""

NEUTRAL: dict[str, tuple[str, dict[str, float]]] = {
    "farms": (
        "area frozen: nothing is planted, abandoned, lost to age or removed",
        {
            "choice_slope": 0.0,
            "announcement_effect": 0.0,
            "agreement_additionality": 0.0,
            "planting_speed": FROZEN,
            "abandonment_speed": FROZEN,
            "ageing": 0.0,
            "spray_kill": 0.0,
            "drone_kill": 0.0,
            "manual_kill": 0.0,
            "voluntary_kill": 0.0,
        },
    ),
    "livelihoods": (
        "rural capital changes neither what licit work yields nor what is contested",
        {"road_return": 0.0, "title_return": 0.0, "presence_return": 0.0, "presence_calm": 0.0},
    ),
    "andes": (
        "growers in Peru and Bolivia do not respond to the price",
        {"peru_elasticity": 0.0, "bolivia_elasticity": 0.0},
    ),
    "labs": (
        "all leaf finds a buyer; no loss from laboratories destroyed or from eradication pressure",
        {"yield_pressure": 0.0, "laboratory_loss": 0.0, "processing_cost": 1e-6},
    ),
    "trade": (
        "destinations do not respond to net value; nothing is seized in the Andes or spoiled",
        {
            "destination_slope": 0.0,
            "seizure_scale_source": 0.0,
            "andes_seizure_share": 0.0,
            "spoilage": 0.0,
        },
    ),
    "corridors": (
        "traffic and assets keep their shares; nothing is seized or sunk on the way",
        {
            "corridor_slope": 0.0,
            "asset_response": 0.0,
            "seizure_scale_us": 0.0,
            "seizure_scale_world": 0.0,
            "force_load": 0.0,
            "deaths_per_strike": 0.0,
        },
    ),
    "diplomacy": (
        "cooperation responds to no posture, certification or tariff; nothing beyond the plan is accepted",
        {
            "cooperation_us_posture": 0.0,
            "cooperation_colombia_posture": 0.0,
            "cooperation_certification": 0.0,
            "cooperation_tariff": 0.0,
            "acceptance_cooperation": 0.0,
            "acceptance_pressure": 0.0,
            "aid_certification_loss": 0.0,
        },
    ),
    "aid": (
        "US aid pays for no instrument, and cooperation for no interdiction",
        {
            "aid_share_spraying": 0.0,
            "aid_share_manual": 0.0,
            "aid_share_laboratories": 0.0,
            "aid_share_interdiction": 0.0,
            "joint_effect": 0.0,
            "intelligence_effect": 0.0,
            "social_aid_in_coca_areas": 0.0,
        },
    ),
    "regulation": (
        "nobody buys a licensed supply where it is open",
        {"legal_advantage": -1e9},
    ),
    "prices": (
        "prices stay at those of 2000: use takes any quantity, and nothing is passed back",
        {
            "elasticity_light": -1e9,
            "elasticity_heavy": -1e9,
            "world_elasticity": -1e9,
            "legal_satiation": 1e-12,
            "pass_back": 0.0,
            "derived_demand": 1e9,
        },
    ),
    "users": (
        "people do not respond to the price; nobody is treated",
        {
            "elasticity_initiation": 0.0,
            "elasticity_escalation": 0.0,
            "elasticity_exit": 0.0,
            "treatment_seeking": 0.0,
        },
    ),
    "deaths": (
        "deaths follow people alone: no synthetic opioids, no drift, no response to tonnes per person",
        {"fentanyl_hazard": 0.0, "death_drift": 0.0, "death_intensity": 0.0},
    ),
    "income": (
        "growers keep nothing, and no household holds coca",
        {"grower_cost_share": 1.0, "hectares_per_household": 1e12, "local_multiplier": 0.0},
    ),
    "conflict": (
        "coca, eradication, spraying, agreements and the exit of FARC harm nobody",
        {
            "homicide_value_response": 0.0,
            "homicide_eradication_response": 0.0,
            "homicide_vacuum_response": 0.0,
            "homicide_aid_response": 0.0,
            "presence_calm": 0.0,
            "displacement_response": 0.0,
            "people_per_hectare_sprayed": 0.0,
            "people_per_hectare_drone": 0.0,
            "leaders_agreement_response": 0.0,
            "transit_response": 0.0,
        },
    ),
    "forest": (
        "coca clears no forest",
        {"forest_planting": 0.0, "forest_displacement": 0.0, "forest_pasture": 0.0},
    ),
}
"""Blocks whose mechanism can be switched off by parameter values."""

MONEY = "accounting only: nothing is booked"
COST = "accounting only: units of a lever cost nothing (payments of substitution remain)"


def no_money(made, andes, trade, corridors, prices):
    """Return a ledger in which nothing is booked."""
    zero, pair = jnp.zeros(()), jnp.zeros(2)
    return step.money.MoneyFlows(
        spending=pair,
        dealing=pair,
        consumer_stock=pair,
        traffic=pair,
        lost_transit=pair,
        origin=zero,
        farm_colombia=zero,
        farm_andes=zero,
        pipeline_stock=zero,
        lost_source=zero,
    )


def without(
    bench: Bench, block: str, flows: Callable, state: State, p: Params, used: Levers, moved: Shifts
) -> Outcomes:
    """Return the outcomes of the first member from 2026 on with the flows of a block replaced."""

    def alone(tree):
        return jax.tree.map(lambda x: x[0], tree)

    def later(tree):
        return jax.tree.map(lambda x: x[FIRST_DECISION - START : LAST + 1 - START], tree)

    kept = getattr(step, block)
    setattr(step, block, SimpleNamespace(**{**vars(kept), "flows": flows}))
    try:
        replaced = jax.jit(lambda *given: trajectory(*given, bench.places)[1])
        seen = replaced(alone(state), alone(p), later(used), later(bench.forcing), later(alone(moved)))
    finally:
        setattr(step, block, kept)
    return {n: np.asarray(v)[None] for n, v in seen.items()}


def block_table(bench: Bench) -> list[Row]:
    """Return what each block changes when it is set to its neutral form from 2026 on."""
    policy = bench.active()
    ahead, moved = bench.levers(policy), bench.still()
    state, seen = bench.history(bench.params(), moved)
    names = list(NEUTRAL)
    p = bench.params([NEUTRAL[n][1] for n in names])
    found = joined(seen, bench.ahead(state, p, ahead, moved))
    found |= bench.cost(policy, found)
    base = len(names)  # a member that nothing was done to
    rows = [
        Row(name, name, NEUTRAL[name][0], compared(found, found, i, base)) for i, name in enumerate(names)
    ]
    silent = without(bench, "money", no_money, state, bench.params(), ahead, moved)
    silent = {n: np.concatenate([seen[n][:1], v], axis=1) for n, v in silent.items()}
    kept = {n: v for n, v in found.items() if n in silent}
    rows.append(Row("money", "money", MONEY, compared(silent, kept, 0, base)))
    free = found | bench.cost(policy, found, unit=0.0)
    rows.append(Row("cost", "cost", COST, compared(free, found, base, base)))
    return rows

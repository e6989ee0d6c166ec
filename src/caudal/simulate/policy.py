"""From a scenario's yearly paths to the lever arrays of the model, and what they cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from caudal.core.clock import FIRST_DECISION, START
from caudal.evidence.inputs import Inputs
from caudal.evidence.registry import levers
from caudal.model.priors import NORMAL_90, normals
from caudal.model.state import Levers, Placement
from caudal.simulate.scenario import PLACED, Scenario

PAYERS = {"colombia": "public_cost_colombia", "united_states": "public_cost_us", "other": "public_cost_other"}


def lever_arrays(chosen: Scenario, given: Inputs, first: int, last: int, padding: int = 0) -> Levers:
    """Return the lever paths of the years ``first``..``last`` with a leading year axis."""
    span = slice(first - START, last - START + 1)
    paths = chosen.paths(given, last)
    regions = given.area.shape[1]
    recorded = {"place_spraying": given.spraying_share, "place_manual": given.manual_share}
    fields: dict[str, Any] = {name: paths[name][span] for name in paths}
    for name, field in PLACED.items():
        fixed = np.zeros((last - START + 1, regions))
        share = recorded.get(field)
        if share is not None:
            known = min(len(share), FIRST_DECISION - START, len(fixed))
            fixed[:known] = share[:known]
        widths = ((0, 0), (0, padding))
        fields[field] = Placement(
            fixed=np.pad(fixed, widths)[span], allowed=np.pad(chosen.allowed(name, given, last), widths)[span]
        )
    return Levers(**fields)


def unit_costs(seed: int, members) -> dict[str, np.ndarray]:
    """Return the unit cost of each lever for each member, in 2020 USD per unit.

    Lognormal on each side of the central value, so that a skewed range keeps both its ends;
    keyed by (seed, member, lever), so the same across scenarios.
    """
    drawn = normals(seed, members, [f"cost of {name}" for name in levers()])
    found = {}
    for (name, record), z in zip(levers().items(), drawn.T, strict=True):
        cost = record.cost
        if cost.value == 0.0 or cost.low == cost.high:
            found[name] = np.full(len(z), cost.value)
            continue
        side = np.where(z < 0, np.log(cost.value / cost.low), np.log(cost.high / cost.value))
        found[name] = cost.value * np.exp(side * z / NORMAL_90)
    return found


DONE = {
    "aerial_spraying": "sprayed_by_aircraft",
    "drone_spraying": "sprayed_by_drone",
    "manual_eradication": "uprooted_by_hand",
    "laboratory_destruction": "laboratories_destroyed",
    "interdiction_colombia": "interdiction_effort_colombia",
    "treatment_admissions": "us_treatment_entries",
}
"""Levers that are paid for by what was carried out, and the outcome that says how much it was:
an empty slot of treatment, or a hectare that lost its aid, costs nothing."""

AID = ("us_aid_military", "us_aid_social")


def public_cost(
    paths: dict[str, np.ndarray], unit: dict[str, np.ndarray], found: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return public cost by payer, (member, year) in million 2020 USD a year.

    Args:
        paths: lever values by year.
        unit: unit costs by member.
        found: outcomes by (member, year); what is not among them is paid for as decided.
    """
    members = len(next(iter(unit.values())))
    total = {payer: np.zeros((members, len(next(iter(paths.values()))))) for payer in PAYERS}
    for name, record in levers().items():
        used = found.get(DONE.get(name, ""), paths[name][None, :])
        if name in AID and "us_aid" in found:
            promised = sum(paths[n] for n in AID)
            used = 1e6 * found["us_aid"] * paths[name] / np.maximum(promised, 1.0)
        spent = unit[name][:, None] * used
        if name == "substitution_enrolment":
            promised = paths["substitution_payment"] * paths["payment_reliability"]
            spent = spent + (paths[name] * promised)[None, :]
        for payer, share in record.cost.payer.items():
            total[payer] = total[payer] + share * spent / 1e6
    return {PAYERS[payer]: values for payer, values in total.items()}

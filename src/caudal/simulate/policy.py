"""From a scenario's yearly paths to the lever arrays of the model, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
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

AIDED = (
    "aerial_spraying",
    "drone_spraying",
    "manual_eradication",
    "laboratory_destruction",
    "interdiction_colombia",
)
"""Colombia's instruments that US military aid helps to pay for."""


def public_cost(
    paths: dict[str, np.ndarray],
    unit: dict[str, np.ndarray],
    found: dict[str, np.ndarray],
    usual: dict[str, np.ndarray],
) -> dict[str, np.ndarray]:
    """Return public cost by payer, (member, year) in million 2020 USD a year: the sum of ``spending``."""
    members = len(next(iter(unit.values())))
    total = {payer: np.zeros((members, len(next(iter(paths.values()))))) for payer in PAYERS}
    for _, parts in spending(paths, unit, found, usual):
        for payer, part in parts.items():
            total[payer] = total[payer] + part
    return {PAYERS[payer]: values for payer, values in total.items()}


def spending(
    paths: dict[str, np.ndarray],
    unit: dict[str, np.ndarray],
    found: dict[str, np.ndarray],
    usual: dict[str, np.ndarray],
) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Yield each lever with what each payer spends on it, (member, year) in million 2020 USD a year.

    Payers share what each lever costs as decided. Military aid pays for the US share in
    Colombia's instruments, so its own cost is the rest of it. Where aid departs from its usual
    level the United States pays the difference dollar for dollar, and Colombia pays what is
    carried out less the part that aid then finances.

    Args:
        paths: lever values by year.
        unit: unit costs by member.
        found: outcomes by (member, year); what is not among them is paid for as decided.
        usual: lever values of the record and then of the baseline: the aid that others are
            measured against.
    """
    military = found.get("us_aid_for_security", paths["us_aid_military"][None, :] / 1e6)
    social = found.get("us_aid_for_development", paths["us_aid_social"][None, :] / 1e6)
    recorded = usual["us_aid_military"][None, :] / 1e6
    ratio = military / np.maximum(recorded, 1e-6)
    for name, record in levers().items():
        decided = paths[name][None, :]
        spent = unit[name][:, None] * decided / 1e6
        if name == "us_aid_social":
            spent = unit[name][:, None] * social
        if name == "us_aid_military":
            spent = unit[name][:, None] * recorded + (military - recorded)
        if name == "substitution_enrolment":
            promised = paths["substitution_payment"] * paths["payment_reliability"]
            spent = spent + decided * promised / 1e6
        done = unit[name][:, None] * found[DONE[name]] / 1e6 if DONE.get(name) in found else spent
        shares = record.cost.payer
        if name in AIDED:
            theirs = shares.get("united_states", 0.0)
            own = np.maximum(done - theirs * ratio * spent, 0.0)
            yield name, {"colombia": own, "united_states": theirs * spent}
        else:
            yield name, {payer: share * done for payer, share in shares.items()}

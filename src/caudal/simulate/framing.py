"""The comparison repeated at equal public cost and with intensities swapped.

So that no side wins by being given more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from caudal.core.clock import FIRST_DECISION, START
from caudal.evidence.registry import levers
from caudal.simulate.scenario import Scenario

if TYPE_CHECKING:
    from caudal.simulate.run import Ensemble

MISSED = 0.01
"""A package whose rules alone miss the common cost by more than this is not shown at equal cost."""


def frame(
    names: list[str], chosen: list[Scenario], ensemble: Ensemble
) -> Iterator[tuple[str, Scenario, dict[str, Any]]]:
    """Yield (label, scenario, note) for the comparison at equal cost and with swapped intensity.

    Equal cost scales each package's departures from the baseline until the median over members
    of its extra public cost is that of the cheapest package. Intensity is the mean, over the
    levers a package raises, of their use over their historical maximum; swapping gives each
    package the next one's intensity. Rules, which cost nothing by themselves, are never scaled.
    """
    rivals = [
        (n, s) for n, s in zip(names, chosen, strict=True) if s.document.baseline == "baseline" or s.changes
    ]
    costs = {n: extra_cost(s, ensemble) for n, s in rivals}
    rivals = [(n, s) for n, s in rivals if np.median(costs[n]) > 0]
    if len(rivals) < 2:
        return
    least = min(float(np.median(costs[n])) for n, _ in rivals)
    for name, one in rivals:
        factor = equal_factor(one, least, ensemble)
        variant = one.scaled(factor)
        extra = extra_cost(variant, ensemble)
        if abs(np.median(extra) - least) > MISSED * least:
            continue
        about = {
            "factor": factor,
            "extra_cost_million_usd": float(np.median(extra)),
            "extra_cost_mean_million_usd": float(np.mean(extra)),
            "own_extra_cost_million_usd": float(np.median(costs[name])),
            "own_extra_cost_mean_million_usd": float(np.mean(costs[name])),
        }
        yield f"{name}@equal-cost", variant, about
    strength = {n: intensity(s, ensemble) for n, s in rivals}
    order = [n for n, _ in rivals]
    for i, (name, one) in enumerate(rivals):
        other = order[(i + 1) % len(order)]
        if strength[name] <= 0 or strength[other] <= 0:
            continue
        factor = strength[other] / strength[name]
        yield (
            f"{name}@swapped",
            one.scaled(factor),
            {"factor": factor, "intensity": strength[name], "intensity_of": other, "given": strength[other]},
        )


def extra_cost(chosen: Scenario, ensemble: Ensemble) -> np.ndarray:
    """Return the planned public cost beyond the baseline by member, million 2020 USD over the run."""
    return ensemble.planned_cost(chosen) - ensemble.usual_cost


def equal_factor(chosen: Scenario, wanted: float, ensemble: Ensemble) -> float:
    """Return the factor on a package's departures at which its median extra cost is ``wanted``."""
    from scipy.optimize import brentq

    def gap(factor: float) -> float:
        return float(np.median(extra_cost(chosen.scaled(factor), ensemble))) - wanted

    if abs(gap(1.0)) <= 1e-9 * wanted:
        return 1.0
    if gap(0.0) >= 0.0:  # rules alone cost more than that
        return 0.0
    return float(brentq(gap, 0.0, 1.0, xtol=1e-10, rtol=1e-12))


def intensity(chosen: Scenario, ensemble: Ensemble) -> float:
    """Return the mean use over historical maximum of the levers a package raises, rules apart."""
    own = chosen.paths(ensemble.given, ensemble.to)
    base = ensemble.usual
    ahead = slice(FIRST_DECISION - START, None)
    used = [
        float(own[n][ahead].mean()) / r.maximum.value
        for n, r in levers().items()
        if own[n][ahead].mean() > base[n][ahead].mean() and r.maximum.value > 0 and r.cost.value > 0
    ]
    return float(np.mean(used)) if used else 0.0

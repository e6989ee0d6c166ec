"""The model at the medians of the posterior, with members whose values can be changed one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from caudal.core.clock import FIRST_DECISION, LAST_OBSERVED, LAST_YEAR, START
from caudal.evidence.inputs import inputs
from caudal.evidence.registry import levers
from caudal.model import step
from caudal.model.params import Params
from caudal.model.priors import medians
from caudal.model.state import Levers, State
from caudal.simulate.basis import members
from caudal.simulate.draws import shifts
from caudal.simulate.engine import Shifts, span
from caudal.simulate.executor import prepare
from caudal.simulate.forcing import forcing, places
from caudal.simulate.policy import lever_arrays, public_cost
from caudal.simulate.posterior import fitted
from caudal.simulate.scenario import Scenario, scenario

Outcomes = dict[str, np.ndarray]

MEMBERS = 25
"""Members of one call: fixed, so that one compiled program serves every table, and odd, so
that it is the same program whatever the number of local devices."""

LAST = 2040
"""Year in which changes are told."""


class Bench:
    """The model at the medians of the posterior, with MEMBERS members that can be changed one by one."""

    def __init__(self) -> None:
        prepare()
        self.given = inputs()
        self.places = places(self.given)
        self.baseline = scenario("baseline")
        self.middle = medians(fitted()["values"])
        self.forcing = forcing(self.given, START, LAST_YEAR)
        self.start = jax.jit(jax.vmap(step.initial, in_axes=(0, None)))

    def params(self, changes: Sequence[Mapping[str, float]] = ()) -> Params:
        """Return MEMBERS members at the medians of the posterior, the first ones with some values changed."""
        values = {n: np.full(MEMBERS, float(v)) for n, v in self.middle.items()}
        for i, change in enumerate(changes):
            for name, value in change.items():
                values[name][i] = value
        return Params({n: jnp.asarray(v) for n, v in values.items()})

    def drawn(self, seed: int = 1) -> Params:
        """Return the medians of the posterior in the first member, and draws of runs in the others."""
        p = members(seed, range(MEMBERS))
        return Params({n: v.at[0].set(self.middle[n]) for n, v in p.items()})

    def still(self) -> Shifts:
        """Return levels that keep their last inferred value."""
        years = LAST_YEAR - START + 1
        return Shifts.none(MEMBERS, years, regions=len(self.given.regions))

    def departed(self, p: Params, which: np.ndarray) -> Shifts:
        """Return levels that depart as in member 0 of an ensemble, in some members only."""
        return _only(self._shifts(p, [0] * MEMBERS), which)

    def shifted(self, p: Params, seed: int = 1) -> Shifts:
        """Return the level departures of an ensemble, none in its first member."""
        return _only(self._shifts(p, range(MEMBERS), seed), np.arange(MEMBERS) > 0)

    def _shifts(self, p: Params, members: Iterable[int], seed: int = 1) -> Shifts:
        known, horizon = LAST_OBSERVED - START + 1, LAST_YEAR - START + 1
        return shifts(seed, list(members), p, self.given.area[-1], known, horizon)

    def levers(self, chosen: Scenario) -> Levers:
        """Return the lever paths of a scenario."""
        return lever_arrays(chosen, self.given, START, LAST_YEAR)

    def years(
        self, state: State, p: Params, used: Levers, moved: Shifts, first: int, last: int
    ) -> tuple[State, Outcomes]:
        """Return the stocks at the end of ``last``, and the outcomes of ``first``..``last``."""
        first, end = first - START, last + 1 - START
        state, seen = span(state, p, used, self.forcing, moved, self.places, first, end)
        return state, {n: np.asarray(v)[:, first:end] for n, v in seen.items()}

    def history(self, p: Params, moved: Shifts) -> tuple[State, Outcomes]:
        """Return the stocks at the end of the last year before a decision, and the outcomes so far."""
        start = self.start(p, self.places)
        return self.years(start, p, self.levers(self.baseline), moved, START, FIRST_DECISION - 1)

    def ahead(self, state: State, p: Params, used: Levers, moved: Shifts) -> Outcomes:
        """Return the outcomes from the first decision on."""
        return self.years(state, p, used, moved, FIRST_DECISION, LAST)[1]

    def both(self, p: Params, used: Levers, moved: Shifts) -> tuple[Outcomes, Outcomes]:
        """Return the outcomes before and from the first decision on."""
        state, seen = self.history(p, moved)
        return seen, self.ahead(state, p, used, moved)

    def cost(self, chosen: Scenario, found: Outcomes, unit: float = 1.0) -> Outcomes:
        """Return public cost by payer at central unit costs times ``unit``, (member, year)."""
        each = {n: np.full(MEMBERS, unit * r.cost.value) for n, r in levers().items()}
        usual = self.baseline.paths(self.given, LAST)
        return public_cost(chosen.paths(self.given, LAST), each, found, usual)

    def active(self) -> Scenario:
        """Return a policy with every lever at least half-way to its most, so that all mechanisms work.

        Levers that stand at their upper limit are used half-way, so that what fails without
        them is at work too.
        """
        half = {}
        for name, path in self.baseline.paths(self.given, LAST).items():
            now, most = float(path[-1]), reach(name, float(path[-1]))
            half[name] = most if most < now else max(0.5 * most, now)
        half["eradication_requested"] = 2.0 * half["manual_eradication"]  # beyond the country's own plan
        return self.baseline.set(**half)


def _only(moved: Shifts, which: np.ndarray) -> Shifts:
    some = which[:, None, None]
    return jax.tree.map(lambda departure: jnp.where(some, departure, 0.0), moved)


def joined(before: Outcomes, after: Outcomes) -> Outcomes:
    """Return outcomes of two spans of years as one."""
    return {n: np.concatenate([before[n], after[n]], axis=1) for n in before}


def reach(name: str, baseline: float) -> float:
    """Return where a lever is moved to: its historical maximum, or half-way to its upper limit.

    A lever that stands at its upper limit is moved down, to the middle of its range.
    """
    record = levers()[name]
    low, high = record.range
    if record.maximum.value > 1.01 * baseline:
        return record.maximum.value
    return 0.5 * (baseline + high) if baseline < high else 0.5 * (low + high)

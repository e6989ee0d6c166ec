"""One trajectory by ``lax.scan``, many by ``vmap``: years of months of midpoint steps.

The same months serve three loops: ``trajectory`` (a scan, differentiable), ``span`` (a loop with
bounds known only at run time, so one compiled program simulates any years) and ``replay`` (what
other levers would have given beside what happened). The likelihood has a loop of its own, with the
farms of each year beside it (``simulate.ahead``). Annual outcomes are formed on the device: stocks
at the end of the year, everything else as the mean over its months.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from caudal.core.clock import MONTHS, SUBSTEPS
from caudal.evidence.registry import outcomes
from caudal.model.measures import measures
from caudal.model.params import Params
from caudal.model.state import Forcing, Levers, Places, State
from caudal.model.step import step, twin_step

Outcomes = dict[str, jax.Array]


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Shifts:
    """Departures of the levels from their last inferred value, held through each year.

    ``department`` is (year, region) in logit points, ``growth`` of area (year, region) in 1/year,
    ``andes`` (year, 2) in log points.
    """

    department: jax.Array
    growth: jax.Array
    andes: jax.Array

    @classmethod
    def none(cls, *lead: int, regions: int) -> Shifts:
        """Return no departures, with leading axes such as (member, year)."""
        zero = jnp.zeros((*lead, regions))
        return cls(zero, zero, jnp.zeros((*lead, 2)))


@functools.partial(
    jax.tree_util.register_dataclass,
    data_fields=("national", "regional"),
    meta_fields=("names", "regional_names"),
)
@dataclasses.dataclass(frozen=True)
class Packed:
    """Outcomes side by side in two arrays: one write a step instead of one for each outcome.

    ``national`` is (..., outcome), ``regional`` (..., outcome, region).
    """

    national: jax.Array
    regional: jax.Array
    names: tuple[str, ...]
    regional_names: tuple[str, ...]

    @classmethod
    def of(cls, seen: dict[str, Any]) -> Packed:
        """Pack what ``measures`` returns."""
        stacked = (jnp.stack([jnp.asarray(seen[n]) for n in group]) for group in _names())
        return cls(*stacked, *_names())

    @classmethod
    def blank(cls, years: int, places: Places) -> Packed:
        """Return a table of years by outcome, to be written to."""
        national, regional = (len(group) for group in _names())
        kind = jnp.result_type(float)
        shape = (years, regional, *jnp.shape(places.mask))
        return cls(jnp.zeros((years, national), kind), jnp.zeros(shape, kind), *_names())

    def over(self, periods: int) -> Packed:
        """Return the values of periods from their steps (leading axis): stocks at the end, else means."""

        def value(steps: jax.Array, names: tuple[str, ...]) -> jax.Array:
            parts = steps.reshape(periods, -1, *steps.shape[1:])
            known = outcomes()
            stock = jnp.array([known[n].kind == "stock" for n in names])
            stock = stock.reshape(-1, *(1,) * (steps.ndim - 2))
            return jnp.where(stock, parts[:, -1], jnp.mean(parts, axis=1))

        values = (value(self.national, self.names), value(self.regional, self.regional_names))
        return dataclasses.replace(self, national=values[0], regional=values[1])

    def unpacked(self) -> Outcomes:
        """Return the outcomes by name, with the leading axes of the arrays."""
        found = {n: self.national[..., i] for i, n in enumerate(self.names)}
        return found | {n: self.regional[..., i, :] for i, n in enumerate(self.regional_names)}


def year(
    state: State,
    p: Params,
    levers: Levers,
    given: Forcing,
    shift: Shifts,
    places: Places,
    substeps: int,
    periods: int = 1,
) -> tuple[State, Packed]:
    """Simulate twelve months; return the stocks and every outcome by period (the year, or months).

    Level departures are constant within the year, levers and forcings within a month;
    outcomes are means over steps (stocks: the end).
    """
    dt = 1.0 / (MONTHS * substeps)

    def advance(state: State, forcing: Forcing):
        state, happened = step(state, p, levers, forcing, places, dt)
        return state, measures(state, happened, places)

    return _twelve_months(advance, state, given, shift, substeps, periods)


def _twelve_months(
    advance: Callable, state: Any, given: Forcing, shift: Shifts, substeps: int, periods: int
) -> tuple[Any, Packed]:
    """Advance a state, or a pair of them, by the steps of a year."""

    def one(state, forcing):
        forcing = dataclasses.replace(
            forcing,
            level_shift=shift.department,
            growth_shift=shift.growth,
            andes_shift=shift.andes,
        )
        state, seen = advance(state, forcing)
        return state, Packed.of(seen)

    steps = jax.tree.map(lambda x: jnp.repeat(x, substeps, axis=0), given)
    state, seen = jax.lax.scan(one, state, steps)
    return state, seen.over(periods)


def trajectory(
    state: State,
    p: Params,
    levers: Levers,
    given: Forcing,
    shifts: Shifts,
    places: Places,
    *,
    substeps: int = SUBSTEPS,
    monthly: bool = False,
) -> tuple[State, Outcomes]:
    """Simulate whole years from a state by a scan.

    Args:
        state: stocks at the start.
        p: parameters.
        levers: lever paths, leading axis year.
        given: forcings, leading axes (year, month).
        shifts: level departures.
        places: the region axis.
        substeps: midpoint steps per month.
        monthly: return every month instead of annual values.

    Returns:
        The stocks at the end, and every outcome with a leading axis year (or (year, month)).
    """

    def body(state: State, xs):
        lever, forcing, shift = xs
        periods = MONTHS if monthly else 1
        return year(state, p, lever, forcing, shift, places, substeps, periods)

    state, seen = jax.lax.scan(body, state, (levers, given, shifts))
    found = seen.unpacked()
    return state, found if monthly else {n: v[:, 0] for n, v in found.items()}


@functools.partial(jax.jit, static_argnames=("substeps", "monthly"))
def ensemble(
    state: State,
    p: Params,
    levers: Levers,
    given: Forcing,
    shifts: Shifts,
    places: Places,
    *,
    substeps: int = SUBSTEPS,
    monthly: bool = False,
) -> tuple[State, Outcomes]:
    """Simulate many members by ``trajectory``: states, parameters and shifts by member."""

    def one(state, p, shifts):
        return trajectory(state, p, levers, given, shifts, places, substeps=substeps, monthly=monthly)

    return jax.vmap(one)(state, p, shifts)


@jax.jit
def span(
    state: State,
    p: Params,
    levers: Levers,
    given: Forcing,
    shifts: Shifts,
    places: Places,
    first: jax.Array,
    last: jax.Array,
) -> tuple[State, Outcomes]:
    """Simulate the years ``first``..``last - 1`` (indices) of paths that cover the whole horizon.

    Returns:
        The stocks at the end, and every outcome by (member, year): years outside the span
        are left at zero.
    """

    def one(state, p, shifts):
        def simulate(i, state):
            return year(state, p, _at(levers, i), _at(given, i), _at(shifts, i), places, SUBSTEPS)

        return _years(simulate, state, given, places, first, last)

    return jax.vmap(one)(state, p, shifts)


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Apart:
    """How the second system of a replay departs from the first beyond its levers.

    ``params`` are its parameters in the years in which ``on`` (year,) is 1; ``held`` is 1 if it
    takes the prices of the first as given, and ``retail`` (year, 2) moves retail prices, in log
    points (``model.step.price_taking``).
    """

    params: Params
    on: jax.Array
    held: jax.Array
    retail: jax.Array


@jax.jit
def replay(
    state: State,
    p: Params,
    levers: tuple[Levers, Levers],
    given: Forcing,
    shifts: Shifts,
    places: Places,
    first: jax.Array,
    last: jax.Array,
    apart: Apart | None = None,
) -> tuple[State, Outcomes]:
    """Simulate what would have happened under the second levers while the first were used.

    Levels, background homicides and yield pressure are those that the record implies under the
    first (``model.step.twin_step``); what else departs is told by ``apart``, and everything else
    is the model's own.

    Returns:
        The stocks at the end, and every outcome by (member, year), under the second levers.
    """
    dt = 1.0 / (MONTHS * SUBSTEPS)

    def one(state, p, shifts, other):
        def simulate(i, pair):
            used = (_at(levers[0], i), _at(levers[1], i))
            both, held = (p, p), None
            if apart is not None:
                on = apart.on[i] > 0.0
                both = (p, jax.tree.map(lambda own, new: jnp.where(on, new, own), p, other))
                held = (apart.held, apart.retail[i])

            def advance(pair, forcing):
                pair, happened = twin_step(pair, both, used, forcing, places, dt, held)
                return pair, measures(pair[1], happened, places)

            return _twelve_months(advance, pair, _at(given, i), _at(shifts, i), SUBSTEPS, 1)

        pair, table = _years(simulate, (state, state), given, places, first, last)
        return pair[1], table

    return jax.vmap(one)(state, p, shifts, None if apart is None else apart.params)


def _at(tree: Any, i: Any) -> Any:
    return jax.tree.map(lambda x: jax.lax.dynamic_index_in_dim(x, i, keepdims=False), tree)


def _years(
    simulate: Callable, state: Any, given: Forcing, places: Places, first: jax.Array, last: jax.Array
) -> tuple[Any, Outcomes]:
    """Run ``simulate(i, state)`` over the years of a span; return the end and a table by year."""

    def body(i, carry):
        state, table = carry
        state, seen = simulate(i, state)
        write = functools.partial(jax.lax.dynamic_update_index_in_dim, index=i, axis=0)
        return state, jax.tree.map(lambda old, new: write(old, new[0]), table, seen)

    blank = Packed.blank(given.track.shape[0], places)
    state, table = jax.lax.fori_loop(first, last, body, (state, blank))
    return state, table.unpacked()


@functools.cache
def _names() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the outcomes that the model measures: national ones, and those by region."""
    measured = {n: o for n, o in outcomes().items() if o.block != "cost"}
    by_region = tuple(n for n, o in measured.items() if o.regional)
    return tuple(n for n in measured if n not in by_region), by_region

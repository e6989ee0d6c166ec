"""One trajectory by ``lax.scan``, many by ``vmap``: years of months of midpoint steps.

The same months serve three loops: ``trajectory`` (a scan, differentiable, used by the fit),
``span`` (a loop with bounds known only at run time, so one compiled program simulates any
years) and ``replay`` (what other levers would have given beside what happened). Annual
outcomes are formed on the device: stocks at the end of the year, everything else as the mean
over its months.
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
    """Departures of the levels from their last inferred value, at the ends of years.

    ``department`` is (year + 1, region) in logit points, ``andes`` (year + 1, 2) in log
    points: row i holds at the start of year i, row i + 1 at its end.
    """

    department: jax.Array
    andes: jax.Array


def year(
    state: State,
    p: Params,
    levers: Levers,
    given: Forcing,
    ends: tuple[Shifts, Shifts],
    places: Places,
    substeps: int,
) -> tuple[State, Outcomes]:
    """Simulate twelve months; return the stocks and every outcome by month.

    ``ends`` are the level departures at the start and the end of the year. Levers and
    forcings are constant within a month; outcomes are means over its steps (stocks: its end).
    """
    dt = 1.0 / (MONTHS * substeps)

    def advance(state: State, forcing: Forcing):
        state, happened = step(state, p, levers, forcing, places, dt)
        return state, measures(state, happened, places)

    return _twelve_months(advance, state, given, ends, substeps)


def _twelve_months(
    advance: Callable, state: Any, given: Forcing, ends: tuple[Shifts, Shifts], substeps: int
) -> tuple[Any, Outcomes]:
    """Advance a state, or a pair of them, by the steps of a year."""
    before, after = ends

    def one(state, xs):
        forcing, fraction = xs
        forcing = dataclasses.replace(
            forcing,
            level_shift=before.department + fraction * (after.department - before.department),
            andes_shift=before.andes + fraction * (after.andes - before.andes),
        )
        return advance(state, forcing)

    fractions = (jnp.arange(MONTHS) + 0.5) / MONTHS
    steps = jax.tree.map(lambda x: jnp.repeat(x, substeps, axis=0), (given, fractions))
    state, seen = jax.lax.scan(one, state, steps)
    return state, {n: _months(n, v, substeps) for n, v in seen.items()}


def _months(name: str, steps: jax.Array, substeps: int) -> jax.Array:
    """Return the months of an outcome from its steps: the last of a stock, else the mean."""
    by_month = steps.reshape(MONTHS, substeps, *steps.shape[1:])
    return by_month[:, -1] if outcomes()[name].kind == "stock" else jnp.mean(by_month, axis=1)


def annual(months: Outcomes) -> Outcomes:
    """Return the values of a year from those of its months (leading axis)."""
    known = outcomes()
    return {n: v[-1] if known[n].kind == "stock" else jnp.mean(v, axis=0) for n, v in months.items()}


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
        lever, forcing, before, after = xs
        state, months = year(state, p, lever, forcing, (before, after), places, substeps)
        return state, months if monthly else annual(months)

    starts, ends = (jax.tree.map(lambda x, s=s: x[s], shifts) for s in (slice(None, -1), slice(1, None)))
    return jax.lax.scan(body, state, (levers, given, starts, ends))


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
            ends = (_at(shifts, i), _at(shifts, i + 1))
            state, months = year(state, p, _at(levers, i), _at(given, i), ends, places, SUBSTEPS)
            return state, annual(months)

        return _years(simulate, state, given, first, last)

    return jax.vmap(one)(state, p, shifts)


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
) -> tuple[State, Outcomes]:
    """Simulate what would have happened under the second levers while the first were used.

    Levels, background homicides and yield pressure are those that the record implies under the
    first (``model.step.twin_step``); everything else is the model's own.

    Returns:
        The stocks at the end, and every outcome by (member, year), under the second levers.
    """
    dt = 1.0 / (MONTHS * SUBSTEPS)

    def one(state, p, shifts):
        def simulate(i, pair):
            used = (_at(levers[0], i), _at(levers[1], i))

            def advance(pair, forcing):
                pair, happened = twin_step(pair, p, used, forcing, places, dt)
                return pair, measures(pair[1], happened, places)

            ends = (_at(shifts, i), _at(shifts, i + 1))
            pair, months = _twelve_months(advance, pair, _at(given, i), ends, SUBSTEPS)
            return pair, annual(months)

        pair, table = _years(simulate, (state, state), given, first, last)
        return pair[1], table

    return jax.vmap(one)(state, p, shifts)


def _at(tree: Any, i: Any) -> Any:
    return jax.tree.map(lambda x: jax.lax.dynamic_index_in_dim(x, i, keepdims=False), tree)


def _years(simulate: Callable, state: Any, given: Forcing, first: jax.Array, last: jax.Array):
    """Run ``simulate(i, state)`` over the years of a span; return the end and a table by year."""
    horizon = jax.tree.leaves(given)[0].shape[0]
    shapes = jax.eval_shape(simulate, 0, state)[1]
    blank = jax.tree.map(lambda x: jnp.zeros((horizon, *x.shape), x.dtype), shapes)

    def body(i, carry):
        state, table = carry
        state, seen = simulate(i, state)
        write = functools.partial(jax.lax.dynamic_update_index_in_dim, index=i, axis=0)
        return state, {n: write(table[n], seen[n]) for n in table}

    return jax.lax.fori_loop(first, last, body, (state, blank))

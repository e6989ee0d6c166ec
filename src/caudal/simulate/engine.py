"""One trajectory by ``lax.scan``, many by ``vmap``: years of months of midpoint steps.

The same step function serves calibration, scenarios and tests. Annual outcomes are formed
inside the scan: stocks at the end of the year, everything else as the mean over its months.
"""

from __future__ import annotations

import dataclasses
import functools

import jax
import jax.numpy as jnp

from caudal.core.clock import MONTHS, SUBSTEPS
from caudal.evidence.registry import outcomes
from caudal.model.measures import measures
from caudal.model.params import Params
from caudal.model.state import Forcing, Levers, Places, State
from caudal.model.step import month


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Shifts:
    """Departures of the levels from their last inferred value, at the ends of years.

    ``department`` is (year + 1, region) in logit points, ``andes`` (year + 1, 2) in log
    points: row i holds at the start of year i, row i + 1 at its end.
    """

    department: jax.Array
    andes: jax.Array


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
) -> tuple[State, dict[str, jax.Array]]:
    """Simulate whole years from a state.

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
    kinds = {name: record.kind for name, record in outcomes().items()}

    def one_month(state: State, xs):
        lever, forcing, fraction, start, end, andes_start, andes_end = xs
        forcing = dataclasses.replace(
            forcing,
            level_shift=start + fraction * (end - start),
            andes_shift=andes_start + fraction * (andes_end - andes_start),
        )
        state, happened = month(state, p, lever, forcing, places, substeps)
        return state, measures(state, happened, places)

    def one_year(state: State, xs):
        lever, forcing, start, end, andes_start, andes_end = xs
        fractions = (jnp.arange(MONTHS) + 0.5) / MONTHS

        def body(carry, ys):
            state, sums, _ = carry
            forcing, fraction = ys
            state, seen = one_month(
                state, (lever, forcing, fraction, start, end, andes_start, andes_end)
            )
            sums = jax.tree.map(jnp.add, sums, seen)
            return (state, sums, seen), (seen if monthly else None)

        shapes = jax.eval_shape(
            lambda s: one_month(
                s,
                (lever, jax.tree.map(lambda x: x[0], forcing), fractions[0], start, end, andes_start, andes_end),
            )[1],
            state,
        )
        zero = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shapes)
        (state, sums, last), series = jax.lax.scan(body, (state, zero, zero), (forcing, fractions))
        if monthly:
            return state, series
        return state, {n: last[n] if kinds[n] == "stock" else sums[n] / MONTHS for n in sums}

    xs = (levers, given, shifts.department[:-1], shifts.department[1:], shifts.andes[:-1], shifts.andes[1:])
    return jax.lax.scan(one_year, state, xs)


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
) -> tuple[State, dict[str, jax.Array]]:
    """Simulate many members: states, parameters and shifts carry a leading member axis."""

    def one(state, p, shifts):
        return trajectory(state, p, levers, given, shifts, places, substeps=substeps, monthly=monthly)

    return jax.vmap(one)(state, p, shifts)

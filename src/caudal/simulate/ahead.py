r"""One year ahead: what the model expected of each year's area from all that came before it.

While the record lasts the area of every department follows it, and the level is inferred. Beside
the system that follows the record, its farms run on from the start of each year by themselves,
with the level as it was inferred until then,

.. math::
    \hat N_{r,y} = N_r(y \mid \text{record to } y-1,\; \alpha_r(y-1))

so that :math:`\ln N_{r,y} - \ln \hat N_{r,y}` is a prediction error. Prices, risk and public capital are
those of the system that follows the record, in the middle of each quarter. Peru and Bolivia likewise.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from caudal.core.clock import MONTHS
from caudal.evidence.registry import outcomes
from caudal.model.blocks import andes, farms, labs
from caudal.model.measures import measures
from caudal.model.params import Params
from caudal.model.pytree import pytree
from caudal.model.state import Forcing, Levers, Places, State
from caudal.model.step import step

QUARTERS = 4
"""Midpoint steps a year of the farms that run on by themselves: their rates are below 2 a year."""


@pytree
class Free:
    """Farms that run on by themselves."""

    young: Any
    mature: Any
    level: Any
    andes: Any


def let_go(state: State) -> Free:
    """Return the farms of a state."""
    return Free(young=state.young, mature=state.mature, level=state.level, andes=state.andes_area)


def _rate(
    free: Free, state: State, p: Params, done: Levers, bought: Any, given: Forcing, places: Places
) -> Free:
    """Return how fast farms change that run on by themselves, beside the state that follows the record."""
    own = dataclasses.replace(
        state,
        young=free.young,
        mature=free.mature,
        level=free.level,
        exodus=jnp.zeros_like(state.exodus),
        andes_area=free.andes,
    )
    farm = farms.flows(own, p, done, given, places, follows=False)
    removal = farm.hazard + farm.abandoned / (free.young + free.mature + 1e-6)
    return Free(
        young=farm.planted - farm.matured - removal * free.young,
        mature=farm.matured - farm.aged - removal * free.mature,
        level=p.level_reversion * (state.usual_level - free.level),
        andes=andes.flows(own, p, given, bought).change,
    )


def _moved(free: Free, rate: Free, dt: float) -> Free:
    """Return the farms after ``dt`` years at a rate."""
    return jax.tree.map(lambda stock, r: stock + dt * r, free, rate)


def foresee(
    start: State,
    p: Params,
    levers: Levers,
    given: Forcing,
    places: Places,
    names: Sequence[str],
    *,
    substeps: int = 1,
) -> tuple[State, dict[str, jax.Array], dict[str, jax.Array]]:
    """Simulate the record, and each of its years by the farms alone.

    Args:
        start: stocks at the start of the record.
        p: parameters.
        levers: lever paths, leading axis year.
        given: forcings, leading axes (year, month).
        places: the region axis.
        names: outcomes wanted.
        substeps: midpoint steps per month.

    Returns:
        The stocks at the end; the outcomes by year; and what was expected at the end of each year:
        ``area`` (year, region) and ``andes`` (year, 2), ha.
    """
    dt = 1.0 / (MONTHS * substeps)
    known = outcomes()
    middle = substeps * MONTHS // QUARTERS // 2

    def year(state: State, xs):
        lever, forcing = xs

        def month(state, forcing):
            after, seen = step(state, p, lever, forcing, places, dt)
            found = measures(after, seen, places)
            return after, (
                {n: found[n] for n in names},
                (state, seen.aid.done, labs.bought(p, seen.prices.export)),
            )

        @jax.checkpoint
        def quarter(carry, forcing):
            state, free = carry
            state, (found, beside) = jax.lax.scan(month, state, forcing)
            (tracked, done, bought), loose = jax.tree.map(lambda x: x[middle], (beside, forcing))
            loose = dataclasses.replace(loose, track=jnp.zeros_like(loose.track))

            def rate(free):
                return _rate(free, tracked, p, done, bought, loose, places)

            half = _moved(free, rate(free), 0.5 / QUARTERS)
            return (state, _moved(free, rate(half), 1.0 / QUARTERS)), found

        def quarters(x):
            steps = jnp.repeat(x, substeps, axis=0)
            return steps.reshape(QUARTERS, -1, *steps.shape[1:])

        (state, free), found = jax.lax.scan(quarter, (state, let_go(state)), jax.tree.map(quarters, forcing))
        annual = {
            n: v[-1, -1] if known[n].kind == "stock" else jnp.mean(v, axis=(0, 1)) for n, v in found.items()
        }
        return state, (annual, {"area": free.young + free.mature, "andes": free.andes})

    end, (found, expected) = jax.lax.scan(year, start, (levers, given))
    return end, found, expected

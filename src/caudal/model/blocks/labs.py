r"""Laboratories: from leaf to hydrochloride, and what destroying laboratories costs output.

.. math::
    Q = \sum_r y_r M_r,\quad y_r = y_0 Z e^{-\psi \pi_r},\quad
    Q_{made} = Q\, e^{-\eta n}

Potential output :math:`Q` is what the surveys estimate; what is made is lower by the loss
from :math:`n` laboratories destroyed a year. Yield falls with eradication pressure
(growers prune, replant and tend less) as it did in 2005-2011. Sources: recommended structure
sections 2-3; supply README, lesson 6.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp

from caudal.model.params import Params
from caudal.model.state import Forcing, Levers, R, S, State


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class LabFlows:
    """Output of Colombian laboratories, per year."""

    potential: R  # kg/year of pure hydrochloride equivalent
    made: S  # kg/year


def flows(state: State, p: Params, levers: Levers, given: Forcing, mask: R) -> LabFlows:
    """Return potential and actual output. ``mask`` is 1 for real regions, 0 for padding."""
    drift = jnp.exp(
        p.yield_growth * given.projection_years
        + p.yield_break * given.yield_jump
        + jnp.log(p.yield_early) * given.yield_early
    )
    per_hectare = p.yield_per_hectare * given.yield_index * drift * jnp.exp(-p.yield_pressure * state.risk)
    potential = mask * per_hectare * state.mature
    kept = jnp.exp(-p.laboratory_loss * levers.laboratory_destruction / 1000.0)
    return LabFlows(potential=potential, made=jnp.sum(potential) * kept)

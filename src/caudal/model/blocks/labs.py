r"""Laboratories: from leaf to hydrochloride, and what destroying laboratories costs output.

.. math::
    Q = \sum_r y_r M_r,\quad y_r = y_0 Z e^{-\psi (\pi_r - \pi_{0,r})},\quad
    Q_{made} = Q\, b\, e^{-\eta n},\quad b = \sigma\big((\ln p_E - \ln c)/w\big)

Potential output :math:`Q` is what the surveys estimate; what is made is lower by the loss
from :math:`n` laboratories destroyed a year and by the leaf that finds no buyer: near the
cost :math:`c` of making and moving it, buyers vanish (as in 2022-24) rather than the price.
The recorded yield index :math:`Z` holds the pressure of its years :math:`\pi_{0,r}`; forced
eradication beyond it lowers yield (growers prune, replant and tend less), as in 2005-2011.
Sources: recommended structure sections 2-3; supply README, lessons 6 and 8.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from caudal.model.params import Params
from caudal.model.pytree import pytree
from caudal.model.state import Forcing, Levers, R, S, State

BUYER_WIDTH = 0.25  # log points of price over which buyers vanish


@pytree
class LabFlows:
    """Output of Colombian laboratories, per year."""

    potential: R  # kg/year of pure hydrochloride equivalent
    made: S  # kg/year
    bought: S  # share of leaf that finds a buyer, 0-1
    technical: S  # yield without pressure from eradication, kg/ha/year


def bought(p: Params, export_price: S) -> S:
    """Return the share of leaf that finds a buyer at an export price in 2020 USD/kg."""
    return jax.nn.sigmoid((jnp.log(export_price) - jnp.log(p.processing_cost)) / BUYER_WIDTH)


def flows(state: State, p: Params, levers: Levers, given: Forcing, export_price: S, mask: R) -> LabFlows:
    """Return potential and actual output. ``mask`` is 1 for real regions, 0 for padding."""
    pressed = jnp.exp(-p.yield_pressure * (state.risk - state.usual_risk))
    drift = jnp.exp(
        p.yield_growth * given.projection_years
        + p.yield_break * given.yield_jump
        + jnp.log(p.yield_early) * given.yield_early
    )
    technical = p.yield_per_hectare * given.yield_index * drift
    potential = mask * technical * pressed * state.mature
    kept = jnp.exp(-p.laboratory_loss * levers.laboratory_destruction / 1000.0)
    share = bought(p, export_price)
    made = jnp.sum(potential) * kept * share
    return LabFlows(potential=potential, made=made, bought=share, technical=technical)

r"""Coca in Peru and Bolivia: the other growers who face the same expected price.

.. math::
    N^*_j = e^{\beta_j} (\hat p_F/p_{F,0})^{\varepsilon_j},\quad N_j' = \kappa_j (N^*_j - N_j)

.. math::
    Q_j = y\,e^{-g\,(2013 - t)^+} N_j

Area is what supplies cocaine: leaf for traditional use is netted out in the inputs. The
shared expected price is the channel of displacement between countries. While the record
lasts :math:`\beta_j` is inferred as in the farm block. Source: recommended structure section 2.
"""

from __future__ import annotations

import jax.numpy as jnp

from caudal.model.params import Params
from caudal.model.pytree import pytree
from caudal.model.state import Forcing, S, State, Two

FASTEST_TRACKING = 2.0  # 1/year
GROWING = 13.0  # years: 2000-13, which ``Forcing.early_years`` counts


@pytree
class AndesFlows:
    """Flows of Peru and Bolivia, per year."""

    change: Two  # ha/year
    level_wanted: Two  # log points
    level_held: Two  # level at which growers choose the area that is desired now, log points
    production: Two  # potential, kg/year of pure hydrochloride equivalent
    made: Two  # kg/year, after the leaf that finds no buyer


def flows(state: State, p: Params, given: Forcing, bought: S) -> AndesFlows:
    """Return net planting and output; ``bought`` is the share of leaf that finds a buyer."""
    elasticity = jnp.stack([p.peru_elasticity, p.bolivia_elasticity])
    pull = elasticity * (state.expected_price - jnp.log(p.farm_share * p.export_price))
    area = state.andes_area
    chosen = jnp.exp(state.andes_level + given.andes_shift + pull)
    correction = FASTEST_TRACKING * (jnp.log(given.andes_target) - jnp.log(area))
    wanted = area * (1.0 + (given.andes_target_growth + correction) / p.andes_speed)
    wanted = jnp.maximum(wanted, 0.05 * area)
    desired = given.track * wanted + (1.0 - given.track) * chosen
    missing = GROWING - given.early_years
    production = p.andes_yield * jnp.exp(-p.andes_yield_growth * missing) * area
    return AndesFlows(
        change=p.andes_speed * (desired - area),
        level_wanted=jnp.log(wanted) - pull - given.andes_shift,
        level_held=jnp.log(desired) - pull - given.andes_shift,
        production=production,
        made=production * bought,
    )

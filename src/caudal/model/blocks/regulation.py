r"""A licensed, taxed supply for US adults beside the illicit one.

.. math::
    \lambda' = (\lambda^* - \lambda)/\tau,\quad
    \lambda^* = x\,\sigma\big(k (\ln p_R - \ln p_L) + b\big),\quad p_L = c + tax

.. math::
    use_L = \lambda D_0 e^{\bar\varepsilon g_L},\quad
    g_L = L \tanh\Big(\frac{1}{L}\ln\frac{p_L}{p_{R,0}}\Big)

A share :math:`\lambda` of users, at most those with access :math:`x`, buys at the legal price
:math:`p_L`; the others buy the illicit supply, whose price clears on what they use. People
respond to a fall in price no further than :math:`L` log points: prices this low have not been
observed, so no estimate covers them. Licensed coca is grown apart from the illicit area. Source:
recommended structure section 5; lit.E46.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from caudal.model.params import Params
from caudal.model.pytree import pytree
from caudal.model.state import Levers, S, State


@pytree
class RegulationFlows:
    """The licensed supply, per year."""

    share_wanted: S  # share of users who would buy from it, 0-1
    ratio: S  # log of the legal price over the reference price, as people respond to it
    intensity: S  # use of its buyers over that at the reference price
    use: S  # kg/year
    revenue: S  # tax, 2020 USD/year
    area: S  # coca needed for it, ha


def flows(
    state: State, p: Params, levers: Levers, demand: S, elasticity: S, retail: S, technical: S
) -> RegulationFlows:
    """Return the licensed supply.

    ``demand`` is that of all US users at the reference price in kg/year, ``elasticity`` theirs,
    ``retail`` the illicit price in 2020 USD/kg, and ``technical`` the yield of coca that nobody
    eradicates in kg/ha/year.
    """
    price = p.legal_cost + levers.regulated_tax
    cheaper = jnp.log(retail / 1000.0) - jnp.log(price)
    wanted = levers.regulated_supply * jax.nn.sigmoid(p.legal_switching * cheaper + p.legal_advantage)
    limit = p.legal_satiation
    ratio = limit * jnp.tanh(jnp.log(price / p.retail_price_us) / limit)
    intensity = jnp.exp(elasticity * ratio)
    use = state.legal_share * demand * intensity
    return RegulationFlows(
        share_wanted=wanted,
        ratio=ratio,
        intensity=intensity,
        use=use,
        revenue=1000.0 * levers.regulated_tax * use,
        area=use / technical,
    )

r"""The price chain: retail clears by stock turnover, and passes back to the farm.

.. math::
    use_m = W_m/\tau_w,\quad
    \ln \frac{p_{R,m}}{p_{R0,m}} = \frac{1}{\bar\varepsilon_m}\ln\frac{use_m}{D_{0,m}},\quad
    \ln \frac{p_{W,m}}{p_{W0,m}} = \frac{1}{\phi_m} \ln \frac{p_{R,m}}{p_{R0,m}}

.. math::
    p_E = p_{E0} (\bar n/n_0)^{\gamma} (F/F_0)^{-1/\nu},\quad p_F = \sigma_F\, p_E

.. math::
    p_{leaf} = p_F/\ell,\quad p_{base} = p_F + \beta\,(p_E - p_F)

Algebraic, so no price can make a stock negative. Demand in the United States is that of the
users who do not buy from a licensed supply. :math:`\phi` is the pass-through from
wholesale to retail, :math:`\gamma` from net value downstream to the export price. The order
farm < export < wholesale < retail is kept by smooth floors.

Where the margin is a constant sum instead (structure ``additive-margins``), the wholesale price
is what it leaves. The parameter ``margin_additive``, :math:`a`, mixes the two in logarithms:

.. math::
    \ln \frac{p_{W,m}}{p_{W0,m}} = \frac{1-a}{\phi_m} \ln \frac{p_{R,m}}{p_{R0,m}}
    + a \ln \Big(1 + \frac{p_{R,m} - p_{R0,m}}{p_{W0,m}}\Big)^+

The smooth positive part gives way where retail falls by more than the wholesale price was.

Source: recommended structure section 5; prototype findings 3.1 (log pass-through).
"""

from __future__ import annotations

import jax.numpy as jnp

from caudal.model.netback import destination_netback, log_value, reference
from caudal.model.params import Params
from caudal.model.smooth import ramp
from caudal.model.state import Forcing, Prices, S, State, Two

WIDEST = 8.0  # log points: prices stay finite however far use and demand drift apart
LEAST_MARGIN = 1.02  # each stage sells at least 2 % above the one before
MARGIN_WIDTH = 0.6  # width of the bend where a constant margin leaves nothing, of the reference price


def above(price, floor):
    """Return ``price`` smoothly kept above ``floor`` by the least margin."""
    least = LEAST_MARGIN * floor
    return least + ramp(price - least, 0.02 * least)


def left_by_margin(p: Params, ratio: Two) -> Two:
    """Return the log of wholesale over its reference where the margin to retail is a constant sum."""
    retail = 1000.0 * jnp.stack([p.retail_price_us, p.retail_price_world])
    landed = jnp.stack([p.wholesale_price_us, p.wholesale_price_world])
    left = 1.0 + retail / landed * (jnp.exp(ratio) - 1.0)
    return jnp.log(ramp(left, MARGIN_WIDTH) / ramp(1.0, MARGIN_WIDTH))


def flows(state: State, p: Params, given: Forcing, demand_us: S, elasticity_us: S) -> Prices:
    """Return every price and the use that clears both markets.

    Args:
        state: stocks.
        p: parameters.
        given: forcings of the month.
        demand_us: US demand at the reference price, kg/year (from the users block).
        elasticity_us: consumption-weighted elasticity of intensity, negative.
    """
    use = state.stock / p.turnover_time
    growth = (
        p.world_growth_early * given.early_years
        + p.world_growth_late * given.late_years
        + p.world_growth_future * given.projection_years
    )
    illicit = (1.0 - state.legal_share) * demand_us
    demand = jnp.stack([illicit, p.world_demand_2000 * jnp.exp(growth)])
    elasticity = jnp.stack([elasticity_us, p.world_elasticity])
    ratio = WIDEST * jnp.tanh(jnp.log(use / demand) / elasticity / WIDEST)
    retail = jnp.stack([p.retail_price_us, p.retail_price_world]) * 1000.0 * jnp.exp(ratio)
    passed = ratio / jnp.stack([p.pass_through_us, p.pass_through_world])
    passed += p.margin_additive * (left_by_margin(p, ratio) - passed)
    wholesale_free = jnp.stack([p.wholesale_price_us, p.wholesale_price_world]) * jnp.exp(passed)

    leaving = jnp.sum(state.pipeline) / p.pipeline_time
    weights = jnp.stack([p.us_weight, 1.0 - p.us_weight])
    now, before = (destination_netback(p, n) for n in (state.netback, reference(p)))
    downstream = jnp.sum(weights * (log_value(p, now) - log_value(p, before)))
    export_free = jnp.exp(
        jnp.log(p.export_price)
        + p.pass_back * downstream
        - jnp.log(leaving / (p.flow_reference * 1000.0)) / p.derived_demand
    )
    farm = p.farm_share * export_free
    export = above(export_free, farm)
    wholesale = above(wholesale_free, export)
    retail = above(retail, wholesale)
    return Prices(
        leaf=farm / p.leaf_per_kilogram,
        farm=farm,
        base=farm + p.base_value_share * (export - farm),
        export=export,
        wholesale=wholesale,
        retail=retail,
        ratio=ratio,
        use=use,
        demand=demand,
    )

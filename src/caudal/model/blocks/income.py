r"""What growers earn, and how many households depend on coca.

.. math::
    income_r = p_F\,Q\,\frac{Q_r}{\sum Q_r} (1-k) + pay\cdot enrol_r\cdot r,\quad
    households = N/h,\quad local = m\,p_F\,Q

Net income from coca after the growers' own costs :math:`k`, plus substitution payments that
are actually made. Each dollar of leaf sales moves :math:`m` dollars of the local economy. It is
an accounting figure: the licit economy does not change with it. Source: supply README,
lesson 10 (farm share, households); lit.E23 (multiplier).
"""

from __future__ import annotations

import jax.numpy as jnp

from caudal.model.params import Params
from caudal.model.pytree import pytree
from caudal.model.state import Levers, R, S, State


@pytree
class IncomeFlows:
    """Income of coca-growing households and of the local economy, 2020 USD/year, and households."""

    coca: R
    payments: R
    households: S
    local: S


def flows(
    state: State, p: Params, levers: Levers, farm_value: S, potential: R, enrolled: R, mask: R
) -> IncomeFlows:
    """Return growers' income.

    ``farm_value`` is the farm value of output in 2020 USD/year, ``potential`` cocaine by
    department in kg/year, ``enrolled`` the households that enter agreements a year.
    """
    part = potential / (jnp.sum(potential) + 1e-6)
    return IncomeFlows(
        coca=farm_value * part * (1.0 - p.grower_cost_share),
        payments=mask * enrolled * levers.substitution_payment * levers.payment_reliability,
        households=jnp.sum(mask * (state.young + state.mature)) / p.hectares_per_household,
        local=p.local_multiplier * farm_value,
    )

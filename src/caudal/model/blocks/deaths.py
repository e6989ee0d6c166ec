r"""Cocaine-involved deaths: two hazards, with and without synthetic opioids.

.. math::
    d_0 = (h_L u_L + h_H u_H)\, e^{\beta t + \beta^+ t^+},\quad
    d_F = k_F F^{m} (1 - \eta\, c_{HR})\, d_0

where :math:`u` is cocaine taken per type, expressed in users at the reference intensity, so
that deaths follow tonnes as well as people, and :math:`F` is the exposure index of synthetic
opioids, built from deaths that do *not* involve cocaine. Buyers of a licensed supply meet no
synthetic opioids in it, and a known dose lowers their other hazard. Source: recommended structure
section 6; demand README, lesson 7.
"""

from __future__ import annotations

import jax.numpy as jnp

from caudal.model.params import Params
from caudal.model.pytree import pytree
from caudal.model.state import Forcing, Levers, Prices, S, State


@pytree
class DeathFlows:
    """Deaths per year."""

    without_synthetic: S
    with_synthetic: S


def flows(
    state: State, p: Params, levers: Levers, given: Forcing, prices: Prices, legal_intensity: S
) -> DeathFlows:
    """Return deaths with and without synthetic opioids.

    ``legal_intensity`` is the use of those who buy a licensed supply over that at the
    reference price.
    """
    share = state.legal_share
    illicit = (1.0 - share) * jnp.exp(p.death_intensity * (prices.use[0] / prices.demand[0] - 1.0))
    known = 1.0 - p.legal_dose_safety
    licensed = share * known * jnp.exp(p.death_intensity * (legal_intensity - 1.0))
    heavy = state.heavy + (1.0 - p.treatment_abstinence) * state.treated
    people = p.death_rate_light * (state.light + p.death_ratio_heavy * heavy)
    drift = p.death_drift * given.years_since + p.death_drift_future * given.projection_years
    base = people * jnp.exp(drift)
    protected = 1.0 - p.harm_reduction_effect * levers.harm_reduction
    index = given.fentanyl * jnp.exp(p.fentanyl_trend * given.beyond_years)
    exposure = index**p.fentanyl_mixing
    return DeathFlows(
        without_synthetic=base * (illicit + licensed),
        with_synthetic=base * illicit * p.fentanyl_hazard * exposure * protected,
    )

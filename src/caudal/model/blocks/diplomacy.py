r"""Diplomacy: cooperation between both governments, and the eradication that is accepted.

.. math::
    C' = (C^* - C)/\tau_C,\quad
    C^* = e^{-(k_u b_u + k_c b_c + k_d (1 - z) + k_t t/25)}

.. math::
    accept = (1 - b_c)\big(1 - e^{-(a_c C + a_p (m + t/25 + b_u))}\big),\quad
    M = manual + accept\,(M^r - manual)^+

.. math::
    kept = \big(1 - \lambda (1 - z)(1 - v)\big)\Big(1 - m (1 - accept) \frac{(M^r - manual)^+}{M^r}\Big)

with the posture of the United States :math:`b_u` and of Colombia :math:`b_c` (0 dialogue, 1
ultimatum or refusal), certification :math:`z`, waiver :math:`v`, tariff threat :math:`t` in
percent, conditionality of aid :math:`m` and requested eradication :math:`M^r`. Cooperation is
1 without an open dispute. Every parameter is a judgement: no study measures them. Source:
model decision 10; claims/stakeholders.md sections 2-3.
"""

from __future__ import annotations

import jax.numpy as jnp

from caudal.model.params import Params
from caudal.model.pytree import pytree
from caudal.model.smooth import ramp
from caudal.model.state import Levers, S, State

TARIFF_UNIT = 25.0  # percent: the tariff threatened in January 2025 (clm.S110)
REQUEST_WIDTH = 500.0  # ha/year: width of the bend where a request passes Colombia's own plan


@pytree
class DiplomacyFlows:
    """Where cooperation moves to, and what was agreed."""

    cooperation_wanted: S  # 0-1
    accepted: S  # forced eradication by hand that Colombia accepts, ha/year
    beyond_plan: S  # of which beyond its own plan, ha/year
    aid_kept: S  # share of US aid that arrives, 0-1


def flows(state: State, p: Params, levers: Levers) -> DiplomacyFlows:
    """Return the diplomatic flows at a state."""
    tariff = levers.tariff_threat / TARIFF_UNIT
    refused = 1.0 - levers.certification
    strain = (
        p.cooperation_us_posture * levers.us_posture
        + p.cooperation_colombia_posture * levers.colombia_posture
        + p.cooperation_certification * refused
        + p.cooperation_tariff * tariff
    )
    pressure = levers.aid_conditionality + tariff + levers.us_posture
    willing = 1.0 - jnp.exp(-p.acceptance_cooperation * state.cooperation - p.acceptance_pressure * pressure)
    acceptance = (1.0 - levers.colombia_posture) * willing

    own, asked = levers.manual_eradication, levers.eradication_requested
    beyond = ramp(asked - own, REQUEST_WIDTH) - ramp(-own, REQUEST_WIDTH)
    missed = (1.0 - acceptance) * beyond / (asked + REQUEST_WIDTH)
    lawful = 1.0 - p.aid_certification_loss * refused * (1.0 - levers.certification_waiver)
    return DiplomacyFlows(
        cooperation_wanted=jnp.exp(-strain),
        accepted=own + acceptance * beyond,
        beyond_plan=acceptance * beyond,
        aid_kept=lawful * (1.0 - levers.aid_conditionality * missed),
    )

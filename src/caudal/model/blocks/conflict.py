r"""Armed groups and rights: homicides, displacement, leaders killed, spraying, transit countries.

One way: nothing here moves coca, prices or policy. By department, with contestation
:math:`G_r` between armed groups and the farm value of coca per inhabitant :math:`V_r` at the
price that growers expect,

.. math::
    \ln H_r = c_r + \beta_H G_r \ln(1 + V_r/V_0) + \beta_E h_r + \beta_V w_r + \beta_A \ln\frac{a + 0.1}{1.1}

.. math::
    w_r = F_r\,e^{-t/\tau},\quad
    G_r = \frac{g'_r}{g'_r + (1 - g'_r) e^{\kappa K_r}},\quad
    g'_r = g_r + k\,F_r\,(1 - e^{-t/\tau})(1 - g_r)

where :math:`h_r` is the hazard of forced eradication, :math:`F_r` where FARC stood before it
left in August 2016, :math:`t` the years since, and :math:`g_r` contestation from the record,
held at its last shape when the count of events ends (2018). As the vacuum :math:`w_r` passes,
other groups contest part :math:`k` of what FARC held. State presence :math:`K_r` in use
narrows what is contested. Military aid :math:`a` over its recorded level may raise or lower
homicides: its sign is left open. Where nobody contests, the value of
coca has no effect.

The background :math:`c_r` is inferred: while homicides are recorded it follows the record less
the other terms, and then it stays. What is attributed to coca is the total less the total
without the terms of coca value, eradication and the vacuum.

.. math::
    D_r = \delta\,e^{c_r} e^{\beta_D G_r \ln(1 + V_r/V_0)},\quad
    L_r = \lambda\,e^{c_r}\left(1 + \rho\,G_r \frac{E_r}{N_r+E_r}\right)

.. math::
    S = n \cdot sprayed,\quad M \propto (p_W X_{US})^{\beta_M}

People displaced :math:`D` and leaders killed :math:`L` start from background homicides; land
under agreements :math:`E_r` raises :math:`L` where groups contest. Spraying exposes a number of
people per hectare. Violence in transit countries follows the wholesale value of what is shipped
to the United States. Source: recommended structure section 7; lit.E18-E21, E30, E31, E33.
"""

from __future__ import annotations

import jax.numpy as jnp

from caudal.model.params import Params
from caudal.model.pytree import pytree
from caudal.model.state import Forcing, R, S, State, Two

LEAST_AID = 0.1  # aid over its recorded level at which its lack is felt in full
NOBODY = 1.0  # ha of coca below which shares of coca land mean nothing


@pytree
class ConflictFlows:
    """Harms per year, by department but for ``transit``."""

    contestation: R  # between armed groups, 0-1
    homicides: R  # deaths/year
    homicides_attributable: R  # deaths/year due to coca value, forced eradication and the vacuum
    displaced: R  # persons/year
    displaced_attributable: R  # persons/year due to coca value
    exposed: R  # persons/year sprayed or living beside what is
    leaders: R  # persons/year
    calm_wanted: R  # background that would make homicides follow the record, ln(death/year)
    transit: S  # violence in transit countries, 1 at the reference price and flow of 2000


def flows(
    state: State,
    p: Params,
    given: Forcing,
    potential: R,
    forced: R,
    exposed: R,
    aid_ratio: S,
    wholesale: Two,
    shipped: Two,
) -> ConflictFlows:
    """Return the harms at a state.

    ``potential`` is cocaine by department in kg/year, ``forced`` coca removed by force in
    ha/year, ``exposed`` people in the reach of spraying in persons/year, ``aid_ratio`` military
    aid over its recorded level; ``wholesale`` in 2020 USD/kg and ``shipped`` in kg/year are by
    market.
    """
    area = state.young + state.mature
    fading = jnp.exp(-given.since_exit / p.vacuum_duration)
    vacuum = given.farc_before * given.exited * fading
    refilled = p.contestation_refill * given.farc_before * (1.0 - fading)
    disputed = given.contestation + refilled * (1.0 - given.contestation)
    held = jnp.exp(p.presence_calm * state.presence / 1000.0)
    contestation = disputed / (disputed + (1.0 - disputed) * held + 1e-12)

    value = jnp.exp(state.expected_price) * potential / given.people
    worth = contestation * jnp.log(1.0 + value / p.homicide_value_scale)
    terms = (
        p.homicide_value_response * worth
        + p.homicide_eradication_response * forced / (area + NOBODY)
        + p.homicide_vacuum_response * vacuum
    )
    security = p.homicide_aid_response * jnp.log((aid_ratio + LEAST_AID) / (1.0 + LEAST_AID))
    background = jnp.exp(state.calm)
    others = background * jnp.exp(security)
    killed = others * (jnp.exp(terms) - 1.0)
    left = p.displaced_per_homicide * background
    driven = left * (jnp.exp(p.displacement_response * worth) - 1.0)
    agreed = state.agreed / (area + state.agreed + NOBODY)
    value_shipped = wholesale[0] * shipped[0] / (p.wholesale_price_us * p.flow_reference * 1000.0)
    return ConflictFlows(
        contestation=contestation,
        homicides=others + killed,
        homicides_attributable=killed,
        displaced=left + driven,
        displaced_attributable=driven,
        exposed=exposed,
        leaders=p.leaders_per_homicide
        * background
        * (1.0 + p.leaders_agreement_response * contestation * agreed),
        calm_wanted=jnp.log(given.homicides) - terms - security,
        transit=value_shipped**p.transit_response,
    )

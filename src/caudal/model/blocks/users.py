r"""People who use cocaine in the United States: light, heavy, in treatment, and memory.

The published L-H-Y model with price, population and treatment added:

.. math::
    I = (\tau n + s_{eff} L)\, e^{\varepsilon_I \bar g} (1 - \rho c_p)\,(1 - U/(\bar U n))^+

.. math::
    s_{eff} = \max_w(s_{min}, s e^{-qY/L})

.. math::
    L' = I - (a + b e^{\varepsilon_b \bar g}) L + f\,exit_H,\quad
    H' = b e^{\varepsilon_b \bar g} L - exit_H - enrol + relapse

.. math::
    T' = enrol - T/d,\quad Y' = H - \delta Y

with :math:`U = L+H+T`, :math:`\bar U` the people ever at risk (without it falling prices make
contagion explode) and :math:`\bar g` the one-year average of the log price ratio, licensed
supply included. Where use is decriminalised initiation changes by a part :math:`\rho_d` and
more people seek treatment. ``max_w`` is
a smooth maximum of width 0.01. Price frozen, no treatment, no return to light use, no
population growth and no bound on people at risk give the published numbers. Source:
recommended structure section 6; parameters.csv (L-H-Y).
"""

from __future__ import annotations

import jax.numpy as jnp

from caudal.model.params import Params
from caudal.model.pytree import pytree
from caudal.model.smooth import ramp
from caudal.model.state import Forcing, Levers, S, State

FEWER = 8.0  # power of the smooth minimum of places and seekers: at most 8 % below the lesser
FLOOR_WIDTH = 0.01  # 1/year: width of the smooth maximum on the contagion rate


@pytree
class UserFlows:
    """Flows of people, persons/year, and demand at the reference price, kg/year."""

    initiated: S
    quit_light: S
    escalated: S
    left_heavy: S  # all exits from heavy use
    returned_light: S  # of which back to light use
    enrolled: S
    left_treatment: S
    relapsed: S
    demand_light: S
    demand_heavy: S


def demand(state: State, p: Params) -> tuple[S, S, S]:
    """Return demand of light and heavy users at the reference price, and its elasticity."""
    light = p.use_light / 1000.0 * state.light
    heavy = p.use_heavy / 1000.0 * (state.heavy + (1.0 - p.treatment_abstinence) * state.treated)
    elasticity = (light * p.elasticity_light + heavy * p.elasticity_heavy) / (light + heavy)
    return light, heavy, elasticity


def flows(state: State, p: Params, levers: Levers, given: Forcing) -> UserFlows:
    """Return the flows of people at a state."""
    g = state.price_memory
    contagion = p.contagion * jnp.exp(-p.deterrence * state.memory / state.light)
    effective = p.contagion_floor + ramp(contagion - p.contagion_floor, FLOOR_WIDTH)
    unreached = 1.0 - p.prevention_effect * levers.prevention_coverage
    everyone = state.light + state.heavy + state.treated
    room = ramp(1.0 - everyone / (p.people_at_risk * given.population), FLOOR_WIDTH)
    initiated = (
        room
        * (p.innovators * given.population + effective * state.light)
        * jnp.exp(p.elasticity_initiation * g)
        * unreached
        * (1.0 + p.decriminalisation_initiation * levers.decriminalisation_us)
    )
    escalated = p.escalation * jnp.exp(p.elasticity_escalation * g) * state.light
    leaving = p.heavy_exit * jnp.exp(p.elasticity_exit * g) * state.heavy
    freed = 1.0 + p.decriminalisation_seeking * levers.decriminalisation_us
    seekers = p.treatment_seeking * freed * state.heavy
    slots = levers.treatment_admissions
    enrolled = seekers * slots / ((seekers**FEWER + slots**FEWER) ** (1.0 / FEWER) + 1e-6)
    ended = state.treated / p.treatment_duration
    light, heavy, _ = demand(state, p)
    return UserFlows(
        initiated=initiated,
        quit_light=p.light_exit * state.light,
        escalated=escalated,
        left_heavy=leaving,
        returned_light=p.return_to_light * leaving,
        enrolled=enrolled,
        left_treatment=ended,
        relapsed=(1.0 - p.treatment_success) * ended,
        demand_light=light,
        demand_heavy=heavy,
    )

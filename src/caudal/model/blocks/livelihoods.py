r"""Rural public capital: roads, titles and state presence, which take years to build.

.. math::
    C_k' = inv_k - C_k/\tau_k,\quad
    K_{k,r}' = \frac{place_r(C_k/\tau_k)}{H_r} - d\,K_{k,r}

Money :math:`inv_k` becomes works :math:`C_k`, and works come into use after :math:`\tau_k` years
on average, in the departments where the lever is used. :math:`K_{k,r}` is capital in use per
coca household :math:`H_r`, beyond what is spent today: below zero where less is spent. It raises
what licit work yields (farms) and, as state presence, narrows what armed groups contest
(conflict). Source: recommended structure section 2; lit.E14, E71.
"""

from __future__ import annotations

import jax.numpy as jnp

from caudal.model.params import Params
from caudal.model.placement import placed
from caudal.model.pytree import pytree
from caudal.model.state import Levers, Places, R, State, Three


@pytree
class LivelihoodFlows:
    """Works begun and finished, 2020 USD/year, and capital built, 2020 USD per household and year."""

    begun: Three
    finished: Three
    roads: R
    titles: R
    presence: R


def flows(state: State, p: Params, levers: Levers, places: Places) -> LivelihoodFlows:
    """Return what is built, net of decay, by kind and department."""
    area = state.young + state.mature
    begun = jnp.stack([levers.rural_roads, levers.land_titles, levers.state_presence])
    finished = state.works / jnp.stack([p.road_building, p.title_building, p.presence_building])
    households = p.coca_households * places.weight + 1.0

    def built(amount, place, standing):
        return placed(amount, place, area, places.mask) / households - p.capital_decay * standing

    return LivelihoodFlows(
        begun=begun,
        finished=finished,
        roads=built(finished[0], levers.place_roads, state.roads),
        titles=built(finished[1], levers.place_titles, state.titles),
        presence=built(finished[2], levers.place_presence, state.presence),
    )

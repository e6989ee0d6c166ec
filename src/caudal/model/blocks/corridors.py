r"""Corridors: how shipments spread, what interdiction takes, and what each side learns.

.. math::
    F_k = s_k F_m,\quad i_k = 1 - e^{-h_k},\quad
    h_k = g_k + \frac{\ell\,b\,u_k}{F_k},\quad g_k = \frac{h_m\,(1 + x_k)}{1 - w_b}\,\frac{u_k}{u_{k,0}}

.. math::
    f_k = 1 - e^{-(g_k + \varphi\,\ell\,b\,u_k/F_k)},\quad c_b = c\,(1 + F_b/K_b)

.. math::
    q_k' = \delta_q (f_k - q_k),\quad
    u_k' = \delta_u \Big(\frac{u_{k,0} (s_k i_k/w_k)^{\xi}}{\sum_j u_{j,0} (s_j i_j/w_j)^{\xi}} - u_k\Big)

Corridors are aggregates of a coast or a country, never routes. Shares :math:`s_k` follow
smoothed net value (``model.netback``), with learned risk :math:`q_k` of their own. The loss
hazard of a destination :math:`h_m` is that of the record times effort; it is spread over the
corridors that interdiction can reach by its assets :math:`u_k`, which move to where more is
seized than usual, and sum to 1. :math:`x_k` is extra effort on a corridor. Nothing is seized in
the backstop (overland, or dispersed in small consignments), whose cost :math:`c_b` doubles when
its flow reaches :math:`K_b`.
Force at sea sinks :math:`\ell` tonnes a strike on US corridors, where :math:`b` strikes a year
follow the assets; traffickers fear it :math:`\varphi` times as much as it takes.

Sources: recommended structure section 4; lit.E35, E36; NarcoLogic (parameters.csv); clm.S102.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from caudal.model.netback import log_netback, shares, usual_shares
from caudal.model.params import Params
from caudal.model.state import CorridorFlows, Forcing, Levers, State, Two

LEAST_FLOW = 1000.0  # kg/year: below it strikes find nothing to sink
LEAST_LOSS = 0.01  # loss below which assets no longer tell corridors apart


def flows(
    state: State, p: Params, levers: Levers, given: Forcing, shipped: Two, wholesale: Two
) -> CorridorFlows:
    """Return the traffic by corridor.

    Args:
        state: stocks.
        p: parameters.
        levers: levers as they are carried out.
        given: forcings of the month.
        shipped: shipments by destination, kg/year.
        wholesale: landed prices by destination, 2020 USD/kg.
    """
    usual = usual_shares(p)
    share = shares(p, state.netback)
    entering = share * shipped[:, None]

    hazard = jnp.stack(
        [
            p.seizure_scale_us * given.seizure_us * levers.interdiction_us_transit
            + p.us_disruption * given.disruption,
            p.seizure_scale_world * given.seizure_world * levers.interdiction_world_transit,
        ]
    )
    extra = jnp.stack(
        [
            jnp.stack(
                [levers.interdiction_pacific, levers.interdiction_caribbean, levers.interdiction_venezuela]
            ),
            jnp.stack(
                [levers.interdiction_ecuador, levers.interdiction_brazil, levers.interdiction_atlantic]
            ),
        ]
    )
    reached = 1.0 - usual[:, 3:]
    at_first = usual[:, :3] / reached
    patrolled = hazard[:, None] / reached * (1.0 + extra) * state.assets / at_first
    sunk = 1000.0 * p.force_load * levers.air_and_sea_force * state.assets[0]
    force = sunk / (entering[0, :3] + LEAST_FLOW)
    force = jnp.stack([force, jnp.zeros_like(force)])

    def everywhere(three):
        return jnp.pad(three, ((0, 0), (0, 1)))

    loss = 1.0 - jnp.exp(-everywhere(patrolled + force))
    feared = 1.0 - jnp.exp(-everywhere(patrolled + p.force_deterrence * force))
    seized = entering * loss
    delivered = jnp.sum(entering - seized, axis=-1)

    found = share[:, :3] * (loss[:, :3] + LEAST_LOSS) / usual[:, :3]
    wanted = jax.nn.softmax(jnp.log(at_first) + p.asset_response * jnp.log(found), axis=-1)

    tonnes = entering / 1000.0
    central = jnp.sum(tonnes[0, :3])
    through = jnp.stack(
        [
            tonnes[1, 0] + p.passage_ecuador * tonnes[0, 0],
            tonnes[0, 2] + p.passage_venezuela * tonnes[1, 2],
            tonnes[0, 3] + p.passage_central_america * central,
            p.passage_mexico * (tonnes[0, 3] + central),
        ]
    )
    return CorridorFlows(
        share=share,
        entering=entering,
        seized=seized,
        loss=loss,
        feared=feared,
        netback=log_netback(p, wholesale, state.caution, entering),
        assets_wanted=wanted,
        seized_transit=jnp.sum(seized, axis=-1),
        delivered=delivered,
        europe=p.europe_share * delivered[1],
        killed=p.deaths_per_strike * levers.air_and_sea_force,
        through=through,
    )

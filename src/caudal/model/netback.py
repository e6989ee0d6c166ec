"""What a shipped kilogram is worth to those who carry the risk, by corridor and by destination."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from caudal.model.params import Params
from caudal.model.smooth import ramp
from caudal.model.state import Corridors, Two

FLOOR_WIDTH = 500.0  # 2020 USD/kg: width of the bend at zero net value


def log_netback(
    p: Params, wholesale: Two, caution: Corridors, entering: Corridors | None = None
) -> Corridors:
    """Return ln((p_W (1 - q) - c (1 + F/K) - R q)^+ + n_0) by corridor, ln(2020 USD/kg).

    ``wholesale`` is the landed price by destination, ``caution`` the expected loss probability
    q, and ``entering`` the flow F in kg/year; c is the cost of carriage, which rises with the
    flow in the backstop alone (capacity K), R the compensation for risk, and n_0 a rent below
    which corridors are hardly compared (without it the response explodes as net value nears
    zero). Source: recommended structure section 4.
    """
    cost = jnp.stack([p.corridor_cost_us, p.corridor_cost_world])[:, None]
    if entering is not None:
        capacity = 1000.0 * jnp.stack([p.backstop_capacity_us, p.backstop_capacity_world])
        crowding = entering[:, 3] / capacity
        cost = cost * (1.0 + jnp.pad(crowding[:, None], ((0, 0), (3, 0))))
    net = wholesale[:, None] * (1.0 - caution) - cost - p.risk_compensation * caution
    return jnp.log(ramp(net, FLOOR_WIDTH) + p.least_rent)


def log_value(p: Params, netback: Two) -> Two:
    """Return the log of the net value itself, ln(2020 USD/kg), from ``log_netback``.

    The rent below which corridors are hardly compared props up no price: it is taken off
    again before value is passed back to the Andes.
    """
    return jnp.log(ramp(jnp.exp(netback) - p.least_rent, FLOOR_WIDTH))


def usual_shares(p: Params) -> Corridors:
    """Return the share of each corridor when all are worth what they were at the start."""
    weights = jnp.stack(
        [
            jnp.stack(
                [
                    p.corridor_share_pacific,
                    p.corridor_share_caribbean,
                    p.corridor_share_venezuela,
                    p.corridor_share_overland,
                ]
            ),
            jnp.stack(
                [
                    p.corridor_share_ecuador,
                    p.corridor_share_brazil,
                    p.corridor_share_atlantic,
                    p.corridor_share_dispersed,
                ]
            ),
        ]
    )
    return weights / jnp.sum(weights, axis=-1, keepdims=True)


def reference(p: Params) -> Corridors:
    """Return the log net value at the prices and the caution of the start, ln(2020 USD/kg)."""
    wholesale = jnp.stack([p.wholesale_price_us, p.wholesale_price_world])
    caution = jnp.stack([p.caution_start_us, p.caution_start_world])
    return log_netback(p, wholesale, jnp.broadcast_to(caution[:, None], (2, 4)))


def shares(p: Params, netback: Corridors) -> Corridors:
    r"""Return the share of each corridor in the shipments to its destination.

    .. math::
        s_k = w_k e^{\theta (n_k - n_{k,0})} \Big/ \sum_j w_j e^{\theta (n_j - n_{j,0})}
    """
    lean = jnp.log(usual_shares(p)) + p.corridor_slope * (netback - reference(p))
    return jax.nn.softmax(lean, axis=-1)


def destination_netback(p: Params, netback: Corridors) -> Two:
    """Return the log of the mean net value of a destination over its corridors, ln(2020 USD/kg)."""
    return jax.nn.logsumexp(jnp.log(shares(p, netback)) + netback, axis=-1)

"""What a shipped kilogram is worth to those who carry the risk."""

from __future__ import annotations

import jax.numpy as jnp

from caudal.model.params import Params
from caudal.model.smooth import ramp
from caudal.model.state import Two

FLOOR_WIDTH = 500.0  # 2020 USD/kg: width of the bend at zero net value


def log_netback(p: Params, wholesale: Two, caution: Two) -> Two:
    """Return ln((p_W (1 - q) - c - R q)^+ + n_0) by destination, ln(2020 USD/kg).

    ``wholesale`` is the landed price, ``caution`` the expected loss probability q; c is the
    corridor cost, R the compensation for risk, and n_0 a rent below which destinations are hardly
    compared (without it the response explodes as net value nears zero). Source: recommended structure
    section 4.
    """
    cost = jnp.stack([p.corridor_cost_us, p.corridor_cost_world])
    net = wholesale * (1.0 - caution) - cost - p.risk_compensation * caution
    return jnp.log(ramp(net, FLOOR_WIDTH) + p.least_rent)


def log_value(p: Params, netback: Two) -> Two:
    """Return the log of the net value itself, ln(2020 USD/kg), from ``log_netback``.

    The rent below which destinations are hardly compared props up no price: it is taken off
    again before value is passed back to the Andes.
    """
    return jnp.log(ramp(jnp.exp(netback) - p.least_rent, FLOOR_WIDTH))

"""What a shipped kilogram is worth to those who carry the risk."""

from __future__ import annotations

import jax.numpy as jnp

from caudal.model.params import Params
from caudal.model.smooth import ramp
from caudal.model.state import Two

LEAST_NETBACK = 200.0  # 2020 USD/kg: width of the floor that keeps the logarithm defined


def log_netback(p: Params, wholesale: Two, caution: Two) -> Two:
    """Return ln(p_W (1 - q) - c - R q) by destination, ln(2020 USD/kg).

    ``wholesale`` is the landed price, ``caution`` the expected loss probability q; c is the
    corridor cost and R the compensation for risk. Source: recommended structure section 4.
    """
    cost = jnp.stack([p.corridor_cost_us, p.corridor_cost_world])
    return jnp.log(ramp(wholesale * (1.0 - caution) - cost - p.risk_compensation * caution, LEAST_NETBACK))

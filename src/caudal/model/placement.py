"""Where a national lever is used: recorded shares first, the rest where coca stands."""

from __future__ import annotations

import jax.numpy as jnp

from caudal.model.state import Placement, R, S


def placed(total: S, place: Placement, area: R, mask: R) -> R:
    """Return a national lever by department, in its own unit; ``area`` is the coca standing, in ha."""
    standing = area * place.allowed * mask
    return total * (place.fixed + (1.0 - jnp.sum(place.fixed)) * standing / (jnp.sum(standing) + 1e-6))

"""The smooth functions the equations share, chosen to keep every gradient finite."""

from __future__ import annotations

import jax.numpy as jnp


def ramp(x, width):
    """Return a smooth ``max(x, 0)``: (x + sqrt(x^2 + width^2)) / 2."""
    return 0.5 * (x + jnp.sqrt(x * x + width * width))


def saturate(effort, stock, ceiling):
    """Return the hazard of removal by an effort, in 1/year.

    h = h_max e / (e + h_max N): each hectare of effort removes one hectare while effort
    is small against the stock; the hazard never exceeds ``ceiling`` (h_max). ``effort``
    in ha/year, ``stock`` in ha. Source: prototype findings, recommendation 1.
    """
    return ceiling * effort / (effort + ceiling * stock + 1e-6)

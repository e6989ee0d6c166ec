"""The mechanisms alone: how much of the record of area they explain when no level ever changes."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

from caudal.calibrate.likelihood import Likelihood
from caudal.core.clock import START
from caudal.model.params import Params
from caudal.model.step import initial
from caudal.simulate.engine import Shifts, trajectory

AREA_SD = 0.2
"""Sd of the log error of departmental area in the fit of constant levels (judgement)."""
AREA_SMALL = 50.0
"""Hectares added before logarithms, so that near-empty departments do not rule the fit."""


def alone(likelihood: Likelihood, p: Params) -> dict[str, Any]:
    """Return how well national area is met at given parameters, with changing and with constant levels.

    The constant levels, one for each department and for Peru and Bolivia, are those that meet the
    record of area best. Shares are of the variance of log national area.
    """
    given, ground = likelihood.given, likelihood.places
    years = likelihood.last - START + 1
    still = Shifts.none(years, regions=len(given.regions))
    free = dataclasses.replace(likelihood.forcing, track=np.zeros_like(likelihood.forcing.track))
    begun = initial(p, ground)

    def run(level):
        start = dataclasses.replace(begun, level=level[:-2], usual_level=level[:-2], andes_level=level[-2:])
        return trajectory(start, p, likelihood.levers, free, still, ground, substeps=1)[1]

    def missed(level):
        found = run(level)
        area = jnp.asarray(given.area[1:]) + AREA_SMALL
        gap = jnp.log(area) - jnp.log(found["coca_area_department"] + AREA_SMALL)
        andes = jnp.log(given.andes[1:].sum(axis=1)) - jnp.log(found["coca_area_peru_bolivia"])
        return 0.5 * jnp.sum((gap / AREA_SD) ** 2) + 0.5 * jnp.sum((andes / AREA_SD) ** 2)

    last, seen = jax.jit(
        lambda: trajectory(begun, p, likelihood.levers, likelihood.forcing, still, ground, substeps=1)
    )()
    slope = jax.jit(jax.value_and_grad(missed))

    def down(level):
        value, gradient = slope(jnp.asarray(level))
        return float(value), np.asarray(gradient)

    first = np.concatenate([np.clip(np.asarray(last.usual_level), -6.0, 1.0), np.asarray(last.andes_level)])
    constant = minimize(down, first, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    found = jax.jit(run)(jnp.asarray(constant))
    recorded = np.log(given.area[1:].sum(axis=1))
    spread = float(np.var(recorded))
    errors = [float(np.mean((recorded - np.log(np.asarray(one["coca_area"]))) ** 2)) for one in (seen, found)]
    return {
        "years": [START, likelihood.last],
        "log_rmse_with_levels": errors[0] ** 0.5,
        "log_rmse_without_levels": errors[1] ** 0.5,
        "share_of_variance_with_levels": 1.0 - errors[0] / spread,
        "share_of_variance_mechanisms": 1.0 - errors[1] / spread,
        "share_of_variance_levels": (errors[1] - errors[0]) / spread,
    }

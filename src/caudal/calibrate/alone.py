"""The mechanisms alone: how much of the record of area they explain when no level ever changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

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
"""Sd of the log error of departmental area, and of that of Peru and Bolivia, in the fit of constant levels
(judgement)."""
AREA_SMALL = 50.0
"""Hectares added before logarithms, so that near-empty departments do not rule the fit (judgement)."""
LEAST_LEVEL, MOST_LEVEL = -6.0, 1.0
"""Levels at which the search starts at least and at most, logit points: from where nothing is planted, or
all, no slope leads away."""
EVALUATIONS = 300
"""Steps of the search at most."""


def alone(likelihood: Likelihood, p: Params) -> dict[str, list[int] | float]:
    """Return how well national area is met at given parameters, with changing and with constant levels.

    The constant levels, one for each department and for Peru and Bolivia, are those that meet the
    record of area best. Shares are of the variance of log national area.
    """
    recorded = np.log(likelihood.given.area[1:].sum(axis=1))
    spread = float(np.var(recorded))
    errors = [float(np.mean((recorded - np.log(path)) ** 2)) for path in _paths(likelihood, p)]
    return {
        "years": [START, likelihood.last],
        "log_rmse_with_levels": errors[0] ** 0.5,
        "log_rmse_without_levels": errors[1] ** 0.5,
        "share_of_variance_with_levels": 1.0 - errors[0] / spread,
        "share_of_variance_mechanisms": 1.0 - errors[1] / spread,
        "share_of_variance_levels": (errors[1] - errors[0]) / spread,
    }


def _paths(likelihood: Likelihood, p: Params) -> tuple[np.ndarray, np.ndarray]:
    """Return national area by year, ha: with levels that follow the record, and with constant ones."""
    ground, begun = likelihood.places, initial(p, likelihood.places)
    years = likelihood.last - START + 1
    still = Shifts.none(years, regions=len(likelihood.given.regions))
    free = dataclasses.replace(likelihood.forcing, track=np.zeros_like(likelihood.forcing.track))

    def run(start, forcing):
        return trajectory(start, p, likelihood.levers, forcing, still, ground, substeps=1)

    def constant(level):
        start = dataclasses.replace(begun, level=level[:-2], usual_level=level[:-2], andes_level=level[-2:])
        return run(start, free)[1]

    last, seen = jax.jit(lambda: run(begun, likelihood.forcing))()
    usual = np.clip(np.asarray(last.usual_level), LEAST_LEVEL, MOST_LEVEL)
    first = np.concatenate([usual, np.asarray(last.andes_level)])
    best = _lowest(lambda level: _missed(likelihood, constant(level)), first)
    found = jax.jit(constant)(jnp.asarray(best))
    return np.asarray(seen["coca_area"]), np.asarray(found["coca_area"])


def _missed(likelihood: Likelihood, found: dict[str, jax.Array]):
    """Return half the squared log errors of area by department, and of Peru and Bolivia, in their sd."""
    given = likelihood.given
    area = jnp.asarray(given.area[1:]) + AREA_SMALL
    gap = jnp.log(area) - jnp.log(found["coca_area_department"] + AREA_SMALL)
    andes = jnp.log(given.andes[1:].sum(axis=1)) - jnp.log(found["coca_area_peru_bolivia"])
    return 0.5 * jnp.sum((gap / AREA_SD) ** 2) + 0.5 * jnp.sum((andes / AREA_SD) ** 2)


def _lowest(loss: Callable, first: np.ndarray) -> np.ndarray:
    """Return where L-BFGS finds a loss lowest, from a first guess."""
    slope = jax.jit(jax.value_and_grad(loss))

    def down(level):
        value, gradient = slope(jnp.asarray(level))
        return float(value), np.asarray(gradient)

    return minimize(down, first, jac=True, method="L-BFGS-B", options={"maxiter": EVALUATIONS}).x

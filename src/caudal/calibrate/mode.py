"""The highest point of a log density, and how it bends there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

from caudal.calibrate.checkpoints import Checkpoints, Report, Settings


@dataclasses.dataclass(frozen=True)
class Mode:
    """The highest point found, the curvature there, and what each search ended at."""

    point: np.ndarray
    curvature: np.ndarray  # minus the Hessian of the log density
    heights: tuple[float, ...]


def find_mode(
    log_density: Callable,
    starts: list[np.ndarray],
    settings: Settings,
    kept: Checkpoints,
    report: Report,
) -> Mode:
    """Return the highest mode that L-BFGS finds from some starting points, and its curvature."""
    if stage := kept.load("mode"):
        return Mode(stage["point"], stage["curvature"], tuple(map(float, stage["heights"])))
    climb = jax.jit(jax.value_and_grad(log_density))

    def down(x):
        value, slope = climb(jnp.asarray(x))
        if not np.isfinite(value):
            return 1e10, np.zeros_like(x)
        return -float(value), -np.nan_to_num(np.asarray(slope))

    found = []
    for i, start in enumerate(starts):
        options = {"maxfun": settings.evaluations, "maxiter": settings.evaluations, "maxcor": 30}
        end = minimize(down, start, jac=True, method="L-BFGS-B", options=options)
        found.append(end)
        report(f"mode: start {i + 1} of {len(starts)}, log density {-end.fun:.2f}")
    best = min(found, key=lambda end: end.fun)
    curvature = _curvature(lambda x: climb(jnp.asarray(x))[1], best.x)
    report("mode: curvature")
    heights = tuple(-float(end.fun) for end in found)
    kept.save("mode", point=best.x, curvature=curvature, heights=np.array(heights))
    return Mode(best.x, curvature, heights)


def _curvature(slope: Callable, point: np.ndarray) -> np.ndarray:
    """Return minus the Hessian at a point, symmetric, from central differences of the slope.

    Second derivatives by automatic differentiation need the memory of every step at once.
    """
    moves = STEP * np.eye(len(point))
    rows = [np.asarray(slope(point - move)) - np.asarray(slope(point + move)) for move in moves]
    hessian = np.stack(rows) / (2.0 * STEP)
    return 0.5 * (hessian + hessian.T)


STEP = 0.3
"""Step of the differences, in units of prior sd: wide enough to see past the bends between planting
and leaving, where the curvature at a point says nothing of the width of the density."""

"""The humps of a log density: their highest points, and how it bends there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

from caudal.calibrate.checkpoints import Checkpoints, Report, Settings

STEP = 0.3
"""Step of the differences, in units of prior sd (judgement): wide enough to see past the bends between
planting and leaving, where the curvature at a point says nothing of the width of the density."""
FAR = 5.0
"""Distance from a mode, in sd as its curvature has them, beyond which another is a hump of its own
(judgement: searches that end in one hump end within 2)."""
DEEP = 10.0
"""Log density below the highest mode at which a hump is left out (judgement: it holds a share of exp(-10)
unless it is far wider)."""


@dataclasses.dataclass(frozen=True)
class Mode:
    """The highest point of a hump, the log density there, and its curvature."""

    point: np.ndarray
    height: float
    curvature: np.ndarray  # minus the Hessian of the log density

    def distance(self, point: np.ndarray) -> float:
        """Return how far a point is, in sd as the curvature has them."""
        gap = point - self.point
        return float(np.sqrt(max(gap @ self.curvature @ gap, 0.0)))


def find_modes(
    log_density: Callable,
    starts: Sequence[np.ndarray],
    settings: Settings,
    kept: Checkpoints,
    report: Report,
) -> tuple[Mode, ...]:
    """Return the modes of the humps in which L-BFGS ends from some starting points, the highest first."""
    if stage := kept.load("modes"):
        return tuple(Mode(p, float(h), c) for p, h, c in zip(*(stage[n] for n in _FIELDS), strict=True))
    climb = jax.jit(jax.value_and_grad(log_density))

    def down(x):
        value, slope = climb(jnp.asarray(x))
        if not np.isfinite(value):
            return 1e10, np.zeros_like(x)
        return -float(value), -np.nan_to_num(np.asarray(slope))

    ends = []
    for i, start in enumerate(starts):
        options = {"maxfun": settings.evaluations, "maxiter": settings.evaluations, "maxcor": 30}
        ends.append(minimize(down, start, jac=True, method="L-BFGS-B", options=options))
        report(f"modes: start {i + 1} of {len(starts)}, log density {-ends[-1].fun:.2f}")
    ends.sort(key=lambda end: end.fun)
    found: list[Mode] = []
    for end in ends:
        high = end.fun <= ends[0].fun + DEEP
        if high and all(mode.distance(end.x) > FAR for mode in found):
            curvature = _curvature(lambda x: climb(jnp.asarray(x))[1], end.x)
            found.append(Mode(end.x, -float(end.fun), curvature))
            report(f"modes: hump {len(found)}, log density {-end.fun:.2f}")
    kept.save("modes", **{name: np.stack([getattr(mode, name) for mode in found]) for name in _FIELDS})
    return tuple(found)


_FIELDS = tuple(field.name for field in dataclasses.fields(Mode))


def _curvature(slope: Callable, point: np.ndarray) -> np.ndarray:
    """Return minus the Hessian at a point, symmetric, from central differences of the slope.

    Second derivatives by automatic differentiation need the memory of every step at once.
    """
    moves = STEP * np.eye(len(point))
    rows = [np.asarray(slope(point - move)) - np.asarray(slope(point + move)) for move in moves]
    hessian = np.stack(rows) / (2.0 * STEP)
    return 0.5 * (hessian + hessian.T)

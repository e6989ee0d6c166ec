r"""The normal distribution nearest a log density: where chains begin.

The density bends sharply on a small scale (planting and leaving are two laws), so its slope says
little; its values at points some way apart say how wide it is. In rounds, points are drawn from the
normal :math:`N(m, CC^\top)`, the density is evaluated there, and what it exceeds the normal by,

.. math::
    r(y) = \ln p(m + Cy) + \tfrac12 y^\top y \approx a + b^\top y - \tfrac12 y^\top Q y,

is fitted by ridge regression over the last rounds, points far below weighing less. The next normal
has precision :math:`I + Q` and mean :math:`(I + Q)^{-1} b` in those coordinates, no variance changed by
more than ``MOST_CHANGE``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from caudal.calibrate.checkpoints import Checkpoints, Report, Settings
from caudal.calibrate.mode import Mode
from caudal.simulate.executor import spread

LEAST_CURVATURE = 0.25
"""Curvature at least assumed in any direction at the mode, of a density whose prior has curvature 1
(less where the likelihood bends the other way; judgement)."""
BATCH = 128
"""Points evaluated at once."""
WINDOW = 8
"""Rounds that enter the regression (judgement, as what follows)."""
RIDGE = 100.0
"""Weight with which coefficients are drawn to zero, in points."""
DEPTH = 8.0
"""Log density below the median from which points weigh less, by exp(-1) per as much again."""
WORTH = 5.0
"""Draws for each dimension at which half of a covariance learnt from them is taken without its correlations
(docs/decisions/0016)."""
MOST_CHANGE = 3.0
"""Factor by which a round widens or narrows the variance at most, in any direction."""


@dataclasses.dataclass(frozen=True)
class Normal:
    """A normal distribution: mean, and lower triangular root of the covariance."""

    mean: np.ndarray
    root: np.ndarray
    apart: float = np.nan  # sd of the log density less that of the normal a round before, at its draws

    def draws(self, count: int, seed: int) -> np.ndarray:
        """Return draws (count, dimension)."""
        rng = np.random.default_rng(seed)
        return self.mean + rng.standard_normal((count, len(self.mean))) @ self.root.T

    def standard(self, points: np.ndarray) -> np.ndarray:
        """Return points in the coordinates in which this distribution is standard."""
        return solve_triangular(self.root, (points - self.mean).T, lower=True).T


def learnt(draws: np.ndarray) -> Normal:
    r"""Return the normal with the mean of draws, and their covariance less correlated if they are few.

    .. math::
        \hat\Sigma = (1 - s) S + s \operatorname{diag} S,\quad s = \frac{5d}{5d + n}

    Args:
        draws: (draw, dimension).
    """
    count, size = draws.shape
    share = WORTH * size / (WORTH * size + count)
    spread = np.cov(draws.T)
    less = (1.0 - share) * spread + share * np.diag(np.diag(spread))
    return Normal(draws.mean(axis=0), np.linalg.cholesky(less))


def together(normals: Sequence[Normal]) -> Normal:
    """Return the normal with the mean and covariance of several in equal parts."""
    mean = np.mean([n.mean for n in normals], axis=0)
    spread = [n.root @ n.root.T + np.outer(n.mean - mean, n.mean - mean) for n in normals]
    return Normal(mean, np.linalg.cholesky(np.mean(spread, axis=0)))


def at_mode(mode: Mode) -> Normal:
    """Return the normal with a mode's place and curvature."""
    values, vectors = np.linalg.eigh(mode.curvature)
    wide = vectors / np.maximum(np.abs(values), LEAST_CURVATURE)
    return Normal(mode.point, np.linalg.cholesky(wide @ vectors.T))


def nearest(
    log_density: Callable,
    mode: Mode,
    settings: Settings,
    kept: Checkpoints,
    report: Report,
    stage: str = "normal",
) -> Normal:
    """Return the normal nearest a hump of a log density, found in rounds from the one at its mode."""
    if found := kept.load(stage):
        return Normal(found["mean"], found["root"], float(found["apart"]))
    batch = jax.jit(jax.vmap(log_density))

    def evaluated(points: np.ndarray) -> np.ndarray:
        parts = [points[i : i + BATCH] for i in range(0, len(points), BATCH)]
        return np.concatenate([np.asarray(batch(spread(jnp.asarray(part)))) for part in parts])

    normal, rounds = at_mode(mode), []
    for i in range(settings.rounds):
        points = normal.draws(settings.points, settings.seed + i)
        heights = evaluated(points)
        rounds = [*rounds, (points, heights)][-WINDOW:]
        apart = _spread(heights + 0.5 * np.sum(normal.standard(points) ** 2, axis=1))
        normal = dataclasses.replace(
            _nearer(normal, *map(np.concatenate, zip(*rounds, strict=True))), apart=apart
        )
        report(f"{stage}: round {i + 1} of {settings.rounds}, {apart:.2f} from the density")
    kept.save(stage, mean=normal.mean, root=normal.root, apart=normal.apart)
    return normal


def _spread(values: np.ndarray) -> float:
    """Return the sd of a normal with the interquartile range of some values."""
    low, high = np.quantile(values[np.isfinite(values)], [0.25, 0.75])
    return float((high - low) / 1.349)


def _nearer(normal: Normal, points: np.ndarray, heights: np.ndarray) -> Normal:
    """Return the normal of which the density at some points is nearest to a multiple."""
    y = normal.standard(points)
    excess = heights + 0.5 * np.sum(y**2, axis=1)
    fair = np.isfinite(excess)
    y, excess = y[fair], excess[fair]
    weight = np.exp(np.minimum(excess - np.median(excess) + DEPTH, 0.0) / DEPTH)
    size = y.shape[1]
    upper = np.triu_indices(size)
    features = np.concatenate([np.ones((len(y), 1)), y, y[:, upper[0]] * y[:, upper[1]]], axis=1)
    weighted = features * weight[:, None]
    gram = weighted.T @ features
    gram[np.diag_indices(len(gram))] += RIDGE
    middle = np.average(excess, weights=weight)
    found = cho_solve(cho_factor(gram), weighted.T @ (excess - middle))
    bend = np.zeros((size, size))
    bend[upper] = -found[1 + size :]
    values, vectors = np.linalg.eigh(np.eye(size) + bend + bend.T)
    values = np.clip(values, 1.0 / MOST_CHANGE, MOST_CHANGE)
    shift = vectors @ (vectors.T @ found[1 : 1 + size] / values)
    wide = normal.root @ (vectors / values) @ vectors.T @ normal.root.T
    return Normal(normal.mean + normal.root @ shift, np.linalg.cholesky(wide))

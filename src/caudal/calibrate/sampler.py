"""Draw from a log density: the mode, its curvature, then NUTS in the space that the curvature rounds.

The library samples (NumPyro's NUTS, chains vectorised in one compiled program); here is what a long
run needs beside it: blocks with progress, a checkpoint after each, and going on from the last.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

from caudal.simulate.executor import spread

Report = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Settings:
    """How long to look and to draw."""

    starts: int = 2  # searches for the mode
    evaluations: int = 400  # of the density, each search
    chains: int = 8
    warmup: int = 100
    draws: int = 250  # of each chain
    block: int = 10  # draws between checkpoints
    accept: float = 0.85  # target acceptance
    depth: int = 6  # most doublings of a trajectory
    seed: int = 0


@dataclasses.dataclass(frozen=True)
class Mode:
    """The highest point found, the curvature there, and what each search ended at."""

    point: np.ndarray
    curvature: np.ndarray  # minus the Hessian of the log density
    heights: tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class Sample:
    """Draws and how they came about, leading axes (chain, draw)."""

    points: np.ndarray
    log_density: np.ndarray
    diverging: np.ndarray
    steps: np.ndarray  # leapfrog steps
    acceptance: np.ndarray


class Checkpoints:
    """Stages kept in a folder, each under the key of the problem they belong to."""

    def __init__(self, folder: Path | None, key: str) -> None:
        """Use a folder (``None``: keep nothing); stages of another key are not read."""
        self.folder, self.key = folder, key
        self._before, self._since = 0.0, time.monotonic()
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def load(self, stage: str) -> dict[str, np.ndarray] | None:
        """Return a stage, if it was kept under this key and is whole."""
        if self.folder is None:
            return None
        path = self.folder / f"{stage}.npz"
        try:
            with np.load(path, allow_pickle=False) as stored:
                found = dict(stored)
        except (OSError, ValueError, EOFError, BadZipFile):
            return None
        if str(found.pop("key", "")) != self.key:
            return None
        self._before, self._since = float(found.pop("seconds", 0.0)), time.monotonic()
        return found

    @property
    def seconds(self) -> float:
        """Return the seconds spent, those before the last stage that was read included."""
        return self._before + time.monotonic() - self._since

    def save(self, stage: str, **arrays: Any) -> None:
        """Keep a stage; a run that is stopped here leaves the one before."""
        if self.folder is None:
            return
        path = self.folder / f"{stage}.npz"
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, key=self.key, seconds=self.seconds, **arrays)
        partial.replace(path)


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
    curvature = _curvature(log_density, best.x)
    report("mode: curvature")
    heights = tuple(-float(end.fun) for end in found)
    kept.save("mode", point=best.x, curvature=curvature, heights=np.array(heights))
    return Mode(best.x, curvature, heights)


def _curvature(log_density: Callable, point: np.ndarray) -> np.ndarray:
    """Return minus the Hessian at a point, symmetric, from central differences of the slope.

    Second derivatives by automatic differentiation need the memory of every step at once.
    """
    slopes = jax.jit(jax.vmap(jax.grad(log_density)))
    offsets = np.concatenate([STEP * np.eye(len(point)), -STEP * np.eye(len(point))])
    padding = -len(offsets) % BATCH
    points = point + np.concatenate([offsets, np.zeros((padding, len(point)))])
    found = np.concatenate([slopes(jnp.asarray(part)) for part in np.split(points, len(points) // BATCH)])
    up, down = found[: len(point)], found[len(point) : 2 * len(point)]
    hessian = -(up - down) / (2.0 * STEP)
    return 0.5 * (hessian + hessian.T)


STEP = 0.3
"""Step of the differences, in units of prior sd: wide enough to see past the bends between planting
and leaving, where the curvature at a point says nothing of the width of the density."""
BATCH = 16
"""Slopes taken at once."""
LEAST_CURVATURE = 0.25
"""Curvature at least assumed in any direction, of a density whose prior has curvature 1 (less where
the likelihood bends the other way)."""


def whitening(mode: Mode) -> np.ndarray:
    """Return W such that x = point + W y has about unit covariance in y."""
    values, vectors = np.linalg.eigh(mode.curvature)
    return vectors / np.sqrt(np.maximum(np.abs(values), LEAST_CURVATURE))


def around(mode: Mode, count: int, seed: int) -> np.ndarray:
    """Return draws of the normal distribution with a mode's place and curvature: a quick preview."""
    rng = np.random.default_rng(seed)
    return mode.point + rng.standard_normal((count, len(mode.point))) @ whitening(mode).T


def sample(
    log_density: Callable, mode: Mode, settings: Settings, kept: Checkpoints, report: Report
) -> Sample:
    """Draw by NUTS from around a mode, block by block."""
    from numpyro.infer import NUTS

    turn, centre = jnp.asarray(whitening(mode)), jnp.asarray(mode.point)
    kernel = NUTS(
        potential_fn=lambda y: -log_density(centre + turn @ y),
        target_accept_prob=settings.accept,
        max_tree_depth=settings.depth,
        dense_mass=False,
        step_size=0.3,
    )
    size = len(mode.point)
    first, keys = jax.random.split(jax.random.key(settings.seed))
    begin = 0.5 * jax.random.normal(first, (settings.chains, size))
    state = kernel.init(jax.random.split(keys, settings.chains), settings.warmup, spread(begin), (), {})
    state = spread(state)

    @jax.jit
    def block(state):
        def one(state, _):
            state = kernel.sample(state, (), {})
            seen = (state.z, state.potential_energy, state.diverging, state.num_steps, state.accept_prob)
            return state, seen

        return jax.lax.scan(one, state, None, length=settings.block)

    total = settings.warmup + settings.draws
    done, parts = 0, []
    if stage := kept.load("chains"):
        done = int(stage["done"])
        state = spread(_restored(state, stage))
        parts = [tuple(stage[f"part{i}"] for i in range(5))]
        report(f"chains: going on after {done} of {total}")
    while done < total:
        state, seen = block(state)
        parts.append(tuple(np.asarray(s) for s in seen))
        done += settings.block
        joined = tuple(np.concatenate([part[i] for part in parts]) for i in range(5))
        parts = [joined]
        kept.save("chains", done=done, **_flat(state), **{f"part{i}": part for i, part in enumerate(joined)})
        report(
            f"chains: {done} of {total}, {joined[3][-settings.block :].mean():.1f} steps a draw, "
            f"acceptance {joined[4][-settings.block :].mean():.2f}"
        )
    whole = [np.swapaxes(part[settings.warmup :], 0, 1) for part in parts[0]]
    points = np.asarray(centre) + whole[0] @ np.asarray(turn).T
    return Sample(points, -whole[1], whole[2].astype(bool), whole[3], whole[4])


def _flat(state: Any) -> dict[str, np.ndarray]:
    """Return the arrays of a sampler's state, random keys as plain numbers."""
    leaves = jax.tree.leaves(state)
    return {f"leaf{i}": np.asarray(_plain(leaf)) for i, leaf in enumerate(leaves)}


def _restored(state: Any, stage: dict[str, np.ndarray]) -> Any:
    """Return a sampler's state with the arrays of a stage."""
    leaves, shape = jax.tree.flatten(state)
    return jax.tree.unflatten(
        shape, [_like(leaf, jnp.asarray(stage[f"leaf{i}"])) for i, leaf in enumerate(leaves)]
    )


def _is_key(leaf: Any) -> bool:
    return jnp.issubdtype(jnp.asarray(leaf).dtype, jax.dtypes.prng_key) if hasattr(leaf, "dtype") else False


def _plain(leaf: Any) -> Any:
    return jax.random.key_data(leaf) if _is_key(leaf) else leaf


def _like(leaf: Any, stored: Any) -> Any:
    return jax.random.wrap_key_data(stored) if _is_key(leaf) else stored


def key_of(**about: Any) -> str:
    """Return what tells one problem from another, for checkpoints."""
    return hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()[:24]

r"""Draw from a log density by chains that turn around the normal nearest to it.

A step turns the point, in the coordinates in which that normal is standard, towards a fresh draw
of it, and is accepted by what the density exceeds the normal by (generalised preconditioned
Crank-Nicolson: Cotter et al. 2013, doi:10.1214/13-STS421; Rudolf and Sprungk 2018,
doi:10.1007/s10208-016-9340-x),

.. math::
    y' = y\cos\vartheta + \xi\sin\vartheta,\quad \vartheta \sim U(0, \vartheta_m),\quad
    \ln u < r(y') - r(y),\quad r(y) = \ln p(m + Cy) + \tfrac12 y^\top y

It needs no slope. The library steps (BlackJAX); here is what a long run needs beside it: all chains
in one program on all cores, blocks with progress, a checkpoint after each, going on from the last.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from caudal.calibrate.checkpoints import Checkpoints, Report, Settings
from caudal.calibrate.normal import Normal
from caudal.simulate.executor import spread

WIDER = 1.1
"""Factor on the sd of the normal that is turned around: the tails of a density are wider."""
FIRST_SPREAD = 0.5
"""Spread of the first points, in sd of the normal."""
FIRST_ANGLE = 0.8
"""Widest angle before the warm-up has adapted it, radians."""


@dataclasses.dataclass(frozen=True)
class Sample:
    """Draws and how they came about, leading axes (chain, draw)."""

    points: np.ndarray
    log_density: np.ndarray
    diverging: np.ndarray  # share of the proposals since the draw before at which there was no density
    acceptance: np.ndarray  # share of the steps since the draw before


def sample(
    log_density: Callable, normal: Normal, settings: Settings, kept: Checkpoints, report: Report
) -> Sample:
    """Draw by chains around a normal, block by block."""
    mean, root = jnp.asarray(normal.mean), WIDER * jnp.asarray(normal.root)
    advance = _block(log_density, mean, root, settings)
    rng = np.random.default_rng(settings.seed)
    begin = FIRST_SPREAD * rng.standard_normal((settings.chains, len(mean)))
    keys = jax.random.split(jax.random.key(settings.seed), settings.chains)
    angle, done, total = FIRST_ANGLE, 0, settings.warmup + settings.draws
    place, parts = jnp.asarray(begin), []
    if stage := kept.load("chains"):
        done, angle, place = int(stage["done"]), float(stage["angle"]), jnp.asarray(stage["place"])
        parts = [tuple(stage[f"part{i}"] for i in range(4))]
        report(f"chains: going on after {done} of {total}")
    while done < total:
        turn = jax.vmap(jax.random.fold_in, (0, None))(keys, done)
        place, seen = advance(spread(place), spread(turn), angle)
        parts = [tuple(np.concatenate(p, axis=1) for p in zip(*parts, map(np.asarray, seen), strict=True))]
        accepted = float(np.mean(seen[3]))
        done += settings.block
        if done <= settings.warmup:
            angle = float(np.clip(angle * np.exp(accepted - settings.accept), 0.01, np.pi / 2))
        named = {f"part{i}": part for i, part in enumerate(parts[0])}
        kept.save("chains", done=done, angle=angle, place=np.asarray(place), **named)
        report(f"chains: {done} of {total}, acceptance {accepted:.2f}, angle {angle:.2f}")
    return Sample(*(part[:, settings.warmup :] for part in parts[0]))


def _block(log_density: Callable, mean, root, settings: Settings) -> Callable:
    """Return a program that moves all chains by a block: (places, keys, angle) to (places, seen)."""
    from blackjax.mcmc.random_walk import build_rmh, init

    kernel = build_rmh()

    def excess(y):
        return log_density(mean + root @ y) + 0.5 * y @ y

    def chain(y, key, angle):
        def turned(key, y):
            towards, how_far = jax.random.split(key)
            turn = angle * jax.random.uniform(how_far)
            return jnp.cos(turn) * y + jnp.sin(turn) * jax.random.normal(towards, y.shape)

        def step(state, key):
            state, info = kernel(key, state, excess, turned)
            return state, (info.is_accepted, info.acceptance_rate == 0.0)

        def draw(state, key):
            state, (accepted, broken) = jax.lax.scan(step, state, jax.random.split(key, settings.thin))
            y = state.position
            seen = (mean + root @ y, state.logdensity - 0.5 * y @ y, jnp.mean(broken), jnp.mean(accepted))
            return state, seen

        state, seen = jax.lax.scan(draw, init(y, excess), jax.random.split(key, settings.block))
        return state.position, seen

    return jax.jit(jax.vmap(chain, in_axes=(0, 0, None)))

r"""Draw from a log density by chains that turn around the normals nearest to it.

A step chooses one of the normals :math:`N_k = N(m_k, C_k C_k^\top)` with the odds of their densities at
the point, turns the point, in the coordinates in which that normal is standard, towards a fresh draw of
it, and is accepted by what the density exceeds the sum of the normals by (generalised preconditioned
Crank-Nicolson: Cotter et al. 2013, doi:10.1214/13-STS421; Rudolf and Sprungk 2018,
doi:10.1007/s10208-016-9340-x),

.. math::
    x' = m_k + C_k(y\cos\vartheta + \xi\sin\vartheta),\quad y = C_k^{-1}(x - m_k),\quad
    \vartheta \sim U(0, \vartheta_m),\quad \ln u < r(x') - r(x),\quad
    r(x) = \ln p(x) - \ln \sum_k N_k(x)

It needs no slope. A density of one hump has one normal. Between several, steps that cross from one to
another, :math:`x' = m_j + C_j C_k^{-1}(x - m_k)`, are accepted by the same rule.

The library steps (BlackJAX); here is what a long run needs beside it: all chains in one program on all
cores, blocks with progress, a checkpoint after each, going on from the last.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from caudal.calibrate.checkpoints import Checkpoints, Report, Settings
from caudal.calibrate.normal import Normal
from caudal.simulate.executor import spread

WIDER = 1.3
"""Factor on the sd of the normals that are turned around: the tails of a density are wider, and a chain
stays long where the density exceeds the normals by much (docs/decisions/0016)."""
FIRST_SPREAD = 0.5
"""Spread of the first points, in sd of the normals (judgement, as what follows)."""
FIRST_ANGLE = 0.8
"""Widest angle before the warm-up has adapted it, radians."""
CROSSINGS = 2
"""Steps from one normal to another for each kept draw: a tenth of the turns, so that they cost little."""


@dataclasses.dataclass(frozen=True)
class Sample:
    """Draws and how they came about, leading axes (chain, draw)."""

    points: np.ndarray
    log_density: np.ndarray
    diverging: np.ndarray  # share of the proposals since the draw before at which there was no density
    acceptance: np.ndarray  # share of the turns since the draw before


def sample(
    log_density: Callable, normals: Sequence[Normal], settings: Settings, kept: Checkpoints, report: Report
) -> Sample:
    """Draw by chains around normals, block by block."""
    advance = _block(log_density, normals, settings)
    rng = np.random.default_rng(settings.seed)
    place = np.stack([_begin(normals[c % len(normals)], rng) for c in range(settings.chains)])
    keys = jax.random.split(jax.random.key(settings.seed), settings.chains)
    angle, done, total, blocks = FIRST_ANGLE, 0, settings.warmup + settings.draws, []
    if found := kept.load("chains"):
        done, angle, place = int(found["done"]), float(found["angle"]), found["place"]
        blocks = [tuple(found[f"part{i}"] for i in range(4))]
        report(f"chains: going on after {done} of {total}")
    while done < total:
        turn = jax.vmap(jax.random.fold_in, (0, None))(keys, done)
        place, seen = advance(spread(jnp.asarray(place)), spread(turn), angle)
        blocks.append(tuple(np.asarray(part) for part in seen))
        accepted = float(np.mean(seen[3]))
        done += settings.block
        if done <= settings.warmup:
            angle = float(np.clip(angle * np.exp(accepted - settings.accept), 0.01, np.pi / 2))
        named = {f"part{i}": part for i, part in enumerate(_joined(blocks))}
        kept.save("chains", done=done, angle=angle, place=np.asarray(place), **named)
        report(f"chains: {done} of {total}, acceptance {accepted:.2f}, angle {angle:.2f}")
    return Sample(*(part[:, settings.warmup : total] for part in _joined(blocks)))


def _joined(blocks: Sequence[tuple[np.ndarray, ...]]) -> list[np.ndarray]:
    return [np.concatenate(part, axis=1) for part in zip(*blocks, strict=True)]


def _begin(normal: Normal, rng: np.random.Generator) -> np.ndarray:
    return normal.mean + FIRST_SPREAD * WIDER * normal.root @ rng.standard_normal(len(normal.mean))


def _block(log_density: Callable, normals: Sequence[Normal], settings: Settings) -> Callable:
    """Return a program that moves all chains by a block: (places, keys, angle) to (places, seen)."""
    means, roots = (jnp.stack([jnp.asarray(getattr(n, of)) for n in normals]) for of in ("mean", "root"))
    return jax.jit(jax.vmap(turning(log_density, means, roots, settings), in_axes=(0, 0, None)))


def turning(log_density: Callable, means: jax.Array, roots: jax.Array, settings: Settings) -> Callable:
    """Return a function that moves one chain by a block: (place, key, angle) to (place, seen).

    Args:
        log_density: of a point.
        means: of the normals that it turns around, (normal, dimension); they may be traced.
        roots: lower triangular roots of their covariances, (normal, dimension, dimension).
        settings: kept draws of a block, and steps between them.

    Returns:
        The function; what it has seen are the points, their log densities, the share of proposals at
        which there was no density, and the share that was accepted, each by kept draw.
    """
    from blackjax.mcmc.random_walk import build_rmh, init

    kernel, count = build_rmh(), len(means)
    roots = WIDER * roots
    sizes = jnp.sum(jnp.log(jnp.diagonal(roots, axis1=1, axis2=2)), axis=1)

    def standard(x):
        """Return a point in the coordinates of each normal."""
        return jax.vmap(lambda m, c: jax.scipy.linalg.solve_triangular(c, x - m, lower=True))(means, roots)

    def densities(y):
        """Return the log densities of the normals, up to a constant, from a point in their coordinates."""
        return -0.5 * jnp.sum(y * y, axis=1) - sizes

    def around(x):
        return jax.nn.logsumexp(densities(standard(x)))

    def excess(x):
        return log_density(x) - around(x)

    def chosen(key, x):
        """Return one of the normals by their odds, and the point in its coordinates."""
        y = standard(x)
        k = jax.random.categorical(key, densities(y))
        return k, y[k]

    def crossed(key, x):
        which, where = jax.random.split(key)
        k, y = chosen(which, x)
        k = (k + jax.random.randint(where, (), 1, count)) % count
        return means[k] + roots[k] @ y

    def chain(x, key, angle):
        def turned(key, x):
            which, towards, how_far = jax.random.split(key, 3)
            k, y = chosen(which, x)
            turn = angle * jax.random.uniform(how_far)
            y = jnp.cos(turn) * y + jnp.sin(turn) * jax.random.normal(towards, y.shape)
            return means[k] + roots[k] @ y

        def step(move):
            def one(state, key):
                state, info = kernel(key, state, excess, move)
                return state, (info.is_accepted, info.acceptance_rate == 0.0)

            return one

        def draw(state, key):
            state, (accepted, broken) = jax.lax.scan(
                step(turned), state, jax.random.split(key, settings.thin)
            )
            if count > 1:
                keys = jax.random.split(jax.random.fold_in(key, 1), CROSSINGS)
                state, _ = jax.lax.scan(step(crossed), state, keys)
            x = state.position
            seen = (x, state.logdensity + around(x), jnp.mean(broken), jnp.mean(accepted))
            return state, seen

        state, seen = jax.lax.scan(draw, init(x, excess), jax.random.split(key, settings.block))
        return state.position, seen

    return chain

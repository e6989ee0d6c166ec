r"""Draw from a log density by chains that turn around a normal that they learn.

A step turns the point, in the coordinates in which the normal :math:`N(m, CC^\top)` is standard, towards a
fresh draw of it, and is accepted by what the density exceeds the normal by (generalised preconditioned
Crank-Nicolson: Cotter et al. 2013, doi:10.1214/13-STS421; Rudolf and Sprungk 2018,
doi:10.1007/s10208-016-9340-x),

.. math::
    x' = m + C(y\cos\vartheta + \xi\sin\vartheta),\quad y = C^{-1}(x - m),\quad
    \vartheta \sim U(0, \vartheta_m),\quad \ln u < r(x') - r(x),\quad
    r(x) = \ln p(x) + \tfrac12 y^\top y

It needs no slope. Chains stay long where the density exceeds the normal by much, in tails that a normal near
a mode does not see. So the normal is learnt in the warm-up: it begins as that of all humps together, and
becomes mean and covariance of what the chains drew, each time their number has doubled.

Between humps, of which each has its normal :math:`N_k`, some steps cross: one is chosen with the odds of
their densities at the point, another one :math:`j` at random, and
:math:`x' = m_j + C_j C_k^{-1}(x - m_k)` is accepted by what the density exceeds the sum of these normals by.

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
from caudal.calibrate.normal import Normal, learnt, together
from caudal.simulate.executor import spread

WIDER = 1.1
"""Factor on the sd of the normal that is turned around: the tails of a density are wider
(docs/decisions/0016)."""
FIRST_SPREAD = 0.5
"""Spread of the first points, in sd of the normals of the humps (judgement, as what follows)."""
FIRST_ANGLE = 0.8
"""Widest angle before the warm-up has adapted it, radians."""
LEAST_ANGLE = 0.01
CROSSINGS = 2
"""Steps from one hump to another for each kept draw: a tenth of the turns, so that they cost little."""
LEARNT_AFTER = 40
"""Kept draws of each chain after which the normal is first learnt."""


@dataclasses.dataclass(frozen=True)
class Sample:
    """Draws and how they came about, leading axes (chain, draw)."""

    points: np.ndarray
    log_density: np.ndarray
    diverging: np.ndarray  # share of the proposals since the draw before at which there was no density
    acceptance: np.ndarray  # share of the steps since the draw before


def sample(
    log_density: Callable, humps: Sequence[Normal], settings: Settings, kept: Checkpoints, report: Report
) -> Sample:
    """Draw by chains that begin at the humps of a density, block by block.

    Args:
        log_density: of a point.
        humps: the normal nearest each hump.
        settings: chains, kept draws, and the warm-up in which the normal is learnt.
        kept: where a checkpoint is kept after each block.
        report: told how far it is.
    """
    advance = jax.jit(jax.vmap(turning(log_density, settings, humps), in_axes=(0, 0, None, None, None)))
    rng = np.random.default_rng(settings.seed)
    place = np.stack([_begin(humps[c % len(humps)], rng) for c in range(settings.chains)])
    keys = jax.random.split(jax.random.key(settings.seed), settings.chains)
    normal, angle, done, blocks = together(humps), FIRST_ANGLE, 0, []
    total = settings.warmup + settings.draws
    if found := kept.load("chains"):
        done, angle, place = int(found["done"]), float(found["angle"]), found["place"]
        normal = Normal(found["mean"], found["root"])
        blocks = [tuple(found[f"part{i}"] for i in range(4))]
        report(f"chains: going on after {done} of {total}")
    while done < total:
        turn = jax.vmap(jax.random.fold_in, (0, None))(keys, done)
        place, seen = advance(spread(jnp.asarray(place)), spread(turn), normal.mean, normal.root, angle)
        blocks.append(tuple(np.asarray(part) for part in seen))
        accepted = float(np.mean(seen[3]))
        done += settings.block
        if done <= settings.warmup:
            angle = adapted(angle, accepted, settings)
        if learns(done, settings):
            drawn = end_to_end(blocks)[0][:, done // 2 : done]
            normal = learnt(drawn.reshape(-1, drawn.shape[-1]))
        named = {f"part{i}": part for i, part in enumerate(end_to_end(blocks))}
        about = {"done": done, "angle": angle, "mean": normal.mean, "root": normal.root}
        kept.save("chains", place=np.asarray(place), **about, **named)
        report(f"chains: {done} of {total}, acceptance {accepted:.2f}, angle {angle:.2f}")
    return Sample(*(part[:, settings.warmup : total] for part in end_to_end(blocks)))


def learns(done: int, settings: Settings) -> bool:
    """Return whether the normal is learnt after the block that ends with a number of kept draws.

    It is when the draws have doubled, counted from ``LEARNT_AFTER``, and at the end of the warm-up.
    """
    if not LEARNT_AFTER <= done <= settings.warmup:
        return False
    doubled = LEARNT_AFTER * 2 ** int(np.log2(done / LEARNT_AFTER))
    return done == settings.warmup or done - settings.block < doubled


def adapted(angle, accepted, settings: Settings):
    """Return the widest angle after a block of the warm-up: wider if more was accepted than aimed for."""
    return np.clip(angle * np.exp(accepted - settings.accept), LEAST_ANGLE, np.pi / 2)


def end_to_end(blocks: Sequence[tuple[np.ndarray, ...]], axis: int = 1) -> list[np.ndarray]:
    """Return what was seen in several blocks as one, joined along the kept draws."""
    return [np.concatenate(part, axis=axis) for part in zip(*blocks, strict=True)]


def _begin(hump: Normal, rng: np.random.Generator) -> np.ndarray:
    return hump.mean + FIRST_SPREAD * hump.root @ rng.standard_normal(len(hump.mean))


def turning(log_density: Callable, settings: Settings, humps: Sequence[Normal] = ()) -> Callable:
    """Return a function that moves one chain by a block.

    Args:
        log_density: of a point.
        settings: kept draws of a block, and steps between them.
        humps: the normal nearest each hump; between several, some steps cross.

    Returns:
        (place, key, mean, root, angle) to (place, seen), around the normal with a mean and a lower
        triangular root of its covariance; seen are the points, their log densities, the share of proposals
        at which there was no density, and the share that was accepted, each by kept draw.
    """
    from blackjax.mcmc.random_walk import RWState, build_rmh, init

    kernel, crossing = build_rmh(), _crossing(log_density, humps) if len(humps) > 1 else None

    def chain(x, key, mean, root, angle):
        wide = WIDER * root

        def standard(x):
            return jax.scipy.linalg.solve_triangular(wide, x - mean, lower=True)

        def around(x):
            return -0.5 * jnp.sum(standard(x) ** 2)

        def excess(x):
            return log_density(x) - around(x)

        def turned(key, x):
            towards, how_far = jax.random.split(key)
            turn = angle * jax.random.uniform(how_far)
            return mean + wide @ (
                jnp.cos(turn) * standard(x) + jnp.sin(turn) * jax.random.normal(towards, x.shape)
            )

        def step(state, key):
            state, info = kernel(key, state, excess, turned)
            return state, (info.is_accepted, info.acceptance_rate == 0.0)

        def draw(state, key):
            state, (accepted, broken) = jax.lax.scan(step, state, jax.random.split(key, settings.thin))
            if crossing is not None:
                height = state.logdensity + around(state.position)
                x, height = crossing(state.position, height, jax.random.fold_in(key, 1))
                state = RWState(x, height - around(x))
            x = state.position
            return state, (x, state.logdensity + around(x), jnp.mean(broken), jnp.mean(accepted))

        state, seen = jax.lax.scan(draw, init(x, excess), jax.random.split(key, settings.block))
        return state.position, seen

    return chain


def _crossing(log_density: Callable, humps: Sequence[Normal]) -> Callable:
    """Return a function that tries to cross between humps: (point, its log density, key) to the same two."""
    from blackjax.mcmc.random_walk import RWState, build_rmh

    kernel, count = build_rmh(), len(humps)
    means, roots = (jnp.stack([jnp.asarray(getattr(n, of)) for n in humps]) for of in ("mean", "root"))
    roots = WIDER * roots
    sizes = jnp.sum(jnp.log(jnp.diagonal(roots, axis1=1, axis2=2)), axis=1)

    def standard(x):
        return jax.vmap(lambda m, c: jax.scipy.linalg.solve_triangular(c, x - m, lower=True))(means, roots)

    def densities(y):
        return -0.5 * jnp.sum(y * y, axis=1) - sizes

    def around(x):
        return jax.nn.logsumexp(densities(standard(x)))

    def crossed(key, x):
        which, where = jax.random.split(key)
        y = standard(x)
        k = jax.random.categorical(which, densities(y))
        j = (k + jax.random.randint(where, (), 1, count)) % count
        return means[j] + roots[j] @ y[k]

    def step(state, key):
        return kernel(key, state, lambda x: log_density(x) - around(x), crossed)[0], None

    def cross(x, height, key):
        state, _ = jax.lax.scan(step, RWState(x, height - around(x)), jax.random.split(key, CROSSINGS))
        return state.position, state.logdensity + around(state.position)

    return cross

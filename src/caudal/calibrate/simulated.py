r"""Synthetic records from known parameters, and what a fit makes of them.

Recovery and simulation-based calibration (Talts et al. 2018, arXiv:1804.06788): draw
:math:`\theta^*` from the prior, simulate a record :math:`D^*` at it, draw from
:math:`p(\theta \mid D^*)`, and rank :math:`\theta^*` among the draws. If the density is that of the
process, ranks are uniform, whatever the prior.

The record is simulated by the process that a run projects with (``simulate.draws``), not by the
density that the fit evaluates: from 1999 areas change by what is common to all and by what is of one
region, and levels, which nobody infers, move with them; Peru and Bolivia likewise. Then the survey
errs, and the other series carry a misfit that lasts and the error of each figure,

.. math::
    \tilde N_{r,y} = N_{r,y}\, e^{\epsilon v_{r,y}},\quad
    \ln \tilde y_k \sim N(\ln \hat y_k,\; \tau^2 \rho^{|t_i - t_j|} + \sigma_i^2 \delta_{ij})

So ranks also tell what the approximations of the density cost: it follows the survey as if it were
the area, and scores one year ahead.

Problems are reduced: departments joined to a few regions, fewer years, some parameters; the rest
are known. Known too are the region axis (ceiling of land, weights) and a survey that changes no method.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterable, Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from caudal.calibrate.chains import FIRST_ANGLE, Sample, adapted, end_to_end, learns, turning
from caudal.calibrate.checkpoints import Report, Settings
from caudal.calibrate.likelihood import ANDES_ERROR, Likelihood, Seen
from caudal.calibrate.normal import Normal, learnt
from caudal.calibrate.space import Space, space
from caudal.core.clock import START
from caudal.evidence.inputs import Inputs, inputs
from caudal.model import observe
from caudal.model.params import Params
from caudal.model.pytree import pytree
from caudal.model.state import Forcing
from caudal.model.step import initial
from caudal.simulate.draws import shifts
from caudal.simulate.engine import Shifts, year
from caudal.simulate.forcing import forcing

SIMULATIONS = 5_000
"""Simulated samples of uniform ranks from which the band is found."""
STILL = {"survey_break_2001": 1.0, "survey_break_2009": 1.0}
"""A survey whose method never changes."""
Numbers = jax.Array | np.ndarray
REST = "REST"
"""The region of all departments that are in no other."""


@pytree
class Synthetic:
    """Records of synthetic worlds; the leading axis of every array is the record."""

    area: Numbers  # (record, year + 1, region) ha on 31 December
    andes: Numbers  # (record, year + 1, 2) ha
    forcing: Forcing  # whose targets are these areas
    logs: dict[str, Numbers]  # log values by reading, (record, year)

    def first(self) -> Synthetic:
        """Return the first record alone."""
        return jax.tree.map(lambda x: x[0], self)


@dataclasses.dataclass(frozen=True)
class Recovered:
    """What the fits of many records made of one parameter; z is in sd of the prior."""

    coverage: float  # share of the records whose 90 % interval holds the truth
    rank: float  # mean rank of the truth: below 0.5 the fits lie above it
    bias: float  # mean of posterior mean minus truth, z
    bias_error: float  # its standard error, z
    contraction: float  # 1 - variance of the posterior / that of the prior: what the record tells
    inside: bool  # whether the ranks are uniform: their ECDF is inside the simultaneous band


def restricted(within: Space, names: Sequence[str]) -> Space:
    """Return the space of some of the parameters; the others are at their medians."""
    at = [within.names.index(n) for n in names]
    scales = {f: getattr(within, f)[at] for f in ("means", "sds", "lows", "highs")}
    transforms = tuple(within.transforms[i] for i in at)
    widened = tuple(n for n in within.widened if n in names)
    return dataclasses.replace(within, names=tuple(names), transforms=transforms, widened=widened, **scales)


def joined(given: Inputs, groups: Mapping[str, Iterable[str]]) -> Inputs:
    """Return inputs of departments joined to regions; those in no group are the last one, ``REST``.

    Sums of what is counted, means weighted by coca of what is a state of a place.
    """
    named = {name: set(group) for name, group in groups.items()}
    named[REST] = set(given.regions).difference(*named.values())
    of = np.array([[float(d in group) for group in named.values()] for d in given.regions])
    coca = given.area.mean(axis=0)[:, None] * of
    mean = coca / coca.sum(axis=0)
    sums = ("area", "spraying_share", "manual_share", "homicides", "people")
    means = ("contested", "contested_without_farc", "farc_before")
    return dataclasses.replace(
        given,
        regions=tuple(named),
        department=("",) * len(named),
        **{n: getattr(given, n) @ of for n in sums},
        **{n: getattr(given, n) @ mean for n in means},
    )


def reduced(
    names: Sequence[str],
    groups: Mapping[str, Iterable[str]],
    known: int,
    held: Mapping[str, float] | None = None,
) -> Likelihood:
    """Return a reduced problem.

    Args:
        names: the sampled parameters.
        groups: departments by region (``joined``).
        known: last year of the record.
        held: known values of parameters that are not sampled, in place of their prior medians.
    """
    within = restricted(space(values=STILL | dict(held or {})), names)
    return Likelihood(within, known, given=joined(inputs(known=known), groups))


def truths(problem: Likelihood, seed: int, count: int) -> np.ndarray:
    """Return sampled parameters drawn from the prior, z by (record, parameter).

    Drawn as normal, then kept with the probability by which the stability of the trade loop lowers
    the prior.
    """
    rng = np.random.default_rng(seed)
    within = problem.space

    @jax.jit
    @jax.vmap
    def lowered(z):
        return problem.stable(within.params(z))

    kept = np.empty((0, within.size))
    while len(kept) < count:
        z = rng.standard_normal((count, within.size))
        kept = np.concatenate([kept, z[np.log(rng.random(count)) < np.asarray(lowered(jnp.asarray(z)))]])
    return kept[:count]


def synthetic(problem: Likelihood, points: np.ndarray, seed: int) -> Synthetic:
    """Simulate a record at each point of the sampled parameters."""
    p = jax.vmap(problem.space.params)(jnp.asarray(points))
    p = Params({n: jnp.broadcast_to(v, len(points)) for n, v in p.items()})
    years = problem.last - START + 1
    walk = shifts(seed, range(len(points)), p, problem.given.area[0], 0, years)
    found, andes = jax.jit(jax.vmap(lambda p, shift: _free(problem, p, shift)))(p, walk)
    rng = np.random.default_rng(seed)
    area = _surveyed(problem.given.area[0], found["coca_area_department"], p.survey_error, rng)
    andes = _surveyed(problem.given.andes[0], andes, np.full(len(points), ANDES_ERROR), rng)
    followed = [
        forcing(dataclasses.replace(problem.given, area=a, andes=b), START, problem.last)
        for a, b in zip(area, andes, strict=True)
    ]
    return Synthetic(
        area=area,
        andes=andes,
        forcing=jax.tree.map(lambda *paths: np.stack(paths), *followed),
        logs={one.reading.id: _read(problem, one, found, p, rng) for one in problem.seen},
    )


def _free(problem: Likelihood, p: Params, shift: Shifts):
    """Return the outcomes by year, and the areas of Peru and Bolivia, as levels move freely."""
    loose = dataclasses.replace(problem.forcing, track=np.zeros_like(problem.forcing.track))

    def one(state, xs):
        lever, given, shift = xs
        state, seen = year(state, p, lever, given, shift, problem.places, substeps=1)
        return state, (seen, state.andes_area)

    _, (seen, andes) = jax.lax.scan(one, initial(p, problem.places), (problem.levers, loose, shift))
    found = seen.unpacked()
    return {n: found[n][:, 0] for n in (*problem.outcomes, "coca_area_department")}, andes


def _surveyed(start: np.ndarray, area, error, rng: np.random.Generator) -> np.ndarray:
    """Return areas as a survey sees them, after the recorded ones of 1999."""
    noise = np.asarray(error)[:, None, None] * rng.standard_normal(area.shape)
    first = np.broadcast_to(start, (len(area), 1, len(start)))
    return np.concatenate([first, np.asarray(area) * np.exp(noise)], axis=1)


def _read(problem: Likelihood, one: Seen, found, p: Params, rng: np.random.Generator) -> np.ndarray:
    """Return the log values that a reading shows of simulated outcomes, misfit and errors included."""

    def shown(path, p):
        middle = observe.log_reading(one.reading, one.years, path, p, problem.owner)
        misfit = p[f"misfit_{one.reading.group}"]
        spread = observe.covariance(one.years.astype(float), one.sd, misfit, p.misfit_persistence)
        return middle, jnp.linalg.cholesky(spread)

    middle, root = (np.asarray(x) for x in jax.vmap(shown)(found, p))
    return middle + np.einsum("nij,nj->ni", root, rng.standard_normal(middle.shape))


def showing(problem: Likelihood, record: Synthetic) -> Likelihood:
    """Return the likelihood of one record of the same years, regions and readings; it may be traced."""
    other = copy.copy(problem)
    other.given = dataclasses.replace(problem.given, area=record.area, andes=record.andes)
    other.forcing = record.forcing
    other.seen = tuple(dataclasses.replace(s, logs=record.logs[s.reading.id]) for s in problem.seen)
    return other


def posteriors(
    problem: Likelihood, shown: Synthetic, settings: Settings, report: Report = lambda line: None
) -> Sample:
    """Return draws given each record, axes (record, draw), the draws of its chains one after another.

    The chains are those of the calibration (``chains.turning``), around one normal a record that begins as
    the prior.

    Args:
        problem: the reduced problem.
        shown: the records.
        settings: chains of each record, the warm-up in which normals are learnt, and draws.
        report: told how far it is.
    """
    count, size = len(shown.area), problem.size

    def one(record, places, keys, mean, root, angle):
        move = turning(showing(problem, record).log_density, settings)
        return jax.vmap(move, in_axes=(0, 0, None, None, None))(places, keys, mean, root, angle)

    advance = jax.jit(jax.vmap(one))
    rng, key = np.random.default_rng(settings.seed), jax.random.key(settings.seed)
    places = rng.standard_normal((count, settings.chains, size))
    normals, angle, blocks = [Normal(np.zeros(size), np.eye(size))] * count, np.full(count, FIRST_ANGLE), []
    for done in range(0, total := settings.warmup + settings.draws, settings.block):
        keys = jax.random.split(jax.random.fold_in(key, done), (count, settings.chains))
        means, roots = (np.stack([getattr(n, of) for n in normals]) for of in ("mean", "root"))
        places, seen = advance(shown, places, keys, means, roots, angle)
        blocks.append(tuple(np.asarray(part) for part in seen))
        after = done + settings.block
        report(f"records: {after} of {total}, acceptance {blocks[-1][3].mean():.2f}")
        if after <= settings.warmup:
            angle = adapted(angle, blocks[-1][3].mean(axis=(1, 2)), settings)
        if learns(after, settings):
            drawn = end_to_end(blocks, axis=2)[0][:, :, after // 2 : after]
            normals = [learnt(one) for one in drawn.reshape(count, -1, size)]
    found = (part[:, :, settings.warmup :] for part in end_to_end(blocks, axis=2))
    return Sample(*(part.reshape(count, -1, *part.shape[3:]) for part in found))


def ranks(truth: np.ndarray, sample: Sample, thin: int, seed: int = 0) -> np.ndarray:
    """Return the rank of each true parameter among every ``thin``-th draw, in (0, 1), by (record, parameter).

    A uniform number in place of the rank's step makes it uniform, not only on a grid.
    """
    draws = sample.points[:, ::thin, : truth.shape[1]]
    below = (draws < truth[:, None]).sum(axis=1)
    return (below + np.random.default_rng(seed).random(truth.shape)) / (draws.shape[1] + 1)


def recovered(
    problem: Likelihood, truth: np.ndarray, sample: Sample, thin: int, probability: float = 0.99
) -> dict[str, Recovered]:
    """Return what the fits made of each parameter.

    Args:
        problem: the reduced problem.
        truth: the true parameters, z by (record, parameter).
        sample: draws given each record.
        thin: draws per rank's step, so that ranked draws are about independent.
        probability: with which uniform ranks stay inside the band everywhere (Sailynoja et al. 2022,
            arXiv:2103.10522), jointly over the parameters (Bonferroni).
    """
    from arviz_stats.ecdf_utils import ecdf_pit

    draws = sample.points[..., : truth.shape[1]]
    rank = ranks(truth, sample, thin)
    low, high = np.quantile(draws, [0.05, 0.95], axis=1)
    gap = draws.mean(axis=1) - truth
    each = 1.0 - (1.0 - probability) / problem.space.size
    found = {}
    for i, name in enumerate(problem.space.names):
        _, ecdf, lower, upper = ecdf_pit(rank[:, i], each, SIMULATIONS)
        found[name] = Recovered(
            coverage=float(np.mean((low[:, i] <= truth[:, i]) & (truth[:, i] <= high[:, i]))),
            rank=float(rank[:, i].mean()),
            bias=float(gap[:, i].mean()),
            bias_error=float(gap[:, i].std(ddof=1) / np.sqrt(len(gap))),
            contraction=float(1.0 - draws[..., i].var(axis=1).mean()),
            inside=bool(np.all((lower <= ecdf) & (ecdf <= upper))),
        )
    return found

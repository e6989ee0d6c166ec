"""What the record taught: posteriors beside their priors, and beside the standard's.

Distances are in sd of the distribution that is departed from, so that parameters of any unit compare.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from caudal.evidence.registry import Prior, parameters
from caudal.evidence.structures import structure
from caudal.model.priors import scale, to_normal
from caudal.simulate.posterior import Posterior


@dataclasses.dataclass(frozen=True)
class Learnt:
    """Prior and posterior of one parameter, each as median, 5 % and 95 % quantile, in its unit.

    ``ratio`` is the posterior sd over the prior's on the scale on which the prior is normal: 1 is
    nothing learnt, 0 everything. ``shift`` is the distance of the medians there, in prior sd.
    """

    prior: tuple[float, float, float]
    posterior: tuple[float, float, float]
    ratio: float
    shift: float


def learning(found: Posterior) -> dict[str, Learnt]:
    """Return what the record taught about every sampled parameter."""
    freed = structure(found.about["structure"]).freed
    return {
        name: _learnt(freed.get(name, parameters()[name].prior), found.values[:, i])
        for i, name in enumerate(found.names)
    }


def _learnt(prior: Prior, drawn: np.ndarray) -> Learnt:
    transform, mean, sd = scale(prior)
    scaled = np.asarray(to_normal(transform, drawn))
    low, high = (math.nan if end is None else end for end in (prior.low, prior.high))
    middle, least, most = (float(q) for q in np.quantile(drawn, [0.5, 0.05, 0.95]))
    return Learnt(
        prior=(prior.median, low, high),
        posterior=(middle, least, most),
        ratio=float(np.std(scaled) / sd),
        shift=float((np.median(scaled) - mean) / sd),
    )


def moves(standard: Posterior, other: Posterior) -> dict[str, float]:
    """Return how far a posterior's medians lie from those of the standard, in posterior sd of the standard.

    Parameters that only one of them samples are left out.
    """
    usual, new = standard.medians(), other.medians()
    spread = dict(zip(standard.names, np.std(standard.values, axis=0), strict=True))
    return {n: float((new[n] - usual[n]) / spread[n]) for n in usual if n in new and spread[n] > 0.0}

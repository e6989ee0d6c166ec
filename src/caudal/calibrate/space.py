r"""Where the posterior lives: the sampled parameters on the scales on which their priors are normal.

Point :math:`z` has one coordinate per sampled parameter, standard normal a priori. A prior that is
normal with mean :math:`m` and sd :math:`s` on the scale :math:`g` and ends at the bounds
:math:`a, b` is reached through its quantiles, so that the density has no walls,

.. math::
    \theta = g^{-1}\big(m + s\,\Phi^{-1}(\Phi(a) + \Phi(z)\,(\Phi(b) - \Phi(a)))\big)

Parameters that the record says nothing about are not sampled: their posterior is their prior, from
which a run draws them.

A prior made with knowledge of later years than a fit may use (``prior_as_of`` not before
``known``) is widened: its sd is multiplied by ``WIDER``, and what only later years taught about its
centre is dropped where the record gives another (``wide``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
from scipy.special import ndtr, ndtri

from caudal.evidence.registry import Parameter, Prior, parameters
from caudal.model.params import Params
from caudal.model.priors import from_normal, medians, scale, to_normal

WIDER = 1.5
"""Factor on the sd of a prior that is dated after the fit (judgement)."""
LEAST_SHARE = 1e-6
"""Share of a prior that lies beyond the point of a value at or past a bound."""
SUPPLY = ("farms", "andes", "labs", "prices", "trade")
"""Blocks whose parameters are of supply and markets: what users do, and die of, is beyond them."""
FAR = 5.0
"""Distance of a bound from the median, in prior sd, beyond which the prior does not feel it."""


@dataclasses.dataclass(frozen=True)
class Space:
    """The sampled parameters, their scales, and the values of all others."""

    names: tuple[str, ...]
    transforms: tuple[str, ...]
    means: np.ndarray
    sds: np.ndarray
    lows: np.ndarray  # bounds on the standard normal scale
    highs: np.ndarray
    others: Params
    widened: tuple[str, ...]

    @property
    def size(self) -> int:
        """Return the number of sampled parameters."""
        return len(self.names)

    def values(self, z, numbers=jnp) -> dict:
        """Return the sampled parameters at a point, or at many (leading axes)."""
        x, found = self._normal(z, numbers), {}
        for i, name in enumerate(self.names):
            value = from_normal(self.transforms[i], self.means[i] + self.sds[i] * x[..., i], numbers)
            found[name] = numbers.clip(value, *parameters()[name].bounds)
        return found

    def _normal(self, z, numbers):
        """Return points on the scales on which priors are normal, less mean, over sd."""
        near = np.flatnonzero((self.lows > -FAR) | (self.highs < FAR))
        low, high = ndtr(self.lows[near]), ndtr(self.highs[near])
        if numbers is np:
            x = np.array(z, float)
            x[..., near] = ndtri(low + ndtr(x[..., near]) * (high - low))
            return x
        z = jnp.asarray(z)
        x = jax.scipy.special.ndtri(low + jax.scipy.special.ndtr(z[..., near]) * (high - low))
        return z.at[..., near].set(x)

    def params(self, z) -> Params:
        """Return all parameters at a point."""
        return self.others.with_values(**self.values(z))

    def point(self, values: Mapping[str, float]) -> np.ndarray:
        """Return the point of some values; parameters without one lie at their prior median."""
        at = np.array(
            [
                to_normal(g, values[name]) if name in values else mean
                for name, g, mean in zip(self.names, self.transforms, self.means, strict=True)
            ]
        )
        low, high = ndtr(self.lows), ndtr(self.highs)
        share = (ndtr((at - self.means) / self.sds) - low) / (high - low)
        return ndtri(np.clip(share, LEAST_SHARE, 1.0 - LEAST_SHARE))

    def log_prior(self, z):
        """Return the log prior density, up to a constant."""
        return -0.5 * jnp.sum(z**2)


def beyond_supply(values: Mapping[str, float]) -> dict[str, float]:
    """Return those of some values that are of no parameter of supply."""
    return {n: v for n, v in values.items() if parameters()[n].block not in SUPPLY}


def space(
    known: int | None = None,
    values: Mapping[str, float] | None = None,
    priors: Mapping[str, Prior] | None = None,
) -> Space:
    """Return the space of a fit.

    Args:
        known: last year whose record the fit may use; ``None`` for all of it.
        values: parameters held at other values than their prior medians (a structure's).
        priors: priors in place of those of the records (a structure's).
    """
    held, given = values or {}, priors or {}
    chosen = {n: r for n, r in parameters().items() if (r.fitted or n in given) and n not in held}
    widened = tuple(n for n, r in chosen.items() if known is not None and r.prior_as_of > known)
    scales = [_scale(r, given.get(n, r.prior), n in widened) for n, r in chosen.items()]
    bounds = [_bounds(r, *s) for r, s in zip(chosen.values(), scales, strict=True)]
    return Space(
        names=tuple(chosen),
        transforms=tuple(s[0] for s in scales),
        means=np.array([s[1] for s in scales]),
        sds=np.array([s[2] for s in scales]),
        lows=np.array([b[0] for b in bounds]),
        highs=np.array([b[1] for b in bounds]),
        others=medians(held),
        widened=widened,
    )


def _scale(record: Parameter, prior: Prior, widen: bool) -> tuple[str, float, float]:
    """Return the transform, mean and sd of a prior, widened where it knows too much."""
    if widen and record.wide is not None:
        return scale(record.wide)
    transform, mean, sd = scale(prior)
    return transform, mean, sd * (WIDER if widen else 1.0)


def _bounds(record: Parameter, transform: str, mean: float, sd: float) -> tuple[float, float]:
    """Return a parameter's bounds on the standard normal scale, infinite where there is none."""
    with np.errstate(all="ignore"):
        low, high = ((float(to_normal(transform, np.float64(b))) - mean) / sd for b in record.bounds)
    return (low if np.isfinite(low) else -np.inf), (high if np.isfinite(high) else np.inf)

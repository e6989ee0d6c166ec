"""Parameters from their records: at the prior medians, or drawn."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from caudal.evidence.registry import Prior, parameters
from caudal.model.params import Params

NORMAL_90 = 1.6448536269514722  # the 95 % point of the standard normal


def scale(prior: Prior) -> tuple[str, float, float]:
    """Return the transform of a prior and the mean and sd of its normal scale."""
    if prior.family == "fixed":
        return "identity", prior.median, 0.0
    name = {"normal": "identity", "lognormal": "log", "logitnormal": "logit"}[prior.family]
    low, middle, high = (float(to_normal(name, v)) for v in (prior.low, prior.median, prior.high))
    return name, middle, (high - low) / (2.0 * NORMAL_90)


def to_normal(name: str, value):
    """Map a value to the scale on which its prior is normal."""
    if name == "log":
        return np.log(value)
    if name == "logit":
        return np.log(value) - np.log1p(-np.asarray(value, float))
    return value


def from_normal(name: str, value, numbers=jnp):
    """Map a value on the normal scale back to its own scale, with JAX or NumPy numbers."""
    if name == "log":
        return numbers.exp(value)
    if name == "logit":
        return 1.0 / (1.0 + numbers.exp(-value))
    return value


def medians(fit: Mapping[str, float] | None = None) -> Params:
    """Return every parameter at its prior median, or at its fitted value where there is one."""
    fit = fit or {}
    return Params({n: jnp.asarray(float(fit.get(n, r.prior.median))) for n, r in parameters().items()})


def draw(seed: int, members: Iterable[int], given: Mapping[str, Any] | None = None) -> Params:
    """Return parameter draws, one array of shape (member,) per parameter.

    Counter-based: the normal of a parameter depends on (seed, member, name) alone, so any
    member can be drawn again by itself and a new parameter leaves the others as they were.
    Parameters in ``given`` take those values: one, or one per member.
    """
    given = given or {}
    records = parameters()
    drawn = normals(seed, members, records)
    values: dict[str, Any] = {}
    for i, (name, record) in enumerate(records.items()):
        if name in given:
            values[name] = jnp.asarray(np.broadcast_to(np.asarray(given[name], float), len(drawn)))
            continue
        transform, mean, sd = scale(record.prior)
        raw = from_normal(transform, mean + sd * drawn[:, i], np)
        values[name] = jnp.asarray(np.clip(raw, *record.bounds))
    return Params(values)


def normals(seed: int, members: Iterable[int], names: Iterable[str]) -> np.ndarray:
    """Return standard normals keyed by (seed, member, name), (member, name)."""
    ids = np.asarray(list(members), dtype=np.uint32)
    codes = np.asarray([zlib.crc32(n.encode()) for n in names], dtype=np.uint32)
    return np.asarray(_normals(jax.random.key(seed), ids, codes))


@jax.jit
def _normals(key, ids, codes):
    def one(member, code):
        return jax.random.normal(jax.random.fold_in(jax.random.fold_in(key, member), code))

    return jax.vmap(lambda m: jax.vmap(lambda c: one(m, c))(codes))(ids)

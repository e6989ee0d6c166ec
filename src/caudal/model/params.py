"""The parameters as one pytree of arrays with named access, built from the records."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from caudal.evidence.registry import Parameter, parameters

NORMAL_90 = 1.6448536269514722  # the 95 % point of the standard normal


@jax.tree_util.register_pytree_node_class
class Params(Mapping[str, Any]):
    """Immutable parameters: ``p.choice_slope`` or ``p["choice_slope"]``."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.__dict__["_values"] = dict(values)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"parameters are immutable: use with_values({name}=...)")

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self):
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def with_values(self, **changes: Any) -> Params:
        """Return a copy with some values changed."""
        unknown = set(changes) - set(self._values)
        if unknown:
            raise KeyError(sorted(unknown)[0])
        return Params({**self._values, **changes})

    def tree_flatten(self):
        names = tuple(self._values)
        return tuple(self._values[n] for n in names), names

    @classmethod
    def tree_unflatten(cls, names, leaves) -> Params:
        return cls(dict(zip(names, leaves, strict=True)))


def scale(record: Parameter) -> tuple[str, float, float]:
    """Return the transform of a prior and the mean and sd of its normal scale."""
    prior = record.prior
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


def from_normal(name: str, value):
    """Map a value on the normal scale back to its own scale."""
    if name == "log":
        return jnp.exp(value)
    if name == "logit":
        return jax.nn.sigmoid(value)
    return value


def medians(fit: Mapping[str, float] | None = None) -> Params:
    """Return every parameter at its prior median, or at its fitted value where there is one."""
    fit = fit or {}
    return Params({n: jnp.asarray(float(fit.get(n, r.prior.median))) for n, r in parameters().items()})


def draw(seed: int, members: Iterable[int], fit: Mapping[str, float] | None = None) -> Params:
    """Return parameter draws, one array of shape (member,) per parameter.

    Counter-based: the normal of a parameter depends on (seed, member, name) alone, so any
    member can be drawn again by itself and a new parameter leaves the others as they were.
    Parameters with a fitted value are held at it.
    """
    fit = fit or {}
    ids = jnp.asarray(list(members), dtype=jnp.uint32)
    names = [n for n in parameters() if n not in fit]
    codes = jnp.asarray([zlib.crc32(n.encode()) for n in names], dtype=jnp.uint32)
    normals = _normals(jax.random.key(seed), ids, codes)
    values: dict[str, Any] = {}
    for name, record in parameters().items():
        if name in fit:
            values[name] = jnp.full(ids.shape, float(fit[name]))
            continue
        transform, mean, sd = scale(record)
        raw = from_normal(transform, mean + sd * normals[:, names.index(name)])
        values[name] = jnp.clip(raw, *record.bounds)
    return Params(values)


@jax.jit
def _normals(key, ids, codes):
    def one(member, code):
        return jax.random.normal(jax.random.fold_in(jax.random.fold_in(key, member), code))

    return jax.vmap(lambda m: jax.vmap(lambda c: one(m, c))(codes))(ids)

"""One decorator: a frozen dataclass whose fields are the leaves of a JAX pytree."""

from __future__ import annotations

import dataclasses
from typing import TypeVar, dataclass_transform

import jax

C = TypeVar("C")


@dataclass_transform(frozen_default=True)
def pytree(cls: type[C]) -> type[C]:
    """Make a class a frozen dataclass and a pytree with named leaves.

    JAX rebuilds pytrees from placeholders that are not arrays, so rebuilding leaves the
    constructor out: what the constructor is given can then be checked for type and shape.
    """
    made = dataclasses.dataclass(frozen=True)(cls)  # type: ignore[call-overload]
    names = tuple(f.name for f in dataclasses.fields(made))

    def leaves(tree):
        return tuple(getattr(tree, name) for name in names), None

    def named_leaves(tree):
        return tuple((jax.tree_util.GetAttrKey(name), getattr(tree, name)) for name in names), None

    def rebuilt(_, values):
        tree = object.__new__(made)
        for name, value in zip(names, values, strict=True):
            object.__setattr__(tree, name, value)
        return tree

    jax.tree_util.register_pytree_with_keys(made, named_leaves, rebuilt, leaves)
    return made

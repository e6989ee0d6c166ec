"""The parameters as one pytree of arrays with named access."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax


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

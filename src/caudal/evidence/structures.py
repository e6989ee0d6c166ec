"""Mechanisms in dispute: structures that switch one of them, each told as its sides see it.

A structure holds parameters at values, or gives a prior to parameters that are off otherwise. It is
no other model: the equations and the compiled program are the same for all (docs/decisions/0014).
"""

from __future__ import annotations

import functools
from pathlib import Path

import pydantic

from caudal.core.errors import unknown
from caudal.core.files import data_path
from caudal.core.records import Bilingual, Record, load_keyed, validate
from caudal.evidence.registry import Prior, parameters
from caudal.evidence.timeline import Cites

STANDARD = "standard"
"""The structure that the others are compared with: it changes nothing."""


class Structure(Record):
    """One answer to a question in dispute; ``about`` tells each side's view.

    ``untestable`` says why the past cannot tell the structure from the standard, where it cannot.
    """

    id: str
    label: Bilingual
    about: Bilingual
    cites: Cites = pydantic.Field(min_length=1)
    held: dict[str, float] = pydantic.Field(default={}, alias="set")
    """Parameters that the structure holds, and at what."""
    freed: dict[str, Prior] = pydantic.Field(default={}, alias="free")
    """Parameters that are fixed otherwise and free here, and their priors."""
    untestable: Bilingual | None = None

    @pydantic.model_validator(mode="after")
    def _sound(self) -> Structure:
        for name in (*self.held, *self.freed):
            if name not in parameters():
                raise ValueError(unknown("parameter", name, parameters(), "CAU-104").render())
        for name, value in self.held.items():
            low, high = parameters()[name].bounds
            if value and not low <= value <= high:
                raise ValueError(f"{name}: expected 0 (off) or a value inside {low} to {high}")
        for name, prior in self.freed.items():
            low, high = parameters()[name].bounds
            if parameters()[name].prior.family != "fixed" or prior.family == "fixed":
                raise ValueError(f"{name}: expected a prior for a parameter that is fixed otherwise")
            if not low <= prior.median <= high:
                raise ValueError(f"{name}: the prior median lies outside {low} to {high}")
        if (self.id == STANDARD) == bool(self.held or self.freed):
            raise ValueError(f"every structure but {STANDARD} changes a parameter")
        return self


class Structures(Record):
    """Every structure by name."""

    structures: dict[str, Structure]


def read_structures(path: Path) -> dict[str, Structure]:
    """Read structures; what is wrong is told with file and line (``CAU-204``)."""
    return validate(Structures, load_keyed(path, "structures"), path).structures


@functools.cache
def structures() -> dict[str, Structure]:
    """Return every structure by name, the standard first."""
    return read_structures(data_path("structures.yaml"))


def structure(name: str) -> Structure:
    """Return a structure, or offer the nearest name."""
    if name not in structures():
        raise unknown("structure", name, structures(), "CAU-109")
    return structures()[name]


def switched(name: str) -> float | None:
    """Return where a structure moves a parameter to: its value, or the 95 % quantile of its prior.

    None where no structure touches it.
    """
    for one in structures().values():
        if name in one.held:
            return one.held[name]
        if name in one.freed:
            return one.freed[name].high
    return None

"""What a change of one mechanism did to the outcomes, and whether a declared sign holds.

A mechanism that changes no outcome is dead weight, and a test fails.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from caudal.evidence.registry import outcomes
from caudal.explore.bench import Outcomes

INERT = 1e-6
"""Relative change below which an outcome counts as unmoved."""

SMALL = 1e-3
"""Changes are relative to the outcome, or to this part of its largest value where it is near zero."""


@dataclasses.dataclass(frozen=True)
class Change:
    """What a change did to one outcome: relative change in LAST, and its largest over the years."""

    outcome: str
    last: float
    largest: float


@dataclasses.dataclass(frozen=True)
class Sign:
    """A declared direction, and the relative change found in LAST."""

    outcome: str
    declared: int
    found: float
    of_draws: float | None = None  # share of prior draws with the declared sign

    @property
    def holds(self) -> bool:
        """Return whether the outcome moved, and the way it was declared to."""
        return self.declared * self.found > INERT


@dataclasses.dataclass(frozen=True)
class Row:
    """A block, parameter or lever, what was done to it, and what changed."""

    name: str
    block: str
    what: str
    changes: tuple[Change, ...]
    signs: tuple[Sign, ...] = ()

    @property
    def inert(self) -> bool:
        """Return whether nothing moved."""
        return self.most.largest < INERT

    @property
    def most(self) -> Change:
        """Return the outcome that changed most; what a lever costs does not count as an effect."""
        effects = [c for c in self.changes if self.block == "cost" or outcomes()[c.outcome].block != "cost"]
        return max(effects, key=lambda c: c.largest)


def relative(new: np.ndarray, old: np.ndarray) -> np.ndarray:
    """Return the relative change of a path by year (the largest over regions, signed)."""
    largest = np.max(np.abs(old)) or np.max(np.abs(new))  # what was nothing is measured by itself
    least = SMALL * largest + 1e-300
    gap = (new - old) / np.maximum(np.abs(old), least)
    if gap.ndim > 1:
        at = np.argmax(np.abs(gap), axis=-1)
        gap = np.take_along_axis(gap, at[..., None], axis=-1)[..., 0]
    return gap


def compared(new: Outcomes, old: Outcomes, member: int, against: int) -> tuple[Change, ...]:
    """Return what changed between a member of one run and a member of another."""
    found = []
    for name in new:
        gap = relative(new[name][member], old[name][against])
        found.append(Change(name, float(gap[-1]), float(np.max(np.abs(gap)))))
    return tuple(found)

"""Which levers a scenario moves away from the baseline, and how far."""

from __future__ import annotations

import dataclasses

import numpy as np

from caudal.core.clock import START
from caudal.core.messages import local, text
from caudal.evidence.inputs import inputs
from caudal.evidence.registry import Lever, levers
from caudal.report.numbers import Writer
from caudal.report.summary import Summary
from caudal.simulate.scenario import scenario

MEAN_FIGURES = 5
"""Significant figures of a mean of recorded values."""


@dataclasses.dataclass(frozen=True)
class Move:
    """A lever on its way from the baseline's values to a scenario's, from the year ``start`` on.

    In a replay of the past ``base`` is the record, told by its mean over the years that differ.
    """

    scenario: str
    lever: str
    base: np.ndarray
    own: np.ndarray
    start: int
    replay: bool = False

    @property
    def about(self) -> Lever:
        """Return the lever's record."""
        return levers()[self.lever]

    @property
    def ends(self) -> tuple[float, float]:
        """Return baseline and scenario values in the last year in which they differ; of a replay, means."""
        differs = np.flatnonzero(self.base != self.own)
        if self.replay:
            means = (path[differs].mean() for path in (self.base, self.own))
            before, after = (float(f"{mean:.{MEAN_FIGURES}g}") for mean in means)
            return before, after
        return float(self.base[differs[-1]]), float(self.own[differs[-1]])

    @property
    def span(self) -> tuple[int, int, int | None]:
        """Return the first year that differs, the year its value is reached, and the last if it ends."""
        differs = np.flatnonzero(self.base != self.own)
        first, last = int(differs[0]), int(differs[-1])
        moving = np.flatnonzero(~np.isclose(self.own[first : last + 1], self.own[last]))
        full = first + (int(moving[-1]) + 1 if len(moving) else 0)
        if self.replay:
            return self.start + first, self.start + first, self.start + last
        ends = None if last == len(self.own) - 1 else self.start + last
        return self.start + first, self.start + full, ends

    @property
    def when(self) -> str:
        """Return the years of the move in words: from 2026, in full from 2028, until 2035."""
        start, full, ends = self.span
        told = text("report.from_full" if full > start else "report.from_start", start=start, full=full)
        return told + (text("report.setting_until", to=ends) if ends else "")

    @property
    def dated(self) -> str:
        """Return the years of the move in short, for a table: 2026-2028, or 2026 to 2029 if it ends."""
        start, full, ends = self.span
        if ends:
            return text("report.range", low=start, high=ends)
        return f"{start}-{full}" if full > start else f"{start}"

    @property
    def raised(self) -> bool:
        """Tell whether the scenario ever uses more of the lever than the baseline."""
        return bool((self.own > self.base).any())

    @property
    def peak(self) -> float:
        """Return the highest value that the scenario gives the lever."""
        return float(self.own.max())

    def written(self, write: Writer) -> str:
        """Return the move in words: from 0 to 138,775 ha a year."""
        before, after = self.ends
        return text("report.move", before=write.exact(before), after=quantity(self.lever, after, write))


def quantity(lever: str, value: float, write: Writer) -> str:
    """Return a lever's value with its unit: 138,775 ha a year."""
    return f"{write.exact(value)} {unit_text(levers()[lever].unit)}".strip()


def unit_text(unit: str) -> str:
    """Return a lever's unit in the language in force; ``ha/year`` has the key ``unit_ha_per_year``."""
    return text(f"report.unit_{unit.replace('/', '_per_')}")


def moves(summary: Summary) -> list[Move]:
    """Return every lever that each scenario moves, in the order of scenarios and levers."""
    ahead = slice(summary.first_decision - START, None)
    base = scenario("baseline").paths(inputs(), summary.last)
    found = []
    for name in summary.names:
        own = summary.scenario(name).paths(inputs(), summary.last)
        found += [
            Move(name, lever, base[lever][ahead], own[lever][ahead], summary.first_decision, summary.replay)
            for lever in levers()
            if not np.array_equal(base[lever][ahead], own[lever][ahead])
        ]
    return found


def lever_label(name: str) -> str:
    """Return a lever's label in the language in force."""
    return local(levers()[name].label)

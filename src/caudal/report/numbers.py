"""How numbers are written: separators, rounding, signs, ranges and probabilities, in both languages.

A median is never written more finely than its range deserves: the three share one rounding
step, three significant figures of the largest of them. A figure without a range is exact and
is written in full.
"""

from __future__ import annotations

import dataclasses
import math

from caudal.core.messages import language, text

SIGNIFICANT = 3
"""Significant figures of the largest of a median and its range."""

FEW_RUNS = 100
"""Probabilities are counts out of this many runs, or of all runs when there are fewer."""

EXACT = 1e-6
"""A range narrower than this share of its figures is the rounding of one exact figure."""

SWAP = str.maketrans(",.", ".,")


def step_of(*values: float, digits: int = 0) -> float:
    """Return the rounding step that a median and its range share.

    Args:
        values: the figures written together; when they are all equal they are exact.
        digits: decimals that are never exceeded.
    """
    finest = 10.0**-digits
    largest = max(abs(v) for v in values)
    if is_exact(*values):
        return finest
    return max(10.0 ** (math.floor(math.log10(largest)) - SIGNIFICANT + 1), finest)


def is_exact(*values: float) -> bool:
    """Tell whether figures are one and the same, so that no range is shown."""
    return max(values) - min(values) <= EXACT * max(abs(v) for v in values)


@dataclasses.dataclass(frozen=True)
class Writer:
    """Writes numbers in a language; a terminal gets a hyphen for minus, a page U+2212."""

    language: str = dataclasses.field(default_factory=language)
    minus: str = "-"

    def number(self, value: float, step: float = 1.0, *, signed: bool = False) -> str:
        """Return ``value`` rounded to ``step``: 1,234,567 or 1.234.567."""
        rounded = round(value / step) * step
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        body = f"{abs(rounded):,.{decimals}f}"
        if float(body.replace(",", "")) == 0.0:
            return self._local(body)
        sign = self.minus if rounded < 0 else "+" if signed else ""
        return sign + self._local(body)

    def exact(self, value: float) -> str:
        """Return a setting or a recorded figure in full: 138,775 or 0.683."""
        body = f"{abs(value):,.6f}".rstrip("0").rstrip(".")
        return (self.minus if value < 0 else "") + self._local(body)

    def band(self, low: float, high: float, step: float, *, signed: bool = False) -> str:
        """Return a range: 120,000 to 310,000."""
        return text(
            "report.range",
            self.language,
            low=self.number(low, step, signed=signed),
            high=self.number(high, step, signed=signed),
        )

    def percent(self, share: float) -> str:
        """Return a share as a whole percentage: 23 %."""
        return f"{self.number(100.0 * share)}\u00a0%"

    def runs(self, share: float, draws: int) -> str:
        """Return a probability as a count of runs: 78 of 100."""
        total = min(draws, FEW_RUNS)
        count = round(share * total)
        key, shown = "of_runs", count
        if count == total and share < 1.0:
            key, shown = "of_runs_above", total - 1
        elif count == 0 and share > 0.0:
            key, shown = "of_runs_below", 1
        return text(f"report.{key}", self.language, count=shown, total=total)

    def years(self, years: list[int]) -> str:
        """Return years with runs of them joined: 2000-2003, 2006."""
        spans: list[list[int]] = []
        for year in sorted(years):
            if spans and year == spans[-1][1] + 1:
                spans[-1][1] = year
            else:
                spans.append([year, year])
        return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)

    def _local(self, body: str) -> str:
        return body.translate(SWAP) if self.language == "es" else body

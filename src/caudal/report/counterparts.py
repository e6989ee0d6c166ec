"""The model's counterpart of a published number: ratios of sums and differences, draw by draw."""

from __future__ import annotations

import dataclasses

import numpy as np

from caudal.evidence.inputs import deflator
from caudal.evidence.series import series
from caudal.report.comparisons import HAPPENED, RECORD, WITHOUT, Quantity, Ratio
from caudal.report.summary import Summary, Triple, triple
from caudal.simulate.experiments import KIND, experiments
from caudal.simulate.results import BAND

NATION = "Colombia"


@dataclasses.dataclass(frozen=True)
class Runs:
    """The runs that comparisons read: what happened, one scenario without it, and the experiments."""

    summary: Summary
    without: str

    def value(self, ratio: Ratio) -> np.ndarray | None:
        """Return a ratio by draw (one value for the record), or nothing where the result lacks it.

        Where the divisor is not positive (nothing was averted, nothing fell) the ratio has no limit.
        """
        over = self._quantity(ratio.over)
        under = np.ones(1) if ratio.under is None else self._quantity(ratio.under)
        if over is None or under is None:
            return None
        held = under > 0.0
        return ratio.times * np.where(held, over, np.inf) / np.where(held, under, 1.0)

    def _quantity(self, asked: Quantity) -> np.ndarray | None:
        if asked.spent:
            return np.array([experiments()[asked.spent].spent()])
        own = self._measured(asked, asked.run)
        other = self._measured(asked, asked.less) if asked.less else np.zeros(1)
        return None if own is None or other is None else own - other

    def _measured(self, asked: Quantity, run: str) -> np.ndarray | None:
        span = range(asked.years[0], asked.years[-1] + 1)
        table = self._recorded(asked, span) if run == RECORD else self._simulated(asked, run, span)
        if table is None:
            return None
        if asked.how == "fall":
            return table[:, 0] - table[:, -1]
        return table.sum(axis=1)

    def _simulated(self, asked: Quantity, run: str, span: range) -> np.ndarray | None:
        """Return the years of a sum of outcomes in a run, (draw, year)."""
        label = {HAPPENED: self.summary.reference, WITHOUT: self.without}.get(run, f"{run}@{KIND}")
        held = self.summary.result.ds
        if label not in held["scenario"].values or span[-1] > self.summary.last:
            return None
        at = np.isin(self.summary.years, list(span))
        found = np.zeros(1)
        for name in asked.of:
            if name.removeprefix("-") not in held:
                return None
            drawn = self.summary.draws(name.removeprefix("-"), label)[:, at]
            found = found - drawn if name.startswith("-") else found + drawn
        return found

    @staticmethod
    def _recorded(asked: Quantity, span: range) -> np.ndarray | None:
        """Return the years of a sum of recorded series, (1, year); those without a value count nothing."""
        ends = (span[0], span[-1]) if asked.how == "fall" else tuple(span)
        rows = [series(name).annual(NATION) for name in asked.of]
        if not all(any(year in row for row in rows) for year in ends):
            return None
        scale = deflator() if asked.deflated else {}
        return np.array([[sum(row.get(y, 0.0) for row in rows) * scale.get(y, 1.0) for y in ends]])


def quantiles(values: np.ndarray) -> Triple:
    """Return median and 90 % range of draws, some of which may have no limit."""
    return triple(np.quantile(values, BAND, method="inverted_cdf" if np.isinf(values).any() else "linear"))

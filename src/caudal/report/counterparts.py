"""The model's counterpart of a published number: ratios of sums and differences, draw by draw."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from caudal.report.comparisons import WITHOUT
from caudal.report.summary import Summary, Triple, triple
from caudal.simulate.experiments import KIND, experiments
from caudal.simulate.quantities import HAPPENED, Ratio, value
from caudal.simulate.results import BAND


@dataclasses.dataclass(frozen=True)
class Runs:
    """The runs that comparisons read: what happened, one scenario without it, and the experiments."""

    summary: Summary
    without: str

    def value(self, ratio: Ratio) -> np.ndarray | None:
        """Return a ratio by draw (one value for the record), or nothing where the result lacks it."""
        return value(ratio, self)

    def table(self, name: str, run: str, years: range, departments: Sequence[str]) -> np.ndarray | None:
        """Return an outcome by (draw, year), or nothing where it was not simulated."""
        label = {HAPPENED: self.summary.reference, WITHOUT: self.without}.get(run, f"{run}@{KIND}")
        held = self.summary.result.ds
        if name not in held or label not in held["scenario"].values or years[-1] > self.summary.last:
            return None
        drawn = self.summary.draws(name, label)[:, np.isin(self.summary.years, list(years))]
        if departments:
            drawn = drawn[..., np.isin(held["region"].values, departments)].sum(axis=-1)
        return drawn

    def spent(self, run: str) -> float:
        """Return the money that an experiment decides on, 2020 USD."""
        return experiments()[run].spent()


def quantiles(values: np.ndarray) -> Triple:
    """Return median and 90 % range of draws, some of which may have no limit."""
    return triple(np.quantile(values, BAND, method="inverted_cdf" if np.isinf(values).any() else "linear"))

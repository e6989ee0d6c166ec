"""Coca area by department: the compact table of a report."""

from __future__ import annotations

import dataclasses

import numpy as np

from caudal.evidence.series import series
from caudal.report.numbers import Writer
from caudal.report.summary import Cell, Summary, triple
from caudal.report.tables import level_text

MOST = 12
OUTCOME = "coca_area_department"
SMALL_WORDS = ("De", "Del")


@dataclasses.dataclass(frozen=True)
class Department:
    """A department's recorded area, and its levels under each scenario."""

    name: str
    recorded: str
    levels: tuple[tuple[str, str], ...]


def departments_table(summary: Summary, write: Writer) -> tuple[int, list[Department]]:
    """Return the year of the last survey and the departments with most coca in the last year."""
    quantiles = summary.result.ds[f"{OUTCOME}_quantile"].isel(time=-1)
    names = [str(r) for r in quantiles["region"].values]
    levels = {
        s: quantiles.sel(scenario=s, quantile=[0.05, 0.5, 0.95]).transpose("region", "quantile").values
        for s in summary.names
    }
    record = {name: series(OUTCOME).annual(name) for name in names}
    year = max(max(values) for values in record.values() if values)
    most = np.argsort(-levels[summary.reference][:, 1])[:MOST]
    found = []
    for i in most:
        name = names[i]
        cells = [Cell(OUTCOME, s, triple(levels[s][i])) for s in summary.names]
        recorded = record[name].get(year)
        found.append(
            Department(
                spelled(name),
                "" if recorded is None else write.number(recorded),
                tuple(level_text(cell, 0, write) for cell in cells),
            )
        )
    return year, found


def spelled(name: str) -> str:
    """Return a department's name in ordinary letters: Norte de Santander."""
    words = name.title().split()
    return " ".join([w.lower() if w in SMALL_WORDS else w for w in words])

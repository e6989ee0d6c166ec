"""Coca area by department or municipality: the compact table of a report."""

from __future__ import annotations

import dataclasses

import numpy as np

from caudal.evidence.registry import departments
from caudal.evidence.series import series
from caudal.report.numbers import Writer
from caudal.report.summary import Cell, Summary, triple
from caudal.report.tables import level_text

MOST = 12
OUTCOME = "coca_area_department"
SMALL_WORDS = ("De", "Del")


@dataclasses.dataclass(frozen=True)
class Department:
    """A place's recorded area, and its levels under each scenario."""

    name: str
    recorded: str
    levels: tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True)
class Places:
    """The places with most coca; ``kind`` is ``department`` or ``municipality``.

    ``year`` is the last survey's, none where no record by place comes with Caudal.
    """

    kind: str
    year: int | None
    rows: tuple[Department, ...]


def departments_table(summary: Summary, write: Writer) -> Places | None:
    """Return the places with most coca in the last year; none for a run of the nation as a whole."""
    quantiles = summary.result.ds[f"{OUTCOME}_quantile"].isel(time=-1)
    names = [str(r) for r in quantiles["region"].values]
    if len(names) < 2:
        return None
    kind = "department" if set(names) <= {d.name for d in departments()} else "municipality"
    levels = {
        s: quantiles.sel(scenario=s, quantile=[0.05, 0.5, 0.95]).transpose("region", "quantile").values
        for s in summary.names
    }
    record = {n: series(OUTCOME).annual(n) for n in names} if kind == "department" else {}
    surveyed = {y for values in record.values() for y in values if y <= summary.last}
    year = max(surveyed, default=None)
    most = np.argsort(-levels[summary.reference][:, 1])[:MOST]
    found = []
    for i in most:
        name = names[i]
        cells = [Cell(OUTCOME, s, triple(levels[s][i])) for s in summary.names]
        recorded = record[name].get(year) if year else None
        found.append(
            Department(
                spelled(name),
                "" if recorded is None else write.number(recorded),
                tuple(level_text(cell, 0, write) for cell in cells),
            )
        )
    return Places(kind, year, tuple(found))


def spelled(name: str) -> str:
    """Return a department's name in ordinary letters: Norte de Santander."""
    words = name.title().split()
    return " ".join([w.lower() if w in SMALL_WORDS else w for w in words])

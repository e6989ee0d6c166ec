"""What is read off runs: a quantity in one run or its difference from another, and ratios of two.

Published numbers of Plan Colombia (``report``) and experiments (``explore``) are read the same way;
where the numbers of a run come from is told by a ``Source``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
import pydantic

from caudal.core.records import Record
from caudal.evidence.inputs import deflator
from caudal.evidence.registry import departments, levers, outcomes, parameters
from caudal.evidence.series import series, series_ids

RECORD, HAPPENED = "record", "happened"
"""The run that is the recorded series, and the run that follows what happened."""

NATION = "Colombia"

How = Literal["at", "mean", "sum", "fall", "until"]
"""How years become one number: the value of a year, the mean or the sum over a span, the first
less the last of a span, or the years that pass until a part of the first is left."""


class Quantity(Record):
    """Something measured in a run (or its difference from another), in the record, or money spent.

    ``of`` are outcomes or parameters (series, in the record), added up; a leading minus takes one
    away. ``departments`` limits outcomes by department. ``log`` takes the logarithm before the
    difference, ``left`` is the part that is waited for, ``discount`` a yearly rate at which later
    years of a sum count for less, ``priced`` counts units of a lever at its central unit cost, and
    ``deflated`` turns recorded dollars of each year into 2020 USD. ``spent`` alone names a run: the
    money that it decides on beyond what happened.
    """

    of: tuple[str, ...] = ()
    run: str = pydantic.Field(default="", alias="in")
    less: str = ""
    how: How = "at"
    years: tuple[int, ...] = ()
    departments: tuple[str, ...] = ()
    log: bool = False
    left: float = pydantic.Field(default=0.5, gt=0.0, lt=1.0)
    discount: float = pydantic.Field(default=0.0, ge=0.0, lt=1.0)
    priced: str = ""
    deflated: bool = False
    spent: str = ""

    @pydantic.model_validator(mode="after")
    def _known(self) -> Quantity:
        if self.spent:
            return self
        known = series_ids() if self.run == RECORD else (*outcomes(), *parameters())
        unknown = [name for name in self.names if name not in known]
        if not self.of or unknown:
            raise ValueError(f"expected what is measured, not {', '.join(unknown) or 'nothing'}")
        if len(self.years) != (1 if self.how == "at" else 2):
            raise ValueError("expected one year, or the first and last of a sum or a fall")
        places = {d.name for d in departments()}
        astray = [name for name in self.departments if name not in places]
        if astray:
            raise ValueError(f"no department is called {', '.join(astray)}")
        if self.departments and not all(n in outcomes() and outcomes()[n].regional for n in self.names):
            raise ValueError("expected outcomes by department where departments are named")
        if self.priced and self.priced not in levers():
            raise ValueError(f"no lever is called {self.priced}")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Return what is measured, without signs."""
        return tuple(name.removeprefix("-") for name in self.of)

    @property
    def runs(self) -> tuple[str, ...]:
        """Return the runs that it reads."""
        return tuple(name for name in (self.run, self.less) if name)


class Ratio(Record):
    """One quantity over another, times a factor that turns it into the published unit."""

    over: Quantity
    under: Quantity | None = None
    times: float = 1.0

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Return the quantities that it is made of."""
        return (self.over,) if self.under is None else (self.over, self.under)


class Source(Protocol):
    """Where the numbers of runs come from."""

    def table(self, name: str, run: str, years: range, departments: Sequence[str]) -> np.ndarray | None:
        """Return an outcome or parameter by (draw, year), or nothing where it was not simulated."""
        ...

    def spent(self, run: str) -> float:
        """Return the money that a run decides on beyond what happened, 2020 USD."""
        ...


def value(ratio: Ratio, source: Source) -> np.ndarray | None:
    """Return a ratio by draw (one value for the record), or nothing where a run is missing.

    Where the divisor is not positive (nothing was averted, nothing fell) the ratio has no limit.
    """
    over = _quantity(ratio.over, source)
    under = np.ones(1) if ratio.under is None else _quantity(ratio.under, source)
    if over is None or under is None:
        return None
    held = under > 0.0
    return ratio.times * np.where(held, over, np.inf) / np.where(held, under, 1.0)


def _quantity(asked: Quantity, source: Source) -> np.ndarray | None:
    if asked.spent:
        return np.array([source.spent(asked.spent)])
    own = _measured(asked, asked.run, source)
    other = _measured(asked, asked.less, source) if asked.less else np.zeros(1)
    return None if own is None or other is None else own - other


def _measured(asked: Quantity, run: str, source: Source) -> np.ndarray | None:
    span = range(asked.years[0], asked.years[-1] + 1)
    table = _recorded(asked, span) if run == RECORD else _simulated(asked, run, span, source)
    if table is None:
        return None
    found = _over_years(table, asked)
    if asked.priced:
        found = found * levers()[asked.priced].cost.value
    return np.log(found) if asked.log else found


def _simulated(asked: Quantity, run: str, span: range, source: Source) -> np.ndarray | None:
    """Return the years of a sum of outcomes in a run, (draw, year)."""
    total = np.zeros(1)
    for name in asked.of:
        table = source.table(name.removeprefix("-"), run, span, asked.departments)
        if table is None:
            return None
        total = total - table if name.startswith("-") else total + table
    return total


def _over_years(table: np.ndarray, asked: Quantity) -> np.ndarray:
    """Return one number by draw from values by (draw, year)."""
    if asked.how == "fall":
        return table[:, 0] - table[:, -1]
    if asked.how == "mean":
        return table.mean(axis=1)
    if asked.how == "until":
        return np.array([_until(path, asked.left) for path in table])
    return (table / (1.0 + asked.discount) ** np.arange(table.shape[1])).sum(axis=1)


def _until(path: np.ndarray, left: float) -> float:
    """Return the years until a part of the first value is left; without limit where it never is.

    Of nothing, nothing is ever less.
    """
    below = np.flatnonzero(path <= left * path[0])
    if not below.size or path[0] <= 0.0:
        return np.inf
    at = int(below[0])
    step = (path[at - 1] - left * path[0]) / (path[at - 1] - path[at])
    return at - 1 + float(step)


def _recorded(asked: Quantity, span: range) -> np.ndarray | None:
    """Return the years of a sum of recorded series, (1, year); those without a value count nothing."""
    ends = (span[0], span[-1]) if asked.how == "fall" else tuple(span)
    rows = [series(name).annual(NATION) for name in asked.of]
    if not all(any(year in row for row in rows) for year in ends):
        return None
    scale = deflator() if asked.deflated else {}
    return np.array([[sum(row.get(y, 0.0) for row in rows) * scale.get(y, 1.0) for y in ends]])

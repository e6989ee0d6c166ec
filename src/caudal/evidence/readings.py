r"""The observation model's records: which series shows which outcome, how far off and by what.

A reading is what an instrument shows of an outcome :math:`x`,

.. math::
    \ln y = \ln x + \sum_k \pm \ln\theta_k + e,\quad e \sim N(0, \sigma^2)

with systematic factors :math:`\theta_k` (parameters: a method break, an edition, another owner,
purity) in the years that they apply to, and the sd :math:`\sigma` of the log error of each
figure. Records live in ``data/observations.yaml``: one per series and outcome. A recorded year
is used unless the record leaves it out, with the reason; rivals that are only shown leave out all.
Values are those of today's files: a figure of 2006 first published in 2014 counts as of 2006.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

import numpy as np
import pydantic

from caudal.core.clock import START
from caudal.core.files import data_path
from caudal.core.records import Bilingual, Record, load_document, validate
from caudal.evidence.inputs import Inputs, deflator
from caudal.evidence.registry import outcomes, parameters
from caudal.evidence.series import series, series_ids
from caudal.evidence.source import sources

Owner = Literal["unodc", "us"]
Span = tuple[int, int]
"""First and last year, both included."""


def _one_of(what: str, known):
    def check(name: str) -> str:
        if name not in known():
            raise ValueError(f"no {what} is called {name}")
        return name

    return pydantic.AfterValidator(check)


OutcomeName = Annotated[str, _one_of("outcome", outcomes)]
ParameterName = Annotated[str, _one_of("parameter", parameters)]
SeriesName = Annotated[str, _one_of("series", series_ids)]
SourceId = Annotated[str, _one_of("source", sources)]
InputName = Annotated[str, _one_of("input", lambda: Inputs.__annotations__)]


class LeftOut(Record):
    """Recorded years that are not used, and why."""

    span: Span
    reason: Bilingual


class Offset(Record):
    """A systematic factor: the reading is the outcome times it, or over it (``divides``).

    ``span`` are the years it applies to, all when left out. ``against`` restricts it to runs
    whose area and production are of that owner.
    """

    parameter: ParameterName
    span: Span | None = None
    divides: bool = False
    against: Owner | None = None


class Undercount(Record):
    """A part of the outcome of which the instrument counts only a share: ``coverage``."""

    outcome: OutcomeName
    coverage: ParameterName


class Reading(Record):
    """What one series shows of one outcome.

    Entities are summed, and the series in ``less`` (with their entities) taken off. ``money`` is
    the currency of prices of their year, turned into 2020 USD. ``paired`` values are means of
    the year and the next. ``also_input`` names inputs made from the same figures: while they
    are known the reading tests only what lies between the input and the outcome, afterwards both.
    ``scored`` is False where the series is wider than the outcome: it is shown and back-tested, but
    no fit follows it.
    """

    id: str
    label: Bilingual
    group: Literal["area", "production", "seizures", "prices", "use", "deaths"]
    outcome: OutcomeName
    series: SeriesName
    entities: Annotated[tuple[str, ...], pydantic.Field(min_length=1)]
    less: dict[SeriesName, tuple[str, ...]] = {}
    owner: Literal["unodc", "us", "any"] = "any"
    kind: Literal["lognormal", "count"] = "lognormal"
    factor: Annotated[float, pydantic.Field(gt=0.0)] = 1.0
    money: Literal["usd", "cop"] | None = None
    paired: bool = False
    error: Annotated[float, pydantic.Field(gt=0.0, lt=2.0)]
    error_source: tuple[SourceId, ...] | Literal["judgement"]
    offsets: tuple[Offset, ...] = ()
    undercount: Undercount | None = None
    left_out: tuple[LeftOut, ...] = ()
    also_input: tuple[InputName, ...] = ()
    scored: bool = True
    note: Bilingual | None = None

    def values(self, known: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return the years used and their values, in the outcome's units; verified figures only.

        Args:
            known: last year of the record that may be read; ``None`` for all of it.
        """
        return self._some(known, lambda year: not self.reason(year))

    def shown(self, known: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return the years that are left out and their values: to be shown, not used."""
        return self._some(known, lambda year: bool(self.reason(year)))

    def reason(self, year: int) -> Bilingual | None:
        """Return why a recorded year is not used, or ``None`` where it is."""
        return next((out.reason for out in self.left_out if out.span[0] <= year <= out.span[1]), None)

    def powers(self, years: np.ndarray, owner: Owner = "unodc") -> dict[str, np.ndarray]:
        """Return the power (1, 0 or -1) of each systematic factor by year.

        Args:
            years: years of the reading.
            owner: whose area and production the run follows.
        """
        found = {}
        for offset in self.offsets:
            if offset.against in (None, owner):
                first, last = offset.span or (-np.inf, np.inf)
                inside = (years >= first) & (years <= last)
                found[offset.parameter] = np.where(inside, -1.0 if offset.divides else 1.0, 0.0)
        return found

    def _some(self, known: int | None, wanted) -> tuple[np.ndarray, np.ndarray]:
        record = self._record()
        end = max(record, default=START) if known is None else known - self.paired
        years = [y for y in sorted(record) if START <= y <= end and wanted(y)]
        return np.array(years, int), np.array([record[y] for y in years], float)

    def _record(self) -> dict[int, float]:
        total = _sum(self.series, self.entities)
        for name, entities in self.less.items():
            part = _sum(name, entities)
            total = {y: v - part[y] for y, v in total.items() if y in part}
        dollars = _dollars(self.money)
        return {
            y: v * self.factor * (dollars[y] if self.money else 1.0)
            for y, v in total.items()
            if not self.money or y in dollars
        }


def _sum(name: str, entities: tuple[str, ...]) -> dict[int, float]:
    """Return the sum over entities in the years that all of them have."""
    records = [series(name).annual(entity, calibrating=True) for entity in entities]
    years = set.intersection(*(set(r) for r in records))
    return {y: sum(r[y] for r in records) for y in years}


def _dollars(money: str | None) -> dict[int, float]:
    """Return the factor by year that turns a currency into 2020 USD."""
    if money is None:
        return {}
    price = deflator()
    if money == "usd":
        return price
    rate = series("cop_per_usd").annual("Colombia", calibrating=True)
    return {y: price[y] / rate[y] for y in rate if y in price}


def read_readings(path: Path) -> dict[str, Reading]:
    """Read the records of a file, in its order."""
    return {
        str(name): validate(Reading, {"id": str(name), **fields}, path, (name,))
        for name, fields in load_document(path).items()
    }


@functools.cache
def readings() -> Mapping[str, Reading]:
    """Return every reading by name."""
    return MappingProxyType(read_readings(data_path("observations.yaml")))

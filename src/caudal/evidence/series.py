"""The series: what was measured, by whom, in which vintage, with rivals side by side.

Values live in ``data/series/<theme>.csv`` and what is said about them in the YAML beside
it. Two sources for the same entity and year stay two rows; only ``Series.annual`` chooses
one of them, by the declared preferences, and never by averaging.
"""

from __future__ import annotations

import csv
import dataclasses
import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from caudal.core.errors import CaudalError, unknown
from caudal.core.files import data_path, digest, read_yaml
from caudal.core.records import Bilingual, Record, load_document, validate

if TYPE_CHECKING:
    import numpy as np

COLUMNS = ("series", "entity", "year", "value", "unit", "source_id", "quality", "note")
"""Columns of every series file, in this order."""

QUALITIES = ("primary", "transcribed", "derived", "secondary", "unverified")
"""Legal qualities, best first."""


@dataclasses.dataclass(frozen=True, slots=True)
class Value:
    """One figure of one source; ``value`` is ``None`` where the owner published none."""

    entity: str
    year: str
    value: float | None
    unit: str
    sources: tuple[str, ...]
    quality: str
    note: str


class KnownError(Record):
    """A conflict or defect of some values, and what is done about it.

    ``drop`` leaves the values out of the annual series, ``scale`` multiplies them by
    ``factor``, ``prefer`` puts ``source`` before its rivals, ``flag`` only tells.
    """

    entity: str
    year: str
    action: Literal["drop", "scale", "flag", "prefer"]
    reason: Bilingual
    source: str | None = None
    factor: float | None = None

    def covers(self, entity: str, year: str) -> bool:
        """Tell whether an entity and year fall under this entry (``*`` and ``a..b`` allowed)."""
        if self.entity not in ("*", entity):
            return False
        first, dots, last = self.year.partition("..")
        if dots and len(first) == len(last) == 4:
            return first <= year <= last and len(year) == 4
        return self.year == year


class Total(Record):
    """A published total that the entities of a series must add up to."""

    series: str
    entity: str
    tolerance: float


class Series(Record):
    """A quantity over entities and years, with everything known about its quality."""

    id: str
    theme: str
    label: Bilingual
    unit: str
    definition: Bilingual
    as_of: str
    money_year: int | None = None
    rivals: tuple[str, ...] = ()
    known_errors: tuple[KnownError, ...] = ()
    preferred_sources: tuple[str, ...] = ()
    sums_to: Total | None = None
    rows: tuple[Value, ...]

    def entities(self) -> tuple[str, ...]:
        """Return the entities in the order of the file."""
        return tuple(dict.fromkeys(row.entity for row in self.rows))

    def values(self, entity: str | None = None, sources: Iterable[str] | None = None) -> tuple[Value, ...]:
        """Return rows as published, of one entity or all, from some sources or all."""
        wanted = None if sources is None else set(sources)
        return tuple(
            row
            for row in self.rows
            if (entity is None or row.entity == entity) and (wanted is None or wanted & set(row.sources))
        )

    def chosen(self, entity: str, *, calibrating: bool = False) -> dict[str, Value]:
        """Return one value per year of an entity, by preference and known errors.

        Args:
            entity: entity as in ``entities()``.
            calibrating: leave out unverified figures.
        """
        best: dict[str, Value] = {}
        for row in self.values(entity):
            if row.value is None or (calibrating and row.quality == "unverified") or self._dropped(row):
                continue
            rival = best.get(row.year)
            if rival is None or self._rank(row) < self._rank(rival):
                best[row.year] = row
        return {year: self._scaled(row) for year, row in sorted(best.items())}

    def annual(self, entity: str, calibrating: bool = False) -> dict[int, float]:
        """Return one figure per calendar year; ranges and months of the year are left out."""
        return {
            int(year): row.value
            for year, row in self.chosen(entity, calibrating=calibrating).items()
            if len(year) == 4 and year.isdigit() and row.value is not None
        }

    def value_at(self, entity: str, year: int | str, *, calibrating: bool = False) -> Value:
        """Return the chosen value of an entity and year, with its source and quality."""
        found = self.chosen(entity, calibrating=calibrating)
        try:
            return found[str(year)]
        except KeyError:
            years = ", ".join(found) or "-"
            raise CaudalError(
                "CAU-111", "no_value", series=self.id, entity=entity, year=year, years=years
            ) from None

    def panel(
        self, entities: Iterable[str], years: Iterable[int], *, calibrating: bool = False
    ) -> np.ndarray:
        """Return the annual figures as an array (entity, year), NaN where there is none."""
        import numpy as np

        years = tuple(years)
        rows = [self.annual(name, calibrating=calibrating) for name in entities]
        return np.array([[row.get(year, np.nan) for year in years] for row in rows], float)

    def _errors(self, row: Value, action: str) -> list[KnownError]:
        return [e for e in self.known_errors if e.action == action and e.covers(row.entity, row.year)]

    def _dropped(self, row: Value) -> bool:
        return any(e.source is None or e.source in row.sources for e in self._errors(row, "drop"))

    def _scaled(self, row: Value) -> Value:
        for error in self._errors(row, "scale"):
            if row.value is not None and error.factor is not None:
                row = dataclasses.replace(row, value=row.value * error.factor, quality="derived")
        return row

    def _rank(self, row: Value) -> tuple[bool, int, int]:
        named = any(e.source in row.sources for e in self._errors(row, "prefer"))
        listed = [i for i, name in enumerate(self.preferred_sources) if name in row.sources]
        return not named, min(listed, default=len(self.preferred_sources)), QUALITIES.index(row.quality)


def read_rows(path: Path) -> dict[str, list[Value]]:
    """Read a series file into rows by series, in the order of the file."""
    rows: dict[str, list[Value]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        next(reader, None)
        for name, entity, year, value, unit, source, quality, note in reader:
            figure = float(value) if value else None
            row = Value(entity, year, figure, unit, tuple(source.split("|")), quality, note)
            rows.setdefault(name, []).append(row)
    return rows


def read_theme(path: Path) -> dict[str, Series]:
    """Read one theme: the YAML at ``path`` and the CSV beside it."""
    rows = read_rows(path.with_suffix(".csv"))
    return {
        str(name): validate(
            Series, {"id": name, "theme": path.stem, **fields, "rows": rows.get(name, ())}, path, (name,)
        )
        for name, fields in load_document(path).items()
    }


@functools.cache
def _theme(theme: str) -> Mapping[str, Series]:
    return MappingProxyType(read_theme(data_path("series", f"{theme}.yaml")))


@functools.cache
def themes() -> Mapping[str, tuple[str, ...]]:
    """Return the series ids of every theme."""
    found = {path.stem: tuple(read_yaml(path)) for path in sorted(data_path("series").glob("*.yaml"))}
    return MappingProxyType(found)


def series_ids() -> tuple[str, ...]:
    """Return every series id, theme by theme."""
    return tuple(name for names in themes().values() for name in names)


@functools.cache
def series(name: str) -> Series:
    """Return one series, or say which known id is nearest."""
    for theme, names in themes().items():
        if name in names:
            return _theme(theme)[name]
    raise unknown("series", name, series_ids(), "CAU-110")


@functools.cache
def data_digest() -> str:
    """Return the SHA-256 of every series and source file: the vintage of a result."""
    return digest(*data_path("series").glob("*.*"), *data_path("sources").glob("*.yaml"))

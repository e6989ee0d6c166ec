"""The dated events: what was decided when, by whom it was governed, and when it was voted.

An event with ``read: false`` was found in no document read here. It may be shown, with low
confidence, and is never evidence: ``events(evidence=True)`` leaves it out.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

import pydantic

from caudal.core.files import data_path
from caudal.core.records import Bilingual, Record, load_keyed, validate
from caudal.core.units import registry
from caudal.evidence.registry import levers
from caudal.evidence.source import sources

Topic = Literal[
    "aid",
    "trade",
    "certification",
    "sanctions",
    "eradication",
    "interdiction",
    "substitution",
    "peace",
    "diplomacy",
    "force",
    "strategy",
    "demand",
    "measurement",
    "government",
]
"""What an event is about."""

Direction = Literal["up", "down", "start", "stop", "level", "peak", "mixed", "change", "threat", "expected"]
"""Which way the instrument moved; a threat or an expectation moved nothing yet."""

Country = Literal["colombia", "united_states"]

DATE = re.compile(r"\d{4}(s|(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?)")
"""A year, month or day as its source gives it, or a decade."""

Day = tuple[int, int, int]


def span(date: str | int) -> tuple[Day, Day]:
    """Return the first and last day that a date may mean; days are ordered, not checked."""
    text = str(date)
    if text.endswith("s"):
        return (int(text[:-1]), 1, 1), (int(text[:-1]) + 9, 12, 31)
    year, *rest = (int(part) for part in text.split("-"))
    month, day = (*rest, 0, 0)[:2]
    return (year, month or 1, day or 1), (year, month or 12, day or 31)


def _dated(value: str) -> str:
    if not DATE.fullmatch(value):
        raise ValueError("expected a year, a month such as 2026-02 or a day such as 2026-02-03")
    return value


def _cited(value: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [name for name in value if name not in sources()]
    if unknown:
        raise ValueError(f"no source has the id {', '.join(unknown)}")
    return value


Date = Annotated[str, pydantic.AfterValidator(_dated)]
Cites = Annotated[tuple[str, ...], pydantic.AfterValidator(_cited)]


class _Dated(Record):
    id: str
    cites: Cites
    read: bool = True

    @pydantic.model_validator(mode="after")
    def _read_somewhere(self) -> _Dated:
        if self.read != bool(self.cites):
            raise ValueError("expected a source in cites, or read: false and none")
        return self


class Event(_Dated):
    """Something that happened, in one neutral sentence, with the instrument it moved."""

    date: Date
    label: Bilingual
    topic: Topic
    direction: Direction
    confidence: Literal["high", "medium", "low"]
    lever: str | None = None
    magnitude: float | None = None
    unit: str | None = None
    note: Bilingual | None = None

    @pydantic.field_validator("lever")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None and value not in levers():
            raise ValueError(f"there is no lever {value}")
        return value

    @pydantic.field_validator("unit")
    @classmethod
    def _parsed(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                registry().parse_units(value)
            except Exception:
                raise ValueError(f"{value} is not a known unit") from None
        return value

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Event:
        if (self.magnitude is None) != (self.unit is None):
            raise ValueError("magnitude and unit go together")
        if not self.read and self.confidence != "low":
            raise ValueError("what was not read has confidence: low")
        return self


class Government(_Dated):
    """A presidency, up to the day the next one begins."""

    country: Country
    name: str
    start: Date = pydantic.Field(alias="from")
    end: Date = pydantic.Field(alias="to")


class Election(_Dated):
    """A national vote; for Colombian presidents the round that decided."""

    country: Country
    kind: Literal["presidential", "legislative"]
    date: Date


class _Document(Record):
    topics: dict[Topic, Bilingual]
    events: dict[str, Event]
    governments: dict[str, Government]
    elections: dict[str, Election]


@dataclasses.dataclass(frozen=True)
class Timeline:
    """Everything dated, by id and in order of date; a bare year comes before its months."""

    topics: Mapping[str, Bilingual]
    events: Mapping[str, Event]
    governments: Mapping[str, Government]
    elections: Mapping[str, Election]

    def governing(self, country: Country, date: str | int) -> Government | None:
        """Return who governs on a day, or on the first day that a date may mean."""
        day = span(date)[0]
        for record in self.governments.values():
            if record.country == country and span(record.start)[0] <= day < span(record.end)[0]:
                return record
        return None


def read_timeline(path: Path) -> Timeline:
    """Read a timeline; what is wrong is told with file and line (``CAU-204``)."""
    read = validate(_Document, load_keyed(path, "events", "governments", "elections"), path)
    return Timeline(
        MappingProxyType(dict(read.topics)),
        _ordered(read.events, lambda record: record.date),
        _ordered(read.governments, lambda record: record.start),
        _ordered(read.elections, lambda record: record.date),
    )


@functools.cache
def timeline() -> Timeline:
    """Return the timeline that comes with Caudal."""
    return read_timeline(data_path("timeline.yaml"))


def events(
    from_: str | int | None = None,
    to: str | int | None = None,
    topic: Topic | None = None,
    evidence: bool = False,
) -> tuple[Event, ...]:
    """Return events in order of date.

    Args:
        from_: leave out what was surely over before this year, month or day.
        to: leave out what surely came after this year, month or day.
        topic: only events about this.
        evidence: leave out what was not read in any source.
    """
    return tuple(
        event
        for event in timeline().events.values()
        if (topic is None or event.topic == topic)
        and (event.read or not evidence)
        and (from_ is None or span(event.date)[1] >= span(from_)[0])
        and (to is None or span(event.date)[0] <= span(to)[1])
    )


def _ordered(records: Mapping[str, Any], date) -> Mapping[str, Any]:
    items = sorted(records.items(), key=lambda item: (span(date(item[1]))[0], len(date(item[1]))))
    return MappingProxyType(dict(items))

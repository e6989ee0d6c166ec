"""The text of a scenario, read strictly: every name is known, every line inside its lever and its time."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pydantic

from caudal.core.clock import FIRST_DECISION, LAST_OBSERVED, LAST_YEAR, START
from caudal.core.errors import CaudalError, unknown
from caudal.core.files import data_path, yaml_line
from caudal.core.records import Bilingual, Record, load_document, validate
from caudal.evidence.registry import departments, lever, levers

LONGEST_RAMP = 20  # years
HALF_YEAR = 6  # months: an event after June counts from the next year


class Line(Record):
    """From a year on, a lever moves to a value, at once or over ``ramp`` years.

    In a file ``from`` may name a dated event; loading puts its year in ``start`` and its name
    in ``event``.
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    start: int = pydantic.Field(alias="from", strict=True)
    event: str | None = None
    to: int | None = pydantic.Field(default=None, strict=True)
    value: float = pydantic.Field(strict=True)
    ramp: int = pydantic.Field(default=0, ge=0, le=LONGEST_RAMP, strict=True)
    departments: tuple[str, ...] = ()
    kind: Literal["policy", "target", "maximum", "observed", "judgement"]
    text: Bilingual
    cites: tuple[str, ...] = pydantic.Field(min_length=1)


class Document(Record):
    """The text of a scenario file.

    ``branches_from`` names the dated event at which it departs from what happened. With
    ``replay`` it is a scenario of the past: it starts in 2000 and ends in that year.
    """

    title: Bilingual
    question: Bilingual
    author: str
    date: str
    reference: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    baseline: str | None = None
    compose: tuple[str, ...] = ()
    branches_from: str | None = None
    replay: int | None = pydantic.Field(default=None, gt=START, le=LAST_OBSERVED, strict=True)
    description: Bilingual
    levers: dict[str, tuple[Line, ...]]

    @property
    def span(self) -> tuple[int, int]:
        """Return the first and the last year in which a lever may be set."""
        return (START, self.replay) if self.replay else (FIRST_DECISION, LAST_YEAR)


def read_document(path: Path) -> Document:
    """Read a scenario document and check its names, and every line against the lever records."""
    raw = load_document(path)

    def refuse(problem: CaudalError, *keys: str | int) -> CaudalError:
        where = yaml_line(path, keys)
        return CaudalError("CAU-304", "in_file", file=path.name, line=where, problem=problem.render())

    def known_sources(cited: tuple[str, ...], *keys: str | int) -> None:
        for i, one in enumerate(cited):
            if one not in source_ids():
                raise refuse(unknown("source", one, source_ids(), "CAU-112"), *keys, i)

    def part(other: str, *keys: str | int) -> str:
        try:
            return _library_name(path, other, document)
        except CaudalError as problem:
            raise refuse(problem, *keys) from None

    document = validate(Document, _dated(raw, refuse), path)
    if document.branches_from:
        _event(document.branches_from, refuse, "branches_from")
    baseline = part(document.baseline, "baseline") if document.baseline else None
    compose = tuple(part(one, "compose", i) for i, one in enumerate(document.compose))
    for key, parts in (("baseline", (baseline,)), ("compose", compose)):
        for one in parts:
            if one and bool(library_document(one).replay) != bool(document.replay):
                raise refuse(CaudalError("CAU-313", "other_time", name=one), key)
    known_sources(document.reference, "reference")
    for lever_name, lines in document.levers.items():
        if lever_name not in levers():
            raise refuse(unknown("lever", lever_name, levers(), "CAU-102"), "levers", lever_name)
        for i, line in enumerate(lines):
            if line.event:
                _event(line.event, refuse, "levers", lever_name, i, "event")
            problem, key = _fault(lever_name, line, lines[:i], document.span)
            if problem:
                raise refuse(problem, "levers", lever_name, i, key)
            known_sources(line.cites, "levers", lever_name, i, "cites")
    in_order = {n: tuple(sorted(lines, key=lambda x: x.start)) for n, lines in document.levers.items()}
    made = {"baseline": baseline, "compose": compose, "levers": in_order}
    return document.model_copy(update=made)


def _library_name(path: Path, other: str, document: Document) -> str:
    """Return the library scenario that a document names, by name or alias, other than itself."""
    files = {p.stem: p for p in sorted(data_path("scenarios").glob("*.yaml"))}
    own = {path.stem, *document.aliases}
    in_library = files.get(path.stem) == path
    if other in files and not (in_library and other in own):
        return other
    if other in own:
        raise CaudalError("CAU-312", "itself", name=path.stem, path=f"{path.stem} -> {other}")
    alias = {a: stem for stem, p in files.items() for a in load_document(p).get("aliases", ())}
    if other not in alias:
        raise unknown("scenario", other, [*files, *alias], "CAU-101")
    return alias[other]


@functools.cache
def library_document(name: str) -> Document:
    """Return the text of a library scenario, its lines not yet checked."""
    path = data_path("scenarios", f"{name}.yaml")
    return validate(Document, _dated(load_document(path), lambda problem, *_: problem), path)


@functools.cache
def event_dates() -> dict[str, str]:
    """Return the date of every event of the timeline, without checking its sources."""
    events = load_document(data_path("timeline.yaml"))["events"]
    return {name: str(event["date"]) for name, event in events.items()}


def _event(name: str, refuse: Callable, *keys: str | int) -> str:
    """Return the date of an event."""
    if name not in event_dates():
        raise refuse(unknown("event", name, event_dates(), "CAU-114"), *keys)
    return event_dates()[name]


def _dated(raw: dict, refuse: Callable) -> dict:
    """Return a raw document with the events that lines start from turned into years.

    A line starts in the year of its event, or in the next one when that fell after June.
    """
    written = raw.get("levers")
    for lever_name, lines in written.items() if isinstance(written, dict) else ():
        for i, line in enumerate(lines if isinstance(lines, list) else ()):
            if isinstance(line, dict) and isinstance(line.get("from"), str):
                name = line["from"]
                year, _, rest = _event(name, refuse, "levers", lever_name, i, "from").partition("-")
                line |= {"from": int(year[:4]) + (int(rest[:2] or 1) > HALF_YEAR), "event": name}
    return raw


def _fault(
    name: str, line: Line, before: tuple[Line, ...], years: tuple[int, int]
) -> tuple[CaudalError | None, str]:
    """Return what is wrong with a line of a lever, and the key at which it is."""
    problem = out_of_range(name, line.value)
    if problem:
        return problem, "value"
    for key, year in (("from", line.start), ("to", line.to)):
        problem = None if year is None else out_of_time(year, *years)
        if problem:
            return problem, key
    if line.to is not None and line.to < line.start:
        return CaudalError("CAU-309", "line_order", to=line.to, start=line.start), "to"
    if any(line.start == other.start for other in before):
        return CaudalError("CAU-310", "line_twice", name=name, year=line.start), "from"
    return out_of_place(name, line.departments), "departments"


def out_of_range(name: str, value: float) -> CaudalError | None:
    """Return what is wrong with a lever's value, if anything."""
    record = lever(name)
    low, high = record.range
    if isinstance(value, int | float) and low <= value <= high:
        return None
    return CaudalError("CAU-301", "range", name=name, value=value, low=low, high=high, unit=record.unit)


def out_of_time(year: int, low: int, high: int) -> CaudalError | None:
    """Return what is wrong with a year, if anything."""
    return None if low <= year <= high else CaudalError("CAU-302", "year", year=year, low=low, high=high)


def out_of_ramp(ramp: int) -> CaudalError | None:
    """Return what is wrong with the years that a lever takes to reach its value, if anything."""
    return (
        None if 0 <= ramp <= LONGEST_RAMP else CaudalError("CAU-325", "ramp", value=ramp, high=LONGEST_RAMP)
    )


def out_of_place(name: str, places: tuple[str, ...]) -> CaudalError | None:
    """Return what is wrong with the departments of a lever, if anything."""
    if places and not lever(name).departmental:
        placed = ", ".join(n for n, record in levers().items() if record.departmental)
        return CaudalError("CAU-311", "nowhere", name=name, known=placed)
    known = [d.name for d in departments()]
    wrong = next((place for place in places if place not in known), None)
    return None if wrong is None else unknown("region", wrong, known, "CAU-105")


@functools.cache
def source_ids() -> frozenset[str]:
    """Return the id of every source: the keys at the left margin, without reading the records."""
    files = sorted(data_path("sources").glob("*.yaml"))
    found = (re.findall(r"^([^\s#:]+):", p.read_text(encoding="utf-8"), re.MULTILINE) for p in files)
    return frozenset(name for names in found for name in names)

"""A scenario is a document: a title, a question, sources, and dated lines per lever."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pydantic

from caudal.core.clock import FIRST_DECISION, LAST_OBSERVED, LAST_YEAR, START
from caudal.core.errors import CaudalError, unknown
from caudal.core.files import data_path, yaml_line
from caudal.core.records import Bilingual, Record, load_document, validate
from caudal.evidence.inputs import Inputs
from caudal.evidence.registry import departments, lever, levers

if TYPE_CHECKING:
    from caudal.simulate.results import Result

PLACED = {
    "aerial_spraying": "place_spraying",
    "drone_spraying": "place_drones",
    "manual_eradication": "place_manual",
    "substitution_enrolment": "place_substitution",
    "rural_roads": "place_roads",
    "land_titles": "place_titles",
    "state_presence": "place_presence",
}
"""Levers that have a place, and the field of ``model.state.Levers`` that says where."""


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
    ramp: int = pydantic.Field(default=0, ge=0, le=20, strict=True)
    departments: tuple[str, ...] = ()
    kind: Literal["policy", "target", "maximum", "observed", "judgement"]
    text: Bilingual
    cites: tuple[str, ...] = pydantic.Field(min_length=1)


class Document(Record):
    """The text of a scenario file.

    ``branches_from`` names the dated event at which it departs from what happened. With
    ``replay`` it is a scenario of the past: it starts in 2000 and ends in that year.
    """

    @property
    def span(self) -> tuple[int, int]:
        """Return the first and the last year in which a lever may be set."""
        return (START, self.replay) if self.replay else (FIRST_DECISION, LAST_YEAR)

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


@dataclasses.dataclass(frozen=True)
class Change:
    """A lever set by hand: ``--set LEVER=VALUE[@YEAR]`` or ``Scenario.set``."""

    lever: str
    value: float
    year: int | None = None  # None: the first year in which the scenario may differ


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A named scenario with any changes made to it; immutable."""

    name: str
    document: Document
    changes: tuple[Change, ...] = ()
    scales: tuple[tuple[str, float], ...] = ()

    @property
    def departs(self) -> bool:
        """Return whether any document of its chain, or any change, moves a lever."""
        return bool(self.changes) or any(d.levers for d in _chain(self.document))

    def changed(self, made: Iterable[Change]) -> Scenario:
        """Return a copy with changes made, each checked against the lever and the years."""
        checked = tuple(_checked(change, self.document) for change in made)
        return dataclasses.replace(self, changes=self.changes + checked)

    def set(self, **values: float | tuple[float, int]) -> Scenario:
        """Return a copy with levers set: ``set(aerial_spraying=0)`` or ``(0, 2030)`` for a year."""
        return self.changed(
            Change(name, *(value if isinstance(value, tuple) else (value,))) for name, value in values.items()
        )

    def scaled(self, factor: float) -> Scenario:
        """Return a copy whose departures from the baseline are multiplied by ``factor``.

        Rules (levers that cost nothing by themselves) are kept as they are.
        """
        base = scenario("baseline").document
        parts = [d.levers for d in _chain(self.document) if d != base]
        moved = {*(n for part in parts for n in part), *(c.lever for c in self.changes)}
        names = [n for n, record in levers().items() if n in moved and record.cost.value > 0]
        return dataclasses.replace(self, scales=tuple((n, factor) for n in names))

    def run(self, draws: int = 500, seed: int = 1, to: int | None = None) -> Result:
        """Simulate this scenario; see ``caudal.run`` for several with common random numbers."""
        from caudal.simulate.run import run

        return run([self], draws=draws, seed=seed, to=to)

    def paths(self, given: Inputs, to: int) -> dict[str, np.ndarray]:
        """Return each lever's value by year, START..``to``: the record, then the scenario."""
        base = {n: _record(n, given, to) for n in levers()}
        for document in _chain(self.document):
            for name, lines in document.levers.items():
                for line in lines:
                    base[name] = _apply(base[name], line.start, line.value, line.ramp, line.to)
        for change in self.changes:
            base[change.lever] = _apply(base[change.lever], change.year or START, change.value)
        if self.scales:
            reference = scenario("baseline").paths(given, to)
            for name, factor in self.scales:
                low, high = lever(name).range
                moved = reference[name] + factor * (base[name] - reference[name])
                base[name] = np.clip(moved, low, high)
        return base

    def allowed(self, name: str, given: Inputs, to: int) -> np.ndarray:
        """Return where a lever may be used, (year, region) of 0 or 1.

        Each line says where from its start on; one without departments says everywhere.
        """
        table = np.ones((to - START + 1, len(given.regions)))
        for document in _chain(self.document):
            for line in document.levers.get(name, ()):
                places = line.departments
                mask = [float(not places or not d or d in places) for d in given.department]
                table[line.start - START : (line.to or to) - START + 1] = mask
        return table


def _chain(document: Document) -> list[Document]:
    """Return the documents that make up a scenario: baseline, parts, then its own lines."""
    chain: list[Document] = []
    if document.baseline:
        chain += _chain(scenario(document.baseline).document)
    for part in document.compose:
        chain += [d for d in _chain(scenario(part).document) if d not in chain]
    return [*chain, document]


def _apply(path: np.ndarray, start: int, value: float, ramp: int = 0, to: int | None = None) -> np.ndarray:
    path = path.copy()
    first = start - START
    if first >= len(path):
        return path
    last = len(path) if to is None else min(to - START + 1, len(path))
    steps = np.arange(1, last - first + 1)
    weight = np.minimum(steps / (ramp + 1.0), 1.0)
    before = path[max(first - 1, 0)]
    path[first:last] = before + weight * (value - before)
    return path


def _record(name: str, given: Inputs, to: int) -> np.ndarray:
    """Return the recorded path of a lever, held at its last value after the record."""
    recorded = {
        "aerial_spraying": given.spraying,
        "manual_eradication": given.manual,
        "substitution_enrolment": given.enrolment,
        "registration_by_coca": given.announced,
        "laboratory_destruction": given.laboratories,
        "treatment_admissions": given.admissions,
        "us_aid_military": given.aid_military,
        "us_aid_social": given.aid_social,
        "air_and_sea_force": given.strikes,
    }.get(name)
    if recorded is None:
        recorded = np.full(len(given.years), lever(name).maximum.value if name in RECORDED_ONCE else 0.0)
    extra = to - int(given.years[-1])
    return np.concatenate([recorded, np.full(max(extra, 0), recorded[-1])])[: to - START + 1]


RECORDED_ONCE = (
    "substitution_payment",
    "payment_reliability",
    "interdiction_colombia",
    "interdiction_us_transit",
    "interdiction_world_transit",
    "colombia_own_effort",
    "certification",
    "intelligence_sharing",
)
"""Levers recorded by one value, which is also their recorded maximum. Interdiction is 1 by
definition: its history is in the loss shares; so is Colombia's own effort. Colombia was
certified, and intelligence shared, in every year from 2000 to the middle of 2025. What is
neither here nor in a series is extra effort, zero until a scenario asks for it."""


HALF_YEAR = 6  # months: an event after June counts from the next year


def _checked(change: Change, document: Document) -> Change:
    problem = _out_of_range(change.lever, change.value)
    low, high = document.span
    year = low if change.year is None else change.year
    problem = problem or _out_of_time(year, low, high)
    if problem:
        raise problem
    return dataclasses.replace(change, year=year)


def _out_of_time(year: int, low: int, high: int) -> CaudalError | None:
    return None if low <= year <= high else CaudalError("CAU-302", "year", year=year, low=low, high=high)


def parse_change(word: str) -> Change:
    """Read ``LEVER=VALUE[@YEAR]``; a leading ``levers.`` is allowed."""
    name, equals, rest = word.partition("=")
    value, at, year = rest.partition("@")
    name = name.strip().removeprefix("levers.")
    if not equals:
        raise CaudalError("CAU-303", "set_form", word=word)
    lever(name)
    try:
        change = Change(name, float(value), int(year) if at else None)
    except ValueError:
        raise CaudalError("CAU-303", "set_form", word=word) from None
    problem = _out_of_range(name, change.value)
    if not problem and change.year is not None:
        problem = _out_of_time(change.year, START, LAST_YEAR)
    if problem:
        raise problem
    return change


def load(path: Path, name: str | None = None) -> Scenario:
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
            problem, key = _fault(lever_name, line, lines[:i], document.span)
            if problem:
                raise refuse(problem, "levers", lever_name, i, key)
            known_sources(line.cites, "levers", lever_name, i, "cites")
    in_order = {n: tuple(sorted(lines, key=lambda x: x.start)) for n, lines in document.levers.items()}
    made = {"baseline": baseline, "compose": compose, "levers": in_order}
    return Scenario(name or path.stem, document.model_copy(update=made))


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
    problem = _out_of_range(name, line.value)
    if problem:
        return problem, "value"
    for key, year in (("from", line.start), ("to", line.to)):
        problem = None if year is None else _out_of_time(year, *years)
        if problem:
            return problem, key
    if line.to is not None and line.to < line.start:
        return CaudalError("CAU-309", "line_order", to=line.to, start=line.start), "to"
    if any(line.start == other.start for other in before):
        return CaudalError("CAU-310", "line_twice", name=name, year=line.start), "from"
    if line.departments and not lever(name).departmental:
        placed = ", ".join(n for n, record in levers().items() if record.departmental)
        return CaudalError("CAU-311", "nowhere", name=name, known=placed), "departments"
    known = [d.name for d in departments()]
    for department in line.departments:
        if department not in known:
            return unknown("region", department, known, "CAU-105"), ""
    return None, ""


@functools.cache
def library_document(name: str) -> Document:
    """Return the text of a library scenario, its lines not yet checked."""
    path = data_path("scenarios", f"{name}.yaml")
    return validate(Document, _dated(load_document(path), lambda problem, *_: problem), path)


@functools.cache
def source_ids() -> frozenset[str]:
    """Return the id of every source: the keys at the left margin, without reading the records."""
    files = sorted(data_path("sources").glob("*.yaml"))
    found = (re.findall(r"^([^\s#:]+):", p.read_text(encoding="utf-8"), re.MULTILINE) for p in files)
    return frozenset(name for names in found for name in names)


def _out_of_range(name: str, value: float) -> CaudalError | None:
    record = lever(name)
    low, high = record.range
    if isinstance(value, int | float) and low <= value <= high:
        return None
    return CaudalError("CAU-301", "range", name=name, value=value, low=low, high=high, unit=record.unit)


@functools.cache
def library() -> dict[str, Scenario]:
    """Return the scenarios that come with Caudal, by name."""
    found = {path.stem: load(path) for path in sorted(data_path("scenarios").glob("*.yaml"))}
    for name in found:
        _refuse_cycle(found, (name,))
    return found


def _refuse_cycle(found: dict[str, Scenario], path: tuple[str, ...]) -> None:
    """Refuse library documents that are made of each other in a circle."""
    document = found[path[-1]].document
    for key, part in [("baseline", document.baseline), *(("compose", p) for p in document.compose)]:
        if part in path:
            file = data_path("scenarios", f"{path[-1]}.yaml")
            circle = " -> ".join((*path, part))
            problem = CaudalError("CAU-312", "itself", name=part, path=circle).render()
            where = yaml_line(file, (key,))
            raise CaudalError("CAU-304", "in_file", file=file.name, line=where, problem=problem)
        if part:
            _refuse_cycle(found, (*path, part))


def aliases() -> dict[str, str]:
    """Return alias -> name for the library."""
    return {a: name for name, s in library().items() for a in s.document.aliases}


def scenario(name: str) -> Scenario:
    """Return a scenario by name or alias, or read it from a ``.yaml`` file."""
    if name.endswith((".yaml", ".yml")):
        return load(Path(name))
    found = aliases().get(name, name)
    if found not in library():
        raise unknown("scenario", name, [*library(), *aliases()], "CAU-101")
    return library()[found]

"""A scenario is a document: a title, a question, sources, and dated lines per lever."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pydantic

from caudal.core.clock import FIRST_DECISION, LAST_YEAR, START
from caudal.core.errors import CaudalError, unknown
from caudal.core.files import data_path, yaml_line
from caudal.core.records import Bilingual, Record, load_document, validate
from caudal.evidence.inputs import Inputs
from caudal.evidence.registry import departments, lever, levers

if TYPE_CHECKING:
    from caudal.simulate.results import Result

PLACED = {
    "aerial_spraying": "place_spraying",
    "manual_eradication": "place_manual",
    "substitution_enrolment": "place_substitution",
    "rural_development": "place_development",
}
"""Levers that have a place, and the field of ``model.state.Levers`` that says where."""


class Line(Record):
    """From a year on, a lever moves to a value, at once or over ``ramp`` years."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    start: int = pydantic.Field(alias="from", ge=FIRST_DECISION, le=LAST_YEAR)
    to: int | None = pydantic.Field(default=None, ge=FIRST_DECISION, le=LAST_YEAR)
    value: float
    ramp: int = pydantic.Field(default=0, ge=0, le=20)
    departments: tuple[str, ...] = ()
    kind: Literal["policy", "target", "maximum", "observed", "judgement"]
    text: Bilingual
    cites: tuple[str, ...] = pydantic.Field(min_length=1)


class Document(Record):
    """The text of a scenario file."""

    title: Bilingual
    question: Bilingual
    author: str
    date: str
    reference: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    baseline: str | None = None
    compose: tuple[str, ...] = ()
    description: Bilingual
    levers: dict[str, tuple[Line, ...]]


@dataclasses.dataclass(frozen=True)
class Change:
    """A lever set by hand: ``--set LEVER=VALUE[@YEAR]`` or ``Scenario.set``."""

    lever: str
    value: float
    year: int = FIRST_DECISION


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A named scenario with any changes made to it; immutable."""

    name: str
    document: Document
    changes: tuple[Change, ...] = ()
    scales: tuple[tuple[str, float], ...] = ()

    def set(self, **values: float | tuple[float, int]) -> Scenario:
        """Return a copy with levers set: ``set(aerial_spraying=0)`` or ``(0, 2030)`` for a year."""
        made = tuple(
            _checked(Change(name, *(value if isinstance(value, tuple) else (value,))))
            for name, value in values.items()
        )
        return dataclasses.replace(self, changes=self.changes + made)

    def scaled(self, factor: float) -> Scenario:
        """Return a copy whose departures from the baseline are multiplied by ``factor``.

        Rules (levers that cost nothing by themselves) are kept as they are.
        """
        moved = {*self.document.levers, *(c.lever for c in self.changes)}
        names = [n for n, record in levers().items() if n in moved and record.cost.value > 0]
        return dataclasses.replace(self, scales=tuple((n, factor) for n in names))

    def run(self, draws: int = 500, seed: int = 1, to: int = 2040) -> Result:
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
            base[change.lever] = _apply(base[change.lever], change.year, change.value)
        if self.scales:
            reference = scenario("baseline").paths(given, to)
            for name, factor in self.scales:
                low, high = lever(name).range
                moved = reference[name] + factor * (base[name] - reference[name])
                base[name] = np.clip(moved, low, high)
        return base

    def allowed(self, name: str, given: Inputs, to: int) -> np.ndarray:
        """Return where a lever may be used, (year, region) of 0 or 1."""
        table = np.ones((to - START + 1, len(given.regions)))
        for document in _chain(self.document):
            for line in document.levers.get(name, ()):
                if line.departments:
                    mask = np.array([float(not d or d in line.departments) for d in given.department])
                    end = (line.to or to) - START + 1
                    table[line.start - START : end] = mask
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
    before = path[first - 1]
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
)
"""Levers recorded by one value, which is also their recorded maximum. Interdiction is 1 by
definition: its history is in the loss shares. What is neither here nor in a series is extra
effort, zero until a scenario asks for it."""


def _checked(change: Change) -> Change:
    problem = _out_of_range(change.lever, change.value)
    if problem:
        raise problem
    if not FIRST_DECISION <= change.year <= LAST_YEAR:
        raise CaudalError("CAU-302", "year", year=change.year, low=FIRST_DECISION, high=LAST_YEAR)
    return change


def parse_change(word: str) -> Change:
    """Read ``LEVER=VALUE[@YEAR]``; a leading ``levers.`` is allowed."""
    name, equals, rest = word.partition("=")
    value, at, year = rest.partition("@")
    name = name.strip().removeprefix("levers.")
    if not equals:
        raise CaudalError("CAU-303", "set_form", word=word)
    lever(name)
    try:
        change = Change(name, float(value), int(year) if at else FIRST_DECISION)
    except ValueError:
        raise CaudalError("CAU-303", "set_form", word=word) from None
    return _checked(change)


def load(path: Path, name: str | None = None) -> Scenario:
    """Read a scenario document and check every line against the lever records."""
    document = validate(Document, load_document(path), path)
    known = [d.name for d in departments()]
    names = sorted(p.stem for p in data_path("scenarios").glob("*.yaml"))
    for key, other in [("baseline", document.baseline), *(("compose", part) for part in document.compose)]:
        if other and other not in names:
            problem = unknown("scenario", other, names, "CAU-101")
            where = yaml_line(path, (key,))
            raise CaudalError("CAU-304", "in_file", file=path.name, line=where, problem=problem.render())

    def refuse(problem: CaudalError, *keys: str | int) -> CaudalError:
        where = yaml_line(path, ("levers", *keys))
        return CaudalError("CAU-304", "in_file", file=path.name, line=where, problem=problem.render())

    for lever_name, lines in document.levers.items():
        if lever_name not in levers():
            raise refuse(unknown("lever", lever_name, levers(), "CAU-102"), lever_name)
        for i, line in enumerate(lines):
            problem = _out_of_range(lever_name, line.value)
            if problem:
                raise refuse(problem, lever_name, i, "value")
            for department in line.departments:
                if department not in known:
                    raise refuse(unknown("region", department, known, "CAU-105"), lever_name, i)
    return Scenario(name or path.stem, document)


def _out_of_range(name: str, value: float) -> CaudalError | None:
    record = lever(name)
    low, high = record.range
    if isinstance(value, int | float) and low <= value <= high:
        return None
    return CaudalError("CAU-301", "range", name=name, value=value, low=low, high=high, unit=record.unit)


@functools.cache
def library() -> dict[str, Scenario]:
    """Return the scenarios that come with Caudal, by name."""
    return {path.stem: load(path) for path in sorted(data_path("scenarios").glob("*.yaml"))}


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

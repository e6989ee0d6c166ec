"""A scenario: a document, the changes made to it, and the lever paths that they come to."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from caudal.core.clock import LAST_YEAR, START
from caudal.core.errors import CaudalError, unknown
from caudal.core.files import data_path, yaml_line
from caudal.evidence.inputs import Inputs
from caudal.evidence.registry import lever, levers
from caudal.simulate.document import (
    Document,
    out_of_place,
    out_of_ramp,
    out_of_range,
    out_of_time,
    read_document,
)

if TYPE_CHECKING:
    from caudal.simulate.results import Result

DEFAULT = ("baseline", "eradication-led", "substitution-led")
"""Scenarios that are compared unless others are named."""

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


@dataclasses.dataclass(frozen=True)
class Change:
    """A lever set by hand: ``--set LEVER=VALUE[@YEAR[+RAMP]][:DEPARTMENT,...]`` or ``Scenario.set``.

    The lever reaches ``value`` after ``ramp`` years. Without ``departments`` it is used where the
    scenario's own lines say.
    """

    lever: str
    value: float
    year: int | None = None  # None: the first year in which the scenario may differ
    ramp: int = 0
    departments: tuple[str, ...] = ()

    def as_json(self, first: int) -> dict[str, Any]:
        """Return what a run record tells of it; ``first`` stands for a year that was not given."""
        told: dict[str, Any] = {"lever": self.lever, "value": self.value, "year": self.year or first}
        if self.ramp:
            told["ramp"] = self.ramp
        return told | ({"departments": list(self.departments)} if self.departments else {})

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Change:
        """Return the change that a run record tells of."""
        places = tuple(told.get("departments", ()))
        return cls(told["lever"], told["value"], told["year"], told.get("ramp", 0), places)


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

    def set(self, **values: float | tuple[Any, ...]) -> Scenario:
        """Return a copy with levers set: ``set(aerial_spraying=0)``, or with a year ``(0, 2030)``.

        A ramp in years and the departments may follow the year: ``(60_000, 2027, 2, ("NARIÑO",))``.
        """
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
            base[change.lever] = _apply(base[change.lever], change.year or START, change.value, change.ramp)
        if self.scales:
            reference = scenario("baseline").paths(given, to)
            for name, factor in self.scales:
                low, high = lever(name).range
                moved = reference[name] + factor * (base[name] - reference[name])
                base[name] = np.clip(moved, low, high)
        return base

    def allowed(self, name: str, given: Inputs, to: int) -> np.ndarray:
        """Return where a lever may be used, (year, region) of 0 or 1.

        Each line says where from its start on; one without departments says everywhere. A change
        made by hand says where if it names departments.
        """
        table = np.ones((to - START + 1, len(given.regions)))

        def mask(places: tuple[str, ...]) -> list[float]:
            return [float(not places or not d or d in places) for d in given.department]

        for document in _chain(self.document):
            for line in document.levers.get(name, ()):
                table[line.start - START : (line.to or to) - START + 1] = mask(line.departments)
        for change in self.changes:
            if change.lever == name and change.departments:
                table[(change.year or START) - START :] = mask(change.departments)
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
    """Return the recorded path of a lever, held at its last value after the record.

    Interdiction and Colombia's own effort are 1 by definition: their history is in the loss
    shares and in the other series. Certification and shared intelligence stood from 2000 to the
    middle of 2025.
    """
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
        recorded = np.full(len(given.years), lever(name).held)
    extra = to - int(given.years[-1])
    return np.concatenate([recorded, np.full(max(extra, 0), recorded[-1])])[: to - START + 1]


def _checked(change: Change, document: Document) -> Change:
    problem = out_of_range(change.lever, change.value)
    low, high = document.span
    year = low if change.year is None else change.year
    problem = problem or out_of_time(year, low, high) or out_of_ramp(change.ramp)
    problem = problem or out_of_place(change.lever, change.departments)
    if problem:
        raise problem
    return dataclasses.replace(change, year=year)


def parse_change(word: str) -> Change:
    """Read ``LEVER=VALUE[@YEAR[+RAMP]][:DEPARTMENT,...]``; a leading ``levers.`` is allowed."""
    name, equals, rest = word.partition("=")
    rest, colon, places = rest.partition(":")
    value, at, when = rest.partition("@")
    year, plus, ramp = when.partition("+")
    name = name.strip().removeprefix("levers.")
    if not equals:
        raise CaudalError("CAU-303", "set_form", word=word)
    lever(name)
    try:
        change = Change(
            name,
            float(value),
            int(year) if at else None,
            int(ramp) if plus else 0,
            tuple(place.strip() for place in places.split(",")) if colon else (),
        )
    except ValueError:
        raise CaudalError("CAU-303", "set_form", word=word) from None
    problem = out_of_range(name, change.value)
    if not problem and change.year is not None:
        problem = out_of_time(change.year, START, LAST_YEAR)
    problem = problem or out_of_ramp(change.ramp) or out_of_place(name, change.departments)
    if problem:
        raise problem
    return change


def load(path: Path) -> Scenario:
    """Read a scenario from a file, named after it."""
    return Scenario(path.stem, read_document(path))


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

"""Typed records of the model's vocabulary: parameters, levers, outcomes and regions.

XLRM in four folders: X uncertainties are ``data/parameters``, L levers are
``data/levers``, R relations are ``caudal.model``, M measures are ``data/outcomes.yaml``.
"""

from __future__ import annotations

import functools
from typing import Literal

import pydantic

from caudal.core.errors import CaudalError, unknown
from caudal.core.files import data_path
from caudal.core.records import Bilingual, Record, load_document, validate

Evidence = Literal["data", "literature", "judgement"]


class Prior(Record):
    """A distribution given by its median and its 5 % and 95 % quantiles."""

    family: Literal["normal", "lognormal", "logitnormal", "fixed"]
    median: float
    low: float | None = None
    high: float | None = None

    @pydantic.model_validator(mode="after")
    def _ordered(self) -> Prior:
        if self.family == "fixed":
            if self.low is not None or self.high is not None:
                raise ValueError("a fixed value has no quantiles")
        elif self.low is None or self.high is None or not self.low < self.median < self.high:
            raise ValueError("expected low < median < high")
        return self


class Parameter(Record):
    """Something nobody decides: one number of the model, with what is known of it.

    ``fitted`` parameters are sampled with the record; of the others it says nothing. ``wide`` is
    the prior of somebody who knows nothing later than the end of a shorter record, where the centre
    of ``prior`` was learnt from years after that.
    """

    label: Bilingual
    block: str
    unit: str
    bounds: tuple[float, float]
    prior: Prior
    known: Literal["measured", "estimated", "judged"]
    prior_as_of: int
    wide: Prior | None = None
    source: tuple[str, ...]
    fitted: bool = False
    raises: dict[str, Literal[-1, 1]] = {}
    note: str = ""

    @pydantic.model_validator(mode="after")
    def _inside(self) -> Parameter:
        low, high = self.bounds
        if not low <= self.prior.median <= high:
            raise ValueError(f"the prior median lies outside the bounds {self.bounds}")
        if self.known != "judged" and not self.source:
            raise ValueError("expected a source, or known: judged")
        return self


class Cost(Record):
    """What one unit of a lever costs (with its 5 % and 95 % quantiles), and who pays."""

    value: float
    low: float
    high: float
    unit: str
    payer: dict[Literal["colombia", "united_states", "other"], float]
    known: Literal["measured", "estimated", "judged"]
    source: tuple[str, ...]
    note: Bilingual

    @pydantic.model_validator(mode="after")
    def _shares(self) -> Cost:
        if abs(sum(self.payer.values()) - 1.0) > 1e-9:
            raise ValueError("the payers' shares must sum to 1")
        if not self.low <= self.value <= self.high:
            raise ValueError("expected low <= value <= high")
        return self


class Legal(Record):
    """Whether the lever may be used as the law stands."""

    status: Literal["in_force", "limited", "suspended", "needs_law", "disputed"]
    text: Bilingual
    source: tuple[str, ...]


class Maximum(Record):
    """The most that was ever done, from the record."""

    value: float
    year: int
    source: tuple[str, ...]
    note: Bilingual | None = None


class Lever(Record):
    """Something a government can decide.

    ``history`` is the series of its recorded values, ``events`` where dated events tell them, or
    ``constant`` where ``held`` stands for every recorded year. A series of another kind than the
    lever's path (a payment planned once) also goes with ``held``.
    """

    label: Bilingual
    description: Bilingual
    actor: Literal["colombia", "united_states", "joint", "other"]
    group: Literal["eradication", "interdiction", "substitution", "development", "demand", "aid", "diplomacy"]
    unit: str
    range: tuple[float, float]
    departmental: bool = False
    history: str
    held: float = 0.0
    maximum: Maximum
    cost: Cost
    legal: Legal
    evidence: Evidence
    evidence_note: Bilingual
    raises: dict[str, Literal[-1, 1]] = {}


class Outcome(Record):
    """A measure people judge by; which direction is better is never said here."""

    label: Bilingual
    definition: Bilingual
    unit: str
    scale: float = 1.0
    shown_unit: Bilingual | None = None
    digits: int = 0
    regional: bool = False
    kind: Literal["stock", "flow", "price", "share"]
    block: str
    observed: tuple[str, ...] = ()
    entity: str = ""
    base_year: int | None = None  # the year in which each run's index is 1
    report: bool = True

    @property
    def stored_unit(self) -> str:
        """Return the unit of the stored numbers, with its scale (``1e+06 USD/year``)."""
        return self.unit if self.scale == 1.0 else f"{self.scale:g} {self.unit}"


class Region(Record):
    """A place on the region axis, and the places of the axis it borders on."""

    name: str
    code: str
    neighbours: tuple[str, ...] = ()


def _records(kind, folder: str, singular: str) -> dict:
    found: dict = {}
    for path in sorted(data_path(folder).glob("*.yaml")):
        for name, document in load_document(path).items():
            if name in found:
                raise CaudalError("CAU-206", "twice", kind=singular, name=name, file=path.name)
            record = validate(kind, document, path, (name,))
            found[name] = record
    return found


@functools.cache
def parameters() -> dict[str, Parameter]:
    """Return every parameter by name, in file order."""
    return _records(Parameter, "parameters", "parameter")


@functools.cache
def levers() -> dict[str, Lever]:
    """Return every lever by name, in file order."""
    return _records(Lever, "levers", "lever")


@functools.cache
def outcomes() -> dict[str, Outcome]:
    """Return every outcome by name, in file order."""
    return _records(Outcome, "outcomes", "outcome")


@functools.cache
def departments() -> tuple[Region, ...]:
    """Return the Colombian departments with coca since 1999, in the order of the region axis."""
    path = data_path("regions.yaml")
    return tuple(
        validate(Region, entry, path, ("departments", i))
        for i, entry in enumerate(load_document(path)["departments"])
    )


def lever(name: str) -> Lever:
    """Return a lever, or offer the nearest name."""
    if name not in levers():
        raise unknown("lever", name, levers(), "CAU-102")
    return levers()[name]


def parameter(name: str) -> Parameter:
    """Return a parameter, or offer the nearest name."""
    if name not in parameters():
        raise unknown("parameter", name, parameters(), "CAU-104")
    return parameters()[name]


def outcome(name: str) -> Outcome:
    """Return an outcome, or offer the nearest name."""
    if name not in outcomes():
        raise unknown("outcome", name, outcomes(), "CAU-103")
    return outcomes()[name]

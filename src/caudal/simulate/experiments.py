"""Experiments: a run that departs from what happened, or from a scenario, in a stated way.

Some published numbers are about the next hectare, the next dollar or a market price, which a pair of
whole scenarios cannot give. What each run changes is data: levers, parameters and prices, in some
years and places (``data/attribution/experiments.yaml``, ``data/effects/experiments.yaml``); the runs
share draws, inferred levels and record with what happened.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pydantic

from caudal.core.clock import FIRST_DECISION, LAST_YEAR, START
from caudal.core.files import data_path
from caudal.core.records import Bilingual, Record, load_document, validate
from caudal.evidence.inputs import Inputs
from caudal.evidence.registry import departments, levers, parameters
from caudal.simulate.scenario import PLACED, Change, Scenario, library, scenario

if TYPE_CHECKING:
    from caudal.model.state import Levers

KIND = "beside"
"""How the label of such a run ends in a result: ``NAME@beside``."""

MARKETS = ("us", "world")
"""Consumer markets, in the order of ``model.state``."""


class Raise(Record):
    """How a lever, a parameter or a price departs over some years.

    ``spend`` is money for a lever a year, 2020 USD. What is added in several departments is
    shared equally between them.
    """

    start: int = pydantic.Field(alias="from", ge=START, le=LAST_YEAR)
    to: int = pydantic.Field(ge=START, le=LAST_YEAR)
    add: float | None = None
    spend: float | None = None
    times: float | None = None
    set: float | None = None
    departments: tuple[str, ...] = ()

    @pydantic.model_validator(mode="after")
    def _one(self) -> Raise:
        if sum(x is not None for x in (self.add, self.spend, self.times, self.set)) != 1:
            raise ValueError("expected one of add, spend, times and set")
        if self.to < self.start:
            raise ValueError(f"to: {self.to} comes before from: {self.start}")
        if self.departments and self.add is None and self.spend is None:
            raise ValueError("expected add or spend where departments are named")
        known = {d.name for d in departments()}
        astray = [name for name in self.departments if name not in known]
        if astray:
            raise ValueError(f"no department is called {', '.join(astray)}")
        return self

    def moved(self, before, added: float | None = None):
        """Return a value, or values, with this departure."""
        if self.set is not None:
            return 0.0 * before + self.set
        return before * (1.0 if self.times is None else self.times) + (self.add or added or 0.0)

    def over(self, years: np.ndarray) -> np.ndarray:
        """Return which years it covers."""
        return (years >= self.start) & (years <= self.to)

    def applied(self, lever: str, path: np.ndarray) -> np.ndarray:
        """Return a lever's path by year with this departure, inside the lever's range."""
        about = levers()[lever]
        added = None if self.spend is None else self.spend / about.cost.value
        moved = np.clip(self.moved(path, added), *about.range)
        return np.where(self.over(START + np.arange(len(path))), moved, path)


class Experiment(Record):
    """A run beside what happened: on top of it, or of a scenario, some things depart.

    With ``prices: held`` the run takes the prices of what happened as given, as a place that is
    small in its market does; ``retail`` then moves the retail price of a market.
    """

    title: Bilingual
    scenario: str = ""
    levers: dict[str, Raise] = {}
    parameters: dict[str, Raise] = {}
    prices: Literal["free", "held"] = "free"
    retail: dict[Literal["us", "world"], Raise] = {}

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Experiment:
        for kind, named, known in (
            ("lever", self.levers, levers()),
            ("parameter", self.parameters, parameters()),
            ("scenario", filter(None, (self.scenario,)), library()),
        ):
            unknown = [name for name in named if name not in known]
            if unknown:
                raise ValueError(f"no {kind} is called {', '.join(unknown)}")
        nowhere = [n for n, r in self.levers.items() if r.departments and n not in PLACED]
        if nowhere:
            raise ValueError(f"{', '.join(nowhere)} has no place")
        free = [n for n, r in self.levers.items() if r.spend is not None and not levers()[n].cost.value]
        if free:
            raise ValueError(f"{', '.join(free)} costs nothing: expected add, times or set")
        if any(r.spend is not None or r.departments for r in self.parameters.values()):
            raise ValueError("a parameter has neither a cost nor a place")
        if len({(r.start, r.to) for r in self.parameters.values()}) > 1:
            raise ValueError("expected the same years for every parameter")
        if any(r.times is None for r in self.retail.values()):
            raise ValueError("a price is moved by times")
        if self.retail and self.prices != "held":
            raise ValueError("retail prices are moved where prices are held")
        if not (self.scenario or self.departures):
            raise ValueError("expected a scenario, or something that departs")
        if len({r.start < FIRST_DECISION for r in self.departures}) > 1:
            raise ValueError("expected departures of the past, or of the future")
        return self

    @property
    def departures(self) -> tuple[Raise, ...]:
        """Return everything that departs."""
        return (*self.levers.values(), *self.parameters.values(), *self.retail.values())

    @property
    def base(self) -> Scenario:
        """Return the scenario that it departs from: what happened, or the baseline ahead."""
        past = any(r.start < FIRST_DECISION for r in self.departures)
        return scenario(self.scenario or ("as-it-was" if past else "baseline"))

    @property
    def span(self) -> tuple[int, int]:
        """Return the first year that may differ from what happened, and the last that may be read."""
        first, last = self.base.document.span
        return (first if self.scenario else min(r.start for r in self.departures)), last

    def made(self, happened: Scenario, given: Inputs, to: int) -> Scenario:
        """Return a scenario with the departures of this experiment's levers, year by year."""
        paths = happened.paths(given, to)
        return happened.changed(
            Change(lever, float(value), START + i)
            for lever, about in self.levers.items()
            for i, value in enumerate(about.applied(lever, paths[lever]))
            if START + i >= about.start
        )

    def arrays(self, given: Inputs) -> Levers:
        """Return the lever paths of the years START..LAST_YEAR, with what is added in its place.

        What a department gets beyond the record leaves the others what they had:
        s' = (T s + X e) / (T + X) for shares s of a total T and an addition X.
        """
        from caudal.simulate.policy import lever_arrays

        base = self.base
        paths = lever_arrays(self.made(base, given, min(self.span[1], LAST_YEAR)), given, START, LAST_YEAR)
        before = base.paths(given, LAST_YEAR)
        for name, about in self.levers.items():
            if about.departments:
                at = np.isin(given.department, about.departments) / len(about.departments)
                total = np.maximum(getattr(paths, name), 1e-9)[:, None]
                added = np.where(about.over(START + np.arange(len(total))), total[:, 0] - before[name], 0.0)
                place = getattr(paths, PLACED[name])
                shares = ((total - added[:, None]) * place.fixed + added[:, None] * at) / total
                placed = dataclasses.replace(place, fixed=shares)
                paths = dataclasses.replace(paths, **{PLACED[name]: placed})
        return paths

    def spent(self) -> float:
        """Return the money decided on in all, 2020 USD, at central unit costs."""
        return sum(
            (about.to - about.start + 1) * (about.spend or (about.add or 0.0) * levers()[lever].cost.value)
            for lever, about in self.levers.items()
        )


class Experiments(Record):
    """All experiments by name."""

    experiments: dict[str, Experiment]


@functools.cache
def experiments() -> dict[str, Experiment]:
    """Return the experiments that come with Caudal, by name."""
    return read_experiments(data_path("attribution", "experiments.yaml"))


def read_experiments(path: Path) -> dict[str, Experiment]:
    """Read experiments; what is wrong is told with file and line (``CAU-204``)."""
    return validate(Experiments, {"experiments": load_document(path)}, path).experiments


def aid_levers() -> tuple[str, ...]:
    """Return the levers that are money given by the United States to Colombia."""
    return tuple(n for n, r in levers().items() if r.group == "aid" and r.unit == "USD/year")


def changes_aid(own: Scenario, other: Scenario, given: Inputs, to: int) -> bool:
    """Tell whether two scenarios differ in US aid."""
    mine, theirs = own.paths(given, to), other.paths(given, to)
    return any(not np.array_equal(mine[n], theirs[n]) for n in aid_levers())


def beside(chosen: Sequence[Scenario], given: Inputs, to: int) -> Iterator[tuple[str, Scenario]]:
    """Yield (label, run) beside a replay of what happened that is compared with other US aid."""
    happened = chosen[0]
    if not happened.document.replay or happened.departs:
        return
    if any(changes_aid(one, happened, given, to) for one in chosen[1:]):
        for name, about in experiments().items():
            yield f"{name}@{KIND}", about.made(happened, given, to)


def first_difference(chosen: Sequence[Scenario], given: Inputs, to: int) -> int:
    """Return the first year in which a lever of a replay is not what happened, else its first year."""
    base = scenario("baseline").paths(given, to)
    found = [
        int(np.flatnonzero(~np.isclose(path, base[lever]))[0])
        for one in chosen
        for lever, path in one.paths(given, to).items()
        if not np.allclose(path, base[lever])
    ]
    return START + min(found, default=0)

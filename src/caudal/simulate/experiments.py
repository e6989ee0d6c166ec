"""Runs beside a replay of the past: one instrument changed by a round amount from what happened.

Some published numbers are about the next hectare or the next dollar, which a pair of whole scenarios
cannot give. What each run changes is data (``data/attribution/experiments.yaml``); the runs share
draws, levels and record with the scenarios beside which they stand.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pydantic

from caudal.core.clock import START
from caudal.core.files import data_path
from caudal.core.records import Bilingual, Record, load_document, validate
from caudal.evidence.inputs import Inputs
from caudal.evidence.registry import levers
from caudal.simulate.scenario import Change, Scenario, scenario

KIND = "beside"
"""How the label of such a run ends in a result: ``NAME@beside``."""


class Raise(Record):
    """How a lever departs from its record over some years."""

    start: int = pydantic.Field(alias="from")
    to: int
    add: float | None = None
    spend: float | None = None
    times: float | None = None

    @pydantic.model_validator(mode="after")
    def _one(self) -> Raise:
        if sum(x is not None for x in (self.add, self.spend, self.times)) != 1:
            raise ValueError("expected one of add, spend and times")
        return self

    def applied(self, lever: str, path: np.ndarray) -> np.ndarray:
        """Return a lever's path by year with this departure, inside the lever's range."""
        about = levers()[lever]
        years = START + np.arange(len(path))
        added = self.spend / about.cost.value if self.spend is not None else self.add or 0.0
        moved = np.clip(path * (self.times or 1.0) + added, *about.range)
        return np.where((years >= self.start) & (years <= self.to), moved, path)


class Experiment(Record):
    """A run beside a replay."""

    title: Bilingual
    levers: dict[str, Raise]

    def made(self, happened: Scenario, given: Inputs, to: int) -> Scenario:
        """Return what happened with this experiment's departures, year by year."""
        paths = happened.paths(given, to)
        return happened.changed(
            Change(lever, float(value), START + i)
            for lever, about in self.levers.items()
            for i, value in enumerate(about.applied(lever, paths[lever]))
            if START + i >= about.start
        )

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

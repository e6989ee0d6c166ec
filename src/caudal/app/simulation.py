"""Answers from warm ensembles: history is simulated once, and each request projects what it changes."""

from __future__ import annotations

import functools
from collections import OrderedDict
from importlib import metadata
from typing import Any

import numpy as np

from caudal.app.schemas import Package, RunRequest
from caudal.core.clock import FIRST_DECISION, years
from caudal.core.errors import CaudalError, unknown
from caudal.evidence.inputs import inputs
from caudal.evidence.registry import outcome, outcomes
from caudal.evidence.series import data_digest
from caudal.report.costs import costs, spending_of
from caudal.simulate.basis import Basis
from caudal.simulate.results import outcomes_digest
from caudal.simulate.run import Ensemble, step_hash
from caudal.simulate.scenario import Change, Scenario, aliases, library

QUANTILES = {"p05": 0.05, "p10": 0.10, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p90": 0.90, "p95": 0.95}
WARM = 4
"""Ensembles that are kept: the usual one for dragging, the one for release, and each with assumptions."""
KEPT = 6
"""Projections that are kept for each ensemble: references are asked for again and again."""

Found = dict[str, np.ndarray]


class Warm:
    """An ensemble at the end of history, and its latest projections."""

    def __init__(self, draws: int, seed: int, to: int, basis: Basis) -> None:
        """Simulate history."""
        self.ensemble = Ensemble(draws, seed, to, inputs(owner=basis.owner), basis)
        self._found: OrderedDict[Package, tuple[Found, str]] = OrderedDict()

    def projected(self, packages: tuple[Package, ...]) -> list[tuple[Found, str]]:
        """Return the outcomes of packages and their digests; all that are new are started at once."""
        new = [one for one in dict.fromkeys(packages) if one not in self._found]
        launched = {one: self.ensemble.launch(chosen(one)) for one in new}
        for one, running in launched.items():
            found = self.ensemble.collect(chosen(one), running)
            self._found[one] = (found, outcomes_digest(found))
        answers = [self._found[one] for one in packages]
        for one in packages:
            self._found.move_to_end(one)
        while len(self._found) > max(KEPT, len(packages)):
            self._found.popitem(last=False)
        return answers


def chosen(package: Package) -> Scenario:
    """Return the scenario of a package; a name is one of the library, never a path.

    Raises:
        CaudalError: ``CAU-101`` for an unknown scenario, ``CAU-608`` for one of the past, and what a
            change may be refused for.
    """
    name = aliases().get(package.base, package.base)
    if name not in library():
        raise unknown("scenario", package.base, [*library(), *aliases()], "CAU-101")
    base = library()[name]
    if base.document.replay:
        raise CaudalError("CAU-608", "past", name=name)
    made = (Change(c.lever, c.value, c.year, c.ramp, c.departments) for c in package.changes)
    return base.changed(made)


class Simulations:
    """Ensembles by what they are drawn from; used by one thread at a time."""

    def __init__(self) -> None:
        """Keep none yet."""
        self._warm: OrderedDict[tuple[int, int, int, Basis], Warm] = OrderedDict()

    def warm(self, asked: RunRequest) -> Warm:
        """Return the ensemble of a request, its history simulated if it is new."""
        basis = basis_of(asked).check()
        key = (asked.draws, asked.seed, asked.to, basis)
        if key not in self._warm:
            self._warm[key] = Warm(*key)
        self._warm.move_to_end(key)
        while len(self._warm) > WARM:
            self._warm.popitem(last=False)
        return self._warm[key]

    def answer(self, asked: RunRequest) -> dict[str, Any]:
        """Return a RunAnswer as plain values."""
        names = [n for n in (asked.outcomes or reported()) if not outcome(n).regional]
        places = [n for n in asked.regional if outcome(n).regional]
        wanted = [chosen(one) for one in asked.packages]  # refused before anything is simulated
        warm = self.warm(asked)
        found = warm.projected(asked.packages)
        reference = found[0][0]
        span, usual = list(years(asked.to)), warm.ensemble.usual
        packages = []
        for i, (one, (values, digest)) in enumerate(zip(wanted, found, strict=True)):
            base = reference if i else None
            paths = one.paths(warm.ensemble.given, asked.to)
            packages.append(
                {
                    "name": one.name,
                    "digest": digest,
                    "outcomes": summaries(names, values, base),
                    "regional": {
                        n: regions(values[n], None if base is None else base[n], warm) for n in places
                    },
                    "paths": {n: p.tolist() for n, p in paths.items() if not np.array_equal(p, usual[n])},
                }
            )
        return {"sequence": asked.sequence, "about": about(asked), "years": span, "packages": packages}

    def costs(self, asked: RunRequest) -> dict[str, Any]:
        """Return spend and ratios of the packages of a request (``report.costs``), named by their order."""
        wanted = [chosen(one) for one in asked.packages]
        warm = self.warm(asked)
        found = warm.projected(asked.packages)
        packages = {
            str(i): (spending_of(warm.ensemble, one, values), values)
            for i, (one, (values, _)) in enumerate(zip(wanted, found, strict=True))
        }
        return costs(packages, years(asked.to), FIRST_DECISION).as_json()


def basis_of(asked: RunRequest) -> Basis:
    """Return what the members of a request are drawn from."""
    return Basis(asked.structures, asked.owner, assumed=tuple(sorted(asked.assume.items())))


def about(asked: RunRequest) -> dict[str, Any]:
    """Return what an answer rests on."""
    return {
        **identity(),
        "fit": basis_of(asked).digest(),
        "calibration": basis_of(asked).about()["calibration"],
        "draws": asked.draws,
        "seed": asked.seed,
        "to": asked.to,
        "structures": asked.structures,
        "owner": asked.owner,
        "assumed": asked.assume,
    }


@functools.cache
def identity() -> dict[str, str]:
    """Return the version of Caudal, and the hashes of its model and data."""
    return {"version": metadata.version("caudal"), "step": step_hash(), "data": data_digest()}


@functools.cache
def reported() -> tuple[str, ...]:
    """Return the outcomes that reports show."""
    return tuple(n for n, record in outcomes().items() if record.report and not record.regional)


def fans(values: np.ndarray) -> list[dict[str, list[float]]]:
    """Return QUANTILES over members of outcomes (outcome, draw, year), by outcome and year."""
    found = np.quantile(values, list(QUANTILES.values()), axis=1)
    return [dict(zip(QUANTILES, found[:, i].tolist(), strict=True)) for i in range(values.shape[0])]


def summaries(names: list[str], values: Found, base: Found | None) -> dict[str, Any]:
    """Return an OutcomeAnswer for each name."""
    stacked = np.stack([values[n] for n in names])
    levels = fans(stacked)
    differences: list[Any] = [None] * len(names)
    lower: list[Any] = [None] * len(names)
    if base is not None:
        gap = stacked - np.stack([base[n] for n in names])
        differences, lower = fans(gap), np.mean(gap < 0, axis=1).tolist()
    return {
        n: {
            "unit": outcomes()[n].stored_unit,
            "fan": levels[i],
            "difference": differences[i],
            "p_lower": lower[i],
        }
        for i, n in enumerate(names)
    }


def regions(values: np.ndarray, base: np.ndarray | None, warm: Warm) -> dict[str, Any]:
    """Return a Place for each department from an outcome (draw, year, region)."""
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95), axis=0)
    gap = None if base is None else np.quantile(values - base, 0.5, axis=0)
    return {
        name: {
            "p05": low[:, i].tolist(),
            "p50": middle[:, i].tolist(),
            "p95": high[:, i].tolist(),
            "difference": None if gap is None else gap[:, i].tolist(),
        }
        for i, name in enumerate(warm.ensemble.given.regions)
    }

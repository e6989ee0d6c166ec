"""Back-tests: the model and its rivals forecast years they have not seen, and are scored alike.

For each origin the posterior is fitted to the record until then (``prior_as_of`` respected), and
the five years that follow are forecast given the policies that were carried out. Versions of the model
stand beside it: policies not told, mechanisms alone, levels alone; and rivals that know no
mechanism. A row is one (origin, year, target, region, method).
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator

import numpy as np

from caudal.calibrate import rivals
from caudal.calibrate.forecast import PARTS, SHOWN, Forecast, Told, Version, forecast
from caudal.calibrate.scores import score
from caudal.core.clock import START
from caudal.core.messages import local, text
from caudal.evidence.inputs import inputs
from caudal.evidence.readings import Reading, readings
from caudal.evidence.structures import structures
from caudal.model.observe import SMALL_AREA
from caudal.model.params import Params

HORIZON = 5
"""Years ahead (docs/background/prototype.md, bars for hold-out skill; so ``LARGEST``)."""
DEVELOPMENT = (2008, 2010, 2012, 2014, 2016)
HELD_OUT = (2018, 2020, 2022)
"""Origins on which the model was developed, and those scored once, with settings committed before."""
LARGEST = 12
"""Departments scored: those with most coca on average until the origin."""
BOOM = (2012, 2016)
"""First and last origin whose five years hold much of the rise of 2014-17."""

VERSIONS: dict[str, tuple[Version, Told]] = {
    "model": ("full", "policies"),
    "not_told": ("full", "nothing"),
    "mechanisms": ("mechanisms", "policies"),
    "levels": ("levels", "policies"),
}


def method_label(name: str, language: str | None = None) -> str:
    """Return what a version, a rival or a structure is called."""
    if name in VERSIONS:
        return text(f"backtest.version_{name}", language)
    if name in rivals.RIVALS:
        return text(f"backtest.rival_{name}", language)
    return local(structures()[name].label, language)


@dataclasses.dataclass(frozen=True)
class Row:
    """The score of one forecast of one figure; logs, so errors and widths are in log points."""

    origin: int
    year: int
    target: str
    region: str
    method: str
    crps: float
    log_density: float
    error: float  # median less what was recorded
    inside_50: bool
    inside_90: bool
    width_90: float


@dataclasses.dataclass(frozen=True)
class Facts:
    """What was recorded after an origin, and what a rival may know of it."""

    origin: int
    years: np.ndarray
    regions: tuple[str, ...]  # those scored
    department: np.ndarray  # (year, region) logs of area + SMALL_AREA
    series: dict[str, np.ndarray]  # (year,) logs, NaN where nothing was recorded
    history: dict[str, rivals.History]

    @classmethod
    def of(cls, origin: int, horizon: int = HORIZON, owner: str = "unodc") -> Facts:
        """Read the record on both sides of an origin."""
        whole = inputs(owner=owner)
        years = np.arange(origin + 1, min(origin + horizon, whole.observed) + 1)
        known = whole.area[: origin - START + 2]
        largest = np.sort(np.argsort(known.mean(axis=0))[::-1][:LARGEST])
        ends = np.arange(START - 1, START - 1 + len(whole.area))
        series, history = {}, {}
        for reading in readings().values():
            if reading.group not in SHOWN or (reading.group == "area" and reading.owner != owner):
                continue
            name = "coca_area" if reading.group == "area" else reading.id
            at, values = _final(reading)
            recorded = dict(zip(at.tolist(), values.tolist(), strict=True))
            series[name] = np.log([recorded.get(int(y), np.nan) for y in years])
            upto = at <= origin - reading.paired
            if upto.sum() >= rivals.FEWEST_YEARS:
                history[name] = rivals.History(at[upto], values[upto])
        history["department"] = rivals.History(ends[: len(known)], known, SMALL_AREA)
        return cls(
            origin,
            years,
            tuple(whole.regions[i] for i in largest),
            np.log(whole.area[years - START + 1][:, largest] + SMALL_AREA),
            series,
            history,
        )


def _final(reading: Reading) -> tuple[np.ndarray, np.ndarray]:
    """Return the years and values recorded; of a total also those of which the fit reads the parts."""
    years, values = reading.values()
    if reading.id not in PARTS:
        return years, values
    beside, others = reading.shown()
    order = np.argsort(np.concatenate([years, beside]))
    return np.concatenate([years, beside])[order], np.concatenate([values, others])[order]


def rows_of(
    facts: Facts, method: str, department: np.ndarray | None, series: dict[str, np.ndarray]
) -> Iterator[Row]:
    """Score sample paths: ``department`` (draw, year, region), ``series`` (draw, year), all logs."""
    tables = [("departments", department, facts.department, facts.regions)] if department is not None else []
    tables += [
        (n, s[..., None], facts.series[n][:, None], ("",)) for n, s in series.items() if n in facts.series
    ]
    for target, samples, observed, regions in tables:
        samples = samples[:, : len(facts.years)]
        if np.all(np.isnan(observed)):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # years without a record
            found = score(samples, observed)
        for (i, j), value in np.ndenumerate(observed):
            if np.isfinite(value) and np.isfinite(found.crps[i, j]):
                yield Row(
                    facts.origin,
                    int(facts.years[i]),
                    target,
                    regions[j],
                    method,
                    float(found.crps[i, j]),
                    float(found.log_density[i, j]),
                    float(found.log_error[i, j]),
                    bool(found.inside_50[i, j]),
                    bool(found.inside_90[i, j]),
                    float(found.width_90[i, j]),
                )


def model_rows(
    p: Params,
    origin: int,
    versions: dict[str, tuple[Version, Told]] | None = None,
    horizon: int = HORIZON,
    seed: int = 1,
) -> list[Row]:
    """Score the model's versions at an origin, from draws of a posterior that knows no later year."""
    facts = Facts.of(origin, horizon)
    rows: list[Row] = []
    for method, (version, told) in (versions or VERSIONS).items():
        found: Forecast = forecast(p, origin, horizon, told=told, version=version, seed=seed)
        columns = [found.regions.index(name) for name in facts.regions]
        rows += rows_of(facts, method, found.department[..., columns], found.series)
    return rows


def rival_rows(
    origin: int, draws: int = 1000, seed: int = 1, names: tuple[str, ...] = tuple(rivals.RIVALS)
) -> list[Row]:
    """Score the rivals at an origin; of the hierarchical one the nation is the sum of departments."""
    facts = Facts.of(origin)
    rows: list[Row] = []
    for name in names:
        panel = rivals.forecast(name, facts.history["department"], origin, HORIZON, draws, seed)
        columns = [inputs().regions.index(r) for r in facts.regions]
        series = {}
        if name == "hierarchical":
            series["coca_area"] = np.log(panel.sum(axis=-1))
        else:
            for target, history in facts.history.items():
                if target != "department":
                    series[target] = np.log(rivals.forecast(name, history, origin, HORIZON, draws, seed))
        rows += rows_of(facts, name, np.log(panel[..., columns] + SMALL_AREA), series)
    return rows

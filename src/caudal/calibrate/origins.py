"""What the model would have said at the end of a year: its posterior then, and its forecast.

The posterior of an origin is the one that comes with Caudal, or one kept in the user's cache, or is
fitted now and kept there. Forecasts stand beside what was recorded, in the units of the record.
"""

from __future__ import annotations

import dataclasses
import warnings
from pathlib import Path

import numpy as np

from caudal.calibrate import rivals
from caudal.calibrate.backtest import HORIZON, Facts
from caudal.calibrate.checkpoints import Report
from caudal.calibrate.forecast import Forecast, forecast
from caudal.core.clock import LAST_OBSERVED
from caudal.core.errors import CaudalError
from caudal.core.messages import text
from caudal.core.records import Bilingual
from caudal.evidence.inputs import FIRST_KNOWN
from caudal.evidence.owners import OWNERS
from caudal.evidence.readings import readings
from caudal.evidence.registry import outcomes
from caudal.evidence.series import data_digest
from caudal.evidence.structures import STANDARD
from caudal.model.observe import SMALL_AREA
from caudal.simulate.posterior import FOLDER, Posterior, draws_of, name_of, read_posterior

DRAWS = 400
"""Members of a forecast (judgement: quantiles at 5 % within a tenth of the width)."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BESIDE = "persistence"
"""The rival that is shown beside a forecast."""
FIRST_ORIGIN, LAST_ORIGIN = FIRST_KNOWN, LAST_OBSERVED - 1


@dataclasses.dataclass(frozen=True)
class Outlook:
    """One quantity after an origin, in its unit; quantiles are (quantile, year) at ``QUANTILES``.

    ``told`` knows the policies carried out, ``frozen`` leaves them as in the origin year; ``rival``
    is empty where the history is too short. ``recorded`` is NaN where nothing was.
    """

    target: str
    region: str
    label: Bilingual
    unit: Bilingual
    years: np.ndarray
    recorded: np.ndarray
    told: np.ndarray
    frozen: np.ndarray
    rival: np.ndarray


def check_origin(year: int) -> None:
    """Refuse a year after which there is nothing to compare with, or before which too little is known."""
    if not FIRST_ORIGIN <= year <= LAST_ORIGIN:
        raise CaudalError("CAU-317", "origin", value=year, low=FIRST_ORIGIN, high=LAST_ORIGIN)


def shipped_origins() -> tuple[int, ...]:
    """Return the origins whose posterior comes with Caudal."""
    years = range(FIRST_ORIGIN, LAST_ORIGIN + 1)
    return tuple(year for year in years if (FOLDER / _name(year)).with_suffix(".npz").exists())


def _name(year: int) -> str:
    return name_of(year, OWNERS[0], STANDARD)


def origin_posterior(year: int, report: Report, cache: Path | None = None) -> Posterior:
    """Return the posterior of somebody at the end of a year, fitted now if it was never before.

    Args:
        year: last year whose record is known.
        report: told how far a fit is.
        cache: where fits and their checkpoints are kept; the user's cache by default.
    """
    from platformdirs import user_cache_path

    from caudal.calibrate.posterior import about, check, diagnostics, fit, store

    name = _name(year)
    if (FOLDER / name).with_suffix(".npz").exists():
        return read_posterior(FOLDER / name)
    folder = (cache or Path(user_cache_path("caudal"))) / "calibrate" / name
    kept = folder / "posterior"
    if kept.with_suffix(".npz").exists() and kept.with_suffix(".json").exists():
        found = read_posterior(kept)
        if current(found):
            return found
    report(text("backtest.fitting", year=year))
    fitted = fit(year, folder=folder, report=report)
    mixed = diagnostics(fitted)
    check(mixed)
    store(fitted, kept, about(fitted, mixed))
    return read_posterior(kept)


def current(found: Posterior) -> bool:
    """Return whether a posterior was sampled, with the data and the model in force."""
    from caudal.simulate.run import step_hash

    fresh = (found.about["data"], found.about["step"]) == (data_digest(), step_hash())
    return fresh and not found.about["quick"]


def outlooks(found: Posterior, origin: int, draws: int = DRAWS, seed: int = 1) -> list[Outlook]:
    """Return what was forecast at an origin beside what was recorded: the nation, series, departments.

    Args:
        found: posterior fitted to the record until the origin.
        origin: last year whose record is known.
        draws: members.
        seed: of the members, their departures and the errors of the record.
    """
    facts, p = Facts.of(origin), draws_of(found, seed, range(draws))
    told, frozen = (forecast(p, origin, HORIZON, told=what, seed=seed) for what in ("policies", "nothing"))
    ahead = np.arange(origin + 1, origin + HORIZON + 1)
    area, department = outcomes()["coca_area"], outcomes()["coca_area_department"]
    found_here = []
    for name, recorded in facts.series.items():
        reading = None if name == "coca_area" else readings()[name]
        if reading is not None and not np.any(np.isfinite(recorded)):
            continue
        label = area.label if reading is None else reading.label
        unit = (area if reading is None else outcomes()[reading.outcome]).shown_unit
        paths = [np.exp(one.series[name]) for one in (told, frozen)]
        rival = _rival(facts, name, draws, seed)
        found_here.append(_outlook(name, label, unit, "", ahead, np.exp(recorded), paths, rival))
    panel = _rival(facts, "department", draws, seed)
    about = ("departments", department.label, area.shown_unit)
    for i, region in enumerate(facts.regions):
        at = told.regions.index(region)
        paths = [_hectares(one, at) for one in (told, frozen)]
        recorded = np.exp(facts.department[:, i]) - SMALL_AREA
        found_here.append(_outlook(*about, region, ahead, recorded, paths, panel[..., at]))
    return found_here


def _hectares(one: Forecast, at: int) -> np.ndarray:
    return np.maximum(np.exp(one.department[..., at]) - SMALL_AREA, 0.0)


def _rival(facts: Facts, name: str, draws: int, seed: int) -> np.ndarray:
    if name not in facts.history:
        return np.empty((0, HORIZON))
    return rivals.forecast(BESIDE, facts.history[name], facts.origin, HORIZON, draws, seed)


def _outlook(target, label, unit, region, years, recorded, paths, rival) -> Outlook:
    full = np.full(len(years), np.nan)
    full[: len(recorded)] = recorded
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the last year of a mean of two has no forecast
        told, frozen = (np.quantile(path, QUANTILES, axis=0) for path in paths)
    beside = np.quantile(rival, QUANTILES, axis=0) if len(rival) else np.empty((0, len(years)))
    return Outlook(target, region, label, unit, years, full, told, frozen, beside)

r"""Bands of history: what the record would have shown each year, and how often it did lie inside.

A band is the posterior's prediction of one figure with every error it has, and does not lean on that
figure: for a reading, with the lasting error of the model :math:`\tau` and that of the figure
:math:`\sigma_k`,

.. math::
    \ln y \sim N(\ln\hat y + b,\; \tau^2 + \sigma_k^2)

and for areas one year ahead (``simulate.ahead``): the change common to all departments, that of one
of them, which no mechanism explains, and the error of the survey, drawn anew (``model.observe``). The
parameters were fitted to the same record, so this tests the errors assumed and not the foresight, which
is the back-test's.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from caudal.calibrate.forecast import SHOWN, log_readings
from caudal.calibrate.likelihood import ANDES_ERROR, FIRST_SCORED, Likelihood, Seen
from caudal.calibrate.results import rounded
from caudal.calibrate.scores import Estimate, coverage, inside
from caudal.calibrate.space import space
from caudal.core.clock import START
from caudal.core.errors import CaudalError
from caudal.core.files import data_path
from caudal.core.writing import write_whole
from caudal.evidence.readings import readings
from caudal.model.observe import LEAST_SCORED, SMALL_AREA, log_area, volatility
from caudal.model.params import Params
from caudal.simulate.draws import TAIL
from caudal.simulate.posterior import Posterior, draws_of

PATH = data_path("validation", "coverage.json")
ENDS = {"median": 0.5, "low_50": 0.25, "high_50": 0.75, "low_90": 0.05, "high_90": 0.95}
"""Quantiles of a band."""
BATCH = 32
"""Members simulated at once."""
ANDES = ("Peru", "Bolivia")
AREA = "coca_area_unodc"
UNSCORED = "-"


@dataclasses.dataclass(frozen=True)
class Band:
    """The band of one reading and what was recorded, by year, in the outcome's unit.

    ``fitted`` readings are in the fit; the others are shown beside them.
    """

    group: str
    fitted: bool
    years: np.ndarray
    recorded: np.ndarray
    ends: dict[str, np.ndarray]

    @classmethod
    def of(cls, group: str, fitted: bool, years: np.ndarray, recorded: np.ndarray, logs: np.ndarray) -> Band:
        """Return the band of sample paths (draw, year) in logarithms."""
        ends = {name: np.exp(np.quantile(logs, at, axis=0)) for name, at in ENDS.items()}
        return cls(group, fitted, years, np.asarray(recorded, float), ends)

    @property
    def log_rmse(self) -> float:
        """Return the root mean square error of the median, in log points."""
        return float(np.sqrt(np.mean(np.log(self.ends["median"] / self.recorded) ** 2)))

    def held(self, level: int) -> np.ndarray:
        """Return whether the band of 50 or 90 % holds each figure, 0 or 1."""
        low, high = self.ends[f"low_{level}"], self.ends[f"high_{level}"]
        return ((low <= self.recorded) & (self.recorded <= high)).astype(float)


@dataclasses.dataclass(frozen=True)
class Covered:
    """Bands by reading, and by department whether they hold: (year,) 0, 1, or NaN where not scored."""

    settings: dict[str, Any]
    bands: dict[str, Band]
    years: tuple[int, ...]
    departments: dict[str, dict[int, np.ndarray]]

    def share(self, names: Iterable[str], level: int) -> Estimate:
        """Return the share of the figures of some readings inside a band."""
        return coverage(np.concatenate([self.bands[name].held(level) for name in names]))

    def department(self, level: int, *names: str) -> Estimate:
        """Return the share of departments' figures inside a band, of all of them or of some."""
        return coverage(np.concatenate([self.departments[n][level] for n in names or self.departments]))

    def pooled(self, level: int) -> Estimate:
        """Return the share over all that was fitted; the nation, the sum of departments, is left out."""
        fitted = [one.held(level) for name, one in self.bands.items() if one.fitted and name != AREA]
        return coverage(np.concatenate([*fitted, *(held[level] for held in self.departments.values())]))


def covered(found: Posterior, draws: int = 400, seed: int = 1) -> Covered:
    """Draw the bands of history of a posterior.

    Args:
        found: a posterior that follows UNODC's estimates; the record it was fitted to is followed.
        draws: members.
        seed: of the members and of the errors.
    """
    known, owner = found.about["known"], found.about["owner"]
    likelihood = Likelihood(space(known), known, owner)
    p = draws_of(found, seed, range(draws))
    shown = [r for r in readings().values() if r.group in SHOWN]
    names = {r.outcome for r in shown} | {r.undercount.outcome for r in shown if r.undercount}

    def one(p: Params):
        _, outcomes, expected = likelihood.simulated(p, tuple(sorted(names)))
        return outcomes, expected

    path, expected = jax.jit(lambda p: jax.lax.map(one, p, batch_size=BATCH))(p)
    values = {k: np.asarray(v) for k, v in p.items()}
    rng = np.random.default_rng(seed)
    areas, andes = _areas(likelihood, values, expected, rng)
    bands = {AREA: _own(likelihood, areas)} | andes
    for reading in shown:
        seen = Seen.of(reading, known)
        if reading.id == AREA or not len(seen.years):
            continue
        middle = np.asarray(log_readings(reading, seen.years, path, values, owner))
        lasting = values.get(f"misfit_{reading.group}", np.zeros(draws))
        spread = np.sqrt(lasting[:, None] ** 2 + seen.sd**2)
        logs = middle + spread * rng.standard_normal(middle.shape)
        bands[reading.id] = Band.of(reading.group, reading.scored, seen.years, np.exp(seen.logs), logs)
    settings = {"draws": draws, "seed": seed, **{n: found.about[n] for n in ("data", "step", "last")}}
    return Covered(settings, bands, tuple(likelihood.scored_years), _by_department(likelihood, areas))


def _areas(likelihood: Likelihood, p: dict[str, np.ndarray], expected, rng):
    """Return paths of the departments' survey, (draw, year, region) in ha, and the bands of the Andes."""
    first = FIRST_SCORED - START

    def spread(what: str) -> np.ndarray:
        return p[what][:, None, None]

    middle = np.asarray(log_area(jnp.asarray(expected["area"])))[:, first:]
    before = likelihood.given.area[first:-1]
    volatile = np.asarray(volatility(before, spread("volatility_size")))
    scale = np.sqrt((spread("growth_shift_sd") * volatile) ** 2 + spread("survey_error") ** 2)
    common = spread("common_shift_sd") * rng.standard_normal(middle.shape[:2])[..., None]
    logs = middle + common + scale * rng.standard_t(TAIL, middle.shape)
    years = np.array(likelihood.scored_years)
    areas = np.maximum(np.exp(logs) - SMALL_AREA, 0.0)
    for jump in (2001, 2009):
        areas /= np.where(years == jump, p[f"survey_break_{jump}"][:, None], 1.0)[..., None]

    middle = np.asarray(log_area(jnp.asarray(expected["andes"])))[:, first:]
    sd = np.sqrt(spread("andes_shift_sd") ** 2 + ANDES_ERROR**2)
    logs = middle + sd * rng.standard_normal(middle.shape)
    logs = np.log(np.exp(logs) - SMALL_AREA)  # never near zero: tens of thousands of hectares
    recorded = likelihood.given.andes[1 + first :]
    bands = {
        f"coca_area_{name.lower()}": Band.of("andes", True, years, recorded[:, i], logs[..., i])
        for i, name in enumerate(ANDES)
    }
    return areas, bands


def _own(likelihood: Likelihood, areas: np.ndarray) -> Band:
    """Return the band of national area one year ahead, the sum of the departments."""
    recorded = likelihood.given.area[1 + FIRST_SCORED - START :].sum(axis=1)
    return Band.of("area", True, np.array(likelihood.scored_years), recorded, np.log(areas.sum(axis=2)))


def _by_department(likelihood: Likelihood, areas: np.ndarray) -> dict[str, dict[int, np.ndarray]]:
    """Return whether the bands hold each department's area; NaN where the year before had too little."""
    record = likelihood.given.area[FIRST_SCORED - START :]
    scored = record[:-1] >= LEAST_SCORED
    observed = np.where(scored, np.log(record[1:] + SMALL_AREA), np.nan)
    held = {level: inside(np.log(areas + SMALL_AREA), observed, level / 100) for level in (50, 90)}
    return {
        name: {level: table[:, i] for level, table in held.items()}
        for i, name in enumerate(likelihood.given.regions)
        if scored[:, i].any()
    }


def store(found: Covered, path: Path = PATH) -> None:
    """Write the bands and what they hold."""
    document = {
        "settings": found.settings,
        "readings": {
            name: {
                "group": one.group,
                "fitted": one.fitted,
                "years": one.years.tolist(),
                "recorded": rounded(one.recorded.tolist()),
                **{end: rounded(values.tolist()) for end, values in one.ends.items()},
            }
            for name, one in found.bands.items()
        },
        "years": list(found.years),
        "departments": {
            name: {str(level): "".join(map(_mark, table)) for level, table in held.items()}
            for name, held in found.departments.items()
        },
    }
    lines = json.dumps(document, sort_keys=True, ensure_ascii=False)
    write_whole(path, lines.replace('}, "', '},\n "') + "\n")


def _mark(value: float) -> str:
    return UNSCORED if np.isnan(value) else str(int(value))


def read_covered(path: Path) -> Covered:
    """Read stored bands; a file that is not there is told (``CAU-403``)."""
    if not path.exists():
        raise CaudalError("CAU-403", "no_file", path=path.name)
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    bands = {
        name: Band(
            one["group"],
            one["fitted"],
            np.array(one["years"]),
            np.array(one["recorded"]),
            {end: np.array(one[end]) for end in ENDS},
        )
        for name, one in found["readings"].items()
    }
    departments = {
        name: {
            int(level): np.array([np.nan if mark == UNSCORED else float(mark) for mark in marks])
            for level, marks in held.items()
        }
        for name, held in found["departments"].items()
    }
    return Covered(found["settings"], bands, tuple(found["years"]), departments)


@functools.cache
def stored() -> Covered:
    """Return the bands that come with Caudal."""
    return read_covered(PATH)

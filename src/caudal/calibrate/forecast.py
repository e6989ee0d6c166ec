r"""What somebody at the end of a year would have forecast, told only what was done afterwards.

The model follows the record to the origin and runs free after it, each member with its own draw and
its own departures of levels. Told of the years after the origin are the policies that were carried
out and what came from outside (``evidence.inputs_reader.GIVEN``), or neither. What the *record* would
show is forecast, not the model's own value: surveys err by department, and the other series keep
what the model missed until the origin,

.. math::
    \ln y_f \mid \ln y_o \sim N\big(\mu_f + \Sigma_{fo}\Sigma_{oo}^{-1}(\ln y_o - \mu_o),\;
    \Sigma_{ff} - \Sigma_{fo}\Sigma_{oo}^{-1}\Sigma_{of}\big)

with :math:`\mu` the model's reading and :math:`\Sigma` its covariance (``model.observe``).
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np

from caudal.calibrate.likelihood import Seen
from caudal.core.clock import START
from caudal.evidence.inputs import Inputs, inputs
from caudal.evidence.readings import readings
from caudal.model import observe
from caudal.model.params import Params
from caudal.model.state import Forcing, Levers
from caudal.model.step import initial
from caudal.simulate.draws import shifts
from caudal.simulate.engine import Shifts, span
from caudal.simulate.forcing import forcing, places
from caudal.simulate.policy import lever_arrays
from caudal.simulate.scenario import scenario

Told = Literal["policies", "nothing"]
Version = Literal["full", "mechanisms", "levels"]
"""``mechanisms``: levels that never change, at what was usual until the origin, and the model's own area;
``levels``: nothing but levels moves growers' choice and nothing removes coca."""

SILENT = (
    "choice_slope",
    "announcement_effect",
    "spray_kill",
    "manual_kill",
    "voluntary_kill",
    "spillover_response",
)
"""Parameters at zero in the version that knows levels alone."""
SHOWN = ("area", "production", "seizures", "prices", "use", "deaths")
PARTS = {"us_deaths": ("us_deaths_without_synthetic", "us_deaths_with_synthetic")}
"""Totals that are the sum of readings, from the first year in which those are recorded."""


@dataclasses.dataclass(frozen=True)
class Forecast:
    """Sample paths of the record of years origin + 1.., logs of what each series would show.

    ``department`` is (draw, year, region), logs of area + ``observe.SMALL_AREA``; ``series`` has
    (draw, year) by reading, with ``coca_area`` the national total of the survey.
    """

    origin: int
    years: np.ndarray
    regions: tuple[str, ...]
    department: np.ndarray
    series: dict[str, np.ndarray]


def forecast(
    p: Params,
    origin: int,
    horizon: int,
    *,
    told: Told = "policies",
    version: Version = "full",
    owner: str = "unodc",
    seed: int = 1,
) -> Forecast:
    """Forecast the record after an origin.

    Args:
        p: draws of a posterior fitted to the record until the origin, (member,) each.
        origin: last year whose record is known.
        horizon: years forecast.
        told: whether the policies and outside conditions of later years are told.
        version: the whole model, or a part of it.
        owner: whose estimates are followed.
        seed: seed of the departures of levels and of the errors of the record.
    """
    given = inputs(known=origin, owner=owner)
    members = len(np.asarray(p.choice_slope))
    if version == "levels":
        p = p.with_values(**{n: jnp.zeros(members) for n in SILENT})
    last = origin + horizon
    ground, outside = places(given), forcing(given, START, last)
    levers = lever_arrays(scenario("baseline"), given, START, last)
    if told == "nothing":
        outside, levers = frozen(outside, levers, origin)
    years = last - START + 1
    walk = shifts(seed, range(members), p, given.area[-1], origin - START + 1, years)
    start = jax.vmap(initial, in_axes=(0, None))(p, ground)
    if version == "mechanisms":
        still = Shifts.none(members, years, regions=len(given.regions))
        end, _ = span(start, p, levers, outside, still, ground, 0, origin - START + 1)
        outside = dataclasses.replace(outside, track=np.zeros_like(outside.track))
        usual = end.usual_level
        start = dataclasses.replace(start, level=usual, usual_level=usual, andes_level=end.andes_level)
        walk = still
    _, found = span(start, p, levers, outside, walk, ground, 0, years)
    return _recorded({n: np.asarray(v) for n, v in found.items()}, p, given, origin, horizon, owner, seed)


def frozen(outside: Forcing, levers: Levers, origin: int) -> tuple[Forcing, Levers]:
    """Return forcings and levers that stay as they were in the origin year."""
    at = origin - START

    def held(path):
        path = np.array(path)
        path[at + 1 :] = path[at]
        return path

    def last_month(path):
        path = np.array(path)
        path[at + 1 :] = path[at, -1]
        return path

    told = ("exchange", "fentanyl", "population", "aid_military", "aid_social", "exited")
    kept = {n: last_month(getattr(outside, n)) for n in told}
    return dataclasses.replace(outside, **kept), jax.tree.map(held, levers)


def _recorded(
    found: dict[str, np.ndarray], p: Params, given: Inputs, origin: int, horizon: int, owner: str, seed: int
) -> Forecast:
    """Return what the record would show of simulated outcomes, errors of the record included."""
    rng = np.random.default_rng([seed, origin])
    ahead = np.arange(origin + 1, origin + horizon + 1)
    area = found["coca_area_department"][:, ahead - START]
    error = np.asarray(p.survey_error)[:, None, None] * rng.standard_normal(area.shape)
    seen = area * np.exp(error)
    values = {k: np.asarray(v) for k, v in p.items()}
    series = {"coca_area": np.log(seen.sum(axis=-1))}
    for reading in readings().values():
        if reading.group in SHOWN[1:]:
            series[reading.id] = _continued(reading, found, values, ahead, origin, owner, rng)
    for total, parts in PARTS.items():
        if all(len(readings()[part].values(origin)[0]) for part in parts):
            series[total] = np.logaddexp.reduce([series[part] for part in parts])
    return Forecast(origin, ahead, given.regions, np.log(seen + observe.SMALL_AREA), series)


def _continued(reading, found, p, ahead, origin, owner, rng) -> np.ndarray:
    """Return sample paths of a reading after the origin, given what it showed until then."""
    seen = Seen.of(reading, origin)
    if reading.paired:
        ahead = ahead[:-1]
    years = np.concatenate([seen.years, ahead]).astype(int)
    middle = np.asarray(log_readings(reading, years, found, p, owner))
    sd = np.concatenate([seen.sd, np.full(len(ahead), reading.error)])
    by_draw = jax.vmap(observe.covariance, in_axes=(None, None, 0, 0))
    spread = np.asarray(
        by_draw(years.astype(float), sd, p[f"misfit_{reading.group}"], p["misfit_persistence"])
    )
    n = len(seen.years)
    mean, cover = middle[:, n:], spread[:, n:, n:]
    if n:
        gain = np.linalg.solve(spread[:, :n, :n], spread[:, :n, n:]).swapaxes(1, 2)
        mean = mean + np.einsum("dfo,do->df", gain, seen.logs - middle[:, :n])
        cover = cover - gain @ spread[:, :n, n:]
    root = np.linalg.cholesky(cover + 1e-10 * np.eye(len(ahead)))  # where rounding leaves it singular
    paths = mean + np.einsum("dij,dj->di", root, rng.standard_normal(mean.shape))
    if reading.paired:  # the last year's mean needs a year beyond the horizon
        paths = np.concatenate([paths, np.full((len(paths), 1), np.nan)], axis=1)
    return paths


def log_readings(reading, years, found, p, owner):
    """Return the logs of what a reading would show, its own errors apart, (draw, year)."""

    def one(path, p):
        return observe.log_reading(reading, years, path, p, owner)

    names = [reading.outcome] + ([reading.undercount.outcome] if reading.undercount else [])
    used = {o.parameter for o in reading.offsets} | (
        {reading.undercount.coverage} if reading.undercount else set()
    )
    return jax.vmap(one)({n: jnp.asarray(found[n]) for n in names}, {n: jnp.asarray(p[n]) for n in used})

"""From the record to a posterior that may be shipped: fit, check how it mixed, thin, store.

``caudal calibrate`` runs this. A posterior whose chains do not agree is refused.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from caudal.calibrate.alone import alone
from caudal.calibrate.chains import Sample, sample
from caudal.calibrate.checkpoints import Checkpoints, Report, Settings, key_of
from caudal.calibrate.likelihood import Likelihood
from caudal.calibrate.mode import Mode, find_modes
from caudal.calibrate.normal import nearest
from caudal.calibrate.space import space
from caudal.core.clock import START
from caudal.core.errors import CaudalError
from caudal.core.writing import write_whole
from caudal.evidence.owners import OWNERS
from caudal.evidence.series import data_digest
from caudal.evidence.structures import STANDARD, structure
from caudal.model.observe import log_reading
from caudal.model.params import Params
from caudal.simulate.run import step_hash

OWNER = OWNERS[0]
"""Whose estimates are followed unless another owner is asked for."""
HIGHEST_RHAT = 1.01
LEAST_ESS = 400.0
"""Rank-normalised R-hat at most, bulk and tail effective draws at least (Vehtari et al. 2021,
doi:10.1214/20-BA1221)."""
MOST_DIVERGENT = 0.001
"""Share of proposals without a density at most (judgement)."""
KEPT = 800
"""Draws that are shipped."""
STORED = 32
"""Points whose log density and trajectories are stored, to notice a change of model or data."""
WATCHED = ("coca_area", "potential_cocaine", "export_price", "us_retail_price", "us_consumption", "us_users",
           "us_heavy_users", "us_deaths", "cocaine_to_us")  # fmt: skip
"""Outcomes whose mixing is checked besides the parameters."""
FOLLOWED = "coca_area"
"""Watched, but not for mixing: it follows the survey, and its last digits say nothing."""
WATCHED_YEARS = (2004, 2009, 2014, 2019, 2024)


@dataclasses.dataclass(frozen=True)
class Fitted:
    """A fit: what was asked, the likelihood, its modes, its draws."""

    known: int | None
    owner: str
    structure: str
    settings: Settings
    likelihood: Likelihood
    modes: tuple[Mode, ...]
    sample: Sample
    seconds: float  # of this run and of those it went on from
    quick: bool = False  # drawn from the normal nearest the density, not sampled
    held: Mapping[str, float] = dataclasses.field(default_factory=dict)  # parameters not sampled here
    apart: tuple[float, ...] = ()  # how far the density is from each normal (``normal.Normal.apart``)

    def thinned(self, count: int) -> np.ndarray:
        """Return ``count`` evenly spaced draws of the points, chain after chain."""
        flat = self.sample.points.reshape(-1, self.sample.points.shape[-1])
        return flat[np.linspace(0, len(flat) - 1, min(count, len(flat))).round().astype(int)]

    @functools.cached_property
    def trajectories(self) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
        """Return a function from points to the watched outcomes by (point, year)."""
        likelihood = self.likelihood
        asked = [n for n in WATCHED if n in likelihood.outcomes or n in (FOLLOWED, "cocaine_to_us")]

        def one(point):
            p = likelihood.space.params(point)
            return likelihood.simulated(p, tuple(asked))[1]

        run = jax.jit(lambda points: jax.lax.map(one, points, batch_size=32))
        return lambda points: {n: np.asarray(v) for n, v in run(jnp.asarray(points)).items()}


def fit(
    known: int | None = None,
    owner: str = OWNER,
    structured: str = STANDARD,
    settings: Settings | None = None,
    folder: Path | None = None,
    report: Report = lambda line: None,
    quick: bool = False,
    held: Mapping[str, float] | None = None,
) -> Fitted:
    """Fit the model to the record up to a year.

    Args:
        known: last year of the record that may be used; ``None`` for all of it.
        owner: whose estimates of area and production are followed.
        structured: which mechanisms in dispute are at work.
        settings: how long to look and draw.
        folder: where checkpoints are kept; a run that was stopped goes on from them.
        report: told how far it is.
        quick: draw from the normal distribution nearest the density, and do not sample. Such a
            posterior is a preview: too narrow where the density is not normal.
        held: parameters that keep a value and are not sampled, beyond those that the structure holds.
    """
    settings = settings or Settings()
    about = structure(structured)
    held = dict(held or {})
    within = space(known, held | about.held, about.freed)
    likelihood = Likelihood(within, known, owner)
    key = key_of(
        data=data_digest(),
        step=step_hash(),
        known=known,
        owner=owner,
        structure=about.model_dump(mode="json"),
        names=within.names,
        **({"held": held} if held else {}),
        scales=[within.means.tolist(), within.sds.tolist()],
        settings=dataclasses.asdict(dataclasses.replace(settings, draws=0)),
    )
    kept = Checkpoints(folder, key)
    rng = np.random.default_rng(settings.seed)
    starts = [np.zeros(likelihood.size)]
    starts += list(rng.standard_normal((settings.starts - 1, likelihood.size)))
    modes = find_modes(likelihood.log_density, starts, settings, kept, report)
    normals = [
        nearest(likelihood.log_density, mode, settings, kept, report, f"normal {i + 1}")
        for i, mode in enumerate(modes)
    ]
    if quick:
        points = normals[0].draws(KEPT, settings.seed)[None]
        drawn = Sample(points, *(np.zeros(points.shape[:2]) for _ in range(3)))
    else:
        drawn = sample(likelihood.log_density, normals, settings, kept, report)
    apart = tuple(normal.apart for normal in normals)
    about_it = (known, owner, structured, settings, likelihood, modes, drawn, kept.seconds, quick)
    return Fitted(*about_it, held, apart)


def inference_data(fitted: Fitted) -> Any:
    """Return the draws and how they came about as ArviZ inference data (a tree of datasets).

    Parameters are in their own units.
    """
    from arviz_base import from_dict

    within = fitted.likelihood.space
    points = fitted.sample.points
    values = within.values(points, np)
    return from_dict(
        {
            "posterior": values,
            "sample_stats": {
                "diverging": fitted.sample.diverging,
                "lp": fitted.sample.log_density,
                "acceptance_rate": fitted.sample.acceptance,
            },
        }
    )


def diagnostics(fitted: Fitted) -> dict[str, Any]:
    """Return R-hat and effective sample sizes of parameters and watched outcomes; nothing of a preview."""
    from arviz_base import from_dict
    from arviz_stats import summary

    if fitted.quick:
        return {}
    within = fitted.likelihood.space
    chains, draws, _ = fitted.sample.points.shape
    flat = fitted.sample.points.reshape(chains * draws, -1)
    seen = fitted.trajectories(flat)
    first = next(iter(seen.values())).shape[1]
    watched = {
        f"{n} {y}": v[:, y - START].reshape(chains, draws)
        for n, v in seen.items()
        for y in WATCHED_YEARS
        if n != FOLLOWED and y - START < first
    }
    both = from_dict({"posterior": within.values(fitted.sample.points, np) | watched})
    table = summary(both, kind="diagnostics", round_to="none")
    rows = {
        str(n): {"rhat": float(r["r_hat"]), "bulk": float(r["ess_bulk"]), "tail": float(r["ess_tail"])}
        for n, r in table.iterrows()
    }
    return {
        "rhat": float(np.max([r["rhat"] for r in rows.values()])),  # NaN if any is
        "bulk": float(np.min([r["bulk"] for r in rows.values()])),
        "tail": float(np.min([r["tail"] for r in rows.values()])),
        "divergent": float(np.mean(fitted.sample.diverging)),
        "chains": chains,
        "draws": draws,
        "acceptance": float(np.mean(fitted.sample.acceptance)),
        "rows": rows,
    }


def _worst(rows: dict[str, dict[str, float]], what: str) -> str:
    """Return the name that mixed worst by a measure."""
    sign = 1.0 if what == "rhat" else -1.0
    return max(rows, key=lambda n: (np.isnan(rows[n][what]), sign * rows[n][what]))


def check(found: dict[str, Any]) -> None:
    """Refuse a posterior whose chains do not agree (``CAU-501``), naming what mixed worst."""
    rows = found["rows"]
    for what, key, limit, bad in (
        ("R-hat", "rhat", HIGHEST_RHAT, not found["rhat"] <= HIGHEST_RHAT),
        ("bulk ESS", "bulk", LEAST_ESS, not found["bulk"] >= LEAST_ESS),
        ("tail ESS", "tail", LEAST_ESS, not found["tail"] >= LEAST_ESS),
    ):
        if bad:
            worst = _worst(rows, key)
            raise CaudalError(
                "CAU-501", "unmixed", what=what, name=worst, value=rows[worst][key], limit=limit
            )
    if found["divergent"] > MOST_DIVERGENT:
        raise CaudalError(
            "CAU-501", "unmixed", what="divergent", name="-", value=found["divergent"], limit=MOST_DIVERGENT
        )


def central(fitted: Fitted) -> Params:
    """Return the parameters at their posterior medians."""
    within = fitted.likelihood.space
    points = fitted.sample.points.reshape(-1, fitted.sample.points.shape[-1])
    return within.params(jnp.asarray(np.median(points, axis=0)))


def errors(fitted: Fitted, p: Params) -> dict[str, float]:
    """Return the root mean square of the log residuals of the readings, by outcome and series.

    Readings of one series, such as its editions, count together.
    """
    likelihood = fitted.likelihood
    found = jax.jit(lambda p: likelihood.simulated(p)[1])(p)
    gaps: dict[str, list[np.ndarray]] = {}
    for one in likelihood.seen:
        gap = one.logs - log_reading(one.reading, one.years, found, p, fitted.owner)
        gaps.setdefault(f"{one.reading.outcome}~{one.reading.series}", []).append(np.asarray(gap))
    return {name: float(np.sqrt(np.mean(np.square(np.concatenate(some))))) for name, some in gaps.items()}


def store(fitted: Fitted, path: Path, document: dict[str, Any]) -> None:
    """Write the thinned draws and the stored points to ``path``.npz, and what they are to .json."""
    within = fitted.likelihood.space
    points = fitted.thinned(KEPT)
    values = within.values(points, np)
    some = fitted.thinned(STORED)
    heights = jax.jit(lambda xs: jax.lax.map(fitted.likelihood.log_density, xs))(jnp.asarray(some))
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {
        "values": np.stack([values[n] for n in within.names], axis=1).astype(np.float32),
        "stored_points": some,
        "stored_log_density": np.asarray(heights),
    } | {f"stored_{n}": v for n, v in fitted.trajectories(some).items()}
    np.savez_compressed(path.with_suffix(".npz"), allow_pickle=False, **arrays)
    write_whole(path.with_suffix(".json"), json.dumps(document, indent=1, sort_keys=True) + "\n")


def about(fitted: Fitted, mixed: dict[str, Any]) -> dict[str, Any]:
    """Return what a posterior is: what it was fitted to, how it was drawn and mixed, how it fits."""
    within, p, rows = fitted.likelihood.space, central(fitted), mixed.get("rows", {})
    return {
        "quick": fitted.quick,
        "names": list(within.names),
        "known": fitted.known,
        "owner": fitted.owner,
        "structure": fitted.structure,
        **({"held": dict(fitted.held)} if fitted.held else {}),
        "last": fitted.likelihood.last,
        "data": data_digest(),
        "step": step_hash(),
        "widened": list(within.widened),
        "settings": dataclasses.asdict(fitted.settings),
        "heights": [mode.height for mode in fitted.modes],
        "apart": list(fitted.apart),
        "seconds": round(fitted.seconds, 1),
        "diagnostics": {k: v for k, v in mixed.items() if k != "rows"},
        "worst": {k: _worst(rows, k) for k in ("rhat", "bulk", "tail") if rows},
        "mixing": {n: [round(r["rhat"], 4), round(r["bulk"]), round(r["tail"])] for n, r in rows.items()},
        "values": {n: float(p[n]) for n in within.names},
        "log_rmse": errors(fitted, p),
        "national_area": alone(fitted.likelihood, p),
    }

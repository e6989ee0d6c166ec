"""Scores of the back-test as they are made: versions, rivals and structures at every shipped origin.

Held-out origins are scored once, with settings committed before: without that commit they are left
out, and what was scored stays as it was for as long as the posterior does. If that must change, the
commits of every look are kept. Scores, bands of history and stacking weights are written together,
once all are known.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from caudal.calibrate import coverage, results
from caudal.calibrate.backtest import (
    DEVELOPMENT,
    HELD_OUT,
    HORIZON,
    VERSIONS,
    Facts,
    Row,
    method_label,
    model_rows,
    rival_rows,
)
from caudal.calibrate.checkpoints import Report
from caudal.calibrate.origins import DRAWS, current, origin_posterior, shipped_origins
from caudal.calibrate.posterior import OWNER
from caudal.calibrate.results import (
    LOOKS,
    MODEL,
    UNSCORED,
    Results,
    basis,
    structure_weights,
    targets,
    without_looks,
)
from caudal.calibrate.rivals import RIVALS
from caudal.calibrate.thresholds import DEATH_YEARS
from caudal.core.errors import CaudalError
from caudal.core.messages import text
from caudal.core.writing import write_whole
from caudal.evidence.structures import STANDARD, structures
from caudal.model.params import Params
from caudal.simulate.posterior import (
    FOLDER,
    WEIGHTS,
    Posterior,
    draws_of,
    name_of,
    posterior,
    read_posterior,
)

SEED = 1
"""Of the members, of the errors of their forecasts, and of the rivals."""
LEAST_ORIGINS = 2
"""Origins at which a structure must be scored to have a stacking weight."""
COMMIT = re.compile(r"[0-9a-fA-F]{7,40}")


def check_commit(commit: str | None) -> None:
    """Refuse what cannot be a commit (``CAU-318``)."""
    if commit is not None and not COMMIT.fullmatch(commit):
        raise CaudalError("CAU-318", "commit", value=commit)


def check_held_out(origin: int, commit: str | None) -> None:
    """Refuse to score a held-out origin without the commit of the settings (``CAU-319``)."""
    if origin in HELD_OUT and commit is None:
        raise CaudalError("CAU-319", "held_out", value=origin)


def check_current(found: Posterior, path: Path) -> Posterior:
    """Return a posterior, or refuse a preview and one of other data or another model (``CAU-321``)."""
    if not current(found):
        raise CaudalError("CAU-321", "stale_posterior", path=path.name)
    return found


def shipped_structures(origin: int) -> dict[str, Path]:
    """Return the structures whose posterior of supply at an origin comes with Caudal, and where it lies."""
    paths = {name: FOLDER / name_of(origin, OWNER, name, supply=True) for name in structures()}
    return {name: path for name, path in paths.items() if path.with_suffix(".npz").exists()}


def score_origin(found: Posterior, origin: int, report: Report) -> list[Row]:
    """Score every version of the model, every rival and every shipped structure at an origin.

    Args:
        found: posterior of the standard, fitted to the record until the origin.
        origin: last year whose record is known.
        report: told what is being scored.
    """
    rows: list[Row] = []
    p = _members(found)
    for name, version in VERSIONS.items():
        _tell(name, origin, report)
        rows += model_rows(p, origin, {name: version}, seed=SEED)
    for name in RIVALS:
        _tell(name, origin, report)
        rows += rival_rows(origin, seed=SEED, names=(name,))
    return rows + score_structures(origin, shipped_structures(origin), report)


def score_structures(origin: int, paths: Mapping[str, Path], report: Report) -> list[Row]:
    """Score structures at an origin, each by its own posterior."""
    rows: list[Row] = []
    for name, path in paths.items():
        _tell(name, origin, report)
        p = _members(check_current(read_posterior(path), path))
        rows += model_rows(p, origin, {name: VERSIONS[MODEL]}, seed=SEED)
    return rows


def _tell(method: str, origin: int, report: Report) -> None:
    report(text("backtest.scoring", method=method_label(method), origin=origin))


def far_deaths(found: Posterior, origin: int, report: Report) -> list[Row]:
    """Score deaths from beyond the horizon to ``DEATH_YEARS``, where they were recorded so far."""
    names, series = targets()["deaths"], Facts.of(origin, DEATH_YEARS).series
    if not all(len(series[n]) == DEATH_YEARS and np.isfinite(series[n][-1]) for n in names):
        return []
    report(text("backtest.scoring_deaths", years=DEATH_YEARS, origin=origin))
    rows = model_rows(_members(found), origin, {MODEL: VERSIONS[MODEL]}, horizon=DEATH_YEARS, seed=SEED)
    return [row for row in rows if row.target in names and row.year - origin > HORIZON]


def _members(found: Posterior) -> Params:
    return draws_of(found, SEED, range(DRAWS))


def score_all(commit: str | None, report: Report, earlier: Results = UNSCORED) -> Results:
    """Score the origins whose posterior comes with Caudal (``CAU-320`` where none may be scored).

    Deaths are scored nine years ahead from all origins that have the record, since their bar pools
    the origins forecast so far: to pick one would choose the answer.

    Args:
        commit: commit that holds the settings; without it nothing is scored at held-out origins.
        report: told what is being scored, and what is left out.
        earlier: scores made before; of held-out origins whose posterior is the same they are kept, and
            only structures that they lack are scored.
    """
    rows: list[Row] = []
    about: dict[int, dict[str, Any]] = {}
    for origin in shipped_origins():
        path = FOLDER / name_of(origin, OWNER, STANDARD)
        found = check_current(origin_posterior(origin, report), path)
        before, now = earlier.origins.get(origin, {}), basis(found.about)
        looks = list(before.get(LOOKS, []))
        if origin in HELD_OUT and without_looks(before) == now:
            report(text("backtest.kept", origin=origin))
            kept = [row for row in earlier.rows if row.origin == origin]
            have = {row.method for row in kept}
            lacking = {n: at for n, at in shipped_structures(origin).items() if commit and n not in have}
            rows += kept + score_structures(origin, lacking, report)
        elif origin in HELD_OUT and commit is None:
            report(text("backtest.skipped", origin=origin))
            continue
        else:
            rows += score_origin(found, origin, report) + far_deaths(found, origin, report)
            looks += [commit] if origin in HELD_OUT else []
        about[origin] = now | ({LOOKS: looks} if looks else {})
    if not about:
        raise CaudalError("CAU-320", "no_origins")
    return Results({}, about, tuple(rows))


def store_all(commit: str | None, report: Report) -> Results:
    """Score the origins and the bands of history, store them with stacking weights, return the scores.

    Nothing is written before all is known, and each file whole or not at all.
    """
    found = score_all(
        commit, report, results.read_results(results.PATH) if results.PATH.exists() else UNSCORED
    )
    report(text("backtest.covering"))
    bands, weighed = coverage.covered(posterior(), DRAWS, SEED), stacked(found)
    seeds = dict.fromkeys(("members", "forecasts", "rivals"), SEED)
    results.store(
        found.rows,
        found.origins,
        draws=DRAWS,
        seeds=seeds,
        path=results.PATH,
    )
    coverage.store(bands, coverage.PATH)
    written = [results.PATH, coverage.PATH]
    if weighed is not None:
        write_whole(WEIGHTS, json.dumps(weighed, indent=1, sort_keys=True) + "\n")
        written.append(WEIGHTS)
    report(text("backtest.stored", names=", ".join(path.name for path in written)))
    return results.read_results(results.PATH)


def stacked(found: Results) -> dict[str, dict[str, float] | list[int]] | None:
    """Return stacking weights and the origins they rest on, ``None`` where no structure has enough.

    Structures scored at fewer than ``LEAST_ORIGINS`` have none; the others are compared at the origins
    of development that all of them share: what is held out weighs nothing.
    """
    rows = [row for row in found.rows if row.origin in DEVELOPMENT]
    at = {name: {row.origin for row in rows if row.method == name} for name in structures()}
    often = {name: origins for name, origins in at.items() if len(origins) >= LEAST_ORIGINS}
    shared = sorted(set.intersection(*often.values())) if often else []
    if STANDARD not in often or len(often) == 1 or len(shared) < LEAST_ORIGINS:
        return None
    kept = dataclasses.replace(found, rows=tuple(row for row in found.rows if row.method in often))
    return {"weights": structure_weights(kept, shared), "origins": shared}

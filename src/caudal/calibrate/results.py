r"""Scored rows of the back-test as they are stored, and what they amount to.

``data/validation/backtest.json`` holds the settings, the posterior behind each origin, and the scores
of every forecast (``calibrate.backtest.Row``), one line for each origin, method, target and region.
Summaries are made from the scores alone. The skill over a rival compares the same figures,

.. math::
    S = 1 - \sum \mathrm{CRPS} / \sum \mathrm{CRPS}_{\text{rival}}

and the best naive rival is the one that, known afterwards, did best on the figures compared. The bars
that summaries are held against are in ``calibrate.thresholds``.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from caudal.calibrate.backtest import BOOM, DEVELOPMENT, HELD_OUT, HORIZON, LARGEST, VERSIONS, Row
from caudal.calibrate.rivals import RIVALS
from caudal.calibrate.scores import Estimate, coverage, skill, stacking
from caudal.core.errors import CaudalError
from caudal.core.files import data_path
from caudal.core.writing import write_whole
from caudal.evidence.readings import readings
from caudal.evidence.series import data_digest
from caudal.evidence.structures import structures

Names = Sequence[str]
Origins = Sequence[int]
PATH = data_path("validation", "backtest.json")
NAIVE = tuple(name for name in RIVALS if name != "hierarchical")
MODEL = "model"
NATIONAL, DEPARTMENTS = "coca_area", "departments"
SHOWN_SCOPES = ("all", "development", "held_out")
"""Groups of origins that are shown side by side."""
BANDS = ("inside_50", "inside_90")
NOTHING = Estimate(math.nan, math.nan, math.nan)
"""A score where no figure is shared."""
COLUMNS = (
    "origin", "method", "target", "region", "leads", "crps", "log_density", "error", "width_90",
    "inside_50", "inside_90",
)  # fmt: skip
"""Fields of a stored line; ``leads`` are the years after the origin, a digit each."""
NUMBERS = ("crps", "log_density", "error", "width_90")
ABOUT = ("known", "owner", "structure", "last", "data", "step", "widened", "diagnostics", "worst", "seconds")
"""What is kept of the posterior behind an origin."""
LOOKS = "settings_commits"
"""Beside it, of a held-out origin: the commits of the settings with which it was scored, first to last."""


def targets() -> dict[str, tuple[str, ...]]:
    """Return the targets of a summary, and the readings that each pools."""

    def of(group: str, owner: str = "any") -> tuple[str, ...]:
        return tuple(r.id for r in readings().values() if r.group == group and r.owner in ("any", owner))

    return {
        "area": (NATIONAL,),
        "departments": (DEPARTMENTS,),
        "production": ("potential_cocaine_unodc",),
        "seizures": of("seizures"),
        "prices": of("prices"),
        "prevalence": ("us_survey_users",),
        "deaths": ("us_deaths",),
    }


def scopes(origins: Iterable[int]) -> dict[str, tuple[int, ...]]:
    """Return the groups of origins that are summarised apart; those that hold none are left out."""
    ordered = sorted(origins)
    boom = range(BOOM[0], BOOM[1] + 1)
    found = {
        "all": ordered,
        "without_boom": [o for o in ordered if o not in boom],
        "boom": [o for o in ordered if o in boom],
        "development": [o for o in ordered if o in DEVELOPMENT],
        "development_without_boom": [o for o in ordered if o in DEVELOPMENT and o not in boom],
        "held_out": [o for o in ordered if o in HELD_OUT],
    }
    return {name: tuple(some) for name, some in found.items() if some}


@dataclasses.dataclass(frozen=True)
class Summary:
    """How one method did on one target, over some origins.

    ``best`` is the best naive rival, ``skill`` that over it. ``width`` is the mean width of the 90 %
    band at the last year, and ``log_rmse`` the root mean square error of the median, in log points.
    """

    method: str
    points: int
    crps: float
    log_density: float
    log_rmse: float
    width: float
    inside_50: Estimate
    inside_90: Estimate
    best: str
    skill: Estimate
    over: dict[str, Estimate]


@dataclasses.dataclass(frozen=True)
class Results:
    """The scores of every forecast, and what they rest on."""

    settings: dict[str, Any]
    origins: dict[int, dict[str, Any]]
    rows: tuple[Row, ...]

    @functools.cached_property
    def _scored(self) -> dict[str, dict[tuple[int, str, str, int], Row]]:
        """Return the rows by method, then by origin, target, region and year."""
        found: dict[str, dict[tuple[int, str, str, int], Row]] = {}
        for row in self.rows:
            found.setdefault(row.method, {})[row.origin, row.target, row.region, row.year] = row
        return found

    @functools.cached_property
    def _points(self) -> dict[str, list[tuple[str, int]]]:
        """Return by target the regions and years ahead that any method forecast."""
        found: dict[str, set[tuple[str, int]]] = {}
        for row in self.rows:
            if row.year - row.origin <= HORIZON:
                found.setdefault(row.target, set()).add((row.region, row.year - row.origin))
        return {target: sorted(points) for target, points in found.items()}

    @property
    def methods(self) -> tuple[str, ...]:
        """Return every method: versions of the model, rivals, then structures."""
        usual = [*VERSIONS, *RIVALS, *structures()]
        return tuple(name for name in usual if name in self._scored)

    @property
    def scopes(self) -> dict[str, tuple[int, ...]]:
        """Return the groups of origins that were scored."""
        return scopes({row.origin for row in self.rows})

    @property
    def looks(self) -> dict[tuple[str, ...], tuple[int, ...]]:
        """Return the held-out origins by the commits of the settings with which they were scored."""
        found: dict[tuple[str, ...], tuple[int, ...]] = {}
        for origin in self.scopes.get("held_out", ()):
            commits = tuple(self.origins.get(origin, {}).get(LOOKS, ()))
            found[commits] = (*found.get(commits, ()), origin)
        return found

    def some(self, method: str, names: Names, origins: Origins, most: int = HORIZON) -> list[Row]:
        """Return the rows of a method, at most so many years ahead."""
        return [
            row
            for (origin, target, _, year), row in self._scored.get(method, {}).items()
            if target in names and origin in origins and year - origin <= most
        ]

    def row(self, method: str, origin: int, target: str, region: str, year: int) -> Row | None:
        """Return the score of one figure, if there is one."""
        return self._scored.get(method, {}).get((origin, target, region, year))

    def table(self, method: str, names: Names, origins: Origins, what: str = "crps") -> np.ndarray:
        """Return a score as (origin, figure), NaN where the method has none; alike for all methods."""
        columns = [(target, *point) for target in names for point in self._points.get(target, ())]
        own = self._scored.get(method, {})

        def cell(origin: int, target: str, region: str, lead: int) -> float:
            row = own.get((origin, target, region, origin + lead))
            return np.nan if row is None else getattr(row, what)

        return np.array([[cell(origin, *column) for column in columns] for origin in origins], float)

    def best_naive(self, names: Names, origins: Origins, method: str = MODEL) -> str:
        """Return the naive rival with the lowest CRPS on the figures that all of them forecast."""
        tables = {name: self.table(name, names, origins) for name in NAIVE if name in self._scored}
        kept = np.isfinite(self.table(method, names, origins))
        tables = {name: table for name, table in tables.items() if np.any(kept & np.isfinite(table))}
        for table in tables.values():
            kept &= np.isfinite(table)
        return min(tables, key=lambda name: float(tables[name][kept].sum())) if tables and kept.any() else ""

    def over(self, method: str, rival: str, names: Names, origins: Origins) -> Estimate:
        """Return the skill of a method over a rival, NaN where they share no figure."""
        own, other = (self.table(name, names, origins) for name in (method, rival))
        shared = np.isfinite(own) & np.isfinite(other)
        filled = shared.any(axis=1)  # an origin without a figure would be resampled in vain
        if not filled.any():
            return NOTHING
        return skill(np.where(shared, own, np.nan)[filled], np.where(shared, other, np.nan)[filled])

    def denser(self, method: str, rival: str, names: Names, origins: Origins) -> float:
        """Return the mean gain in log density over a rival, NaN where they share no figure."""
        own, other = (self.table(name, names, origins, "log_density") for name in (method, rival))
        gain = (own - other)[np.isfinite(own - other)]
        return float(gain.mean()) if gain.size else math.nan

    def summary(self, method: str, target: str, scope: str = "all") -> Summary | None:
        """Summarise one method on one target; ``None`` where it has no figure there."""
        names, origins = targets()[target], self.scopes.get(scope, ())
        rows = self.some(method, names, origins)
        if not rows:
            return None
        best = self.best_naive(names, origins, method)
        rivals = [name for name in RIVALS if name in self._scored and name != method]
        last = [row.width_90 for row in rows if row.year - row.origin == HORIZON]
        return Summary(
            method,
            len(rows),
            float(np.mean([row.crps for row in rows])),
            float(np.mean([row.log_density for row in rows])),
            float(np.sqrt(np.mean([row.error**2 for row in rows]))),
            float(np.mean(last)) if last else math.nan,
            coverage(np.array([row.inside_50 for row in rows], float)),
            coverage(np.array([row.inside_90 for row in rows], float)),
            best,
            self.over(method, best, names, origins) if best else NOTHING,
            {name: self.over(method, name, names, origins) for name in rivals},
        )

    def covered(
        self, names: Names, scope: str = "all", origins: Origins | None = None
    ) -> dict[str, Estimate]:
        """Return the coverage of the model's bands over a scope or some origins, pooled over targets."""
        rows = self.some(MODEL, names, origins or self.scopes.get(scope, ()))
        if not rows:
            return {}
        return {what: coverage(np.array([getattr(row, what) for row in rows], float)) for what in BANDS}


UNSCORED = Results({}, {}, ())
"""Results in which nothing was scored yet."""


def structure_weights(results: Results, origins: Origins) -> dict[str, float]:
    """Return the stacking weight of each structure, by the log densities of area, national and departmental.

    Only figures that every structure forecast count.
    """
    names = targets()["area"] + targets()["departments"]
    called = [n for n in structures() if n in results.methods]
    tables = {n: results.table(n, names, origins, "log_density") for n in called}
    shared = np.all([np.isfinite(table) for table in tables.values()], axis=0)
    return stacking({name: table[shared] for name, table in tables.items()})


def store(
    rows: Iterable[Row],
    posteriors: Mapping[int, Mapping[str, Any]],
    *,
    draws: int,
    seeds: Mapping[str, int],
    path: Path = PATH,
) -> None:
    """Write scores, and what they rest on. Of rows about the same forecast the last one counts.

    Args:
        rows: scores of versions, rivals and structures.
        posteriors: what each origin's posterior is (``basis``).
        draws: draws of each forecast.
        seeds: seeds by purpose.
        path: where to.
    """
    settings = {
        "horizon": HORIZON,
        "largest": LARGEST,
        "draws": draws,
        "seeds": dict(seeds),
        "development": list(DEVELOPMENT),
        "held_out": list(HELD_OUT),
        "boom": list(BOOM),
        "data": data_digest(),
    }
    origins = {str(year): about for year, about in sorted(posteriors.items())}
    lines = ",\n  ".join(json.dumps(line, ensure_ascii=False) for line in _lines(rows))
    head = {"settings": settings, "origins": origins, "columns": list(COLUMNS)}
    written = json.dumps(head, indent=1, sort_keys=True, ensure_ascii=False).removesuffix("\n}")
    write_whole(path, f'{written},\n "rows": [\n  {lines}\n ]\n}}\n')


def basis(about: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of the posterior behind an origin (``simulate.posterior.Posterior.about``)."""
    return {name: rounded(about[name]) for name in ABOUT if name in about}


def without_looks(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a posterior alone, to compare it with another."""
    return {name: value for name, value in kept.items() if name != LOOKS}


def _lines(rows: Iterable[Row]) -> list[list[Any]]:
    """Return rows as stored: sorted, one line for each path."""
    paths: dict[tuple[int, str, str, str], dict[int, Row]] = {}
    for row in rows:
        paths.setdefault((row.origin, row.method, row.target, row.region), {})[row.year - row.origin] = row
    return [
        [
            *key,
            "".join(map(str, sorted(path))),
            *([rounded(getattr(path[lead], name)) for lead in sorted(path)] for name in NUMBERS),
            *("".join(str(int(getattr(path[lead], band))) for lead in sorted(path)) for band in BANDS),
        ]
        for key, path in sorted(paths.items())
    ]


def rounded(value: Any) -> Any:
    """Return numbers at four significant digits, inside lists and mappings too."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, Mapping):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(one) for one in value]
    return value


def read_results(path: Path) -> Results:
    """Read stored scores; a file that is not there is told (``CAU-403``)."""
    if not path.exists():
        raise CaudalError("CAU-403", "no_file", path=path.name)
    found = json.loads(path.read_text(encoding="utf-8"))
    rows = []
    for line in found["rows"]:
        at = dict(zip(found["columns"], line, strict=True))
        rows += [
            Row(
                at["origin"],
                at["origin"] + int(lead),
                at["target"],
                at["region"],
                at["method"],
                inside_50=at["inside_50"][i] == "1",
                inside_90=at["inside_90"][i] == "1",
                **{name: at[name][i] for name in NUMBERS},
            )
            for i, lead in enumerate(at["leads"])
        ]
    return Results(found["settings"], {int(y): about for y, about in found["origins"].items()}, tuple(rows))


@functools.cache
def stored() -> Results:
    """Return the results that come with Caudal."""
    return read_results(PATH)

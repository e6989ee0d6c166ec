"""Results: labelled arrays with units and sources, saved and opened as one netCDF file.

The only file of the simulator that meets xarray. Dimensions are scenario, draw, time and
region; every variable carries ``units``, ``long_name`` and ``sources``; the run record
(versions, data hash, seed, scenario texts, step hash) travels in the attributes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from caudal.core.errors import CaudalError
from caudal.core.messages import text
from caudal.evidence.registry import outcomes
from caudal.evidence.series import series

if TYPE_CHECKING:
    import xarray as xr

FORMAT = "caudal-result-1"
BAND = (0.05, 0.5, 0.95)
FAN = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""Quantiles kept for departments, and drawn in fan charts (50, 80 and 90 %)."""


@dataclasses.dataclass(frozen=True)
class Comparison:
    """One outcome of one scenario against the first, by year."""

    outcome: str
    scenario: str
    years: tuple[int, ...]
    median: np.ndarray
    p05: np.ndarray
    p95: np.ndarray
    diff_median: np.ndarray | None
    diff_p05: np.ndarray | None
    diff_p95: np.ndarray | None
    p_lower: np.ndarray | None

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as plain lists."""

        def plain(values):
            return None if values is None else [float(v) for v in values]

        return {
            "unit": outcomes()[self.outcome].stored_unit,
            "years": list(self.years),
            **{
                name: plain(getattr(self, name))
                for name in ("median", "p05", "p95", "diff_median", "diff_p05", "diff_p95", "p_lower")
            },
        }


@dataclasses.dataclass(frozen=True)
class Result:
    """What a run gave: ``ds`` holds it all."""

    ds: xr.Dataset

    @property
    def record(self) -> dict[str, Any]:
        """Return the run record."""
        return json.loads(self.ds.attrs["record"])

    @property
    def scenarios(self) -> list[str]:
        """Return the scenarios that were asked for, in order (framings left out)."""
        return list(self.record["scenarios"])

    @property
    def digests(self) -> dict[str, str]:
        """Return scenario -> ``outcomes_digest`` of what it gave."""
        return dict(self.record["digests"])

    @property
    def years(self) -> tuple[int, ...]:
        """Return the years, START first."""
        return tuple(int(y) for y in self.ds["time"].values)

    def draws(self, outcome: str, scenario: str) -> np.ndarray:
        """Return the draws of an outcome, (draw, year)."""
        return self.ds[outcome].sel(scenario=scenario).values

    def comparison(self, outcome: str, scenario: str, reference: str | None = None) -> Comparison:
        """Return levels, and differences from ``reference`` (the first scenario by default).

        Differences pair equal draws, so their bands hold what the scenarios share constant.
        """
        reference = reference or self.scenarios[0]
        base = None if scenario == reference else self.draws(outcome, reference)
        return self._against(outcome, scenario, base)

    def _against(self, outcome: str, scenario: str, base: np.ndarray | None) -> Comparison:
        """Return the levels of an outcome, and its differences from equal draws of ``base``."""
        values = self.draws(outcome, scenario)
        levels = dict(zip(("p05", "median", "p95"), np.quantile(values, BAND, axis=0), strict=True))
        differences: dict[str, Any] = dict.fromkeys(("diff_p05", "diff_median", "diff_p95", "p_lower"))
        if base is not None:
            gap = values - base
            bands = np.quantile(gap, BAND, axis=0)
            differences |= dict(zip(("diff_p05", "diff_median", "diff_p95"), bands, strict=True))
            differences["p_lower"] = np.mean(gap < 0, axis=0)
        return Comparison(outcome, scenario, self.years, **levels, **differences)

    def compare(self, other: Result) -> dict[str, Comparison]:
        """Return every outcome of this result's first scenario against another's first.

        Raises:
            CaudalError: ``CAU-401`` when more than the policy differs between the two.
        """
        ours, theirs = self.scenarios[0], other.scenarios[0]
        mine, yours = _basis(self), _basis(other)
        differ = [text(f"errors.basis_{name}") for name in mine if mine[name] != yours[name]]
        if differ:
            raise CaudalError("CAU-401", "unpaired", what=", ".join(differ))
        return {
            name: self._against(name, ours, other.draws(name, theirs)) for name in scalar_outcomes(self.ds)
        }

    def as_json(self) -> dict[str, Any]:
        """Return the answer of ``caudal run --json``.

        ``scenarios`` holds scenario -> outcome -> comparison, ``regions`` scenario -> region ->
        outcome -> level; an alias answers like the name it stands for.
        """
        record = self.record
        scalars = scalar_outcomes(self.ds)
        table = {name: {o: self.comparison(o, name).as_json() for o in scalars} for name in self.scenarios}
        regions = {name: self._regional(name) for name in self.scenarios}
        for alias, name in record["aliases"].items():
            table[alias], regions[alias] = table[name], regions[name]
        framings = {
            kind: {
                name: {o: self.comparison(o, f"{name}@{kind}").as_json() for o in scalars} for name in about
            }
            for kind, about in record["framings"].items()
        }
        return {"record": record, "scenarios": table, "regions": regions, "framings": framings}

    def _regional(self, scenario: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        names = [str(r) for r in self.ds["region"].values]
        for outcome, record in outcomes().items():
            if not record.regional:
                continue
            values = self.ds[f"{outcome}_quantile"].sel(scenario=scenario)
            picked = {q: values.sel(quantile=q).values for q in BAND}
            for i, region in enumerate(names):
                found.setdefault(region, {})[outcome] = {
                    "unit": record.stored_unit,
                    "years": list(self.years),
                    **{
                        key: [float(v) for v in picked[q][:, i]]
                        for key, q in zip(("p05", "median", "p95"), BAND, strict=True)
                    },
                }
        return found

    def save(self, path: Path) -> Path:
        """Write the result as netCDF, whole or not at all."""
        partial = path.with_name(path.name + ".partial")
        try:
            self.ds.to_netcdf(partial, engine="h5netcdf")
            partial.replace(path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise CaudalError("CAU-402", "unwritable", path=path, problem=error.strerror or error) from None
        return path


def _basis(result: Result) -> dict[str, Any]:
    """Return all that two results must share for their differences to be of policy alone."""
    record = result.record
    return {
        "seed": record["seed"],
        "draws": result.ds.sizes["draw"],
        "first_year": result.years[0],
        "last_year": result.years[-1],
        "regions": [str(name) for name in result.ds["region"].values],
        "assumed": record.get("assumed", {}),
        **{name: record[name] for name in ("data", "fit", "step", "structures", "owner")},
    }


def outcomes_digest(found: Mapping[str, np.ndarray]) -> str:
    """Return 16 hexadecimal digits of a hash of every outcome of one scenario, by member and year."""
    total = hashlib.sha256()
    for name in sorted(found):
        total.update(name.encode())
        total.update(np.ascontiguousarray(found[name], np.float32).data)
    return total.hexdigest()[:16]


def scalar_outcomes(ds: xr.Dataset) -> list[str]:
    """Return the outcomes of a result that have draws, in record order."""
    return [n for n in outcomes() if n in ds and "draw" in ds[n].dims]


def build(
    found: dict[str, dict[str, np.ndarray]], years: range, regions: tuple[str, ...], record: dict[str, Any]
) -> Result:
    """Label the arrays of a run.

    Args:
        found: scenario -> outcome -> array (draw, year) or (draw, year, region).
        years: the simulated years.
        regions: names on the region axis.
        record: the run record.
    """
    import xarray as xr

    names = list(found)
    variables: dict[str, Any] = {}
    for outcome, about in outcomes().items():
        attributes = {
            "units": about.unit,
            "scale": about.scale,
            "long_name": about.label.en,
            "long_name_es": about.label.es,
            "sources": ", ".join(s for s in about.observed) or "model",
        }
        arrays = [found[s][outcome] for s in names]
        if about.regional:
            quantiles = np.stack([np.quantile(a, FAN, axis=0) for a in arrays])
            variables[f"{outcome}_quantile"] = (
                ("scenario", "quantile", "time", "region"),
                quantiles,
                attributes,
            )
        else:
            variables[outcome] = (("scenario", "draw", "time"), np.stack(arrays), attributes)
    ds = xr.Dataset(
        variables,
        coords={
            "scenario": names,
            "draw": np.arange(record["draws"]),
            "time": ("time", np.array(list(years)), {"long_name": "year"}),
            "region": list(regions),
            "quantile": list(FAN),
        },
        attrs={
            "title": "Caudal simulation result",
            "format": FORMAT,
            "calibration": record["calibration"],
            "record": json.dumps(record, ensure_ascii=False, sort_keys=True),
        },
    )
    return Result(ds)


def open_result(path: str | Path) -> Result:
    """Open a saved result; a truncated or foreign file is refused in one line."""
    import xarray as xr

    path = Path(path)
    if not path.exists():
        raise CaudalError("CAU-403", "no_file", path=path)
    try:
        with xr.open_dataset(path, engine="h5netcdf") as ds:
            loaded = ds.load()
    except Exception as error:  # h5py and h5netcdf raise many kinds for damaged files
        raise CaudalError("CAU-404", "damaged", path=path, problem=type(error).__name__) from None
    if loaded.attrs.get("format") != FORMAT:
        raise CaudalError("CAU-405", "foreign", path=path, expected=FORMAT)
    return Result(loaded)


def observed(outcome: str) -> dict[str, dict[int, float]]:
    """Return the recorded values of an outcome by series, rivals apart."""
    about = outcomes()[outcome]
    found = {}
    for name in about.observed:
        values = series(name).annual(about.entity)
        if values:
            found[name] = values
    return found

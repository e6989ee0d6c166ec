"""Run scenarios with common random numbers: one history, one projection for each.

History is simulated once for all; each scenario then starts from the same stocks at the end
of the last year before a decision is possible. Every comparison is repeated at equal public
cost and with intensities swapped, so that no side wins by being given more.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from caudal.core.clock import FIRST_DECISION, LAST_YEAR, START, SUBSTEPS, years
from caudal.core.errors import CaudalError
from caudal.core.files import code
from caudal.evidence.inputs import Inputs, inputs
from caudal.evidence.owners import OWNERS
from caudal.evidence.registry import outcomes, parameters
from caudal.evidence.series import data_digest
from caudal.evidence.structures import STANDARD
from caudal.simulate.basis import USUAL, Basis, members
from caudal.simulate.experiments import beside, first_difference
from caudal.simulate.framing import frame
from caudal.simulate.results import Result, build, outcomes_digest
from caudal.simulate.scenario import Scenario, aliases, scenario

FEWEST_DRAWS, MOST_DRAWS = 2, 200_000
USUAL_END = 2040
"""Last year of a projection unless another is asked for."""
LARGEST = 1e30
"""Size beyond which an outcome has no bound: some members of wide priors have deaths without one."""
LANES = 256
"""Members of a chunk: enough to fill the vector units, few enough to stay in the caches."""


def calibration() -> str:
    """Return what results rest on unless asked otherwise: the posterior, and the vintage of its data."""
    return USUAL.about()["calibration"]


@functools.cache
def step_hash() -> str:
    """Return a hash of what the model computes: its source and its parameters, without their words."""
    model = Path(__file__).resolve().parent.parent / "model"
    sources = {str(path.relative_to(model)): code(path) for path in model.rglob("*.py")}
    numbers = {
        name: one.model_dump(mode="json", include={"bounds", "prior", "prior_as_of", "wide", "fitted"})
        for name, one in parameters().items()
    }
    whole = json.dumps([sources, numbers], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def check_draws(draws: int) -> None:
    """Refuse a number of draws that cannot be run."""
    if not FEWEST_DRAWS <= draws <= MOST_DRAWS:
        raise CaudalError("CAU-305", "draws", value=draws, low=FEWEST_DRAWS, high=MOST_DRAWS)


def last_year(chosen: Sequence[Scenario], to: int | None) -> int:
    """Return the last year of a run, checked: scenarios of the past have an end of their own.

    Raises:
        CaudalError: ``CAU-306`` for a year out of range, ``CAU-314`` when scenarios of the past
            and of the future are mixed.
    """
    replays = [one.document.replay for one in chosen]
    if not any(replays):
        to = USUAL_END if to is None else to
        low, high = FIRST_DECISION, LAST_YEAR
    elif all(replays):
        low, high = START + 1, min(r for r in replays if r)
        to = high if to is None else to
    else:
        past, ahead = (
            next(s.name for s, r in zip(chosen, replays, strict=True) if bool(r) == b) for b in (1, 0)
        )
        raise CaudalError("CAU-314", "mixed_times", past=past, ahead=ahead)
    if not low <= to <= high:
        raise CaudalError("CAU-306", "to", value=to, low=low, high=high)
    return to


def run(
    scenarios: Sequence[Scenario | str],
    draws: int = 500,
    seed: int = 1,
    to: int | None = None,
    *,
    regions: str = "department",
    coca_file: Path | None = None,
    structures: str = STANDARD,
    owner: str = OWNERS[0],
    prior_only: bool = False,
    assume: Mapping[str, float] | None = None,
    framings: bool = True,
    progress: Callable[[str], None] = lambda name: None,
) -> Result:
    """Simulate scenarios with the same random numbers.

    Args:
        scenarios: scenarios or their names; the first is the reference of comparisons.
        draws: members of the ensemble.
        seed: seed of the counter-based random numbers.
        to: last year; by default 2040, or the end of a replay of the past.
        regions: ``department``, ``national`` or ``municipality``.
        coca_file: the owner's municipal file, for ``municipality``.
        structures: which mechanisms in dispute are at work, or ``stacked`` for a mixture of all by
            their stacking weights; the posteriors must be stored.
        owner: whose estimates of area and production are followed: ``unodc`` or ``us``.
        prior_only: draw all parameters from their priors; nothing is learnt from the record but the
            levels that make area follow it.
        assume: parameters that take one value in all members, past and future, instead of their draws.
        framings: also run each comparison at equal public cost and with intensities swapped; for
            a replay of other US aid, the experiments that published numbers are set beside.
        progress: told the name of each scenario as it starts.

    Returns:
        The result; its ``ds`` is an ``xarray.Dataset``.
    """
    check_draws(draws)
    assumed = tuple(sorted((assume or {}).items()))
    basis = Basis(structures, owner, fitted=not prior_only, assumed=assumed).check()
    chosen = [scenario(s) if isinstance(s, str) else s for s in scenarios]
    to = last_year(chosen, to)
    names = _unique(chosen)

    from caudal.simulate.executor import prepare

    prepare()
    given = inputs(regions=regions, coca_file=coca_file, owner=owner)
    ensemble = Ensemble(draws, seed, to, given, basis)
    wanted = dict(zip(names, chosen, strict=True))
    framed: dict[str, Any] = {}
    if framings and chosen[0].document.replay:
        wanted |= beside(chosen, ensemble.given, to)
    elif framings:
        for label, variant, about in frame(names, chosen, ensemble):
            wanted[label] = variant
            name, kind = label.split("@")
            framed.setdefault(kind, {})[name] = about
    launched = {label: ensemble.launch(one) for label, one in wanted.items()}
    import xarray  # noqa: F401  (loads while the device computes)

    found: dict[str, dict[str, np.ndarray]] = {}
    for label, one in wanted.items():
        progress(label)
        found[label] = ensemble.collect(one, launched.pop(label))
    record = _record(names, chosen, draws, seed, to, framed, ensemble)
    record["digests"] = {name: outcomes_digest(found[name]) for name in names}
    return build(found, years(to), ensemble.given.regions, record)


class Ensemble:
    """The members of a run at the end of history, ready to be projected under any policy.

    Members run in chunks of a fixed number of lanes: one compiled program serves any number
    of draws, memory stays bounded, and a member does not depend on how many others there are.
    """

    def __init__(
        self, draws: int, seed: int, to: int, given: Inputs | None = None, basis: Basis = USUAL
    ) -> None:
        """Draw the members and simulate their history, the same for every scenario."""
        from caudal.simulate.forcing import forcing, places
        from caudal.simulate.policy import unit_costs

        self.draws, self.seed, self.to, self.basis = draws, seed, to, basis
        self.given = given or inputs(owner=basis.owner)
        self.places = places(self.given)
        self.forcing = forcing(self.given, START, LAST_YEAR)
        self.unit_costs = unit_costs(seed, list(range(draws)))
        self.usual = scenario("baseline").paths(self.given, to)
        self._chunks = [self._chunk(first) for first in range(0, draws, LANES)]
        self._history: dict[str, np.ndarray] = {}
        self.unbounded = np.zeros(len(self._chunks) * LANES, bool)

    def _chunk(self, first: int) -> Chunk:
        import jax

        from caudal.model.step import initial
        from caudal.simulate.draws import shifts
        from caudal.simulate.executor import spread

        ids = range(first, first + LANES)
        params = spread(members(self.seed, ids, self.basis))
        known, horizon = self.given.observed - START + 1, LAST_YEAR - START + 1
        walk = spread(shifts(self.seed, ids, params, self.given.area[-1], known, horizon))
        start = spread(jax.jit(jax.vmap(initial, in_axes=(0, None)))(params, self.places))
        begun = Chunk(params, walk, start, start, {})
        state, past = self._years(begun, scenario("baseline"), START, FIRST_DECISION - 1)
        return dataclasses.replace(begun, state=state, past=past)

    def _years(self, chunk: Chunk, chosen: Scenario, first: int, last: int):
        from caudal.simulate.engine import span
        from caudal.simulate.policy import lever_arrays

        arrays = lever_arrays(chosen, self.given, START, LAST_YEAR)
        bounds = (first - START, last + 1 - START)
        return span(chunk.state, chunk.params, arrays, self.forcing, chunk.shifts, self.places, *bounds)

    def _replayed(self, chunk: Chunk, chosen: Scenario) -> dict[str, Any]:
        from caudal.simulate.engine import replay
        from caudal.simulate.policy import lever_arrays

        if not chosen.departs:
            return chunk.past
        used = tuple(lever_arrays(s, self.given, START, LAST_YEAR) for s in (scenario("baseline"), chosen))
        bounds = (0, self.to + 1 - START)
        return replay(chunk.start, chunk.params, used, self.forcing, chunk.shifts, self.places, *bounds)[1]

    def launch(self, chosen: Scenario) -> list[dict[str, Any]]:
        """Start a projection, or a replay of the past, on the device and return at once."""
        if chosen.document.replay:
            return [self._replayed(chunk, chosen) for chunk in self._chunks]
        return [self._years(chunk, chosen, FIRST_DECISION, self.to)[1] for chunk in self._chunks]

    def collect(self, chosen: Scenario, launched: list[dict[str, Any]]) -> dict[str, np.ndarray]:
        """Wait for a projection; return every outcome, (draw, year[, region])."""
        from caudal.simulate.policy import public_cost

        turn, end = FIRST_DECISION - START, self.to + 1 - START
        if chosen.document.replay:
            joined = self._joined(launched, slice(end))
        else:
            if not self._history:
                self._history = self._joined([chunk.past for chunk in self._chunks], slice(turn))
            ahead = self._joined(launched, slice(turn, end))
            joined = {n: np.concatenate([past, ahead[n]], axis=1) for n, past in self._history.items()}
            joined |= {n: v / v[:, at - START, None] for n, at in _bases().items() for v in [joined[n]]}
        costs = public_cost(chosen.paths(self.given, self.to), self.unit_costs, joined, self.usual)
        return joined | {n: v.astype(np.float32) for n, v in costs.items()}

    def _joined(self, tables: list[dict[str, Any]], span: slice) -> dict[str, np.ndarray]:
        """Return the members of all chunks; single precision is enough to keep and to compare."""
        return {
            n: np.concatenate([self._bounded(i, np.asarray(t[n])[:, span]) for i, t in enumerate(tables)])[
                : self.draws
            ]
            for n in tables[0]
        }

    def _bounded(self, chunk: int, values: np.ndarray) -> np.ndarray:
        """Return the values of a chunk in single precision; what has no bound is LARGEST, and is noted."""
        beyond = ~(np.abs(values) < LARGEST)  # what is not a number has no bound either
        if beyond.any():
            seen = beyond.any(axis=tuple(range(1, values.ndim)))
            self.unbounded[chunk * LANES : (chunk + 1) * LANES] |= seen
            values = np.where(beyond, np.where(values < 0.0, -LARGEST, LARGEST), values)
        return values.astype(np.float32)

    def planned_cost(self, chosen: Scenario) -> np.ndarray:
        """Return the public cost from the first decision on by member, million 2020 USD.

        Levers count as decided, not as carried out, so that no simulation is needed.
        """
        from caudal.simulate.policy import public_cost

        cost = public_cost(chosen.paths(self.given, self.to), self.unit_costs, {}, self.usual)
        return np.sum([c[:, FIRST_DECISION - START :].sum(axis=1) for c in cost.values()], axis=0)

    @cached_property
    def usual_cost(self) -> np.ndarray:
        """Return the planned cost of the baseline by member, million 2020 USD."""
        return self.planned_cost(scenario("baseline"))

    def project(self, chosen: Scenario) -> dict[str, np.ndarray]:
        """Return every outcome under a scenario, (draw, year[, region])."""
        return self.collect(chosen, self.launch(chosen))


def _bases() -> dict[str, int]:
    """Return index -> the year in which it is 1 in every run."""
    return {n: r.base_year for n, r in outcomes().items() if r.base_year is not None}


@dataclasses.dataclass(frozen=True)
class Chunk:
    """Members that run together: parameters, level departures, first and last stocks, history."""

    params: Any
    shifts: Any
    start: Any
    state: Any
    past: dict[str, Any]


def _unique(chosen: list[Scenario]) -> list[str]:
    names: list[str] = []
    for one in chosen:
        name, k = one.name, 2
        while name in names:
            name, k = f"{one.name}-{k}", k + 1
        names.append(name)
    return names


def _record(names, chosen, draws, seed, to, framed, ensemble) -> dict[str, Any]:
    texts = {
        name: {
            "title": one.document.title.model_dump(),
            "document": one.document.model_dump(mode="json", by_alias=True),
            "changes": [c.as_json(one.document.span[0]) for c in one.changes],
        }
        for name, one in zip(names, chosen, strict=True)
    }
    versions = {p: metadata.version(p) for p in ("caudal", "jax", "numpy", "xarray")}
    replay = bool(chosen[0].document.replay)
    return {
        **ensemble.basis.about(),
        "scenarios": names,
        "aliases": {a: n for a, n in aliases().items() if n in names},
        "texts": texts,
        "draws": draws,
        "unbounded": int(ensemble.unbounded[:draws].sum()),
        "seed": seed,
        "first_year": START,
        "last_year": to,
        "first_decision": chosen[0].document.span[0],
        "replay": replay,
        "first_difference": first_difference(chosen, ensemble.given, to) if replay else FIRST_DECISION,
        "substeps_per_month": SUBSTEPS,
        "framings": framed,
        "data": data_digest(),
        "step": step_hash(),
        "outcomes": list(outcomes()),
        "filled": [
            {"input": f.input, "years": list(f.years), "method": f.method, "parameter": f.parameter}
            for f in ensemble.given.fills
        ],
        "series": list(ensemble.given.used),
        "regions": len(ensemble.given.regions),
        "versions": {"python": platform.python_version(), **versions},
    }

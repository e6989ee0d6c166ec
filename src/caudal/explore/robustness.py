r"""Robustness of the answer: which conclusions change with framing, data owner, structure or prior.

A conclusion is the direction of one outcome in the last year, of a package against the first scenario
or of one of two packages against the other (``simulate.conclusion.direction``). It is looked for again at
equal public cost and with intensities swapped, with the other data owner, with each structure and all of
them stacked, from priors alone, and with weaker and stronger priors. Public cost is no conclusion: it is
what the levers cost, and equal by construction in one of the framings.

Weaker and stronger priors are the posterior with the prior raised to a power (Kallioinen and others 2023,
doi:10.1007/s11222-023-10366-5),

.. math::
    p_\alpha(\theta \mid y) \propto p(\theta)^\alpha\, p(y \mid \theta),\quad
    w_i \propto p(\theta_i)^{\alpha - 1}

where the weights of the members are smoothed (Pareto-smoothed importance sampling) and the priors are
those of the scales on which they are normal. Parameters that the record says nothing of need no
weights: their priors are drawn from at that power. Where the Pareto k of the weights is above

.. math::
    \min(1 - 1/\log_{10} S,\ 0.7)

(:math:`S` members; Vehtari and others 2024, Pareto smoothed importance sampling) they say nothing, and the
variant is told as not tried.

``python -m caudal.explore.robustness`` tries the default comparison and stores the table.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np

from caudal.core.files import data_path
from caudal.core.messages import local, text
from caudal.core.records import Record
from caudal.core.writing import write_whole
from caudal.evidence.owners import OWNERS
from caudal.evidence.structures import structure, structures
from caudal.simulate.basis import STACKED, Basis
from caudal.simulate.conclusion import COLOMBIA, UNITED_STATES, Direction, direction
from caudal.simulate.results import Result
from caudal.simulate.scenario import DEFAULT, Scenario, scenario

COMPARED = (*COLOMBIA, *UNITED_STATES)

POWERS = {"weaker": 0.8, "stronger": 1.25}
"""Powers of the prior: those of Kallioinen and others for looking at what moves."""

HIGHEST_KHAT = 0.7

FEWEST = 25
"""Runs below which a fifth of them, the tail of the weights, is too few to tell their Pareto k
(judgement)."""

STORED = data_path("validation", "robustness.json")

Kind = Literal["reported", "framing", "owner", "structure", "prior"]
Draws = Mapping[str, Mapping[str, np.ndarray]]
"""Scenario -> outcome -> values in the last year, (draw,)."""
Progress = Callable[[int, int, str], None]


class Variant(Record):
    """One way of asking again, by what it changes.

    ``missing`` names what it needs and is not stored. ``khat`` is the Pareto k of its weights, and
    ``effective`` the number of runs that it rests on.
    """

    kind: Kind
    name: str
    missing: tuple[str, ...] = ()
    khat: float | None = None
    effective: float = 0.0

    @property
    def id(self) -> str:
        """Return the name under which a conclusion holds what this variant finds."""
        return f"{self.kind}:{self.name}" if self.name else self.kind

    @property
    def tried(self) -> bool:
        """Tell whether the variant says anything."""
        return not self.missing and self.effective > 0.0

    def label(self, code: str | None = None) -> str:
        """Return what it is called."""
        if self.kind == "structure" and self.name != STACKED:
            return text("robustness.variant_structure", code, name=local(structure(self.name).label, code))
        if self.kind == "owner":
            return text("robustness.variant_owner", code, owner=text(f"report.owner_{self.name}", code))
        key = "_".join([self.kind, *self.name.split("-")]) if self.name else self.kind
        return text(f"robustness.variant_{key}", code, power=f"{POWERS.get(self.name, 1.0):g}")


REPORTED = Variant(kind="reported", name="")


class Finding(Record):
    """What one variant finds of a conclusion: shares of runs, and the median difference."""

    lower: float
    higher: float
    gap: float
    word: Direction


class Conclusion(Record):
    """The direction of one outcome of a scenario against another, by variant."""

    scenario: str
    reference: str
    outcome: str
    found: dict[str, Finding]

    @property
    def reported(self) -> Finding:
        """Return what the report concludes."""
        return self.found[REPORTED.id]

    @property
    def changed(self) -> tuple[str, ...]:
        """Return the variants in which the word is another."""
        return tuple(name for name, one in self.found.items() if one.word != self.reported.word)

    @property
    def reversed(self) -> tuple[str, ...]:
        """Return the variants in which the median difference has the other sign."""
        return tuple(name for name, one in self.found.items() if one.gap * self.reported.gap < 0.0)


class Robustness(Record):
    """Every conclusion of a comparison, and the ways in which it was asked again."""

    year: int
    draws: int
    variants: tuple[Variant, ...]
    conclusions: tuple[Conclusion, ...]

    @property
    def in_order(self) -> tuple[Conclusion, ...]:
        """Return the conclusions: first those whose sign changes, then whose word does, then the rest."""
        return tuple(sorted(self.conclusions, key=lambda one: (-len(one.reversed), -len(one.changed))))

    @property
    def again(self) -> tuple[Variant, ...]:
        """Return the variants that were tried, but for the report itself."""
        return tuple(one for one in self.variants if one.tried and one.kind != "reported")

    @property
    def untried(self) -> tuple[Variant, ...]:
        """Return the variants that could not be tried."""
        return tuple(one for one in self.variants if not one.tried)


@dataclasses.dataclass(frozen=True)
class Trial:
    """A variant, and the basis on which it runs."""

    variant: Variant
    basis: Basis


def robustness(
    result: Result,
    chosen: Sequence[Scenario],
    *,
    regions: str = "department",
    coca_file: Path | None = None,
    progress: Progress = lambda done, total, name: None,
) -> Robustness:
    """Ask again for the conclusions of a result of two scenarios or more.

    Args:
        result: what was run.
        chosen: its scenarios, in their order.
        regions: as the result was run.
        coca_file: as the result was run.
        progress: told how many of the variants are done, of how many, and which is next.
    """
    rerun = _Rerun(result, chosen, regions, coca_file)
    own = {name: _last(result, name) for name in result.scenarios}
    reported = REPORTED.model_copy(update={"effective": float(rerun.draws)})
    found = {reported: (own, None)} | {
        Variant(kind="framing", name=kind, effective=float(rerun.draws)): (framed, None)
        for kind, framed in _framed(result, own).items()
    }
    trials = list(_trials(Basis.of(result.record)))
    ready = [trial for trial in trials if not trial.variant.missing]
    for trial in trials:
        variant, weights = trial.variant, None
        if not variant.missing:
            progress(ready.index(trial) + 1, len(ready), variant.label())
            variant, weights = _weighed(trial, rerun)
        found[variant] = (rerun(trial.basis) if variant.tried else {}, weights)
    return Robustness(
        year=result.years[-1],
        draws=rerun.draws,
        variants=tuple(found),
        conclusions=tuple(_conclusions(result.scenarios, found)),
    )


def _trials(usual: Basis) -> Iterator[Trial]:
    """Yield what is run again: the basis of a result with one thing changed."""

    def trial(kind: Kind, name: str, **changes: Any) -> Trial:
        basis = dataclasses.replace(usual, **changes)
        return Trial(Variant(kind=kind, name=name, missing=basis.missing()), basis)

    for owner in OWNERS:
        if owner != usual.owner:
            yield trial("owner", owner, owner=owner)
    for name in (*structures(), STACKED):
        if name != usual.structures:
            yield trial("structure", name, structures=name)
    yield trial("prior", "alone" if usual.fitted else "posterior", fitted=not usual.fitted)
    for name, power in POWERS.items():
        yield trial("prior", name, power=power)


class _Rerun:
    """Runs the scenarios of a result again on another basis."""

    def __init__(
        self, result: Result, chosen: Sequence[Scenario], regions: str, coca_file: Path | None
    ) -> None:
        record = result.record
        self.names, self.chosen = result.scenarios, chosen
        self.draws, self.seed, self.to = record["draws"], record["seed"], record["last_year"]
        self.regions, self.coca_file = regions, coca_file

    def __call__(self, basis: Basis) -> Draws:
        from caudal.evidence.inputs import inputs
        from caudal.simulate.run import Ensemble

        given = inputs(regions=self.regions, coca_file=self.coca_file, owner=basis.owner)
        ensemble = Ensemble(self.draws, self.seed, self.to, given, basis)
        found = {}
        for name, one in zip(self.names, self.chosen, strict=True):
            projected = ensemble.project(one)
            found[name] = {outcome: projected[outcome][:, -1] for outcome in COMPARED}
        return found


def _last(result: Result, name: str) -> dict[str, np.ndarray]:
    return {outcome: result.draws(outcome, name)[:, -1] for outcome in COMPARED}


def _framed(result: Result, own: Draws) -> dict[str, Draws]:
    """Return the draws of each framing: packages as scaled, the first scenario as it is."""
    reference = result.scenarios[0]
    return {
        kind: {reference: own[reference]} | {name: _last(result, f"{name}@{kind}") for name in about}
        for kind, about in result.record["framings"].items()
    }


def _weighed(trial: Trial, rerun: _Rerun) -> tuple[Variant, np.ndarray | None]:
    """Return a variant with the number of runs it rests on, and the weights of its members."""
    basis, members = trial.basis, range(rerun.draws)
    if basis.power == 1.0 or not basis.fitted:
        return trial.variant.model_copy(update={"effective": float(rerun.draws)}), None
    weights, khat = importance(basis.log_prior(rerun.seed, members), basis.power)
    good = khat <= min(1.0 - 1.0 / np.log10(rerun.draws), HIGHEST_KHAT)
    about = {"khat": khat if np.isfinite(khat) else None}
    about["effective"] = float(1.0 / np.sum(weights**2)) if good else 0.0
    return trial.variant.model_copy(update=about), weights


def importance(log_prior: np.ndarray, power: float) -> tuple[np.ndarray, float]:
    """Return the weights of draws of a posterior under a prior raised to a power, and their Pareto k."""
    if len(log_prior) < FEWEST:
        return np.full(len(log_prior), 1.0 / len(log_prior)), np.inf
    from arviz_stats.base import array_stats

    smooth, khat = array_stats.psislw((1.0 - power) * log_prior)  # it takes the logs of what divides
    weights = np.exp(smooth - np.max(smooth))
    return weights / weights.sum(), float(khat)


def _conclusions(
    names: Sequence[str], found: Mapping[Variant, tuple[Draws, np.ndarray | None]]
) -> Iterator[Conclusion]:
    """Yield each outcome of each package against the first scenario, and of two packages."""
    reference, *packages = names
    pairs = [(name, reference) for name in packages]
    pairs += [(two, one) for one, two in pairwise(packages)] if len(packages) == 2 else []
    for own, other in pairs:
        for outcome in COMPARED:
            kept = {
                variant.id: finding(draws[own][outcome], draws[other][outcome], weights)
                for variant, (draws, weights) in found.items()
                if own in draws and other in draws
            }
            yield Conclusion(scenario=own, reference=other, outcome=outcome, found=kept)


def finding(own: np.ndarray, base: np.ndarray, weights: np.ndarray | None = None) -> Finding:
    """Return the direction of an outcome from equal draws of a scenario and its reference, (draw,)."""
    gap = own - base
    lower, higher = (float(np.average(some, weights=weights)) for some in (gap < 0.0, gap > 0.0))
    middle, level = _median(gap, weights), _median(base, weights)
    return Finding(lower=lower, higher=higher, gap=middle, word=direction(lower, higher, middle, level))


def _median(values: np.ndarray, weights: np.ndarray | None) -> float:
    if weights is None:
        return float(np.median(values))
    return float(np.quantile(values, 0.5, weights=weights, method="inverted_cdf"))


def attached(result: Result, found: Robustness) -> Result:
    """Return a result that carries its robustness, and keeps it when it is saved."""
    return dataclasses.replace(result, ds=result.ds.assign_attrs(robustness=found.model_dump_json()))


def of_result(result: Result) -> Robustness | None:
    """Return the robustness that a result carries, if it does."""
    told = result.ds.attrs.get("robustness")
    return None if told is None else Robustness.model_validate_json(told)


def store(result: Result, found: Robustness) -> None:
    """Store the table of the default comparison with the package."""
    about = {name: result.record[name] for name in ("calibration", "seed", "data", "step", "fit")}
    document = about | {"robustness": found.model_dump(mode="json")}
    write_whole(STORED, json.dumps(document, indent=1) + "\n")


def stored() -> dict[str, Any]:
    """Return what was stored, as it was written."""
    return json.loads(STORED.read_text(encoding="utf-8"))


def stored_robustness() -> Robustness:
    """Return the stored table."""
    return Robustness.model_validate(stored()["robustness"])


def main() -> None:
    """Run the default comparison, ask again, and store what changes."""
    from caudal.simulate.run import run

    def tell(line: str) -> None:
        print(line, file=sys.stderr)

    chosen = [scenario(name) for name in DEFAULT]
    result = run(chosen, progress=lambda name: tell(text("cli.running", name=name)))
    found = robustness(
        result,
        chosen,
        progress=lambda done, total, name: tell(text("cli.trying", done=done, total=total, name=name)),
    )
    store(result, found)
    tell(text("cli.fit_stored", path=STORED.name))


if __name__ == "__main__":
    main()

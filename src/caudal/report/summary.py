"""What the tables, sentences and figures read of a result, each quantile computed once."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from caudal.core.messages import local, text
from caudal.evidence.registry import Outcome, outcomes
from caudal.simulate.basis import Basis
from caudal.simulate.conclusion import Direction, direction
from caudal.simulate.document import Document
from caudal.simulate.results import BAND, FAN, Result, observed
from caudal.simulate.scenario import Change, Scenario

COST = "public_cost"
"""The name under which ``Summary.draws`` gives public cost summed over its payers."""

Triple = tuple[float, float, float]


@dataclasses.dataclass(frozen=True)
class Cell:
    """An outcome of one scenario in one year, and its difference from the reference if it is another.

    Level and gap are 5 % quantile, median and 95 % quantile.
    """

    outcome: str
    scenario: str
    level: Triple
    compared: bool = False
    gap: Triple = (0.0, 0.0, 0.0)
    p_lower: float = 0.0
    p_higher: float = 0.0
    reference_level: float = 0.0

    def scaled(self, divisor: float) -> Cell:
        """Return the cell in larger units."""
        return dataclasses.replace(
            self,
            level=triple(np.divide(self.level, divisor)),
            gap=triple(np.divide(self.gap, divisor)),
            reference_level=self.reference_level / divisor,
        )

    @property
    def direction(self) -> Direction:
        """Return ``lower``, ``higher``, ``hardly`` (no clear direction, or small) or ``same``."""
        return direction(self.p_lower, self.p_higher, self.gap[1], self.reference_level)


class Summary:
    """A result with its quantiles, read many times and computed once."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.record = result.record
        self.names: list[str] = list(self.record["scenarios"])
        self.reference = self.names[0]
        self.years = np.array(result.years)
        self.last = int(self.years[-1])
        self.replay = bool(self.record.get("replay"))
        self.first_decision = int(self.record.get("first_difference", self.record["first_decision"]))
        self.draw_count = int(self.record["draws"])
        self._draws: dict[tuple[str, str], np.ndarray] = {}
        self._fans: dict[tuple[str, str], np.ndarray] = {}

    @classmethod
    def of(cls, result: Result | Summary) -> Summary:
        """Return the summary of a result, or the summary itself."""
        return result if isinstance(result, Summary) else cls(result)

    @property
    def rivals(self) -> list[str]:
        """Return the scenarios compared with the first."""
        return self.names[1:]

    def scenario(self, name: str) -> Scenario:
        """Return a scenario as the run record tells it."""
        told = self.record["texts"][name]
        changes = tuple(Change.of(change) for change in told["changes"])
        return Scenario(name, Document.model_validate(told["document"]), changes)

    @functools.cached_property
    def basis(self) -> Basis:
        """Return what the parameters were drawn from."""
        return Basis.of(self.record)

    @functools.cached_property
    def surveyed(self) -> dict[int, float]:
        """Return the coca area of Colombia by year, ha, as the owner that the run follows estimates it."""
        return observed("coca_area")[f"coca_area_{self.basis.owner}"]

    @functools.cached_property
    def happened(self) -> bool:
        """Tell whether the first scenario is the simulation of what happened."""
        return self.replay and not self.scenario(self.reference).departs

    @functools.cached_property
    def reported(self) -> dict[str, Outcome]:
        """Return the outcomes that a report shows and this result holds."""
        held = self.result.ds
        return {n: o for n, o in outcomes().items() if o.report and n in held and "draw" in held[n].dims}

    def question(self, name: str) -> str:
        """Return a scenario's question; one with levers set by hand asks for what they do."""
        told = self.record["texts"][name]
        if told["changes"]:
            return text("report.changed_question", title=local(told["title"]))
        return local(told["document"]["question"])

    def title(self, name: str) -> str:
        """Return a scenario's title in the language in force."""
        title = local(self.record["texts"][name]["title"])
        return text("report.changed_title", title=title) if self.record["texts"][name]["changes"] else title

    def draws(self, outcome: str, scenario: str) -> np.ndarray:
        """Return the draws of an outcome, (draw, year); ``COST`` adds the payers up."""
        key = (outcome, scenario)
        if key not in self._draws:
            if outcome == COST:
                self._draws[key] = np.sum([self.draws(o, scenario) for o in payers()], axis=0)
            else:
                self._draws[key] = self.result.draws(outcome, scenario)
        return self._draws[key]

    def fan(self, outcome: str, scenario: str) -> np.ndarray:
        """Return the quantiles of a fan chart, (quantile, year)."""
        key = (outcome, scenario)
        if key not in self._fans:
            self._fans[key] = np.quantile(self.draws(outcome, scenario), FAN, axis=0)
        return self._fans[key]

    def cell(self, outcome: str, scenario: str, reference: str | None = None) -> Cell:
        """Return an outcome in the last year, and its difference from the reference."""
        return self.compared(
            outcome,
            scenario,
            self.draws(outcome, scenario)[:, -1],
            self.draws(outcome, reference or self.reference)[:, -1],
            scenario == (reference or self.reference),
        )

    def cumulative(self, outcome: str, scenario: str) -> Cell:
        """Return an outcome summed from the first year in which policies differ to the last."""
        ahead = self.years >= self.first_decision
        return self.compared(
            outcome,
            scenario,
            self.draws(outcome, scenario)[:, ahead].sum(axis=1),
            self.draws(outcome, self.reference)[:, ahead].sum(axis=1),
            scenario == self.reference,
        )

    @staticmethod
    def compared(outcome: str, scenario: str, own: np.ndarray, base: np.ndarray, alone: bool) -> Cell:
        """Return a cell from the draws of a scenario and of its reference."""
        level = triple(np.quantile(own, BAND))
        if alone:
            return Cell(outcome, scenario, level)
        gap = own - base
        return Cell(
            outcome,
            scenario,
            level,
            True,
            triple(np.quantile(gap, BAND)),
            float(np.mean(gap < 0)),
            float(np.mean(gap > 0)),
            float(np.median(base)),
        )


def triple(values: np.ndarray) -> Triple:
    """Return three quantiles as plain numbers."""
    low, middle, high = values.tolist()
    return low, middle, high


def payers() -> tuple[str, ...]:
    """Return the outcomes that are public cost, one for each payer."""
    return tuple(name for name, about in outcomes().items() if about.block == "cost")

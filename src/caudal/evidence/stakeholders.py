"""Who takes part, in their own stated terms, and the placeholder weights to start a talk from.

Statements are attributed, cited and told in our own words. The weights are not findings:
they carry ``placeholder: true``, a range, and the parties' stated constraints beside them.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Literal

import pydantic

from caudal.core.files import data_path
from caudal.core.records import Bilingual, Record, load_keyed, validate
from caudal.evidence.timeline import Cites


class Statement(Record):
    """One thing a party said or did, with where it was read."""

    text: Bilingual
    cites: Cites = pydantic.Field(min_length=1)


class Constraint(Statement):
    """What a party is assumed to refuse whatever the weights: drawn from what it stated."""

    parties: tuple[str, ...]


class Party(Record):
    """A party: aims, what it can do, what it refuses, what it complains of, what it gave."""

    id: str
    name: Bilingual
    kind: Literal["government", "legislature", "agency", "community", "armed", "international", "political"]
    confidence: Literal["high", "medium", "low"]
    aims: tuple[Statement, ...] = pydantic.Field(min_length=1)
    instruments: tuple[Statement, ...] = pydantic.Field(min_length=1)
    red_lines: tuple[Statement, ...] = ()
    grievances: tuple[Statement, ...] = ()
    moves: tuple[Statement, ...] = ()
    period: Bilingual | None = None
    profile: str | None = None

    @property
    def cites(self) -> tuple[str, ...]:
        """Return every source that a statement of the party cites, once."""
        told = (*self.aims, *self.instruments, *self.red_lines, *self.grievances, *self.moves)
        return tuple(dict.fromkeys(name for statement in told for name in statement.cites))


class Weight(Record):
    """How much each party is taken to care about an outcome, in the order of the parties."""

    label: Bilingual
    values: tuple[int, ...]
    cites: Cites
    inferred: bool = False

    @pydantic.model_validator(mode="after")
    def _based(self) -> Weight:
        if self.inferred == bool(self.cites):
            raise ValueError("expected a source in cites, or inferred: true and none")
        return self


class Weights(Record):
    """Starting weights to be edited, never a result."""

    placeholder: Literal[True]
    scale: tuple[int, int]
    range: int
    parties: tuple[str, ...]
    outcomes: dict[str, Weight]
    constraints: tuple[Constraint, ...]
    agreement: tuple[Statement, ...]
    disagreement: tuple[Statement, ...]

    @pydantic.model_validator(mode="after")
    def _complete(self) -> Weights:
        low, high = self.scale
        for name, weight in self.outcomes.items():
            if len(weight.values) != len(self.parties):
                raise ValueError(f"{name} needs one value for each of {len(self.parties)} parties")
            if not all(low <= value <= high for value in weight.values):
                raise ValueError(f"{name} has a value outside {low} to {high}")
        return self

    def of(self, party: str) -> dict[str, tuple[int, int, int]]:
        """Return low, middle and high weight of every outcome for a party, inside the scale."""
        place = self.parties.index(party)
        low, high = self.scale
        return {
            name: (
                max(low, weight.values[place] - self.range),
                weight.values[place],
                min(high, weight.values[place] + self.range),
            )
            for name, weight in self.outcomes.items()
        }


class Stakeholders(Record):
    """All parties by id, and the placeholder weights of some."""

    parties: dict[str, Party]
    weights: Weights

    @pydantic.model_validator(mode="after")
    def _known(self) -> Stakeholders:
        named = {*self.weights.parties, *(p for c in self.weights.constraints for p in c.parties)}
        if named - self.parties.keys():
            raise ValueError(f"there is no party {', '.join(sorted(named - self.parties.keys()))}")
        return self


def read_stakeholders(path: Path) -> Stakeholders:
    """Read the parties; what is wrong is told with file and line (``CAU-204``)."""
    return validate(Stakeholders, load_keyed(path, "parties"), path)


@functools.cache
def stakeholders() -> Stakeholders:
    """Return the parties that come with Caudal."""
    return read_stakeholders(data_path("stakeholders.yaml"))

"""Published numbers and what is set beside them: the records of ``data/attribution/comparisons.yaml``."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Literal

import pydantic

from caudal.core.files import data_path
from caudal.core.records import Bilingual, Record, load_document, validate
from caudal.evidence.effects import Effect, Estimand, effects
from caudal.evidence.source import sources
from caudal.simulate.experiments import experiments
from caudal.simulate.quantities import HAPPENED, RECORD, Ratio

Word = Literal["agrees", "other_size", "opposite", "put_in", "none", "not_run"]
"""What a comparison comes to."""

WITHOUT = "without"
"""The run without the aid that was given."""


class Stated(Record):
    """A published number that is in no effect and no series, or words without a number."""

    value: float | None = None
    unit: str = "dimensionless"
    estimand: Estimand | None = None
    cites: tuple[str, ...] = pydantic.Field(min_length=1)

    @pydantic.model_validator(mode="after")
    def _sourced(self) -> Stated:
        unknown = [one for one in self.cites if one not in sources()]
        if unknown:
            raise ValueError(f"no source has the id {', '.join(unknown)}")
        return self


class Tabled(Record):
    """A published number that is a value of a series."""

    id: str
    entity: str
    year: str
    unit: str
    estimand: Estimand
    times: float = 1.0


class Comparison(Record):
    """One row: a claim, the published number, and what the record and the runs give.

    ``per`` divides an effect by another; ``claim`` stands for the effect's own words, and
    ``detail`` adds to them.
    """

    effect: str = ""
    per: str = ""
    use: Literal["estimate", "low", "high"] = "estimate"
    series: Tabled | None = None
    stated: Stated | None = None
    claim: Bilingual | None = None
    detail: Bilingual | None = None
    unit: Bilingual | None = None
    record: Ratio | None = None
    replay: Ratio | None = None
    caused: Ratio | None = None
    against: Literal["replay", "caused"] = "caused"
    word: Literal["put_in", "none"] | None = None
    note: Bilingual | None = None

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Comparison:
        for name in (self.effect, self.per):
            if name and name not in effects():
                raise ValueError(f"no effect has the id {name}")
        if sum(map(bool, (self.effect, self.series, self.stated))) > 1:
            raise ValueError("expected one of effect, series and stated")
        if not (self.effect or self.claim):
            raise ValueError("expected an effect, or a claim in words")
        if not (self.word or getattr(self, self.against)):
            raise ValueError(f"expected {self.against}, or a word")
        read = [q for ratio in (self.record, self.replay, self.caused) if ratio for q in ratio.quantities]
        for run in (run for quantity in read for run in quantity.runs):
            if run not in {RECORD, HAPPENED, WITHOUT, *experiments()}:
                raise ValueError(f"no run is called {run}")
        for name in (quantity.spent for quantity in read if quantity.spent):
            if name not in experiments():
                raise ValueError(f"no experiment is called {name}")
        return self

    @property
    def words(self) -> Bilingual:
        """Return the claim: the row's own words, else those of its effect."""
        return self.claim or effects()[self.effect].claim

    @property
    def published(self) -> Effect | None:
        """Return the effect that the row is about."""
        return effects().get(self.effect)


class Comparisons(Record):
    """All rows; ``close`` is the share of a published number within which a median agrees."""

    close: float = pydantic.Field(gt=0.0, lt=1.0)
    rows: tuple[Comparison, ...]


@functools.cache
def comparisons() -> Comparisons:
    """Return the comparisons that come with Caudal."""
    return read_comparisons(data_path("attribution", "comparisons.yaml"))


def read_comparisons(path: Path) -> Comparisons:
    """Read comparisons; what is wrong is told with file and line (``CAU-204``)."""
    return validate(Comparisons, load_document(path), path)

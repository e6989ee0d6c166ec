"""What records of levers do not say: one short text per lever, every statement with what it rests on.

A lever's record holds its unit, cost, law and evidence; a sheet adds the message in a few words, how its
effect comes about, delays, side effects and who bears them, and what is left out. A statement cites
documents, names parameters or blocks of the model, or says that it is a judgement.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated

import pydantic

from caudal.core.errors import CaudalError, unknown
from caudal.core.files import data_path
from caudal.core.records import Record, load_document, validate
from caudal.evidence.effects import Words, effects
from caudal.evidence.registry import levers, outcomes, parameters
from caudal.evidence.series import series_ids
from caudal.evidence.timeline import Cites, timeline

DELAY_UNITS = ("year", "1/year")
"""Units of parameters that carry a delay: a time, or a speed."""


def _known(kind: str, names):
    def check(value: tuple[str, ...]) -> tuple[str, ...]:
        missing = [name for name in value if name not in names()]
        if missing:
            raise ValueError(f"no {kind} has the name {', '.join(missing)}")
        if len(set(value)) < len(value):
            raise ValueError("each name once")
        return value

    return pydantic.AfterValidator(check)


def _model_names() -> set[str]:
    """Return the parameters, and the blocks that a record belongs to."""
    recorded = (*parameters().values(), *outcomes().values())
    return {*parameters(), *(record.block for record in recorded)}


def _delays() -> set[str]:
    return {name for name, record in parameters().items() if record.unit in DELAY_UNITS}


ModelNames = Annotated[tuple[str, ...], _known("parameter or block", _model_names)]
OutcomeNames = Annotated[tuple[str, ...], _known("outcome", outcomes)]
EffectNames = Annotated[tuple[str, ...], _known("published effect", effects)]
SeriesNames = Annotated[tuple[str, ...], _known("series", series_ids)]
EventNames = Annotated[tuple[str, ...], _known("event", lambda: timeline().events)]
DelayNames = Annotated[tuple[str, ...], _known("parameter of time or speed", _delays)]


class Statement(Record):
    """One or two sentences in both languages, and what they rest on."""

    en: str = pydantic.Field(min_length=1)
    es: str = pydantic.Field(min_length=1)
    cites: Cites = ()
    model: ModelNames = ()
    judgement: bool = False

    def __getitem__(self, code: str, /) -> str:
        """Return the text in a language."""
        return getattr(self, code)

    @pydantic.model_validator(mode="after")
    def _rests(self) -> Statement:
        if not (self.cites or self.model or self.judgement):
            raise ValueError("expected cites, model, or judgement: true")
        return self


class SideEffect(Statement):
    """A consequence beside the aim, who bears it, and the outcomes that show it."""

    bearer: Words
    outcomes: OutcomeNames = ()


class Interaction(Statement):
    """How another lever changes what this one does, or the other way round."""

    lever: str

    @pydantic.field_validator("lever")
    @classmethod
    def _exists(cls, value: str) -> str:
        if value not in levers():
            raise ValueError(f"there is no lever {value}")
        return value


class SheetText(Record):
    """The text of one lever, and the records that concern it.

    ``series`` are told beside that of its recorded path; ``events`` beside those that name the lever;
    ``targets`` are events that announced a level of it. ``delays`` are parameters of time or speed.
    """

    message: tuple[Statement, ...] = pydantic.Field(min_length=1)
    dynamics: tuple[Statement, ...] = pydantic.Field(min_length=1)
    waits: tuple[Statement, ...] = pydantic.Field(min_length=1)
    side_effects: tuple[SideEffect, ...] = pydantic.Field(min_length=1)
    interactions: tuple[Interaction, ...] = pydantic.Field(min_length=1)
    not_modelled: tuple[Statement, ...] = pydantic.Field(min_length=1)
    effects: EffectNames = ()
    series: SeriesNames = ()
    events: EventNames = ()
    targets: EventNames = ()
    delays: DelayNames = ()

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Return every statement of the sheet."""
        return (
            *self.message,
            *self.dynamics,
            *self.waits,
            *self.side_effects,
            *self.interactions,
            *self.not_modelled,
        )


def read_sheets(path: Path) -> dict[str, SheetText]:
    """Read the sheets of one file, a mapping of lever to text (``CAU-204`` with file and line).

    Raises:
        CaudalError: ``CAU-102`` for a name that is no lever.
    """
    found = {}
    for name, document in load_document(path).items():
        if name not in levers():
            raise unknown("lever", name, levers(), "CAU-102")
        found[name] = validate(SheetText, document, path, (name,))
    return found


@functools.cache
def sheets() -> dict[str, SheetText]:
    """Return the texts of all levers that have one, in file order."""
    found: dict[str, SheetText] = {}
    for path in sorted(data_path("sheets").glob("*.yaml")):
        for name, text in read_sheets(path).items():
            if name in found:
                raise CaudalError("CAU-206", "twice", kind="lever", name=name, file=path.name)
            found[name] = text
    return found

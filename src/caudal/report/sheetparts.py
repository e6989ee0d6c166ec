"""What the sheet of a lever is made of: levels, figures, dated events, studies, costs and delays."""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True)
class Named:
    """A record, or a block of the model, by its id and label."""

    id: str
    label: str


@dataclasses.dataclass(frozen=True)
class Told:
    """A statement, with the documents, parameters or blocks it rests on."""

    text: str
    cites: tuple[str, ...] = ()
    model: tuple[Named, ...] = ()
    judgement: bool = False


@dataclasses.dataclass(frozen=True)
class Level:
    """A level of the lever: today's, the most on record, or one that was announced."""

    value: float
    year: int
    value_text: str
    text: str
    cites: tuple[str, ...]
    kind: str = ""
    label: str = ""


@dataclasses.dataclass(frozen=True)
class Recorded:
    """A recorded series: its yearly figures, the largest and the last."""

    series: str
    label: str
    entity: str
    unit: str
    points: tuple[tuple[int, float], ...]
    peak: tuple[int, float]
    last: tuple[int, float]
    text: str
    cites: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Dated:
    """Something that happened to the instrument."""

    event: str
    date: str
    text: str
    direction: str
    amount: str
    confidence: str
    cites: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Study:
    """A published effect, and how the model stands to it."""

    effect: str
    claim: str
    quantity: str
    value: str
    kind: str
    context: str
    read: str
    used_in: str
    verdict: str
    verdict_label: str
    standing_label: str
    model: str
    why: str
    cites: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Share(Named):
    """A payer, and its share of the cost."""

    share: float


@dataclasses.dataclass(frozen=True)
class Sign(Named):
    """An outcome that more of the lever is certain to raise (1) or to lower (-1) in the model."""

    sign: int


@dataclasses.dataclass(frozen=True)
class Standing(Named):
    """A grade of evidence or a state of the law, in words and with its documents."""

    text: str
    cites: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Document(Named):
    """A document that the sheet cites: owner as label, citation, and address where there is one."""

    citation: str
    url: str


@dataclasses.dataclass(frozen=True)
class Price:
    """What a unit costs, with its range, and who pays."""

    value: float
    low: float
    high: float
    unit: str
    known: str
    payers: tuple[Share, ...]
    text: str
    note: str
    cites: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Delay:
    """A parameter of time, in years; a speed is told as the time that it takes."""

    parameter: str
    label: str
    years: float
    low: float
    high: float
    fitted: float | None
    text: str
    known: str
    cites: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Consequence(Told):
    """A side effect, who bears it, and the outcomes that show it."""

    bearer: str = ""
    outcomes: tuple[Named, ...] = ()


@dataclasses.dataclass(frozen=True)
class Beside(Told):
    """How another lever interacts with this one."""

    lever: str = ""
    label: str = ""


@dataclasses.dataclass(frozen=True)
class LeverSheet:
    """A lever on one page, in one language; ``headings`` are those of the page in their order.

    ``words`` are what a page says between the parts: who bears it, that nothing was announced.
    """

    name: str
    language: str
    label: str
    description: str
    actor: str
    group: str
    unit: str
    range: tuple[float, float]
    departmental: bool
    headings: dict[str, str]
    words: dict[str, str]
    message: tuple[Told, ...]
    dynamics: tuple[Told, ...]
    today: Level
    maximum: Level
    targets: tuple[Level, ...]
    recorded: tuple[Recorded, ...]
    unrecorded: str
    events: tuple[Dated, ...]
    evidence: Standing
    studies: tuple[Study, ...]
    cost: Price
    waits: tuple[Told, ...]
    delays: tuple[Delay, ...]
    signs: tuple[Sign, ...]
    side_effects: tuple[Consequence, ...]
    interactions: tuple[Beside, ...]
    not_modelled: tuple[Told, ...]
    law: Standing
    documents: tuple[Document, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the sheet as plain values."""
        return _plain(dataclasses.asdict(self))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value

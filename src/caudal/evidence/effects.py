"""The published effects: what studies and counts report, and how the simulator may be compared.

One record per effect, in our own words. Title, year, address and how much was read belong to
the source and are told there; the number is told here alone. A ``direction`` has no size: 1 means
that what ``quantity`` names was found, 0 that nothing was, -1 the opposite.
"""

from __future__ import annotations

import functools
import math
from pathlib import Path
from typing import Annotated, Literal

import pydantic

from caudal.core.errors import unknown
from caudal.core.files import data_path
from caudal.core.records import Bilingual, Record, load_keyed, validate
from caudal.evidence.registry import parameters
from caudal.evidence.series import series
from caudal.evidence.source import sources

Topic = Literal[
    "coca_area",
    "spraying",
    "eradication",
    "substitution",
    "development",
    "plan_colombia",
    "leakage",
    "violence",
    "forest",
    "health",
    "economy",
    "trafficking",
    "interdiction",
    "prices",
    "demand",
    "treatment",
    "prevention",
    "regulation",
]
"""What an effect is about."""

Estimand = Literal[
    "local_fixed_price",
    "national_accounting",
    "equilibrium_model",
    "natural_experiment",
    "descriptive",
    "theory",
]
"""What kind of number was estimated; numbers of two kinds are never averaged."""

Band = Literal["interval", "estimates", "quantities"]
"""What ``low`` and ``high`` are: the range of one quantity, several estimates of it, or the
extremes of the several quantities that a record names."""

OF_ONE = ("interval", "estimates")
"""Kinds of ``low`` and ``high`` that tell the range of one quantity."""

Use = Literal["none", "prior", "data"]
"""Where the model took an effect in: nowhere, in the prior of a parameter, or in the record that it
is given or fitted to. Only what was taken in nowhere can test the model."""

Owner = Literal["published", "partly_ours", "sought", "ours"]
"""Whose a range is: a document's; one with an end that is ours; the range that ``experiment`` looks
for, written before the model was run; or ``NEAR`` around the estimate."""

NEAR = 0.25
"""Where neither a document nor ``experiment`` gives a range, a quarter of the estimate on each side
of it is taken (judgement)."""

HOW_READ = {"abstract": "abstract", "quoted elsewhere": "secondary", "not read": "recall"}
"""How an effect was read, by how much of its source was."""


def _known_source(value: str) -> str:
    if value not in sources():
        raise ValueError(f"no source has the id {value}")
    if sources()[value].read not in HOW_READ:
        raise ValueError(f"{value} does not say whether its abstract was read, or who quotes it")
    return value


def _told(value: Bilingual) -> Bilingual:
    if not value.en.strip() or not value.es.strip():
        raise ValueError("expected words in both languages")
    return value


Words = Annotated[Bilingual, pydantic.AfterValidator(_told)]


class Study(Record):
    """A document that is not among ours, behind an effect of one's own."""

    owner: str
    title: str
    date: str
    url: str
    read: Literal["abstract", "quoted elsewhere", "not read"]


class Effect(Record):
    """One published effect; ``experiment`` says what a run must do to stand beside it.

    Money is of ``money_year``, in the dollars of the study. ``band_ours`` names the ends of the
    range that no document states, and ``sought`` is the range that ``experiment`` looks for.
    ``also`` are further topics. ``used_note`` says where the model took the effect in, or why a
    parameter that cites it did not. The document behind it is one of ours, ``source``, or a ``study``
    that is told here.
    """

    id: Annotated[str, pydantic.Field(pattern=r"^[A-Z]\d{2,}$")]
    topic: Topic
    also: tuple[Topic, ...] = ()
    claim: Words
    quantity: Words
    form: Literal["value", "direction"] = "value"
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    band: Band | None = None
    band_ours: tuple[Literal["low", "high"], ...] = ()
    sought: tuple[float, float] | None = None
    unit: str
    money_year: int | None = None
    context: Words
    estimand: Estimand
    source: Annotated[str, pydantic.AfterValidator(_known_source)] = ""
    study: Study | None = None
    used_in: Use
    used_note: Words | None = None
    experiment: Words

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Effect:
        ends = {"low": self.low, "high": self.high}
        stated = [name for name, end in ends.items() if end is not None]
        one_quantity = self.band in OF_ONE
        given = [x for x in (self.low, self.estimate, self.high) if x is not None]
        if not given:
            raise ValueError("expected an estimate, or an end of a range")
        if given != sorted(given):
            raise ValueError("expected low <= estimate <= high")
        if bool(stated) != (self.band is not None):
            raise ValueError("low, high and band go together")
        if not set(self.band_ours) <= set(stated):
            raise ValueError("band_ours names an end that is not given")
        if self.money_year and self.money_year not in series("us_cpi").annual("US", calibrating=True):
            raise ValueError("money_year: no US price index of that year")
        if bool(self.source) == bool(self.study):
            raise ValueError("expected a source, or a study")
        if self.topic in self.also or len(set(self.also)) < len(self.also):
            raise ValueError("each topic once")
        if self.form == "direction" and (
            self.unit != "dimensionless" or stated or self.estimate not in (-1, 0, 1)
        ):
            raise ValueError("a direction is -1, 0 or 1, dimensionless, without a range")
        if self.sought and (
            self.estimate is None or not self.sought[0] <= self.estimate <= self.sought[1] or one_quantity
        ):
            raise ValueError("sought is a range around the estimate, where none of one quantity is given")
        if self.used_in == "data" and self.used_note is None:
            raise ValueError("expected used_note: which record it is in")
        return self

    @property
    def range(self) -> tuple[float, float, Owner] | None:
        """Return the range that a model's value is held against, and whose it is; none of a direction.

        The range of a document, be it of one quantity or of several estimates of it; else
        ``sought``; else a quarter of the estimate on each side. The extremes of several
        quantities are no range of any of them. An end that is not known has no limit.
        """
        if self.form == "direction":
            return None
        if self.band in OF_ONE:
            low = -math.inf if self.low is None else self.low
            high = math.inf if self.high is None else self.high
            return low, high, "partly_ours" if self.band_ours else "published"
        if self.sought:
            return *self.sought, "sought"
        centre = self.estimate or 0.0
        return centre - NEAR * abs(centre), centre + NEAR * abs(centre), "ours"

    @property
    def how_read(self) -> str:
        """Return whether an abstract was read, or only what others quote, or nothing."""
        return HOW_READ[self.study.read if self.study else sources()[self.source].read]

    @property
    def scored(self) -> bool:
        """Return whether a run may be scored against it: never what was only remembered."""
        return self.how_read != "recall"

    @property
    def cited_by(self) -> tuple[str, ...]:
        """Return the parameters whose prior cites its source."""
        return tuple(name for name, record in parameters().items() if self.source in record.source)


class Published(Record):
    """All effects by id, with the words for their topics, kinds, ranges and units."""

    topics: dict[Topic, Words]
    estimands: dict[Estimand, Words]
    bands: dict[Band, Words]
    units: dict[str, Bilingual]
    effects: dict[str, Effect]

    @pydantic.model_validator(mode="after")
    def _named(self) -> Published:
        for name, effect in self.effects.items():
            for kind, words, used in (
                ("topic", self.topics, (effect.topic, *effect.also)),
                ("estimand", self.estimands, (effect.estimand,)),
                ("band", self.bands, (effect.band,) if effect.band else ()),
                ("unit", self.units, (effect.unit,)),
            ):
                unnamed = [one for one in used if one not in words]
                if unnamed:
                    raise ValueError(f"{name}: no words for the {kind} {', '.join(unnamed)}")
        return self


def read_effects(path: Path) -> Published:
    """Read the effects; what is wrong is told with file and line (``CAU-204``)."""
    return validate(Published, load_keyed(path, "effects"), path)


@functools.cache
def published() -> Published:
    """Return the published effects that come with Caudal, and their words."""
    return read_effects(data_path("effects", "effects.yaml"))


def read_more(path: Path) -> Published:
    """Read effects of one's own: the words of ours hold where the file has none of its own."""
    document = load_keyed(path, "effects")
    for group in ("topics", "estimands", "bands", "units"):
        ours = {name: words.model_dump() for name, words in getattr(published(), group).items()}
        document[group] = ours | (document.get(group) or {})
    return validate(Published, document, path)


def unexplained() -> tuple[str, ...]:
    """Return the effects whose use is neither that of the parameters that cite them nor explained."""
    return tuple(
        name
        for name, effect in effects().items()
        if effect.used_note is None and bool(effect.cited_by) != (effect.used_in == "prior")
    )


def effects() -> dict[str, Effect]:
    """Return every effect by id, in file order."""
    return published().effects


def about(topic: str) -> tuple[Effect, ...]:
    """Return the effects about a topic, or offer the nearest topic."""
    if topic not in published().topics:
        raise unknown("name", topic, published().topics, "CAU-107")
    return tuple(e for e in effects().values() if topic in (e.topic, *e.also))


def reported_by(source: str) -> tuple[Effect, ...]:
    """Return the effects that rest on a source."""
    return tuple(effect for effect in effects().values() if effect.source == source)

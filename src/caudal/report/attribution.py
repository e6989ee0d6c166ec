"""Published attributions beside the model's own counterpart: one table, nothing fitted to it.

It is shown for a replay of what happened that is compared with other US aid. The word of a row
says how the model's number stands to the published one of the same kind, and never who is right.
"""

from __future__ import annotations

import dataclasses
import math
import re
from typing import Any

import numpy as np

from caudal.core.messages import catalogue, language, local, text
from caudal.evidence.effects import effects, published
from caudal.evidence.inputs import deflator, inputs
from caudal.evidence.series import series
from caudal.evidence.source import sources
from caudal.explore.robustness import of_result
from caudal.report.comparisons import Comparison, Ratio, comparisons
from caudal.report.counterparts import Runs, quantiles
from caudal.report.findings import value_text
from caudal.report.nodes import figure
from caudal.report.numbers import Writer, is_exact
from caudal.report.replay import AREA, judged_shares, misses_text
from caudal.report.summary import Summary, Triple
from caudal.simulate.experiments import changes_aid
from caudal.simulate.results import Result

HYPHEN = re.compile(r"(?<!\w)-(?=\d)")
"""A hyphen that stands for a minus."""

KINDS = ("record", "replay", "caused")
"""The numbers of a row: totals as recorded and as simulated, and what differs between two runs."""


@dataclasses.dataclass(frozen=True)
class Number:
    """A published number in the model's dollars, with its range where it is of one quantity."""

    value: float
    low: float
    high: float


@dataclasses.dataclass(frozen=True)
class Line:
    """One row of the table, in words and in numbers."""

    id: str
    claim: str
    published: str
    kind: str
    read: str
    cites: tuple[str, ...]
    told: dict[str, str]
    unit: str
    word: str
    note: str
    against: str
    number: Number | None
    values: dict[str, Triple | None]

    def as_json(self) -> dict[str, Any]:
        """Return the row as plain values; a bound without limit is null."""

        def plain(found: Triple | None) -> dict[str, float | None] | None:
            if found is None:
                return None
            named = zip(("p05", "median", "p95"), found, strict=True)
            return {name: value if math.isfinite(value) else None for name, value in named}

        given = None if self.number is None else dataclasses.asdict(self.number)
        return {
            "id": self.id,
            "claim": self.claim,
            "published": given,
            "published_text": self.published,
            "kind": self.kind,
            "read": self.read,
            "sources": list(self.cites),
            "unit": self.unit,
            **{name: plain(self.values[name]) for name in KINDS},
            "against": self.against,
            "word": self.word,
            "note": self.note,
        }


@dataclasses.dataclass(frozen=True)
class Table:
    """The table, and what must be said before it."""

    scenario: str
    first: str
    lines: tuple[Line, ...]


def attribution(result: Result | Summary, write: Writer | None = None) -> Table | None:
    """Return the table for the first scenario that changes US aid, or nothing where none does."""
    summary, write = Summary.of(result), write or Writer()
    without = _other_aid(summary)
    if without is None:
        return None
    runs = Runs(summary, without)
    lines = tuple(_line(row, runs, write) for row in comparisons().rows)
    return Table(without, _first(summary, without, write), lines)


def as_json(result: Result) -> dict[str, Any]:
    """Return the answer of ``--json``: the result, with the table and the robustness where there are any."""
    table = attribution(result)
    found = result.as_json()
    if table is not None:
        rows = [line.as_json() for line in table.lines]
        found["attribution"] = {"scenario": table.scenario, "first": table.first, "rows": rows}
    tried = of_result(result)
    if tried is not None:
        found["robustness"] = tried.model_dump(mode="json")
    return found


def _other_aid(summary: Summary) -> str | None:
    if not summary.happened:
        return None
    happened = summary.scenario(summary.reference)
    return next(
        (n for n in summary.rivals if changes_aid(summary.scenario(n), happened, inputs(), summary.last)),
        None,
    )


def _first(summary: Summary, without: str, write: Writer) -> str:
    """Return what limits all that follows: small, given judgements; misses; hardly any security."""
    judged, total = judged_shares()
    cell = summary.cell(AREA, without)
    return text(
        "replay.published_first",
        change=write.percent(abs(cell.gap[1]) / cell.reference_level),
        year=summary.last,
        judged=judged,
        total=total,
        misses=misses_text(summary, write),
    )


def _line(row: Comparison, runs: Runs, write: Writer) -> Line:
    values = {kind: _value(getattr(row, kind), runs) for kind in KINDS}
    number = _number(row)
    unit = _unit(row)
    words = {k: "" if v is None else _told(v, write) for k, v in values.items()}
    claim = local(row.words)
    kind = row.published or row.series or row.stated
    estimand = getattr(kind, "estimand", None)
    return Line(
        row.effect,
        text("replay.detailed", claim=claim, detail=local(row.detail)) if row.detail else claim,
        HYPHEN.sub(write.minus, _published(row)),
        local(published().estimands[estimand]) if estimand else "",
        _read(row),
        _cites(row),
        {k: f"{w} {unit}".strip() if w else "" for k, w in words.items()},
        unit,
        row.word or _word(number, values[row.against]),
        local(row.note) if row.note else "",
        row.against,
        number,
        values,
    )


def _value(ratio: Ratio | None, runs: Runs) -> Triple | None:
    drawn = None if ratio is None else runs.value(ratio)
    return None if drawn is None else quantiles(drawn)


def _number(row: Comparison) -> Number | None:
    """Return what was published, in dollars of 2020 where it is money of a known year."""
    if row.series:
        value = row.series.times * (
            series(row.series.id).value_at(row.series.entity, row.series.year).value or 0.0
        )
        return Number(value, value, value)
    if row.stated:
        value = row.stated.value
        return None if value is None else Number(value, value, value)
    effect = row.published
    if effect is None or effect.form == "direction":
        return None
    value = getattr(effect, row.use)
    if value is None:
        return None
    if row.per:
        value /= effects()[row.per].estimate or math.nan
        return Number(value, value, value)
    scale = deflator()[effect.money_year] if effect.money_year else 1.0
    one = effect.band in (None, "quantities")
    low, high = (value if one or end is None else end for end in (effect.low, effect.high))
    return Number(scale * value, scale * low, scale * high)


def _published(row: Comparison) -> str:
    """Return the published number in words, as published."""
    effect, number = row.published, _number(row)
    if effect is None:
        return "" if number is None else f"{figure(number.value)} {_unit_of(row)}".strip()
    if row.per:
        return "" if number is None else figure(number.value, 2)
    if effect.band == "quantities":
        return f"{figure(getattr(effect, row.use))} {_unit_of(row)}".strip()
    told = value_text(effect)
    if effect.form == "direction":
        return text("replay.direction", told=told)
    if effect.money_year and number:
        told = text("replay.in_2020", told=told, value=figure(number.value, 3))
    return told


def _unit_of(row: Comparison) -> str:
    if row.per:
        return ""
    about = row.published or row.series or row.stated
    return local(published().units[about.unit]) if about else ""


def _unit(row: Comparison) -> str:
    """Return the unit of the model's numbers."""
    return local(row.unit) if row.unit else _unit_of(row)


def _cites(row: Comparison) -> tuple[str, ...]:
    named = [effects()[name].source for name in (row.effect, row.per) if name]
    if row.stated:
        named += row.stated.cites
    if row.series:
        named += series(row.series.id).value_at(row.series.entity, row.series.year).sources
    return tuple(dict.fromkeys(named))


def _read(row: Comparison) -> str:
    """Return how much was read of what a row rests on."""
    known = catalogue(language(), "replay")
    found = dict.fromkeys(sources()[one].read for one in _cites(row))
    return ", ".join(known.get(f"read_{read.replace(' ', '_')}", read) for read in found)


def _word(number: Number | None, found: Triple | None) -> str:
    """Return how the model's number stands to the published one."""
    if found is None:
        return "not_run"
    if number is None:
        return "none"
    low, middle, high = found
    near = abs(middle - number.value) <= comparisons().close * abs(number.value)
    if near or low <= number.value <= high or number.low <= middle <= number.high:
        return "agrees"
    return "opposite" if np.sign(middle) == -np.sign(number.value) else "other_size"


def _told(found: Triple, write: Writer) -> str:
    """Return a median with two significant figures and its range, which may have no limit."""
    ends = [x for x in found if math.isfinite(x)]
    if not ends:
        return text("replay.no_limit")
    if is_exact(*found):
        return HYPHEN.sub(write.minus, figure(found[1], 3))
    largest, middle = max(map(abs, ends)), abs(found[1])
    coarse = 10.0 ** (math.floor(math.log10(largest)) - 2) if largest else 1.0
    fine = 10.0 ** (math.floor(math.log10(middle)) - 1) if 0.0 < middle < math.inf else coarse
    step = max(coarse, fine)
    low, value, high = (write.number(x, step) if math.isfinite(x) else text("replay.no_limit") for x in found)
    return text("replay.told", value=value, low=low, high=high)

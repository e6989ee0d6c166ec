"""The sheet of a lever: the same headings for each, put together from the records and one short text.

Levels, what happened when it was tried, effects with verdicts, cost, law and evidence come from the
records; message, dynamics, side effects and what is left out from ``data/sheets``.
"""

from __future__ import annotations

import contextvars
import dataclasses
from collections.abc import Iterable

from caudal.core.messages import catalogue, local, text, use_language
from caudal.core.messages import language as in_force
from caudal.evidence.effects import effects
from caudal.evidence.registry import Lever, lever, outcomes, parameters
from caudal.evidence.sheets import SheetText, Statement, sheets
from caudal.evidence.source import NO_ADDRESS, sources
from caudal.evidence.timeline import Event, timeline
from caudal.report.leverchain import cost_text, mentioned, unrecorded
from caudal.report.leverlevels import level_maximum, level_today, recorded, targets, unit_of
from caudal.report.leverstudies import study
from caudal.report.nodes import citation, figure, interval, unit_text
from caudal.report.sheetparts import (
    Beside,
    Consequence,
    Dated,
    Delay,
    Document,
    LeverSheet,
    Named,
    Price,
    Share,
    Sign,
    Standing,
    Told,
)
from caudal.simulate.posterior import fitted

SPEED = "1/year"

WORDS = (
    "judgement",
    "in_model",
    "bearer",
    "raises",
    "lowers",
    "no_targets",
    "no_events",
    "no_studies",
)
"""What a page of a sheet says between its parts."""


def sheet(name: str, language: str | None = None) -> LeverSheet:
    """Return the sheet of a lever in a language, or in the one in force.

    Raises:
        CaudalError: ``CAU-102`` for an unknown lever, with the nearest name.
    """
    return contextvars.copy_context().run(_sheet, name, language)


def _sheet(name: str, code: str | None) -> LeverSheet:
    if code is not None:
        use_language(code)
    record, words = lever(name), sheets()[name]
    found = LeverSheet(
        name=name,
        language=in_force(),
        label=local(record.label),
        description=local(record.description),
        actor=text(f"report.actor_{record.actor}"),
        group=text(f"trace.group_{record.group}"),
        unit=unit_text(record.unit),
        range=record.range,
        departmental=record.departmental,
        headings=_headings(),
        words={name: catalogue(in_force(), "sheets")[name] for name in WORDS},
        message=_told(words.message),
        dynamics=_told(words.dynamics),
        today=level_today(name, record),
        maximum=level_maximum(record),
        targets=targets(name),
        recorded=recorded(record, words),
        unrecorded=unrecorded(record),
        events=_events(name, words),
        evidence=Standing(
            record.evidence,
            text(f"report.evidence_{record.evidence}"),
            local(record.evidence_note),
            tuple(mentioned(record.evidence_note.en)),
        ),
        studies=tuple(study(effects()[one]) for one in words.effects),
        cost=_price(record),
        waits=_told(words.waits),
        delays=tuple(_delay(one) for one in words.delays),
        signs=tuple(Sign(n, local(outcomes()[n].label), sign) for n, sign in record.raises.items()),
        side_effects=tuple(
            Consequence(
                **vars(_one(s)),
                bearer=local(s.bearer),
                outcomes=tuple(Named(n, local(outcomes()[n].label)) for n in s.outcomes),
            )
            for s in words.side_effects
        ),
        interactions=tuple(
            Beside(**vars(_one(s)), lever=s.lever, label=local(lever(s.lever).label))
            for s in words.interactions
        ),
        not_modelled=_told(words.not_modelled),
        law=Standing(
            record.legal.status,
            text(f"report.legal_{record.legal.status}"),
            local(record.legal.text),
            record.legal.source,
        ),
        documents=(),
    )
    return dataclasses.replace(found, documents=_documents(found))


def _headings() -> dict[str, str]:
    words = catalogue(in_force(), "sheets")
    return {n.removeprefix("title_"): told for n, told in words.items() if n.startswith("title_")}


def _one(statement: Statement) -> Told:
    model = tuple(Named(name, _model_label(name)) for name in statement.model)
    return Told(local(statement), statement.cites, model, statement.judgement)


def _model_label(name: str) -> str:
    """Return the label of a parameter or a block."""
    if name in parameters():
        return local(parameters()[name].label)
    return catalogue(in_force(), "structure").get(f"block_{name}", name)


def _told(statements: Iterable[Statement]) -> tuple[Told, ...]:
    return tuple(_one(statement) for statement in statements)


def _events(name: str, words: SheetText) -> tuple[Dated, ...]:
    return tuple(
        _dated(key, event)
        for key, event in timeline().events.items()
        if event.lever == name or key in words.events
    )


def _dated(key: str, event: Event) -> Dated:
    note = local(event.note) if event.note else ""
    size = f"{figure(event.magnitude)} {unit_of(event.unit or '')}" if event.magnitude is not None else ""
    told = " ".join(part for part in (f"{local(event.label)}.", note) if part)
    return Dated(key, event.date, told, event.direction, size, event.confidence, event.cites)


def _price(record: Lever) -> Price:
    cost = record.cost
    return Price(
        cost.value,
        cost.low,
        cost.high,
        cost.unit,
        cost.known,
        tuple(Share(payer, text(f"report.actor_{payer}"), share) for payer, share in cost.payer.items()),
        cost_text(record),
        local(cost.note),
        cost.source,
    )


def _delay(name: str) -> Delay:
    record = parameters()[name]
    prior = record.prior
    ends = [x for x in (prior.low, prior.median, prior.high) if x is not None]
    value = fitted()["values"].get(name)
    if record.unit == SPEED:
        ends = sorted(1.0 / x for x in ends)
        value = None if value is None else 1.0 / value
    low, high = min(ends), max(ends)
    years = 1.0 / prior.median if record.unit == SPEED else prior.median
    label = local(record.label)
    shown = figure(years, 2)
    told = text(
        "sheets.delay_once" if shown == "1" else "sheets.delay_line",
        label=text("sheets.as_time", label=label) if record.unit == SPEED else label,
        years=shown,
        band=interval(float(f"{low:.2g}"), float(f"{high:.2g}")),
        known=text(f"trace.known_{record.known}"),
    )
    return Delay(name, local(record.label), years, low, high, value, told, record.known, record.source)


def _documents(found: LeverSheet) -> tuple[Document, ...]:
    """Return every document that a sheet cites, in order of owner."""
    cited: set[str] = set()
    parts = (
        (found.today, found.evidence, found.law, found.cost),
        found.message,
        found.dynamics,
        (found.maximum, *found.targets),
        found.recorded,
        found.events,
        found.studies,
        found.waits,
        found.delays,
        found.side_effects,
        found.interactions,
        found.not_modelled,
    )
    cited |= {name for part in parts for one in part for name in one.cites}
    known = sorted((sources()[name] for name in cited), key=lambda s: (s.owner.lower(), s.date, s.id))
    return tuple(
        Document(one.id, one.owner, citation(one), "" if one.url in ("", NO_ADDRESS) else one.url)
        for one in known
    )

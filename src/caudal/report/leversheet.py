"""The sheet of a lever: the same headings for each, put together from the records and one short text.

Levels, what happened when it was tried, effects with verdicts, cost, law and evidence come from the
records; message, dynamics, side effects and what is left out from ``data/sheets``.
"""

from __future__ import annotations

import contextvars
import dataclasses
import functools
from collections.abc import Iterable

from caudal.core.clock import FIRST_DECISION, START
from caudal.core.messages import catalogue, local, text, use_language
from caudal.core.messages import language as in_force
from caudal.evidence.effects import Effect, effects, published
from caudal.evidence.inputs import inputs
from caudal.evidence.registry import Lever, lever, outcomes, parameters
from caudal.evidence.series import Series, series, series_ids
from caudal.evidence.sheets import SheetText, Statement, sheets
from caudal.evidence.source import NO_ADDRESS, sources
from caudal.evidence.timeline import Event, timeline
from caudal.explore.trials import program
from caudal.explore.verdicts import Verdict, stored_verdicts
from caudal.report.chains import setting
from caudal.report.findings import value_text
from caudal.report.leverchain import cost_text, mentioned, unrecorded
from caudal.report.nodes import amount, citation, figure, interval, main_entity, note_text, unit_text
from caudal.report.numbers import Writer
from caudal.report.sheetparts import (
    Beside,
    Consequence,
    Dated,
    Delay,
    Document,
    Level,
    LeverSheet,
    Named,
    Price,
    Recorded,
    Share,
    Sign,
    Standing,
    Study,
    Told,
)
from caudal.simulate.document import Line
from caudal.simulate.posterior import fitted
from caudal.simulate.scenario import library, scenario

SPEED = "1/year"


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
        headings={
            name.removeprefix("title_"): words
            for name, words in catalogue(in_force(), "sheets").items()
            if name.startswith("title_")
        },
        message=_told(words.message),
        dynamics=_told(words.dynamics),
        today=_today(name, record),
        maximum=_maximum(record),
        targets=_targets(name, record, words),
        recorded=_recorded(record, words),
        unrecorded=unrecorded(record),
        events=_events(name, words),
        evidence=Standing(
            record.evidence,
            text(f"report.evidence_{record.evidence}"),
            local(record.evidence_note),
            tuple(mentioned(record.evidence_note.en)),
        ),
        studies=tuple(_study(effects()[one]) for one in words.effects),
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


def _one(statement: Statement) -> Told:
    return Told(local(statement), statement.cites, statement.model, statement.judgement)


def _told(statements: Iterable[Statement]) -> tuple[Told, ...]:
    return tuple(_one(statement) for statement in statements)


def today(name: str) -> float:
    """Return the level of a lever in the first year of the baseline that may be decided."""
    return float(_baseline()[name][FIRST_DECISION - START])


@functools.cache
def _baseline():
    return scenario("baseline").paths(inputs(), FIRST_DECISION)


def _today(name: str, record: Lever) -> Level:
    lines = scenario("baseline").document.levers.get(name, ())
    told, cites, kind = "", (), ""
    if lines:
        told, cites, kind = local(lines[0].text), lines[0].cites, lines[0].kind
    value = today(name)
    return Level(
        value,
        FIRST_DECISION,
        amount(value, record.unit),
        told,
        cites,
        kind,
        text(f"report.kind_{kind}") if kind else "",
    )


def _maximum(record: Lever) -> Level:
    most = record.maximum
    return Level(
        most.value,
        most.year,
        amount(most.value, record.unit),
        note_text(most.note),
        most.source,
        "maximum",
        text("report.kind_maximum"),
    )


def targets(name: str) -> tuple[Level, ...]:
    """Return the announced levels of a lever, from dated events and from scenarios, in order of year."""
    return _targets(name, lever(name), sheets()[name])


def _targets(name: str, record: Lever, words: SheetText) -> tuple[Level, ...]:
    label = text("report.kind_target")
    found = []
    for one in words.targets:
        event = timeline().events[one]
        if event.magnitude is not None:
            year, value = int(event.date[:4]), event.magnitude
            found.append(
                Level(
                    value, year, amount(value, record.unit), local(event.label), event.cites, "target", label
                )
            )
    for one in library().values():
        for line in one.document.levers.get(name, ()):
            if line.kind == "target":
                found.append(_announced(name, line, label))
    return tuple(sorted(found, key=lambda level: level.year))


def _announced(name: str, line: Line, label: str) -> Level:
    told = f"{setting(name, line)}. {local(line.text)}"
    return Level(
        line.value, line.start, amount(line.value, lever(name).unit), told, line.cites, "target", label
    )


def _recorded(record: Lever, words: SheetText) -> tuple[Recorded, ...]:
    own = (record.history,) if record.history in series_ids() else ()
    found = []
    for name in dict.fromkeys((*own, *words.series)):
        about = series(name)
        entity = main_entity(about)
        points = tuple(about.annual(entity).items())
        if not points:
            continue
        peak, last = max(points, key=lambda point: point[1]), points[-1]
        told = text(
            "sheets.recorded_line",
            label=local(about.label),
            years=Writer().years([year for year, _ in points]),
            peak=f"{figure(peak[1])} {_unit(about)}",
            peak_year=peak[0],
            last=f"{figure(last[1])} {_unit(about)}",
            last_year=last[0],
        )
        cites = tuple(
            dict.fromkeys(s for year in (peak[0], last[0]) for s in about.value_at(entity, year).sources)
        )
        found.append(
            Recorded(name, local(about.label), entity, _unit(about), points, peak, last, told, cites)
        )
    return tuple(found)


def _unit(about: Series) -> str:
    """Return the unit of a series in words; money is of each year unless the series says another."""
    if "USD" in about.unit:
        return text("sheets.money_of", year=about.money_year) if about.money_year else text("sheets.money")
    words = catalogue(in_force(), "sheets")
    return words.get(f"unit_{about.unit.replace('/', '_per_')}", unit_text(about.unit))


def _events(name: str, words: SheetText) -> tuple[Dated, ...]:
    return tuple(
        _dated(key, event)
        for key, event in timeline().events.items()
        if event.lever == name or key in words.events
    )


def _dated(key: str, event: Event) -> Dated:
    note = local(event.note) if event.note else ""
    size = amount(event.magnitude, event.unit) if event.magnitude is not None and event.unit else ""
    told = " ".join(part for part in (f"{local(event.label)}.", note) if part)
    return Dated(key, event.date, told, event.direction, size, event.confidence, event.cites)


@functools.cache
def _verdicts() -> dict[str, Verdict]:
    return {one.id: one for one in stored_verdicts()}


def _study(effect: Effect) -> Study:
    found, trial = _verdicts().get(effect.id), program().trials.get(effect.id)
    reasons = (trial.out_of_scope, trial.why) if trial else ()
    model = ""
    if found is not None and found.whose is None and found.right is not None:
        model = text("validate.probability", percent=f"{100.0 * found.right:.0f}")
    elif found is not None and found.found is not None:
        low, middle, high = (figure(value, 3) for value in found.found)
        model = text("report.level", level=middle, band=text("report.range", low=low, high=high))
    return Study(
        effect=effect.id,
        claim=local(effect.claim),
        quantity=local(effect.quantity),
        value=value_text(effect),
        kind=local(published().estimands[effect.estimand]),
        context=local(effect.context),
        read=effect.how_read,
        used_in=effect.used_in,
        verdict=found.word if found else "",
        verdict_label=text(f"validate.word_{found.word}") if found else "",
        standing_label=text(f"sheets.standing_{found.standing}") if found else "",
        model=model,
        why=next((local(reason) for reason in reasons if reason), ""),
        cites=(effect.source,) if effect.source else (),
    )


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
    told = text(
        "sheets.delay_line",
        label=local(record.label),
        years=figure(years, 2),
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

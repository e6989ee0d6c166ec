"""Record cards: what a parameter, lever, outcome or scenario is, as labelled lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from caudal.core.clock import START
from caudal.core.messages import catalogue, language, local, text
from caudal.evidence.registry import Prior, lever, levers, outcome, outcomes, parameter, parameters
from caudal.evidence.series import series
from caudal.evidence.source import sources
from caudal.report.chains import setting
from caudal.report.leverchain import cost_text, mentioned, unrecorded
from caudal.report.nodes import amount, citation, figure, interval, note_text, prior_text, unit_text
from caudal.simulate.document import Document
from caudal.simulate.posterior import fitted
from caudal.simulate.scenario import library, scenario

Line = tuple[str, tuple[str, ...]]
"""A label, and what stands beside it, a paragraph each."""


def heading(name: str, label: str) -> str:
    """Return the first line of a card."""
    return text("trace.card_heading", name=name, label=label)


def parameter_card(name: str) -> list[Line]:
    """Return a parameter's card."""
    record = parameter(name)
    value = fitted()["values"].get(name)
    known = text(f"trace.known_{record.known}")
    lines = [
        _line("block", record.block),
        _line("unit", unit_text(record.unit) or record.unit),
        _line("prior", f"{prior_text(record)}, {text(f'trace.family_{record.prior.family}')}"),
        _line("bounds", interval(*record.bounds)),
        _line("fitted", _fitted(value)),
        _line("known", text("trace.card_known_line", known=known, year=record.prior_as_of)),
        _raises(record.raises),
        _line("note", note_text(record.note)),
        _cited(record.source),
    ]
    return [line for line in lines if any(line[1])]


def _fitted(value: float | None) -> str:
    """Return where the posterior puts a parameter, or that it is not fitted."""
    if value is None:
        return text("trace.card_not_fitted")
    return text("trace.card_median", value=figure(value, 4))


def lever_card(name: str) -> list[Line]:
    """Return a lever's card."""
    record = lever(name)
    most = amount(record.maximum.value, record.unit)
    note = local(record.maximum.note) if record.maximum.note else ""
    groups = catalogue(language(), "trace")
    history = unrecorded(record) or _named(record.history)
    lines = [
        ("", (local(record.description),)),
        _line("actor", text(f"report.actor_{record.actor}")),
        _line("group", groups.get(f"group_{record.group}", record.group)),
        _line("range", f"{interval(*record.range)} {unit_text(record.unit)}".strip()),
        _line("departments", text("trace.card_yes" if record.departmental else "trace.card_no")),
        (text("trace.title_history"), (history,)),
        (
            text("trace.title_maximum"),
            (
                text("trace.maximum", value=most, year=record.maximum.year),
                note,
                _owners(record.maximum.source),
            ),
        ),
        (
            text("trace.title_cost"),
            (cost_text(record), local(record.cost.note), _owners(record.cost.source)),
        ),
        (
            text("trace.title_legal"),
            (
                text(f"report.legal_{record.legal.status}"),
                local(record.legal.text),
                _owners(record.legal.source),
            ),
        ),
        (
            text("trace.title_evidence"),
            (
                text(f"report.evidence_{record.evidence}"),
                local(record.evidence_note),
                _owners(mentioned(record.evidence_note.en)),
            ),
        ),
        _raises(record.raises),
    ]
    return [(label, tuple(filter(None, told))) for label, told in lines if any(told)]


def outcome_card(name: str) -> list[Line]:
    """Return an outcome's card."""
    record = outcome(name)
    lines = [
        ("", (local(record.definition),)),
        _line("unit", record.stored_unit),
        _line("shown_unit", local(record.shown_unit) if record.shown_unit else ""),
        _line("kind", text(f"trace.outcome_{record.kind}")),
        _line("block", record.block),
        _line("report", text("trace.card_yes" if record.report else "trace.card_no")),
    ]
    if not record.observed:
        lines.append(_line("observed", text("trace.not_observed")))
    for name_of_series in record.observed:
        rows = series(name_of_series).values(record.entity or None)
        lines.append(_line("observed", _named(name_of_series), _owners(s for r in rows for s in r.sources)))
    return [line for line in lines if any(line[1])]


def scenario_card(name: str) -> list[Line]:
    """Return a scenario's card, every line with what it rests on."""
    document = scenario(name).document
    lines: list[Line] = [
        _line("question", local(document.question)),
        ("", (local(document.description),)),
        _line("aliases", ", ".join(document.aliases)),
        _line("author", text("trace.scenario_line", author=document.author, date=document.date)),
        _line("builds", ", ".join([*([document.baseline] if document.baseline else []), *document.compose])),
    ]
    dated = scenario_events(document)
    if document.replay:
        lines.append(_line("years", text("trace.card_replay", start=START, end=document.replay)))
    if document.branches_from:
        lines.append(_line("branches", _event(document.branches_from, dated)))
    for changed, entries in document.levers.items():
        for entry in entries:
            kind = text(f"report.kind_{entry.kind}")
            set_to = setting(changed, entry)
            title = text("trace.card_line", lever=local(lever(changed).label), setting=set_to, kind=kind)
            told = (title, local(entry.text), _owners(entry.cites))
            if entry.event:
                told = (title, text("trace.card_since", event=_event(entry.event, dated)), *told[1:])
            lines.append((changed, told))
    if not document.levers:
        lines.append(_line("lines", text("trace.card_no_lines")))
    lines.append(_line("references", *_citations(document.reference)))
    return [line for line in lines if any(line[1])]


def scenario_events(document: Document) -> dict[str, dict[str, Any]]:
    """Return the dated events that a scenario or one of its lines starts from: date and label."""
    lines = (line.event for entries in document.levers.values() for line in entries)
    names = [name for name in dict.fromkeys((document.branches_from, *lines)) if name]
    if not names:
        return {}
    from caudal.evidence.timeline import timeline  # only where a scenario has events: it loads units

    found = {name: timeline().events[name] for name in names}
    return {name: {"date": one.date, "label": one.label.model_dump()} for name, one in found.items()}


def _event(name: str, dated: Mapping[str, Mapping[str, Any]]) -> str:
    """Return an event in words, with its date."""
    return text("trace.card_event", event=local(dated[name]["label"]), date=dated[name]["date"], id=name)


def _line(key: str, *told: str) -> Line:
    return text(f"trace.card_{key}"), told


def _named(name: str) -> str:
    """Return a series' id and label."""
    return text("trace.card_heading", name=name, label=local(series(name).label))


def _raises(signs: Mapping[str, int]) -> Line:
    """Return what more of a thing raises and lowers."""
    told = "; ".join(
        text("trace.card_higher" if sign > 0 else "trace.card_lower", outcome=local(outcomes()[name].label))
        for name, sign in signs.items()
    )
    return _line("raises", told)


def _citations(names: Iterable[str]) -> tuple[str, ...]:
    known = (sources()[name] for name in dict.fromkeys(names) if name in sources())
    return tuple(text("trace.card_item", item=citation(one)) for one in known)


def _cited(names: Iterable[str]) -> Line:
    return _line("sources", *(_citations(names) or (text("trace.card_no_source"),)))


def _owners(names: Iterable[str]) -> str:
    """Return documents in short: owner and id."""
    return "; ".join(
        text("trace.document", owner=sources()[n].owner, id=n) for n in dict.fromkeys(names) if n in sources()
    )


def parameter_table() -> tuple[list[str], list[list[str]]]:
    """Return the parameters as a table."""
    rows = [
        [
            name,
            local(record.label),
            record.unit,
            _prior(record.prior),
            text(f"trace.known_{record.known}"),
            str(len(record.source)),
            record.block,
        ]
        for name, record in parameters().items()
    ]
    return _head("name", "label", "unit", "prior", "known", "sources", "block"), rows


def _prior(prior: Prior) -> str:
    """Return a prior for a table: median and range."""
    if prior.low is None or prior.high is None:
        return figure(prior.median)
    return text("report.level", level=figure(prior.median), band=interval(prior.low, prior.high))


def lever_table() -> tuple[list[str], list[list[str]]]:
    """Return the levers as a table."""
    rows = [
        [
            name,
            local(record.label),
            record.unit,
            interval(*record.range),
            text(f"report.actor_{record.actor}"),
            text(f"report.evidence_{record.evidence}"),
        ]
        for name, record in levers().items()
    ]
    return _head("name", "label", "unit", "range", "actor", "evidence"), rows


def outcome_table() -> tuple[list[str], list[list[str]]]:
    """Return the outcomes as a table."""
    rows = [
        [name, local(record.label), record.stored_unit, record.block, str(len(record.observed))]
        for name, record in outcomes().items()
    ]
    return _head("name", "label", "unit", "block", "series"), rows


def scenario_list() -> list[tuple[str, str]]:
    """Return (name, aliases and title; question) of every scenario."""
    found = []
    for name, one in library().items():
        document = one.document
        key = "listed_scenario_alias" if document.aliases else "listed_scenario"
        told = text(
            f"trace.{key}", name=name, aliases=", ".join(document.aliases), title=local(document.title)
        )
        found.append((told, local(document.question)))
    return found


def _head(*keys: str) -> list[str]:
    return [text(f"trace.column_{key}") for key in keys]

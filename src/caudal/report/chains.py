"""What stands behind each kind of name: the trees of parameters, levers, outcomes, series, scenarios.

Each builder takes a name, refuses an unknown one, and returns the root of its tree.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable

from caudal.core.messages import catalogue, language, local, text
from caudal.evidence.inputs import Fill, inputs
from caudal.evidence.registry import Lever, lever, levers, outcome, outcomes, parameter, parameters
from caudal.evidence.series import series, series_ids
from caudal.evidence.source import source, sources
from caudal.report.equations import equation, home, measured, uses
from caudal.report.feeds import block_inputs, series_inputs, upstream
from caudal.report.nodes import (
    Node,
    amount,
    both,
    code_node,
    equation_node,
    figure,
    figures_node,
    interval,
    main_entity,
    note_text,
    parameter_files,
    parameters_node,
    prior_text,
    resting,
    same,
    series_node,
    series_reference,
    series_text,
    source_nodes,
    unit_text,
)
from caudal.report.numbers import Writer
from caudal.report.provenance import input_label
from caudal.simulate.run import fitted
from caudal.simulate.scenario import Line, library, scenario

IDENTIFIER = re.compile(r"\b[a-z]{3}\.\w+")
"""What a source's id looks like inside a text."""

UNRECORDED = ("none", "constant")
"""Histories of levers that no series records year by year."""


def _parameter(name: str) -> Node:
    """Return a parameter: prior, fit, equation, code, what it stands for, documents."""
    record = parameter(name)
    prior = text(
        "trace.prior",
        prior=prior_text(record),
        family=text(f"trace.family_{record.prior.family}"),
        known=text(f"trace.known_{record.known}"),
        year=record.prior_as_of,
        bounds=interval(*record.bounds),
    )
    children = [
        Node("prior", both("title_prior"), text=prior, children=resting(record.source, record.known)),
    ]
    value = fitted()["values"].get(name)
    if value is not None:
        told = text("trace.fitted", value=amount(float(f"{value:.4g}"), record.unit))
        children.append(Node("fitted", both("title_fitted"), text=told, value=value, unit=record.unit))
    if record.note:
        children.append(Node("note", both("title_note"), text=note_text(record.note)))
    children += _equations(parameter_files(name, record))
    children.append(code_node("parameter", name))
    children += _fills(lambda fill: fill.parameter == name)
    return Node(
        "parameter",
        record.label,
        name,
        text("trace.parameter_of", block=record.block),
        record.prior.median,
        record.prior.low,
        record.prior.high,
        record.unit,
        str(record.prior_as_of),
        record.known,
        children=tuple(children),
    )


def _lever(name: str) -> Node:
    """Return a lever: record, maximum, cost, law, evidence, the equations that read it."""
    record = lever(name)
    read = tuple(dict.fromkeys(u.file for u in uses("lever", name)))
    blocks = [b for b in _blocks_of(read) if any(p.block == b for p in parameters().values())]
    of_blocks = [found for b in blocks if (found := parameters_node(b))]
    told = text(
        "trace.lever_line",
        actor=text(f"report.actor_{record.actor}"),
        range=interval(*record.range),
        unit=unit_text(record.unit),
    )
    children = (
        Node("description", both("title_description"), text=local(record.description)),
        _history(record),
        _maximum(record),
        _cost(record),
        Node(
            "legal",
            both("title_legal"),
            text=f"{text(f'report.legal_{record.legal.status}')}. {local(record.legal.text)}",
            children=resting(record.legal.source),
        ),
        Node(
            "evidence",
            both("title_evidence"),
            text=f"{text(f'report.evidence_{record.evidence}')}. {local(record.evidence_note)}",
            known=record.evidence,
            children=source_nodes(mentioned(record.evidence_note.en)),
        ),
        code_node("lever", name),
        *_equations(read),
        *of_blocks,
    )
    return Node(
        "lever",
        record.label,
        name,
        told,
        low=record.range[0],
        high=record.range[1],
        unit=record.unit,
        known=record.evidence,
        children=children,
    )


def mentioned(words: str) -> list[str]:
    """Return the documents that a text names by their ids."""
    return [found for found in IDENTIFIER.findall(words) if found in sources()]


def _history(record: Lever) -> Node:
    title = both("title_history")
    if record.history in series_ids():
        return Node("history", title, record.history, children=(series_node(record.history),))
    if record.history in UNRECORDED:
        return Node("history", title, record.history, text(f"trace.history_{record.history}"))
    return Node("history", title, record.history, dead_end="no_record")


def _maximum(record: Lever) -> Node:
    most = record.maximum
    told = text("trace.maximum", value=amount(most.value, record.unit), year=most.year)
    if most.note is not None:
        told += f" {local(most.note)}"
    rests = source_nodes(most.source)
    if not rests and most.note is None:
        rests = resting(())
    return Node(
        "maximum",
        both("title_maximum"),
        text=told,
        value=most.value,
        unit=record.unit,
        year=str(most.year),
        children=rests,
    )


def cost_text(record: Lever) -> str:
    """Return the unit cost of a lever and who pays, in words."""
    cost = record.cost
    if cost.value == 0.0:
        return text("report.unit_cost_none")
    words = catalogue(language(), "report")
    payers = ", ".join(
        text("report.payer_share", payer=text(f"report.actor_{payer}"), share=Writer().percent(share))
        for payer, share in cost.payer.items()
    )
    return text(
        "report.unit_cost",
        value=figure(cost.value),
        low=figure(cost.low),
        high=figure(cost.high),
        unit=words.get(f"cost_unit_{cost.unit.replace('/', '_per_')}", unit_text(cost.unit)),
        payers=payers,
    )


def _cost(record: Lever) -> Node:
    cost = record.cost
    return Node(
        "cost",
        both("title_cost"),
        text=f"{cost_text(record)}. {local(cost.note)}",
        value=cost.value,
        low=cost.low,
        high=cost.high,
        unit=cost.unit,
        known=cost.known,
        children=resting(cost.source, cost.known),
    )


def _outcome(name: str) -> Node:
    """Return an outcome: definition, figures, equation, inputs, parameters, filled years."""
    record = outcome(name)
    file = home(record.block)
    lines = measured(name)
    children = [Node("definition", both("title_definition"), text=local(record.definition))]
    for observed in record.observed:
        found = series_node(observed, record.entity)
        error = fitted()["log_rmse"].get(f"{name}~{observed}")
        if error is not None:
            told = found.text + text("trace.fit_error", error=figure(error, 2))
            found = dataclasses.replace(found, text=told)
        children.append(found)
    if not record.observed:
        children.append(Node("observed", both("title_observed"), text=text("trace.not_observed")))
    if lines:
        children.append(Node("code", both("title_measured"), text="\n".join(lines)))
    children += _equations([file or record.block])
    children += _inputs(file)
    of_block = parameters_node(record.block)
    if of_block:
        children.append(of_block)
    if record.block == "cost":
        children.append(_lever_costs())
    children += _upstream(record.block, told=of_block is None)
    own = {n for n, p in parameters().items() if p.block == record.block}
    children += _fills(lambda fill: fill.parameter in own or fill.input in record.observed)
    unit = local(record.shown_unit) if record.shown_unit else record.unit
    told = text("trace.outcome_line", block=record.block, unit=unit)
    return Node("outcome", record.label, name, told, unit=record.stored_unit, children=tuple(children))


def _lever_costs() -> Node:
    """Return the unit cost of every lever, on which public cost rests."""
    found = tuple(
        dataclasses.replace(_cost(record), name=name, title=record.label) for name, record in levers().items()
    )
    return Node("costs", both("title_costs"), children=found)


def _equations(files: Iterable[str]) -> list[Node]:
    """Return the equations of modules, or one dead end where none of them has any."""
    files = list(files)
    found = [equation_node(file) for file in files if equation(file) is not None]
    return found or [equation_node(files[0] if files else "")]


def _blocks_of(files: Iterable[str]) -> list[str]:
    """Return the blocks that some modules hold."""
    found = {p.block: home(p.block) for p in parameters().values()}
    return [block for file in files for block, own in found.items() if own == file]


def _upstream(block: str, told: bool) -> list[Node]:
    """Return the blocks that a block rests on; told in full for a block without parameters."""
    names = upstream(block)
    if not names:
        return []
    if not told:
        return [Node("upstream", both("title_upstream"), text=", ".join(names))]
    found: list[Node] = []
    for name in names:
        found += _equations([home(name)])
        found += _inputs(home(name))
        own = parameters_node(name)
        if own:
            found.append(own)
    return [Node("upstream", both("title_upstream"), children=tuple(found))]


def _inputs(file: str) -> list[Node]:
    """Return what a block takes as given, with the series behind it."""
    by_series: dict[tuple[str, ...], list[str]] = {}
    for name, those in block_inputs(file).items():
        by_series.setdefault(those, []).append(name)
    if not by_series:
        return []
    found = tuple(
        Node(
            "input",
            same(", ".join(joined)),
            children=tuple(map(series_reference, those)),
        )
        for those, joined in by_series.items()
    )
    return [Node("inputs", both("title_inputs"), children=found)]


def _fills(wanted: Callable[[Fill], bool]) -> list[Node]:
    """Return the years without a record that concern a trace, and how they were filled."""
    found = []
    for fill in inputs().fills:
        if not wanted(fill):
            continue
        told = text(
            "trace.fill",
            years=Writer().years(list(fill.years)),
            method=text(f"report.fill_{fill.method}"),
            parameter=fill.parameter,
        )
        found.append(Node("fill", same(input_label(fill.input)), fill.input, told))
    return [Node("fills", both("title_fill"), children=tuple(found))] if found else []


def _series(name: str) -> Node:
    """Return a series: figures, known errors, rivals, where it is used, documents."""
    record = series(name)
    children = [
        Node("definition", both("title_definition"), text=local(record.definition)),
        figures_node(record),
    ]
    errors = []
    for error in record.known_errors:
        told = text(
            "trace.known_error",
            action=text(f"evidence.action_{error.action}"),
            reason=local(error.reason),
        )
        entity = text("trace.every_entity") if error.entity == "*" else error.entity
        title = same(f"{entity}, {error.year.replace('..', '-')}")
        cited = source_nodes([error.source] if error.source else [])
        errors.append(Node("known_error", title, year=error.year, text=told, children=cited))
    if errors:
        children.append(Node("known_errors", both("title_known_error"), children=tuple(errors)))
    if record.rivals:
        rivals = tuple(series_reference(rival) for rival in record.rivals)
        children.append(Node("rivals", both("title_rivals"), children=rivals))
    users = [f"outcome:{n}" for n, o in outcomes().items() if name in o.observed]
    users += [f"lever:{n}" for n, r in levers().items() if r.history == name]
    told = ", ".join([*users, *(text("trace.input", name=field) for field in series_inputs(name))])
    children.append(Node("used", both("title_used"), text=told or text("trace.not_used")))
    told = text("trace.series_of", unit=record.unit, vintage=record.as_of, entity=main_entity(record))
    return Node(
        "series",
        record.label,
        name,
        f"{told} {series_text(record, record.rows)}",
        unit=record.unit,
        children=tuple(children),
    )


def _scenario(name: str) -> Node:
    """Return a scenario: what it sets, when, by how much, and what each line rests on."""
    document = scenario(name).document
    children = [
        Node("question", both("title_question"), text=local(document.question)),
        Node("description", both("title_description"), text=local(document.description)),
    ]
    before = [*([document.baseline] if document.baseline else []), *document.compose]
    for part in before:
        children.append(Node("part", both("title_part"), part, local(scenario(part).document.title)))
    for changed, lines in document.levers.items():
        children += [_line(changed, line) for line in lines]
    cited = source_nodes(document.reference)
    children.append(Node("references", both("title_references"), children=cited))
    told = text("trace.scenario_line", author=document.author, date=document.date)
    return Node("scenario", document.title, name, told, children=tuple(children))


def setting(name: str, line: Line) -> str:
    """Return what a line of a scenario sets: 138,775 ha a year from 2026, reached over 2 years."""
    value = amount(line.value, lever(name).unit)
    key = "setting_ramp" if line.ramp else "setting"
    told = text(f"report.{key}", value=value, start=line.start, ramp=line.ramp)
    if line.to:
        told += text("report.setting_until", to=line.to)
    if line.departments:
        told += f" ({', '.join(line.departments)})"
    return told


def _line(name: str, line: Line) -> Node:
    kind = text(f"report.kind_{line.kind}")
    told = text("trace.line", setting=setting(name, line), kind=kind, words=local(line.text))
    return Node(
        "line",
        lever(name).label,
        name,
        told,
        line.value,
        unit=lever(name).unit,
        year=str(line.start),
        known=line.kind,
        children=resting(line.cites),
    )


def _source(name: str) -> Node:
    """Return a document and everything that cites it."""
    document = source(name)
    cited: dict[str, list[str]] = {}
    for series_name in series_ids():
        count = sum(name in row.sources for row in series(series_name).rows)
        if count:
            cited.setdefault("series", []).append(
                text("trace.cited_figures", series=series_name, count=count)
            )
    cited["parameter"] = [n for n, p in parameters().items() if name in p.source]
    cited["lever"] = [
        n
        for n, r in levers().items()
        if name in (*r.maximum.source, *r.cost.source, *r.legal.source, *mentioned(r.evidence_note.en))
    ]
    cited["scenario"] = [
        n
        for n, s in library().items()
        if name in s.document.reference
        or any(name in line.cites for lines in s.document.levers.values() for line in lines)
    ]
    children = tuple(
        Node("cited", both(f"title_cited_{kind}"), kind, ", ".join(those))
        for kind, those in cited.items()
        if those
    )
    read = Node("read", both("title_read"), text=document.read)
    return Node("document", same(document.title), name, children=(*source_nodes([name]), read, *children))


BUILDERS: dict[str, Callable[[str], Node]] = {
    "parameter": _parameter,
    "lever": _lever,
    "outcome": _outcome,
    "series": _series,
    "scenario": _scenario,
    "source": _source,
}

"""What stands behind each kind of name: the trees of parameters, levers, outcomes, series, scenarios.

Each builder takes a name, refuses an unknown one, and returns the root of its tree.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from caudal.core.messages import local, text
from caudal.evidence.effects import reported_by
from caudal.evidence.inputs import Fill, inputs
from caudal.evidence.registry import lever, levers, outcome, outcomes, parameter, parameters
from caudal.evidence.series import series, series_ids
from caudal.evidence.source import source
from caudal.report.equations import home, measured
from caudal.report.feeds import block_inputs, series_inputs, upstream
from caudal.report.findings import effect_node
from caudal.report.leverchain import lever_costs, lever_tree, mentioned
from caudal.report.nodes import (
    Node,
    amount,
    both,
    code_node,
    equation_nodes,
    figure,
    figures_node,
    interval,
    main_entity,
    note_text,
    parameter_files,
    parameter_step,
    parameters_node,
    prior_text,
    resting,
    same,
    series_node,
    series_reference,
    series_text,
    source_nodes,
)
from caudal.report.numbers import Writer
from caudal.report.provenance import input_label
from caudal.simulate.document import Line
from caudal.simulate.posterior import fitted
from caudal.simulate.scenario import library, scenario


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
    children += equation_nodes(parameter_files(name, record))
    children.append(code_node("parameter", name))
    children += _fills(lambda fill: fill.parameter == name)
    return parameter_step(name, text("trace.parameter_of", block=record.block), tuple(children))


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
    children += equation_nodes([file or record.block])
    children += _inputs(file)
    of_block = parameters_node(record.block)
    if of_block:
        children.append(of_block)
    if record.block == "cost":
        children.append(lever_costs())
    children += _upstream(record.block, told=of_block is None)
    own = {n for n, p in parameters().items() if p.block == record.block}
    children += _fills(lambda fill: fill.parameter in own or fill.input in record.observed)
    unit = local(record.shown_unit) if record.shown_unit else record.unit
    told = text("trace.outcome_line", block=record.block, unit=unit)
    return Node("outcome", record.label, name, told, unit=record.stored_unit, children=tuple(children))


def _upstream(block: str, told: bool) -> list[Node]:
    """Return the blocks that a block rests on; told in full for a block without parameters."""
    names = upstream(block)
    if not names:
        return []
    if not told:
        return [Node("upstream", both("title_upstream"), text=", ".join(names))]
    found: list[Node] = []
    for name in names:
        found += equation_nodes([home(name)])
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
    """Return a document, what it reports and everything that cites it."""
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
    reports = tuple(effect_node(effect) for effect in reported_by(name))
    uses = tuple(
        Node("cited", both(f"title_cited_{kind}"), kind, ", ".join(those))
        for kind, those in cited.items()
        if those
    )
    read = Node("read", both("title_read"), text=document.read)
    return Node(
        "document", same(document.title), name, children=(*source_nodes([name]), read, *reports, *uses)
    )


BUILDERS: dict[str, Callable[[str], Node]] = {
    "parameter": _parameter,
    "lever": lever_tree,
    "outcome": _outcome,
    "series": _series,
    "scenario": _scenario,
    "source": _source,
}

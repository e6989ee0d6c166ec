"""What stands behind a lever: record, maximum, cost, law, evidence, and the equations that read it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

from caudal.core.messages import catalogue, language, local, text
from caudal.evidence.registry import Lever, lever, levers, parameters
from caudal.evidence.series import series_ids
from caudal.evidence.source import sources
from caudal.report.equations import home, uses
from caudal.report.nodes import (
    Node,
    amount,
    both,
    code_node,
    equation_nodes,
    figure,
    interval,
    parameters_node,
    resting,
    series_node,
    source_nodes,
    unit_text,
)
from caudal.report.numbers import Writer

IDENTIFIER = re.compile(r"\b[a-z]{3}\.\w+")
"""What a source's id looks like inside a text."""

UNRECORDED = ("events", "constant")
"""Histories of levers that no series records year by year."""


def lever_tree(name: str) -> Node:
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
        *equation_nodes(read),
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


def unrecorded(record: Lever) -> str:
    """Return what history runs at where a lever has no yearly series, else nothing."""
    if record.history not in UNRECORDED:
        return ""
    return text(f"trace.history_{record.history}", value=amount(record.held, record.unit))


def _history(record: Lever) -> Node:
    title = both("title_history")
    if record.history in series_ids():
        return Node("history", title, record.history, children=(series_node(record.history),))
    if record.history in UNRECORDED:
        return Node("history", title, record.history, unrecorded(record))
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


def _blocks_of(files: Iterable[str]) -> list[str]:
    """Return the blocks that some modules hold."""
    found = {p.block: home(p.block) for p in parameters().values()}
    return [block for file in files for block, own in found.items() if own == file]


def lever_costs() -> Node:
    """Return the unit cost of every lever, on which public cost rests."""
    found = tuple(
        dataclasses.replace(_cost(record), name=name, title=record.label) for name, record in levers().items()
    )
    return Node("costs", both("title_costs"), children=found)

"""Where a number comes from: number, equation, parameters, data rows, document.

``trace`` answers for any parameter, lever, outcome, series, scenario or source, and
``trace_result`` for a saved result. A node that should lead on and does not is a dead end;
``dead_ends`` lists those of every name, and is empty.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from caudal.core.errors import unknown
from caudal.core.messages import local, text
from caudal.evidence.registry import levers, outcomes, parameters
from caudal.evidence.series import data_digest, series_ids
from caudal.evidence.source import sources
from caudal.report.chains import BUILDERS
from caudal.report.findings import findings_json
from caudal.report.nodes import Node, both, same
from caudal.report.numbers import Writer
from caudal.simulate.run import step_hash
from caudal.simulate.scenario import aliases, library

FULL = ("equation", "code", "words", "figures", "parameters", "inputs", "input", "costs")
"""Nodes of which a result's trace gives the title alone."""


@dataclasses.dataclass(frozen=True)
class Trace:
    """The tree of one name; ``also`` are other things of the same name."""

    kind: str
    name: str
    root: Node
    also: tuple[str, ...] = ()

    def dead_ends(self) -> list[str]:
        """Return the path of every node that should lead on and does not, with the reason."""
        return [
            f"{self.kind}:{' > '.join(path)}: {node.dead_end}"
            for path, node in self.root.walk()
            if node.dead_end
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the tree as plain values, each document once under ``sources``."""
        return {
            "name": self.name,
            "kind": self.kind,
            "also": list(self.also),
            "tree": self.root.as_json(),
            "sources": {s.id: s.model_dump(exclude={"id"}) | findings_json(s.id) for s in self.root.cited()},
            "dead_ends": self.dead_ends(),
        }


def names() -> dict[str, tuple[str, ...]]:
    """Return every name that can be traced, by kind, in the order in which a name is looked up."""
    return {
        "parameter": tuple(parameters()),
        "lever": tuple(levers()),
        "outcome": tuple(outcomes()),
        "series": series_ids(),
        "scenario": tuple(library()),
        "source": tuple(sources()),
    }


def trace(name: str) -> Trace:
    """Return the trace of a name, or of ``KIND:NAME`` where two kinds share one.

    Raises:
        CaudalError: nothing has that name; the nearest that exists is offered.
    """
    kind, colon, rest = name.partition(":")
    known = names()
    if colon and kind in known:
        return Trace(kind, rest, BUILDERS[kind](rest))
    if name.endswith((".yaml", ".yml")):
        return Trace("scenario", name, BUILDERS["scenario"](name))
    wanted = aliases().get(name, name)
    kinds = [kind for kind, those in known.items() if wanted in those]
    if not kinds:
        every = dict.fromkeys(n for those in known.values() for n in (*those, *aliases()))
        raise unknown("name", name, every, "CAU-107")
    also = tuple(f"{kind}:{wanted}" for kind in kinds[1:])
    return Trace(kinds[0], wanted, BUILDERS[kinds[0]](wanted), also)


def dead_ends() -> list[str]:
    """Return every dead end of every parameter, lever, outcome, series and scenario."""
    kinds = ("parameter", "lever", "outcome", "series", "scenario")
    known = names()
    return [end for kind in kinds for name in known[kind] for end in trace(f"{kind}:{name}").dead_ends()]


def trace_result(path: Path) -> Trace:
    """Return how a saved result was made, and the first steps behind each of its outcomes."""
    from caudal.report.provenance import filled, run_record
    from caudal.report.summary import Summary
    from caudal.report.tables import level_text
    from caudal.simulate.results import open_result, scalar_outcomes

    write = Writer()
    summary = Summary.of(open_result(path))
    record = summary.record
    facts = [
        Node("fact", same(label), label, value)
        for label, value in (
            *run_record(summary, write),
            (text("trace.record_scenarios"), ", ".join(summary.names)),
            (text("trace.record_steps"), _installed(record)),
        )
    ]
    fills = tuple(
        Node("fill", same(f.label), f.label, text("trace.filled", years=f.years, method=f.method))
        for f in filled(summary, write)
    )
    found = []
    for name in scalar_outcomes(summary.result.ds):
        about = outcomes()[name]
        levels = []
        for one in summary.names:
            middle, band = level_text(summary.cell(name, one), about.digits, write)
            level = f"{middle} ({band})" if band else middle
            levels.append(text("trace.level", scenario=one, level=level))
        unit = local(about.shown_unit) if about.shown_unit else about.unit
        told = text("trace.levels", year=summary.last, unit=unit, levels="; ".join(levels))
        children = tuple(_first(child) for child in BUILDERS["outcome"](name).children)
        found.append(Node("outcome", about.label, name, told, unit=about.stored_unit, children=children))
    root = Node(
        "result",
        both("title_result"),
        path.name,
        children=(
            Node("record", both("title_record"), children=tuple(facts)),
            Node("fills", both("title_fill"), children=fills),
            Node("outcomes", both("title_outcomes"), children=tuple(found)),
        ),
    )
    return Trace("result", path.name, root)


def _installed(record: dict[str, Any]) -> str:
    """Tell whether the model and the data that are installed are those of a result."""
    alike = record["step"] == step_hash() and record["data"] == data_digest()
    return text("trace.record_same" if alike else "trace.record_other")


def _first(node: Node) -> Node:
    """Return a node without what lies behind it."""
    return dataclasses.replace(node, children=(), text="" if node.kind in FULL else node.text)

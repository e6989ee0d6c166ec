"""A trace as text that reads well in a terminal, and as one self-contained page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from caudal.core.files import data_path
from caudal.core.messages import language, local, text
from caudal.core.writing import write_whole
from caudal.evidence.source import NO_ADDRESS, NOT_STATED, sources
from caudal.report.findings import findings
from caudal.report.nodes import Node, citation
from caudal.report.trace import Trace

WIDTH = 110
STEP = "  "
DOCUMENTS = 4
"""Documents named on a line; the others are counted there and listed at the end."""

VERBATIM = ("equation", "code")
"""Nodes whose lines are kept as they are."""

ENDS = ("source", "judgement")
"""Nodes told on the line of what rests on them."""

NAMED = ("parameter", "lever", "outcome", "series", "part")
"""Nodes shown with the name by which they can be traced in turn."""


def trace_text(found: Trace) -> str:
    """Return a trace as indented text, its documents at the end."""
    root = found.root
    kind = text(f"trace.kind_{found.kind}")
    lines = _wrapped(text("trace.heading", name=found.name, kind=kind, title=local(root.title)), "")
    lines += _wrapped(_with_documents(root.text, root), STEP) if root.text else []
    for child in root.children:
        lines += _lines(child, STEP)
    cited = root.cited()
    if cited:
        lines += ["", text("trace.documents", count=len(cited))]
        for document in cited:
            lines += _wrapped(citation(document), STEP)
            if found.kind != "source":
                lines += [line for told in findings(document.id) for line in _wrapped(told, STEP * 3)]
    if found.also:
        lines += ["", *_wrapped(text("trace.also", names=", ".join(found.also)), "")]
    return "\n".join(lines)


def _lines(node: Node, indent: str) -> Iterator[str]:
    """Yield a node and what lies behind it; documents stand on the line of what rests on them."""
    if node.kind in ENDS and not node.dead_end:
        return
    head = local(node.title)
    if node.kind in NAMED and node.name:
        head = text("trace.labelled", title=head, name=node.name)
    if node.kind in VERBATIM and node.text:
        yield from _wrapped(_with_documents(head, node), indent)
        yield from (indent + STEP * 2 + line for line in node.text.splitlines())
    else:
        words = " ".join(node.text.split())
        if node.kind == "row" and node.note:
            words = text("trace.noted", text=words, note=node.note)
        told = text("trace.step", title=head, text=words) if words else head
        yield from _wrapped(_with_documents(told, node), indent)
    if node.dead_end:
        yield from _wrapped(text("trace.dead_end", reason=text(f"trace.dead_{node.dead_end}")), indent + STEP)
    for child in node.children:
        if child.shown:
            yield from _lines(child, indent + STEP)
    hidden = sum(not child.shown for child in node.children)
    if hidden:
        yield from _wrapped(text("trace.more_figures", count=hidden, name=node.name), indent + STEP)


def _with_documents(told: str, node: Node) -> str:
    """Add the documents that a node rests on, owner first."""
    names = [child.name for child in node.children if child.kind == "source" and child.name in sources()]
    if any(child.kind == "judgement" for child in node.children):
        return text("trace.reached", text=told, sources=text("trace.no_document"))
    if not names:
        return told
    shown = ", ".join(
        text("trace.document", owner=sources()[name].owner, id=name) for name in names[:DOCUMENTS]
    )
    if len(names) > DOCUMENTS:
        shown = text("trace.more_documents", documents=shown, count=len(names) - DOCUMENTS)
    return text("trace.reached", text=told, sources=shown) if told else shown


def _wrapped(words: str, indent: str) -> list[str]:
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + STEP * 2,
        break_long_words=False,
        break_on_hyphens=False,
    )


def write_trace(found: Trace, path: Path) -> Path:
    """Write a trace as one page, whole or not at all."""
    from markupsafe import Markup

    from caudal.report.templates import fill_markup

    page = fill_markup(
        "trace.html.j2",
        code=language(),
        style=Markup(data_path("templates", "report.css").read_text(encoding="utf-8")),
        found=found,
        documents=found.root.cited(),
        known=sources(),
        findings=findings if found.kind != "source" else lambda name: (),
        verbatim=VERBATIM,
        named=NAMED,
        no_address=("", NO_ADDRESS),
        not_stated=("", NOT_STATED),
        version=metadata.version("caudal"),
        t=lambda key, **fields: text(f"trace.{key}", **fields),
        words=text,
        local=local,
    )
    write_whole(path, page)
    return path

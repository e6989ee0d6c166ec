"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def cell(words: str) -> str:
    """Return a text that fits a cell of a table: on one line, its bars escaped."""
    return " ".join(words.split()).replace("|", "\\|")


def table(head: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """Return a table whose columns after the first ``left`` are flush right."""
    rule = ["---" if i < left else "---:" for i in range(len(head))]
    return "\n".join("| " + " | ".join(map(cell, line)) + " |" for line in (head, rule, *rows))

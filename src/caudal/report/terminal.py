"""The answer of ``caudal run`` as a plain text that fits a terminal."""

from __future__ import annotations

import textwrap

from caudal.core.messages import local, text
from caudal.evidence.registry import levers
from caudal.report.answer import answer
from caudal.report.attribution import attribution
from caudal.report.moves import lever_label, moves
from caudal.report.notes import ERADICATION, warnings
from caudal.report.numbers import Writer
from caudal.report.profile import Profile
from caudal.report.robusttable import robust
from caudal.report.summary import Cell, Summary
from caudal.report.tables import Row, badge, chance_text, few_text, framings, gap_text, level_text, rows, sums
from caudal.simulate.results import Result

WIDTH = 110
LABEL = 30
"""Longest label of a lever on one line."""

RIGHT = (1, 3)
"""Columns written flush right: medians."""


def terminal(result: Result | Summary, judged: Profile | None = None) -> str:
    """Return the whole answer of ``caudal run`` as plain text."""
    summary, write = Summary.of(result), Writer()
    few = few_text(summary, write)
    said = enumerate(answer(summary, write), 1)
    area = "replay" if summary.replay else "report"
    names = {"year": summary.last, "reference": summary.reference}
    parts = [
        badge(summary).upper(),
        text(
            f"{area}.run_line",
            draws=write.number(summary.draw_count),
            seed=summary.record["seed"],
            first=summary.first_decision,
            last=summary.last,
        ),
        *(_folded(few) if few else []),
        "",
        *(line for i, words in said for line in _folded(words, f"{i}. ")),
        "",
        *(line for name in summary.names for line in _folded(_introduced(summary, name), "  ", "    ")),
        "",
        *_folded(text("replay.read_line" if summary.happened else "report.read_line", **names)),
        *_folded(text("report.signs")),
        "",
        *_tables(summary, write, judged),
    ]
    if judged:
        words = text("report.judged_by", party=local(judged.party), cites=", ".join(judged.cites))
        parts += [*_folded(words), ""]
    parts += _informed(summary, write)
    for framing in framings(summary, write):
        parts += [framing.title.upper()]
        parts += [line for words in framing.explained for line in _folded(words, "  ")]
        parts += ["", *_blocks(summary, list(framing.rows), write, judged)]
    parts += _robust(summary, write)
    parts += _attributed(summary, write)
    heeded = warnings(summary, write)
    if heeded:
        parts += [text("report.warnings").upper()]
        parts += [line for words in heeded for line in _folded(words, "- ", "  ")]
        parts += [""]
    parts += _folded(_next(summary))
    return "\n".join(parts)


def _tables(summary: Summary, write: Writer, judged: Profile | None) -> list[str]:
    """Return the comparison in the last year; of the past, after the sums over its years."""
    last = _blocks(summary, rows(summary), write, judged)
    if not summary.replay:
        return last
    summed = text("replay.summed_title", first=summary.first_decision, last=summary.last)
    title = text("replay.last_title", last=summary.last)
    return [summed.upper(), "", *_blocks(summary, sums(summary), write, judged), title.upper(), "", *last]


def _attributed(summary: Summary, write: Writer) -> list[str]:
    """Return published attributions beside the model's counterpart, one paragraph each."""
    table = attribution(summary, write)
    if table is None:
        return []
    lines = [text("replay.published_title").upper()]
    lines += [*_folded(table.first), *_folded(text("replay.published_how"))]
    for line in table.lines:
        told = [
            text(f"replay.said_{kind}", value=value)
            for kind, value in (("published", line.published), *line.told.items())
            if value
        ]
        word = text(f"replay.word_{line.word}")
        lines += ["", *_folded(line.claim, f"{line.id or '-':<4} ", "     ")]
        said = text("replay.said", told="; ".join(told) or text("replay.said_nothing"), word=word)
        lines += _folded(f"{said} {line.note}" if line.word == "opposite" else said, "     ")
    return [*lines, ""]


def _robust(summary: Summary, write: Writer) -> list[str]:
    """Return which conclusions change and with what, where the result tells."""
    found = robust(summary, write)
    if found is None:
        return []
    lines = [found.title.upper(), *_folded(found.how), ""]
    for title, group in ((found.changing_title, found.changing), (found.holding_title, found.holding)):
        lines += [title]
        for line in group:
            lines += _folded(
                text("robustness.line", conclusion=line.conclusion, told=line.reported), "  ", "    "
            )
            lines += [part for change in line.changes for part in _folded(change, "    - ", "      ")]
        lines += [""]
    if found.untried:
        lines += [
            text("robustness.untried"),
            *(x for one in found.untried for x in _folded(one, "  - ", "    ")),
        ]
        lines += [""]
    return lines


def _introduced(summary: Summary, name: str) -> str:
    question = summary.question(name)
    return text("report.introduced", name=name, title=summary.title(name), question=question)


def _blocks(summary: Summary, table: list[Row], write: Writer, judged: Profile | None) -> list[str]:
    """Return a block per outcome, with all blocks' columns aligned."""
    blocks = [[_columns(summary, cell, row, write, judged) for cell in row.cells] for row in table]
    widths = [max(len(line[i]) for block in blocks for line in block) for i in range(6)]
    lines = []
    for row, block in zip(table, blocks, strict=True):
        lines.append(text("report.block", label=row.label, unit=row.unit))
        if row.recorded:
            name = text("replay.recorded").ljust(widths[0])
            lines.append(text("replay.recorded_line", name=name, values=row.recorded))
        for line in block:
            cells = [
                word.rjust(w) if i in RIGHT else word.ljust(w)
                for i, (word, w) in enumerate(zip(line, widths, strict=True))
            ]
            lines.append("  {}  {} {}  {} {}  {}".format(*cells).rstrip())
        lines.append("")
    return lines


def _columns(summary: Summary, cell: Cell, row: Row, write: Writer, judged: Profile | None) -> list[str]:
    level, band = level_text(cell, row.digits, write)
    gap, spread = gap_text(cell, row.digits, write)
    chance = chance_text(cell, summary.draw_count, write)
    verdict = judged.judges(row.outcome, cell.direction) if judged else ""
    if verdict:
        chance = text("report.judged", chance=chance, verdict=text(f"report.{verdict}"))
    name = cell.scenario.partition("@")[0]
    if summary.happened and name == summary.reference:
        name = text("replay.happened")
    return [name, level, f"({band})" if band else "", gap, f"({spread})" if spread else "", chance]


def _informed(summary: Summary, write: Writer) -> list[str]:
    """Return what informs the effect of each lever that a scenario moves."""
    moved = moves(summary)
    if not moved:
        return [text("replay.nothing_moved" if summary.replay else "report.nothing_moved"), ""]
    labels = {m.lever: lever_label(m.lever) for m in moved}
    wide = min(max(map(len, labels.values())), LABEL)
    settings = [m.written(write) for m in moved]
    value = max(map(len, settings))
    when = max(len(m.dated) for m in moved)
    lines = [text("replay.informed_title" if summary.replay else "report.informed_title").upper()]
    for name in summary.names:
        own = [(m, s) for m, s in zip(moved, settings, strict=True) if m.scenario == name]
        if own:
            lines.append(f"{name}")
        for move, setting in own:
            about = levers()[move.lever]
            grade = text(f"report.evidence_{about.evidence}")
            law = "" if summary.replay else text(f"report.legal_{about.legal.status}")
            head, *rest = textwrap.wrap(labels[move.lever], wide)
            lines.append(
                f"  {head.ljust(wide)}  {setting.ljust(value)}  {move.dated.ljust(when)}"
                f"  {grade.ljust(10)}  {law}".rstrip()
            )
            lines += [f"    {more}" for more in rest]
    return [*lines, ""]


def _next(summary: Summary) -> str:
    """Return a command worth trying next: of the past, with eradication that nobody moved switched off."""
    moved = {m.lever for m in moves(summary)}
    if summary.replay:
        lever = next((n for n in ERADICATION if n not in moved), ERADICATION[0])
        setting = f"{lever}=0@{summary.first_decision}"
        return text("replay.next", reference=summary.reference, lever=setting, last=summary.last)
    still = [n for n, about in levers().items() if n not in moved and about.range == (0.0, 1.0)]
    return text("report.next", lever=f"{(still or list(levers()))[0]}=1")


def _folded(words: str, first: str = "", later: str | None = None) -> list[str]:
    later = " " * len(first) if later is None else later
    return textwrap.wrap(words, WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False)

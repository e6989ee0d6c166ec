"""The comparison as rows, and as a plain text that fits a terminal."""

from __future__ import annotations

import dataclasses
import textwrap

from caudal.core.messages import local, text
from caudal.evidence.registry import levers
from caudal.report.moves import lever_label, moves
from caudal.report.notes import warnings
from caudal.report.numbers import Writer, is_exact, step_of
from caudal.report.profile import Profile
from caudal.report.summary import COST, Cell, Summary, payers
from caudal.simulate.results import Result

WIDTH = 110
LABEL = 30
"""Longest label of a lever on one line of the terminal."""

RIGHT = (1, 3)
"""Columns of the terminal table that are written flush right: medians."""

FRAMED = ("coca_area", "cocaine_to_us", "us_deaths", "growers_income", COST)
"""Outcomes shown at equal public cost and with intensities swapped."""

ENOUGH_DRAWS = 100
"""With fewer runs than this the ends of the 90 % range rest on a handful of them."""

MILLION, MILLION_DIGITS = 1e6, 2
"""From this median on an outcome is shown in millions, with so many decimals at most."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One outcome in the last year, a cell for each scenario, in units of ``scale``."""

    outcome: str
    label: str
    unit: str
    digits: int
    cells: tuple[Cell, ...]
    scale: float = 1.0


@dataclasses.dataclass(frozen=True)
class Framing:
    """A comparison repeated with packages scaled, and by how much each was."""

    kind: str
    title: str
    explained: tuple[str, ...]
    names: tuple[str, ...]
    rows: tuple[Row, ...]


def rows(result: Result | Summary, scenarios: list[str] | None = None) -> list[Row]:
    """Return the reported outcomes in the last year, for some scenarios or all."""
    summary = Summary.of(result)
    return [_row(summary, name, scenarios or summary.names) for name in summary.reported]


def costs(summary: Summary) -> list[tuple[str, list[Row]]]:
    """Return public cost by payer and in all: summed over the projection, and in the last year."""
    spans = (
        (text("report.cost_cumulative", first=summary.first_decision, last=summary.last), summary.cumulative),
        (text("report.cost_last", year=summary.last), summary.cell),
    )
    found = []
    for title, cell in spans:
        table = []
        for outcome in (*payers(), COST):
            label = text("report.cost_total" if outcome == COST else f"report.payer_{outcome}")
            table.append(Row(outcome, label, "", 0, tuple(cell(outcome, n) for n in summary.names)))
        found.append((title, table))
    return found


def framings(result: Result | Summary, write: Writer | None = None) -> list[Framing]:
    """Return the comparison at equal public cost and with intensities swapped."""
    summary, write = Summary.of(result), write or Writer()
    found = []
    for kind, scaled in summary.record["framings"].items():
        key = kind.replace("-", "_")
        names = [summary.reference, *(f"{n}@{kind}" for n in scaled if n != summary.reference)]
        lines = tuple(
            text(
                f"report.scaled_{key}{_known_means(kind, about)}",
                scenario=summary.title(name),
                factor=write.number(about["factor"], 0.01),
                cost=write.number(about.get("extra_cost_million_usd", 0.0), step=100.0),
                own=write.number(about.get("own_extra_cost_million_usd", 0.0), step=100.0),
                mean=write.number(about.get("extra_cost_mean_million_usd", 0.0), step=100.0),
                own_mean=write.number(about.get("own_extra_cost_mean_million_usd", 0.0), step=100.0),
                first=summary.first_decision,
                last=summary.last,
                other=summary.title(about["intensity_of"]) if "intensity_of" in about else "",
                before=write.percent(about.get("intensity", 0.0)),
                after=write.percent(about.get("given", 0.0)),
            )
            for name, about in scaled.items()
        )
        shown = [o for o in FRAMED if o == COST or o in summary.reported]
        table = tuple(_row(summary, o, names) for o in shown)
        plain = tuple(n.partition("@")[0] for n in names)
        found.append(Framing(kind, text(f"report.framing_title_{key}"), lines, plain, table))
    return found


def _known_means(kind: str, about: dict) -> str:
    """Return the ending of the message for a record that does not tell mean costs."""
    means = {"extra_cost_mean_million_usd", "own_extra_cost_mean_million_usd"}
    return "_median" if kind == "equal-cost" and not means <= set(about) else ""


def _row(summary: Summary, outcome: str, names: list[str]) -> Row:
    about = summary.reported["public_cost_us"] if outcome == COST else summary.reported[outcome]
    label = text("report.public_cost_total") if outcome == COST else local(about.label)
    unit = local(about.shown_unit) if about.shown_unit else about.unit
    cells = tuple(summary.cell(outcome, n) for n in names)
    if max(cell.level[1] for cell in cells) < MILLION:
        return Row(outcome, label, unit, about.digits, cells)
    scaled = tuple(cell.scaled(MILLION) for cell in cells)
    return Row(outcome, label, text("report.axis_million", unit=unit), MILLION_DIGITS, scaled, MILLION)


def level_text(cell: Cell, digits: int, write: Writer) -> tuple[str, str]:
    """Return a median and its range, the range empty for an exact figure."""
    low, middle, high = cell.level
    step = step_of(*cell.level, digits=digits)
    return write.number(middle, step), "" if is_exact(*cell.level) else write.band(low, high, step)


def gap_text(cell: Cell, digits: int, write: Writer) -> tuple[str, str]:
    """Return a median difference and its range; empty for the reference."""
    if not cell.compared:
        return "", ""
    low, middle, high = cell.gap
    step = step_of(*cell.gap, digits=digits)
    spread = "" if is_exact(*cell.gap) else write.band(low, high, step, signed=True)
    return write.number(middle, step, signed=True), spread


def chance_text(cell: Cell, draws: int, write: Writer) -> str:
    """Return the probability of the likelier direction in words: lower in 78 of 100."""
    if not cell.compared:
        return ""
    if cell.p_lower == cell.p_higher == 0.0:
        return text("report.no_difference")
    if cell.p_lower >= cell.p_higher:
        return text("report.lower_in", runs=write.runs(cell.p_lower, draws))
    return text("report.higher_in", runs=write.runs(cell.p_higher, draws))


def badge(summary: Summary) -> str:
    """Return what a result is worth: prior, not yet calibrated."""
    words = "".join(c if c.isalnum() else " " for c in summary.record["calibration"]).split()
    return text(f"report.calibration_{'_'.join(words)}")


def few_text(summary: Summary, write: Writer) -> str:
    """Return a warning that the ranges rest on few runs, or nothing."""
    if summary.draw_count >= ENOUGH_DRAWS:
        return ""
    return text("report.few", draws=write.number(summary.draw_count), enough=ENOUGH_DRAWS)


def terminal(result: Result | Summary, judged: Profile | None = None) -> str:
    """Return the whole answer of ``caudal run`` as plain text."""
    from caudal.report.answer import answer

    summary, write = Summary.of(result), Writer()
    few = few_text(summary, write)
    said = enumerate(answer(summary, write), 1)
    parts = [
        badge(summary).upper(),
        text(
            "report.run_line",
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
        *_folded(text("report.read_line", year=summary.last, reference=summary.reference)),
        *_folded(text("report.signs")),
        "",
        *_blocks(summary, rows(summary), write, judged),
    ]
    if judged:
        words = text("report.judged_by", party=local(judged.party), cites=", ".join(judged.cites))
        parts += [*_folded(words), ""]
    parts += _informed(summary, write)
    for framing in framings(summary, write):
        parts += [framing.title.upper()]
        parts += [line for words in framing.explained for line in _folded(words, "  ")]
        parts += ["", *_blocks(summary, list(framing.rows), write, judged)]
    heeded = warnings(summary, write)
    if heeded:
        parts += [text("report.warnings").upper()]
        parts += [line for words in heeded for line in _folded(words, "- ", "  ")]
        parts += [""]
    parts += _folded(text("report.next", lever=_example(summary)))
    return "\n".join(parts)


def _introduced(summary: Summary, name: str) -> str:
    question = local(summary.record["texts"][name]["document"]["question"])
    return text("report.introduced", name=name, title=summary.title(name), question=question)


def _blocks(summary: Summary, table: list[Row], write: Writer, judged: Profile | None) -> list[str]:
    """Return a block per outcome, with all blocks' columns aligned."""
    blocks = [[_columns(summary, cell, row, write, judged) for cell in row.cells] for row in table]
    widths = [max(len(line[i]) for block in blocks for line in block) for i in range(6)]
    lines = []
    for row, block in zip(table, blocks, strict=True):
        lines.append(text("report.block", label=row.label, unit=row.unit))
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
    return [name, level, f"({band})" if band else "", gap, f"({spread})" if spread else "", chance]


def _informed(summary: Summary, write: Writer) -> list[str]:
    """Return what informs the effect of each lever that a scenario moves."""
    moved = moves(summary)
    if not moved:
        return [text("report.nothing_moved"), ""]
    labels = {m.lever: lever_label(m.lever) for m in moved}
    wide = min(max(map(len, labels.values())), LABEL)
    settings = [m.written(write) for m in moved]
    value = max(map(len, settings))
    when = max(len(m.dated) for m in moved)
    lines = [text("report.informed_title").upper()]
    for name in summary.names:
        own = [(m, s) for m, s in zip(moved, settings, strict=True) if m.scenario == name]
        if own:
            lines.append(f"{name}")
        for move, setting in own:
            about = levers()[move.lever]
            grade = text(f"report.evidence_{about.evidence}")
            law = text(f"report.legal_{about.legal.status}")
            head, *rest = textwrap.wrap(labels[move.lever], wide)
            lines.append(
                f"  {head.ljust(wide)}  {setting.ljust(value)}  {move.dated.ljust(when)}"
                f"  {grade.ljust(10)}  {law}"
            )
            lines += [f"    {more}" for more in rest]
    return [*lines, ""]


def _example(summary: Summary) -> str:
    """Return a lever worth trying next: a judged one that a scenario leaves alone, else the first moved."""
    moved = {m.lever for m in moves(summary)}
    still = [n for n, about in levers().items() if n not in moved and about.range == (0.0, 1.0)]
    return f"{(still or list(levers()))[0]}=1"


def _folded(words: str, first: str = "", later: str | None = None) -> list[str]:
    later = " " * len(first) if later is None else later
    return textwrap.wrap(words, WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False)

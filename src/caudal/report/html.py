"""The report: one self-contained page that needs no network and no script."""

from __future__ import annotations

import contextvars
import re
from importlib import metadata
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from caudal.core.files import data_path
from caudal.core.messages import language as current
from caudal.core.messages import local, text, use_language
from caudal.core.writing import write_whole
from caudal.evidence.registry import levers
from caudal.evidence.source import NO_ADDRESS, NOT_STATED
from caudal.report.answer import answer
from caudal.report.attribution import attribution
from caudal.report.departments import departments_table
from caudal.report.figures import charts
from caudal.report.moves import lever_label, moves
from caudal.report.notes import IDENTIFIER, listed, policy_lines, sources_used, warnings
from caudal.report.numbers import Writer
from caudal.report.profile import Profile
from caudal.report.provenance import filled, fit, repeat, run_record
from caudal.report.robusttable import Robust, robust
from caudal.report.scope import scope
from caudal.report.summary import Summary
from caudal.report.tables import (
    badge,
    chance_text,
    costs,
    few_text,
    framings,
    gap_text,
    level_text,
    rows,
    sums,
)
from caudal.report.templates import fill_markup
from caudal.simulate.results import Result

MINUS = "−"

SECTIONS = (
    "answer",
    "scenarios",
    "charts",
    "sums",
    "table",
    "cost",
    "attribution",
    "framings",
    "robustness",
    "policies",
    "informed",
    "departments",
    "fit",
    "limits",
    "filled",
    "sources",
    "record",
)


def write_report(
    result: Result, path: Path, language: str | None = None, judged: Profile | None = None
) -> Path:
    """Write the report of a result, whole or not at all.

    Args:
        result: what a run gave.
        path: where the page goes.
        language: ``en`` or ``es``; the language in force by default.
        judged: a party's value profile; without one nothing is called better.
    """
    page = contextvars.copy_context().run(_render, result, language or current(), judged)
    write_whole(path, page)
    return path


def _render(result: Result, code: str, judged: Profile | None) -> str:
    use_language(code)
    summary, write = Summary.of(result), Writer(minus=MINUS)
    return fill_markup("report.html.j2", **_content(summary, write, judged))


def _content(summary: Summary, write: Writer, judged: Profile | None) -> dict[str, Any]:
    """Return everything the template shows, in the order of the page."""
    table = attribution(summary, write)
    cited = sources_used(summary, (one for line in (table.lines if table else ()) for one in line.cites))
    places = departments_table(summary, write)
    tried = robust(summary, write)

    def shown(cell, digits):
        level, band = level_text(cell, digits, write)
        gap, spread = gap_text(cell, digits, write)
        chance = chance_text(cell, summary.draw_count, write)
        verdict = judged.judges(cell.outcome, cell.direction) if judged else ""
        if gap and chance != text("report.no_difference"):
            key = "difference" if spread else "difference_exact"
            gap, chance = text(f"report.{key}", gap=gap, band=spread), text("report.chance", chance=chance)
        else:
            gap = ""
        return {"level": level, "band": band, "gap": gap, "chance": chance, "verdict": verdict}

    return {
        "code": write.language,
        "sections": _sections(summary, bool(table), bool(places), tried),
        "robust": tried,
        "area": "replay" if summary.replay else "report",
        "sums": sums(summary) if summary.replay else [],
        "attribution": table,
        "style": data_path("templates", "report.css").read_text(encoding="utf-8"),
        "title": _title(summary),
        "summary": summary,
        "titles": {n: summary.title(n) for n in summary.names},
        "reference": summary.title(summary.reference),
        "page_line": text(
            "report.page_line",
            draws=write.number(summary.draw_count),
            seed=summary.record["seed"],
            last=summary.last,
        ),
        "badge": badge(summary),
        "judged": judged,
        "answer": answer(summary, write),
        "warnings": warnings(summary, write),
        "scenarios": [_introduced(summary, n) for n in summary.names],
        "charts": charts(summary, write),
        "rows": rows(summary),
        "costs": costs(summary),
        "framings": framings(summary, write),
        "lines": policy_lines(summary, write),
        "informed": _informed(summary, write),
        "places": places,
        "few": few_text(summary, write),
        "fit": fit(summary, write),
        "scope": scope(),
        "filled": filled(summary, write),
        "sources": cited,
        "source_ids": {s.id for s in cited},
        "no_address": NO_ADDRESS,
        "not_stated": NOT_STATED,
        "record": run_record(summary, write),
        "repeat": repeat(summary),
        "version": metadata.version("caudal"),
        "t": lambda key, area="report", **fields: text(f"{area}.{key}", **fields),
        "local": local,
        "shown": shown,
        "linked": lambda words: _linked(words, {s.id for s in cited}),
        "safe": Markup,
    }


def _linked(words: str, known: set[str]) -> Markup:
    """Return a text in which each source's id leads to the source."""

    def link(found: re.Match) -> str:
        name = found.group()
        return f'<a href="#source-{name}">{name}</a>' if name in known else name

    return Markup(IDENTIFIER.sub(link, str(escape(words))))


def _sections(summary: Summary, attributed: bool, placed: bool, tried: Robust | None) -> list[str]:
    """Return the sections of a page in their order."""
    without = set() if attributed else {"attribution"}
    without |= {"framings"} if summary.replay else {"sums"}
    without |= set() if placed else {"departments"}
    without |= {"robustness"} if tried is None else set()
    return [name for name in SECTIONS if name not in without]


def _title(summary: Summary) -> str:
    """Return the question that the page answers."""
    if not summary.rivals:
        return text("report.title_single", scenario=summary.title(summary.reference))
    if {"eradication-led", "substitution-led"} == set(summary.rivals):
        return text("report.title_article")
    named = listed([summary.title(n) for n in summary.rivals])
    if summary.happened:
        return text("replay.title", scenarios=named, first=summary.first_decision, last=summary.last)
    return text("report.title_compared", scenarios=named, reference=summary.title(summary.reference))


def _introduced(summary: Summary, name: str) -> dict[str, str]:
    told = summary.record["texts"][name]["document"]
    return {
        "name": name,
        "title": summary.title(name),
        "question": summary.question(name),
        "description": _described(summary, name),
        "author": text("report.author_line", author=told["author"], date=told["date"]),
    }


def _described(summary: Summary, name: str) -> str:
    """Return a scenario's description; of one with levers set by hand, as what it was made from."""
    told = summary.record["texts"][name]
    words = local(told["document"]["description"])
    if not told["changes"]:
        return words
    levers_set = listed([lever_label(one) for one in dict.fromkeys(c["lever"] for c in told["changes"])])
    title = local(told["title"])
    return text("report.changed_description", title=title, levers=levers_set, description=words)


def _informed(summary: Summary, write: Writer) -> dict[str, list[dict[str, Any]]]:
    """Return, by scenario, what informs the effect of each lever it moves, and what it costs."""
    found: dict[str, list[dict[str, Any]]] = {}
    for move in moves(summary):
        about = levers()[move.lever]
        found.setdefault(move.scenario, []).append(
            {
                "label": lever_label(move.lever),
                "actor": text(f"report.actor_{about.actor}"),
                "move": text("report.move_when", move=move.written(write), when=move.when),
                "evidence": text(f"report.evidence_{about.evidence}"),
                "evidence_note": local(about.evidence_note),
                "legal": text(f"report.legal_{about.legal.status}"),
                "legal_text": local(about.legal.text),
                "legal_cites": about.legal.source,
                "cost": _unit_cost(move.lever, write),
                "cost_cites": about.cost.source,
            }
        )
    return found


def _unit_cost(lever: str, write: Writer) -> str:
    cost = levers()[lever].cost
    if cost.value == 0.0:
        return text("report.unit_cost_none")
    payers = [
        text("report.payer_share", payer=text(f"report.actor_{payer}"), share=write.percent(share))
        for payer, share in cost.payer.items()
    ]
    return text(
        "report.unit_cost",
        value=write.exact(cost.value),
        low=write.exact(cost.low),
        high=write.exact(cost.high),
        unit=text(f"report.cost_unit_{cost.unit.replace('/', '_per_')}"),
        payers=listed(payers),
    )

"""The pages of the documentation that are written from the model: one for each block, and an index.

A page is a block's docstring, its equations kept as math, and the records that belong to it. The
pages are in English, as the docstrings are.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from caudal.core.messages import text
from caudal.core.writing import write_whole
from caudal.evidence.registry import Lever, Outcome, Parameter, levers, outcomes, parameters
from caudal.evidence.series import series
from caudal.evidence.source import NO_ADDRESS, Source, sources
from caudal.report.equations import block_names, first_line, home, markdown, step_order, uses
from caudal.report.scope import scope
from caudal.report.templates import fill_markdown

MARK = "<!-- {written} -->"
ENGLISH = "en"


@dataclasses.dataclass(frozen=True)
class Page:
    """What a block's page shows."""

    block: str
    file: str
    title: str
    words: str
    parameters: dict[str, Parameter]
    levers: dict[str, Lever]
    outcomes: dict[str, Outcome]
    sources: tuple[Source, ...]


def write_block_pages(folder: Path) -> list[Path]:
    """Write every page into a folder, and remove pages of blocks that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {f"{block}.md": _render("block.md.j2", page=page(block)) for block in page_names()}
    written["index.md"] = _render("blocks.md.j2", **_index())
    mark = MARK.format(written=_say("page_written"))
    for old in folder.glob("*.md"):
        if old.name not in written and old.read_text(encoding="utf-8").startswith(mark):
            old.unlink()
    for name, words in written.items():
        write_whole(folder / name, words)
    return [folder / name for name in written]


def page_names() -> tuple[str, ...]:
    """Return every block with a page: those of the model, then those that only records name."""
    recorded = [r.block for r in (*parameters().values(), *outcomes().values())]
    return tuple(dict.fromkeys((*block_names(), *recorded)))


def page(block: str) -> Page:
    """Return what a block's page shows."""
    file = home(block)
    own = {n: r for n, r in parameters().items() if r.block == block}
    read = {n: r for n, r in levers().items() if any(u.file == file for u in uses("lever", n))}
    measures = {n: r for n, r in outcomes().items() if r.block == block}
    cited = {name for record in own.values() for name in record.source}
    for record in read.values():
        cited |= {*record.maximum.source, *record.cost.source, *record.legal.source}
    for record in measures.values():
        for name in record.observed:
            cited |= {s for row in series(name).values(record.entity or None) for s in row.sources}
    files = sorted({u.file for n in own for u in uses("parameter", n)})
    return Page(
        block,
        file,
        _title(file),
        markdown(file).partition("\n\n")[2] if file else _say("page_no_file", files=", ".join(files)),
        own,
        read,
        measures,
        tuple(sorted((sources()[n] for n in cited), key=lambda s: (s.owner.lower(), s.date, s.id))),
    )


def _title(file: str) -> str:
    """Return what a page is about."""
    return first_line(file).rstrip(".") if file else _say("page_elsewhere")


def _index() -> dict[str, Any]:
    order = step_order()
    named = [name for name, _ in order]
    return {
        "order": order,
        "pages": page_names(),
        "other": [page(name) for name in page_names() if name not in named],
        "missing": scope().cannot,
    }


def _say(key: str, **fields: object) -> str:
    return text(f"trace.{key}", ENGLISH, **fields)


def _number(value: float) -> str:
    """Return a number in full, with separators."""
    return f"{value:,.6f}".rstrip("0").rstrip(".") if abs(value) >= 1e-4 or value == 0 else f"{value:.3g}"


def _prior(record: Parameter) -> str:
    prior = record.prior
    if prior.low is None or prior.high is None:
        return _number(prior.median)
    band = text("report.range", ENGLISH, low=_number(prior.low), high=_number(prior.high))
    return text("report.level", ENGLISH, level=_number(prior.median), band=band)


def _known(record: Parameter) -> str:
    """Return what is known of a parameter, and whether the fit sets it."""
    known = _say(f"known_{record.known}")
    return _say("page_fitted", known=known) if record.fitted else known


def _owners(names: tuple[str, ...]) -> str:
    """Return documents as owner and id."""
    if not names:
        return _say("page_judgement")
    return "; ".join(_say("document", owner=sources()[n].owner, id=n) for n in names)


def _render(template: str, **content: Any) -> str:
    shared: dict[str, Any] = {
        "mark": MARK.format(written=_say("page_written")),
        "t": _say,
        "words": lambda key, **fields: text(key, ENGLISH, **fields),
        "number": _number,
        "prior": _prior,
        "known": _known,
        "owners": _owners,
        "no_address": ("", NO_ADDRESS),
    }
    return fill_markdown(template, **shared, **content)

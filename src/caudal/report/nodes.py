"""The nodes of a trace, and those that every kind of trace ends in: figures, equations, documents."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from typing import Any

from caudal.core.messages import catalogue, language, local, text
from caudal.core.records import Bilingual
from caudal.evidence.readings import readings
from caudal.evidence.registry import Parameter, parameters
from caudal.evidence.series import QUALITIES, Series, Value, series
from caudal.evidence.source import NO_ADDRESS, NOT_STATED, Source, sources
from caudal.report.equations import equation, home, uses
from caudal.report.numbers import Writer
from caudal.simulate.posterior import fitted

LATEST = 5
"""Figures of a series that a text shows; the others are counted."""

SMALLEST = 1e-4
"""Below this size a number is written with three significant figures."""

MAIN = ("Colombia", "US", "World")
"""Entities shown first, in this order."""

YEAR = re.compile(r"\d{4}")


@dataclasses.dataclass(frozen=True)
class Node:
    """A step on the way from a number to a document.

    ``text`` is in the language in force, ``title`` in both. A node that should lead on and does
    not says why in ``dead_end``; one that is not ``shown`` is left out of a text and only counted.
    """

    kind: str
    title: Bilingual
    name: str = ""
    text: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    year: str = ""
    known: str = ""
    note: str = ""
    children: tuple[Node, ...] = ()
    shown: bool = True
    dead_end: str = ""

    def walk(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
        """Yield every node below and including this one, with its path from the root."""
        here = (*path, self.name or self.kind)
        yield here, self
        for child in self.children:
            yield from child.walk(here)

    def cited(self) -> tuple[Source, ...]:
        """Return the documents that the tree reaches, once each, owners in alphabetical order."""
        names = {n.name for _, n in self.walk() if n.kind == "source" and n.name in sources()}
        found = [sources()[name] for name in names]
        return tuple(sorted(found, key=lambda s: (s.owner.lower(), s.date, s.id)))

    def as_json(self) -> dict[str, Any]:
        """Return the tree as plain values; a document is named, and told once beside the tree."""
        if self.kind == "source" and not self.dead_end:
            return {"kind": "source", "name": self.name}
        fields = ("value", "low", "high", "unit", "year", "known", "text", "note", "dead_end")
        own = {f: getattr(self, f) for f in fields if getattr(self, f) not in ("", None)}
        told = {"kind": self.kind, "name": self.name, "title": self.title.model_dump(), **own}
        if self.children:
            told["children"] = [child.as_json() for child in self.children]
        return told


def both(key: str, **fields: object) -> Bilingual:
    """Return a message of the ``trace`` catalogue in both languages."""
    return Bilingual(en=text(f"trace.{key}", "en", **fields), es=text(f"trace.{key}", "es", **fields))


def same(words: str) -> Bilingual:
    """Return a name that is the same in both languages."""
    return Bilingual(en=words, es=words)


def figure(value: float | None, significant: int = 0) -> str:
    """Return a number in full, or with so many significant figures."""
    if value is None:
        return text("evidence.not_published")
    if significant:
        value = float(f"{value:.{significant}g}")
    if value and abs(value) < SMALLEST:
        small = f"{value:.3g}"
        return small.replace(".", ",") if language() == "es" else small
    return Writer().exact(value)


def interval(low: float, high: float) -> str:
    """Return a range: 0.02 to 0.1."""
    return text("report.range", low=figure(low), high=figure(high))


def unit_text(unit: str) -> str:
    """Return a unit in words where the catalogue has them, else as recorded; money is of 2020."""
    key = f"unit_{unit.replace('/', '_per_')}"
    words = catalogue(language(), "report")
    if key in words:
        return words[key]
    return text("trace.unit_money", unit=unit) if "USD" in unit.split("/")[0] else unit


def amount(value: float | None, unit: str) -> str:
    """Return a number with its unit."""
    return f"{figure(value)} {unit_text(unit)}".strip()


def citation(source: Source) -> str:
    """Return a document, owner first."""
    return text(
        "trace.citation_short" if source.title == source.owner else "trace.citation",
        owner=source.owner,
        title=source.title,
        date=source.date,
        id=source.id,
        url=text("evidence.no_address") if source.url in ("", NO_ADDRESS) else source.url,
        licence=text("evidence.not_stated") if source.licence in ("", NOT_STATED) else source.licence,
    )


def source_nodes(names: Iterable[str]) -> tuple[Node, ...]:
    """Return documents as nodes; an id that names no document is a dead end."""
    found = []
    for name in dict.fromkeys(names):
        document = sources().get(name)
        if document is None:
            found.append(Node("source", same(name), name, dead_end="unknown_source"))
        else:
            found.append(Node("source", same(document.owner), name, citation(document), year=document.date))
    return tuple(found)


def resting(names: Iterable[str], known: str = "") -> tuple[Node, ...]:
    """Return what a number rests on: documents, a judgement that says so, or a dead end."""
    found = source_nodes(names)
    if found:
        return found
    if known == "judged":
        return (Node("judgement", both("title_judgement"), text=text("trace.judgement")),)
    return (Node("source", both("title_source"), dead_end="no_source"),)


def equation_node(file: str) -> Node:
    """Return the equation of a module, and the words that explain it."""
    found = equation(file)
    if found is None:
        return Node("equation", both("title_equation", file=file), file, dead_end="no_equation")
    words = Node("words", both("title_words"), text="\n".join((found.title, *found.words)))
    return Node("equation", both("title_equation", file=file), file, found.plain, children=(words,))


def equation_nodes(files: Iterable[str]) -> list[Node]:
    """Return the equations of modules, or one dead end where none of them has any."""
    files = list(files)
    found = [equation_node(file) for file in files if equation(file) is not None]
    return found or [equation_node(files[0] if files else "")]


def code_node(kind: str, name: str) -> Node:
    """Return the statements that read a parameter or a lever."""
    lines = [f"{u.file}:{u.line}: {u.code}" for u in uses(kind, name)] + _readings(name)
    return Node("code", both("title_code"), text="\n".join(lines), dead_end="" if lines else "unused")


def _readings(name: str) -> list[str]:
    """Return the readings of the observation model that a parameter is part of."""
    found = []
    for one in readings().values():
        coverage = {one.undercount.coverage} if one.undercount else set()
        errors = {f"misfit_{one.group}", "misfit_persistence"}
        if name in {offset.parameter for offset in one.offsets} | coverage | errors:
            found.append(f"data/observations.yaml: {one.id}")
    return found


def parameter_files(name: str, record: Parameter) -> tuple[str, ...]:
    """Return the modules whose equations a parameter is part of: its block, else where it is read."""
    own = home(record.block)
    if own:
        return (own,)
    return tuple(dict.fromkeys(u.file for u in uses("parameter", name)))


def prior_text(record: Parameter) -> str:
    """Return the prior of a parameter: 0.04 ha/ha (90 %: 0.02 to 0.1)."""
    prior, unit = record.prior, "" if record.unit == "dimensionless" else unit_text(record.unit)
    value = f"{figure(prior.median)} {unit}".strip()
    if prior.low is None or prior.high is None:
        return text("trace.fixed", value=value)
    return text("trace.value_range", value=value, range=interval(prior.low, prior.high))


def note_text(note: str | Bilingual | None) -> str:
    """Return a note, in the language in force where it has one."""
    if note is None:
        return ""
    return note if isinstance(note, str) else local(note)


def parameter_node(name: str) -> Node:
    """Return a parameter as part of another trace: its number and what it rests on."""
    record = parameters()[name]
    told = text("trace.parameter_line", prior=prior_text(record), known=text(f"trace.known_{record.known}"))
    value = fitted()["values"].get(name)
    if value is not None:
        told += text("trace.fitted_at", value=figure(value, 4))
    note = note_text(record.note)
    told = text("trace.noted", text=told, note=note) if note else told
    return parameter_step(name, told, resting(record.source, record.known))


def parameter_step(name: str, told: str, children: tuple[Node, ...]) -> Node:
    """Return the step of a parameter, with its prior as number and range."""
    record = parameters()[name]
    return Node(
        "parameter",
        record.label,
        name,
        told,
        record.prior.median,
        record.prior.low,
        record.prior.high,
        record.unit,
        str(record.prior_as_of),
        record.known,
        children=children,
    )


def parameters_node(block: str) -> Node | None:
    """Return the parameters of a block, or ``None`` when it has none."""
    names = [n for n, record in parameters().items() if record.block == block]
    if not names:
        return None
    title = both("title_parameters", block=block, count=len(names))
    return Node("parameters", title, block, children=tuple(parameter_node(n) for n in names))


def main_entity(record: Series) -> str:
    """Return the entity that a series is mostly about."""
    entities = record.entities()
    return next((name for name in MAIN if name in entities), entities[0] if entities else "")


def calendar(row: Value) -> str:
    """Return the last year a row speaks of, for the order of figures."""
    return max(YEAR.findall(row.year), default="")


def series_text(record: Series, rows: Iterable[Value]) -> str:
    """Return how many figures a series has, of which years, entities and qualities."""
    rows = list(rows)
    years = sorted({year for row in rows for year in YEAR.findall(row.year)})
    counts = [(q, sum(row.quality == q for row in rows)) for q in QUALITIES]
    quality = ", ".join(f"{text(f'evidence.quality_{q}')} {n}" for q, n in counts if n)
    span = "-".join(dict.fromkeys((years[0], years[-1]))) if years else "-"
    entities = len({row.entity for row in rows})
    key = "series_line" if entities == 1 else "series_line_entities"
    return text(f"trace.{key}", count=len(rows), years=span, quality=quality, entities=entities)


def row_node(row: Value, shown: bool, named: bool) -> Node:
    """Return one figure of one source."""
    title = f"{row.entity}, {row.year}" if named else row.year
    quality = text(f"evidence.quality_{row.quality}")
    told = text("trace.figure", value=amount(row.value, row.unit), quality=quality)
    cited = resting([s for s in row.sources if s])
    return Node(
        "row",
        same(title),
        f"{row.entity} {row.year}",
        told,
        row.value,
        unit=row.unit,
        year=row.year,
        known=row.quality,
        note=row.note,
        children=cited,
        shown=shown,
    )


def figures_node(record: Series, entity: str = "") -> Node:
    """Return the figures of a series as published, of one entity or all, the latest first."""
    rows = record.values(entity or None)
    main = entity or main_entity(record)
    latest = _latest(record, main)
    ordered = sorted(rows, key=lambda row: (row.entity != main, row.entity, -int(calendar(row) or 0)))
    named = len(record.entities()) > 1
    found = tuple(row_node(row, (row.entity, row.year, row.sources) in latest, named) for row in ordered)
    dead = "" if rows else "no_rows"
    return Node("figures", both("title_figures"), record.id, children=found, dead_end=dead)


def _latest(record: Series, main: str) -> set[tuple[str, str, tuple[str, ...]]]:
    """Return which figures a text shows: the latest, or of a panel the largest of the last year."""
    if main in MAIN or len(record.entities()) == 1:
        chosen = sorted(record.chosen(main).values(), key=calendar, reverse=True)
    else:
        every = [row for entity in record.entities() for row in record.chosen(entity).values()]
        last = max((calendar(row) for row in every), default="")
        chosen = sorted((r for r in every if calendar(r) == last), key=lambda r: -abs(r.value or 0.0))
    return {(row.entity, row.year, row.sources) for row in chosen[:LATEST]}


def series_node(name: str, entity: str = "") -> Node:
    """Return a series as part of another trace: its figures and their documents."""
    record = series(name)
    rows = record.values(entity or None)
    return Node(
        "series",
        record.label,
        name,
        series_text(record, rows),
        unit=record.unit,
        children=(figures_node(record, entity),),
        dead_end="" if rows else "no_rows",
    )


def series_reference(name: str) -> Node:
    """Return a series as part of another trace, with its documents and without its figures."""
    record = series(name)
    cited = source_nodes(s for row in record.rows for s in row.sources)
    return Node("series", record.label, name, series_text(record, record.rows), children=cited)

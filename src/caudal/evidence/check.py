"""What must hold of the evidence: every number has a unit, a source and a quality."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from caudal.core.errors import CaudalError
from caudal.core.files import DATA
from caudal.core.messages import text
from caudal.core.units import check_unit
from caudal.evidence.datapackage import FILE, describe
from caudal.evidence.series import COLUMNS, QUALITIES, Series, read_theme
from caudal.evidence.source import NO_ADDRESS, Source, read_sources

SIGNED = re.compile(r"(_growth|_effect)(_low|_high)?$")
"""Series that may hold negative values."""

UNVERIFIED = "unverified"
"""The only theme, and the only quality, that may be shown but never used."""

CITED_ELSEWHERE = ("claims", "literature", "model", "policy")
"""Collections whose sources other records cite: they need not appear in a series."""

YEAR = re.compile(
    r"(cumulative to )?\d{4}s?|\d{4} provisional|\d{4}-\d{4}"
    r"|\d{4}(-\d\d){0,2}(\.\.(\d\d|\d{4}(-\d\d)?))?"
)
"""A year, month or date, a range of them, a decade, or a running total."""

QUOTATION = re.compile('["“”«»]')
"""Signs that a sentence of a source was copied into a note."""


@dataclasses.dataclass(frozen=True)
class Violation:
    """One thing that is wrong, where it is, and the rule it breaks."""

    rule: str
    where: str
    fields: Mapping[str, object]

    def render(self) -> str:
        """Return the violation as one line in the language in force."""
        return f"{self.where}: {text(f'evidence.check_{self.rule}', **self.fields)}"


def violations(root: Path = DATA) -> list[Violation]:
    """Return everything wrong with the evidence under ``root``, an empty list when nothing is."""
    found = [v for path in sorted((root / "series").glob("*.csv")) for v in _table(path)]
    sources: dict[str, Source] = {}
    catalogue: dict[str, Series] = {}
    try:
        for path in sorted((root / "sources").glob("*.yaml")):
            collection = read_sources(path)
            found += [_violation("duplicate_source", path, name=n) for n in collection if n in sources]
            sources |= collection
        for path in [] if found else sorted((root / "series").glob("*.yaml")):
            theme = read_theme(path)
            found += [_violation("duplicate_series", path, name=n) for n in theme if n in catalogue]
            catalogue |= theme
    except CaudalError as error:
        return [*found, _violation("unreadable", root, problem=error.render())]
    if not found:
        found += _undescribed(root, catalogue)
        found += [v for record in catalogue.values() for v in _described(record, catalogue, sources)]
        found += _orphans(root, catalogue)
        found += _package(root)
    return found


def _violation(rule: str, where: Path | str, **fields: object) -> Violation:
    return Violation(rule, where.name if isinstance(where, Path) else where, fields)


def _table(path: Path) -> Iterator[Violation]:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        if tuple(next(reader, ())) != COLUMNS:
            yield _violation("columns", path, expected=", ".join(COLUMNS))
            return
        seen: set[tuple[str, ...]] = set()
        for line, row in enumerate(reader, start=2):
            where = f"{path.name}:{line}"
            if len(row) != len(COLUMNS):
                yield _violation("width", where, found=len(row), expected=len(COLUMNS))
                continue
            cells = dict(zip(COLUMNS, row, strict=True))
            key = tuple(cells[c] for c in ("series", "entity", "year", "source_id"))
            if key in seen:
                yield _violation("duplicate_row", where, key=" / ".join(key))
            seen.add(key)
            yield from _cells(where, cells, path.stem)


def _cells(where: str, cells: Mapping[str, str], theme: str) -> Iterator[Violation]:
    for name in ("series", "entity", "year", "unit", "source_id", "quality"):
        if not cells[name].strip():
            yield _violation("empty", where, column=name)
    if not YEAR.fullmatch(cells["year"]):
        yield _violation("year", where, year=cells["year"])
    if cells["quality"] not in QUALITIES:
        yield _violation("quality", where, quality=cells["quality"], known=", ".join(QUALITIES))
    if (cells["quality"] == UNVERIFIED) != (theme == UNVERIFIED):
        yield _violation("unverified", where, quality=cells["quality"], theme=theme)
    if QUOTATION.search(cells["note"]):
        yield _violation("quotation", where)
    yield from _number(where, cells)


def _number(where: str, cells: Mapping[str, str]) -> Iterator[Violation]:
    if not cells["value"]:
        if not cells["note"]:
            yield _violation("no_figure", where)
        return
    try:
        figure = float(cells["value"])
    except ValueError:
        figure = math.nan
    if not math.isfinite(figure):
        yield _violation("number", where, value=cells["value"])
    elif figure < 0 and not SIGNED.search(cells["series"]):
        yield _violation("negative", where, value=cells["value"], series=cells["series"])


def _undescribed(root: Path, catalogue: Mapping[str, Series]) -> Iterator[Violation]:
    for path in sorted((root / "series").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            names = {row["series"] for row in csv.DictReader(stream)}
        for name in sorted(names):
            if name not in catalogue or catalogue[name].theme != path.stem:
                yield _violation("undescribed", path, name=name)


def _described(
    record: Series, catalogue: Mapping[str, Series], sources: Mapping[str, Source]
) -> Iterator[Violation]:
    where = f"{record.theme}.yaml, {record.id}"
    if not record.rows:
        yield _violation("no_rows", where)
    try:
        check_unit(record.unit, record.id)
    except CaudalError as error:
        yield _violation("unreadable", where, problem=error.render())
    for unit in {row.unit for row in record.rows} - {record.unit}:
        yield _violation("unit", where, unit=unit, expected=record.unit)
    bilingual = (record.label, record.definition, *(e.reason for e in record.known_errors))
    if any(not side.strip() for pair in bilingual for side in (pair.en, pair.es)):
        yield _violation("bilingual", where)
    for name in record.rivals:
        if name not in catalogue or name == record.id:
            yield _violation("rival", where, name=name)
    yield from _sourced(record, where, sources)
    yield from _total(record, where, catalogue)


def _sourced(record: Series, where: str, sources: Mapping[str, Source]) -> Iterator[Violation]:
    cited = {name for row in record.rows for name in row.sources}
    for name in sorted(cited - sources.keys()):
        yield _violation("undefined_source", where, name=name)
    chosen = {*record.preferred_sources, *(e.source for e in record.known_errors if e.source)}
    for name in sorted(chosen - cited):
        yield _violation("uncited_preference", where, name=name)
    for error in record.known_errors:
        missing = {"scale": error.factor is None, "prefer": error.source is None}.get(error.action, False)
        if missing or not any(error.covers(row.entity, row.year) for row in record.rows):
            yield _violation("known_error", where, entity=error.entity, year=error.year, action=error.action)


def _total(record: Series, where: str, catalogue: Mapping[str, Series]) -> Iterator[Violation]:
    if record.sums_to is None:
        return
    total = record.sums_to
    parts: Counter[int] = Counter()
    for entity in record.entities():
        if entity != total.entity:
            parts.update(record.annual(entity))
    published = catalogue[total.series].annual(total.entity) if total.series in catalogue else {}
    for year, figure in sorted(parts.items()):
        if year not in published or abs(figure - published[year]) > total.tolerance * published[year]:
            yield _violation(
                "total", where, year=year, figure=figure, published=published.get(year, math.nan)
            )


def _orphans(root: Path, catalogue: Mapping[str, Series]) -> Iterator[Violation]:
    cited = {name for record in catalogue.values() for row in record.rows for name in row.sources}
    for path in sorted((root / "sources").glob("*.yaml")):
        for name, record in read_sources(path).items():
            if name not in cited and path.stem not in CITED_ELSEWHERE:
                yield _violation("orphan", path, name=name)
            if not all((record.owner, record.title, record.date, record.licence, record.redistribution)):
                yield _violation("source_fields", path, name=name)
            if record.url and not record.url.startswith("http") and record.url != NO_ADDRESS:
                yield _violation("address", path, name=name, url=record.url)


def _package(root: Path) -> Iterator[Violation]:
    path = root / FILE
    if not path.exists() or json.loads(path.read_text(encoding="utf-8")) != describe(root):
        yield _violation("package", path)

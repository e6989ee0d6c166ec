"""The descriptor that lets any Frictionless tool read the series."""

from __future__ import annotations

import json
from pathlib import Path

from caudal.core.files import DATA
from caudal.core.writing import write_whole
from caudal.evidence.series import COLUMNS, QUALITIES, read_theme
from caudal.evidence.source import Source, read_sources

FILE = "datapackage.json"

_FIELDS = {
    "series": ("string", "Identifier of the series, described in the YAML file beside the table"),
    "entity": ("string", "Country, department in upper case, or a named part of one after a colon"),
    "year": ("string", "Calendar year; a range, month or date where the figure covers one"),
    "value": ("number", "The figure; empty where its owner published none"),
    "unit": ("string", "Unit that the pint library can parse"),
    "source_id": ("string", "Source in data/sources; several are joined by a bar"),
    "quality": ("string", "How close to the issuing body the figure was read"),
    "note": ("string", "What to know about this figure"),
}


def describe(root: Path = DATA) -> dict:
    """Return the data package descriptor of the series under ``root``."""
    known: dict[str, Source] = {}
    for path in sorted((root / "sources").glob("*.yaml")):
        known.update(read_sources(path))
    themes = sorted((root / "series").glob("*.yaml"))
    return {
        "profile": "tabular-data-package",
        "name": "caudal-evidence",
        "title": "Evidence base of the cocaine economy that links Colombia and the United States",
        "description": (
            "Facts with unit, source and quality; rival sources stay side by side. The licence covers this "
            "compilation only: each figure remains under the terms of its owner, given in data/sources."
        ),
        "licenses": [
            {
                "name": "CC-BY-4.0",
                "title": "Creative Commons Attribution 4.0 (our compilation only)",
                "path": "https://creativecommons.org/licenses/by/4.0/",
            }
        ],
        "resources": [_resource(path, known) for path in themes],
    }


def write(root: Path = DATA) -> Path:
    """Write the descriptor beside the data and return its path."""
    path = root / FILE
    write_whole(path, json.dumps(describe(root), ensure_ascii=False, indent=1) + "\n")
    return path


def _resource(path: Path, known: dict[str, Source]) -> dict:
    theme = read_theme(path)
    cited = sorted({name for record in theme.values() for row in record.rows for name in row.sources})
    return {
        "profile": "tabular-data-resource",
        "name": path.stem,
        "path": f"series/{path.stem}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "sources": [_citation(known[name]) for name in cited if name in known],
        "schema": {
            "fields": [_field(name) for name in COLUMNS],
            "primaryKey": ["series", "entity", "year", "source_id"],
            "missingValues": [""],
        },
    }


def _field(name: str) -> dict:
    kind, description = _FIELDS[name]
    constraints: dict = {"required": name not in ("value", "note")}
    if name == "quality":
        constraints["enum"] = list(QUALITIES)
    return {"name": name, "type": kind, "description": description, "constraints": constraints}


def _citation(source: Source) -> dict:
    citation = {"title": f"{source.id}: {source.owner}, {source.title} ({source.date})"}
    return citation | ({"path": source.url} if source.url.startswith("http") else {})

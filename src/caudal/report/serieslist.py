"""Series of the evidence base as plain values: figures, rivals beside them, documents and their owners."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from caudal.core.messages import language
from caudal.evidence.series import QUALITIES, Series, Value, series
from caudal.evidence.source import source


def summary(record: Series) -> dict[str, Any]:
    """Return what a series is: unit, years, number of figures and entities, and the worst quality."""
    years = sorted({year for row in record.rows for year in re.findall(r"\d{4}", row.year)})
    return {
        "id": record.id,
        "theme": record.theme,
        "label": record.label[language()],
        "unit": record.unit,
        "years": [years[0], years[-1]],
        "n": len(record.rows),
        "entities": len(record.entities()),
        "worst": max((row.quality for row in record.rows), key=QUALITIES.index),
    }


def detail(record: Series, entity: str | None = None) -> dict[str, Any]:
    """Return a series with its figures, those of its rivals, known errors and the documents cited."""
    chosen = entity or main_entity(record)
    rows = record.values(entity)
    errors = [
        {
            "entity": e.entity,
            "year": e.year,
            "action": e.action,
            "reason": e.reason[language()],
            "source": e.source,
        }
        for e in record.known_errors
    ]
    return summary(record) | {
        "definition": record.definition[language()],
        "as_of": record.as_of,
        "money_year": record.money_year,
        "values": [_row(row) for row in rows],
        "rivals": {name: [_row(row) for row in series(name).values(chosen)] for name in record.rivals},
        "known_errors": errors,
        "sources": [source(name).model_dump() for name in cited(rows)],
    }


def main_entity(record: Series) -> str:
    """Return the place that is shown first."""
    entities = record.entities()
    return next((name for name in ("Colombia", "US", "World") if name in entities), entities[0])


def cited(rows: Iterable[Value]) -> list[str]:
    """Return the documents behind figures, each once."""
    return list(dict.fromkeys(name for row in rows for name in row.sources))


def _row(row: Value) -> dict[str, Any]:
    return {
        "entity": row.entity,
        "year": row.year,
        "value": row.value,
        "unit": row.unit,
        "sources": list(row.sources),
        "quality": row.quality,
        "note": row.note,
    }

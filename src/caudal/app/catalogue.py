"""What there is to choose and to see, in one language: levers, outcomes, parameters, places and scenarios."""

from __future__ import annotations

from typing import Any

import numpy as np

from caudal.app.simulation import identity
from caudal.core.clock import FIRST_DECISION, LAST_YEAR, START
from caudal.core.messages import local
from caudal.evidence.inputs import inputs
from caudal.evidence.registry import Lever, departments, levers, outcomes, parameters
from caudal.evidence.structures import structures
from caudal.report.nodes import unit_text
from caudal.report.recorded import dots
from caudal.simulate.run import USUAL_END, calibration
from caudal.simulate.scenario import library, scenario


def catalogue() -> dict[str, Any]:
    """Return everything that the app offers, with its words in the language in force."""
    given = inputs()
    usual = scenario("baseline").paths(given, USUAL_END)
    targets = _targets()
    return {
        "about": identity() | {"calibration": calibration()},
        "years": {"first": START, "decision": FIRST_DECISION, "usual_end": USUAL_END, "last": LAST_YEAR},
        "levers": [_lever(n, r, usual[n], targets.get(n, [])) for n, r in levers().items()],
        "outcomes": [_outcome(n) for n in outcomes()],
        "parameters": [_parameter(n) for n in parameters()],
        "departments": [d.name for d in departments()],
        "scenarios": [_scenario(n) for n, one in library().items() if not one.document.replay],
        "structures": list(structures()),
    }


def _lever(name: str, record: Lever, usual: np.ndarray, targets: list[dict[str, Any]]) -> dict[str, Any]:
    top = record.maximum
    return {
        "id": name,
        "label": local(record.label),
        "description": local(record.description),
        "actor": record.actor,
        "group": record.group,
        "unit": record.unit,
        "unit_text": unit_text(record.unit),
        "range": list(record.range),
        "departmental": record.departmental,
        "today": float(usual[FIRST_DECISION - 1 - START]),
        "baseline": usual.tolist(),
        "maximum": {"value": top.value, "year": top.year, "note": local(top.note) if top.note else ""},
        "targets": targets,
        "cost": {
            **{key: getattr(record.cost, key) for key in ("value", "low", "high", "unit", "known")},
            "payer": dict(record.cost.payer),
            "note": local(record.cost.note),
        },
        "legal": {"status": record.legal.status, "text": local(record.legal.text)},
        "evidence": record.evidence,
        "evidence_note": local(record.evidence_note),
    }


def _targets() -> dict[str, list[dict[str, Any]]]:
    """Return lever -> the targets that were announced, from the lines of scenarios that cite one."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in library().values():
        for name, lines in one.document.levers.items():
            for line in lines:
                if line.kind == "target":
                    told = {"value": line.value, "year": line.start, "text": local(line.text)}
                    found.setdefault(name, []).append(told)
    return found


def _outcome(name: str) -> dict[str, Any]:
    record = outcomes()[name]
    return {
        "id": name,
        "label": local(record.label),
        "definition": local(record.definition),
        "unit": record.stored_unit,
        "unit_text": local(record.shown_unit) if record.shown_unit else unit_text(record.unit),
        "scale": record.scale,
        "digits": record.digits,
        "kind": record.kind,
        "regional": record.regional,
        "report": record.report,
        "observed": [
            {"series": d.series, "label": d.label, "short": d.short, "points": sorted(d.values.items())}
            for d in (() if record.regional else dots(name, LAST_YEAR))
        ],
    }


def _parameter(name: str) -> dict[str, Any]:
    record = parameters()[name]
    return {
        "id": name,
        "label": local(record.label),
        "block": record.block,
        "unit": record.unit,
        "bounds": list(record.bounds),
        "prior": record.prior.model_dump(),
        "known": record.known,
        "fitted": record.fitted,
        "sources": list(record.source),
    }


def _scenario(name: str) -> dict[str, Any]:
    document = library()[name].document
    return {
        "id": name,
        "title": local(document.title),
        "question": local(document.question),
        "description": local(document.description),
        "aliases": list(document.aliases),
        "levers": {
            n: [line.model_dump(mode="json") for line in lines] for n, lines in document.levers.items()
        },
    }

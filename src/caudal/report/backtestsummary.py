"""The back-test as plain values in one language: bars, those missed first, scores, and bands of history."""

from __future__ import annotations

import math
from typing import Any

from caudal.calibrate import coverage, results
from caudal.calibrate.results import MODEL, SHOWN_SCOPES, Estimate, Results, targets
from caudal.calibrate.thresholds import thresholds
from caudal.core.messages import local, text
from caudal.evidence.readings import readings
from caudal.evidence.registry import outcome

SCOPES = (*SHOWN_SCOPES, "without_boom")


def backtest() -> dict[str, Any]:
    """Return what was stored of the back-test; nothing is run.

    ``bars`` are the thresholds of ``calibrate.thresholds``, ``targets`` the summaries of the model by
    scope (skill over the best naive rival, shares inside bands, width and error in log points), and
    ``bands`` the bands of history beside the record. A number that was not measured is ``None``.
    """
    found = results.stored()
    return {
        "summary": text(
            "backtest.summary",
            count=len(found.scopes["all"]),
            first=min(found.scopes["all"]),
            last=max(found.scopes["all"]),
            horizon=found.settings.get("horizon", 5),
            development=_years(found, "development"),
            held_out=_years(found, "held_out"),
        ),
        "notes": [text("backtest.skill_is"), text("backtest.columns_are")],
        "scopes": {name: text(f"backtest.column_{name}") for name in SCOPES},
        "bars": _bars(found),
        "targets": [_target(found, name) for name in targets() if found.summary(MODEL, name)],
        "bands": _bands(),
    }


def _bars(found: Results) -> list[dict[str, Any]]:
    return [
        {
            "id": one.name,
            "label": text(f"backtest.threshold_{one.name}"),
            "kind": text(f"backtest.kind_{one.kind}"),
            "standing": one.standing,
            "standing_label": text(f"backtest.{one.standing}"),
            "values": {scope: _known(one.values.get(scope)) for scope in SHOWN_SCOPES},
        }
        for one in thresholds(found)
    ]


def _target(found: Results, name: str) -> dict[str, Any]:
    scopes = {}
    for scope in SCOPES:
        one = found.summary(MODEL, name, scope)
        if one is not None:
            scopes[scope] = {
                "best": text(f"backtest.rival_{one.best}") if one.best else "",
                "points": one.points,
                "skill": _estimate(one.skill),
                "inside_50": _estimate(one.inside_50),
                "inside_90": _estimate(one.inside_90),
                "width": _known(one.width),
                "error": _known(one.log_rmse),
            }
    return {"id": name, "label": text(f"backtest.target_{name}"), "scopes": scopes}


def _bands() -> list[dict[str, Any]]:
    shown = []
    for name, band in coverage.stored().bands.items():
        if name not in readings():  # areas of the neighbours, which the fit follows as given
            continue
        record = outcome(readings()[name].outcome)
        paths = {end: [_known(v) for v in path.tolist()] for end, path in band.ends.items()}
        shown.append(
            {
                "id": name,
                "label": local(readings()[name].label),
                "unit": record.unit,
                "digits": record.digits,
                "fitted": band.fitted,
                "years": band.years.tolist(),
                "recorded": [_known(v) for v in band.recorded.tolist()],
                **paths,
            }
        )
    return shown


def _years(found: Results, scope: str) -> str:
    return ", ".join(map(str, found.scopes.get(scope, ()))) or text("backtest.none")


def _estimate(one: Estimate) -> dict[str, float | None]:
    return {"value": _known(one.value), "low": _known(one.low), "high": _known(one.high)}


def _known(value: float | None) -> float | None:
    """Return a number that JSON has, or nothing."""
    return value if value is not None and math.isfinite(value) else None

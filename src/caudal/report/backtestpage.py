"""The page of the back-test: what was missed first, then scores by target, rival, origin and version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from caudal.calibrate import results
from caudal.calibrate.backtest import BOOM, VERSIONS
from caudal.calibrate.coverage import Covered
from caudal.calibrate.results import MODEL, Results, targets
from caudal.calibrate.rivals import RIVALS
from caudal.calibrate.thresholds import STANDINGS, thresholds
from caudal.core.messages import text
from caudal.report.episodes import EPISODES, episode, shock
from caudal.report.markdowntable import table
from caudal.report.validationtext import (
    ENGLISH,
    NONE,
    estimate,
    looks,
    method_label,
    number,
    render,
    target_label,
)


def backtest_page(found: Results, history: Covered) -> str:
    """Return the page of the back-test, what was missed first."""
    scored = [name for name in targets() if found.summary(MODEL, name)]
    return render(
        "backtest",
        settings=found.settings,
        looks=looks(found, ENGLISH),
        held_out=found.scopes.get("held_out", ()),
        boom=BOOM,
        versions={n: text(f"backtest.version_{n}_is", ENGLISH) for n in VERSIONS if n in found.methods},
        rivals={n: text(f"backtest.rival_{n}_is", ENGLISH) for n in RIVALS if n in found.methods},
        bars=_bars(found),
        by_target=_by_target(found),
        by_rival=_by_rival(found),
        by_origin={name: _by_origin(found, name) for name in scored},
        coverage=_coverage(found),
        by_version={name: _by_version(found, name) for name in scored},
        posteriors=_posteriors(found.origins),
        shock=shock(history),
        episodes={name: episode(found, history, spans) for name, spans in EPISODES},
    )


def _bars(found: Results) -> dict[str, str]:
    """Return a table of bars for each standing, those missed first."""
    scopes = results.SHOWN_SCOPES
    head = ["Bar", "Kind", *(text(f"backtest.scope_{scope}", ENGLISH).capitalize() for scope in scopes)]
    grouped: dict[str, list[list[str]]] = {standing: [] for standing in STANDINGS}
    for bar in thresholds(found):
        name, kind = f"backtest.threshold_{bar.name}", f"backtest.kind_{bar.kind}"
        values = [number(bar.values.get(scope)) for scope in scopes]
        grouped[bar.standing].append([text(name, ENGLISH), text(kind, ENGLISH), *values])
    return {
        text(f"backtest.{standing}", ENGLISH): table(head, rows, left=2)
        for standing, rows in grouped.items()
        if rows
    }


def _skill(found: Results, target: str, scope: str) -> str:
    one = found.summary(MODEL, target, scope)
    return NONE if one is None or not one.best else estimate(one.skill)


def _by_target(found: Results) -> str:
    head = ["Target", "Figures", "Best naive rival", "Skill", "Without the boom", "Development", "Held out",
            "Width at 5 years", "Error of the median"]  # fmt: skip
    rows = []
    for target in targets():
        one = found.summary(MODEL, target)
        if one is not None:
            best = method_label(one.best) if one.best else "none: histories too short"
            apart = [_skill(found, target, s) for s in ("all", "without_boom", "development", "held_out")]
            error = number(one.log_rmse)
            rows.append([target_label(target), str(one.points), best, *apart, number(one.width), error])
    return table(head, rows)


def _by_rival(found: Results) -> str:
    names = [name for name in RIVALS if name in found.methods]
    rows = []
    for target in targets():
        one = found.summary(MODEL, target)
        if one is not None:
            over = [one.over.get(name, results.NOTHING) for name in names]
            rows.append([target_label(target), *map(estimate, over)])
    return table(["Target", *map(method_label, names)], rows)


def _by_origin(found: Results, target: str) -> str:
    """Return the CRPS of the model and of every rival at each origin, on the figures that all forecast."""
    rivals = [name for name in RIVALS if found.summary(name, target) is not None]
    lines = [_at_origin(found, target, origin, (MODEL, *rivals)) for origin in found.scopes["all"]]
    head = ["Origin", "Kind", "Figures", "Model", *map(method_label, rivals), "In 90 %"]
    return table(head, [line for line in lines if line], left=2)


def _at_origin(found: Results, target: str, origin: int, methods: tuple[str, ...]) -> list[str]:
    """Return the line of an origin, empty where the model forecast nothing of the target."""
    names = targets()[target]
    tables = {name: found.table(name, names, (origin,)) for name in methods}
    tables = {name: one for name, one in tables.items() if np.isfinite(one).any()}
    if MODEL not in tables:
        return []
    shared = np.all([np.isfinite(one) for one in tables.values()], axis=0)
    means = {name: float(one[shared].mean()) for name, one in tables.items() if shared.any()}
    return [
        str(origin),
        "held out" if origin in found.scopes.get("held_out", ()) else "development",
        str(int(shared.sum())),
        *(number(means.get(name), 3) for name in methods),
        number(found.covered(names, "all", origins=(origin,))["inside_90"].value),
    ]


def _coverage(found: Results) -> str:
    rows = []
    pooled = {"All targets": tuple(n for names in targets().values() for n in names)}
    pooled |= {"National and departmental area": targets()["area"] + targets()["departments"]}
    for name, names in (pooled | {target_label(t): names for t, names in targets().items()}).items():
        cells = [name]
        for scope in results.SHOWN_SCOPES:
            held = found.covered(names, scope)
            cells += [estimate(held[band]) if held else NONE for band in results.BANDS]
        if cells[1] != NONE:
            rows.append(cells)
    scopes = [scope.replace("_", " ") for scope in results.SHOWN_SCOPES]
    return table(["Target", *(f"{level} %, {scope}" for scope in scopes for level in (50, 90))], rows)


def _by_version(found: Results, target: str) -> str:
    rows = []
    for name in VERSIONS:
        one = found.summary(name, target)
        if one is not None:
            apart = [found.summary(name, target, scope) for scope in ("without_boom", "held_out")]
            rows.append(
                [
                    method_label(name),
                    number(one.crps, 3),
                    estimate(one.skill),
                    *(NONE if a is None else number(a.skill.value) for a in apart),
                    estimate(one.inside_90),
                    number(one.width),
                    number(one.log_rmse),
                ]
            )
    head = [
        "Version",
        "CRPS",
        "Skill",
        "Without the boom",
        "Held out",
        "In 90 %",
        "Width at 5 years",
        "Error",
    ]
    return table(head, rows)


def _posteriors(origins: Mapping[int, Mapping[str, Any]]) -> str:
    rows = []
    for origin, about in sorted(origins.items()):
        mixed, worst = about.get("diagnostics", {}), about.get("worst", {})
        rows.append(
            [
                str(origin),
                f"{number(mixed.get('rhat'), 3)} ({worst.get('rhat', NONE)})",
                f"{number(mixed.get('bulk'), 0)} ({worst.get('bulk', NONE)})",
                f"{number(mixed.get('tail'), 0)} ({worst.get('tail', NONE)})",
                number(100.0 * mixed["divergent"], 3) if "divergent" in mixed else NONE,
            ]
        )
    head = ["Origin", "Largest R-hat", "Least bulk ESS", "Least tail ESS", "Divergent, %"]
    return table(head, rows)

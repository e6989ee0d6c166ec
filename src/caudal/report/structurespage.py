"""The page of mechanisms in dispute: what each structure changes, and how it scores beside the standard."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from caudal.calibrate.learning import moves
from caudal.calibrate.results import Results, targets
from caudal.evidence.registry import parameters
from caudal.evidence.structures import STANDARD, Structure, structures
from caudal.report.markdowntable import table
from caudal.report.validationtext import banded, estimate, figure, number, render, target_label
from caudal.simulate.posterior import Posterior

MOVED = 5
"""Parameters listed as moved most by a structure."""


def structures_page(found: Results, weight: Mapping[str, float], fits: Mapping[str, Posterior]) -> str:
    """Return the page of mechanisms in dispute: those that did worse than the standard first.

    Args:
        found: scores of the back-test.
        weight: stacking weight of each structure.
        fits: posterior of each structure that has one.
    """
    names = sorted((n for n in structures() if n != STANDARD), key=lambda n: _against(found, n))
    return render(
        "structures",
        standard=structures()[STANDARD],
        origins=len({row.origin for row in found.rows if row.method in structures()}),
        summary=_summary(found, weight, names),
        sections=[_section(structures()[n], found, weight, fits) for n in names],
    )


def _against(found: Results, name: str) -> float:
    """Return the skill of a structure over the standard in area, infinite where it was not scored."""
    names = targets()["area"] + targets()["departments"]
    value = found.over(name, STANDARD, names, found.scopes["all"]).value
    return math.inf if math.isnan(value) else value


def _summary(found: Results, weight: Mapping[str, float], names: Sequence[str]) -> str:
    rows = [[structures()[STANDARD].label.en, number(weight.get(STANDARD)), *["0"] * 4]]
    for name in names:
        cells = []
        for target in ("area", "departments"):
            asked = (name, STANDARD, targets()[target], found.scopes["all"])
            cells += [estimate(found.over(*asked)), number(found.denser(*asked), 3)]
        rows.append([structures()[name].label.en, number(weight.get(name)), *cells])
    head = ["Structure", "Stacking weight"]
    for target in ("National area", "Departments"):
        head += [f"{target}: skill over the standard", f"{target}: log density over the standard's"]
    return table(head, rows)


def _section(
    one: Structure, found: Results, weight: Mapping[str, float], fits: Mapping[str, Posterior]
) -> dict[str, Any]:
    return {
        "one": one,
        "changes": _changes(one),
        "weight": number(weight.get(one.id)),
        "scored": _scored(found, one.id),
        "moved": _moved(fits.get(STANDARD), fits.get(one.id)),
    }


def _changes(one: Structure) -> str:
    """Return the parameters that a structure holds, and those that it frees with their priors."""
    held = [f"`{name}` = {figure(value)}" for name, value in one.held.items()]
    freed = [
        f"`{name}` free: {banded(p.median, p.low or 0.0, p.high or 0.0)}" for name, p in one.freed.items()
    ]
    return "; ".join(held + freed)


def _scored(found: Results, name: str) -> str:
    """Return the skill of a structure over the standard by target, empty where nothing was scored."""
    over = {t: found.over(name, STANDARD, names, found.scopes["all"]) for t, names in targets().items()}
    rows = [[target_label(t), estimate(one)] for t, one in over.items() if not math.isnan(one.value)]
    return table(["Target", "Skill over the standard"], rows) if rows else ""


def _moved(standard: Posterior | None, other: Posterior | None) -> str:
    """Return the parameters that a structure moves most, in posterior sd of the standard."""
    if standard is None or other is None:
        return ""
    usual, new, moved = standard.medians(), other.medians(), moves(standard, other)
    top = sorted(moved, key=lambda n: -abs(moved[n]))[:MOVED]
    rows = [
        [f"{parameters()[n].label.en} (`{n}`)", figure(usual[n]), figure(new[n]), f"{moved[n]:+.1f}"]
        for n in top
    ]
    return table(["Parameter", "Standard", "Here", "Shift, sd of the standard"], rows)

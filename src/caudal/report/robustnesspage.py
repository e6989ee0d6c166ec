"""The page on robustness: which conclusions of the default comparison change, those first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from caudal.explore.robustness import REPORTED, Conclusion, Robustness
from caudal.report.markdowntable import table
from caudal.report.numbers import Writer
from caudal.report.robusttable import Line, robust_table
from caudal.report.validationtext import ENGLISH, NONE, number, render
from caudal.simulate.conclusion import HARDLY_P, HARDLY_SHARE
from caudal.simulate.scenario import scenario


def robustness_page(found: Robustness, about: Mapping[str, Any]) -> str:
    """Return the page on robustness.

    Args:
        found: the conclusions by variant.
        about: what the table rests on, as it was stored.
    """
    told = robust_table(found, lambda name: scenario(name).document.title.en, Writer(ENGLISH))
    return render(
        "robustness",
        about=about,
        found=found,
        told=told,
        changing=_changing(told.changing),
        holding=table(
            ["Conclusion", "As reported"], [[x.conclusion, x.reported] for x in told.holding], left=2
        ),
        shares=_shares(found),
        sure=HARDLY_P[1],
        error=math.sqrt(HARDLY_P[0] * HARDLY_P[1] / found.draws),
        small=HARDLY_SHARE,
    )


def _changing(lines: tuple[Line, ...]) -> str:
    head = ["Conclusion", "As reported", "Changes with"]
    return table(head, [[x.conclusion, x.reported, "; ".join(x.changes)] for x in lines], left=3)


def _shares(found: Robustness) -> str:
    """Return the share of runs in which each outcome is lower, a line for each variant."""
    tried = [one for one in found.variants if one.tried]
    columns = found.conclusions
    head = ["Asked", *(_short(one) for one in columns)]
    rows = [[one.label(ENGLISH), *(_share(column, one.id) for column in columns)] for one in tried]
    return table(head, rows)


def _short(one: Conclusion) -> str:
    return f"`{one.outcome}`: {one.scenario} against {one.reference}"


def _share(one: Conclusion, variant: str) -> str:
    found = one.found.get(variant)
    if found is None:
        return NONE
    changed = variant != REPORTED.id and variant in one.changed
    return f"**{number(found.lower)}**" if changed else number(found.lower)

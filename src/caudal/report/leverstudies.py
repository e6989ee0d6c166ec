"""The published effects that concern a lever, and how the model stands to each."""

from __future__ import annotations

import functools
import math

from caudal.core.messages import local, text
from caudal.evidence.effects import Effect, published
from caudal.explore.trials import program
from caudal.explore.verdicts import Verdict, stored_verdicts
from caudal.report.findings import value_text
from caudal.report.nodes import figure
from caudal.report.sheetparts import Study

BASE_YEAR = 2020
"""Year of the dollars in which the model tells money."""


@functools.cache
def _verdicts() -> dict[str, Verdict]:
    return {one.id: one for one in stored_verdicts()}


def study(effect: Effect) -> Study:
    """Return an effect with its number, its verdict and the reason of a difference."""
    found, trial = _verdicts().get(effect.id), program().trials.get(effect.id)
    reasons = (trial.out_of_scope, trial.why) if trial else ()
    model = ""
    if found is not None and found.whose is None and found.right is not None:
        model = text("validate.probability", percent=f"{100.0 * found.right:.0f}")
    elif found is not None and found.found is not None:
        low, middle, high = (_limited(value) for value in found.found)
        band = text("report.range", low=low, high=high)
        model = text("report.level", level=f"{middle} {_effect_unit(effect)}".strip(), band=band)
    return Study(
        effect=effect.id,
        claim=local(effect.claim),
        quantity=local(effect.quantity),
        value=value_text(effect),
        kind=local(published().estimands[effect.estimand]),
        context=local(effect.context),
        read=effect.how_read,
        used_in=effect.used_in,
        verdict=found.word if found else "",
        verdict_label=text(f"validate.word_{found.word}") if found else "",
        standing_label=text(f"sheets.standing_{found.standing}") if found else "",
        model=model,
        why=next((local(reason) for reason in reasons if reason), ""),
        cites=(effect.source,) if effect.source else (),
    )


def _limited(value: float) -> str:
    return figure(value, 3) if math.isfinite(value) else text("validate.no_limit")


def _effect_unit(effect: Effect) -> str:
    """Return the unit of the model's number: that of the effect, money in dollars of 2020."""
    unit = local(published().units[effect.unit])
    return text("trace.effect_money", unit=unit, year=BASE_YEAR) if effect.money_year else unit

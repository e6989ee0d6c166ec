"""What published studies report, in words: the effects that a document stands behind."""

from __future__ import annotations

from typing import Any

from caudal.core.messages import local, text
from caudal.evidence.effects import Effect, published, reported_by
from caudal.report.nodes import Node, both, figure, interval

DIRECTIONS = {1: "found", 0: "none", -1: "opposite"}
"""What the estimate of a direction says."""


def value_text(effect: Effect) -> str:
    """Return the number of an effect with its unit and range: -0.026 ha per ha (-0.03 to -0.022)."""
    if effect.form == "direction":
        return text(f"trace.effect_{DIRECTIONS[int(effect.estimate or 0)]}")
    unit = local(published().units[effect.unit])
    if effect.money_year is not None:
        unit = text("trace.effect_money", unit=unit, year=effect.money_year)
    told = "" if effect.estimate is None else f"{figure(effect.estimate)} {unit}".strip()
    if effect.band is None:
        return told
    words = local(published().bands[effect.band])
    if effect.band_ours:
        ours = "both" if len(effect.band_ours) > 1 else effect.band_ours[0]
        words += text(f"trace.effect_ours_{ours}")
    if effect.low is None:
        band = text("trace.effect_most", value=f"{figure(effect.high)} {unit}".strip())
    elif effect.high is None:
        band = text("trace.effect_least", value=f"{figure(effect.low)} {unit}".strip())
    else:
        band = interval(effect.low, effect.high)
    return text("trace.effect_band", value=told, band=band, words=words) if told else f"{band} ({words})"


def effect_text(effect: Effect) -> str:
    """Return an effect in short: what is claimed, of which quantity, and the number."""
    return text(
        "trace.effect",
        claim=local(effect.claim),
        quantity=local(effect.quantity),
        value=value_text(effect),
        id=effect.id,
    )


def effect_node(effect: Effect) -> Node:
    """Return an effect as a step of a trace, with its kind, its place and its comparison."""
    parts = (
        ("context", local(effect.context)),
        ("estimand", local(published().estimands[effect.estimand])),
        ("experiment", local(effect.experiment)),
    )
    children = [Node(kind, both(f"title_effect_{kind}"), text=told) for kind, told in parts]
    if not effect.scored:
        children.append(Node("unscored", both("title_effect_unscored"), text=text("trace.effect_unscored")))
    return Node(
        "effect",
        both("title_effect"),
        effect.id,
        effect_text(effect),
        effect.estimate,
        effect.low,
        effect.high,
        effect.unit,
        known=effect.how_read,
        children=tuple(children),
    )


def findings(source: str) -> tuple[str, ...]:
    """Return what a document reports, one text for each effect; empty for most documents."""
    return tuple(effect_text(effect) for effect in reported_by(source))


def findings_json(source: str) -> dict[str, Any]:
    """Return the effects that a document reports as plain values, or nothing."""
    found = reported_by(source)
    kept = [effect.model_dump() | {"how_read": effect.how_read, "scored": effect.scored} for effect in found]
    return {"effects": kept} if kept else {}

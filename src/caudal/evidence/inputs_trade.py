"""What stands between farm and buyer, as recorded: seizures on each route and the exchange rate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from caudal.core.clock import START

if TYPE_CHECKING:
    from caudal.evidence.inputs_reader import Reader

PURITY = 0.72
"""Purity of seized cocaine, share (judgement within 0.6-0.8; carried by ``seizure_scale_*``)."""

COLOMBIA_SHARE = 0.70
"""Colombia's share of world output in 2005 (sup.S12), for those who know no world output yet."""


def exchange(read: Reader) -> np.ndarray:
    """Return the real exchange rate: COP/USD x US CPI / Colombian CPI, 2010-19 mean = 1."""
    rate, us, own = (
        read.record("cop_per_usd", "Colombia"),
        read.record("us_cpi", "US"),
        read.record("colombia_cpi", "Colombia"),
    )
    real = {y: rate[y] * us[y] / own[y] for y in rate if y in us and y in own}
    mean = np.mean([real[y] for y in range(2010, 2020)])
    known = {y: v / mean for y, v in real.items()}
    return read.fill("real_exchange_rate", known, "held", "exchange_drift")


def losses(read: Reader) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return loss hazards -ln(1 - share): inside Colombia, towards the US, towards elsewhere.

    Shares are purity-adjusted seizures over what passed: Colombian output; seizures plus use
    in the US; the rest of world output less what was lost or used elsewhere.
    """
    colombia = read.owned("potential_cocaine_unodc", "Colombia")
    output = dict(
        zip(
            read.years,
            read.fill("potential_cocaine_unodc", colombia, "interpolated_then_held", "yield_per_hectare"),
            strict=True,
        )
    )
    inside = read.record("seizures_colombia_territory", "Colombia")
    official = read.record("seizures_colombia_unodc", "Colombia")
    shared = [inside[y] / official[y] for y in range(2010, 2015) if y in inside]
    ratio = np.mean(shared) if shared else 1.0
    early = {y: ratio * official[y] for y in official if START <= y < min(inside, default=y + 1)}
    how = "scaled_from_rival" if shared else "counted_whole"
    read.missing("seizures_colombia_territory", tuple(early), how, "seizure_scale_source")
    seized = early | {y: v for y, v in inside.items() if y in output}
    source = {y: min(PURITY * v / output[y], 0.6) for y, v in seized.items()}

    towards = {}
    for country in ("US", "Mexico", "Panama"):
        for y, v in read.record("seizures_country_unodc", country).items():
            towards[y] = towards.get(y, 0.0) + v
    use = read.fill(
        "us_consumption", read.record("us_consumption", "US"), "interpolated_then_held", "seizure_scale_us"
    )
    used = dict(zip(read.years, use, strict=True))
    us = {y: PURITY * towards[y] / (PURITY * towards[y] + used[y]) for y in towards if y in used}

    seizures = read.record("seizures_world", "World")
    produced = world_output(read, output, seizures)
    elsewhere = {}
    for y in sorted(set(produced) & set(seizures) & set(seized)):
        bound = towards.get(y, towards[max(towards)])
        gross = seizures[y] - seized[y] - bound
        passing = produced[y] - PURITY * (seized[y] + bound) - used[y]
        elsewhere[y] = float(np.clip(PURITY * gross / passing, 0.1, 0.7))
    hazards = []
    for name, shares, parameter in (
        ("loss inside Colombia", source, "seizure_scale_source"),
        ("loss towards the US", us, "seizure_scale_us"),
        ("loss towards the rest of the world", elsewhere, "seizure_scale_world"),
    ):
        path = read.fill(name, shares, "derived_share", parameter)
        hazards.append(-np.log1p(-path))
    return hazards[0], hazards[1], hazards[2]


def world_output(read: Reader, output: dict[int, float], wanted: Iterable[int]) -> dict[int, float]:
    """Return potential output of the world; before 2009 it was known as Colombia's over its share."""
    produced = read.owned("potential_cocaine_unodc", "World")
    if set(produced) & set(wanted):
        return produced
    years = tuple(y for y in wanted if y in output)
    read.missing("potential_cocaine_unodc", years, "over_world_share", "seizure_scale_world")
    return {y: output[y] / COLOMBIA_SHARE for y in years}

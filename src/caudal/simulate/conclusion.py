"""What a comparison concludes: of which outcomes, and in which direction a difference goes."""

from __future__ import annotations

from typing import Literal

Direction = Literal["lower", "higher", "hardly", "same"]
"""``hardly``: no clear direction, or small; ``same``: no run differs."""

COLOMBIA = ("coca_area", "growers_income", "potential_cocaine")
UNITED_STATES = ("cocaine_to_us", "us_retail_price", "us_deaths")
"""The outcomes that an answer compares, each in the last year."""

HARDLY_P = (0.25, 0.75)
"""Between these probabilities of being lower, a difference has no clear direction."""

HARDLY_SHARE = 0.02
"""A median difference below this share of the reference's level is hardly a change."""


def direction(p_lower: float, p_higher: float, gap: float, level: float) -> Direction:
    """Return the direction of a difference.

    Args:
        p_lower: probability that the outcome is lower than in the reference.
        p_higher: probability that it is higher.
        gap: median difference.
        level: median of the reference.
    """
    if p_lower == p_higher == 0.0:
        return "same"
    small = abs(gap) < HARDLY_SHARE * abs(level)
    if small or HARDLY_P[0] < p_lower < HARDLY_P[1]:
        return "hardly"
    return "lower" if p_lower >= HARDLY_P[1] else "higher"

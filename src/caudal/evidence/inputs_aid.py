"""What the United States gave Colombia, and the force it used at sea, as recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from caudal.evidence.inputs_reader import Reader


def aid(read: Reader, deflator: dict[int, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return military and police aid, and economic and social aid, 2020 USD by fiscal year."""
    paths = []
    for name in ("us_aid_military", "us_aid_economic"):
        known = {y: v * deflator[y] for y, v in read.record(name, "Colombia").items()}
        paths.append(read.fill(name, known, "interpolated_then_held", "aid_replacement"))
    return paths[0], paths[1]


def strikes(read: Reader) -> np.ndarray:
    """Return lethal strikes on vessels by year: none before September 2025."""
    known = read.record("strikes_at_sea", "US")
    return np.array([known.get(int(y), 0.0) for y in read.years])

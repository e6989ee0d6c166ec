"""Who uses and who dies, as recorded in the United States: people, treatment, synthetic opioids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from caudal.evidence.inputs import Reader


def fentanyl(read: Reader) -> np.ndarray:
    """Return exposure to synthetic opioids from deaths that do not involve cocaine, 2021 = 1."""
    early = read.record("synthetic_opioid_deaths", "US")
    late = read.record("synthetic_opioid_deaths_vsrr", "US")
    both = read.record("cocaine_deaths_with_synthetic", "US")
    every = early | {y: v for y, v in late.items() if y not in early}
    share = {y: both[y] / every[y] for y in both if y in every}
    first, last = min(share), max(share)
    apart = {
        y: v * (1.0 - share.get(y, share[first] if y < first else share[last])) for y, v in every.items()
    }
    held = tuple(y for y in apart if y not in share and y in read.years)
    read.missing("fentanyl_index", held, "share_held", "fentanyl_hazard")
    return read.fill(
        "fentanyl_index", {y: v / apart[2021] for y, v in apart.items()}, "held", "fentanyl_trend"
    )


def population(read: Reader) -> np.ndarray:
    """Return the population of the United States, 2000 = 1."""
    known = read.record("population", "US")
    return read.fill("population", {y: v / known[2000] for y, v in known.items()}, "held", "innovators")


def admissions(read: Reader) -> np.ndarray:
    """Return admissions to treatment for cocaine in the United States, persons."""
    known = read.record("us_treatment_admissions", "US")
    return read.fill("us_treatment_admissions", known, "interpolated_then_held", "treatment_seeking")

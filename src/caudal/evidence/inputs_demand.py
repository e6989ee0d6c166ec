"""Who uses and who dies, as recorded in the United States: people, treatment, synthetic opioids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from caudal.evidence.inputs_reader import Reader


def fentanyl(read: Reader) -> np.ndarray:
    """Return exposure to synthetic opioids from deaths that do not involve cocaine, 2021 = 1.

    The share with cocaine is what the model predicts, so it is held where it is not known, and
    every death counts while it has never been (before 2010).
    """
    early = read.record("synthetic_opioid_deaths", "US")
    late = read.record("synthetic_opioid_deaths_vsrr", "US")
    both = read.record("cocaine_deaths_with_synthetic", "US")
    every = early | {y: v for y, v in late.items() if y not in early}
    share = {y: both[y] / every[y] for y in both if y in every}
    held = tuple(y for y in every if y not in share and y in read.years)
    read.missing("fentanyl_index", held, "share_held" if share else "counted_whole", "fentanyl_hazard")
    first, last = min(share, default=0), max(share, default=0)
    apart = {
        y: v * (1.0 - share.get(y, share.get(first if y < first else last, 0.0))) for y, v in every.items()
    }
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

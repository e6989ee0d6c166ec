"""Coca and what is done against it, as recorded: eradication, agreements, laboratories, yields.

The area of Peru and Bolivia is here; that of Colombia is read in ``inputs.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from caudal.core.clock import MONTHS, START
from caudal.evidence.owners import AREA

if TYPE_CHECKING:
    from caudal.evidence.inputs_reader import Reader

BOLIVIA_TO_COCAINE = 0.5
"""Share of Bolivian coca that supplies cocaine (judgement: about 22,000 ha are legal)."""

PERU_TO_COCAINE = 0.93
"""Share of Peruvian coca that supplies cocaine (9,000 of 121,424 t of dry leaf are legal)."""


def andes(read: Reader) -> np.ndarray:
    """Return the area of Peru and Bolivia that supplies cocaine, ha on 31 December."""
    columns = []
    for country, share in (("Peru", PERU_TO_COCAINE), ("Bolivia", BOLIVIA_TO_COCAINE)):
        early = read.record("coca_area_wdr2004", country)
        known = {y: v for y, v in early.items() if START - 1 <= y <= 2003}
        known |= read.record("coca_area_unodc", country)
        ends = np.arange(START - 1, read.observed + 1)
        missing = tuple(int(y) for y in ends if y not in known)
        read.missing(f"coca_area_unodc {country}", missing, "interpolated", "andes_yield")
        at = np.array(sorted(known))
        path = share * np.exp(np.interp(ends, at, np.log([known[y] for y in at])))
        columns.append(path * read.factor(AREA, country, ends, known))
    return np.stack(columns, axis=1)


def spraying(read: Reader) -> np.ndarray:
    """Return hectares sprayed: recorded 2003-14, multi-year sums before, none after 2015."""
    known = read.record("aerial_spraying", "Colombia")
    total = known.copy()
    spans = ("1995-2009", "1992-1998", "1999-01..1999-08")
    total_1995_2009, until_1998, part_1999 = (
        read.at("aerial_spraying_cumulative", "Colombia", span) for span in spans
    )
    before = total_1995_2009 - sum(v for y, v in known.items() if 2003 <= y <= 2009)
    before -= until_1998 + part_1999 * MONTHS / 8
    total |= {2000: before / 6, 2001: before / 3, 2002: before / 2}
    combined_2015 = read.record("eradication_aerial_and_manual", "Colombia").get(2015)
    by_hand = read.record("manual_eradication", "Colombia")
    if 2015 not in known and combined_2015 is not None:
        total[2015] = max(combined_2015 - 0.5 * (by_hand[2014] + by_hand[2016]), 0.0)
    filled = tuple(y for y in (2000, 2001, 2002, 2015) if y not in known)
    read.missing("aerial_spraying", filled, "from_sums", "spray_kill")
    return np.array([total.get(int(y), 0.0) for y in read.years])


def manual(read: Reader) -> np.ndarray:
    """Return hectares uprooted by force: zero before 2004, interpolated in 2013 and 2015."""
    known = {y: v for y, v in read.record("manual_eradication", "Colombia").items() if y >= START}
    first = min(known)
    read.missing("manual_eradication", tuple(range(START, first)), "none_recorded", "manual_kill")
    path = read.fill(
        "manual_eradication", known | {first - 1: 1.0, START: 1.0}, "interpolated", "manual_kill"
    )
    return np.where(read.years < first, 0.0, path)


def department_shares(name: str, read: Reader, names: Sequence[str]) -> np.ndarray:
    """Return what each department has of a recorded total, zero in years without a record."""
    table = np.array([[read.record(name, n).get(int(y), 0.0) for n in names] for y in read.years])
    total = table.sum(axis=1, keepdims=True)
    return np.divide(table, total, out=np.zeros_like(table), where=total > 0)


def enrolment(read: Reader) -> np.ndarray:
    """Return households entering agreements: 99,097 over 2017-19; 2024-25 from hectares removed."""
    total = read.record("pnis_families", "Colombia")[2019]
    path = dict.fromkeys((2017, 2018, 2019), total / 3.0)
    both = read.at("eradication_and_substitution", "Colombia", "2025-01..09")
    forced = read.at("manual_eradication", "Colombia", "2025-01..09")
    per_household = read.at("voluntary_eradication", "Colombia", "cumulative to 2024") / total
    path[2025] = (both - forced) * MONTHS / 9 / per_household
    path[2024] = 0.5 * path[2025]
    read.missing("pnis_families", tuple(path), "spread_from_totals", "agreement_additionality")
    return np.array([path.get(int(y), 0.0) for y in read.years])


def announced(years: np.ndarray) -> np.ndarray:
    """Return the share of the year in which growing coca made a household eligible."""
    window = {2014: 7.5 / 12.0, 2015: 1.0, 2016: 1.0, 2017: 1.0, 2018: 0.5}
    return np.array([window.get(int(y), 0.0) for y in years])


def laboratories(read: Reader) -> np.ndarray:
    """Return laboratories destroyed a year."""
    known = read.record("laboratories_destroyed", "Colombia")
    return read.fill("laboratories_destroyed", known, "interpolated_then_held", "laboratory_loss")


def yields(read: Reader) -> tuple[np.ndarray, np.ndarray]:
    """Return the technical yield of Colombian coca (2005 = 1) and the log jump of 2023.

    Potential output over the mean of two year-ends, smoothed over three recorded years; the
    estimate of 2023 rests on new yield factors, so its jump is kept apart.
    """
    output = read.owned("potential_cocaine_unodc", "Colombia")
    area = read.owned("coca_area_unodc", "Colombia")
    implied = {y: output[y] / (0.5 * (area[y] + area[y - 1])) for y in output if y - 1 in area and y in area}
    jump = implied.pop(2023, None)
    recorded = sorted(implied)
    smoothed = {}
    for i, year in enumerate(recorded):
        near = recorded[max(i - 1, 0) : i + 2]
        smoothed[year] = float(np.mean([implied[y] for y in near]))
    path = read.fill(
        "yield_index",
        {y: v / smoothed[2005] for y, v in smoothed.items()},
        "smoothed_and_held",
        "yield_pressure",
    )
    size = np.log(jump / smoothed[recorded[-1]]) if jump else 0.0
    return path, np.where(read.years >= 2023, size, 0.0)

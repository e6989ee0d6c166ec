"""Reads the series behind the inputs, as somebody would have had them at the end of a year.

``known`` is that year. What was done (``POLICIES``) and what came from outside (``OUTSIDE``) is
told to them for the years after it; of everything else they have the record up to ``known``.
Figures are those of today's files: later revisions of earlier years are not undone.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from caudal.core.clock import LAST_OBSERVED, LAST_YEAR, START
from caudal.core.errors import CaudalError
from caudal.evidence.owners import RIVALS, Rival, newest_method, ratio, rival_record
from caudal.evidence.series import series

POLICIES = (
    "aerial_spraying",
    "aerial_spraying_cumulative",
    "aerial_spraying_department",
    "manual_eradication",
    "manual_eradication_gme_department",
    "eradication_aerial_and_manual",
    "eradication_and_substitution",
    "voluntary_eradication",
    "pnis_families",
    "laboratories_destroyed",
    "us_treatment_admissions",
    "us_aid_military",
    "us_aid_economic",
    "strikes_at_sea",
)
"""Series of what was done: eradication, agreements, laboratories, treatment, aid and strikes."""

OUTSIDE = (
    "cop_per_usd",
    "us_cpi",
    "colombia_cpi",
    "population",
    "synthetic_opioid_deaths",
    "synthetic_opioid_deaths_vsrr",
)
"""Series of what came from outside: exchange rate, prices, population, synthetic opioids."""

GIVEN = frozenset(POLICIES + OUTSIDE)


@dataclasses.dataclass(frozen=True)
class Fill:
    """Years of an input that no record covers, and how they were filled."""

    input: str
    years: tuple[int, ...]
    method: str
    parameter: str


class Reader:
    """Reads annual series over the recorded years and remembers what it filled.

    Args:
        last: last year wanted.
        known: year at whose end the record is read; ``None`` for all of it.
        owner: whose estimates of area and production are read.
    """

    def __init__(self, last: int, known: int | None = None, owner: str = "unodc") -> None:
        self.years = np.arange(START, last + 1)
        self.known = LAST_YEAR if known is None else known
        self.observed = min(self.known, LAST_OBSERVED)  # last survey of coca that is known
        self.owner = owner
        self.fills: list[Fill] = []
        self.used: list[str] = []

    def record(self, name: str, entity: str) -> dict[int, float]:
        """Return the record of a series as it is known, verified values only."""
        if name not in self.used:
            self.used.append(name)
        found = series(name).annual(entity, calibrating=True)
        return found if name in GIVEN else {y: v for y, v in found.items() if y <= self.known}

    def owned(self, name: str, entity: str) -> dict[int, float]:
        """Return the record of a quantity as its chosen owner has it (``owners.ratio`` elsewhere)."""
        own = self.record(name, entity)
        if self.owner == "unodc":
            return own
        kept = {y: v for y, v in own.items() if y <= RIVALS[name].last_own}
        found = self._rival(RIVALS[name], entity)
        if not kept:
            return found
        at = np.array(sorted(kept.keys() | found.keys()))
        path = np.exp(np.interp(at, sorted(kept), np.log([kept[y] for y in sorted(kept)])))
        factor = self.factor(RIVALS[name], entity, at, kept)
        return dict(zip(at.tolist(), (path * factor).tolist(), strict=True))

    def factor(self, rival: Rival, entity: str, at: np.ndarray, own: dict[int, float]) -> np.ndarray:
        """Return the chosen owner's estimate over ``own`` in the years ``at``; 1 for UNODC."""
        if self.owner == "unodc":
            return np.ones(len(at))
        found = self._rival(rival, entity)
        silent = tuple(int(y) for y in at if y not in found)
        self.missing(f"{rival.series} {entity}", silent, "ratio_to_unodc", rival.parameter)
        return ratio(own, found, at)

    def _rival(self, rival: Rival, entity: str) -> dict[int, float]:
        found = rival_record(lambda e: self.record(rival.series, e), entity)
        return newest_method(found, rival.starts)

    def at(self, name: str, entity: str, period: str) -> float:
        """Return the verified value of a period that is not a whole year, of what is given."""
        if name not in self.used:
            self.used.append(name)
        value = series(name).value_at(entity, period, calibrating=True).value
        if value is None:
            raise CaudalError("CAU-111", "no_value", series=name, entity=entity, year=period, years="")
        return value

    def missing(self, name: str, years: tuple[int, ...], method: str, parameter: str) -> None:
        """Declare years of an input that no record covers."""
        found = Fill(name, years, method, parameter)
        if found not in self.fills:
            self.fills.append(found)

    def fill(self, name: str, known: dict[int, float], method: str, parameter: str, *, log: bool = True):
        """Return the path over all years: records, and interpolation (or the end value) elsewhere.

        A path that is given beyond ``self.known`` is held until then: its values up to that year
        never depend on later ones.
        """
        missing = tuple(int(y) for y in self.years if y not in known)
        if missing:
            self.missing(name, missing, method, parameter)
        before = [y for y in known if y <= self.known]
        if before and len(before) < len(known):
            known = known | {self.known: known[max(before)]}
        years = np.array(sorted(known))
        values = np.array([known[y] for y in years], float)
        if log:
            return np.exp(np.interp(self.years, years, np.log(values)))
        return np.interp(self.years, years, values)

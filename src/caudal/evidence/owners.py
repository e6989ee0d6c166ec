r"""Rival owners of the same quantity: UNODC with national governments, and the United States.

Both estimate the area of coca and the cocaine it could yield, with methods of their own. An owner
is chosen for a whole run. Where the United States published nothing, its estimate is taken as

.. math::
    u_y = o_y\, e^{r_y},\quad r_y = \text{interpolated } \ln(u/o)

from UNODC's :math:`o` and the ratio of both, interpolated between the years with a US estimate and
held beyond them. Estimates of different methods are never put in one path: of production, only
the newest US method counts that had values by then (conflict 4 of the supply evidence).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from caudal.core.clock import LAST_YEAR, START
from caudal.core.errors import unknown
from caudal.core.records import Bilingual
from caudal.evidence.series import series

OWNERS = ("unodc", "us")
"""Whose estimates of area and production may be chosen."""

COUNTRIES = ("Colombia", "Peru", "Bolivia")
"""Countries of which the United States publishes estimates; together they are the world."""


@dataclasses.dataclass(frozen=True)
class Rival:
    """The US series beside one of UNODC.

    ``starts`` are the first years of its methods. ``last_own`` is the last year of UNODC's that
    rests on yields which the United States could share: UNODC's of 2023 have new factors.
    """

    own: str
    series: str
    parameter: str
    starts: tuple[int, ...]
    last_own: int = LAST_YEAR


AREA = Rival("coca_area_unodc", "coca_area_us", "us_area_ratio", (1999,))
PRODUCTION = Rival(
    "potential_cocaine_unodc",
    "potential_cocaine_us",
    "us_production_ratio",
    (2001, 2011, 2015),
    last_own=2022,
)
"""US production of 2001-10 is of the 2011 vintage, that of 2011-14 of 2014-16, before the method
changed: 245 t for 2014, then 520 t for 2015."""

RIVALS = {rival.own: rival for rival in (AREA, PRODUCTION)}
"""Rivals by the series of UNODC's that they stand beside."""


@dataclasses.dataclass(frozen=True)
class Disagreement:
    """Years in which both owners estimate a quantity, by one method each, and US over UNODC."""

    series: str
    rival: str
    entity: str
    method: int  # first year of the US method
    years: tuple[int, ...]
    ratio: np.ndarray

    @property
    def label(self) -> Bilingual:
        """Return the name of the quantity, that of UNODC's series."""
        return series(self.series).label

    @property
    def log_mean(self) -> float:
        """Return the mean of the log ratio: how much higher the United States is, log points."""
        return float(np.log(self.ratio).mean())

    @property
    def log_sd(self) -> float | None:
        """Return the sd of the log ratio, or ``None`` for a single year."""
        return float(np.log(self.ratio).std(ddof=1)) if len(self.years) > 1 else None


def checked(owner: str) -> str:
    """Return an owner's name, or offer the nearest (``CAU-315``)."""
    if owner not in OWNERS:
        raise unknown("owner", owner, OWNERS, "CAU-315")
    return owner


def rival_record(record: Callable[[str], Mapping[int, float]], entity: str) -> dict[int, float]:
    """Return the rival record of an entity; that of the world is the sum of the three countries."""
    if entity != "World":
        return dict(record(entity))
    found = [record(country) for country in COUNTRIES]
    both = set.intersection(*(set(f) for f in found))
    return {y: sum(f[y] for f in found) for y in sorted(both)}


def newest_method(record: Mapping[int, float], starts: Sequence[int]) -> dict[int, float]:
    """Return the values of the newest method that has any; empty when none has."""
    for start in sorted(starts, reverse=True):
        kept = {y: v for y, v in record.items() if y >= start}
        if kept:
            return kept
    return {}


def ratio(own: Mapping[int, float], rival: Mapping[int, float], at: np.ndarray) -> np.ndarray:
    """Return rival over own in the years ``at``: interpolated in logarithms, held at the ends.

    Where the rival has a year that ``own`` lacks, ``own`` is interpolated in the same way. With
    no rival the ratio is 1.
    """
    if not rival:
        return np.ones(len(at))
    years, known = sorted(rival), sorted(own)
    path = np.interp(years, known, np.log([own[y] for y in known]))
    return np.exp(np.interp(at, years, np.log([rival[y] for y in years]) - path))


def disagreement() -> tuple[Disagreement, ...]:
    """Return how far the owners are apart in each quantity, country and US method, since START.

    Only years in which both published count, verified figures only.
    """
    found = []
    for name, rival in RIVALS.items():
        ends = [*rival.starts[1:], LAST_YEAR + 1]
        for entity in (*COUNTRIES, "World"):
            own = series(name).annual(entity, calibrating=True)
            other = rival_record(lambda e, s=rival.series: series(s).annual(e, calibrating=True), entity)
            for start, end in zip(rival.starts, ends, strict=True):
                years = tuple(y for y in sorted(own.keys() & other.keys()) if max(start, START) <= y < end)
                if years:
                    ratios = np.array([other[y] / own[y] for y in years])
                    found.append(Disagreement(name, rival.series, entity, start, years, ratios))
    return tuple(found)

"""What the model takes as given, year by year, from the series; every fill is declared.

Each theme is read in a module beside this one: ``inputs_supply.py``, ``inputs_trade.py``,
``inputs_demand.py`` and ``inputs_conflict.py``; here they are joined, for the regions asked for.

A year without a record is filled by a stated method and listed in ``Inputs.fills`` with the
parameter that carries its uncertainty. ``unverified`` values are never used. All money is
in 2020 US dollars.

Inputs can be those that somebody would have had at the end of a year (``known``), told
afterwards only what was done and what came from outside (``inputs_reader.py``), and those of a
rival owner of area and production (``owners.py``).
"""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import numpy as np

from caudal.core.clock import FIRST_DECISION, LAST_OBSERVED, START
from caudal.core.errors import CaudalError, unknown
from caudal.evidence.inputs_aid import aid, strikes
from caudal.evidence.inputs_conflict import LAST_EVENTS, contested, farc_before, homicides, people
from caudal.evidence.inputs_demand import admissions, fentanyl, population
from caudal.evidence.inputs_reader import Fill, Reader
from caudal.evidence.inputs_supply import (
    andes,
    announced,
    department_shares,
    enrolment,
    laboratories,
    manual,
    spraying,
    yields,
)
from caudal.evidence.inputs_trade import exchange, losses
from caudal.evidence.owners import AREA, checked
from caudal.evidence.registry import departments
from caudal.evidence.series import series

FIRST_KNOWN = 2006
"""First year as of which there are inputs: the record of world seizures begins with it."""


@dataclasses.dataclass(frozen=True)
class Inputs:
    """Recorded inputs over ``years`` (START..last recorded); ``used`` names what was read."""

    years: np.ndarray
    area: np.ndarray  # (year + 1, region) ha on 31 December, START - 1..observed
    andes: np.ndarray  # (year + 1, 2) ha that supply cocaine, the same years
    spraying: np.ndarray  # (year,) ha
    spraying_share: np.ndarray  # (year, region) recorded shares, zero where unknown
    manual: np.ndarray  # (year,) ha
    manual_share: np.ndarray  # (year, region)
    enrolment: np.ndarray  # (year,) households
    announced: np.ndarray  # (year,) 0-1
    laboratories: np.ndarray  # (year,)
    admissions: np.ndarray  # (year,) persons
    exchange: np.ndarray  # (year,) 2010-19 mean = 1
    yield_index: np.ndarray  # (year,) 2005 = 1
    yield_jump: np.ndarray  # (year,) log points
    fentanyl: np.ndarray  # (year,) 2021 = 1
    population: np.ndarray  # (year,) 2000 = 1
    seizure_source: np.ndarray  # (year,) loss hazard
    seizure_us: np.ndarray
    seizure_world: np.ndarray
    homicides: np.ndarray  # (year, region) deaths
    contested: np.ndarray  # (year, region) 0-1, FARC counted
    contested_without_farc: np.ndarray  # (year, region) 0-1
    farc_before: np.ndarray  # (region,) 0-1, where FARC stood before its exit
    people: np.ndarray  # (region,) inhabitants
    aid_military: np.ndarray  # (year,) 2020 USD
    aid_social: np.ndarray  # (year,) 2020 USD
    strikes: np.ndarray  # (year,)
    regions: tuple[str, ...]
    department: tuple[str, ...]  # department of each region, "" for the nation
    observed: int  # last year of the area record
    owner: str  # whose estimates of area and production
    fills: tuple[Fill, ...]
    used: tuple[str, ...]


def deflator() -> dict[int, float]:
    """Return the factor that turns dollars of a year into dollars of 2020 (US CPI-U)."""
    index = series("us_cpi").annual("US", calibrating=True)
    return {year: index[2020] / value for year, value in index.items()}


@functools.cache
def inputs(
    last: int = FIRST_DECISION - 1,
    regions: str = "department",
    coca_file: Path | None = None,
    known: int | None = None,
    owner: str = "unodc",
) -> Inputs:
    """Return the recorded inputs of the years START..``last``.

    Args:
        last: last recorded year wanted.
        regions: ``department`` (24), ``national`` (1) or ``municipality`` (the owner's file).
        coca_file: the owner's municipal file, needed for ``municipality``.
        known: the inputs are those of somebody at the end of this year who was told afterwards
            only what was done and what came from outside (``inputs_reader.GIVEN``); ``None``
            for the whole record.
        owner: ``unodc`` or ``us``: whose estimates of area and production.
    """
    if known is not None and not FIRST_KNOWN <= known <= LAST_OBSERVED:
        raise CaudalError("CAU-316", "known", value=known, low=FIRST_KNOWN, high=LAST_OBSERVED)
    given = _departmental(last, known, checked(owner))
    if regions == "department":
        return given
    if regions == "national":
        area, names, of = given.area.sum(axis=1, keepdims=True), ("COLOMBIA",), ("",)
        fills = ()
    elif regions == "municipality":
        if coca_file is None:
            raise CaudalError("CAU-307", "coca_file")
        surveyed = _departmental(last, known, "unodc").area
        scale = given.area.sum(axis=1) / surveyed.sum(axis=1)
        area, names, of, fills = _municipal(coca_file, given.observed, scale)
    else:
        axes = ("department", "national", "municipality")
        raise unknown("regions", regions, axes, "CAU-308")
    nowhere = np.zeros((len(given.years), len(names)))
    return dataclasses.replace(
        given,
        area=area,
        regions=names,
        department=of,
        spraying_share=nowhere,
        manual_share=nowhere,
        fills=given.fills + fills,
        **_spread(given, area, of),
    )


def _spread(given: Inputs, area: np.ndarray, of: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Return the departmental records of violence for other regions.

    Parts of a department share its contestation, and its homicides and people in proportion to
    their coca. The nation has the sums, and the means weighted by coca.
    """
    coca = area[-10:].mean(axis=0)
    shares = np.array([[float(d == own) for d in given.regions] for own in of])
    if not any(of):
        own = given.area[-10:].mean(axis=0)
        shares, part = (own / own.sum())[None, :], np.ones((1, len(given.regions)))
    else:
        total = shares.T @ coca
        part = shares * coca[:, None] / np.maximum(total, 1e-9)
    return {
        "homicides": np.maximum(given.homicides @ part.T, 1e-3),
        "people": np.maximum(part @ given.people, 1.0),
        "contested": given.contested @ shares.T,
        "contested_without_farc": given.contested_without_farc @ shares.T,
        "farc_before": shares @ given.farc_before,
    }


def _municipal(
    path: Path, observed: int = LAST_OBSERVED, scale: np.ndarray | None = None
) -> tuple[np.ndarray, tuple[str, ...], tuple[str, ...], tuple[Fill, ...]]:
    """Return area by municipality scaled to the national totals, names, departments, fills.

    The totals are the published ones until ``observed``, times ``scale`` (of their years). Years
    that the file lacks take the shares of the nearest year it has.
    """
    from caudal.evidence.municipality import read_municipal

    national = series("coca_area_unodc").annual("Colombia", calibrating=True)
    file = read_municipal(path, national)
    ends = range(START - 1, observed + 1)
    seen = [y for y in file.years if y <= observed]
    columns = []
    for year in ends:
        nearest_year = min(seen, key=lambda y, wanted=year: abs(y - wanted))
        area = file.area[:, file.years.index(nearest_year)]
        columns.append(area / area.sum() * national[year])
    table = np.stack(columns) if scale is None else np.stack(columns) * scale[:, None]
    names = tuple(f"{code} {name}" for code, name in zip(file.codes, file.names, strict=True))
    missing = tuple(year for year in ends if year not in seen)
    fill = Fill("coca area by municipality", missing, "shares_of_nearest_year", "growth_shift_sd")
    return table, names, file.departments, (fill,) if missing else ()


@functools.cache
def _departmental(last: int, known: int | None = None, owner: str = "unodc") -> Inputs:
    names = tuple(d.name for d in departments())
    read = Reader(last, known, owner)
    years = read.years

    # Coca area; after the last survey the model runs free
    ends = np.arange(START - 1, read.observed + 1)
    record = [read.record("coca_area_department", name) for name in names]
    area = np.array([[found.get(int(y), 0.0) for y in ends] for found in record]).T
    national = dict(zip(ends.tolist(), area.sum(axis=1), strict=True))
    area = area * read.factor(AREA, "Colombia", ends, national)[:, None]
    growers = andes(read)

    # Eradication
    sprayed = spraying(read)
    uprooted = manual(read)
    spraying_share = department_shares("aerial_spraying_department", read, names)
    manual_share = department_shares("manual_eradication_gme_department", read, names)
    unplaced = tuple(
        int(y) for y in years if manual_share[list(years).index(y)].sum() == 0 and uprooted[y - START] > 0
    )
    read.fills.append(Fill("manual_eradication by department", unplaced, "placed_with_area", "manual_kill"))
    unsprayed = tuple(
        int(y) for y in years if spraying_share[y - START].sum() == 0 and sprayed[y - START] > 0
    )
    read.fills.append(Fill("aerial_spraying by department", unsprayed, "placed_with_area", "spray_kill"))

    # Production per hectare and losses to seizure
    yield_index, yield_jump = yields(read)
    source, us, world = losses(read)

    # Money and force of the United States
    military, social = aid(read, deflator())

    # Armed groups: the count of their fights ends before the record does
    after = tuple(int(y) for y in years if y > min(LAST_EVENTS, read.known))
    read.missing("contestation", after, "held", "contestation_refill")

    return Inputs(
        years=years,
        area=area,
        andes=growers,
        spraying=sprayed,
        spraying_share=spraying_share,
        manual=uprooted,
        manual_share=manual_share,
        enrolment=enrolment(read),
        announced=announced(years),
        laboratories=laboratories(read),
        admissions=admissions(read),
        exchange=exchange(read),
        yield_index=yield_index,
        yield_jump=yield_jump,
        fentanyl=fentanyl(read),
        population=population(read),
        seizure_source=source,
        seizure_us=us,
        seizure_world=world,
        homicides=homicides(read, names),
        contested=contested(read, names, farc=True),
        contested_without_farc=contested(read, names, farc=False),
        farc_before=farc_before(read, names),
        people=people(read, names),
        aid_military=military,
        aid_social=social,
        strikes=strikes(read),
        regions=names,
        department=names,
        observed=read.observed,
        owner=owner,
        fills=tuple(f for f in read.fills if f.years),
        used=tuple(read.used),
    )

"""What the model takes as given, year by year, from the series; every fill is declared.

A year without a record is filled by a stated method and listed in ``Inputs.fills`` with the
parameter that carries its uncertainty. ``unverified`` values are never used. All money is
in 2020 US dollars.
"""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import numpy as np

from caudal.core.clock import FIRST_DECISION, LAST_OBSERVED, MONTHS, START
from caudal.core.errors import CaudalError, unknown
from caudal.evidence.inputs_conflict import LAST_EVENTS, contested, farc_before, homicides, people
from caudal.evidence.registry import departments
from caudal.evidence.series import series

PURITY = 0.72
"""Purity of seized cocaine, share (judgement within 0.6-0.8; carried by ``seizure_scale_*``)."""

BOLIVIA_TO_COCAINE = 0.5
"""Share of Bolivian coca that supplies cocaine (judgement: about 22,000 ha are legal)."""

PERU_TO_COCAINE = 0.93
"""Share of Peruvian coca that supplies cocaine (9,000 of 121,424 t of dry leaf are legal)."""


@dataclasses.dataclass(frozen=True)
class Fill:
    """Years of an input that no record covers, and how they were filled."""

    input: str
    years: tuple[int, ...]
    method: str
    parameter: str


@dataclasses.dataclass(frozen=True)
class Inputs:
    """Recorded inputs over ``years`` (START..last recorded); ``series`` names what was read."""

    years: np.ndarray
    area: np.ndarray  # (year + 1, region) ha on 31 December, from START - 1
    andes: np.ndarray  # (year + 1, 2) ha that supply cocaine
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
    regions: tuple[str, ...]
    department: tuple[str, ...]  # department of each region, "" for the nation
    fills: tuple[Fill, ...]
    used: tuple[str, ...]


class Reader:
    """Reads annual series over the recorded years and remembers what it filled."""

    def __init__(self, last: int) -> None:
        self.years = np.arange(START, last + 1)
        self.fills: list[Fill] = []
        self.used: list[str] = []

    def record(self, name: str, entity: str) -> dict[int, float]:
        """Return the record of a series, verified values only."""
        if name not in self.used:
            self.used.append(name)
        return series(name).annual(entity, calibrating=True)

    def at(self, name: str, entity: str, period: str) -> float:
        """Return the verified value of a period that is not a whole year."""
        if name not in self.used:
            self.used.append(name)
        value = series(name).value_at(entity, period, calibrating=True).value
        if value is None:
            raise CaudalError("CAU-111", "no_value", series=name, entity=entity, year=period, years="")
        return value

    def missing(self, name: str, years: tuple[int, ...], method: str, parameter: str) -> None:
        """Declare years of an input that no record covers."""
        self.fills.append(Fill(name, years, method, parameter))

    def fill(self, name: str, known: dict[int, float], method: str, parameter: str, *, log: bool = True):
        """Return the path over all years: records, and interpolation (or the end value) elsewhere."""
        years = np.array(sorted(known))
        values = np.array([known[y] for y in years], float)
        missing = tuple(int(y) for y in self.years if y not in known)
        if missing:
            self.fills.append(Fill(name, missing, method, parameter))
        if log:
            return np.exp(np.interp(self.years, years, np.log(values)))
        return np.interp(self.years, years, values)


def deflator() -> dict[int, float]:
    """Return the factor that turns dollars of a year into dollars of 2020 (US CPI-U)."""
    index = series("us_cpi").annual("US", calibrating=True)
    return {year: index[2020] / value for year, value in index.items()}


def _shares(name: str, reader: Reader, names: tuple[str, ...]) -> np.ndarray:
    table = np.array([[reader.record(name, n).get(int(y), 0.0) for n in names] for y in reader.years])
    total = table.sum(axis=1, keepdims=True)
    return np.divide(table, total, out=np.zeros_like(table), where=total > 0)


@functools.cache
def inputs(
    last: int = FIRST_DECISION - 1, regions: str = "department", coca_file: Path | None = None
) -> Inputs:
    """Return the recorded inputs of the years START..``last``.

    Args:
        last: last recorded year wanted.
        regions: ``department`` (24), ``national`` (1) or ``municipality`` (the owner's file).
        coca_file: the owner's municipal file, needed for ``municipality``.
    """
    given = _departmental(last)
    if regions == "department":
        return given
    if regions == "national":
        area, names, of = given.area.sum(axis=1, keepdims=True), ("COLOMBIA",), ("",)
        fills = ()
    elif regions == "municipality":
        if coca_file is None:
            raise CaudalError("CAU-307", "coca_file")
        area, names, of, fills = _municipal(coca_file)
    else:
        known = ("department", "national", "municipality")
        raise unknown("regions", regions, known, "CAU-308")
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


def _municipal(path: Path) -> tuple[np.ndarray, tuple[str, ...], tuple[str, ...], tuple[Fill, ...]]:
    """Return area by municipality scaled to the published national totals, names, departments, fills.

    Years that the file lacks take the shares of the nearest year it has.
    """
    from caudal.evidence.municipality import read_municipal

    national = series("coca_area_unodc").annual("Colombia", calibrating=True)
    file = read_municipal(path, national)
    ends = range(START - 1, LAST_OBSERVED + 1)
    columns = []
    for year in ends:
        nearest_year = min(file.years, key=lambda y, wanted=year: abs(y - wanted))
        area = file.area[:, file.years.index(nearest_year)]
        columns.append(area / area.sum() * national[year])
    names = tuple(f"{code} {name}" for code, name in zip(file.codes, file.names, strict=True))
    missing = tuple(year for year in ends if year not in file.years)
    fill = Fill("coca area by municipality", missing, "shares_of_nearest_year", "level_shift_sd")
    return np.stack(columns), names, file.departments, (fill,) if missing else ()


@functools.cache
def _departmental(last: int) -> Inputs:
    names = tuple(d.name for d in departments())
    read = Reader(last)
    years = read.years

    # Coca area; after the last survey the model runs free
    ends = range(START - 1, LAST_OBSERVED + 1)
    area = series("coca_area_department").panel(names, ends, calibrating=True).T
    read.used.append("coca_area_department")
    area = np.where(np.isnan(area), 0.0, area)
    andes = _andes(read)

    # Eradication
    spraying = _spraying(read)
    manual = _manual(read)
    spraying_share = _shares("aerial_spraying_department", read, names)
    manual_share = _shares("manual_eradication_gme_department", read, names)
    unplaced = tuple(
        int(y) for y in years if manual_share[list(years).index(y)].sum() == 0 and manual[y - START] > 0
    )
    read.fills.append(Fill("manual_eradication by department", unplaced, "placed_with_area", "manual_kill"))
    unsprayed = tuple(
        int(y) for y in years if spraying_share[y - START].sum() == 0 and spraying[y - START] > 0
    )
    read.fills.append(Fill("aerial_spraying by department", unsprayed, "placed_with_area", "spray_kill"))

    # Production per hectare and losses to seizure
    yield_index, yield_jump = _yields(read)
    source, us, world = _losses(read)

    # Armed groups: the count of their fights ends before the record does
    after = tuple(int(y) for y in years if y > LAST_EVENTS)
    read.missing("contestation", after, "held", "contestation_refill")

    return Inputs(
        years=years,
        area=area,
        andes=andes,
        spraying=spraying,
        spraying_share=spraying_share,
        manual=manual,
        manual_share=manual_share,
        enrolment=_enrolment(read),
        announced=_announced(years),
        laboratories=_laboratories(read),
        admissions=read.fill(
            "us_treatment_admissions",
            read.record("us_treatment_admissions", "US"),
            "interpolated_then_held",
            "treatment_seeking",
        ),
        exchange=_exchange(read),
        yield_index=yield_index,
        yield_jump=yield_jump,
        fentanyl=_fentanyl(read),
        population=_population(read),
        seizure_source=source,
        seizure_us=us,
        seizure_world=world,
        homicides=homicides(read, names),
        contested=contested(read, names, farc=True),
        contested_without_farc=contested(read, names, farc=False),
        farc_before=farc_before(read, names),
        people=people(read, names),
        regions=names,
        department=names,
        fills=tuple(f for f in read.fills if f.years),
        used=tuple(read.used),
    )


def _andes(read: Reader) -> np.ndarray:
    """Return the area of Peru and Bolivia that supplies cocaine, ha on 31 December."""
    columns = []
    for country, share in (("Peru", PERU_TO_COCAINE), ("Bolivia", BOLIVIA_TO_COCAINE)):
        early = read.record("coca_area_wdr2004", country)
        known = {y: v for y, v in early.items() if START - 1 <= y <= 2003}
        known |= read.record("coca_area_unodc", country)
        ends = np.arange(START - 1, LAST_OBSERVED + 1)
        missing = tuple(int(y) for y in ends if y not in known)
        read.fills.append(Fill(f"coca_area_unodc {country}", missing, "interpolated", "andes_yield"))
        at = np.array(sorted(known))
        columns.append(share * np.exp(np.interp(ends, at, np.log([known[y] for y in at]))))
    return np.stack(columns, axis=1)


def _spraying(read: Reader) -> np.ndarray:
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
    read.fills.append(Fill("aerial_spraying", filled, "from_sums", "spray_kill"))
    return np.array([total.get(int(y), 0.0) for y in read.years])


def _manual(read: Reader) -> np.ndarray:
    """Return hectares uprooted by force: zero before 2004, interpolated in 2013 and 2015."""
    known = {y: v for y, v in read.record("manual_eradication", "Colombia").items() if y >= START}
    first = min(known)
    read.fills.append(Fill("manual_eradication", tuple(range(START, first)), "none_recorded", "manual_kill"))
    path = read.fill(
        "manual_eradication", known | {first - 1: 1.0, START: 1.0}, "interpolated", "manual_kill"
    )
    return np.where(read.years < first, 0.0, path)


def _enrolment(read: Reader) -> np.ndarray:
    """Return households entering agreements: 99,097 over 2017-19; 2024-25 from hectares removed."""
    total = read.record("pnis_families", "Colombia")[2019]
    path = dict.fromkeys((2017, 2018, 2019), total / 3.0)
    both = read.at("eradication_and_substitution", "Colombia", "2025-01..09")
    forced = read.at("manual_eradication", "Colombia", "2025-01..09")
    per_household = read.at("voluntary_eradication", "Colombia", "cumulative to 2024") / total
    path[2025] = (both - forced) * MONTHS / 9 / per_household
    path[2024] = 0.5 * path[2025]
    read.fills.append(Fill("pnis_families", tuple(path), "spread_from_totals", "agreement_additionality"))
    return np.array([path.get(int(y), 0.0) for y in read.years])


def _announced(years: np.ndarray) -> np.ndarray:
    """Return the share of the year in which growing coca made a household eligible."""
    window = {2014: 7.5 / 12.0, 2015: 1.0, 2016: 1.0, 2017: 1.0, 2018: 0.5}
    return np.array([window.get(int(y), 0.0) for y in years])


def _laboratories(read: Reader) -> np.ndarray:
    known = read.record("laboratories_destroyed", "Colombia")
    return read.fill("laboratories_destroyed", known, "interpolated_then_held", "laboratory_loss")


def _exchange(read: Reader) -> np.ndarray:
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


def _yields(read: Reader) -> tuple[np.ndarray, np.ndarray]:
    """Return the technical yield of Colombian coca (2005 = 1) and the log jump of 2023.

    Potential output over the mean of two year-ends, smoothed over three recorded years; the
    estimate of 2023 rests on new yield factors, so its jump is kept apart.
    """
    output = read.record("potential_cocaine_unodc", "Colombia")
    area = read.record("coca_area_unodc", "Colombia")
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


def _fentanyl(read: Reader) -> np.ndarray:
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
    read.fills.append(
        Fill(
            "fentanyl_index",
            tuple(y for y in apart if y not in share and y in read.years),
            "share_held",
            "fentanyl_hazard",
        )
    )
    return read.fill(
        "fentanyl_index", {y: v / apart[2021] for y, v in apart.items()}, "held", "fentanyl_trend"
    )


def _population(read: Reader) -> np.ndarray:
    known = read.record("population", "US")
    return read.fill("population", {y: v / known[2000] for y, v in known.items()}, "held", "innovators")


def _losses(read: Reader) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return loss hazards -ln(1 - share): inside Colombia, towards the US, towards elsewhere.

    Shares are purity-adjusted seizures over what passed: Colombian output; seizures plus use
    in the US; the rest of world output less what was lost or used elsewhere.
    """
    colombia = read.record("potential_cocaine_unodc", "Colombia")
    output = dict(
        zip(
            read.years,
            read.fill("potential_cocaine_unodc", colombia, "interpolated_then_held", "yield_per_hectare"),
            strict=True,
        )
    )
    inside = read.record("seizures_colombia_territory", "Colombia")
    official = read.record("seizures_colombia_unodc", "Colombia")
    ratio = np.mean([inside[y] / official[y] for y in range(2010, 2015)])
    early = {y: ratio * official[y] for y in official if START <= y < min(inside)}
    read.fills.append(
        Fill("seizures_colombia_territory", tuple(early), "scaled_from_rival", "seizure_scale_source")
    )
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

    produced = read.record("potential_cocaine_unodc", "World")
    seizures = read.record("seizures_world", "World")
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

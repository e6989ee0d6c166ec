"""Fan charts as SVG: one panel per scenario, the same axis, the record as dots.

Three fans on one axis hide each other, so each scenario has its own panel and the first
scenario's median is drawn in all of them. A panel is one SVG, so that a page can stack panels
on a phone without shrinking their letters. The geometry is computed here and the markup is a
template: letters stay text, nothing has an id, and the whole set is drawn in milliseconds.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from caudal.core.clock import START
from caudal.core.messages import local, text
from caudal.evidence.registry import outcomes
from caudal.report.numbers import Writer, step_of
from caudal.report.recorded import Dots, dots
from caudal.report.summary import Cell, Summary
from caudal.report.tables import gap_text, level_text
from caudal.report.templates import fill_markup
from caudal.simulate.results import FAN, Result

CHARTS = (
    "coca_area",
    "potential_cocaine",
    "cocaine_to_us",
    "us_retail_price",
    "us_users",
    "us_deaths",
    "growers_income",
    "coca_area_peru_bolivia",
)
"""Outcomes drawn as fan charts, from the field to the street and back."""

COLOURS = ("#4d4d4d", "#0072b2", "#d55e00", "#009e73", "#aa4499")
"""The first scenario in grey; the others in colours that colour-blind readers tell apart."""

BANDS = ((0.05, 0.95, "b90"), (0.1, 0.9, "b80"), (0.25, 0.75, "b50"))
"""Quantiles of the bands of a fan, and their style."""

WIDTH, HEIGHT = 340.0, 215.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 14.0, 10.0, 22.0
HEADROOM = 1.06
TALL, CUT = 6.0, 4.0
"""A 90 % band ``TALL`` times the highest median or record is cut off at ``CUT`` times it."""

ROOM = 50.0
"""Width that a series' name needs beside its last dot; with less it stands above it."""

TICKS = 5
AXIS_UNITS = ((2e6, 1e6, "axis_million"), (2e4, 1e3, "axis_thousand"))
"""From which top on an axis counts in millions or thousands."""


@dataclasses.dataclass(frozen=True)
class Panel:
    """One scenario of a chart: an SVG, and the same in words."""

    scenario: str
    title: str
    svg: str
    alternative: str


@dataclasses.dataclass(frozen=True)
class Chart:
    """One outcome over time for every scenario, with its values as a table."""

    outcome: str
    title: str
    definition: str
    unit: str
    axis: str
    panels: tuple[Panel, ...]
    dots: tuple[Dots, ...]
    cut: str
    years: tuple[int, ...]
    table: tuple[tuple[str, tuple[str, ...]], ...]


@dataclasses.dataclass(frozen=True)
class Frame:
    """Where years and values lie on a panel."""

    first: int
    last: int
    top: float

    def x(self, year: float) -> float:
        """Return the horizontal place of a year."""
        return LEFT + 4.0 + (WIDTH - LEFT - RIGHT - 8.0) * (year - self.first) / (self.last - self.first)

    def y(self, value: float) -> float:
        """Return the vertical place of a value; what is above the top stays at the top."""
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(value, self.top) / self.top

    def points(self, years: np.ndarray, values: np.ndarray) -> str:
        """Return a line as SVG points."""
        return " ".join(f"{self.x(y):.1f},{self.y(v):.1f}" for y, v in zip(years, values, strict=True))


def charts(result: Result | Summary, write: Writer | None = None) -> list[Chart]:
    """Draw every fan chart of a report."""
    summary, write = Summary.of(result), write or Writer()
    return [_chart(summary, name, write) for name in CHARTS if name in summary.reported]


def _chart(summary: Summary, outcome: str, write: Writer) -> Chart:
    about = outcomes()[outcome]
    unit = local(about.shown_unit) if about.shown_unit else about.unit
    seen = dots(outcome, summary.last)
    fans = {name: summary.fan(outcome, name) for name in summary.names}
    middle = max(float(f[FAN.index(0.5)].max()) for f in fans.values())
    record = max((v for d in seen for v in d.values.values()), default=0.0)
    widest = max(float(f[-1].max()) for f in fans.values())
    highest = HEADROOM * max(widest, record)
    typical = max(middle, record)
    top = (CUT * typical if highest > TALL * typical else highest) or 1.0
    divisor, axis = next(((d, k) for least, d, k in AXIS_UNITS if top >= least), (1.0, "axis_one"))
    frame = Frame(START, summary.last, top)
    marks = [(frame.y(v), write.exact(v / divisor)) for v in nice_ticks(top)]
    panels = [
        Panel(
            name,
            summary.title(name),
            _panel(
                summary, fans, name, frame, marks, seen, _alternative(summary, outcome, name, unit, write)
            ),
            _alternative(summary, outcome, name, unit, write),
        )
        for name in summary.names
    ]
    spoken = write.number(widest, step_of(0.0, 10.0 * widest))
    years = tuple(y for y in summary.years.tolist() if y >= summary.first_decision - 1 and y % 5 == 0)
    return Chart(
        outcome,
        local(about.label),
        local(about.definition),
        unit,
        text(f"report.{axis}", unit=unit),
        tuple(panels),
        seen,
        text("report.cut", highest=spoken, unit=unit) if highest > top else "",
        years,
        tuple((summary.title(n), _values(summary, outcome, n, years, write)) for n in summary.names),
    )


def nice_ticks(top: float) -> list[float]:
    """Return round values from 0 up to ``top``, at most ``TICKS`` of them."""
    rough = top / (TICKS - 0.5)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= rough)
    return [i * step for i in range(TICKS + 1) if i * step <= top]


def _values(
    summary: Summary, outcome: str, name: str, years: tuple[int, ...], write: Writer
) -> tuple[str, ...]:
    """Return median and 90 % range of some years, for the table beside a chart."""
    fan = summary.fan(outcome, name)
    found = []
    for year in years:
        at = year - int(summary.years[0])
        low, middle, high = (float(fan[FAN.index(q), at]) for q in (0.05, 0.5, 0.95))
        level, band = level_text(Cell(outcome, name, (low, middle, high)), outcomes()[outcome].digits, write)
        found.append(text("report.level", level=level, band=band) if band else level)
    return tuple(found)


def _alternative(summary: Summary, outcome: str, name: str, unit: str, write: Writer) -> str:
    """Return what a panel shows, in words."""
    cell = summary.cell(outcome, name)
    digits = outcomes()[outcome].digits
    level, band = level_text(cell, digits, write)
    label = local(outcomes()[outcome].label)
    said = text(
        "report.alternative",
        outcome=label,
        scenario=summary.title(name),
        year=summary.last,
        level=level,
        band=band or level,
        unit=unit,
    )
    gap, spread = gap_text(cell, digits, write)
    if spread:
        reference = summary.title(summary.reference)
        said += " " + text("report.alternative_gap", reference=reference, gap=gap, band=spread)
    return said


def _panel(
    summary: Summary, fans, name: str, frame: Frame, marks, seen: tuple[Dots, ...], alternative: str
) -> str:
    """Draw one scenario's fan, the first scenario's median and the record."""
    years, fan = summary.years, fans[name]
    around = np.concatenate([years, years[::-1]])
    bands = []
    for low, high, style in BANDS:
        outline = np.concatenate([fan[FAN.index(low)], fan[FAN.index(high)][::-1]])
        bands.append((style, frame.points(around, outline)))
    ahead = years >= summary.first_decision - 1
    middle = FAN.index(0.5)
    first = name == summary.reference
    return fill_markup(
        "panel.svg.j2",
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        floor=HEIGHT - BOTTOM,
        ceiling=TOP,
        alternative=alternative,
        colour=COLOURS[summary.names.index(name) % len(COLOURS)],
        marks=marks,
        decades=[(frame.x(y), y) for y in years.tolist() if y % 10 == 0],
        turn=frame.x(summary.first_decision) if summary.first_decision > START else None,
        bands=bands,
        median=frame.points(years, fan[middle]),
        reference="" if first else frame.points(years[ahead], fans[summary.reference][middle][ahead]),
        reference_colour=COLOURS[0],
        dots=[(d.shape, [(frame.x(y), frame.y(v)) for y, v in d.values.items()]) for d in seen],
        labels=_labels(frame, seen) if first else [],
    )


def _labels(frame: Frame, seen: tuple[Dots, ...]) -> list[tuple[float, float, str, str]]:
    """Return where each series is named: the higher one above its highest dot, others after their last."""
    shared = set.intersection(*(set(d.values) for d in seen)) if seen else set()
    found = []
    for i, group in enumerate(sorted(seen, key=lambda d: -_mean(d, shared))):
        if i == 0:
            year = max(group.values, key=group.values.__getitem__)
            late = year > (frame.first + frame.last) / 2
            x = frame.x(year) + (3.0 if late else -3.0)
            found.append((x, frame.y(group.values[year]) - 7.0, "end" if late else "start", group.short))
        else:
            year = max(group.values)
            x, y = frame.x(year), frame.y(group.values[year])
            place = (x + 6.0, y + 4.0, "start") if x + ROOM <= WIDTH else (x, y - 7.0, "end")
            found.append((*place, group.short))
    return found


def _mean(group: Dots, shared: set[int]) -> float:
    """Return the mean of a series over the years it shares with its rivals, or over all of its own."""
    return float(np.mean([group.values[y] for y in shared or group.values]))

"""What was recorded of an outcome: rivals apart, and how far the simulation of the past is from it."""

from __future__ import annotations

import dataclasses

import numpy as np

from caudal.core.clock import START
from caudal.core.messages import catalogue, language, local, text
from caudal.evidence.inputs_trade import PURITY
from caudal.evidence.readings import Reading, readings
from caudal.evidence.registry import parameters
from caudal.evidence.series import series
from caudal.report.numbers import Writer, step_of
from caudal.report.summary import Summary
from caudal.simulate.results import observed

SHAPES = (("circle", "●"), ("diamond", "◇"), ("triangle", "△"), ("square", "□"))
"""Shapes of the dots of rival series, in the chart and in its caption."""

GROSS = ("seizures_colombia_territory",)
"""Series in gross weight, shown in the model's pure cocaine by a judged purity."""

MISS = 0.1
"""Share of a recorded value by which a simulation of the past may differ before it is called a miss."""


@dataclasses.dataclass(frozen=True)
class Dots:
    """A series of recorded values drawn over a chart."""

    series: str
    label: str
    short: str
    values: dict[int, float]
    shape: str
    sign: str

    def over(self, years: range) -> float | None:
        """Return the sum over years, or nothing where one is not recorded."""
        return sum(self.values[y] for y in years) if set(years) <= set(self.values) else None


@dataclasses.dataclass(frozen=True)
class Misses:
    """Years in which a simulation of the past is far from the record, if any, and the worst of all years."""

    years: list[int]
    worst: int
    gap: float


def dots(outcome: str, last: int) -> tuple[Dots, ...]:
    """Return what was recorded of an outcome to a year; prices as the fit reads them, cocaine pure."""
    recorded = observed(outcome)
    if not recorded:
        recorded = {r.series: _read(r) for r in readings().values() if r.outcome == outcome}
    known = catalogue(language(), "report")
    found = []
    for (name, values), (shape, sign) in zip(recorded.items(), SHAPES, strict=False):
        label = local(series(name).label)
        short = known.get(f"dots_{name}", label)
        scale = 1.0
        if name in GROSS:
            scale, short = PURITY, text("report.dots_pure", purity=Writer().exact(PURITY))
            label = f"{label} ({short})"
        shown = {y: scale * v for y, v in values.items() if START <= y <= last}
        if shown:
            found.append(Dots(name, label, short, shown, shape, sign))
    return tuple(found)


def _read(reading: Reading) -> dict[int, float]:
    """Return what a reading says of its outcome, systematic factors at their prior medians taken off."""
    years, values = reading.values()
    logs = np.log(values)
    for name, power in reading.powers(years).items():
        logs = logs - power * np.log(parameters()[name].prior.median)
    return dict(zip(years.tolist(), np.exp(logs).tolist(), strict=True))


def recorded_text(outcome: str, years: range, digits: int, scale: float, write: Writer) -> str:
    """Return every owner's figure for some years, summed: 96,084 (UNODC), 159,000 (US)."""
    found = []
    for one in dots(outcome, years[-1]):
        value = one.over(years)
        if value is not None:
            shown = write.number(value / scale, step_of(value / scale, 0.0, digits=digits))
            found.append(text("replay.owned", value=shown, owner=one.short))
    return ", ".join(found)


def misses(summary: Summary, outcome: str) -> Misses | None:
    """Return how far the median of what happened is from the first recorded series, and where."""
    record = next(iter(dots(outcome, summary.last)), None)
    if record is None or not summary.happened:
        return None
    middle = dict(
        zip(
            summary.years.tolist(),
            np.median(summary.draws(outcome, summary.reference), axis=0).tolist(),
            strict=True,
        )
    )
    gaps = {year: middle[year] / value - 1.0 for year, value in record.values.items()}
    far = [year for year, gap in gaps.items() if abs(gap) > MISS]
    worst = max(gaps, key=lambda year: abs(gaps[year]))
    return Misses(far, worst, gaps[worst])

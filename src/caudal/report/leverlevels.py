"""The levels of a lever: today's, the most on record, those announced, and its recorded series."""

from __future__ import annotations

import functools

from caudal.core.clock import FIRST_DECISION, START
from caudal.core.messages import catalogue, local, text
from caudal.core.messages import language as in_force
from caudal.evidence.inputs import inputs
from caudal.evidence.registry import Lever, lever
from caudal.evidence.series import series, series_ids
from caudal.evidence.sheets import SheetText, sheets
from caudal.evidence.timeline import timeline
from caudal.report.chains import setting
from caudal.report.nodes import amount, figure, main_entity, note_text, unit_text
from caudal.report.numbers import Writer
from caudal.report.sheetparts import Level, Recorded
from caudal.simulate.document import Line
from caudal.simulate.scenario import library, scenario


def today(name: str) -> float:
    """Return the level of a lever in the first year of the baseline that may be decided."""
    return float(_baseline()[name][FIRST_DECISION - START])


@functools.cache
def _baseline():
    return scenario("baseline").paths(inputs(), FIRST_DECISION)


def level_today(name: str, record: Lever) -> Level:
    """Return today's level with the words and documents of the baseline."""
    lines = scenario("baseline").document.levers.get(name, ())
    told, cites, kind = "", (), ""
    if lines:
        told, cites, kind = local(lines[0].text), lines[0].cites, lines[0].kind
    value = today(name)
    return Level(
        value,
        FIRST_DECISION,
        amount(value, record.unit),
        told,
        cites,
        kind,
        text(f"report.kind_{kind}") if kind else "",
    )


def level_maximum(record: Lever) -> Level:
    """Return the most that was ever done."""
    most = record.maximum
    return Level(
        most.value,
        most.year,
        amount(most.value, record.unit),
        note_text(most.note),
        most.source,
        "maximum",
        text("report.kind_maximum"),
    )


def targets(name: str) -> tuple[Level, ...]:
    """Return the announced levels of a lever, from dated events and from scenarios, in order of year."""
    record, words = lever(name), sheets()[name]
    label = text("report.kind_target")
    found = []
    for one in words.targets:
        event = timeline().events[one]
        if event.magnitude is not None:
            year, value = int(event.date[:4]), event.magnitude
            found.append(
                Level(
                    value, year, amount(value, record.unit), local(event.label), event.cites, "target", label
                )
            )
    for one in library().values():
        for line in one.document.levers.get(name, ()):
            if line.kind == "target":
                found.append(_announced(name, line, label))
    return tuple(sorted(found, key=lambda level: level.year))


def _announced(name: str, line: Line, label: str) -> Level:
    told = f"{setting(name, line)}. {local(line.text)}"
    return Level(
        line.value, line.start, amount(line.value, lever(name).unit), told, line.cites, "target", label
    )


def recorded(record: Lever, words: SheetText) -> tuple[Recorded, ...]:
    """Return the series of a lever's recorded path, and those that its sheet names, where yearly."""
    own = (record.history,) if record.history in series_ids() else ()
    found = []
    for name in dict.fromkeys((*own, *words.series)):
        about = series(name)
        entity = main_entity(about)
        points = tuple(about.annual(entity).items())
        if not points:
            continue
        peak, last = max(points, key=lambda point: point[1]), points[-1]
        unit = unit_of(about.unit, about.money_year)
        if len(points) == 1:
            value = f"{figure(last[1])} {unit}"
            told = text("sheets.recorded_once", label=local(about.label), year=last[0], value=value)
        else:
            told = text(
                "sheets.recorded_line",
                label=local(about.label),
                years=Writer().years([year for year, _ in points]),
                peak=f"{figure(peak[1])} {unit}",
                peak_year=peak[0],
                last=f"{figure(last[1])} {unit}",
                last_year=last[0],
            )
        cites = tuple(
            dict.fromkeys(s for year in (peak[0], last[0]) for s in about.value_at(entity, year).sources)
        )
        found.append(Recorded(name, local(about.label), entity, unit, points, peak, last, told, cites))
    return tuple(found)


def unit_of(unit: str, money_year: int | None = None) -> str:
    """Return the unit of a figure in words; money is of its own year unless another is given."""
    if "USD" in unit:
        if money_year:
            return text("sheets.money_of", year=money_year)
        return text("sheets.money_a_year" if unit.endswith("/year") else "sheets.money")
    words = catalogue(in_force(), "sheets")
    return words.get(f"unit_{unit.replace('/', '_per_')}", unit_text(unit))

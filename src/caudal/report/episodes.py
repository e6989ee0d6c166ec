"""Episodes of the record beside the model: what was foreseen, what a year before, and what was missed.

Changes are in logarithms; the pages show them as percentages or in log points.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from caudal.calibrate.backtest import VERSIONS
from caudal.calibrate.coverage import AREA, Band, Covered
from caudal.calibrate.results import MODEL, NATIONAL, Results
from caudal.evidence.readings import readings
from caudal.report.markdowntable import table
from caudal.report.validationtext import NONE, banded, figure, method_label, number

EPISODES = (
    ("fall", ((2008, 2013), (2010, 2013))),
    ("boom", ((2012, 2017), (2014, 2017))),
    ("jump", ((2018, 2021), (2020, 2021))),
)
"""Episodes of coca area: origins and the years they forecast."""
COMPARED = (*VERSIONS, "persistence")
"""Methods whose forecasts of an episode are shown."""
SHOCK = (
    ("us_stride_price", 2006, 2009),
    ("us_consumption", 2006, 2010),
    ("us_survey_users", 2006, 2010),
    ("us_initiates", 2004, 2008),
    ("us_deaths", 2006, 2009),
)
"""Readings of the US shock and the years compared."""


def episode(found: Results, history: Covered, spans: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Return what was recorded of national area, what each method foresaw, and the surprises by year.

    Args:
        found: scores of the back-test.
        history: bands of history.
        spans: origins, and the year that each forecasts.
    """
    scored = [span for span in spans if not math.isnan(_error(found, MODEL, *span))]
    return {
        "table": _foreseen(found, scored) if scored else "",
        "told": [_explained(found, *span) for span in scored],
        "ahead": _ahead(history.bands[AREA], min(o for o, _ in spans), max(e for _, e in spans)),
    }


def _change(origin: int, end: int) -> float:
    """Return the recorded change of national area between two years, in log points."""
    years, values = readings()[AREA].values()
    recorded = dict(zip(years.tolist(), values.tolist(), strict=True))
    return math.log(recorded[end]) - math.log(recorded[origin])


def _error(found: Results, method: str, origin: int, year: int) -> float:
    """Return median less record of national area in log points, NaN where there is no forecast."""
    row = found.row(method, origin, NATIONAL, "", year)
    return math.nan if row is None else row.error


def _foreseen(found: Results, spans: Sequence[tuple[int, int]]) -> str:
    """Return the recorded changes of national area, and what each method foresaw."""
    rows = []
    for origin, end in spans:
        change, row = _change(origin, end), found.row(MODEL, origin, NATIONAL, "", end)
        medians = [_percent(change + _error(found, name, origin, end)) for name in COMPARED]
        rows.append(
            [f"{origin} to {end}", _percent(change), *medians, _said(row is not None and row.inside_90)]
        )
    return table(["Years", "Recorded", *map(method_label, COMPARED), "Inside 90 %"], rows)


def _explained(found: Results, origin: int, end: int) -> dict[str, Any]:
    """Return the parts of a recorded change, in log points: foreseen, of that by policy, and missed."""
    change = _change(origin, end)
    errors = {name: _error(found, name, origin, end) for name in VERSIONS}
    medians = {name: change + error for name, error in errors.items()}
    foreseen = medians[MODEL]
    return {
        "origin": origin,
        "end": end,
        "recorded": number(change),
        "foreseen": number(foreseen),
        "policy": number(foreseen - medians["not_told"]),
        "mechanisms": number(medians["mechanisms"]),
        "levels": number(medians["levels"]),
        "missed": number(-errors[MODEL]),
        "share": f"{100.0 * foreseen / change:.0f} % of it" if foreseen * change > 0.0 else "the wrong way",
    }


def _ahead(band: Band, first: int, last: int) -> str:
    """Return one-year-ahead surprises of national area in an episode."""
    rows = []
    for i, year in enumerate(band.years.tolist()):
        if first < year <= last:
            median, low, high = (band.ends[end][i] for end in ("median", "low_90", "high_90"))
            seen = band.recorded[i]
            surprise = f"{100.0 * (seen / median - 1.0):+.0f} %"
            rows.append(
                [str(year), figure(seen), banded(median, low, high), surprise, _said(low <= seen <= high)]
            )
    head = ["Year", "Recorded, ha", "Expected a year before (90 %)", "Recorded over expected", "Inside 90 %"]
    return table(head, rows)


def shock(history: Covered) -> str:
    """Return the changes of the US shock: recorded, and in the fitted model."""
    bands = history.bands
    shown = [one for one in SHOCK if one[0] in bands and {*one[1:]} <= set(bands[one[0]].years.tolist())]
    head = ["Reading", "Years", "Recorded", "Model", "Explained", "Both inside 90 %"]
    return table(head, [_shocked(bands[name], name, first, last) for name, first, last in shown], left=2)


def _shocked(band: Band, name: str, first: int, last: int) -> list[str]:
    """Return the line of one reading of the US shock."""
    at = [band.years.tolist().index(year) for year in (first, last)]
    paths = (band.recorded, band.ends["median"])
    recorded, modelled = (math.log(path[at[1]] / path[at[0]]) for path in paths)
    return [
        readings()[name].label.en,
        f"{first} to {last}",
        _percent(recorded),
        _percent(modelled),
        f"{100.0 * modelled / recorded:.0f} %",
        " and ".join(map(_said, band.held(90)[at])),
    ]


def _percent(log_change: float) -> str:
    """Return a change in logarithms as a percentage."""
    return NONE if math.isnan(log_change) else f"{100.0 * math.expm1(log_change):+.0f} %"


def _said(held: bool) -> str:
    return "yes" if held else "no"

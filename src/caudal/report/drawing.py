"""One chart as an SVG file of its own, for a README, an article or a slide."""

from __future__ import annotations

from pathlib import Path

from caudal.core.errors import CaudalError
from caudal.core.files import data_path
from caudal.core.writing import write_whole
from caudal.evidence.registry import outcome
from caudal.report.figures import CHARTS, COLOURS, HEIGHT, WIDTH, charts
from caudal.report.summary import Summary
from caudal.report.tables import badge
from caudal.report.templates import fill_markup
from caudal.simulate.results import Result

TITLE_HEIGHT = 68.0


def write_chart(result: Result, name: str, path: Path) -> Path:
    """Write the fan chart of an outcome, one panel per scenario, whole or not at all.

    Raises:
        CaudalError: the outcome does not exist or has no chart, or the path cannot be written.
    """
    outcome(name)
    summary = Summary.of(result)
    found = {chart.outcome: chart for chart in charts(summary)}
    if name not in found:
        raise CaudalError("CAU-406", "no_chart", name=name, known=", ".join(CHARTS))
    chart = found[name]
    css = data_path("templates", "report.css").read_text(encoding="utf-8").splitlines()
    page = fill_markup(
        "chart.svg.j2",
        chart=chart,
        badge=badge(summary),
        colours=COLOURS,
        style=" ".join(line for line in css if line.startswith(".fan ")),
        step=WIDTH,
        width=WIDTH * len(chart.panels),
        panel_height=HEIGHT,
        height=HEIGHT + TITLE_HEIGHT,
    )
    write_whole(path, page)
    return path

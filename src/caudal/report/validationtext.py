"""What the pages of validation share: how they write numbers, scores, methods and targets.

The prose is in ``data/templates/validation_*.md.j2``; pages are in English.
"""

from __future__ import annotations

import math
from typing import Any

from caudal.calibrate.backtest import method_label as labelled
from caudal.calibrate.results import Results
from caudal.calibrate.scores import Estimate
from caudal.core.messages import text
from caudal.report.templates import fill_markdown

ENGLISH = "en"
NONE = "-"
SETTINGS_LETTERS = 12
"""Letters of a commit that are shown."""


def number(value: float | None, digits: int = 2) -> str:
    """Return a number, or a dash where there is none."""
    if value is None or math.isnan(value):
        return NONE
    shown = f"{value:,.{digits}f}"
    return shown.replace("-", "") if float(shown.replace(",", "")) == 0.0 else shown


def figure(value: float) -> str:
    """Return a figure with three significant digits, or a dash where there is none."""
    return NONE if math.isnan(value) else f"{float(f'{value:.3g}'):,.10g}"


def banded(value: float, low: float, high: float) -> str:
    """Return a figure with the ends of its band."""
    return f"{figure(value)} ({figure(low)} to {figure(high)})"


def estimate(one: Estimate) -> str:
    """Return a value with its 90 % interval, where it has one."""
    band = "" if math.isnan(one.low) else f" ({number(one.low)} to {number(one.high)})"
    return number(one.value) + band


def method_label(name: str) -> str:
    """Return what a version, a rival or a structure is called."""
    return labelled(name, ENGLISH)


def target_label(name: str) -> str:
    """Return what a target is called."""
    return text(f"backtest.target_{name}", ENGLISH)


def render(page: str, /, **content: Any) -> str:
    """Return a page of validation from its template."""
    shared = {"number": number, "label": method_label, "named": target_label}
    return fill_markdown(f"validation_{page}.md.j2", **shared, **content)


def looks(results: Results, language: str | None = None) -> list[str]:
    """Return how often the held-out origins were scored, and with the settings of which commits."""
    lines = []
    for commits, origins in results.looks.items():
        about = {"origins": ", ".join(map(str, origins)), "count": len(commits)}
        about["commits"] = ", ".join(commit[:SETTINGS_LETTERS] for commit in commits)
        kind = {0: "no_commit", 1: "committed"}.get(len(commits), "committed_again")
        lines.append(text(f"backtest.summary_{kind}", language, **about))
    return lines or [text("backtest.summary_not_held_out", language)]

"""The page of the posterior: what it rests on, how it mixed, what the record taught, what its bands hold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from caudal.calibrate.coverage import Covered
from caudal.calibrate.learning import Learnt, learning
from caudal.calibrate.posterior import HIGHEST_RHAT, LEAST_ESS, MOST_DIVERGENT
from caudal.evidence.owners import disagreement
from caudal.evidence.readings import readings
from caudal.evidence.registry import parameters
from caudal.evidence.series import series
from caudal.report.markdowntable import table
from caudal.report.validationtext import NONE, banded, estimate, number, render
from caudal.simulate.posterior import Posterior

SHOWN = 12
"""Parameters listed as taught most."""
UNTAUGHT = 0.95
"""Ratio of posterior to prior sd above which the record counts as silent on a parameter (judgement)."""
AT_MOST = {"rhat": ("R-hat", HIGHEST_RHAT), "divergent": ("Divergent", MOST_DIVERGENT)}
AT_LEAST = {"bulk": ("Bulk effective draws", LEAST_ESS), "tail": ("Tail effective draws", LEAST_ESS)}
"""Diagnostics of the chains and the limits above or below which a posterior is refused."""
NOMINAL = {50: (0.4, 0.6), 90: (0.85, 0.95)}
"""What counts as about the nominal rate for the bands of history (judgement)."""


def calibration_page(found: Posterior, history: Covered) -> str:
    """Return the page of the posterior, the bands that miss first."""
    about = found.about
    learnt = learning(found)
    order = sorted(learnt, key=lambda name: learnt[name].ratio)
    return render(
        "calibration",
        about=about,
        data=about["data"][:12],
        count=len(found.values),
        sampled=len(found.names),
        chains=_chains(about),
        covered_missed=bands_missed(history),
        pooled={level: estimate(history.pooled(level)) for level in NOMINAL},
        departments={level: estimate(history.department(level)) for level in NOMINAL},
        history=history.settings,
        coverage=_coverage(history),
        by_department=_departments(history),
        rmse=_rmse(about["log_rmse"]),
        area=about["national_area"],
        owners=_owners(),
        rivals=_rivals(history),
        taught=_learnt(learnt, order[:SHOWN]),
        silent=_learnt(learnt, [n for n in reversed(order) if learnt[n].ratio > UNTAUGHT]),
        silent_from=UNTAUGHT,
        every=_learnt(learnt, sorted(learnt)),
        others=len(parameters()) - len(found.names),
    )


def bands_missed(history: Covered) -> list[str]:
    """Return a sentence for every band of history whose pooled coverage is off its nominal rate."""
    return [
        f"{level} % bands hold {estimate(history.pooled(level))} of the figures, pooled"
        for level, (low, high) in NOMINAL.items()
        if not low <= history.pooled(level).value <= high
    ]


def _chains(about: Mapping[str, Any]) -> str:
    """Return the diagnostics against their limits, misses first."""
    mixed, worst = about["diagnostics"], about["worst"]
    rows = []
    for name in ("rhat", "bulk", "tail", "divergent"):
        more = name in AT_LEAST
        label, limit = (AT_LEAST if more else AT_MOST)[name]
        met = mixed[name] >= limit if more else mixed[name] <= limit
        bound = f"at least {number(limit, 0)}" if more else f"at most {number(limit, 3)}"
        of = f"`{worst[name]}`" if name in worst else NONE
        shown = number(mixed[name], 0 if more else 4)
        rows.append([label, shown, bound, of, "met" if met else "missed"])
    rows.sort(key=lambda row: row[-1] == "met")
    return table(["Measure", "Worst", "Limit", "Of", "Standing"], rows)


# What the bands hold


def _label(name: str) -> str:
    """Return the name of a band: of a reading, or of the coca of a country of the Andes."""
    if name in readings():
        return readings()[name].label.en
    return f"Survey of coca, {name.removeprefix('coca_area_').capitalize()}"


def _in_the_fit(fitted: bool) -> str:
    return "fitted" if fitted else "only shown"


def _coverage(history: Covered) -> str:
    """Return coverage by reading: fitted ones first, those that hold least first."""

    def worst(name: str) -> tuple[bool, float]:
        return (not history.bands[name].fitted, history.share([name], 90).value)

    rows = [
        [
            _label(name),
            str(len(history.bands[name].years)),
            *(estimate(history.share([name], level)) for level in NOMINAL),
            _in_the_fit(history.bands[name].fitted),
        ]
        for name in sorted(history.bands, key=worst)
    ]
    return table(["Reading", "Figures", "In 50 %", "In 90 %", "In the fit"], rows)


def _departments(history: Covered) -> str:
    """Return coverage by department, those that hold least first."""
    rows = []
    for name in sorted(history.departments, key=lambda n: (history.department(90, n).value, n)):
        count = int(np.isfinite(history.departments[name][90]).sum())
        shares = [estimate(history.department(level, name)) for level in NOMINAL]
        rows.append([name.title(), str(count), *shares])
    return table(["Department", "Figures", "In 50 %", "In 90 %"], rows)


# The fit, and its owners


def _rmse(errors: Mapping[str, float]) -> str:
    """Return the log error of the posterior median by reading, worst first."""
    rows = []
    for name, value in sorted(errors.items(), key=lambda one: -one[1]):
        outcome, _, source = name.partition("~")
        rows.append([series(source).label.en, f"`{outcome}`", number(value, 3)])
    return table(["Series", "Outcome", "Log error"], rows, left=2)


def _rivals(history: Covered) -> str:
    """Return both owners' readings side by side: what the bands hold, and the log error of their median."""
    rows = []
    for one in readings().values():
        if one.owner == "any" or one.id not in history.bands:
            continue
        band = history.bands[one.id]
        held = [estimate(history.share([one.id], level)) for level in NOMINAL]
        about = [_in_the_fit(band.fitted), str(len(band.years)), number(band.log_rmse, 3)]
        rows.append([one.label.en, *about, *held])
    return table(["Reading", "In the fit", "Figures", "Log error", "In 50 %", "In 90 %"], rows, left=2)


def _owners() -> str:
    """Return how far the owners are apart."""
    rows = [
        [
            one.label.en,
            one.entity,
            f"since {one.method}",
            f"{one.years[0]}-{one.years[-1]} ({len(one.years)})",
            f"{100.0 * math.expm1(one.log_mean):+.0f} %",
            number(one.log_sd, 2),
        ]
        for one in disagreement()
    ]
    head = ["Quantity", "Place", "US method", "Years (with both)", "US over UNODC", "Sd of the log ratio"]
    return table(head, rows, left=3)


# What the record taught


def _learnt(learnt: Mapping[str, Learnt], names: Iterable[str]) -> str:
    """Return prior and posterior of some parameters, in the order given."""
    rows = []
    for name in names:
        one, record = learnt[name], parameters()[name]
        unit = "" if record.unit == "dimensionless" else f", {record.unit}"
        label = f"{record.label.en}{unit} (`{name}`)"
        bands = (banded(*one.prior), banded(*one.posterior))
        rows.append([label, *bands, number(one.ratio), f"{one.shift:+.1f}"])
    head = ["Parameter", "Prior (90 %)", "Posterior (90 %)", "Sd, posterior over prior", "Shift, prior sd"]
    return table(head, rows)

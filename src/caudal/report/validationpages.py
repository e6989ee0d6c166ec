"""The pages on calibration, back-test and structures, from the results that are shipped, misses first.

``python -m caudal.report.validationpages docs/validation`` writes them, with an index that begins with
what was missed. The prose is in ``data/templates/validation_*.md.j2``; pages are in English.
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from caudal.calibrate import coverage, results
from caudal.calibrate.backtest import BOOM, VERSIONS
from caudal.calibrate.coverage import AREA, Band, Covered
from caudal.calibrate.posterior import HIGHEST_RHAT, LEAST_ESS, MOST_DIVERGENT
from caudal.calibrate.results import MODEL, NATIONAL, Results, targets
from caudal.calibrate.rivals import RIVALS
from caudal.calibrate.scores import Estimate
from caudal.core.files import data_path
from caudal.core.messages import text
from caudal.evidence.owners import disagreement
from caudal.evidence.readings import readings
from caudal.evidence.registry import Parameter, parameters
from caudal.evidence.series import series
from caudal.evidence.structures import STANDARD, Structure, structures
from caudal.model.priors import scale, to_normal
from caudal.simulate.posterior import FOLDER, WEIGHTS, Posterior, posterior, weights

ENGLISH = "en"
NONE = "-"
SHOWN = 12
"""Parameters listed as taught most, and as taught least."""
UNTAUGHT = 0.95
"""Ratio of posterior to prior sd above which the record counts as silent on a parameter."""
BARS_OF_CHAINS = {"rhat": HIGHEST_RHAT, "bulk": LEAST_ESS, "tail": LEAST_ESS, "divergent": MOST_DIVERGENT}
NOMINAL = {50: (0.4, 0.6), 90: (0.85, 0.95)}
"""What counts as about the nominal rate for the bands of history (judgement)."""
EPISODES = (
    ("fall", ((2008, 2013), (2010, 2013))),
    ("boom", ((2012, 2017), (2014, 2017))),
    ("jump", ((2018, 2021), (2020, 2021))),
)
"""Episodes of coca area: origins and the years they forecast."""
SHOCK = (
    ("us_stride_price", 2006, 2009),
    ("us_consumption", 2006, 2010),
    ("us_survey_users", 2006, 2010),
    ("us_initiates", 2004, 2008),
    ("us_deaths", 2006, 2009),
)
"""Readings of the US shock and the years compared."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """Return a Markdown table whose columns after the first ``left`` are flush right."""
    lines = [list(head), ["---" if i < left else "---:" for i in range(len(head))], *map(list, rows)]
    return "\n".join(
        "| " + " | ".join(" ".join(c.split()).replace("|", "\\|") for c in line) + " |" for line in lines
    )


def number(value: float | None, digits: int = 2) -> str:
    """Return a number, or a dash where there is none."""
    if value is None or math.isnan(value):
        return NONE
    shown = f"{value:,.{digits}f}"
    return shown.replace("-", "") if float(shown.replace(",", "")) == 0.0 else shown


def figure(value: float) -> str:
    """Return a figure with three significant digits."""
    if math.isnan(value):
        return NONE
    return f"{float(f'{value:.3g}'):,.10g}"


def estimate(one: Estimate) -> str:
    """Return a value with its 90 % interval, where it has one."""
    band = "" if math.isnan(one.low) else f" ({number(one.low)} to {number(one.high)})"
    return number(one.value) + band


def method_label(name: str) -> str:
    """Return what a version, a rival or a structure is called."""
    if name in VERSIONS:
        return text(f"backtest.version_{name}", ENGLISH)
    return text(f"backtest.rival_{name}", ENGLISH) if name in RIVALS else structures()[name].label.en


# The back-test


def backtest_page(found: Results, history: Covered) -> str:
    """Return the page of the back-test, what was missed first."""
    return _render(
        "backtest",
        settings=found.settings,
        scored=sorted(found.scopes["all"]),
        held_out=found.scopes.get("held_out", ()),
        boom=BOOM,
        versions={n: text(f"backtest.version_{n}_is", ENGLISH) for n in VERSIONS if n in found.methods},
        rivals={n: text(f"backtest.rival_{n}_is", ENGLISH) for n in RIVALS if n in found.methods},
        bars=bars(found),
        by_target=_by_target(found),
        by_rival=_by_rival(found),
        by_origin={t: _by_origin(found, t) for t in targets() if found.summary(MODEL, t)},
        coverage=_coverage(found),
        by_version={t: _by_version(found, t) for t in targets() if found.summary(MODEL, t)},
        posteriors=_posteriors(found.origins),
        shock=_shock(history),
        episodes={name: _episode(found, history, spans) for name, spans in EPISODES},
    )


def bars(found: Results) -> dict[str, str]:
    """Return a table of bars for each standing, those missed first."""
    scopes = results.SHOWN_SCOPES
    head = ["Bar", "Kind", *(text(f"backtest.scope_{scope}", ENGLISH).capitalize() for scope in scopes)]
    grouped = {
        standing: [
            [
                text(f"backtest.threshold_{bar.name}", ENGLISH),
                text(f"backtest.kind_{bar.kind}", ENGLISH),
                *(number(bar.values.get(scope)) for scope in scopes),
            ]
            for bar in found.thresholds()
            if bar.standing == standing
        ]
        for standing in results.STANDINGS
    }
    return {
        text(f"backtest.{name}", ENGLISH): table(head, rows, left=2) for name, rows in grouped.items() if rows
    }


def _named(target: str) -> str:
    return text(f"backtest.target_{target}", ENGLISH)


def _skill(found: Results, target: str, scope: str) -> str:
    one = found.summary(MODEL, target, scope)
    return NONE if one is None or not one.best else estimate(one.skill)


def _by_target(found: Results) -> str:
    head = ["Target", "Figures", "Best naive rival", "Skill", "Without the boom", "Development", "Held out",
            "Width at 5 years", "Error of the median"]  # fmt: skip
    rows = []
    for target in targets():
        one = found.summary(MODEL, target)
        if one is not None:
            best = method_label(one.best) if one.best else "none: histories too short"
            apart = [_skill(found, target, s) for s in ("all", "without_boom", "development", "held_out")]
            rows.append(
                [_named(target), str(one.points), best, *apart, number(one.width), number(one.log_rmse)]
            )
    return table(head, rows)


def _by_rival(found: Results) -> str:
    names = [name for name in RIVALS if name in found.methods]
    rows = []
    for target in targets():
        one = found.summary(MODEL, target)
        if one is not None:
            over = [one.over.get(name, results.NOTHING) for name in names]
            rows.append([_named(target), *map(estimate, over)])
    return table(["Target", *(method_label(name) for name in names)], rows)


def _by_origin(found: Results, target: str) -> str:
    """Return the CRPS of the model and of every rival at each origin, on the figures that all forecast."""
    rivals = [name for name in RIVALS if found.summary(name, target) is not None]
    rows = []
    for origin in found.scopes["all"]:
        tables = {name: found.table(name, targets()[target], (origin,)) for name in (MODEL, *rivals)}
        tables = {name: one for name, one in tables.items() if np.isfinite(one).any()}
        if MODEL not in tables:
            continue
        shared = np.all([np.isfinite(one) for one in tables.values()], axis=0)
        means = {name: float(one[shared].mean()) for name, one in tables.items() if shared.any()}
        covered = found.covered(targets()[target], "all", origins=(origin,))
        rows.append(
            [
                str(origin),
                "held out" if origin in found.scopes.get("held_out", ()) else "development",
                str(int(shared.sum())),
                *(number(means.get(name), 3) for name in (MODEL, *rivals)),
                number(covered["inside_90"].value),
            ]
        )
    head = ["Origin", "Kind", "Figures", "Model", *(method_label(name) for name in rivals), "In 90 %"]
    return table(head, rows, left=2)


def _coverage(found: Results) -> str:
    rows = []
    pooled = {"All targets": tuple(n for names in targets().values() for n in names)}
    pooled |= {"National and departmental area": targets()["area"] + targets()["departments"]}
    for name, names in (pooled | {_named(t): names for t, names in targets().items()}).items():
        cells = [name]
        for scope in results.SHOWN_SCOPES:
            held = found.covered(names, scope)
            cells += [estimate(held[band]) if held else NONE for band in results.BANDS]
        if cells[1] != NONE:
            rows.append(cells)
    head = [
        "Target",
        *(f"{level} %, {what}" for what in ("all", "development", "held out") for level in (50, 90)),
    ]
    return table(head, rows)


def _by_version(found: Results, target: str) -> str:
    rows = []
    for name in VERSIONS:
        one = found.summary(name, target)
        if one is not None:
            apart = [found.summary(name, target, scope) for scope in ("without_boom", "held_out")]
            rows.append(
                [
                    method_label(name),
                    number(one.crps, 3),
                    estimate(one.skill),
                    *(NONE if a is None else number(a.skill.value) for a in apart),
                    estimate(one.inside_90),
                    number(one.width),
                    number(one.log_rmse),
                ]
            )
    head = [
        "Version",
        "CRPS",
        "Skill",
        "Without the boom",
        "Held out",
        "In 90 %",
        "Width at 5 years",
        "Error",
    ]
    return table(head, rows)


def _posteriors(origins: Mapping[int, Mapping[str, Any]]) -> str:
    rows = []
    for origin, about in sorted(origins.items()):
        mixed, worst = about.get("diagnostics", {}), about.get("worst", {})
        rows.append(
            [
                str(origin),
                str(about.get("kind", NONE)),
                f"{number(mixed.get('rhat'), 3)} ({worst.get('rhat', NONE)})",
                f"{number(mixed.get('bulk'), 0)} ({worst.get('bulk', NONE)})",
                f"{number(mixed.get('tail'), 0)} ({worst.get('tail', NONE)})",
                number(100.0 * mixed["divergent"], 3) if "divergent" in mixed else NONE,
            ]
        )
    head = ["Origin", "Posterior", "Largest R-hat", "Least bulk ESS", "Least tail ESS", "Divergent, %"]
    return table(head, rows, left=2)


# Episodes


def _percent(log_change: float) -> str:
    """Return a change in logarithms as a percentage."""
    if math.isnan(log_change):
        return NONE
    change = 100.0 * math.expm1(log_change)
    return f"{change:+.0f} %"


def _episode(found: Results, history: Covered, spans: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Return what was recorded of national area, what each method foresaw, and the surprises by year."""
    years, values = readings()[AREA].values()
    recorded = dict(zip(years.tolist(), np.log(values).tolist(), strict=True))
    rows, told = [], []
    for origin, end in spans:
        change = recorded[end] - recorded[origin]
        row = [f"{origin} to {end}", _percent(change)]
        errors = {name: _error(found, name, origin, end) for name in (*VERSIONS, "persistence")}
        if MODEL not in errors or math.isnan(errors[MODEL][0]):
            continue
        row += [_percent(change + errors[name][0]) for name in (*VERSIONS, "persistence")]
        rows.append([*row, "yes" if errors[MODEL][1] else "no"])
        told.append(_explained(origin, end, change, {name: e for name, (e, _) in errors.items()}))
    head = ["Years", "Recorded", *(method_label(name) for name in (*VERSIONS, "persistence")), "Inside 90 %"]
    band = history.bands[AREA]
    first, last = min(o for o, _ in spans), max(e for _, e in spans)
    return {
        "table": table(head, rows) if rows else "",
        "told": told,
        "ahead": _ahead(band, first, last),
    }


def _error(found: Results, method: str, origin: int, year: int) -> tuple[float, bool]:
    """Return median less record of national area, and whether the 90 % band held it."""
    row = found.row(method, origin, NATIONAL, "", year)
    return (math.nan, False) if row is None else (row.error, row.inside_90)


def _explained(origin: int, end: int, change: float, errors: Mapping[str, float]) -> dict[str, Any]:
    """Return the parts of a recorded change, in log points: foreseen, of that by policy, and missed."""
    foreseen = change + errors[MODEL]
    policy = foreseen - (change + errors["not_told"])
    return {
        "origin": origin,
        "end": end,
        "recorded": number(change),
        "foreseen": number(foreseen),
        "policy": number(policy),
        "mechanisms": number(change + errors["mechanisms"]),
        "levels": number(change + errors["levels"]),
        "missed": number(-errors[MODEL]),
        "share": f"{100.0 * foreseen / change:.0f} % of it" if foreseen * change > 0.0 else "the wrong way",
    }


def _ahead(band: Band, first: int, last: int) -> str:
    """Return one-year-ahead surprises of national area in an episode."""
    rows = []
    for i, year in enumerate(band.years.tolist()):
        if first < year <= last:
            ends = (band.ends["low_90"][i], band.ends["high_90"][i])
            rows.append(
                [
                    str(year),
                    figure(band.recorded[i]),
                    f"{figure(band.ends['median'][i])} ({figure(ends[0])} to {figure(ends[1])})",
                    f"{100.0 * (band.recorded[i] / band.ends['median'][i] - 1.0):+.0f} %",
                    "yes" if ends[0] <= band.recorded[i] <= ends[1] else "no",
                ]
            )
    head = ["Year", "Recorded, ha", "Expected a year before (90 %)", "Recorded over expected", "Inside 90 %"]
    return table(head, rows)


def _shock(history: Covered) -> str:
    """Return the changes of the US shock: recorded, and in the fitted model."""
    rows = []
    for name, first, last in SHOCK:
        band = history.bands.get(name)
        if band is None or not {first, last} <= set(band.years.tolist()):
            continue
        at = [band.years.tolist().index(year) for year in (first, last)]
        seen = [math.log(path[at[1]] / path[at[0]]) for path in (band.recorded, band.ends["median"])]
        inside = band.held(90)[at]
        rows.append(
            [
                readings()[name].label.en,
                f"{first} to {last}",
                _percent(seen[0]),
                _percent(seen[1]),
                f"{100.0 * seen[1] / seen[0]:.0f} %",
                " and ".join("yes" if one else "no" for one in inside),
            ]
        )
    head = ["Reading", "Years", "Recorded", "Model", "Explained", "Both inside 90 %"]
    return table(head, rows, left=2)


# Calibration


def calibration_page(found: Posterior, history: Covered) -> str:
    """Return the page of the posterior: what it rests on, how it mixed, what it learnt, what it covers."""
    about = found.about
    learnt = learning(found)
    order = sorted(learnt, key=lambda name: learnt[name]["ratio"])
    return _render(
        "calibration",
        about=about,
        data=about["data"][:12],
        count=len(found.values),
        sampled=len(found.names),
        chains=_chains(about),
        covered_missed=_pooled_missed(history),
        pooled={level: estimate(history.pooled(level)) for level in NOMINAL},
        departments={level: estimate(history.department(level)) for level in NOMINAL},
        history=history.settings,
        coverage=_history(history),
        by_department=_departments(history),
        rmse=_rmse(about["log_rmse"]),
        area=about["national_area"],
        owners=_owners(),
        rivals=_rivals(history, about["log_rmse"]),
        taught=_learnt(learnt, order[:SHOWN]),
        silent=_learnt(learnt, [n for n in reversed(order) if learnt[n]["ratio"] > UNTAUGHT]),
        silent_from=UNTAUGHT,
        every=_learnt(learnt, sorted(learnt)),
        others=len(parameters()) - len(found.names),
    )


def _chains(about: Mapping[str, Any]) -> str:
    """Return the diagnostics against their limits, misses first."""
    mixed, worst = about["diagnostics"], about["worst"]
    named = {
        "rhat": "R-hat",
        "bulk": "Bulk effective draws",
        "tail": "Tail effective draws",
        "divergent": "Divergent",
    }
    rows = []
    for name, limit in BARS_OF_CHAINS.items():
        value = mixed[name]
        more = name in ("bulk", "tail")
        met = value >= limit if more else value <= limit
        digits = 0 if more else 4
        rows.append(
            (
                met,
                [
                    named[name],
                    number(value, digits),
                    f"{'at least' if more else 'at most'} {number(limit, 0 if more else 3)}",
                    f"`{worst[name]}`" if name in worst else NONE,
                    "met" if met else "missed",
                ],
            )
        )
    ordered = [row for _, row in sorted(rows, key=lambda one: one[0])]
    return table(["Measure", "Worst", "Limit", "Of", "Standing"], ordered)


def _pooled_missed(history: Covered) -> list[str]:
    """Return a sentence for every band of history whose pooled coverage is off its nominal rate."""
    return [
        f"{level} % bands hold {estimate(history.pooled(level))} of the figures, pooled"
        for level, (low, high) in NOMINAL.items()
        if not low <= history.pooled(level).value <= high
    ]


def _label(name: str) -> str:
    return readings()[name].label.en if name in readings() else series_label(name)


def series_label(name: str) -> str:
    """Return the name of a band that is no reading: coca of a country of the Andes."""
    return f"Survey of coca, {name.removeprefix('coca_area_').capitalize()}"


def _history(history: Covered) -> str:
    """Return coverage by reading: fitted ones first, those that hold least first."""

    def worst(name: str) -> tuple[bool, float]:
        return (not history.bands[name].fitted, history.share([name], 90).value)

    rows = [
        [
            _label(name),
            str(len(history.bands[name].years)),
            *(estimate(history.share([name], level)) for level in NOMINAL),
            "fitted" if history.bands[name].fitted else "only shown",
        ]
        for name in sorted(history.bands, key=worst)
    ]
    return table(["Reading", "Figures", "In 50 %", "In 90 %", "In the fit"], rows)


def _departments(history: Covered) -> str:
    rows = []
    for name in sorted(history.departments, key=lambda n: (history.department(90, n).value, n)):
        count = int(np.isfinite(history.departments[name][90]).sum())
        shares = [estimate(history.department(level, name)) for level in NOMINAL]
        rows.append([name.title(), str(count), *shares])
    return table(["Department", "Figures", "In 50 %", "In 90 %"], rows)


def _rmse(errors: Mapping[str, float]) -> str:
    """Return the log error of the posterior median by reading, worst first."""
    rows = []
    for name, value in sorted(errors.items(), key=lambda one: -one[1]):
        outcome, _, source = name.partition("~")
        rows.append([series(source).label.en, f"`{outcome}`", number(value, 3)])
    return table(["Series", "Outcome", "Log error"], rows, left=2)


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


def _rivals(history: Covered, errors: Mapping[str, float]) -> str:
    """Return both owners' readings side by side: what the bands hold, and the log error."""
    rows = []
    for one in readings().values():
        if one.owner == "any" or one.id not in history.bands:
            continue
        band = history.bands[one.id]
        error = errors.get(f"{one.outcome}~{one.series}")
        if error is None:
            error = float(np.sqrt(np.mean(np.log(band.ends["median"] / band.recorded) ** 2)))
        held = [estimate(history.share([one.id], level)) for level in NOMINAL]
        fitted = "fitted" if band.fitted else "only shown"
        rows.append([one.label.en, fitted, str(len(band.years)), number(error, 3), *held])
    return table(["Reading", "In the fit", "Figures", "Log error", "In 50 %", "In 90 %"], rows, left=2)


def learning(found: Posterior) -> dict[str, dict[str, Any]]:
    """Return prior and posterior of every sampled parameter.

    ``ratio`` is posterior over prior sd on the scale on which the prior is normal, ``shift`` the
    distance of the medians in prior sd.
    """
    return {name: _one_learnt(name, found.values[:, i]) for i, name in enumerate(found.names)}


def _one_learnt(name: str, drawn: np.ndarray) -> dict[str, Any]:
    record: Parameter = parameters()[name]
    transform, mean, sd = scale(record.prior)
    scaled = np.asarray(to_normal(transform, drawn))
    low, high = (math.nan if end is None else end for end in (record.prior.low, record.prior.high))
    prior = [record.prior.median, low, high]
    return {
        "record": record,
        "prior": prior,
        "posterior": [float(q) for q in np.quantile(drawn, [0.5, 0.05, 0.95])],
        "ratio": float(np.std(scaled) / sd),
        "shift": float((np.median(scaled) - mean) / sd),
    }


def _learnt(learnt: Mapping[str, Mapping[str, Any]], names: Iterable[str]) -> str:
    rows = []
    for name in names:
        one = learnt[name]
        record = one["record"]
        bands = [
            f"{figure(m)} ({figure(low)} to {figure(high)})"
            for m, low, high in (one["prior"], one["posterior"])
        ]
        unit = "" if record.unit == "dimensionless" else f", {record.unit}"
        rows.append(
            [f"{record.label.en}{unit} (`{name}`)", *bands, number(one["ratio"]), f"{one['shift']:+.1f}"]
        )
    head = ["Parameter", "Prior (90 %)", "Posterior (90 %)", "Sd, posterior over prior", "Shift, prior sd"]
    return table(head, rows)


# Structures


def structures_page(
    found: Results,
    weight: Mapping[str, float],
    fits: Mapping[str, Posterior],
) -> str:
    """Return the page of mechanisms in dispute: those that did worse than the standard first."""
    names = sorted((n for n in structures() if n != STANDARD), key=lambda n: _against(found, n))
    return _render(
        "structures",
        standard=structures()[STANDARD],
        summary=_structure_table(found, weight, names),
        sections=[_structure(structures()[n], found, weight, fits) for n in names],
    )


def _against(found: Results, name: str) -> float:
    """Return the skill of a structure over the standard in area, infinite where it was not scored."""
    names = targets()["area"] + targets()["departments"]
    value = found.over(name, MODEL, names, found.scopes["all"]).value
    return math.inf if math.isnan(value) else value


def _structure_table(found: Results, weight: Mapping[str, float], names: Sequence[str]) -> str:
    rows = [[structures()[STANDARD].label.en, number(weight.get(STANDARD)), *["0"] * 4]]
    for name in names:
        cells = []
        for target in ("area", "departments"):
            over = found.over(name, MODEL, targets()[target], found.scopes["all"])
            cells += [estimate(over), number(_denser(found, name, target), 3)]
        rows.append([structures()[name].label.en, number(weight.get(name)), *cells])
    head = ["Structure", "Stacking weight"]
    for target in ("National area", "Departments"):
        head += [f"{target}: skill over the standard", f"{target}: log density over the standard's"]
    return table(head, rows)


def _denser(found: Results, method: str, target: str) -> float:
    """Return the mean gain in log density over the standard, on the figures that both forecast."""
    own, usual = (
        found.table(name, targets()[target], found.scopes["all"], "log_density") for name in (method, MODEL)
    )
    gain = own - usual
    return float(gain[np.isfinite(gain)].mean()) if np.isfinite(gain).any() else math.nan


def _structure(
    one: Structure, found: Results, weight: Mapping[str, float], fits: Mapping[str, Posterior]
) -> dict[str, Any]:
    changes = [f"`{name}` = {figure(value)}" for name, value in one.held.items()]
    changes += [
        f"`{name}` free: {figure(p.median)} ({figure(p.low or 0.0)} to {figure(p.high or 0.0)})"
        for name, p in one.freed.items()
    ]
    scored = {
        _named(target): estimate(over)
        for target, names in targets().items()
        if not math.isnan((over := found.over(one.id, MODEL, names, found.scopes["all"])).value)
    }
    return {
        "one": one,
        "changes": "; ".join(changes),
        "weight": number(weight.get(one.id)),
        "scored": table(["Target", "Skill over the standard"], scored.items()) if scored else "",
        "moved": _moved(fits.get(STANDARD), fits.get(one.id)),
    }


def _moved(standard: Posterior | None, other: Posterior | None) -> str:
    """Return the parameters that a structure moves most, in posterior sd of the standard."""
    if standard is None or other is None:
        return ""
    usual, new = standard.medians(), other.medians()
    spread = dict(zip(standard.names, np.std(standard.values, axis=0), strict=True))
    moved = {n: (new[n] - usual[n]) / spread[n] for n in usual if n in new and spread[n] > 0.0}
    top = sorted(moved, key=lambda n: -abs(moved[n]))[:5]
    rows = [
        [f"{parameters()[n].label.en} (`{n}`)", figure(usual[n]), figure(new[n]), f"{moved[n]:+.1f}"]
        for n in top
    ]
    return table(["Parameter", "Standard", "Here", "Shift, sd of the standard"], rows)


# All pages


def index_page(found: Results, history: Covered, about: Mapping[str, Any]) -> str:
    """Return the index, which begins with what was missed."""
    missed = [bar for bar in found.thresholds() if bar.standing == "missed"]
    lines = [
        f"{text(f'backtest.threshold_{bar.name}', ENGLISH)}: {number(bar.value)} "
        f"({text(f'backtest.kind_{bar.kind}', ENGLISH)}; [back-test](backtest.md))"
        for bar in missed
    ]
    lines += [f"{line} ([calibration](calibration.md))" for line in _pooled_missed(history)]
    return _render("index", missed=lines, last=about["last"], scored=sorted(found.scopes["all"]))


@functools.cache
def _pages() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(data_path("templates")),
        autoescape=False,  # Markdown
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )


def _render(name: str, **content: Any) -> str:
    shared = {"number": number, "figure": figure, "label": method_label, "named": _named}
    return _pages().get_template(f"validation_{name}.md.j2").render(**shared, **content)


def shipped_fits() -> dict[str, Posterior]:
    """Return the posterior of every structure that has one."""
    return {n: posterior(n) for n in structures() if (FOLDER / n).with_suffix(".npz").exists()}


def pages() -> dict[str, str]:
    """Return every page by file name whose results are shipped; a posterior that was not sampled has none."""
    fitted = posterior()
    if fitted.about["quick"] or not (coverage.PATH.exists() and results.PATH.exists()):
        return {}
    found, history = results.stored(), coverage.stored()
    made = {
        "README.md": index_page(found, history, fitted.about),
        "calibration.md": calibration_page(fitted, history),
        "backtest.md": backtest_page(found, history),
    }
    if WEIGHTS.exists():
        made["structures.md"] = structures_page(found, weights(), shipped_fits())
    return made


def write(folder: Path) -> None:
    """Write every page into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in pages().items():
        (folder / name).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1] if sys.argv[1:] else "docs/validation"))

"""``caudal backtest``: forecasts of years that a fit has not seen, beside naive rivals and the record."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
import textwrap
from typing import TYPE_CHECKING

import click

from caudal.cli import language_option
from caudal.core.messages import local, text

if TYPE_CHECKING:
    from caudal.calibrate.origins import Outlook
    from caudal.calibrate.results import Results
    from caudal.calibrate.thresholds import Threshold

WIDTH = 110
SHOWN = (
    "coca_area",
    "potential_cocaine_unodc",
    "seizures_colombia",
    "seizures_towards_us",
    "us_retail_price",
    "export_price",
    "us_survey_users",
    "us_deaths",
)
"""Series whose forecasts are printed, where they were recorded; ``--json`` has all."""


@click.command(help=text("cli.help_backtest"))
@click.option("--fit-to", "origin", type=int, metavar="YEAR", help=text("backtest.opt_fit_to"))
@click.option("--score", is_flag=True, help=text("backtest.opt_score"))
@click.option("--store", "kept", is_flag=True, help=text("backtest.opt_store"))
@click.option("--settings-commit", "commit", metavar="SHA", help=text("backtest.opt_settings_commit"))
@click.option("--json", "as_json", is_flag=True, help=text("cli.opt_json"))
@language_option
def backtest(origin: int | None, score: bool, kept: bool, commit: str | None, as_json: bool) -> None:
    """Show the stored scores, or the forecast of one origin, or score now and store the scores if asked."""
    from caudal.calibrate.origins import check_origin
    from caudal.calibrate.scoring import check_commit, check_held_out

    check_commit(commit)
    if kept and (origin is not None or not score):
        raise click.UsageError(text("backtest.store_all"))
    if origin is not None:
        check_origin(origin)
        if score:
            check_held_out(origin, commit)
        _one(origin, score, as_json)
        return
    results = _all(score, kept, commit)
    if as_json:
        click.echo(json.dumps(_document(results), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(summary_lines(results)))


def _one(origin: int, score: bool, as_json: bool) -> None:
    """Show the forecast of one origin beside the record, and score it if asked."""
    from caudal.simulate.executor import prepare

    prepare()
    from caudal.calibrate.origins import origin_posterior, outlooks
    from caudal.calibrate.results import Results
    from caudal.calibrate.scoring import score_origin

    found = origin_posterior(origin, _say)
    _say(text("backtest.forecasting", year=origin))
    seen = outlooks(found, origin)
    results = Results({}, {}, tuple(score_origin(found, origin, _say))) if score else None
    if as_json:
        document = {"origin": origin, "forecasts": [_forecast(one) for one in seen]}
        scores = {} if results is None else {"scores": [dataclasses.asdict(row) for row in results.rows]}
        click.echo(json.dumps(document | scores, ensure_ascii=False, indent=1))
        return
    click.echo("\n".join(outlook_lines(origin, seen)))
    if results is not None:
        click.echo("\n".join(score_lines(results)))


def _all(score: bool, kept: bool, commit: str | None) -> Results:
    """Return the stored scores, or those made now."""
    from caudal.calibrate.results import stored
    from caudal.calibrate.scoring import score_all, store_all
    from caudal.simulate.executor import prepare

    if not score:
        return stored()
    prepare()
    return (store_all if kept else score_all)(commit, _say)


def summary_lines(results: Results) -> list[str]:
    """Return the stored results on one screen, what was missed first."""
    from caudal.calibrate.results import targets
    from caudal.calibrate.thresholds import thresholds
    from caudal.report.validationtext import looks

    lines = [text("backtest.title").upper(), *_folded(_introduced(results))]
    if results.settings:
        lines += [line for words in looks(results) for line in _folded(words)]
    lines += [*_folded(text("backtest.skill_is")), ""]
    lines += [*_bars(thresholds(results)), ""]
    rows = [[text(f"backtest.column_{name}") for name in COLUMNS]]
    rows += [row for target in targets() if (row := _target(results, target))]
    lines += [*_aligned(rows), *_folded(text("backtest.columns_are"))]
    return [*lines, *_folded(text("backtest.more", year=max(results.scopes["all"])))]


COLUMNS = ("target", "best", "skill", "without_boom", "held_out", "inside_50", "inside_90", "width", "error")


def _introduced(results: Results) -> str:
    scopes = results.scopes
    return text(
        "backtest.summary",
        count=len(scopes["all"]),
        first=min(scopes["all"]),
        last=max(scopes["all"]),
        horizon=results.settings.get("horizon", 5),
        development=_years(scopes.get("development", ())),
        held_out=_years(scopes.get("held_out", ())),
    )


def _bars(bars: tuple[Threshold, ...]) -> list[str]:
    """Return the bars with their values by scope, those missed first."""
    from caudal.calibrate.results import SHOWN_SCOPES

    rows = [["", *(text(f"backtest.column_{name}") for name in SHOWN_SCOPES)]]
    for standing, some in itertools.groupby(bars, lambda bar: bar.standing):
        rows.append([text(f"backtest.{standing}").upper(), *[""] * len(SHOWN_SCOPES)])
        for bar in some:
            kind, name = text(f"backtest.kind_{bar.kind}"), text(f"backtest.threshold_{bar.name}")
            values = [number(bar.values.get(scope, math.nan)) for scope in SHOWN_SCOPES]
            rows.append([text("backtest.threshold_line", kind=kind, name=name), *values])
    return _aligned(rows)


def _target(results: Results, target: str) -> list[str]:
    """Return a line of the table by target, empty where nothing was scored."""
    found = results.summary("model", target)
    if found is None:
        return []
    apart = [results.summary("model", target, scope) for scope in ("without_boom", "held_out")]
    band = found.skill
    spread = "" if math.isnan(band.low) else f" ({number(band.low)}, {number(band.high)})"
    return [
        text(f"backtest.target_{target}"),
        text(f"backtest.rival_{found.best}") if found.best else "-",
        f"{number(band.value)}{spread}",
        *(number(one.skill.value if one else math.nan) for one in apart),
        number(found.inside_50.value),
        number(found.inside_90.value),
        number(found.width),
        number(found.log_rmse),
    ]


def outlook_lines(origin: int, seen: list[Outlook]) -> list[str]:
    """Return the forecasts of an origin: series by year, then departments in the last recorded year."""
    first, last = int(seen[0].years[0]), int(seen[0].years[-1])
    title = text("backtest.outlook_title", first=first, last=last, origin=origin)
    lines = [title.upper(), *_folded(text("backtest.outlook_is", origin=origin))]
    usual = ("recorded", "told", "50", "90", "frozen", "90", "rival", "90")
    head = [text(f"backtest.column_{name}") for name in ("year", *usual)]
    for one in seen:
        if one.target in SHOWN:
            named = text("backtest.outlook_line", label=local(one.label), unit=local(one.unit))
            rows = [[str(year), *_cells(one, i)] for i, year in enumerate(one.years)]
            lines += ["", named, *_aligned([head, *rows])]
    regions = [one for one in seen if one.target == "departments"]
    at = int(max(i for i, value in enumerate(regions[0].recorded) if math.isfinite(value)))
    named = text("backtest.departments_in", year=int(regions[0].years[at]), unit=local(regions[0].unit))
    head[0] = text("backtest.column_department")
    return [*lines, "", named, *_aligned([head, *([one.region, *_cells(one, at)] for one in regions)])]


def _cells(one: Outlook, at: int) -> list[str]:
    """Return the cells of one year: recorded, told, frozen and the rival, with their bands."""
    told, frozen = one.told[:, at], one.frozen[:, at]
    rival = one.rival[:, at] if len(one.rival) else [math.nan] * 5
    return [
        amount(float(one.recorded[at])),
        amount(told[2]),
        _range(told[1], told[3]),
        _range(told[0], told[4]),
        amount(frozen[2]),
        _range(frozen[0], frozen[4]),
        amount(rival[2]),
        _range(rival[0], rival[4]),
    ]


def score_lines(results: Results) -> list[str]:
    """Return the mean CRPS of every method by target, on the figures that all of a line forecast."""
    import numpy as np

    from caudal.calibrate.backtest import method_label
    from caudal.calibrate.results import targets

    origins = results.scopes["all"]
    rows = [[text("backtest.column_target"), *map(method_label, results.methods)]]
    for target, names in targets().items():
        tables = {name: results.table(name, names, origins) for name in results.methods}
        tables = {name: table for name, table in tables.items() if np.isfinite(table).any()}
        if not tables:
            continue
        shared = np.all([np.isfinite(table) for table in tables.values()], axis=0)
        means = {n: float(t[shared].mean()) if shared.any() else math.nan for n, t in tables.items()}
        cells = [number(means.get(name, math.nan), 3) for name in results.methods]
        rows.append([text(f"backtest.target_{target}"), *cells])
    turned = [list(column) for column in zip(*rows, strict=True)]
    return ["", text("backtest.score_title").upper(), *_aligned(turned)]


def _document(results: Results) -> dict:
    """Return the settings, the bars and the summaries by target, scope and method."""
    from caudal.calibrate.results import targets
    from caudal.calibrate.thresholds import thresholds

    summaries = {
        target: {
            scope: {
                method: dataclasses.asdict(found)
                for method in results.methods
                if (found := results.summary(method, target, scope)) is not None
            }
            for scope in results.scopes
        }
        for target in targets()
    }
    bars = [{**dataclasses.asdict(one), "met": one.met} for one in thresholds(results)]
    return _plain(
        {"settings": results.settings, "origins": results.origins, "thresholds": bars, "targets": summaries}
    )


def _forecast(one: Outlook) -> dict:
    """Return a forecast as plain data; the first axis of paths is ``quantiles``."""
    from caudal.calibrate.origins import QUANTILES

    paths = {name: getattr(one, name).tolist() for name in ("recorded", "told", "frozen", "rival")}
    about = {"target": one.target, "region": one.region, "label": local(one.label), "unit": local(one.unit)}
    return _plain(about | {"years": one.years.tolist(), "quantiles": list(QUANTILES), **paths})


def _plain(value):
    """Return data without numbers that JSON does not have."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def number(value: float, digits: int = 2) -> str:
    """Return a score, or a dash where there is none."""
    from caudal.report.numbers import Writer

    return "-" if math.isnan(value) else Writer().number(value, 10.0**-digits)


def amount(value: float) -> str:
    """Return a figure with three significant digits, or a dash where there is none."""
    from caudal.report.numbers import Writer, step_of

    if math.isnan(value):
        return "-"
    return Writer().number(value, step_of(value, 1.1 * value, digits=2) if value else 1.0)


def _range(low: float, high: float) -> str:
    return "" if math.isnan(low) else f"({text('report.range', low=amount(low), high=amount(high))})"


def _years(years: tuple[int, ...]) -> str:
    return ", ".join(map(str, years)) or text("backtest.none")


def _aligned(rows: list[list[str]]) -> list[str]:
    """Return rows with their columns aligned, the first to the left."""
    wide = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(w) if i else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, wide, strict=True))
        ).rstrip()
        for row in rows
    ]


def _folded(words: str, first: str = "", later: str | None = None) -> list[str]:
    later = first if later is None else later
    return textwrap.wrap(words, WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False)


def _say(line: str) -> None:
    click.echo(line, err=True)

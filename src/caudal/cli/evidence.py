"""``caudal evidence``: what we know, from whom, and where sources disagree."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from caudal.cli import language_option
from caudal.cli.timeline import timeline
from caudal.core.messages import language, text

if TYPE_CHECKING:
    from caudal.evidence.series import Series

BAR = 24
"""Characters of the longest bar of a chart."""


@click.group(help=text("cli.help_evidence"))
@language_option
def evidence() -> None:
    """List, show and check the evidence base."""


evidence.add_command(timeline)


@evidence.command("list", help=text("cli.help_evidence_list"))
@click.option("--json", "as_json", is_flag=True, help=text("cli.opt_json"))
@language_option
def list_series(as_json: bool) -> None:
    """List every series: unit, years, number of figures and worst quality."""
    from caudal.evidence.series import series, themes
    from caudal.report.serieslist import summary

    if as_json:
        _print_json([summary(series(name)) for names in themes().values() for name in names])
        return
    head = [text(f"evidence.column_{name}") for name in ("id", "label", "unit", "years", "n", "worst")]
    for theme, names in themes().items():
        rows = []
        for name in names:
            item = summary(series(name))
            years = "-".join(dict.fromkeys(item["years"]))
            rows.append([name, item["label"], item["unit"], years, str(item["n"]), _quality(item["worst"])])
        click.echo(f"{theme}: {text(f'evidence.theme_{theme}')}")
        click.echo(_table(head, rows))
        click.echo()
    click.echo(text("evidence.next_list"))


@evidence.command(help=text("cli.help_evidence_show"))
@click.argument("name", metavar="SERIES")
@click.option("--entity", help=text("cli.opt_entity"))
@click.option(
    "--sources",
    type=click.Choice(["preferred", "all"]),
    default="preferred",
    show_default=True,
    help=text("cli.opt_sources"),
)
@click.option("--json", "as_json", is_flag=True, help=text("cli.opt_json"))
@language_option
def show(name: str, entity: str | None, sources: str, as_json: bool) -> None:
    """Show a series beside its rivals, with sources and known errors."""
    from caudal.core.errors import CaudalError, nearest
    from caudal.evidence.series import series
    from caudal.report.serieslist import detail, main_entity

    record = series(name)
    if entity is not None and entity not in record.entities():
        hint = nearest(entity, record.entities())
        raise CaudalError("CAU-113", "no_entity", series=name, entity=entity, nearest=hint)
    if as_json:
        _print_json(detail(record, entity))
        return
    chosen = entity or main_entity(record)
    click.echo(f"{record.id}: {record.label[language()]}")
    click.echo(record.definition[language()])
    money = text("evidence.money", year=record.money_year) if record.money_year else ""
    click.echo(text("evidence.heading", entity=chosen, unit=record.unit, as_of=record.as_of, money=money))
    click.echo()
    click.echo(_all_sources(record, chosen) if sources == "all" else _preferred(record, chosen))
    _print_errors(record, chosen)
    _print_citations(record, chosen, all_rows=sources == "all")
    others = [e for e in record.entities() if e != chosen]
    if others:
        click.echo(text("evidence.other_entities", names="; ".join(others)))
    click.echo(text("evidence.next_show", series=record.id))


@evidence.command(help=text("cli.help_evidence_check"))
@click.option("--json", "as_json", is_flag=True, help=text("cli.opt_json"))
@language_option
@click.pass_context
def check(context: click.Context, as_json: bool) -> None:
    """Check units, sources, totals and labels; exit 1 when something is wrong."""
    from caudal.evidence.check import violations
    from caudal.evidence.series import data_digest, series, series_ids
    from caudal.evidence.source import sources

    found = violations()
    if as_json:
        lines = [{"rule": v.rule, "where": v.where, "problem": v.render()} for v in found]
        _print_json({"ok": not found, "violations": lines})
    elif found:
        for violation in found:
            click.echo(violation.render())
    else:
        rows = sum(len(series(name).rows) for name in series_ids())
        click.echo(
            text(
                "evidence.check_ok",
                rows=rows,
                series=len(series_ids()),
                sources=len(sources()),
                digest=data_digest()[:12],
            )
        )
    context.exit(1 if found else 0)


def _preferred(record: Series, entity: str) -> str:
    """Return the chosen figures with source, quality and chart, and one column per rival."""
    from caudal.evidence.series import series

    values = record.chosen(entity)
    rivals = {name: series(name).chosen(entity) for name in record.rivals}
    rivals = {name: found for name, found in rivals.items() if found}
    years = sorted({*values, *(year for found in rivals.values() for year in found)})
    largest = max((abs(row.value or 0.0) for row in values.values()), default=0.0)
    head = [text(f"evidence.column_{name}") for name in ("year", "value", "source", "quality")]
    rows = []
    for year in years:
        row = values.get(year)
        cells = [year, "", "", ""]
        if row is not None:
            cells = [year, _figure(row.value), "|".join(row.sources), _quality(row.quality)]
        cells += [_figure(found[year].value) if year in found else "" for found in rivals.values()]
        rows.append([*cells, _bar(row.value, largest) if row is not None else ""])
    return _table([*head, *rivals, ""], rows, numbers=(1, *range(4, 4 + len(rivals))))


def _all_sources(record: Series, entity: str) -> str:
    """Return years in rows and one numbered column per source, of the series and of its rivals."""
    from caudal.evidence.series import series

    columns: dict[str, dict[str, str]] = {}
    for name in (record.id, *record.rivals):
        for row in series(name).values(entity):
            columns.setdefault(f"{name}, {'|'.join(row.sources)}", {})[row.year] = _figure(row.value)
    years = sorted({year for column in columns.values() for year in column})
    rows = [[year, *(column.get(year, "") for column in columns.values())] for year in years]
    marks = [f"[{i}]" for i in range(1, 1 + len(columns))]
    table = _table([text("evidence.column_year"), *marks], rows, numbers=range(1, 1 + len(columns)))
    return "\n".join([table, "", *(f"{mark} {name}" for mark, name in zip(marks, columns, strict=True))])


def _print_errors(record: Series, entity: str) -> None:
    errors = [e for e in record.known_errors if e.entity in ("*", entity)]
    if errors:
        click.echo("\n" + text("evidence.known_errors"))
    for error in errors:
        click.echo(f"  {error.year} ({text(f'evidence.action_{error.action}')}): {error.reason[language()]}")


def _print_citations(record: Series, entity: str, all_rows: bool) -> None:
    from caudal.evidence.series import series
    from caudal.evidence.source import source
    from caudal.report.serieslist import cited

    if all_rows:
        rows = [row for name in (record.id, *record.rivals) for row in series(name).values(entity)]
    else:
        rows = [row for name in (record.id, *record.rivals) for row in series(name).chosen(entity).values()]
    click.echo("\n" + text("evidence.cited"))
    for name in cited(rows):
        item = source(name)
        click.echo(
            text(
                "evidence.citation",
                id=item.id,
                owner=item.owner,
                title=item.title,
                date=_stated(item.date),
                url=_stated(item.url),
                licence=_stated(item.licence),
            )
        )


def _stated(field: str) -> str:
    from caudal.evidence.source import NO_ADDRESS, NOT_STATED

    if field in ("", NO_ADDRESS):
        return text("evidence.no_address")
    return text("evidence.not_stated") if field == NOT_STATED else field


def _quality(quality: str) -> str:
    return text(f"evidence.quality_{quality}")


def _figure(value: float | None) -> str:
    if value is None:
        return text("evidence.not_published")
    return f"{value:,.2f}".rstrip("0").rstrip(".") if abs(value) >= 100 else f"{value:.4g}"


def _bar(value: float | None, largest: float) -> str:
    return "█" * round(BAR * abs(value or 0.0) / largest) if largest else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Iterable[int] = ()) -> str:
    right = set(numbers)
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    )


def _print_json(document: object) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))

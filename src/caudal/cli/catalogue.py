"""``caudal params | levers | outcomes | scenarios [NAME]``: what exists, and each record as a card."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from caudal.cli import language_option
from caudal.core.messages import local, text

if TYPE_CHECKING:
    from caudal.report.cards import Line

WIDTH = 110
LABEL = 28
"""Characters of the column of labels on a card."""


@click.command(help=text("cli.help_params"))
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help=text("cli.opt_json"))
@language_option
def params(name: str | None, as_json: bool) -> None:
    """List the parameters, or show one."""
    from caudal.evidence.registry import parameter, parameters
    from caudal.report.cards import heading, parameter_card, parameter_table
    from caudal.simulate.posterior import fitted

    def plain(each: str) -> dict[str, Any]:
        return {"name": each, **_plain(parameter(each)), "fitted_value": fitted()["values"].get(each)}

    if as_json:
        _print_json(plain(name) if name else [plain(each) for each in parameters()])
    elif name:
        _print_card(heading(name, local(parameter(name).label)), parameter_card(name))
        click.echo(text("trace.next_card", name=name))
    else:
        _print_table(*parameter_table())
        click.echo(text("trace.next_params"))


@click.command(help=text("cli.help_levers"))
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help=text("cli.opt_json"))
@language_option
def levers(name: str | None, as_json: bool) -> None:
    """List the levers, or show one."""
    from caudal.evidence.registry import lever
    from caudal.evidence.registry import levers as records
    from caudal.report.cards import heading, lever_card, lever_table

    def plain(each: str) -> dict[str, Any]:
        return {"name": each, **_plain(lever(each))}

    if as_json:
        _print_json(plain(name) if name else [plain(each) for each in records()])
    elif name:
        _print_card(heading(name, local(lever(name).label)), lever_card(name))
        click.echo(text("trace.next_card", name=name))
    else:
        _print_table(*lever_table())
        click.echo(text("trace.next_levers"))


@click.command(help=text("cli.help_outcomes"))
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help=text("cli.opt_json"))
@language_option
def outcomes(name: str | None, as_json: bool) -> None:
    """List the outcomes, or show one."""
    from caudal.evidence.registry import outcome
    from caudal.evidence.registry import outcomes as records
    from caudal.report.cards import heading, outcome_card, outcome_table

    def plain(each: str) -> dict[str, Any]:
        return {"name": each, **_plain(outcome(each)), "stored_unit": outcome(each).stored_unit}

    if as_json:
        _print_json(plain(name) if name else [plain(each) for each in records()])
    elif name:
        _print_card(heading(name, local(outcome(name).label)), outcome_card(name))
        click.echo(text("trace.next_card", name=name))
    else:
        _print_table(*outcome_table())
        click.echo(text("trace.next_outcomes"))


@click.command(help=text("cli.help_scenarios"))
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help=text("cli.opt_json"))
@language_option
def scenarios(name: str | None, as_json: bool) -> None:
    """List the scenarios, or show one with every line."""
    from caudal.report.cards import heading, scenario_card, scenario_events, scenario_list
    from caudal.simulate.scenario import library, scenario

    def plain(each: str) -> dict[str, Any]:
        found = scenario(each)
        return {
            "name": found.name,
            **_plain(found.document),
            "span": list(found.document.span),
            "events": scenario_events(found.document),
        }

    if as_json:
        _print_json(plain(name) if name else [plain(each) for each in library()])
    elif name:
        found = scenario(name)
        _print_card(heading(found.name, local(found.document.title)), scenario_card(name))
        click.echo(text("trace.next_run", name=name))
    else:
        for told, question in scenario_list():
            click.echo(told)
            _print_wrapped(question, "    ")
        click.echo()
        click.echo(text("trace.next_scenarios"))


def _plain(record: Any) -> dict[str, Any]:
    """Return a record as plain values, in both languages."""
    return record.model_dump(mode="json", by_alias=True)


def _print_json(document: object) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))


def _print_wrapped(words: str, indent: str, first: str | None = None) -> None:
    lines = textwrap.wrap(
        words,
        WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in lines:
        click.echo(line)


def _print_card(title: str, lines: Sequence[Line]) -> None:
    """Print labels flush left and what they say beside them; a long label stands on its own line."""
    click.echo(title)
    indent = " " * (LABEL + 2)
    for label, paragraphs in lines:
        if not label:
            for paragraph in paragraphs:
                _print_wrapped(paragraph, "  ")
            continue
        first = f"  {label}".ljust(LABEL + 2)
        if len(label) >= LABEL:
            click.echo(first)
            first = indent
        for paragraph in filter(None, paragraphs):
            _print_wrapped(paragraph, indent, first)
            first = indent
    click.echo()


def _print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    for row in (head, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
    click.echo()

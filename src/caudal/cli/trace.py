"""``caudal trace``: from a number to its equation, parameters, data and documents."""

from __future__ import annotations

import json
from pathlib import Path

import click

from caudal.cli import language_option
from caudal.core.messages import text


@click.command(help=text("cli.help_trace"))
@click.argument("name", metavar="NAME|RESULT.nc")
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    metavar="FILE",
    help=text("cli.opt_html"),
)
@click.option("--json", "as_json", is_flag=True, help=text("cli.opt_json"))
@language_option
def trace(name: str, page: Path | None, as_json: bool) -> None:
    """Print where a number comes from, or write it as a page."""
    from caudal.report.trace import trace as traced
    from caudal.report.trace import trace_result
    from caudal.report.tracepage import trace_text, write_trace

    saved = name.endswith(".nc")
    found = trace_result(Path(name)) if saved else traced(name)
    written = write_trace(found, page) if page else None
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
        return
    if written is None:
        click.echo(trace_text(found))
        click.echo()
        click.echo(text("trace.next", name=name))
        return
    click.echo(text("trace.written", path=written))

"""``caudal report``: write the report of a saved result."""

from __future__ import annotations

from pathlib import Path

import click

from caudal.cli import language_option
from caudal.core.errors import CaudalError
from caudal.core.messages import text


@click.command(help=text("cli.help_report"))
@click.argument("result", type=click.Path(path_type=Path), metavar="RESULT.nc")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    metavar="REPORT.html",
    help=text("cli.opt_report_out"),
)
@click.option("--figure", default=None, metavar="OUTCOME", help=text("cli.opt_figure"))
@click.option("--json", "as_json", is_flag=True, help=text("cli.opt_json"))
@language_option
def report(result: Path, out: Path | None, figure: str | None, as_json: bool) -> None:
    """Open a result, write its report and print its table."""
    from caudal.simulate.results import open_result

    opened = open_result(result)
    if as_json:
        import json

        from caudal.report.attribution import as_json as answered

        click.echo(json.dumps(answered(opened), ensure_ascii=False))
        return
    if figure:
        from caudal.report.drawing import write_chart

        drawn = write_chart(opened, figure, _file(out, f"{figure}.svg") or result.with_name(f"{figure}.svg"))
        click.echo(text("cli.drawn", path=drawn))
        return
    from caudal.report.html import write_report
    from caudal.report.terminal import terminal

    page = write_report(opened, _file(out, "report.html") or result.with_suffix(".html"))
    click.echo(terminal(opened, None))
    click.echo(text("cli.written", report=page, result=result))


def _file(out: Path | None, name: str) -> Path | None:
    """Return the file to write: ``name`` inside a path that is a folder or has no suffix, made if missing."""
    if out is None or (out.suffix and not out.is_dir()):
        return out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CaudalError("CAU-402", "unwritable", path=out, problem=error.strerror or error) from None
    return out / name

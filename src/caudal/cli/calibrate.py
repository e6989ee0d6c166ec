"""``caudal calibrate``: redo the maximum-a-posteriori fit and store it with the package."""

from __future__ import annotations

import json

import click

from caudal.cli import language_option
from caudal.core.messages import text


@click.command(help=text("cli.help_calibrate"))
@click.option("--dry", is_flag=True, help=text("cli.opt_dry"))
@click.option("--json", "as_json", is_flag=True, help=text("cli.opt_json"))
@language_option
def calibrate(dry: bool, as_json: bool) -> None:
    """Fit the scales and say how well the record is met."""
    from caudal.simulate.executor import prepare

    prepare()
    from caudal.calibrate.fit import PATH, fit, store

    document = fit(lambda line: click.echo(line, err=True))
    if not dry:
        store(document)
    if as_json:
        click.echo(json.dumps(document, indent=1))
        return
    area = document["national_area"]
    for name, value in document["log_rmse"].items():
        outcome, _, series = name.partition("~")
        click.echo(f"{outcome:32s} {series:36s} {value:6.3f}")
    click.echo(
        text(
            "cli.fit_area",
            with_levels=f"{area['log_rmse_with_levels']:.3f}",
            without=f"{area['log_rmse_without_levels']:.3f}",
            share=f"{area['share_of_variance_mechanisms']:.2f}",
            levels=f"{area['share_of_variance_levels']:.2f}",
        )
    )
    if not dry:
        click.echo(text("cli.fit_stored", path=PATH.name))

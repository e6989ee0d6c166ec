"""``caudal calibrate``: fit the model to the record, check how the chains mixed, store the posterior."""

from __future__ import annotations

import json
from pathlib import Path

import click

from caudal.cli import language_option
from caudal.core.messages import language, text


@click.command(help=text("cli.help_calibrate"))
@click.option("--fit-to", "known", type=int, help=text("cli.opt_fit_to"))
@click.option("--owner", default="unodc", help=text("cli.opt_owner"))
@click.option("--structure", "structured", default="standard", help=text("cli.opt_structure"))
@click.option("--supply", is_flag=True, help=text("cli.opt_supply"))
@click.option("--chains", type=click.IntRange(2, 128), help=text("cli.opt_chains"))
@click.option("--draws", type=click.IntRange(25), help=text("cli.opt_chain_draws"))
@click.option("--quick", is_flag=True, help=text("cli.opt_quick"))
@click.option("--dry", is_flag=True, help=text("cli.opt_dry"))
@click.option("--json", "as_json", is_flag=True, help=text("cli.opt_json"))
@language_option
def calibrate(
    known: int | None,
    owner: str,
    structured: str,
    supply: bool,
    chains: int | None,
    draws: int | None,
    quick: bool,
    dry: bool,
    as_json: bool,
) -> None:
    """Draw the posterior, say how well it mixed and fits, and store it if it passes."""
    from platformdirs import user_cache_path

    from caudal.simulate.executor import prepare

    prepare()
    from caudal.calibrate.checkpoints import Settings
    from caudal.calibrate.posterior import about, check, diagnostics, fit, inference_data, store
    from caudal.calibrate.space import beyond_supply
    from caudal.evidence.owners import checked
    from caudal.evidence.structures import STANDARD, structure
    from caudal.simulate.posterior import FOLDER, name_of, read_posterior

    structure(structured)
    checked(owner)
    name = name_of(known, owner, structured, supply)
    usual = FOLDER / name_of(known, owner, STANDARD)
    held = beyond_supply(read_posterior(usual).medians()) if supply else {}
    folder = Path(user_cache_path("caudal")) / "calibrate" / name
    asked = {k: v for k, v in (("chains", chains), ("draws", draws)) if v is not None}
    found = fit(
        known,
        owner,
        structured,
        Settings.of(supply, **asked),
        folder,
        lambda line: click.echo(line, err=True),
        quick,
        held,
    )
    mixed = diagnostics(found)
    document = about(found, mixed)
    if as_json:
        click.echo(json.dumps(document, indent=1, sort_keys=True))
    else:
        _print(document)
    if not quick:
        inference_data(found).to_netcdf(folder / "inference.nc", engine="h5netcdf")
        click.echo(text("cli.fit_draws", path=folder / "inference.nc"), err=True)
        check(mixed)
    if not (dry or quick):
        store(found, FOLDER / name, document)
        click.echo(text("cli.fit_stored", path=f"{name}.npz"), err=True)


def _print(document: dict) -> None:
    """Print how the chains mixed, the fit by reading, and what mechanisms explain alone."""
    from caudal.report.numbers import Writer

    write = Writer()
    told = text("cli.fit_quick") if document["quick"] else _mixed(document)
    click.echo(told)
    for name, value in document["log_rmse"].items():
        outcome, _, series = name.partition("~")
        click.echo(f"{outcome:32s} {series:36s} {write.number(value, 0.001):>6s}")
    click.echo(area_line(document["national_area"]))


def area_line(area: dict, code: str | None = None) -> str:
    """Return what levels and mechanisms explain of the national area (``calibrate.alone``), in a language."""
    from caudal.report.numbers import Writer

    write = Writer(code or language())
    return text(
        "cli.fit_area",
        code,
        last=area["years"][1],
        with_levels=write.number(area["log_rmse_with_levels"], 0.001),
        without=write.number(area["log_rmse_without_levels"], 0.001),
        share=write.number(area["share_of_variance_mechanisms"], 0.01),
        levels=write.number(area["share_of_variance_levels"], 0.01),
    )


def _mixed(document: dict) -> str:
    """Tell how the chains mixed, and what mixed worst."""
    from caudal.report.numbers import Writer

    mixed, worst, write = document["diagnostics"], document["worst"], Writer()
    return text(
        "cli.fit_mixed",
        chains=mixed["chains"],
        draws=write.number(mixed["draws"]),
        rhat=write.number(mixed["rhat"], 0.001),
        rhat_of=worst["rhat"],
        bulk=write.number(mixed["bulk"]),
        bulk_of=worst["bulk"],
        tail=write.number(mixed["tail"]),
        tail_of=worst["tail"],
        divergent=write.number(100 * mixed["divergent"], 0.01),
        seconds=write.number(document["seconds"]),
    )

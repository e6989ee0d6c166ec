"""``caudal calibrate``: fit the model to the record, check how the chains mixed, store the posterior."""

from __future__ import annotations

import json
from pathlib import Path

import click

from caudal.cli import language_option
from caudal.core.clock import LAST_OBSERVED
from caudal.core.messages import text


@click.command(help=text("cli.help_calibrate"))
@click.option("--fit-to", "known", type=int, help=text("cli.opt_fit_to"))
@click.option("--owner", default="unodc", help=text("cli.opt_owner"))
@click.option("--structure", "structured", default="standard", help=text("cli.opt_structure"))
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
    from caudal.calibrate.posterior import about, check, diagnostics, fit, inference_data, name_of, store
    from caudal.evidence.owners import checked
    from caudal.evidence.structures import structure
    from caudal.simulate.posterior import FOLDER

    structure(structured)
    checked(owner)
    name = name_of(known, owner, structured)
    folder = Path(user_cache_path("caudal")) / "calibrate" / name
    asked = {k: v for k, v in (("chains", chains), ("draws", draws)) if v is not None}
    found = fit(
        known,
        owner,
        structured,
        Settings(**asked),
        folder,
        lambda line: click.echo(line, err=True),
        quick,
    )
    mixed = diagnostics(found)
    document = about(found, mixed)
    if as_json:
        click.echo(json.dumps(document, indent=1, sort_keys=True))
    else:
        _print(document, known or LAST_OBSERVED)
    if not quick:
        inference_data(found).to_netcdf(folder / "inference.nc", engine="h5netcdf")
        click.echo(text("cli.fit_draws", path=folder / "inference.nc"), err=True)
        check(mixed)
    if not dry:
        store(found, FOLDER / name, document)
        click.echo(text("cli.fit_stored", path=f"{name}.npz"), err=True)


def _print(document: dict, last: int) -> None:
    """Print how the chains mixed, the fit by reading, and what mechanisms explain alone."""
    told = text("cli.fit_quick") if document["quick"] else _mixed(document)
    click.echo(told)
    for name, value in document["log_rmse"].items():
        outcome, _, series = name.partition("~")
        click.echo(f"{outcome:32s} {series:36s} {value:6.3f}")
    area = document["national_area"]
    click.echo(
        text(
            "cli.fit_area",
            last=last,
            with_levels=f"{area['log_rmse_with_levels']:.3f}",
            without=f"{area['log_rmse_without_levels']:.3f}",
            share=f"{area['share_of_variance_mechanisms']:.2f}",
            levels=f"{area['share_of_variance_levels']:.2f}",
        )
    )


def _mixed(document: dict) -> str:
    """Tell how the chains mixed, and what mixed worst."""
    mixed, worst = document["diagnostics"], document["worst"]
    return text(
        "cli.fit_mixed",
        chains=mixed["chains"],
        draws=mixed["draws"],
        rhat=f"{mixed['rhat']:.3f}",
        rhat_of=worst["rhat"],
        bulk=f"{mixed['bulk']:.0f}",
        bulk_of=worst["bulk"],
        tail=f"{mixed['tail']:.0f}",
        tail_of=worst["tail"],
        divergent=f"{100 * mixed['divergent']:.2f}",
        seconds=f"{document['seconds']:.0f}",
    )

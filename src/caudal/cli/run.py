"""``caudal run``: simulate scenarios, print the comparison, write the report."""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from caudal.cli import language_option
from caudal.core.errors import CaudalError
from caudal.core.messages import text

if TYPE_CHECKING:
    from caudal.simulate.scenario import Change, Scenario


@click.command(help=text("cli.help_run"))
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...")
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="LEVER=VALUE[@YEAR[+RAMP]][:DEPARTMENT,...]",
    help=text("cli.opt_set"),
)
@click.option("--assume", "assumed", multiple=True, metavar="PARAMETER=VALUE", help=text("cli.opt_assume"))
@click.option("--draws", type=int, default=500, show_default=True, help=text("cli.opt_draws"))
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True, help=text("cli.opt_seed")
)
@click.option("--to", type=int, default=None, help=text("cli.opt_to"))
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("out"), show_default=True, help=text("cli.opt_out")
)
@click.option(
    "--regions",
    type=click.Choice(("department", "national", "municipality")),
    default="department",
    show_default=True,
    help=text("cli.opt_regions"),
)
@click.option("--coca-file", type=click.Path(path_type=Path), default=None, help=text("cli.opt_coca_file"))
@click.option(
    "--structures", metavar="NAME", default="standard", show_default=True, help=text("cli.opt_structures")
)
@click.option("--owner", metavar="NAME", default="unodc", show_default=True, help=text("cli.opt_run_owner"))
@click.option("--prior", "prior_only", is_flag=True, help=text("cli.opt_prior"))
@click.option("--robust", is_flag=True, help=text("cli.opt_robust"))
@click.option("--profile", default=None, metavar="NAME", help=text("cli.opt_profile"))
@click.option("--json", "as_json", is_flag=True, help=text("cli.opt_json"))
@language_option
def run(
    scenarios: tuple[str, ...],
    changes: tuple[str, ...],
    assumed: tuple[str, ...],
    draws: int,
    seed: int,
    to: int | None,
    out: Path,
    regions: str,
    coca_file: Path | None,
    structures: str,
    owner: str,
    prior_only: bool,
    robust: bool,
    profile: str | None,
    as_json: bool,
) -> None:
    """Simulate scenarios with common random numbers and compare them with the first."""
    from caudal.simulate.scenario import DEFAULT, parse_change, scenario

    began = time.monotonic()
    made = tuple(parse_change(word) for word in changes)
    chosen = [scenario(name) for name in scenarios or DEFAULT]
    if made:
        chosen = with_changes(chosen, made)
    elif len(chosen) == 1 and chosen[0].document.baseline:
        chosen = [scenario(chosen[0].document.baseline), *chosen]
    from caudal.report.profile import load_profile
    from caudal.simulate.basis import Basis, parse_assumption
    from caudal.simulate.run import check_draws, last_year

    check_draws(draws)
    assume = dict(parse_assumption(word) for word in assumed)
    Basis(structures, owner, fitted=not prior_only, assumed=tuple(sorted(assume.items()))).check()
    if robust and len(chosen) < 2:
        raise CaudalError("CAU-324", "lonely")
    to = last_year(chosen, to)
    judged = load_profile(profile) if profile else None
    folder = _folder(out)

    from caudal.simulate.run import run as simulate

    result = simulate(
        chosen,
        draws=draws,
        seed=seed,
        to=to,
        regions=regions,
        coca_file=coca_file,
        structures=structures,
        owner=owner,
        prior_only=prior_only,
        assume=assume,
        progress=_progress,
    )
    if robust:
        from caudal.explore.robustness import attached, robustness

        tried = robustness(result, chosen, regions=regions, coca_file=coca_file, progress=_trying)
        result = attached(result, tried)
    saved = result.save(folder / "result.nc")
    from caudal.report.html import write_report

    page = write_report(result, folder / "report.html", judged=judged)
    _say(text("cli.took", seconds=f"{time.monotonic() - began:.1f}"))
    if as_json:
        import json

        from caudal.report.attribution import as_json as answered

        sys.stdout.write(json.dumps(answered(result), ensure_ascii=False) + "\n")
        return
    from caudal.report.terminal import terminal

    click.echo(terminal(result, judged))
    click.echo(text("cli.written", report=page, result=saved))


def with_changes(chosen: list[Scenario], made: tuple[Change, ...]) -> list[Scenario]:
    """Apply ``--set`` to every scenario but the first, which stays the reference.

    A scenario that stands alone is the reference, and its changed copy is ``NAME-changed``.
    """
    first, *others = chosen
    if others:
        return [first, *(one.changed(made) for one in others)]
    return [first, dataclasses.replace(first.changed(made), name=f"{first.name}-changed")]


def _folder(out: Path) -> Path:
    """Return the output folder, refused in one line when it cannot be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CaudalError("CAU-402", "unwritable", path=out, problem=error.strerror or error) from None
    if not os.access(out, os.W_OK):
        raise CaudalError("CAU-402", "unwritable", path=out, problem=os.strerror(13))
    return out


def _progress(name: str) -> None:
    _say(text("cli.running", name=name))


def _trying(done: int, total: int, name: str) -> None:
    _say(text("cli.trying", done=done, total=total, name=name))


def _say(line: str) -> None:
    click.echo(line, err=True)

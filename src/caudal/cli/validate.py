"""``caudal validate``: the published effects, each run as an experiment on the model."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from caudal.cli import language_option
from caudal.core.messages import local, text

if TYPE_CHECKING:
    from caudal.explore.trials import Program
    from caudal.explore.verdicts import Score, Verdict
    from caudal.simulate.experiments import Experiment

INDENT = "    "


@click.command(help=text("cli.help_validate"))
@click.argument("effects", nargs=-1, metavar="[ID]...")
@click.option("--draws", type=int, default=200, show_default=True, help=text("cli.opt_draws"))
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True, help=text("cli.opt_seed")
)
@click.option("--effects", "effect_file", type=click.Path(path_type=Path), help=text("validate.opt_effects"))
@click.option(
    "--experiments", "trial_file", type=click.Path(path_type=Path), help=text("validate.opt_experiments")
)
@click.option("--store", is_flag=True, help=text("validate.opt_store"))
@click.option("--json", "as_json", is_flag=True, help=text("cli.opt_json"))
@language_option
def validate(
    effects: tuple[str, ...],
    draws: int,
    seed: int,
    effect_file: Path | None,
    trial_file: Path | None,
    store: bool,
    as_json: bool,
) -> None:
    """Run the experiments, and say how the model stands to each published effect."""
    from caudal.explore.trials import own_program, program
    from caudal.simulate.run import check_draws

    if bool(effect_file) != bool(trial_file):
        raise click.UsageError(text("validate.both_files"))
    if store and (effects or effect_file):
        raise click.UsageError(text("validate.store_all"))
    check_draws(draws)
    known = own_program(effect_file, trial_file) if effect_file and trial_file else program()
    tried = known.only(effects)

    from caudal.simulate.executor import prepare

    prepare()
    from caudal.explore.verdicts import Score, in_order, verdicts
    from caudal.explore.verdicts import store as keep

    _say(text("validate.history"))
    found = verdicts(tried, draws, seed, _progress)
    if store:
        keep(found, draws, seed)
    score = Score.of(found)
    if as_json:
        named = {"inside": score.inside, "near": score.near, "wrong_sign": score.wrong}
        shares = {name: None if math.isnan(share) else share for name, share in named.items()}
        answers = {one.id: _answer(tried, one) for one in found}
        told = {"scored": score.scored, **shares}
        document = {"draws": draws, "seed": seed, "score": told, "effects": answers}
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
        return
    if score.scored:
        click.echo(text("validate.score", **_percents(score)))
    standing = ""
    for one in in_order(found):
        if one.standing != standing:
            standing = one.standing
            click.echo("\n" + text(f"validate.standing_{standing}"))
        click.echo("\n".join(_lines(tried, one, in_full=bool(effects))))


def _answer(tried: Program, one: Verdict) -> dict:
    effect, trial = tried.effects[one.id], tried.trials[one.id]
    words = {"why": trial.why, "note": trial.note, "out_of_scope": trial.out_of_scope}
    return {
        **one.as_json(),
        "wrong_sign": one.wrong,
        "unit": effect.unit,
        "used_in": effect.used_in,
        "claim": local(effect.claim),
        **{name: local(told) if told else None for name, told in words.items()},
    }


def _percents(score: Score) -> dict[str, str]:
    shares = {"inside": score.inside, "near": score.near, "wrong": score.wrong}
    return {"scored": str(score.scored)} | {name: f"{100.0 * share:.0f}" for name, share in shares.items()}


def _lines(tried: Program, one: Verdict, in_full: bool) -> list[str]:
    """Return the lines of one effect; in full with its claim, its experiment and what runs."""
    effect, trial = tried.effects[one.id], tried.trials[one.id]
    lines = [f"{one.id}  {text(f'validate.word_{one.word}')}  {local(effect.quantity)}"]
    if one.found is not None:
        lines.append(INDENT + _numbers(tried, one))
    if one.wrong and one.word != "wrong_sign":
        lines.append(INDENT + text("validate.sign_is_wrong"))
    reasons = [trial.out_of_scope, trial.sign_only, trial.put_in, trial.why]
    if in_full:
        reasons = [effect.claim, effect.experiment, trial.note, effect.used_note, *reasons]
    lines += [INDENT + local(told) for told in reasons if told is not None]
    if in_full:
        read = dict.fromkeys(run for quantity in trial.quantities for run in quantity.runs)
        lines += [INDENT + local(tried.runs[run].title) for run in read if run in tried.runs]
    return lines


def _numbers(tried: Program, one: Verdict) -> str:
    """Return the model's number beside the published one, or the probability of the sign."""
    from caudal.evidence.effects import published
    from caudal.report.nodes import figure

    if one.whose is None:
        return text("validate.probability", percent=f"{100.0 * (one.right or 0.0):.0f}")

    def told(value: float | None) -> str:
        if value is None or not math.isfinite(value):
            return text("validate.no_limit")
        return figure(value, 3)

    effect = tried.effects[one.id]
    unit = local(published().units[effect.unit]) if effect.unit in published().units else effect.unit
    low, middle, high = one.found or (math.nan,) * 3
    return text(
        "validate.beside",
        value=told(middle),
        low=told(low),
        high=told(high),
        published=told(one.published) if one.published is not None else "-",
        least=told(one.low),
        most=told(one.high),
        whose=text(f"validate.whose_{one.whose}"),
        unit=f" {unit}" if unit else "",
    )


def _progress(done: int, total: int, run: Experiment) -> None:
    _say(text("validate.running", done=done, total=total, title=local(run.title)))


def _say(line: str) -> None:
    click.echo(line, err=True)

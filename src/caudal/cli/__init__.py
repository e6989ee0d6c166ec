"""The command line: stdout is the answer, stderr is progress, bad use is one line and exit 2."""

from __future__ import annotations

import importlib
import os
import sys
from typing import NoReturn

import click

from caudal.core.errors import CaudalError, nearest
from caudal.core.messages import LANGUAGES, text, use_language

COMMANDS = {
    "run": "caudal.cli.run:run",
    "serve": "caudal.cli.serve:serve",
    "report": "caudal.cli.report:report",
    "evidence": "caudal.cli.evidence:evidence",
    "calibrate": "caudal.cli.calibrate:calibrate",
    "backtest": "caudal.cli.backtest:backtest",
    "validate": "caudal.cli.validate:validate",
    "params": "caudal.cli.catalogue:params",
    "levers": "caudal.cli.catalogue:levers",
    "outcomes": "caudal.cli.catalogue:outcomes",
    "scenarios": "caudal.cli.catalogue:scenarios",
    "trace": "caudal.cli.trace:trace",
}


class Root(click.Group):
    """Loads a command's module only when that command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        return getattr(importlib.import_module(module), name)

    def resolve_command(self, ctx: click.Context, args: list[str]):
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise CaudalError("CAU-002", "command", name=args[0], nearest=nearest(args[0], COMMANDS))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, text(f"cli.help_{name}")) for name in COMMANDS]
        with formatter.section(text("cli.commands")):
            formatter.write_dl(rows)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        formatter.write_text(text("cli.help"))
        formatter.write_paragraph()
        formatter.write_text(text("cli.next"))


def say_language(_ctx: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Set the language as soon as the option is read."""
    if value:
        use_language(value)
    return value


language_option = click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    expose_value=False,
    is_eager=True,
    callback=say_language,
    help="en | es",
)


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@language_option
@click.version_option(package_name="caudal", prog_name="caudal", message="%(prog)s %(version)s")
def root() -> None:
    """Caudal."""


def _language_from(arguments: list[str]) -> None:
    """Read ``--lang`` ahead of parsing, so that help and errors speak it too."""
    for i, word in enumerate(arguments):
        chosen = word.partition("=")[2] if word.startswith("--lang=") else ""
        if word == "--lang" and i + 1 < len(arguments):
            chosen = arguments[i + 1]
        if chosen in LANGUAGES:
            use_language(chosen)


def _usage(error: click.ClickException) -> str:
    """Return click's complaint as one coded line with the nearest option."""
    if isinstance(error, click.NoSuchOption):
        options = [o for p in (error.ctx.command.params if error.ctx else []) for o in p.opts]
        return CaudalError(
            "CAU-003", "option", name=error.option_name, nearest=nearest(error.option_name, options)
        ).render()
    return CaudalError("CAU-001", "usage", problem=" ".join(error.format_message().split())).render()


def _called(arguments: list[str]) -> object:
    """Call the command; click, outside standalone mode, exits by itself only on a closed pipe."""
    try:
        return root.main(args=arguments, prog_name="caudal", standalone_mode=False)
    except SystemExit:
        raise BrokenPipeError from None


def _leave_closed_pipe() -> NoReturn:
    """End with status 0 when whoever read the answer (``head``) has had enough."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # what is still unwritten must not fail again while Python ends
        os.dup2(nowhere, stream)
    sys.exit(0)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 ok, 1 the answer is no, 2 bad use, 130 stopped."""
    arguments = sys.argv[1:] if arguments is None else arguments
    _language_from(arguments)
    try:
        code = _called(arguments or ["--help"])
        sys.stdout.flush()  # a reader that went away is met here, not while Python ends
        sys.exit(code if isinstance(code, int) else 0)
    except CaudalError as error:
        click.echo(error.render(), err=True)
        sys.exit(2)
    except click.exceptions.Abort:
        click.echo(text("cli.stopped"), err=True)
        sys.exit(130)
    except click.ClickException as error:
        click.echo(_usage(error), err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        click.echo(text("cli.stopped"), err=True)
        sys.exit(130)
    except BrokenPipeError:
        _leave_closed_pipe()

"""``caudal serve``: the web app on this machine."""

from __future__ import annotations

import socket

import click

from caudal.cli import language_option
from caudal.core.errors import CaudalError
from caudal.core.messages import text

PORT = 8350
TRIED = 20
"""Ports after the usual one that are tried when it is taken."""


@click.command(help=text("cli.help_serve"))
@click.option("--port", type=click.IntRange(0, 65535), default=None, help=text("cli.opt_port"))
@click.option("--host", default="127.0.0.1", show_default=True, help=text("cli.opt_host"))
@click.option("--allow-remote", is_flag=True, help=text("cli.opt_allow_remote"))
@click.option("--no-browser", is_flag=True, help=text("cli.opt_no_browser"))
@language_option
def serve(port: int | None, host: str, allow_remote: bool, no_browser: bool) -> None:
    """Serve the web app until stopped."""
    from caudal.app.guard import LOOPBACK

    hosts = LOOPBACK
    if host not in LOOPBACK:
        if not allow_remote:
            raise CaudalError("CAU-611", "remote", host=host)
        click.echo(text("cli.serve_remote", host=host), err=True)
        hosts = (*LOOPBACK, host)
    listening = _listen(host, port)
    address = f"http://{host}:{listening.getsockname()[1]}"
    click.echo(address)
    from caudal.simulate.executor import prepare

    prepare()
    import uvicorn

    from caudal.app.server import client, create_app

    if not (client() / "index.html").exists():
        click.echo(text("cli.serve_no_client"), err=True)
    server = uvicorn.Server(uvicorn.Config(create_app(hosts), log_level="warning"))
    if not no_browser:
        import webbrowser

        webbrowser.open(address)
    click.echo(text("cli.serve_stop"), err=True)
    server.run(sockets=[listening])


def _listen(host: str, port: int | None) -> socket.socket:
    """Return a socket at a port, or at the first free one from PORT on.

    Raises:
        CaudalError: ``CAU-612`` when it cannot be had.
    """
    problem = ""
    for one in range(PORT, PORT + TRIED) if port is None else (port,):
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((host, one))
            made.listen()
            return made
        except OSError as error:
            made.close()
            problem = error.strerror or str(error)
    raise CaudalError("CAU-612", "port", host=host, port=PORT if port is None else port, problem=problem)

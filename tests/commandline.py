"""The command line as people call it, for tests that ask questions through it."""

from __future__ import annotations

import contextvars
import fcntl
import functools
import json
import subprocess
import sys

from click.testing import CliRunner

from caudal.cli import root


def caudal(*words):
    """Return what a command prints, called as people call it."""
    command = [sys.executable, "-m", "caudal", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def printed(*words):
    """Return what a command prints, called in this process and in a context of its own."""
    call = functools.partial(CliRunner().invoke, root, list(map(str, words)), catch_exceptions=False)
    found = contextvars.copy_context().run(call)
    assert found.exit_code == 0, found.output
    return found.output


@functools.cache
def shown(*words):
    """Return what a command prints as JSON."""
    return json.loads(printed(*words, "--json"))


def asked_once(factory, worker_id, name, words):
    """Return a folder with the JSON answer to a question; workers of one session share it.

    ``words(folder)`` are the words of the command.
    """
    base = factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / name
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "answer.json").exists():
            told = caudal(*words(folder), "--out", folder, "--json")
            (folder / "answer.json").write_text(told, encoding="utf-8")
    return folder

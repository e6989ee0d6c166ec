"""The code that gives what the app shows: Python, and a command where one can."""

from __future__ import annotations

import shlex
from typing import Any

from caudal.app.schemas import RunRequest
from caudal.app.simulation import chosen
from caudal.evidence.owners import OWNERS
from caudal.evidence.structures import STANDARD
from caudal.report.provenance import set_argument, setting_word


def code(asked: RunRequest) -> dict[str, str | None]:
    """Return a ``Code``; ``r.digests`` of the Python are the digests of the answer."""
    wanted = [chosen(one) for one in asked.packages]
    changes = [[c.as_json(one.document.span[0]) for c in one.changes] for one in wanted]
    other: dict[str, Any] = {}
    if asked.structures != STANDARD:
        other["structures"] = asked.structures
    if asked.owner != OWNERS[0]:
        other["owner"] = asked.owner
    made = [
        f"cd.scenario({one.name!r})" + "".join(f".set({c['lever']}={set_argument(c)})" for c in own)
        for one, own in zip(wanted, changes, strict=True)
    ]
    keywords = {"draws": asked.draws, "seed": asked.seed, "to": asked.to, **other}
    if asked.assume:
        keywords["assume"] = asked.assume
    listed = "".join(f"    {one},\n" for one in made)
    told = ", ".join(f"{name}={value!r}" for name, value in keywords.items())
    python = (
        "import caudal as cd\n\n"
        f"r = cd.run([\n{listed}], {told}, framings=False)\n"
        "for name, digest in r.digests.items():\n"
        "    print(name, digest, r.comparison('coca_area', name).median[-1])\n"
    )
    return {"python": python, "cli": _command([one.name for one in wanted], changes, asked, other)}


def _command(
    names: list[str], changes: list[list[dict]], asked: RunRequest, other: dict[str, Any]
) -> str | None:
    """Return the command, which makes the same changes to all scenarios but the first."""
    if changes[0] or any(own != changes[-1] for own in changes[1:]):
        return None
    words = names[:1] if changes[-1] and names == [names[0]] * 2 else names
    options = [word for change in changes[-1] for word in ("--set", setting_word(change))]
    options += [word for name, value in asked.assume.items() for word in ("--assume", f"{name}={value!r}")]
    options += ["--draws", str(asked.draws), "--seed", str(asked.seed), "--to", str(asked.to)]
    options += [word for name, value in other.items() for word in (f"--{name}", value)]
    return shlex.join(["caudal", "run", *words, *options])

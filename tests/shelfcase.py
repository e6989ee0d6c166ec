"""Made-up posteriors of structures and of the other owner, and made-up weights: none of them was fitted."""

from __future__ import annotations

import json

import numpy as np

from caudal.evidence.owners import OWNERS
from caudal.evidence.structures import STANDARD, structures
from caudal.simulate import posterior as shelf

WEIGHTS = {STANDARD: 0.5, "log-gap": 0.3, "spill-over": 0.2, "no-learning": 0.0}
NAMES = (STANDARD, *(name for name, one in structures().items() if name != STANDARD and not one.untestable))


def put(folder, called, structure, owner=OWNERS[0], shift=1.0):
    """Write a posterior made from the standard's: without what a structure holds, with what it frees."""
    about, own = structures()[structure], shelf.posterior()
    kept = [i for i, name in enumerate(own.names) if name not in about.held]
    freed = list(about.freed)
    values = shift * own.values[:, kept]
    values = np.column_stack([values, *(np.linspace(-0.1, 0.1, len(values)) for _ in freed)])
    names = [own.names[i] for i in kept] + freed
    np.savez(folder / f"{called}.npz", values=values.astype(np.float32))
    told = own.about | {"names": names, "structure": structure, "owner": owner}
    (folder / f"{called}.json").write_text(json.dumps(told))


def stock(folder, monkeypatch):
    """Let the posterior of every structure, that of the other owner and weights come with Caudal."""
    for i, name in enumerate(NAMES):
        put(folder, name, name, shift=1.0 + 0.001 * i)
    put(folder, f"owner-{OWNERS[1]}", STANDARD, OWNERS[1])
    (folder / "structures.json").write_text(json.dumps({"weights": WEIGHTS, "origins": [2008, 2010]}))
    lay(folder, monkeypatch)


def lay(folder, monkeypatch):
    """Let what lies in a folder, and nothing else, come with Caudal."""
    monkeypatch.setattr(shelf, "FOLDER", folder)
    monkeypatch.setattr(shelf, "WEIGHTS", folder / "structures.json")
    forget()


def forget():
    """Read posteriors and weights again."""
    shelf.posterior.cache_clear()
    shelf.weights.cache_clear()

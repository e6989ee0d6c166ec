"""Stages of a long fit, kept so that one that was stopped goes on from the last.

A stage belongs to the problem whose key it carries; one of another problem, or cut short, is not read.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

Report = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Settings:
    """How long to look and to draw."""

    starts: int = 12  # searches for modes
    evaluations: int = 400  # of the density and its slope, each search
    rounds: int = 12  # in which the normal is brought near the density
    points: int = 2048  # of the density, each round
    chains: int = 8
    warmup: int = 1280  # kept draws of each chain in which the normal is learnt
    draws: int = 1200  # kept draws of each chain
    thin: int = 20  # steps between kept draws
    block: int = 20  # kept draws between checkpoints
    accept: float = 0.35  # acceptance that the warm-up aims for
    seed: int = 0

    @classmethod
    def of(cls, supply: bool = False, **asked: int) -> Settings:
        """Return the usual settings with what is asked for in their place.

        Parameters of supply alone lie near a normal: chains around it forget their place in two kept
        draws or three, against ten and more of the full posterior, so half the length is enough.
        """
        return cls(**({"warmup": 320, "draws": 960} if supply else {}) | asked)


class Checkpoints:
    """Stages kept in a folder, each under the key of the problem they belong to."""

    def __init__(self, folder: Path | None, key: str) -> None:
        """Use a folder (``None``: keep nothing); stages of another key are not read."""
        self.folder, self.key = folder, key
        self._before, self._since = 0.0, time.monotonic()
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def load(self, stage: str) -> dict[str, np.ndarray] | None:
        """Return a stage, if it was kept under this key and is whole."""
        if self.folder is None:
            return None
        path = self.folder / f"{stage}.npz"
        try:
            with np.load(path, allow_pickle=False) as stored:
                found = dict(stored)
        except (OSError, ValueError, EOFError, BadZipFile):
            return None
        if str(found.pop("key", "")) != self.key:
            return None
        self._before, self._since = float(found.pop("seconds", 0.0)), time.monotonic()
        return found

    @property
    def seconds(self) -> float:
        """Return the seconds spent, those before the last stage that was read included."""
        return self._before + time.monotonic() - self._since

    def save(self, stage: str, **arrays: Any) -> None:
        """Keep a stage; a run that is stopped here leaves the one before."""
        if self.folder is None:
            return
        path = self.folder / f"{stage}.npz"
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, key=self.key, seconds=self.seconds, **arrays)
        partial.replace(path)


def key_of(**about: Any) -> str:
    """Return what tells one problem from another, for checkpoints."""
    return hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()[:24]

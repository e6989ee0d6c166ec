"""The shipped posterior: joint draws of what the record informs, for every run to use.

A posterior is two files in ``data/posterior``: ``NAME.npz`` holds thinned draws and the stored
points by which a change of model or data is noticed; ``NAME.json`` says what it was fitted to, how
it was drawn and how well it mixed. Parameters that were not sampled are drawn from their prior.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from caudal.core.errors import CaudalError
from caudal.core.files import data_path
from caudal.evidence.owners import OWNERS
from caudal.evidence.structures import STANDARD, structure

if TYPE_CHECKING:
    from caudal.model.params import Params

FOLDER = data_path("posterior")
WEIGHTS = FOLDER / "structures.json"


@dataclasses.dataclass(frozen=True)
class Posterior:
    """Joint draws ``values`` (draw, parameter) of the sampled parameters ``names``."""

    names: tuple[str, ...]
    values: np.ndarray
    about: dict[str, Any]

    def rows(self, seed: int, members: Iterable[int]) -> np.ndarray:
        """Return the draw of each member: a permutation by seed, repeated beyond its length."""
        order = np.random.default_rng(seed).permutation(len(self.values))
        return self.values[order[np.asarray(list(members)) % len(order)]]

    def medians(self) -> dict[str, float]:
        """Return the median of each sampled parameter."""
        return dict(zip(self.names, map(float, np.median(self.values, axis=0)), strict=True))


def read_posterior(path: Path) -> Posterior:
    """Read the posterior ``path``.npz, with ``path``.json beside it (``CAU-403`` where there is none)."""
    if not path.with_suffix(".npz").exists():
        raise CaudalError("CAU-403", "no_file", path=path.with_suffix(".npz").name)
    about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    with np.load(path.with_suffix(".npz"), allow_pickle=False) as stored:
        return Posterior(tuple(about["names"]), stored["values"].astype(float), about)


@functools.cache
def posterior(name: str = STANDARD) -> Posterior:
    """Return a posterior that comes with Caudal."""
    return read_posterior(FOLDER / name)


def fitted() -> dict[str, Any]:
    """Return what the standard posterior is: medians, fit by reading, how it was drawn."""
    return posterior().about


def name_of(known: int | None, owner: str, structured: str, supply: bool = False) -> str:
    """Return what a posterior is called: standard, or what sets it apart.

    Args:
        known: last year of the record that was used; ``None`` for all of it.
        owner: whose estimates were followed.
        structured: which mechanisms in dispute were at work.
        supply: whether only the parameters of supply were sampled (``calibrate.space.SUPPLY``).
    """
    usual = owner == OWNERS[0]
    parts = [structured if structured != STANDARD or (known is None and usual) else ""]
    parts += ["" if usual else f"owner-{owner}", "" if known is None else f"origin-{known}"]
    parts += ["supply" if supply else ""]
    return "-".join(part for part in parts if part)


@functools.cache
def weights() -> dict[str, float]:
    """Return the stacking weight of each structure, as scored out of sample."""
    return json.loads(WEIGHTS.read_text(encoding="utf-8"))["weights"]


def draws_of(
    found: Posterior, seed: int, ids: Iterable[int], given: Mapping[str, Any] | None = None
) -> Params:
    """Return the parameters of members under any posterior, shipped or not, (member,) each.

    Parameters in ``given`` take those values, sampled or not.
    """
    from caudal.model.priors import draw

    ids = [int(i) for i in ids]
    drawn = found.rows(seed, ids)
    held = structure(found.about["structure"]).held | found.about.get("held", {})
    sampled = {n: drawn[:, i] for i, n in enumerate(found.names)}
    return draw(seed, ids, held | sampled | dict(given or {}))

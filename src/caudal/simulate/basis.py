r"""What the parameters of a run are drawn from: structures, a data owner, a posterior or priors alone.

Of a posterior the parameters that the record informs are joint draws, and the others are drawn from
their priors. A structure that the past cannot tell from the standard has the standard's draws with its
own values held: its past, and so its posterior, is the same. Stacked structures are a mixture
(Yao and others 2018, doi:10.1214/17-BA1091): each member belongs to one structure,

.. math::
    k_i = \min\{k : u_i < w_1 + \dots + w_k\},\quad u_i = (u_0 + i\,\varphi) \bmod 1,\quad
    \varphi = \tfrac{\sqrt5 - 1}{2}

with the stacking weights :math:`w` and a start :math:`u_0` of the seed. The golden-ratio sequence has
low discrepancy, so any first members hold the structures about in proportion, and a member depends on
no other.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from caudal.core.errors import CaudalError, unknown
from caudal.core.files import digest
from caudal.evidence.owners import OWNERS, checked
from caudal.evidence.registry import Prior, parameter, parameters
from caudal.evidence.structures import STANDARD, structure, structures
from caudal.simulate import posterior as shelf
from caudal.simulate.posterior import Posterior, draws_of, name_of, posterior, weights

if TYPE_CHECKING:
    from caudal.model.params import Params

STACKED = "stacked"
"""The name of all structures that have a stacking weight, mixed by it."""

PRIORS = "priors"
"""What stands for the hash of a posterior where there is none."""

GOLDEN = (5.0**0.5 - 1.0) / 2.0


@dataclasses.dataclass(frozen=True)
class Basis:
    """What the parameters of a run are drawn from.

    ``structures`` names one structure or is STACKED. ``owner`` is whose estimates of area and
    production are followed. Without ``fitted`` all parameters are drawn from their priors. ``power``
    is the power to which the priors of parameters that are not in a posterior are raised: on the scale
    on which such a prior is normal its sd is divided by the square root of it. ``assumed`` are
    parameters that take one value in all members.
    """

    structures: str = STANDARD
    owner: str = OWNERS[0]
    fitted: bool = True
    power: float = 1.0
    assumed: tuple[tuple[str, float], ...] = ()

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Basis:
        """Return the basis of a result from its run record."""
        assumed = tuple(sorted(record.get("assumed", {}).items()))
        return cls(record["structures"], record["owner"], record["fitted"], assumed=assumed)

    @property
    def stacked(self) -> bool:
        """Tell whether members belong to several structures."""
        return self.structures == STACKED

    def check(self) -> Basis:
        """Return the basis, its names known and its posteriors stored.

        Raises:
            CaudalError: ``CAU-104``, ``CAU-109`` and ``CAU-315`` for unknown names, ``CAU-326`` for a value
                out of bounds, ``CAU-322`` for a posterior that
                is not stored, ``CAU-323`` for weights that are not.
        """
        if self.structures not in (STACKED, *structures()):
            raise unknown("structure", self.structures, (*structures(), STACKED), "CAU-109")
        checked(self.owner)
        for name, value in self.assumed:
            low, high = parameter(name).bounds
            if not low <= value <= high:
                raise CaudalError("CAU-326", "assumed", name=name, value=value, low=low, high=high)
        if self.stacked and not shelf.WEIGHTS.exists():
            raise CaudalError("CAU-323", "no_weights")
        if self.missing():
            raise CaudalError("CAU-322", "no_posterior", names=", ".join(self.missing()))
        return self

    def missing(self) -> tuple[str, ...]:
        """Return the posteriors, or the file of weights, that are needed and not stored."""
        if self.stacked and not shelf.WEIGHTS.exists():
            return (shelf.WEIGHTS.name,)
        return tuple(name for name in self.posteriors if not _path(name).exists())

    @property
    def shares(self) -> dict[str, float]:
        """Return the share of members of each structure; those without any are left out."""
        if not self.stacked:
            return {self.structures: 1.0}
        found = {name: max(weight, 0.0) for name, weight in weights().items()}
        total = sum(found.values())
        return {name: weight / total for name, weight in found.items() if weight > 0.0}

    @property
    def posteriors(self) -> tuple[str, ...]:
        """Return the names of the posteriors that members are drawn from; none of priors alone."""
        if not self.fitted:
            return ()
        return tuple(dict.fromkeys(self._posterior_name(name) for name in self.shares))

    def fits(self) -> dict[str, dict[str, Any]]:
        """Return what the posterior of each structure is (``Posterior.about``); empty of priors alone."""
        if not self.fitted:
            return {}
        return {name: posterior(self._posterior_name(name)).about for name in self.shares}

    def digest(self) -> str:
        """Return a hash of the stored draws, and of the stacking weights where they are used."""
        self.check()
        weighed = [shelf.WEIGHTS] if self.stacked else []
        if not (self.posteriors or weighed):
            return PRIORS
        return digest(*map(_path, self.posteriors), *weighed)[:16]

    def about(self) -> dict[str, Any]:
        """Return what the run record tells of it."""
        fits = self.fits()
        vintages = sorted({str(fit["data"])[:8] for fit in fits.values()})
        return {
            "structures": self.structures,
            "owner": self.owner,
            "fitted": self.fitted,
            "assumed": dict(self.assumed),
            "shares": self.shares,
            "fit": self.digest(),
            "calibration": f"calibrated on {'+'.join(vintages)}" if fits else "priors alone",
            "calibrated_until": min((fit["last"] for fit in fits.values()), default=None),
        }

    def structure_of(self, seed: int, ids: Sequence[int]) -> np.ndarray:
        """Return the name of each member's structure, (member,)."""
        names = list(self.shares)
        start = np.random.default_rng(seed).random()
        at = np.mod(start + GOLDEN * np.asarray(ids, float), 1.0)
        ends = np.cumsum(list(self.shares.values()))[:-1]
        return np.array(names)[np.searchsorted(ends, at, side="right")]

    def log_prior(self, seed: int, ids: Sequence[int]) -> np.ndarray:
        """Return the log prior density of the sampled parameters of members, (member,), up to a constant.

        The density is that on the scales on which priors are normal. In a mixture it is told from the
        mean over the members of the same structure, so that structures keep their shares.
        """
        own, found = self.structure_of(seed, ids), np.zeros(len(ids))
        if not self.fitted:
            return found
        for name in self.shares:
            mine = np.flatnonzero(own == name)
            if mine.size:
                sampled = posterior(self._posterior_name(name))
                heights = _log_prior(sampled, sampled.rows(seed, np.asarray(ids)[mine]))
                found[mine] = heights - heights.mean()
        return found

    def _posterior_name(self, name: str) -> str:
        own = STANDARD if structure(name).untestable else name
        return name_of(None, self.owner, own)

    def drawn(self, seed: int, ids: Sequence[int], name: str) -> Params:
        """Return the parameters of members that belong to one structure, (member,) each."""
        from caudal.model.priors import draw

        about = structure(name)
        found = posterior(self._posterior_name(name)) if self.fitted else None
        inside = found.names if found else ()
        wanted = {n: p for n, p in about.freed.items() if n not in inside}
        if self.power != 1.0:
            records = parameters().items()
            wanted = {n: r.prior for n, r in records if n not in (*inside, *about.held)} | wanted
        given = _from_priors(seed, ids, wanted, self.power) | about.held | dict(self.assumed)
        return draws_of(found, seed, ids, given) if found else draw(seed, ids, given)


USUAL = Basis()
"""The standard structure, fitted to the record as UNODC and governments publish it."""


def members(seed: int, ids: Iterable[int], basis: Basis = USUAL) -> Params:
    """Return the parameters of members, one array of shape (member,) each.

    A member's draw depends on (seed, member) and the basis alone.
    """
    import jax.numpy as jnp

    from caudal.model.params import Params

    ids = [int(i) for i in ids]
    own = basis.check().structure_of(seed, ids)
    present = [name for name in basis.shares if name in own]
    if len(present) == 1:
        return basis.drawn(seed, ids, present[0])
    places = [np.flatnonzero(own == name) for name in present]
    back = np.argsort(np.concatenate(places))
    parts = [
        basis.drawn(seed, np.asarray(ids)[at].tolist(), n) for n, at in zip(present, places, strict=True)
    ]
    return Params({n: jnp.concatenate([part[n] for part in parts])[back] for n in parts[0]})


def parse_assumption(word: str) -> tuple[str, float]:
    """Read ``PARAMETER=VALUE``.

    Raises:
        CaudalError: ``CAU-327`` for another form, ``CAU-104`` for an unknown parameter.
    """
    name, equals, value = word.partition("=")
    try:
        found = (name.strip(), float(value))
    except ValueError:
        found = None
    if not equals or found is None:
        raise CaudalError("CAU-327", "assume_form", word=word)
    parameter(found[0])
    return found


def _path(name: str) -> Path:
    """Return where the draws of a posterior lie."""
    return (shelf.FOLDER / name).with_suffix(".npz")


def _from_priors(seed: int, ids: Sequence[int], priors: Mapping[str, Prior], power: float) -> dict[str, Any]:
    """Return draws from priors raised to a power, (member,) each, by the normals of all draws."""
    if not priors:
        return {}
    from caudal.model.priors import from_normal, normals, scale

    drawn, found = normals(seed, ids, priors), {}
    for i, (name, prior) in enumerate(priors.items()):
        transform, mean, sd = scale(prior)
        raw = from_normal(transform, mean + sd / np.sqrt(power) * drawn[:, i], np)
        found[name] = np.clip(raw, *parameters()[name].bounds)
    return found


def _log_prior(found: Posterior, values: np.ndarray) -> np.ndarray:
    """Return the log prior density of rows of a posterior's parameters, (row,), up to a constant."""
    from caudal.model.priors import scale, to_normal

    freed = structure(found.about["structure"]).freed
    total = np.zeros(len(values))
    for i, name in enumerate(found.names):
        transform, mean, sd = scale(freed.get(name, parameters()[name].prior))
        total -= 0.5 * ((to_normal(transform, values[:, i]) - mean) / sd) ** 2
    return total

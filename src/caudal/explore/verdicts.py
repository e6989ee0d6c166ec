"""Verdicts: how the model's number stands to a published effect, and the score over all of them.

A value is ``inside`` if its median lies in the range of the effect (``Effect.range``), ``overlap`` if
only its 90 % band reaches it, else ``outside``. A direction, or a value of which the sign alone is
compared, has the right ``sign`` with a probability of SURE or more, is of the ``wrong_sign`` below
WRONG, and else ``undecided``. The sign of a value is wrong below WRONG too, whatever its size.

Only effects that were taken in nowhere, that somebody read, and that the model could miss are scored.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np

from caudal.core.files import data_path
from caudal.core.writing import write_whole
from caudal.evidence.effects import Effect, Owner
from caudal.evidence.inputs import deflator
from caudal.evidence.series import data_digest
from caudal.explore.trials import Program, Trial, program
from caudal.simulate.experiments import Experiment
from caudal.simulate.quantities import value

SURE, WRONG = 0.9, 0.5
"""Probability of the right sign from which a sign is right, and below which it is wrong."""

BAND = (0.05, 0.5, 0.95)

Word = Literal["inside", "overlap", "outside", "sign", "undecided", "wrong_sign", "out_of_scope"]
"""How the model's number stands to the published one."""

Standing = Literal["scored", "prior", "data", "recall", "put_in", "out_of_scope"]
"""Whether a verdict is scored, or why not."""

HITS, NEARLY = ("inside", "sign"), ("inside", "sign", "overlap")

STORED = data_path("validation", "effects.json")


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What became of one effect; numbers are in its unit, money in dollars of 2020.

    ``found`` is 5 % quantile, median and 95 % quantile, ``right`` the probability of the right sign
    (of a direction, that it holds).
    """

    id: str
    word: Word
    standing: Standing
    found: tuple[float, float, float] | None = None
    published: float | None = None
    low: float | None = None
    high: float | None = None
    whose: Owner | None = None
    right: float | None = None

    @property
    def wrong(self) -> bool:
        """Return whether the sign is wrong."""
        return self.right is not None and self.right < WRONG

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values; what has no limit is null."""

        def plain(x: float | None) -> float | None:
            return None if x is None or not math.isfinite(x) else float(f"{x:.6g}")

        found = None
        if self.found is not None:
            named = zip(("p05", "median", "p95"), self.found, strict=True)
            found = {name: plain(x) for name, x in named}
        return {
            "word": self.word,
            "standing": self.standing,
            "model": found,
            "published": plain(self.published),
            "low": plain(self.low),
            "high": plain(self.high),
            "whose": self.whose,
            "right": plain(self.right),
        }


@dataclasses.dataclass(frozen=True)
class Score:
    """Shares of the scored effects."""

    scored: int
    inside: float
    near: float
    wrong: float

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> Score:
        """Return the score of verdicts; the shares of nothing are not numbers."""
        counted = [one for one in verdicts if one.standing == "scored"]

        def share(kept: Callable[[Verdict], bool]) -> float:
            return sum(map(kept, counted)) / len(counted) if counted else math.nan

        return cls(
            len(counted),
            share(lambda one: one.word in HITS),
            share(lambda one: one.word in NEARLY),
            share(lambda one: one.wrong),
        )


def verdicts(
    tried: Program,
    draws: int,
    seed: int = 1,
    progress: Callable[[int, int, Experiment], None] = lambda done, total, run: None,
) -> tuple[Verdict, ...]:
    """Run every trial of a program and say how the model stands to each effect."""
    from caudal.explore.trialruns import TrialRuns

    runs = TrialRuns(tried, draws, seed, progress)
    found = []
    for name, trial in tried.trials.items():
        drawn = [value(ratio, runs) for ratio in trial.reads]
        read = [one for one in drawn if one is not None]
        found.append(verdict(tried.effects[name], trial, read if len(read) == len(drawn) else []))
    return tuple(found)


def verdict(effect: Effect, trial: Trial, drawn: list[np.ndarray]) -> Verdict:
    """Return how the draws of what a trial reads stand to an effect; out of scope where nothing is read."""
    if not drawn:
        return Verdict(effect.id, "out_of_scope", "out_of_scope")
    standing, found = _standing(effect, trial), _quantiles(drawn[0])
    right = _right(effect, trial, drawn)
    known = effect.range
    if known is None or trial.sign_only:
        word: Word = "sign" if right >= SURE else "wrong_sign" if right < WRONG else "undecided"
        return Verdict(effect.id, word, standing, found, effect.estimate, right=right)
    scale = deflator()[effect.money_year] if effect.money_year else 1.0
    low, high = scale * known[0], scale * known[1]
    estimate = None if effect.estimate is None else scale * effect.estimate
    word = "inside" if low <= found[1] <= high else "outside"
    if word == "outside" and found[0] <= high and low <= found[2]:
        word = "overlap"
    signed = right if low * high > 0.0 or estimate else None
    return Verdict(effect.id, word, standing, found, estimate, low, high, known[2], signed)


def _standing(effect: Effect, trial: Trial) -> Standing:
    if not effect.scored:
        return "recall"
    if effect.used_in != "none":
        return effect.used_in
    return "put_in" if trial.put_in else "scored"


def _right(effect: Effect, trial: Trial, drawn: list[np.ndarray]) -> float:
    """Return the share of draws in which all that is read has the sign of the effect."""
    if effect.form == "direction" and effect.estimate == 0:
        holds = [np.abs(one) <= (trial.nothing or 0.0) for one in drawn]
    else:
        sign = np.sign(effect.estimate or effect.low or effect.high or 1.0)
        many = effect.form == "direction" or bool(trial.sign_only)
        holds = [sign * one > 0.0 for one in (drawn if many else drawn[:1])]
    return float(np.mean(np.all(np.broadcast_arrays(*holds), axis=0)))


def _quantiles(values: np.ndarray) -> tuple[float, float, float]:
    method = "linear" if np.isfinite(values).all() else "inverted_cdf"
    low, middle, high = np.quantile(values, BAND, method=method)
    return float(low), float(middle), float(high)


def store(found: tuple[Verdict, ...], draws: int, seed: int) -> None:
    """Store the verdicts with the package."""
    from caudal.simulate.run import calibration, step_hash

    document = {
        "calibration": calibration(),
        "draws": draws,
        "seed": seed,
        "data": data_digest()[:16],
        "step": step_hash(),
        "effects": {one.id: one.as_json() for one in found},
    }
    write_whole(STORED, json.dumps(document, indent=1) + "\n")


def stored() -> dict[str, Any]:
    """Return what was stored, as it was written."""
    return json.loads(STORED.read_text(encoding="utf-8"))


def stored_verdicts() -> tuple[Verdict, ...]:
    """Return the stored verdicts; a null end of a range or of the model's band has no limit."""

    def unlimited(value: float | None, limit: float) -> float:
        return limit if value is None else value

    found = []
    for name, one in stored()["effects"].items():
        kept = {key: one[key] for key in ("word", "standing", "published", "low", "high", "whose", "right")}
        if one["whose"] is not None:
            kept |= {"low": unlimited(one["low"], -math.inf), "high": unlimited(one["high"], math.inf)}
        if one["model"] is not None:
            low, middle, high = (unlimited(one["model"][key], math.inf) for key in ("p05", "median", "p95"))
            kept["found"] = (low, middle, high)
        found.append(Verdict(id=name, **kept))
    return tuple(found)


def in_order(found: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Return verdicts with scored misses first, the worst of them at the top, then as in the file."""
    worst = ("wrong_sign", "outside", "undecided", "overlap", "sign", "inside", "out_of_scope")
    order = ("scored", "prior", "data", "recall", "put_in", "out_of_scope")
    known = tuple(program().trials)

    def key(one: Verdict):
        at = known.index(one.id) if one.id in known else len(known)
        return order.index(one.standing), not one.wrong, worst.index(one.word), at

    return tuple(sorted(found, key=key))

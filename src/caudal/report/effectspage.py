"""The pages on published effects: the score with the misses first, and the reason of every difference."""

from __future__ import annotations

import math
from collections.abc import Iterable

from caudal.evidence.effects import effects, published
from caudal.explore.trials import program
from caudal.explore.verdicts import HITS, SURE, WRONG, Score, Standing, Verdict, Word, in_order, stored
from caudal.report.markdowntable import table
from caudal.report.validationtext import NONE, figure, render

WORDS: dict[Word, str] = {
    "inside": "inside",
    "overlap": "overlap",
    "outside": "outside",
    "sign": "sign right",
    "undecided": "undecided",
    "wrong_sign": "wrong sign",
    "out_of_scope": "out of scope",
}

WHOSE = {
    "published": "",
    "partly_ours": " (in part ours)",
    "sought": " (ours: what the experiment looks for)",
    "ours": " (ours: a quarter on each side)",
}

STANDINGS: dict[Standing, str] = {
    "scored": "Scored, misses first",
    "prior": "Not scored: in the prior of a parameter",
    "data": "Not scored: in the record that the model is given or fitted to",
    "recall": "Not scored: only remembered, not read",
    "put_in": "Not scored: the model could not have missed it",
}


def effects_page(found: Iterable[Verdict]) -> str:
    """Return the page of verdicts, misses first."""
    ordered = in_order(found)
    groups = {title: [one for one in ordered if one.standing == name] for name, title in STANDINGS.items()}
    reasons = [
        [one.id, effects()[one.id].quantity.en, _reason(one)] for one in ordered if one.word == "out_of_scope"
    ]
    return render(
        "effects",
        about=stored(),
        score=Score.of(ordered),
        total=len(ordered),
        sure=SURE,
        wrong=WRONG,
        percent=_percent,
        tables={title: _table(some) for title, some in groups.items() if some},
        out_of_scope=table(["Effect", "Quantity", "Why not"], reasons, left=3),
    )


def differences_page(found: Iterable[Verdict]) -> str:
    """Return the page of reasons, one section for each effect that is not hit."""
    missed = [one for one in in_order(found) if one.word not in (*HITS, "out_of_scope")]
    return render("differences", sections=[_section(one) for one in missed])


def _section(one: Verdict) -> dict[str, str]:
    """Return the title of one effect that is not hit, and what is told of it."""
    effect, trial = effects()[one.id], program().trials[one.id]
    scored = "scored" if one.standing == "scored" else "not scored"
    told = {"What ran": trial.note, "Only the sign is compared": trial.sign_only, "Why": trial.why}
    reasons = [f"{label}: {_stopped(words.en)}" for label, words in told.items() if words is not None]
    title = f"{one.id}: {WORDS[one.word]} ({scored})"
    return {"title": title, "told": "\n\n".join([effect.claim.en, _sentence(one), *reasons])}


def _sentence(one: Verdict) -> str:
    if one.whose is None:
        return f"Probability of the published sign: {_percent(one.right or 0.0)}."
    wrong = " The sign is wrong." if one.wrong else ""
    unit = "" if _unit(one) == NONE else f"; {_unit(one)}"
    return f"Model {_model(one)}; published {_published(one)}{unit}.{wrong}"


def _stopped(told: str) -> str:
    return told if told.endswith(".") else f"{told}."


def _table(found: list[Verdict]) -> str:
    head = ["Effect", "Verdict", "Quantity", "Unit", "Kind", "Model: median (90 % band)", "Published"]
    return table(head, map(_row, found), left=5)


def _row(one: Verdict) -> list[str]:
    """Return the line of one effect."""
    effect = effects()[one.id]
    word = WORDS[one.word] + (", sign wrong" if one.wrong and one.word != "wrong_sign" else "")
    numbers = [_model(one), _published(one)]
    if one.whose is None:
        told = "no effect" if one.published == 0.0 else "the sign"
        numbers = [f"{_percent(one.right or 0.0)} probable", told]
    kind = published().estimands[effect.estimand].en
    return [one.id, word, effect.quantity.en, _unit(one), kind, *numbers]


def _model(one: Verdict) -> str:
    low, middle, high = one.found or (math.nan,) * 3
    return f"{limited(middle)} ({limited(low)} to {limited(high)})"


def _published(one: Verdict) -> str:
    low, high = (math.nan if end is None else end for end in (one.low, one.high))
    band = f"at most {limited(high)}" if low == -math.inf else f"{limited(low)} to {limited(high)}"
    told = f"{limited(one.published)} ({band})" if one.published is not None else band
    return told + WHOSE[one.whose or "published"]


def limited(value: float) -> str:
    """Return a number with three significant figures, and no limit where it has none."""
    return "no limit" if math.isinf(value) else figure(value)


def _unit(one: Verdict) -> str:
    return published().units[effects()[one.id].unit].en or NONE


def _reason(one: Verdict) -> str:
    told = program().trials[one.id].out_of_scope
    return told.en if told else ""


def _percent(share: float) -> str:
    return NONE if math.isnan(share) else f"{100.0 * share:.0f} %"

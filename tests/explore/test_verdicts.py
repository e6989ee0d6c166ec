"""Verdicts of published effects: the words, the score, and what is shipped."""

import math

import numpy as np
import pytest

from caudal.evidence.effects import effects
from caudal.evidence.inputs import deflator
from caudal.explore.trials import Trial, program
from caudal.explore.verdicts import HITS, Score, Verdict, in_order, stored, stored_verdicts, verdict

READS = program().trials["E09"].reads


def effect(**changes):
    """Return a value of 2 (1 to 3), taken in nowhere, with some fields changed."""
    fields = {"estimate": 2.0, "low": 1.0, "high": 3.0, "band": "interval", "band_ours": (), "sought": None}
    fields |= {"unit": "dimensionless", "money_year": None, "used_in": "none", "form": "value"} | changes
    return effects()["E05"].model_copy(update=fields)


def trial(**fields):
    return Trial(id="E05", reads=READS, **fields)


def drawn(*values):
    return [np.array(values)]


@pytest.mark.parametrize(
    ("values", "word", "wrong"),
    [
        ((0.5, 1.5, 9.0), "inside", False),
        ((2.9, 3.2, 9.0), "overlap", False),
        ((3.2, 4.0, 9.0), "outside", False),
        ((-1.0, -0.5, 1.5), "overlap", True),
        ((-3.0, -2.0, -1.0), "outside", True),
        ((2.0, 2.5, math.inf), "inside", False),
        ((4.0, math.inf, math.inf), "outside", False),
    ],
)
def test_the_word_of_a_value(values, word, wrong):
    found = verdict(effect(), trial(), drawn(*values))
    assert (found.word, found.wrong, found.standing) == (word, wrong, "scored")


@pytest.mark.parametrize(
    ("right", "word"), [(10, "sign"), (9, "sign"), (8, "undecided"), (5, "undecided"), (4, "wrong_sign")]
)
def test_the_word_of_a_direction(right, word):
    values = drawn(*[1.0] * right, *[-1.0] * (10 - right))
    direction = effect(form="direction", estimate=1.0, low=None, high=None, band=None)
    assert verdict(direction, trial(), values).word == word
    signed = verdict(effect(), trial(sign_only={"en": "a", "es": "b"}), values)
    assert (signed.word, signed.low) == (word, None)


def test_all_that_a_direction_reads_must_hold_at_once():
    direction = effect(form="direction", estimate=1.0, low=None, high=None, band=None)
    both = [np.array([1.0, 1.0, -1.0, 1.0]), np.array([1.0, -1.0, 1.0, 1.0])]
    assert verdict(direction, trial(), both).right == 0.5


def test_an_effect_that_found_nothing_holds_where_hardly_anything_changes():
    nothing = effect(form="direction", estimate=0.0, low=None, high=None, band=None)
    assert verdict(nothing, trial(nothing=0.1), drawn(0.05, -0.05, 0.0, 0.2)).right == 0.75


def test_money_of_a_year_is_compared_in_dollars_of_2020():
    found = verdict(effect(money_year=2012), trial(), drawn(1.0, 2.0, 3.0))
    assert found.low == pytest.approx(deflator()[2012])
    assert found.published == pytest.approx(2.0 * deflator()[2012])


@pytest.mark.parametrize(
    ("low", "high", "right"), [(-3.0, -1.0, 0.75), (None, -1.0, 0.75), (1.0, None, 0.25), (-1.0, 1.0, None)]
)
def test_the_sign_of_a_range_without_an_estimate_is_that_of_its_ends(low, high, right):
    found = verdict(effect(estimate=None, low=low, high=high), trial(), drawn(-3.0, -2.0, -1.0, 1.0))
    assert found.right == right


def test_what_cannot_be_read_is_out_of_scope():
    found = verdict(effect(), trial(), [])
    assert (found.standing, found.word, found.found) == ("out_of_scope", "out_of_scope", None)


def test_only_what_was_taken_in_nowhere_and_could_be_missed_is_scored():
    values = drawn(2.0)
    assert verdict(effect(used_in="prior"), trial(), values).standing == "prior"
    assert verdict(effect(used_in="data"), trial(), values).standing == "data"
    assert verdict(effect(source="lit.E56"), trial(), values).standing == "recall"
    assert verdict(effect(), trial(put_in={"en": "a", "es": "b"}), values).standing == "put_in"


def test_the_score_counts_what_is_scored_alone():
    found = [
        Verdict("A", "inside", "scored", right=1.0),
        Verdict("B", "overlap", "scored", right=0.2),
        Verdict("C", "outside", "scored"),
        Verdict("D", "sign", "scored", right=0.95),
        Verdict("E", "wrong_sign", "prior", right=0.0),
    ]
    score = Score.of(found)
    assert (score.scored, score.inside, score.near, score.wrong) == (4, 0.5, 0.75, 0.25)
    assert math.isnan(Score.of([]).inside)
    assert [one.id for one in in_order(found)] == ["B", "C", "D", "A", "E"]


# ---- what is shipped


def test_the_stored_verdicts_are_those_of_the_records():
    found = {one.id: one for one in stored_verdicts()}
    assert list(found) == list(effects())
    for name, one in found.items():
        trial, effect = program().trials[name], effects()[name]
        if trial.out_of_scope:
            assert one.standing == "out_of_scope"
            continue
        known = verdict(effect, trial, [np.array([one.found[1]])] * len(trial.reads))
        assert (one.standing, one.whose) == (known.standing, known.whose), name
        for end in ("low", "high", "published"):
            mine, theirs = getattr(one, end), getattr(known, end)
            assert (mine is None) == (theirs is None), name
            assert mine is None or mine == pytest.approx(theirs, rel=1e-5), name
    assert stored()["draws"] >= 100


def test_every_scored_miss_that_is_shipped_has_a_reason():
    scored = [one for one in stored_verdicts() if one.standing == "scored"]
    missed = [one.id for one in scored if one.word not in HITS]
    assert missed
    assert [name for name in missed if program().trials[name].why is None] == []

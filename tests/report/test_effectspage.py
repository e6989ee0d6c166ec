"""Pages on published effects: the score and the misses first, every effect somewhere, three figures."""

import math
import re

import pytest

from caudal.explore.trials import program
from caudal.explore.verdicts import Score, in_order, stored_verdicts
from caudal.report.effectspage import differences_page, effects_page, limited


def test_the_page_begins_with_the_score_and_the_misses():
    found = stored_verdicts()
    page = effects_page(found)
    assert f"| sign wrong | {100 * Score.of(found).wrong:.0f} % |" in page.partition("## Scored")[0]
    rows = [line for line in page.splitlines() if re.match(r"\| E\d", line)]
    assert [line.split(" | ")[0].removeprefix("| ") for line in rows] == [one.id for one in in_order(found)]


def test_every_difference_has_its_section_and_its_reason():
    sections = differences_page(stored_verdicts()).split("\n## ")[1:]
    told = {section[:3]: section for section in sections}
    missed = ("outside", "overlap", "undecided", "wrong_sign")
    assert set(told) == {one.id for one in stored_verdicts() if one.word in missed}
    reasons = {name: program().trials[name].why for name in told}
    for name, why in reasons.items():
        assert why is None or f"\n\nWhy: {why.en}" in told[name]
    assert "\n\n\n" not in "".join(sections)


@pytest.mark.parametrize(
    ("value", "told"),
    [(267_512.0, "268,000"), (0.0012345, "0.00123"), (math.inf, "no limit"), (math.nan, "-")],
)
def test_numbers_are_told_with_three_figures(value, told):
    assert limited(value) == told

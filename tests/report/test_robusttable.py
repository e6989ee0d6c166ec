"""Robustness in words: what changes first, in both languages; the badge says what a run was drawn from."""

import json
import re
from types import SimpleNamespace

import pytest

from caudal.core.messages import LANGUAGES, use_language
from caudal.explore.robustness import Conclusion, Finding, Robustness, Variant, attached
from caudal.report.attribution import as_json
from caudal.report.html import write_report
from caudal.report.numbers import Writer
from caudal.report.provenance import fit, repeat
from caudal.report.robustnesspage import robustness_page
from caudal.report.robusttable import robust, robust_table
from caudal.report.summary import Summary
from caudal.report.tables import badge
from caudal.report.terminal import terminal
from caudal.simulate.basis import Basis
from caudal.simulate.run import run

LOWER = Finding(lower=0.9, higher=0.1, gap=-5.0, word="lower")
HARDLY = Finding(lower=0.6, higher=0.4, gap=-1.0, word="hardly")
HIGHER = Finding(lower=0.2, higher=0.8, gap=2.0, word="higher")
PAIR = {"scenario": "eradication-led", "reference": "baseline"}


def variant(kind, name, **about):
    return Variant(kind=kind, name=name, effective=about.pop("effective", 200.0), **about)


def made_up():
    variants = (
        variant("reported", ""),
        variant("framing", "equal-cost"),
        variant("owner", "us"),
        variant("structure", "log-gap"),
        variant("structure", "stacked", missing=("structures.json",), effective=0.0),
        variant("prior", "alone"),
        variant("prior", "weaker", effective=60.0, khat=0.4),
        variant("prior", "stronger", effective=0.0, khat=0.9),
    )
    tried = [v.id for v in variants if v.effective]
    steady = dict.fromkeys(tried, LOWER)
    return Robustness(
        year=2040,
        draws=200,
        variants=variants,
        conclusions=(
            Conclusion(**PAIR, outcome="us_deaths", found=steady),
            Conclusion(**PAIR, outcome="coca_area", found=steady | {"owner:us": HARDLY}),
            Conclusion(**PAIR, outcome="growers_income", found=steady | {"prior:alone": HIGHER}),
        ),
    )


def test_conclusions_whose_sign_changes_come_first_and_those_that_hold_last():
    found = made_up()
    assert [one.outcome for one in found.in_order] == ["growers_income", "coca_area", "us_deaths"]
    told = robust_table(found, lambda name: name.title(), Writer("en"))
    assert [len(line.changes) for line in told.lines] == [1, 1, 0]
    first, second, _ = told.lines
    assert first.changes == ("priors alone: higher in 80 of 100 runs, and the median changes sign",)
    assert second.reported == "lower in 90 of 100 runs"
    assert second.changes == ("estimates of the United States: no clear change (lower in 60 of 100 runs)",)
    assert told.changing_title == "Change (2 of 3)"
    assert any("structures.json" in line for line in told.untried)
    assert any("Pareto k 0.9" in line for line in told.untried)


def test_a_robustness_survives_being_written():
    assert Robustness.model_validate_json(made_up().model_dump_json()) == made_up()


def test_the_page_begins_with_what_changes():
    about = {"seed": 1, "step": "abc", "calibration": "calibrated on 0"}
    page = robustness_page(made_up(), about)
    assert page.index("## Change") < page.index("## The same") < page.index("## Not tried")
    assert page.index("coca growers' income") < page.index("coca area in Colombia")
    (alone,) = re.findall(r"^\| priors alone \|(.*)\|$", page, re.MULTILINE)
    assert [cell.strip() for cell in alone.split("|")] == ["0.90", "0.90", "**0.20**"]
    assert "| weaker priors (to the power 0.8) | 60 | 0.40 |" in page


@pytest.mark.parametrize(
    ("basis", "said"),
    [
        (Basis(), "Calibrated on the record to 2024 (data 0123)"),
        (Basis("log-gap"), "(data 0123); structure: Growers adjust in proportion"),
        (Basis("stacked"), "; stacked over 2 structures"),
        (Basis(owner="us"), "; area and production as estimated by the United States"),
        (Basis(fitted=False), "Priors alone: not calibrated"),
    ],
)
def test_the_badge_says_what_a_run_was_drawn_from(basis, said):
    use_language("en")
    record = {"calibration": "calibrated on 0123", "calibrated_until": 2024}
    record["shares"] = {"standard": 0.5, "log-gap": 0.5}
    assert badge(SimpleNamespace(record=record, basis=basis)).endswith(said)


@pytest.fixture(scope="module")
def alone():
    return run(["baseline", "eradication-led"], draws=6, to=2026, structures="no-learning", prior_only=True)


@pytest.mark.slow
def test_priors_alone_are_told_and_repeatable(alone):
    use_language("en")
    summary = Summary(alone)
    assert repeat(summary).words.endswith("--structures no-learning --prior")
    told = fit(summary, Writer())
    assert told.errors == ()
    assert "nothing was fitted" in told.sentences[0]
    assert any("Nobody learns about risk" in sentence for sentence in told.sentences)
    assert "not fitted to the record" in terminal(alone)


@pytest.mark.slow
@pytest.mark.parametrize("code", LANGUAGES)
def test_page_and_terminal_show_what_the_result_carries(alone, code, tmp_path):
    use_language(code)
    carried = attached(alone, made_up())
    page = write_report(carried, tmp_path / "r.html", code).read_text("utf-8")
    assert '<section id="robustness">' in page
    assert '<section id="robustness">' not in write_report(alone, tmp_path / "s.html", code).read_text(
        "utf-8"
    )
    for line in robust(Summary(carried), Writer(minus="−")).changing:
        assert all(change in page for change in line.changes)
    shown = terminal(carried)
    assert max(map(len, shown.splitlines())) <= 120
    assert robust(Summary(carried), Writer()).changing_title in shown
    assert len(json.loads(json.dumps(as_json(carried)))["robustness"]["conclusions"]) == 3
    assert "robustness" not in as_json(alone)

"""Pages of validation: on disk as they are generated, what was missed first, nothing but stored numbers."""

import re
from pathlib import Path

from validationcase import covered, posterior, results

from caudal.calibrate.backtest import Row
from caudal.calibrate.results import Results
from caudal.calibrate.thresholds import thresholds
from caudal.evidence.structures import STANDARD, structures
from caudal.report.backtestpage import backtest_page
from caudal.report.calibrationpage import calibration_page
from caudal.report.markdowntable import table
from caudal.report.structurespage import structures_page
from caudal.report.validationpages import index_page, pages

DOCS = Path(__file__).resolve().parents[2] / "docs" / "validation"
WEIGHTS = {STANDARD: 0.7, "log-gap": 0.3}


NAMES = ("README.md", "calibration.md", "backtest.md", "structures.md", "robustness.md", "effects.md")
NAMES += ("differences.md",)


def test_the_pages_on_disk_are_those_generated_now():
    on_disk = {name: DOCS / name for name in NAMES if (DOCS / name).exists()}
    assert {name: path.read_text(encoding="utf-8") for name, path in on_disk.items()} == pages()


def headings(page):
    return re.findall(r"^#+ (.+)$", page, re.MULTILINE)


def test_the_back_test_begins_with_what_was_missed():
    page = backtest_page(results(), covered())
    told = headings(page)
    first = [name for name in told if name in ("Missed", "Not measured", "Met")]
    assert told[1] == first[0]
    assert first == sorted(first, key=["Missed", "Not measured", "Met"].index)
    assert "The held-out origins are not scored." in page
    skill = results().summary("model", "area").skill
    row = next(line for line in page.splitlines() if line.startswith("| National area | 15 "))
    assert f"{skill.value:.2f}" in row


def test_each_episode_tells_what_is_explained_and_what_is_not():
    page = backtest_page(results(), covered())
    for title in ("The US shock of 2006-10", "The fall to 2013", "The boom of 2014-17", "The jump of 2021"):
        assert title in headings(page)
    boom = page.partition("### The boom")[2].partition("### The jump")[0]
    # recorded 48,000 to 171,000 ha, and every median 0.1 log points below the record
    assert re.search(r"2012 to 2017: recorded 1\.2\d log points; foreseen 1\.1\d", boom)
    assert "Not explained: 0.10." in boom
    assert "No origin of this episode is scored." in page.partition("### The jump")[2]


def test_calibration_begins_with_bands_that_miss_and_names_the_worst():
    page = calibration_page(posterior(), covered())
    assert page.index("**Missed:**") < page.index("## What was fitted")
    chains = [line for line in page.splitlines() if re.match(r"\| (R-hat|Bulk|Tail|Divergent)", line)]
    assert chains[0].startswith("| R-hat | 1.2000")
    assert "choice_slope" in chains[0]
    assert "missed" in chains[0]
    assert all("missed" not in line for line in chains[1:])


def test_every_sampled_parameter_is_shown_from_prior_to_posterior():
    found = posterior()
    page = calibration_page(found, covered()).partition("## Every sampled parameter")[2]
    assert set(re.findall(r"\(`(\w+)`\)", page)) == set(found.names)


def test_every_structure_has_its_part_those_that_did_worst_first():
    page = structures_page(results(), WEIGHTS, {})
    told = headings(page)[1:]
    assert set(told) == {one.label.en for name, one in structures().items() if name != STANDARD}
    assert told[0] == structures()["log-gap"].label.en  # the only one scored, and worse than the standard
    assert "**The past cannot tell it from the standard.**" in page


def test_the_index_lists_every_miss():
    worse = [Row(2008, 2009, "coca_area", "", "model", 9.0, -9.0, 9.0, False, False, 9.0)]
    found = Results(results().settings, {}, (*results().rows, *worse))
    page = index_page(found, covered(), posterior().about)
    missed = [bar for bar in thresholds(found) if bar.met is False]
    assert len(missed) >= 3
    assert page.index("## Missed") < page.index("## Pages")
    assert page.count("[back-test](backtest.md)") == len(missed)
    assert "(robustness.md)" not in page
    assert "(robustness.md)" in index_page(found, covered(), posterior().about, {"robustness.md"})


def test_a_table_keeps_its_columns():
    assert table(["a", "b"], [["x|y", "1"]]) == "| a | b |\n| --- | ---: |\n| x\\|y | 1 |"

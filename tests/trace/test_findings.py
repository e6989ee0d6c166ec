"""A document of the literature shows what it reports, wherever a trace ends in it."""

import json

from click.testing import CliRunner

from caudal.cli.trace import trace as command
from caudal.evidence.effects import effects
from caudal.report.findings import effect_text, findings, value_text


def run(*arguments, language="en"):
    return CliRunner().invoke(command, arguments, env={"CAUDAL_LANG": language}).output


def words(output):
    """Return an output with its line breaks undone."""
    return " ".join(output.split())


def test_a_value_is_told_with_its_unit_its_range_and_whose_it_is():
    told = {name: value_text(effect) for name, effect in effects().items()}
    assert told["E03"] == "-0.25 ha per ha"
    assert told["E01"] == "-0.026 ha per ha (-0.03 to -0.022; several estimates or versions)"
    assert told["E12"].startswith("57,000 USD per ha of 2012 (37,000 to 120,000; ")
    assert told["E12"].endswith(", ours)")
    assert told["E49"].endswith("the low end is ours)")
    assert told["E39"].startswith("at most 1 (")
    assert (told["E07"], told["E21"]) == ("found", "no effect found")
    bare = effects()["E54"].model_copy(update={"estimate": None, "high": None, "band_ours": ()})
    assert value_text(bare) == "at least 10 years (range of the one quantity)"


def test_a_document_shows_what_it_reports_and_how_to_compare_it():
    told = words(run("lit.E56"))
    assert effects()["E56"].claim.en in told
    assert effects()["E56"].experiment.en in told
    assert "34 million USD of 1992" in told
    assert "Not scored" in told
    assert effects()["E07"].claim.es in words(run("lit.E07", language="es"))
    assert "What it reports" not in run("sup.S12")


def test_a_parameter_shows_what_its_documents_report(tmp_path):
    told = words(run("spray_kill"))
    for name in ("E01", "E03"):
        assert effect_text(effects()[name]) in told
    page = tmp_path / "trace.html"
    run("spray_kill", "--html", str(page))
    assert effects()["E01"].claim.en in page.read_text(encoding="utf-8")


def test_the_effect_is_machine_readable_and_other_documents_have_none():
    cited = json.loads(run("spray_kill", "--json"))["sources"]
    (effect,) = cited["lit.E01"]["effects"]
    assert (effect["id"], effect["estimate"], effect["scored"]) == ("E01", -0.026, True)
    assert "effects" not in cited["mod.prototype"]
    assert findings("mod.prototype") == ()

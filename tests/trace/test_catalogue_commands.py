"""``caudal params | levers | outcomes | scenarios``: lists, cards, JSON, both languages, unknown names."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from caudal.cli import catalogue
from caudal.core.messages import use_language
from caudal.evidence.registry import levers, outcomes, parameters
from caudal.evidence.timeline import timeline
from caudal.report.cards import lever_card, outcome_card, parameter_card, scenario_card
from caudal.simulate.scenario import library

RECORDS = {"params": parameters, "levers": levers, "outcomes": outcomes, "scenarios": library}
ONE = {
    "params": "spray_kill",
    "levers": "aerial_spraying",
    "outcomes": "coca_area",
    "scenarios": "eradication-led",
}


def run(command, *arguments, language="en"):
    return CliRunner().invoke(getattr(catalogue, command), arguments, env={"CAUDAL_LANG": language})


@pytest.mark.parametrize("command", RECORDS)
def test_the_list_names_every_record_and_how_to_go_on(command):
    found = run(command)
    assert found.exit_code == 0
    for name in RECORDS[command]():
        assert name in found.output
    assert "Next: caudal" in found.output
    assert "\x1b[" not in found.output


@pytest.mark.parametrize("command", RECORDS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_card_speaks_both_languages(command, language):
    found = run(command, ONE[command], language=language)
    assert found.exit_code == 0
    assert found.output.startswith(f"{ONE[command]}: ")
    assert ("Siguiente:" if language == "es" else "Next:") in found.output


@pytest.mark.parametrize("command", RECORDS)
def test_json_lists_every_record_and_shows_one(command):
    records = json.loads(run(command, "--json").output)
    assert [item["name"] for item in records] == list(RECORDS[command]())
    one = json.loads(run(command, ONE[command], "--json").output)
    assert one in records
    title = one.get("label") or one["title"]
    assert set(title) == {"en", "es"}


@pytest.mark.parametrize(
    ("command", "name", "code", "nearest"),
    [
        ("params", "spray_kil", "CAU-104", "spray_kill"),
        ("levers", "aerial_spraing", "CAU-102", "aerial_spraying"),
        ("outcomes", "coca_aera", "CAU-103", "coca_area"),
        ("scenarios", "eradication-lead", "CAU-101", "eradication-led"),
        ("trace", "spray_kil", "CAU-107", "spray_kill"),
    ],
)
@pytest.mark.parametrize("option", [[], pytest.param(["--json"], marks=pytest.mark.slow)])
def test_an_unknown_name_ends_with_status_2_and_the_nearest(command, name, code, nearest, option):
    line = [sys.executable, "-m", "caudal", command, name, *option]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert code in done.stderr
    assert f"Did you mean {nearest}?" in done.stderr


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_record_has_a_card(language):
    import contextvars

    def walk():
        use_language(language)
        for card, records in (
            (parameter_card, parameters()),
            (lever_card, levers()),
            (outcome_card, outcomes()),
            (scenario_card, library()),
        ):
            for name in records:
                lines = card(name)
                assert lines, name
                assert all(told and all(told) for _, told in lines if told), name

    contextvars.copy_context().run(walk)


def test_a_lever_shows_its_maximum_cost_law_and_evidence():
    found = " ".join(run("levers", "aerial_spraying").output.split())
    for words in ("172,251.5", "2006", "2,705 (926 to 30,854)", "suspended", "literature", "lit.E01"):
        assert words in found


def test_a_scenario_shows_each_line_with_what_it_rests_on():
    found = " ".join(run("scenarios", "zero-tolerance").output.split())
    for words in ("138,775 ha a year from 2026", "recorded value", "sup.S12", "caudal run zero-tolerance"):
        assert words in found


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_scenario_shows_the_dated_events_it_starts_from_and_its_years(language):
    found = " ".join(run("scenarios", "no-plan-colombia", language=language).output.split())
    event = timeline().events["plan-colombia-funded"]
    told = f"{event.label[language]} ({event.date}; plan-colombia-funded)"
    assert found.count(told) == 3  # the scenario itself and both of its lines
    assert "2000-2015" in found
    one = json.loads(run("scenarios", "no-plan-colombia", "--json").output)
    assert one["events"] == {"plan-colombia-funded": {"date": event.date, "label": event.label.model_dump()}}
    assert one["span"] == [2000, 2015]


@pytest.mark.parametrize("command", RECORDS)
def test_a_catalogue_loads_no_simulator(command):
    probe = (
        f"import sys; sys.argv = ['caudal', {command!r}, {ONE[command]!r}]\n"
        "from caudal.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "sys.exit(bool({'jax', 'xarray', 'pint'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, timeout=60).returncode == 0

"""The evidence commands answer on stdout, in both languages, with stable JSON and exit codes."""

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest
from click.testing import CliRunner

from caudal.cli.evidence import evidence
from caudal.core.errors import CaudalError
from caudal.evidence.timeline import events, timeline


def run(*arguments, language="en"):
    return CliRunner().invoke(evidence, arguments, env={"CAUDAL_LANG": language})


def test_list_names_every_theme_and_series():
    result = run("list")
    assert result.exit_code == 0
    assert "coca_area: coca area" in result.output
    assert "us_stride_price_pure" in result.output


def test_list_json_is_machine_readable():
    items = json.loads(run("list", "--json").output)
    area = next(item for item in items if item["id"] == "coca_area_unodc")
    assert area["unit"] == "ha"
    assert area["years"] == ["1990", "2024"]


def test_show_gives_value_source_rival_and_known_error():
    result = run("show", "coca_area_unodc")
    assert result.exit_code == 0
    line = next(line for line in result.output.splitlines() if line.startswith("2012"))
    assert line.split()[:5] == ["2012", "47,788", "sup.S07", "transcribed", "78,000"]
    assert "█" in line
    assert "small-plot correction" in result.output
    assert "Licence:" in result.output
    assert "\x1b[" not in result.output


def test_show_all_sources_side_by_side():
    result = run("show", "aerial_spraying", "--sources", "all")
    line = next(line for line in result.output.splitlines() if line.startswith("2005"))
    assert {"140,399.6", "138,775"} <= set(line.split())
    assert "[1] aerial_spraying, sup.S06" in result.output


def test_show_entity_and_json():
    detail = json.loads(run("show", "coca_area_department", "--entity", "PUTUMAYO", "--json").output)
    assert {row["entity"] for row in detail["values"]} == {"PUTUMAYO"}
    assert {s["id"] for s in detail["sources"]} >= {"sup.S01", "gap.G21"}
    assert detail["known_errors"]


def test_show_speaks_spanish():
    result = run("show", "cop_per_usd", language="es")
    assert "Tasa de cambio" in result.output
    assert "Fuentes:" in result.output


@pytest.mark.parametrize("name", ["potential_cocaine_unodc", "conflict_events", "price_chain", "pnis_effect"])
def test_show_copes_with_missing_dated_and_negative_figures(name):
    for sources in ("preferred", "all"):
        assert run("show", name, "--sources", sources).exit_code == 0


def test_unknown_series_and_entity_say_the_nearest():
    result = run("show", "coca_area_unod")
    assert isinstance(result.exception, CaudalError)
    assert "Did you mean coca_area_unodc?" in str(result.exception)
    result = run("show", "coca_area_unodc", "--entity", "Columbia")
    assert "Did you mean Colombia?" in str(result.exception)


@pytest.mark.skipif(find_spec("caudal.cli").origin is None, reason="the root command is not built yet")
def test_unknown_series_exits_2():
    code = "from caudal.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "evidence", "show", "coca_area_unod"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "CAU-110" in done.stderr
    assert "coca_area_unodc" in done.stderr


def test_timeline_lists_what_is_dated_and_what_starts_from_it():
    everything = json.loads(run("timeline", "--json").output)
    assert [event["id"] for event in everything["events"]] == [event.id for event in events()]
    assert [one["id"] for one in everything["governments"]] == list(timeline().governments)
    assert [one["id"] for one in everything["elections"]] == list(timeline().elections)
    assert {event["topic"] for event in everything["events"]} == set(everything["topics"])
    starts = {event["id"]: event["scenarios"] for event in everything["events"] if event["scenarios"]}
    assert starts["plan-colombia-funded"] == ["no-plan-colombia", "plan-colombia"]
    assert starts["first-call"] == ["ultimatum"]


def test_timeline_is_cut_by_year_and_topic():
    some = json.loads(run("timeline", "--from", "1996", "--to", "1998", "--json").output)
    assert {event["id"] for event in some["events"]} == {event.id for event in events(1996, 1998)}
    assert [one["id"] for one in some["governments"]] == ["clinton", "samper", "pastrana"]
    assert [one["date"][:4] for one in some["elections"]] == ["1996", "1998"]
    topic = json.loads(run("timeline", "--topic", "certification", "--json").output)
    assert {event["topic"] for event in topic["events"]} == {"certification"}
    assert topic["governments"] == topic["elections"] == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_timeline_tells_dates_sources_and_scenarios(language):
    told = " ".join(run("timeline", "--from", "2015", "--to", "2015", language=language).output.split())
    event = timeline().events["spraying-halted"]
    for words in (event.date, event.label[language], *event.cites, "spraying-continued", "Santos"):
        assert words in told
    unread = run("timeline", "--from", "2026", "--topic", "government", language=language).output
    assert {"en": "not read in any source", "es": "no se leyó"}[language] in unread


def test_an_unknown_topic_says_the_nearest():
    result = run("timeline", "--topic", "certificaton")
    assert isinstance(result.exception, CaudalError)
    assert "CAU-115" in str(result.exception)
    assert "Did you mean certification?" in str(result.exception)


def test_check_passes_and_fails(monkeypatch):
    assert run("check").exit_code == 0
    assert json.loads(run("check", "--json").output) == {"ok": True, "violations": []}

    from caudal.evidence import check

    broken = check.Violation("rival", "coca_area.yaml, coca_area_unodc", {"name": "nothing"})
    monkeypatch.setattr(check, "violations", lambda: [broken])
    result = run("check")
    assert result.exit_code == 1
    assert "rival nothing does not exist" in result.output
    assert json.loads(run("check", "--json").output)["ok"] is False

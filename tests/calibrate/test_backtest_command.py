"""``caudal backtest``: one screen, misses first; which years can be asked for; forecasts of an origin."""

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner
from validationcase import posterior, results

from caudal.calibrate import origins
from caudal.calibrate import results as stored
from caudal.calibrate.thresholds import thresholds
from caudal.cli import backtest as command
from caudal.cli import main, root
from caudal.core.messages import LANGUAGES, text, use_language

SCREEN = 45


@pytest.fixture
def shipped(monkeypatch):
    """Let made-up results be those that come with Caudal."""
    monkeypatch.setattr(stored, "stored", results)


def asked(*words):
    found = CliRunner().invoke(root, ["backtest", *words], catch_exceptions=False)
    assert found.exit_code == 0
    return found.stdout


@pytest.mark.parametrize("year", ["1990", "2005", "2024", "2030"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_year_that_cannot_be_asked_for_is_one_coded_line(year, language, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["backtest", "--fit-to", year, "--lang", language])
    told = capsys.readouterr()
    assert ended.value.code == 2
    assert told.out == ""
    assert told.err.startswith("CAU-317: ")
    assert len(told.err.splitlines()) == 1
    assert str(origins.FIRST_ORIGIN) in told.err
    assert str(origins.LAST_ORIGIN) in told.err


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_summary_fits_a_screen_and_begins_with_what_was_missed(shipped, language):
    lines = asked("--lang", language).splitlines()
    use_language(language)
    assert len(lines) <= SCREEN
    assert max(map(len, lines)) <= 120
    heads = [text(f"backtest.{name}").upper() for name in ("missed", "unmeasured", "met")]
    at = [lines.index(head) for head in heads if head in lines]
    assert at == sorted(at)
    assert len(at) >= 2


def test_the_summary_as_json_has_every_bar_and_target(shipped):
    found = json.loads(asked("--json"))
    assert {bar["name"] for bar in found["thresholds"]} == {bar.name for bar in thresholds(results())}
    skill = found["targets"]["area"]["all"]["model"]["skill"]["value"]
    assert skill == pytest.approx(results().summary("model", "area").skill.value)
    assert found["targets"]["departments"]["development"]["hierarchical"]["points"] == 30


def test_a_posterior_that_is_kept_is_not_fitted_again(tmp_path, monkeypatch):
    from caudal.evidence.series import data_digest
    from caudal.simulate.run import step_hash

    found = posterior(2007)
    found.about.update(data=data_digest(), step=step_hash(), names=list(found.names), quick=False)
    folder = tmp_path / "calibrate" / "origin-2007"
    folder.mkdir(parents=True)
    np.savez(folder / "posterior.npz", values=found.values)
    (folder / "posterior.json").write_text(json.dumps(found.about))
    monkeypatch.setattr("caudal.calibrate.posterior.fit", None)
    monkeypatch.setattr(origins, "FOLDER", tmp_path / "none")
    read = origins.origin_posterior(2007, lambda line: None, tmp_path)
    np.testing.assert_allclose(read.values, found.values)


@pytest.fixture(scope="module")
def seen():
    return origins.outlooks(posterior(2012), 2012, draws=16)


@pytest.mark.slow
def test_a_forecast_stands_beside_the_record(seen):
    by_target = {one.target: one for one in seen if not one.region}
    assert {"coca_area", "potential_cocaine_unodc", "us_survey_users", "us_deaths"} <= set(by_target)
    area = by_target["coca_area"]
    assert area.years.tolist() == list(range(2013, 2018))
    assert area.recorded[-1] == pytest.approx(171_000, rel=0.01)
    for paths in (area.told, area.frozen, area.rival):
        assert np.all(np.diff(paths, axis=0) >= 0.0)
    assert not np.allclose(area.told, area.frozen)
    departments = [one for one in seen if one.target == "departments"]
    assert len(departments) == 12
    assert sum(one.recorded[-1] for one in departments) < area.recorded[-1]
    deaths = by_target["us_deaths"]
    assert deaths.recorded[-1] == pytest.approx(13_942)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_forecast_is_printed_with_the_departments_last(seen, language):
    use_language(language)
    lines = command.outlook_lines(2012, seen)
    assert "2012" in lines[0]
    assert lines[-1].split()[0] in {one.region.split()[0] for one in seen if one.region}
    assert any("171" in line for line in lines)
    document = json.loads(json.dumps(command._forecast(seen[0])))
    assert len(document["quantiles"]) == len(document["told"]) == 5
    assert all(value is None or math.isfinite(value) for value in document["recorded"])

"""Scoring and storing the back-test: what is scored where, the hold-out, and files whole or not at all."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from validationcase import REGIONS, covered, posterior, row

from caudal.calibrate import coverage, origins, results, scoring
from caudal.calibrate.backtest import HELD_OUT, HORIZON, VERSIONS
from caudal.calibrate.rivals import RIVALS
from caudal.calibrate.thresholds import DEATH_YEARS, thresholds
from caudal.cli import main, root
from caudal.core.errors import CaudalError
from caudal.core.messages import LANGUAGES, text
from caudal.core.writing import write_whole
from caudal.report.validationtext import looks
from caudal.simulate.posterior import Posterior

COMMIT = "0123456789abcdef"
SHIPPED = (2010, 2014, 2018)


def rows_at(origin, method, horizon=HORIZON):
    """Return made-up scores of a method at an origin, those of deaths as far as it forecasts."""
    near = range(1, HORIZON + 1)
    found = [row(origin, method, lead=lead) for lead in near]
    found += [row(origin, method, "departments", region, lead) for region in REGIONS for lead in near]
    return found + [row(origin, method, "us_deaths", lead=lead, error=0.3) for lead in range(1, horizon + 1)]


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Let results lie in a folder, with posteriors that are not there and scores that cost nothing.

    Returns:
        the folder and the forecasts that were asked for: (posterior, origin, method, version, horizon).
    """
    asked = []

    def model_rows(p, origin, versions, horizon=HORIZON, **about):
        ((method, version),) = versions.items()
        asked.append((p, origin, method, version, horizon))
        return rows_at(origin, method, horizon)

    def rival_rows(origin, names, **about):
        return [one for name in names for one in rows_at(origin, name)]

    def named(path):
        return Posterior((), np.empty((0, 0)), {"name": path.name})

    def fitted(origin, report):
        return Posterior((), np.empty((0, 0)), posterior(origin).about | {"name": f"origin-{origin}"})

    monkeypatch.setattr(scoring, "shipped_origins", lambda: SHIPPED)
    monkeypatch.setattr(scoring, "origin_posterior", fitted)
    monkeypatch.setattr(scoring, "read_posterior", named)
    monkeypatch.setattr(scoring, "current", lambda found: True)
    monkeypatch.setattr(scoring, "draws_of", lambda found, seed, ids: found.about["name"])
    monkeypatch.setattr(scoring, "model_rows", model_rows)
    monkeypatch.setattr(scoring, "rival_rows", rival_rows)
    monkeypatch.setattr(scoring, "posterior", posterior)
    monkeypatch.setattr(coverage, "covered", lambda found, draws, seed: covered())
    monkeypatch.setattr(scoring, "FOLDER", tmp_path)
    monkeypatch.setattr(scoring, "WEIGHTS", tmp_path / "structures.json")
    monkeypatch.setattr(results, "PATH", tmp_path / "backtest.json")
    monkeypatch.setattr(coverage, "PATH", tmp_path / "coverage.json")
    return tmp_path, asked


def ship(folder, *names):
    """Let posteriors of structures be shipped."""
    for name in names:
        (folder / f"{name}.npz").touch()


def written(folder):
    return {path.name for path in folder.iterdir() if path.suffix != ".npz"}


def test_versions_rivals_and_shipped_structures_are_scored_from_their_own_posterior(shelf):
    folder, asked = shelf
    ship(folder, "origin-2010-supply", "log-gap-origin-2010-supply", "log-gap-origin-2014", "log-gap")
    ship(folder, "no-learning-origin-2014-supply")
    found = scoring.score_all(None, lambda line: None)
    assert found.methods == (*VERSIONS, *RIVALS, "standard", "no-learning", "log-gap")
    near = [one[:4] for one in asked if one[4] == HORIZON]
    assert [one for one in near if one[2] in VERSIONS] == [
        (f"origin-{origin}", origin, name, version)
        for origin in (2010, 2014)
        for name, version in VERSIONS.items()
    ]
    assert [one for one in near if one[2] not in VERSIONS] == [
        ("origin-2010-supply", 2010, "standard", ("full", "policies")),
        ("log-gap-origin-2010-supply", 2010, "log-gap", ("full", "policies")),
        ("no-learning-origin-2014-supply", 2014, "no-learning", ("full", "policies")),
    ]
    assert set(found.origins) == {2010, 2014}


def test_held_out_origins_wait_for_the_commit_of_the_settings(shelf):
    told = []
    found = scoring.score_all(None, told.append)
    assert found.scopes["all"] == (2010, 2014)
    (line,) = [line for line in told if "--settings-commit" in line]
    assert "2018" in line
    assert "2010" not in line
    told.clear()
    assert scoring.score_all(COMMIT, told.append).scopes["held_out"] == (2018,)
    assert not any("--settings-commit" in line for line in told)


def test_nothing_that_may_be_scored_is_told(shelf, monkeypatch):
    monkeypatch.setattr(scoring, "shipped_origins", lambda: HELD_OUT)
    with pytest.raises(CaudalError, match="CAU-320"):
        scoring.score_all(None, lambda line: None)


def test_deaths_go_further_where_they_were_recorded_and_no_other_figure_does(shelf, monkeypatch):
    monkeypatch.setattr(scoring, "shipped_origins", lambda: (2010, 2014, 2016))
    found = scoring.store_all(None, lambda line: None)
    far = [one for one in found.rows if one.year - one.origin > HORIZON]
    assert {(one.target, one.method) for one in far} == {("us_deaths", "model")}
    leads = [(one.origin, one.year - one.origin) for one in far]
    assert leads == [
        (origin, lead) for origin in (2010, 2014) for lead in range(HORIZON + 1, DEATH_YEARS + 1)
    ]
    assert found.summary("model", "deaths").points == 3 * HORIZON
    bar = next(bar for bar in thresholds(found) if bar.name == "deaths")
    assert bar.value == pytest.approx(0.3)


def test_what_is_stored_is_read_again_with_its_commit(shelf):
    folder, _ = shelf
    found = scoring.store_all(COMMIT, lambda line: None)
    assert written(folder) == {"backtest.json", "coverage.json"}
    assert found.looks == {(COMMIT,): (2018,)}
    assert found.settings["draws"] == scoring.DRAWS
    assert found.origins[2018]["data"] == posterior().about["data"]
    assert set(found.rows) == set(scoring.score_all(COMMIT, lambda line: None).rows)
    assert coverage.read_covered(coverage.PATH).share([coverage.AREA], 90) == covered().share(
        [coverage.AREA], 90
    )


def test_what_was_held_out_is_scored_once_for_each_posterior(shelf, monkeypatch):
    folder, asked = shelf
    first = scoring.store_all(COMMIT, lambda line: None)
    asked.clear()
    told = []
    ship(folder, "log-gap-origin-2018-supply")
    second = scoring.store_all("f" * 40, told.append)
    assert [one[:3] for one in asked if one[1] == 2018] == [("log-gap-origin-2018-supply", 2018, "log-gap")]
    assert any("2018" in line and line == text("backtest.kept", origin=2018) for line in told)
    assert second.looks == first.looks
    assert set(first.rows) < set(second.rows)
    asked.clear()
    assert set(scoring.store_all(None, lambda line: None).rows) == set(second.rows)
    assert not [one for one in asked if one[1] == 2018]

    fitted = scoring.origin_posterior
    refitted = {"data": "another"}
    monkeypatch.setattr(
        scoring,
        "origin_posterior",
        lambda origin, report: dataclasses.replace(
            found := fitted(origin, report), about=found.about | refitted
        ),
    )
    asked.clear()
    third = scoring.store_all("f" * 40, lambda line: None)
    assert {one[2] for one in asked if one[1] == 2018} > set(VERSIONS)
    assert third.looks == {(COMMIT, "f" * 40): (2018,)}
    for language in LANGUAGES:
        (line,) = looks(third, language)
        assert all(word in line for word in ("2018", "2", COMMIT[:12], "f" * 12))


@pytest.mark.parametrize("which", ["origin-2010", "log-gap-origin-2014-supply"])
def test_a_posterior_of_another_model_is_not_scored(shelf, monkeypatch, which):
    folder, _ = shelf
    ship(folder, "log-gap-origin-2014-supply")
    monkeypatch.setattr(scoring, "current", lambda found: found.about["name"] != which)
    with pytest.raises(CaudalError, match="CAU-321") as refused:
        scoring.store_all(None, lambda line: None)
    assert which in str(refused.value)
    assert written(folder) == set()


def test_a_preview_or_another_step_is_not_current(monkeypatch):
    shipped = scoring.posterior()
    assert origins.current(shipped)
    for name, value in (("quick", True), ("step", "another"), ("data", "another")):
        assert not origins.current(dataclasses.replace(shipped, about=shipped.about | {name: value}))


def test_weights_are_of_structures_scored_at_two_origins_or_more(shelf):
    folder, _ = shelf
    ship(folder, "log-gap-origin-2010-supply", "log-gap-origin-2014-supply", "no-learning-origin-2014-supply")
    scoring.store_all(COMMIT, lambda line: None)
    assert not scoring.WEIGHTS.exists()  # nothing to compare with
    ship(folder, "origin-2010-supply", "origin-2014-supply")
    scoring.store_all(COMMIT, lambda line: None)
    found = json.loads(scoring.WEIGHTS.read_text(encoding="utf-8"))
    assert found["origins"] == [2010, 2014]
    assert set(found["weights"]) == {"standard", "log-gap"}
    assert sum(found["weights"].values()) == pytest.approx(1.0)


def test_one_origin_is_too_few_for_weights(shelf):
    folder, _ = shelf
    ship(folder, "origin-2010-supply", "origin-2014-supply", "log-gap-origin-2010-supply")
    scoring.store_all(None, lambda line: None)
    assert not scoring.WEIGHTS.exists()


def test_what_is_held_out_weighs_nothing(shelf):
    """A structure scored at one origin of development and one held out has none to share."""
    folder, _ = shelf
    ship(folder, *(f"{name}origin-{year}-supply" for name in ("no-learning-", "") for year in (2014, 2018)))
    found = scoring.score_all(COMMIT, lambda line: None)
    assert {row.origin for row in found.rows if row.method == "no-learning"} == {2014, 2018}
    assert scoring.stacked(found) is None
    assert scoring.stacked(dataclasses.replace(found, rows=())) is None


def test_nothing_is_written_when_a_late_step_fails(shelf, monkeypatch):
    folder, _ = shelf

    def fail(*about):
        raise KeyboardInterrupt

    monkeypatch.setattr(coverage, "covered", fail)
    with pytest.raises(KeyboardInterrupt):
        scoring.store_all(None, lambda line: None)
    assert written(folder) == set()


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "kept.json"
    write_whole(path, "before")

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(CaudalError, match="CAU-402"):
        write_whole(path, "after")
    assert path.read_text() == "before"
    assert written(tmp_path) == {"kept.json"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--fit-to", "2018", "--score"], "CAU-319"),
        (["--score", "--settings-commit", "HEAD"], "CAU-318"),
        (["--score", "--settings-commit", "012345"], "CAU-318"),
        (["--score", "--settings-commit", "0" * 41], "CAU-318"),
        (["--store"], "CAU-001"),
        (["--store", "--score", "--fit-to", "2014"], "CAU-001"),
    ],
)
def test_what_may_not_be_scored_is_one_coded_line(shelf, words, code, language, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["backtest", *words, "--lang", language])
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (2, "")
    assert told.err.startswith(f"{code}: ")
    assert len(told.err.splitlines()) == 1
    assert shelf[1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_stores_and_shows_what_it_scored(shelf, language):
    folder, _ = shelf
    ship(folder, *(f"{name}origin-{year}-supply" for name in ("log-gap-", "") for year in (2010, 2014)))
    words = ["backtest", "--score", "--store", "--settings-commit", COMMIT, "--lang", language]
    done = CliRunner().invoke(root, words, catch_exceptions=False)
    assert done.exit_code == 0
    assert COMMIT[:12] in done.stdout
    assert written(folder) == {"backtest.json", "coverage.json", "structures.json"}
    assert all(f" {year} ..." in done.stderr for year in SHIPPED)
    done = CliRunner().invoke(root, ["backtest", "--score", "--json"], catch_exceptions=False)
    found = json.loads(done.stdout)
    assert set(found["origins"]) == {"2010", "2014"}
    assert "log-gap" in found["targets"]["area"]["all"]

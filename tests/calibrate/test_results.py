"""Stored results of the back-test: what is written is read, and summaries say what the scores say."""

import json
import math

import pytest
from validationcase import CRPS, ORIGINS, REGIONS, results, row, rows

from caudal.calibrate.results import (
    NAIVE,
    Results,
    basis,
    read_results,
    scopes,
    store,
    structure_weights,
    targets,
)
from caudal.core.errors import CaudalError
from caudal.evidence.readings import readings


def stored(path, some):
    store(
        some,
        {2008: basis({"known": 2008, "mixing": {"a": [1.0]}})},
        draws=8,
        seeds={"forecast": 1},
        path=path,
    )
    return path.read_text(encoding="utf-8")


def test_what_is_stored_is_read_again(tmp_path):
    path = tmp_path / "backtest.json"
    stored(path, rows())
    found = read_results(path)
    assert sorted(found.rows, key=repr) == sorted(rows(), key=repr)
    assert found.settings["draws"] == 8
    assert found.origins == {2008: {"known": 2008}}


def test_the_file_is_the_same_whatever_the_order_and_the_last_score_of_a_figure_counts(tmp_path):
    one = stored(tmp_path / "a.json", rows())
    assert stored(tmp_path / "b.json", [row(2008, "model", crps=9.0), *reversed(rows())]) == one
    assert stored(tmp_path / "c.json", [*rows(), row(2008, "model", crps=9.0)]) != one


def test_numbers_keep_four_digits_and_gaps_between_years(tmp_path):
    path = tmp_path / "backtest.json"
    some = [row(2008, "model", lead=lead, crps=0.123456) for lead in (1, 4)]
    stored(path, some)
    assert json.loads(path.read_text())["rows"][0][4] == "14"
    assert [(one.year, one.crps) for one in read_results(path).rows] == [(2009, 0.1235), (2012, 0.1235)]


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CaudalError, match="CAU-403"):
        read_results(tmp_path / "nothing.json")


def test_targets_are_readings():
    named = {name for names in targets().values() for name in names} - {"coca_area", "departments"}
    assert named <= set(readings())
    assert set(targets()) == {
        "area", "departments", "production", "seizures", "prices", "prevalence", "deaths"
    }  # fmt: skip


def test_scopes_part_the_origins():
    found = scopes((2008, 2010, 2012, 2014, 2016, 2018, 2020, 2022))
    assert found["without_boom"] == (2008, 2010, 2018, 2020, 2022)
    assert found["development_without_boom"] == (2008, 2010)
    assert found["held_out"] == (2018, 2020, 2022)
    assert "held_out" not in scopes((2008,))


def test_the_skill_is_over_the_best_naive_rival_and_the_hierarchical_one_stands_apart():
    one = results().summary("model", "area")
    assert one.best == "ar1"
    assert one.skill.value == pytest.approx(1.0 - CRPS["model"] / CRPS["ar1"])
    assert one.over["hierarchical"].value == pytest.approx(1.0 - CRPS["model"] / CRPS["hierarchical"])
    assert "hierarchical" not in NAIVE


def test_a_summary_counts_what_the_bands_hold():
    one = results().summary("model", "area")
    assert (one.points, one.inside_50.value, one.inside_90.value) == (15, 1.0, 0.8)
    assert one.inside_90.low < 0.8 < one.inside_90.high
    assert one.width == 1.0
    assert one.log_rmse == pytest.approx(0.1)
    assert results().summary("model", "departments").points == 15 * len(REGIONS)


def test_only_figures_that_both_forecast_are_compared():
    some = [row(2008, "model", lead=lead, crps=crps) for lead, crps in ((1, 0.1), (2, 9.0))]
    some.append(row(2008, "persistence", lead=1, crps=0.2))
    assert Results({}, {}, tuple(some)).summary("model", "area").skill.value == pytest.approx(0.5)


def test_a_target_without_rivals_has_no_skill():
    one = Results({}, {}, (row(2008, "model", "us_retail_price"),)).summary("model", "prices")
    assert one.best == ""
    assert math.isnan(one.skill.value)
    assert results().summary("model", "prices") is None


def test_stacking_favours_the_structure_that_gave_the_record_more_density():
    good = [row(o, "log-gap", lead=k, log_density=2.0) for o in ORIGINS for k in range(1, 6)]
    bad = [row(o, "model", lead=k, log_density=-2.0) for o in ORIGINS for k in range(1, 6)]
    found = structure_weights(Results({}, {}, (*good, *bad)), ORIGINS)
    assert found["log-gap"] > 0.95
    assert sum(found.values()) == pytest.approx(1.0)


def test_a_gain_in_density_is_over_the_figures_that_both_forecast():
    some = [row(2008, "log-gap", lead=lead, log_density=density) for lead, density in ((1, 0.9), (2, 0.3))]
    some += [row(2008, "model", lead=lead, log_density=density) for lead, density in ((1, 0.5), (3, 9.0))]
    found = Results({}, {}, tuple(some))
    assert found.denser("log-gap", "model", ("coca_area",), (2008,)) == pytest.approx(0.4)
    assert math.isnan(found.denser("log-gap", "ar1", ("coca_area",), (2008,)))

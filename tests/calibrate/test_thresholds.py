"""The bars of the back-test: met when the scores say so, and what was missed first."""

import pytest
from validationcase import ORIGINS, results, row, rows

from caudal.calibrate.results import Results
from caudal.calibrate.thresholds import STANDINGS, thresholds


def test_years_beyond_the_horizon_count_for_deaths_alone():
    far = [row(2014, "model", "us_deaths", lead=lead, error=0.5) for lead in range(1, 10)]
    found = Results({}, {}, (*rows(), *far))
    assert found.summary("model", "deaths").points == 5
    deaths = next(bar for bar in thresholds(found) if bar.name == "deaths")
    assert deaths.value == pytest.approx(0.5)
    assert deaths.met is False
    near = next(bar for bar in thresholds(results()) if bar.name == "deaths")
    assert near.met is None


def test_what_was_missed_comes_first():
    bars = thresholds(results())
    standings = [STANDINGS.index(bar.standing) for bar in bars]
    assert standings == sorted(standings)
    by_name = {bar.name: bar for bar in bars}
    assert by_name["area_aim"].met is True  # 0.375 over AR(1)
    assert by_name["departments_aim"].met is True
    assert by_name["prevalence"].met is None
    assert by_name["width"].met is True
    assert by_name["area_floor"].values.keys() == {"all", "development"}


def test_a_bar_is_missed_when_the_scores_say_so():
    worse = [row(o, "model", lead=lead, crps=0.5) for o in ORIGINS for lead in range(1, 6)]
    found = Results({}, {}, (*rows(), *worse))
    assert {"area_floor", "boom_floor"} <= {bar.name for bar in thresholds(found) if bar.met is False}

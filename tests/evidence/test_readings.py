"""The observation records: every recorded year is used or left out with a reason."""

import numpy as np
import pytest

from caudal.core.clock import START
from caudal.core.errors import CaudalError
from caudal.evidence.inputs import deflator
from caudal.evidence.readings import read_readings, readings
from caudal.evidence.registry import outcomes, parameters
from caudal.evidence.series import series

NAMES = tuple(readings())


def recorded(reading):
    found = [set(series(reading.series).annual(e, calibrating=True)) for e in reading.entities]
    found += [
        set(series(name).annual(e, calibrating=True))
        for name, entities in reading.less.items()
        for e in entities
    ]
    return {y for y in set.intersection(*found) if y >= START}


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_year_is_used_or_left_out_with_a_reason(name):
    reading = readings()[name]
    used, left = (set(years.tolist()) for years in (reading.values()[0], reading.shown()[0]))
    assert used | left == recorded(reading)
    assert not used & left
    for year in left:
        assert reading.reason(year).en
        assert reading.reason(year).es
    for _, values in (reading.values(), reading.shown()):
        assert (values > 0).all()
        assert np.isfinite(values).all()


@pytest.mark.parametrize("name", NAMES)
def test_names_lead_somewhere(name):
    reading = readings()[name]
    assert reading.label.en
    assert reading.label.es
    assert set(reading.entities) <= set(series(reading.series).entities())
    for other, entities in reading.less.items():
        assert set(entities) <= set(series(other).entities())
    if reading.money:
        assert outcomes()[reading.outcome].unit.startswith("USD")


@pytest.mark.parametrize("known", [2006, 2010, 2014, 2018])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_read_beyond_the_year_that_is_known(name, known):
    reading = readings()[name]
    for read in (reading.values, reading.shown):
        years, values = read(known)
        every, full = read()
        kept = every + reading.paired <= known
        np.testing.assert_array_equal(years, every[kept])
        np.testing.assert_array_equal(values, full[kept])


def test_a_mean_of_two_years_is_known_when_the_second_is_over():
    years, _ = readings()["us_survey_users"].values(known=2010)
    assert years[-1] == 2009


def test_dollars_and_pesos_are_deflated():
    price, rate = deflator(), series("cop_per_usd").annual("Colombia")
    years, values = readings()["us_retail_price"].values()
    assert values[list(years).index(2006)] == pytest.approx(135.0 * price[2006])
    years, values = readings()["export_price"].values()
    assert values[list(years).index(2004)] == pytest.approx(4.6e6 / rate[2004] * price[2004])
    years, values = readings()["farm_value"].values()
    assert values[list(years).index(2005)] == pytest.approx(843.0 * price[2005])


def test_what_is_seized_elsewhere_is_the_world_less_colombia():
    world = series("seizures_world").annual("World", calibrating=True)
    inside = series("seizures_colombia_territory").annual("Colombia", calibrating=True)
    years, values = readings()["seizures_elsewhere"].values()
    assert {2015, 2023} <= set(years)
    np.testing.assert_allclose(values, [world[y] - inside[y] for y in years])


def test_unverified_figures_are_neither_used_nor_shown():
    reading = readings()["us_consumption_unverified"]
    assert series(reading.series).rows
    assert len(reading.values()[0]) == len(reading.shown()[0]) == 0


def test_method_breaks_apply_to_their_years():
    years = np.array([2000, 2001, 2008, 2009, 2024])
    powers = readings()["coca_area_unodc"].powers(years)
    np.testing.assert_array_equal(powers["survey_break_2001"], [1, 0, 0, 0, 0])
    np.testing.assert_array_equal(powers["survey_break_2009"], [1, 1, 1, 0, 0])
    assert "us_area_ratio" not in powers


def test_each_owner_is_a_rival_of_the_other():
    years = np.array([2015, 2016])
    for name, factor in (("coca_area", "us_area_ratio"), ("potential_cocaine", "us_production_ratio")):
        ours, theirs = readings()[f"{name}_unodc"], readings()[f"{name}_us"]
        assert (ours.owner, theirs.owner) == ("unodc", "us")
        np.testing.assert_array_equal(theirs.powers(years, "unodc")[factor], [1, 1])
        np.testing.assert_array_equal(ours.powers(years, "us")[factor], [-1, -1])
        assert factor not in ours.powers(years, "unodc")
        assert factor not in theirs.powers(years, "us")


def test_gross_weight_is_more_and_its_price_less_than_pure():
    years = np.array([2012])
    purity = {
        n: r.powers(years)["seizure_purity"][0]
        for n, r in readings().items()
        if "seizure_purity" in r.powers(years)
    }
    assert purity == {
        "seizures_colombia": -1.0,
        "seizures_towards_us": -1.0,
        "seizures_elsewhere": -1.0,
        "us_wholesale_price": 1.0,
    }


def test_no_death_is_counted_twice():
    total, parts = readings()["us_deaths"], ("us_deaths_with_synthetic", "us_deaths_without_synthetic")
    for part in parts:
        assert not set(total.values()[0]) & set(readings()[part].values()[0])


def test_no_figure_is_used_by_two_readings():
    seen = {}
    for name, reading in readings().items():
        for year in reading.values()[0]:
            for entity in reading.entities:
                assert seen.setdefault((reading.series, entity, int(year)), name) == name


def test_every_systematic_factor_is_a_parameter_of_the_observation_model():
    named = {o.parameter for r in readings().values() for o in r.offsets}
    named |= {r.undercount.coverage for r in readings().values() if r.undercount}
    errors = {n for n in parameters() if n.startswith("misfit_")} | {"survey_error"}
    assert named | errors == {n for n, p in parameters().items() if p.block == "observe"}
    assert not named & errors


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("outcome: coca_areas", "no outcome is called coca_areas"),
        ("series: coca_area_onu", "no series is called coca_area_onu"),
        ("error: -0.1", "greater than 0"),
        ("error_source: [sup.S99999]", "no source is called sup.S99999"),
        ("offsets: [{parameter: us_ratio}]", "no parameter is called us_ratio"),
        ("also_input: [areas]", "no input is called areas"),
    ],
)
def test_a_wrong_record_is_refused_in_one_line(tmp_path, wrong, told):
    record = {
        "label": "{en: a, es: b}",
        "group": "area",
        "outcome": "coca_area",
        "series": "coca_area_unodc",
        "entities": "[Colombia]",
        "error": "0.1",
        "error_source": "judgement",
    }
    key, _, value = wrong.partition(": ")
    lines = [f"  {k}: {v}" for k, v in (record | {key: value}).items()]
    path = tmp_path / "observations.yaml"
    path.write_text("\n".join(["area:", *lines]) + "\n", encoding="utf-8")
    with pytest.raises(CaudalError, match="CAU-204") as error:
        read_readings(path)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    assert "observations.yaml, line" in str(error.value)

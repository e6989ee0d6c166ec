"""Rival owners of area and production: chosen for a run, and how far apart they are."""

import numpy as np
import pytest

from caudal.core.clock import LAST_OBSERVED, START
from caudal.core.errors import CaudalError
from caudal.core.messages import catalogue
from caudal.evidence.inputs import inputs
from caudal.evidence.owners import COUNTRIES, OWNERS, PRODUCTION, disagreement, newest_method, ratio
from caudal.evidence.registry import parameters
from caudal.evidence.series import series

ENDS = np.arange(START - 1, LAST_OBSERVED + 1)


def us(name, entity):
    return series(name).annual(entity, calibrating=True)


def national(**wanted):
    return dict(zip(ENDS.tolist(), inputs(**wanted).area.sum(axis=1), strict=True))


def test_departments_add_up_to_the_us_estimate_where_there_is_one():
    found = national(owner="us")
    recorded = {y: v for y, v in us("coca_area_us", "Colombia").items() if y >= START}
    assert len(recorded) == 12
    assert [found[y] for y in recorded] == pytest.approx(list(recorded.values()))


def test_years_without_a_us_estimate_take_the_ratio_of_their_neighbours():
    apart = {y: national(owner="us")[y] / national()[y] for y in ENDS}
    assert apart[1999] == apart[2000] == pytest.approx(apart[2001])
    assert apart[2024] == apart[2022] == pytest.approx(apart[2021])
    assert apart[2018] == pytest.approx(np.sqrt(apart[2017] * apart[2019]))
    assert np.log(apart[2003]) == pytest.approx(np.log(apart[2001]) + (np.log(apart[2007] / apart[2001])) / 3)


def test_the_departments_keep_their_shares():
    ours, theirs = inputs().area, inputs(owner="us").area
    np.testing.assert_allclose(theirs / theirs.sum(axis=1)[:, None], ours / ours.sum(axis=1)[:, None])


def test_peru_and_bolivia_follow_the_us_estimates_too():
    factor = inputs(owner="us").andes / inputs().andes
    for column, country in enumerate(("Peru", "Bolivia")):
        own = us("coca_area_unodc", country)
        for year in (2019, 2020, 2021):
            assert factor[year - START + 1, column] == pytest.approx(
                us("coca_area_us", country)[year] / own[year]
            )


def test_every_silent_year_is_declared_with_a_parameter():
    fills = {f.input: f for f in inputs(owner="us").fills if f.method == "ratio_to_unodc"}
    assert set(fills) == {
        *(f"coca_area_us {country}" for country in COUNTRIES),
        "potential_cocaine_us Colombia",
        "potential_cocaine_us World",
    }
    recorded = us("coca_area_us", "Colombia")
    assert fills["coca_area_us Colombia"].years == tuple(y for y in ENDS if y not in recorded)
    for language in ("en", "es"):
        told = catalogue(language, "report")
        assert all(f"input_{name.replace(' ', '_')}" in told for name in fills)
        assert all(f"fill_{f.method}" in told for f in inputs(owner="us", known=2008).fills)
    assert {f.parameter for f in fills.values()} <= set(parameters())


def test_production_rests_on_the_newest_method_alone():
    assert newest_method({2001: 700, 2010: 300, 2014: 245, 2015: 520}, PRODUCTION.starts) == {2015: 520}
    assert newest_method({2010: 300, 2011: 190, 2014: 245}, PRODUCTION.starts) == {2011: 190, 2014: 245}
    assert newest_method({2001: 700, 2010: 300}, PRODUCTION.starts) == {2001: 700, 2010: 300}
    assert newest_method({}, PRODUCTION.starts) == {}


def test_loss_inside_colombia_is_over_us_output():
    ours, theirs = inputs(), inputs(owner="us")
    own, rival = us("potential_cocaine_unodc", "Colombia"), us("potential_cocaine_us", "Colombia")
    for year in (2015, 2017, 2019, 2020, 2021):
        a, b = (1.0 - np.exp(-g.seizure_source[year - START]) for g in (ours, theirs))
        assert b / a == pytest.approx(own[year] / rival[year])


def test_the_new_yield_factors_are_unodcs_alone():
    assert inputs().yield_jump[-1] > 0.1
    assert (inputs(owner="us").yield_jump == 0.0).all()


def test_what_the_owners_do_not_estimate_is_the_same():
    ours, theirs = inputs(), inputs(owner="us")
    for name in (
        "spraying",
        "manual",
        "homicides",
        "contested",
        "exchange",
        "fentanyl",
        "people",
        "aid_social",
    ):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    assert (ours.owner, theirs.owner) == OWNERS


def test_one_owner_as_of_an_earlier_year_knows_no_later_estimate():
    early = inputs(owner="us", known=2010)
    apart = early.area.sum(axis=1) / inputs(known=2010).area.sum(axis=1)
    assert apart[-1] == pytest.approx(
        us("coca_area_us", "Colombia")[2007] / us("coca_area_unodc", "Colombia")[2007]
    )


def test_the_ratio_without_a_rival_is_one():
    np.testing.assert_array_equal(ratio({2000: 2.0}, {}, ENDS), np.ones(len(ENDS)))


def test_disagreement_is_told_by_quantity_country_and_method():
    found = {(d.series, d.entity, d.method): d for d in disagreement()}
    area = found["coca_area_unodc", "Colombia", 1999]
    assert (area.years[0], area.years[-1], len(area.years)) == (2001, 2021, 12)
    assert area.ratio[area.years.index(2019)] == pytest.approx(212_000 / 154_476)
    assert area.ratio.min() >= 1.1
    assert area.ratio.max() <= 1.75
    assert area.log_mean == pytest.approx(np.mean(np.log(area.ratio)))
    assert area.log_sd == pytest.approx(np.std(np.log(area.ratio), ddof=1))
    old, new = (found["potential_cocaine_unodc", "Colombia", method] for method in (2011, 2015))
    assert max(old.years) == 2014
    assert min(new.years) == 2015
    assert old.ratio.max() < new.ratio.min()
    assert {e for s, e, _ in found if s == "coca_area_unodc"} == {*COUNTRIES, "World"}
    assert all(d.label.en and d.label.es for d in found.values())
    for name, key in (("us_area_ratio", area), ("us_production_ratio", new)):
        prior = parameters()[name].prior
        assert np.log(prior.median) == pytest.approx(key.log_mean, abs=0.01)


@pytest.mark.parametrize("name", ["usa", "UNODC", "simci"])
def test_an_unknown_owner_is_refused_with_the_nearest(name):
    with pytest.raises(CaudalError, match="CAU-315") as error:
        inputs(owner=name)
    assert name in str(error.value)
    if name != "simci":
        assert error.value.fields["nearest"] in OWNERS

"""The hold-out is real: what is recorded after the year that is known changes nothing before it."""

import dataclasses

import numpy as np
import pytest

from caudal.core.clock import START
from caudal.core.errors import CaudalError
from caudal.evidence.inputs import FIRST_KNOWN, inputs
from caudal.evidence.inputs_reader import GIVEN, OUTSIDE, POLICIES
from caudal.simulate.forcing import forcing, places

YEARS = (2010, 2014)
TO = 2030
BASED_LATER = ("exchange", "fentanyl", "aid_military", "aid_social")
"""Paths whose base years (2010-19, 2021, dollars of 2020) lie after the year known: their shape counts."""


def made(year, owner="unodc"):
    given = inputs(known=year, owner=owner)
    return given, places(given, 2), forcing(given, START, TO, 2)


def differing(before, after):
    """Return the fields in which two records differ in any bit."""
    return {
        f.name
        for f in dataclasses.fields(before)
        if not same(getattr(before, f.name), getattr(after, f.name))
    }


def same(a, b):
    return np.asarray(a).tobytes() == np.asarray(b).tobytes() if isinstance(a, np.ndarray) else a == b


@pytest.mark.parametrize("owner", ["unodc", "us"])
@pytest.mark.parametrize("year", YEARS)
def test_what_is_not_given_changes_nothing_once_the_year_is_over(year, owner, garbage):
    before = made(year, owner)
    garbage(year, lambda name: name not in GIVEN)
    after = made(year, owner)
    assert [differing(b, a) for b, a in zip(before, after, strict=True)] == [set(), set(), set()]


@pytest.mark.parametrize("year", YEARS)
def test_the_whole_record_would_have_noticed(year, garbage):
    before = made(None)
    garbage(year, lambda name: name not in GIVEN)
    given, where, forced = (differing(b, a) for b, a in zip(before, made(None), strict=True))
    assert {"area", "andes", "yield_index", "seizure_source", "seizure_us", "homicides"} <= given
    assert {"contested", "farc_before", "fentanyl", "people"} <= given
    assert {"peak", "weight"} <= where
    assert {"target", "andes_target", "contestation", "homicides"} <= forced


@pytest.mark.parametrize("year", YEARS)
def test_policies_and_the_outside_world_are_given(year, garbage):
    before = made(year)
    garbage(year, lambda name: name in GIVEN)
    given, where, forced = (differing(b, a) for b, a in zip(before, made(year), strict=True))
    assert {"spraying", "manual", "enrolment", "laboratories", "admissions", "strikes"} <= given
    assert {"aid_military", "aid_social", "exchange", "fentanyl", "population"} <= given
    assert {"exchange", "fentanyl", "population", "aid_military", "aid_social"} <= forced
    assert where == set()
    assert not {"area", "andes", "homicides", "seizure_source", "yield_index", "contested"} & given


@pytest.mark.parametrize("hit", [POLICIES, OUTSIDE, None], ids=["policies", "outside", "everything"])
@pytest.mark.parametrize("year", YEARS)
def test_nothing_after_the_year_reaches_back(year, hit, garbage):
    before = inputs(known=year)
    garbage(year, lambda name: hit is None or name in hit)
    after = inputs(known=year)
    until = year - START + 1
    changed = set()
    for f in dataclasses.fields(before):
        a, b = getattr(before, f.name), getattr(after, f.name)
        if f.name in BASED_LATER:
            np.testing.assert_allclose(a[:until] / a[0], b[:until] / b[0], rtol=1e-12)
        elif isinstance(a, np.ndarray) and a.shape[0] == len(before.years):
            changed |= set() if same(a[:until], b[:until]) else {f.name}
        elif isinstance(a, np.ndarray):
            changed |= set() if same(a, b) else {f.name}
    assert changed == set()


@pytest.mark.parametrize("year", YEARS)
def test_the_record_ends_with_the_year_that_is_known(year):
    given, where, forced = made(year)
    assert given.observed == year
    assert given.area.shape[0] == given.andes.shape[0] == year - START + 2
    np.testing.assert_array_equal(where.peak[:-2], given.area.max(axis=0))
    tracked = forced.track[:, 0] > 0
    np.testing.assert_array_equal(tracked, np.arange(START, TO + 1) <= year)
    assert (forced.target[~tracked] == forced.target[tracked][-1, -1]).all()
    assert forced.projection_years[tracked].max() == 0.0
    assert (np.diff(forced.projection_years[~tracked].ravel()) > 0).all()
    full = inputs()
    np.testing.assert_array_equal(given.area, full.area[: year - START + 2])
    for name in ("seizure_source", "seizure_us", "seizure_world", "yield_index", "homicides", "contested"):
        path = getattr(given, name)[year - START :]
        assert (path == path[0]).all(), name


def test_spraying_and_uprooting_by_department_are_given_as_they_happened():
    known, full = inputs(known=2010), inputs()
    np.testing.assert_array_equal(known.spraying_share, full.spraying_share)
    np.testing.assert_array_equal(known.manual_share, full.manual_share)
    np.testing.assert_array_equal(known.spraying, full.spraying)
    assert known.manual_share[2014 - START :].sum() > 0


@pytest.mark.slow
@pytest.mark.parametrize("owner", ["unodc", "us"])
def test_inputs_exist_as_of_every_year(owner):
    for year in range(FIRST_KNOWN, 2025):
        given, _, forced = made(year, owner)
        for f in dataclasses.fields(forced):
            assert np.isfinite(getattr(forced, f.name)).all(), (year, f.name)
        assert min(given.seizure_source.min(), given.seizure_us.min(), given.seizure_world.min()) > 0


def test_the_nation_is_known_as_its_departments_are():
    given = inputs(regions="national", known=2012)
    np.testing.assert_allclose(given.area[:, 0], inputs(known=2012).area.sum(axis=1))


@pytest.mark.parametrize("year", [FIRST_KNOWN - 1, 2025])
def test_a_year_out_of_range_is_refused(year):
    with pytest.raises(CaudalError, match=f"CAU-316.*{year}.*{FIRST_KNOWN}.*2024"):
        inputs(known=year)

"""The public names: they exist, load late, and do what the documentation shows."""

import subprocess
import sys

import pytest

import caudal as cd


def test_every_public_name_exists():
    assert all(hasattr(cd, name) for name in cd.__all__)
    assert set(cd.__all__) <= set(dir(cd))


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = cd.no_such_name


def test_import_is_light():
    heavy = ("jax", "xarray", "numpy", "pydantic")
    code = f"import sys, caudal; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_records_are_reachable():
    assert "aerial_spraying" in cd.levers()
    assert "coca_area" in cd.outcomes()
    assert cd.parameters()
    assert cd.series("coca_area_unodc").annual("Colombia")[2012] == 47_788
    assert "coca_area_unodc" in cd.series_ids()


def test_setting_leaves_the_scenario_as_it_was():
    before = cd.scenario("substitution-led")
    after = before.set(aerial_spraying=0)
    assert not before.changes
    assert [(c.lever, c.value) for c in after.changes] == [("aerial_spraying", 0)]


def test_an_alias_names_the_same_scenario():
    assert cd.scenario("reform") is cd.scenario("substitution-led")


def test_unknown_lever_offers_the_nearest():
    with pytest.raises(cd.CaudalError, match="aerial_spraying"):
        cd.scenario("baseline").set(aerial_spraing=0)


@pytest.mark.slow
def test_documented_example():
    r = cd.scenario("substitution-led").set(aerial_spraying=0).run(draws=10, seed=7, to=2028)
    table = r.compare(cd.scenario("baseline").run(draws=10, seed=7, to=2028))
    area = table["coca_area"]
    assert r.ds.sizes["draw"] == 10
    assert area.years[-1] == 2028
    assert len(area.diff_median) == len(area.years)
    decided = area.years.index(2026)
    assert not area.diff_median[:decided].any()
    assert area.diff_median[decided:].any()
    with pytest.raises(cd.CaudalError, match="CAU-401"):
        r.compare(cd.scenario("baseline").run(draws=10, seed=8, to=2028))

"""Runs repeat to the last bit, share their random numbers, and come back from a file as they were."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from caudal.core.clock import FIRST_DECISION, START
from caudal.core.errors import CaudalError
from caudal.evidence.inputs import inputs
from caudal.evidence.registry import levers
from caudal.evidence.series import data_digest
from caudal.simulate import posterior as shipped
from caudal.simulate.framing import equal_factor, extra_cost, intensity
from caudal.simulate.results import open_result
from caudal.simulate.run import Ensemble, run
from caudal.simulate.scenario import aliases, library, scenario

pytestmark = pytest.mark.slow

DRAWS, SEED, TO = 20, 7, 2040
DECIDED = FIRST_DECISION - START
POLICIES = ("baseline", "eradication-led", "substitution-led")


def arrays(result, name):
    """Return every scalar outcome of a scenario by (draw, year), and the departments' quantiles."""
    ds = result.ds.sel(scenario=name)
    return {n: ds[n].values for n in ds.data_vars}


def same(one, other):
    assert set(one) == set(other)
    for name in one:
        assert_array_equal(one[name], other[name], err_msg=name)


@pytest.fixture(scope="module")
def result():
    return run(POLICIES, draws=DRAWS, seed=SEED, to=TO)


@pytest.fixture(scope="module")
def at_baseline():
    """Return the baseline with every lever set by hand to its baseline value."""
    base = scenario("baseline")
    paths = base.paths(inputs(), TO)
    held = {n: float(p[DECIDED]) for n, p in paths.items()}
    assert all(np.all(paths[n][DECIDED:] == v) for n, v in held.items())
    return base.set(**held)


def test_every_lever_at_its_baseline_value_is_the_baseline_bit_for_bit(result, at_baseline):
    assert len(at_baseline.changes) == len(levers())
    again = run([scenario("baseline"), at_baseline], draws=DRAWS, seed=SEED, to=TO, framings=False)
    first, second = again.scenarios
    same(arrays(again, first), arrays(result, "baseline"))
    same(arrays(again, second), arrays(result, "baseline"))


def test_scenarios_share_history_bit_for_bit_and_then_part(result):
    base = arrays(result, "baseline")
    for name in POLICIES[1:]:
        other = arrays(result, name)
        for outcome, values in base.items():
            # Departments are kept as quantiles (quantile, time, region), the rest as (draw, time)
            assert_array_equal(other[outcome][:, :DECIDED], values[:, :DECIDED], err_msg=outcome)
        assert not np.array_equal(other["coca_area"], base["coca_area"])


def test_a_member_does_not_depend_on_how_many_there_are_nor_on_the_last_year(result):
    fewer = run(["eradication-led"], draws=10, seed=SEED, to=2035, framings=False)
    years = 2035 - START + 1
    assert fewer.years == result.years[:years]
    for outcome in fewer.record["outcomes"]:
        if outcome in fewer.ds:
            drawn = result.draws(outcome, "eradication-led")
            assert_array_equal(fewer.draws(outcome, "eradication-led"), drawn[:10, :years], err_msg=outcome)


def test_another_seed_gives_other_draws(result):
    other = run(["baseline"], draws=3, seed=SEED + 1, to=2026, framings=False)
    assert not np.array_equal(
        other.draws("us_users", "baseline"), result.draws("us_users", "baseline")[:3, :27]
    )


@pytest.mark.slow
def test_members_beyond_one_chunk_are_those_of_their_number():
    from caudal.simulate import run as module

    many = Ensemble(module.LANES + 2, SEED, FIRST_DECISION)
    area = many.project(scenario("baseline"))["coca_area"]
    assert area.shape[0] == module.LANES + 2
    assert len({tuple(row) for row in area}) == len(area)  # no member is repeated
    few = Ensemble(2, SEED, FIRST_DECISION).project(scenario("baseline"))["coca_area"]
    assert_array_equal(area[:2], few)


def test_equal_cost_holds_when_a_rule_multiplies_what_is_paid():
    kept = scenario("substitution-led").set(payment_reliability=1.0)
    ensemble = Ensemble(20, SEED, TO)
    wanted = float(np.median(extra_cost(scenario("eradication-led"), ensemble)))
    factor = equal_factor(kept, wanted, ensemble)
    assert 0 < factor < 1
    assert np.median(extra_cost(kept.scaled(factor), ensemble)) == pytest.approx(wanted, rel=1e-6)


def test_rules_are_no_intensity():
    ensemble = Ensemble(2, SEED, TO)
    package = scenario("substitution-led")
    assert intensity(package.set(registration_by_coca=0.0), ensemble) == intensity(package, ensemble)


def test_equal_cost_costs_the_same(result):
    ensemble = Ensemble(result.record["draws"], SEED, TO)
    framed = result.record["framings"]["equal-cost"]
    assert set(framed) == set(POLICIES[1:])
    costs = []
    for name, about in framed.items():
        scaled = scenario(name).scaled(about["factor"])
        costs.append(float(np.median(extra_cost(scaled, ensemble))))
        assert costs[-1] == pytest.approx(about["extra_cost_million_usd"], rel=1e-6)
        assert 0 < about["factor"] <= 1
    assert costs[0] == pytest.approx(costs[1], rel=1e-6)
    assert max(about["factor"] for about in framed.values()) == 1.0
    # The framings are in the result, and the cheapest package is the same under its own cost
    names = set(map(str, result.ds["scenario"].values))
    assert {f"{n}@{kind}" for n in POLICIES[1:] for kind in ("equal-cost", "swapped")} <= names
    cheapest = next(n for n, about in framed.items() if about["factor"] == 1.0)
    ds = result.ds["coca_area"]
    assert_array_equal(ds.sel(scenario=f"{cheapest}@equal-cost"), ds.sel(scenario=cheapest))


def test_swapped_intensity_is_the_other_package_s(result):
    ensemble = Ensemble(2, SEED, TO)
    swapped = result.record["framings"]["swapped"]
    for name, about in swapped.items():
        assert about["intensity"] == pytest.approx(intensity(scenario(name), ensemble))
        assert about["given"] == pytest.approx(intensity(scenario(about["intensity_of"]), ensemble))
        assert about["factor"] == pytest.approx(about["given"] / about["intensity"])


def test_aliases_answer_to_both_names(result):
    for alias, name in aliases().items():
        assert scenario(alias) is scenario(name) is library()[name]
    table = result.as_json()["scenarios"]
    for alias, name in result.record["aliases"].items():
        assert table[alias] == table[name]
    assert {"zero-tolerance", "reform", "status-quo"} <= set(table)


def test_json_has_the_promised_shape(result):
    answer = json.loads(json.dumps(result.as_json()))
    years = len(result.years)
    for name in POLICIES:
        area = answer["scenarios"][name]["coca_area"]
        assert set(area) == {
            "unit", "years", "median", "p05", "p95", "diff_median", "diff_p05", "diff_p95", "p_lower"
        }  # fmt: skip
        assert len(area["years"]) == len(area["median"]) == years
        assert (area["diff_median"] is None) == (name == POLICIES[0])
        assert np.all(np.array(area["p05"]) <= area["median"])
        assert np.all(np.array(area["median"]) <= area["p95"])
    lower = np.array(answer["scenarios"][POLICIES[1]]["coca_area"]["p_lower"])
    assert np.all((lower >= 0) & (lower <= 1))
    assert not lower[:DECIDED].any()


def test_a_result_comes_back_from_its_file_as_it_was(result, tmp_path):
    path = result.save(tmp_path / "result.nc")
    opened = open_result(path)
    assert opened.ds.identical(result.ds)
    assert opened.as_json() == result.as_json()
    assert [p.name for p in tmp_path.iterdir()] == ["result.nc"]
    about = opened.ds["coca_area"].attrs
    assert about["units"] == "ha"
    assert about["long_name"]
    assert about["sources"]
    for key in ("seed", "draws", "versions", "data", "step", "fit", "texts", "calibration"):
        assert opened.record[key]
    assert opened.record["calibration"] == f"calibrated on {data_digest()[:8]}"


@pytest.mark.parametrize("kept", [0, 100, 5000, -200])
def test_a_truncated_file_is_refused(result, tmp_path, kept):
    path = result.save(tmp_path / "result.nc")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(CaudalError, match="CAU-404") as error:
        open_result(path)
    assert "\n" not in str(error.value)


def test_a_foreign_file_is_refused(tmp_path):
    import xarray as xr

    path = tmp_path / "weather.nc"
    xr.Dataset({"rain": ("time", np.arange(3.0))}).to_netcdf(path, engine="h5netcdf")
    with pytest.raises(CaudalError, match="CAU-405"):
        open_result(path)
    with pytest.raises(CaudalError, match="CAU-403"):
        open_result(tmp_path / "none.nc")


def test_results_of_other_seeds_are_not_compared(result):
    other = run(["baseline"], draws=DRAWS, seed=SEED + 1, to=2026, framings=False)
    with pytest.raises(CaudalError, match="CAU-401"):
        result.compare(other)


def test_a_result_that_cannot_be_written_leaves_nothing(result, tmp_path):
    with pytest.raises(CaudalError, match="CAU-402"):
        result.save(tmp_path / "nowhere" / "result.nc")
    assert list(tmp_path.iterdir()) == []


def test_a_scenario_cannot_be_changed_in_place():
    base = scenario("baseline")
    with pytest.raises(dataclasses.FrozenInstanceError):
        base.name = "other"
    assert base.set(aerial_spraying=1.0) is not base
    assert base.changes == ()


@pytest.mark.parametrize(
    ("key", "said"),
    [("data", "data"), ("fit", "fit"), ("step", "model step"), ("seed", "seed")],
)
def test_results_on_another_basis_are_not_compared(result, key, said):
    other = dataclasses.replace(result, ds=result.ds.copy())
    assert set(result.compare(other)) <= set(result.record["outcomes"])
    other.ds.attrs["record"] = json.dumps({**result.record, key: "another"})
    with pytest.raises(CaudalError, match=f"CAU-401.*differ in {said},"):
        result.compare(other)


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Let the posterior of a structure be shipped beside that of the standard."""
    with np.load((shipped.FOLDER / "standard").with_suffix(".npz")) as stored:
        values = stored["values"]
    for name, shift in (("standard", 1.0), ("log-gap", 1.01)):
        np.savez(tmp_path / f"{name}.npz", values=shift * values)
        about = shipped.fitted() | {"structure": name, "last": 2024 if name == "standard" else 2023}
        (tmp_path / f"{name}.json").write_text(json.dumps(about))
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    shipped.posterior.cache_clear()
    yield
    shipped.posterior.cache_clear()


def test_results_of_other_structures_are_not_compared(shelf):
    usual, other = (
        run(["baseline"], draws=2, to=FIRST_DECISION, structures=name, framings=False)
        for name in ("standard", "log-gap")
    )
    assert (usual.record["calibrated_until"], other.record["calibrated_until"]) == (2024, 2023)
    with pytest.raises(CaudalError, match=r"CAU-401.*differ in fit,"):
        other.compare(usual)


@pytest.mark.parametrize(
    ("cut", "said"),
    [
        ({"time": slice(0, -1)}, "last year"),
        ({"time": slice(1, None)}, "first year"),
        ({"draw": slice(0, 5)}, "number of draws"),
        ({"region": slice(0, 3)}, "regions"),
    ],
)
def test_results_of_other_lengths_are_not_compared(result, cut, said):
    other = dataclasses.replace(result, ds=result.ds.isel(cut))
    with pytest.raises(CaudalError, match=f"CAU-401.*differ in {said},"):
        result.compare(other)

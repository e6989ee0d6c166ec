"""Costs: parts that add up to the whole, and ratios that hand-computed arrays agree with."""

import json

import numpy as np
import pytest

from caudal.core.errors import CaudalError
from caudal.core.messages import LANGUAGES, catalogue, use_language
from caudal.evidence.registry import levers, outcomes
from caudal.report.costs import PRICED, Band, costs, spending_of
from caudal.simulate.policy import PAYERS, public_cost, spending

YEARS = (2024, 2025, 2026, 2027)
ONE = {"manual_eradication": {"colombia": np.zeros((3, 4)), "united_states": np.zeros((3, 4))}}


def table(*rows):
    return np.array(rows, float)


def package(cost, **found):
    """Return a package that spends ``cost`` by draw in the last two years, all of it on one lever."""
    spent = np.zeros((len(cost), 4))
    spent[:, 2:] = np.array(cost, float)[:, None]
    return {"manual_eradication": {"colombia": spent}}, {
        name: np.array(values, float) for name, values in found.items()
    }


def steady(*last):
    """Return an outcome, (draw, 4 years), that stands at a value in the last two years."""
    return [[7.0, 7.0, value, value] for value in last]


def drawn(seed=3, members=4, years=3):
    rng = np.random.default_rng(seed)
    paths = {name: rng.uniform(0.0, 2.0, years) for name in levers()}
    unit = {name: rng.uniform(0.0, 9.0, members) for name in levers()}
    return paths, unit


def test_spending_adds_up_to_public_cost_to_the_last_digit():
    paths, unit = drawn()
    usual, _ = drawn(4)
    whole = public_cost(paths, unit, {}, usual)
    summed = dict.fromkeys(PAYERS, 0.0)
    for name, by_payer in spending(paths, unit, {}, usual):
        assert set(by_payer) <= set(PAYERS), name
        for payer, part in by_payer.items():
            summed[payer] = summed[payer] + part
    for payer, outcome in PAYERS.items():
        np.testing.assert_array_equal(summed[payer], whole[outcome])
    assert all(values.any() for values in whole.values())


def test_every_lever_is_told_once_and_what_costs_nothing_spends_nothing():
    paths, unit = drawn()
    unit = {name: np.full(4, record.cost.value) for name, record in levers().items()}
    found = list(spending(paths, unit, {}, paths))
    assert [name for name, _ in found] == list(levers())
    free = {name for name, parts in found if not any(part.any() for part in parts.values())}
    assert free == {name for name, record in levers().items() if record.cost.value == 0.0}


@pytest.fixture(scope="module")
def projected():
    from caudal.simulate.run import Ensemble
    from caudal.simulate.scenario import scenario

    ensemble = Ensemble(6, 1, 2028)
    chosen = scenario("baseline").set(aerial_spraying=50000, us_aid_military=2e8)
    return ensemble, chosen, ensemble.project(chosen)


def test_spending_of_a_run_adds_up_to_its_public_cost(projected):
    ensemble, chosen, found = projected
    parts = spending_of(ensemble, chosen, found)
    for payer, outcome in PAYERS.items():
        summed = sum(by_payer[payer] for by_payer in parts.values() if payer in by_payer)
        np.testing.assert_array_equal(summed.astype(np.float32), found[outcome])
    assert parts["aerial_spraying"]["united_states"][:, -1].min() > 0.0


def test_spend_by_lever_payer_and_year_with_bands_and_totals():
    parts = {
        "manual_eradication": {"colombia": table([9, 9, 1, 2], [9, 9, 3, 4]), "other": np.zeros((2, 4))},
        "treatment_admissions": {"united_states": table([9, 9, 10, 10], [9, 9, 10, 30])},
    }
    found = costs({"only": (parts, {})}, YEARS, 2026)
    rows = {(row.lever, row.payer): row for row in found.spend["only"]}
    assert list(rows) == [
        ("manual_eradication", "colombia"),
        ("manual_eradication", ""),
        ("treatment_admissions", "united_states"),
        ("treatment_admissions", ""),
        ("", "colombia"),
        ("", "united_states"),
        ("", ""),
    ]
    assert found.years == (2026, 2027)
    by_hand = rows["manual_eradication", "colombia"]
    np.testing.assert_allclose(by_hand.yearly.median, [2.0, 3.0])
    np.testing.assert_allclose(by_hand.yearly.p05, [1.1, 2.1])
    np.testing.assert_allclose(by_hand.yearly.p95, [2.9, 3.9])
    assert by_hand.total.mean == 5.0
    everything = rows["", ""]
    np.testing.assert_allclose(everything.yearly.mean, [12.0, 23.0])
    assert everything.total.mean == 35.0
    assert found.ratios == {"only": ()}


def test_discount_weighs_later_years_less():
    parts = {"manual_eradication": {"colombia": table([0, 0, 100, 110])}}
    plain, discounted = (
        costs({"only": (parts, {})}, YEARS, 2026, rate).spend["only"][-1] for rate in (0.0, 0.1)
    )
    assert plain.total.mean == 210.0
    assert discounted.total.mean == pytest.approx(200.0)
    np.testing.assert_array_equal(plain.yearly.mean, discounted.yearly.mean)


def test_extra_cost_is_told_by_payer_and_in_all():
    def both(ours, theirs):
        return {
            "manual_eradication": {
                "colombia": np.array([[0.0, 0.0, one, one] for one in ours]),
                "united_states": np.array([[0.0, 0.0, one, one] for one in theirs]),
            }
        }

    found = costs({"u": (both([1, 1], [5, 5]), {}), "d": (both([2, 4], [4, 4]), {})}, YEARS, 2026)
    assert found.extra["u"] == {}
    assert {payer: band.mean for payer, band in found.extra["d"].items()} == {
        "colombia": 4.0,
        "united_states": -2.0,
        "": 2.0,
    }
    assert found.extra["d"]["colombia"].p95 == pytest.approx(2 + 0.95 * 4)


def test_ratio_of_a_stock_is_over_its_last_year():
    usual = package([0, 0, 0], coca_area=steady(1000, 1000, 1000))
    dear = package([1, 2, 3], coca_area=[[7, 7, 0, 900], [7, 7, 0, 900], [7, 7, 0, 900]])
    (one,) = costs({"usual": usual, "dear": dear}, YEARS, 2026, priced=["coca_area"]).ratios["dear"]
    assert (one.counted, one.direction, one.crosses_zero, one.unit) == ("last_year", "lower", False, "USD/ha")
    assert one.extra.median == 4.0  # 2 million in each of two years
    assert one.less.median == 100.0
    assert one.value == pytest.approx(4e6 / 100)
    assert (one.p05, one.p95) == pytest.approx((2.2e6 / 100, 5.8e6 / 100))
    assert one.lower == 1.0


def test_ratio_of_a_flow_is_over_its_sum_discounted_like_the_cost():
    usual = package([0, 0], us_deaths=steady(20, 20))
    dear = package([11, 11], us_deaths=[[7, 7, 20, 9], [7, 7, 20, 9]])
    plain, discounted = (
        costs({"u": usual, "d": dear}, YEARS, 2026, rate, ["us_deaths"]).ratios["d"][0] for rate in (0.0, 0.1)
    )
    assert plain.value == pytest.approx(22e6 / 11)
    assert discounted.value == pytest.approx((11e6 + 10e6) / 10)
    assert plain.unit == "USD/death"


def test_ratio_pairs_equal_draws():
    usual = package([0, 0], coca_area=steady(100, 1000))
    dear = package([1, 10], coca_area=steady(90, 900))
    (one,) = costs({"u": usual, "d": dear}, YEARS, 2026, priced=["coca_area"]).ratios["d"]
    assert one.p05 == one.value == one.p95 == pytest.approx(2e6 / 10)


@pytest.mark.parametrize(
    ("last", "direction"),
    [((90, 100, 110), "open"), ((100, 100, 100), "none"), ((110, 120, 130), "higher"), ((1, 2, 3), "lower")],
)
def test_no_ratio_where_the_difference_may_be_nil_or_is_a_rise(last, direction):
    usual = package([0, 0, 0], coca_area=steady(100, 100, 100))
    dear = package([1, 1, 1], coca_area=steady(*last))
    (one,) = costs({"u": usual, "d": dear}, YEARS, 2026, priced=["coca_area"]).ratios["d"]
    assert one.direction == direction
    assert one.crosses_zero == (direction in ("open", "none"))
    given = (one.value, one.p05, one.p95)
    assert all(v is None for v in given) if direction != "lower" else all(v > 0.0 for v in given)


def test_runs_in_which_the_outcome_is_not_lower_are_counted_and_left_out_of_the_band():
    usual = package([0.0] * 100, coca_area=steady(*[100] * 100))
    dear = package([1.0] * 100, coca_area=steady(*[90] * 97, 100, 100, 105))
    (one,) = costs({"u": usual, "d": dear}, YEARS, 2026, priced=["coca_area"]).ratios["d"]
    assert one.lower == 0.97
    assert one.p05 == one.p95 == pytest.approx(2e6 / 10)


def test_a_cheaper_package_with_less_of_the_outcome_has_a_negative_ratio():
    usual = package([5, 5], coca_area=steady(100, 100))
    cheap = package([1, 1], coca_area=steady(50, 50))
    (one,) = costs({"u": usual, "c": cheap}, YEARS, 2026, priced=["coca_area"]).ratios["c"]
    assert one.value == pytest.approx(-8e6 / 50)


@pytest.mark.parametrize("rate", [-0.01, 0.21, 3.0])
def test_a_discount_out_of_range_is_refused(rate):
    with pytest.raises(CaudalError, match="CAU-407"):
        costs({"u": (ONE, {})}, YEARS, 2026, rate)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_is_plain_and_told_in_both_languages(language, projected):
    use_language(language)
    ensemble, chosen, found = projected
    from caudal.core.clock import FIRST_DECISION, years
    from caudal.simulate.scenario import scenario

    base = scenario("baseline")
    usual = ensemble.project(base)
    answer = costs(
        {
            "baseline": (spending_of(ensemble, base, usual), usual),
            "sprayed": (spending_of(ensemble, chosen, found), found),
        },
        list(years(2028)),
        FIRST_DECISION,
    ).as_json()
    assert json.loads(json.dumps(answer)) == answer
    first, second = answer["packages"]
    assert first["ratios"] == []
    assert [one["outcome"] for one in second["ratios"]] == list(PRICED)
    for one in second["ratios"]:
        assert (one["value"] is None) == (one["direction"] != "lower")
        assert "sprayed" in one["text"]
        assert "{" not in one["text"]
    everything = second["spend"][-1]
    whole = sum(found[name][:, FIRST_DECISION - 2000 :].sum(axis=1) for name in PAYERS.values())
    assert everything["total"]["mean"] == pytest.approx(whole.mean(), rel=1e-5)
    assert "2026-2028" in answer["definition"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_priced_is_an_outcome_with_words(language):
    assert set(PRICED) <= set(outcomes())
    words = catalogue(language, "costs")
    assert all(f"{kind}_{name}" in words for name in PRICED for kind in ("label", "unit", "units"))


def test_band_is_over_runs():
    band = Band.of(np.array([[1.0, 10.0], [3.0, 30.0]]))
    np.testing.assert_allclose(band.mean, [2.0, 20.0])
    np.testing.assert_allclose(band.p95, [2.9, 29.0])

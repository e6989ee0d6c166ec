"""Rivals: known answers on series whose law is known, and nothing read after the origin."""

import numpy as np
import pytest

from caudal.calibrate.rivals import RIVALS, History, forecast, hierarchical, panel_posterior
from caudal.core.messages import LANGUAGES, text

YEARS = np.arange(2000, 2025)
ALONE = [name for name in RIVALS if name != "hierarchical"]


def walk(rng, years=25, drift=0.0, sd=0.2):
    """Return a random walk in logarithms, as values."""
    return 1000.0 * np.exp(np.cumsum(drift + sd * rng.standard_normal(years)))


def panel(rng, phi, regions=24, years=25, sd=0.2, common=0.0):
    """Return a panel (year, region) whose changes are first-order autoregressions, as values."""
    change = np.zeros((years, regions))
    for t in range(1, years):
        change[t] = phi * change[t - 1] + sd * rng.standard_normal(regions) + common * rng.standard_normal()
    return 1000.0 * np.exp(np.cumsum(change, axis=0))


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.mark.parametrize("name", ALONE)
@pytest.mark.parametrize("regions", [None, pytest.param(3, marks=pytest.mark.slow)])
def test_paths_have_the_shape_asked_for_and_repeat_with_the_seed(name, regions, rng):
    values = walk(rng) if regions is None else np.stack([walk(rng) for _ in range(regions)], axis=1)
    history = History(YEARS, values)
    first, again, other = (RIVALS[name](history, 4, 50, seed) for seed in (1, 1, 2))
    assert first.shape == ((50, 4) if regions is None else (50, 4, regions))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.all(np.isfinite(first))
    assert np.all(first > 0)


@pytest.mark.parametrize("name", ALONE)
def test_nothing_after_the_origin_matters(name, rng):
    values = walk(rng)
    garbage = np.where(YEARS > 2015, 1e6 * rng.uniform(size=25), values)
    known, spoilt = (forecast(name, History(YEARS, v), 2015, 5, 40, 3) for v in (values, garbage))
    cut = forecast(name, History(YEARS[:16], values[:16]), 2015, 5, 40, 3)
    assert np.array_equal(known, spoilt)
    assert np.array_equal(known, cut)


@pytest.mark.parametrize("name", ALONE)
def test_a_constant_series_stays(name):
    history = History(YEARS, np.full((25, 2), [7.0, 0.0]), small=50.0)
    assert RIVALS[name](history, 5, 20, 0) == pytest.approx(np.broadcast_to([7.0, 0.0], (20, 5, 2)))


@pytest.mark.parametrize("name", ALONE)
@pytest.mark.parametrize("length", [5, 7, 10])
def test_short_histories_with_gaps(name, length, rng):
    years = np.sort(rng.choice(np.arange(2000, 2014), length, replace=False))
    paths = RIVALS[name](History(years, walk(rng, length)), 5, 200, 0)
    assert np.all(np.isfinite(paths))
    assert np.all(paths.std(axis=0) > 0)


@pytest.mark.parametrize("name", ALONE)
def test_tiny_regions_with_zeros(name, rng):
    values = np.round(np.maximum(rng.normal(0.0, 40.0, 25), 0.0))
    assert (values == 0).any()
    paths = RIVALS[name](History(YEARS, values, small=50.0), 5, 300, 0)
    assert np.all(np.isfinite(paths))
    assert paths.min() == 0.0
    assert np.median(paths) < 100


@pytest.mark.slow
def test_persistence_has_the_spread_of_the_history(rng):
    """Yearly changes of a long walk have variance k sd^2 over k years, and paths no drift."""
    values = walk(rng, 4000, sd=0.1)
    logs = np.log(RIVALS["persistence"](History(np.arange(4000), values), 4, 20_000, 0)) - np.log(values[-1])
    assert np.median(logs, axis=0) == pytest.approx(np.zeros(4), abs=0.005)
    assert logs.std(axis=0) == pytest.approx(0.1 * np.sqrt([1, 2, 3, 4]), rel=0.05)
    changes = np.diff(logs, axis=1)
    assert np.corrcoef(changes[:, 0], logs[:, 0])[0, 1] == pytest.approx(0.0, abs=0.03)


def test_persistence_of_a_noise_does_not_widen(rng):
    """Where k-step changes of the history do not grow, neither does the spread."""
    values = np.exp(0.3 * rng.standard_normal(3000))
    logs = np.log(RIVALS["persistence"](History(np.arange(3000), values), 6, 20_000, 0))
    assert logs.std(axis=0) == pytest.approx(np.full(6, 0.3 * np.sqrt(2)), rel=0.06)


def test_persistence_of_a_biennial_series_halves_the_variance_of_two_years(rng):
    values = walk(rng, 4000, sd=0.2)
    logs = np.log(RIVALS["persistence"](History(2 * np.arange(4000), values), 2, 20_000, 0))
    assert logs.std(axis=0) == pytest.approx(0.2 * np.sqrt([0.5, 1.0]), rel=0.05)


@pytest.mark.parametrize("gaps", [False, True])
def test_random_walk_goes_on_at_the_mean_change(gaps, rng):
    values = 1000.0 * np.exp(0.1 * (YEARS - 2000) + 0.05 * rng.standard_normal(25))
    kept = np.isin(YEARS, [2003, 2004, 2011, 2020], invert=gaps is True)
    history = History(YEARS[kept], values[kept])
    logs = np.log(RIVALS["random_walk"](history, 5, 20_000, 0))
    change = (np.log(history.values[-1]) - np.log(history.values[0])) / (history.years[-1] - history.years[0])
    expected = np.log(history.values[-1]) + change * np.arange(1, 6)
    assert logs.mean(axis=0) == pytest.approx(expected, abs=0.01)


def test_random_walk_is_calibrated_on_short_random_walks(rng):
    """With its drift and variance uncertain, 90 % intervals hold 90 % even after eight years."""
    held = []
    for seed in range(300):
        logs = np.cumsum(0.05 + 0.2 * rng.standard_normal(11))
        paths = np.log(RIVALS["random_walk"](History(np.arange(8), np.exp(logs[:8])), 3, 400, seed))
        low, high = np.quantile(paths, [0.05, 0.95], axis=0)
        held.append((low < logs[8:]) & (logs[8:] < high))
    assert np.mean(held, axis=0) == pytest.approx(np.full(3, 0.9), abs=0.05)


def test_ar1_returns_to_the_mean_at_its_own_rate(rng):
    phi, x = 0.7, np.zeros(600)
    for t in range(1, 600):
        x[t] = phi * x[t - 1] + 0.2 * rng.standard_normal()
    x[-1] = 1.0
    logs = np.log(RIVALS["ar1"](History(np.arange(600), np.exp(x)), 5, 10_000, 0))
    assert logs.mean(axis=0) == pytest.approx(phi ** np.arange(1, 6), abs=0.09)
    assert logs[:, 0].std() == pytest.approx(0.2, rel=0.08)


def test_ets_goes_on_with_a_trend_and_damps_it():
    noise = 0.01 * np.random.default_rng(2).standard_normal(40)
    history = History(np.arange(40), np.exp(0.05 * np.arange(40) + noise))
    middle = np.log(np.median(RIVALS["ets"](history, 12, 2000, 0), axis=0))
    steps = np.diff(middle)
    assert middle[0] == pytest.approx(0.05 * 40, abs=0.03)
    assert 0.0 < steps[-1] < steps[0] < 0.055


def test_a_history_that_ends_early_is_carried_to_the_origin(rng):
    history = History(YEARS[:14], walk(rng, 14))
    late = forecast("persistence", history, 2015, 3, 2000, 0)
    assert np.array_equal(late, forecast("persistence", history, 2013, 5, 2000, 0)[:, 2:])


def test_histories_that_cannot_be_forecast_are_refused():
    with pytest.raises(ValueError, match="positive"):
        History(YEARS, np.zeros(25))
    with pytest.raises(ValueError, match="increasing"):
        History(YEARS[::-1], np.ones(25))
    with pytest.raises(ValueError, match="at least 5"):
        History(YEARS, np.ones(25)).until(2003)


def test_every_rival_is_named_and_defined_in_both_languages():
    for name in RIVALS:
        for code in LANGUAGES:
            assert text(f"backtest.rival_{name}", code)
            assert text(f"backtest.rival_{name}_is", code).endswith(".")


@pytest.mark.slow
@pytest.mark.parametrize("phi", [-0.3, 0.5])
def test_panel_recovers_momentum_spread_and_the_common_shock(phi, rng):
    from numpyro.diagnostics import gelman_rubin

    history = History(np.arange(50), panel(rng, phi, regions=12, years=50, sd=0.2, common=0.15))
    found = panel_posterior(history, 0)
    for name, truth, gap in (("phi", phi, 0.05), ("sd", 0.2, 0.03), ("common_sd", 0.15, 0.04)):
        assert found[name].mean() == pytest.approx(truth, abs=gap), name
    assert found["freedom"].mean() > 8  # normal shocks
    for name in ("phi", "drift", "sd", "common_sd"):
        assert np.max(gelman_rubin(found[name])) < 1.05, name


@pytest.mark.slow
def test_hierarchical_is_joint_deterministic_and_blind_to_the_future(rng):
    values = panel(rng, 0.2, regions=6, years=14, common=0.6)
    values[:, 5] = 0.0  # a region without any record of coca
    years = np.array([1999, 2000, 2001, 2002, 2004, 2005, 2006, 2007, 2008, 2009, 2010, 2011, 2012, 2013])
    garbage = np.where(years[:, None] > 2011, 1e6, values)
    first, spoilt = (
        forecast("hierarchical", History(years, v, 50.0), 2011, 3, 2000, 5) for v in (values, garbage)
    )
    assert first.shape == (2000, 3, 6)
    assert np.array_equal(first, spoilt)
    assert np.all(np.isfinite(first))
    assert np.median(first[..., 5]) < 30
    logs = np.log(first[:, 0, :5] + 50.0)
    together = np.corrcoef(logs.T)[np.triu_indices(5, 1)]
    assert np.all(together > 0.2)  # the shock is common: sums over regions keep its spread


@pytest.mark.slow
def test_hierarchical_covers_panels_of_its_own_law(rng):
    values = panel(rng, 0.4, regions=12, years=23, common=0.1)
    history = History(np.arange(20), values[:20])
    low, high = np.quantile(hierarchical(history, 3, 1000, 0), [0.05, 0.95], axis=0)
    assert 0.78 < np.mean((low < values[20:]) & (values[20:] < high)) < 0.98

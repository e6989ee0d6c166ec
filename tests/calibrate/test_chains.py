"""Mode, nearest normal, chains around it, checkpoints; and what refuses a posterior."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from arviz_base import from_dict
from arviz_stats import summary

from caudal.calibrate.chains import learns, sample
from caudal.calibrate.checkpoints import Checkpoints, Settings, key_of
from caudal.calibrate.mode import Mode, find_modes
from caudal.calibrate.normal import LEAST_CURVATURE, Normal, at_mode, learnt, nearest, together
from caudal.calibrate.posterior import check
from caudal.core.errors import CaudalError
from caudal.core.messages import LANGUAGES

CENTRE = np.array([1.0, -2.0, 0.5, 3.0])
SCALE = np.array([1.0, 0.1, 3.0, 0.5])
CORRELATION = np.full((4, 4), 0.95) + 0.05 * np.eye(4)
COVARIANCE = CORRELATION * SCALE[:, None] * SCALE[None, :]
PRECISION = np.linalg.inv(COVARIANCE)
SETTINGS = Settings(starts=1, rounds=4, points=256, chains=4, warmup=100, draws=500, thin=5, block=50)
"""One compiled program serves every test: the number of draws is no part of it."""


def gaussian(x):
    """Return the log density of a normal of strong correlations and unequal scales."""
    gap = x - CENTRE
    return -0.5 * gap @ PRECISION @ gap


def silent(_):
    pass


class Stopped(Exception):
    """The user stops a run."""


def stop_at(words):
    """Return a report that stops the run at its first line with some words."""

    def report(line):
        if words in line:
            raise Stopped

    return report


@pytest.fixture(scope="module")
def mode():
    (found,) = find_modes(gaussian, [np.zeros(4)], SETTINGS, Checkpoints(None, ""), silent)
    return found


@pytest.fixture(scope="module")
def normal(mode):
    return nearest(gaussian, mode, SETTINGS, Checkpoints(None, ""), silent)


@pytest.fixture(scope="module")
def drawn(normal):
    return sample(gaussian, [normal], SETTINGS, Checkpoints(None, ""), silent)


def test_the_mode_and_its_curvature_are_those_of_the_normal(mode):
    assert np.allclose(mode.point, CENTRE, atol=1e-3 * SCALE)
    assert np.allclose(mode.curvature, PRECISION, rtol=1e-6, atol=1e-6 * np.abs(PRECISION).max())
    assert mode.height == pytest.approx(0.0, abs=1e-5)


def test_the_normal_nearest_a_normal_is_that_normal():
    """From a wrong place and a wrong curvature."""
    lost = Mode(CENTRE + 0.5 * SCALE, 0.0, np.diag(np.diag(PRECISION)))
    settings = dataclasses.replace(SETTINGS, rounds=12)
    found = nearest(gaussian, lost, settings, Checkpoints(None, ""), silent)
    assert np.allclose(found.mean, CENTRE, atol=0.02 * SCALE)
    assert np.allclose(found.root @ found.root.T, COVARIANCE, rtol=0.02)
    assert found.apart < 0.05


def test_a_curvature_that_is_flat_or_bends_the_other_way_is_given_a_floor():
    turned = np.linalg.qr(np.random.default_rng(0).standard_normal((4, 4)))[0]
    curvature = turned @ np.diag([0.01, -0.1, -1.0, 4.0]) @ turned.T
    found = at_mode(Mode(CENTRE, 0.0, curvature))
    widest = 1.0 / LEAST_CURVATURE
    variances = np.diag([widest, widest, 1.0, 0.25])
    assert np.allclose(found.root @ found.root.T, turned @ variances @ turned.T)
    assert np.allclose(found.standard(CENTRE + found.root.T), np.eye(4))


def test_the_normal_sees_past_small_bends():
    """Teeth whose slope hides the curvature: 0.2 high, 0.02 wide."""

    def toothed(x):
        return -0.5 * jnp.sum(x**2) + 0.2 * jnp.sum(jnp.abs(jnp.sin(100.0 * x)))

    wrong = Mode(np.full(3, 0.2), 0.0, 30.0 * np.eye(3))
    settings = dataclasses.replace(SETTINGS, rounds=12, points=1024)
    found = nearest(toothed, wrong, settings, Checkpoints(None, ""), silent)
    assert np.allclose(found.mean, 0.0, atol=0.05)
    assert np.allclose(found.root @ found.root.T, np.eye(3), atol=0.1)


@pytest.mark.slow
def test_chains_reach_what_no_normal_shows():
    """A density with a flat top and sharp ends, around a normal that has neither."""

    def square(x):
        return jnp.where(jnp.all(jnp.abs(x) < 1.0), 0.0, -jnp.inf)

    around = nearest(square, Mode(np.zeros(2), 0.0, 3.0 * np.eye(2)), SETTINGS, Checkpoints(None, ""), silent)
    settings = dataclasses.replace(SETTINGS, draws=1000)
    flat = sample(square, [around], settings, Checkpoints(None, ""), silent).points.reshape(-1, 2)
    assert np.all(np.abs(flat) < 1.0)
    assert np.allclose(flat.var(axis=0), 1.0 / 3.0, rtol=0.1)
    assert np.allclose(np.mean(np.abs(flat) < 0.5, axis=0), 0.5, atol=0.05)


FAR_HUMP = np.array([9.0, 0.0, -3.0])


def humps(x):
    """Return the log density of two humps 9 sd apart: the narrower, higher one holds a fifth."""
    low = jnp.log(0.8) - 0.5 * jnp.sum(x**2)
    high = jnp.log(0.2) - 0.5 * jnp.sum(((x - FAR_HUMP) / 0.5) ** 2) - 3.0 * jnp.log(0.5)
    return jnp.logaddexp(low, high)


def test_every_hump_that_holds_something_has_its_mode():
    """From four starts, of which two end in the same hump; a third hump is too low."""

    def three(x):
        return jnp.logaddexp(humps(x), -0.5 * jnp.sum((x + 20.0) ** 2) - 12.0)

    starts = [np.full(3, -1.0), np.full(3, 1.0), FAR_HUMP + 0.5, np.full(3, -20.5)]
    found = find_modes(three, starts, SETTINGS, Checkpoints(None, ""), silent)
    assert np.allclose([mode.point for mode in found], [FAR_HUMP, np.zeros(3)], atol=1e-3)
    assert [mode.height for mode in found] == pytest.approx([np.log(0.2 / 0.125), np.log(0.8)], abs=1e-3)
    assert np.allclose([mode.curvature for mode in found], [4.0 * np.eye(3), np.eye(3)], atol=1e-3)


def test_a_normal_learnt_from_many_draws_has_their_moments_and_from_few_smaller_correlations():
    rng = np.random.default_rng(1)
    for count, share in ((100_000, 2e-4), (20, 0.5)):
        draws = rng.multivariate_normal(CENTRE, COVARIANCE, count)
        found = learnt(draws)
        spread = np.cov(draws.T)
        assert np.allclose(found.mean, draws.mean(axis=0))
        assert np.allclose(np.diag(found.root @ found.root.T), np.diag(spread))
        assert np.allclose((found.root @ found.root.T)[0, 1], (1.0 - share) * spread[0, 1])


def test_humps_together_are_one_normal_that_spans_them():
    found = together([Normal(np.zeros(3), np.eye(3)), Normal(FAR_HUMP, 0.5 * np.eye(3))])
    assert np.allclose(found.mean, FAR_HUMP / 2.0)
    spread = 0.625 * np.eye(3) + np.outer(FAR_HUMP, FAR_HUMP) / 4.0
    assert np.allclose(found.root @ found.root.T, spread)


def test_the_normal_is_learnt_at_doublings_and_at_the_end_of_the_warm_up():
    def learnt_after(warmup, block):
        settings = dataclasses.replace(SETTINGS, warmup=warmup, block=block)
        return [done for done in range(block, 1000, block) if learns(done, settings)]

    assert learnt_after(640, 20) == [40, 80, 160, 320, 640]
    assert learnt_after(200, 10) == [40, 80, 160, 200]
    assert learnt_after(200, 50) == [50, 100, 200]


@pytest.mark.slow
def test_chains_cross_between_humps():
    """From normals that are a little off, around one that both are learnt in, each hump gets its share."""
    normals = [Normal(FAR_HUMP + 0.2, 0.4 * np.eye(3)), Normal(np.full(3, -0.2), 1.2 * np.eye(3))]
    settings = dataclasses.replace(SETTINGS, draws=1000)
    found = sample(humps, normals, settings, Checkpoints(None, ""), silent)
    there = found.points[..., 0] > 4.5
    assert np.allclose(there.mean(axis=1), 0.2, atol=0.06)
    assert there.mean() == pytest.approx(0.2, abs=0.03)
    assert np.allclose(found.points[~there].std(axis=0), 1.0, rtol=0.1)
    assert np.allclose(found.points[there].std(axis=0), 0.5, rtol=0.15)
    assert found.log_density[0, 5] == pytest.approx(float(humps(found.points[0, 5])))


def test_draws_of_a_correlated_normal_have_its_moments(drawn):
    """Within 4 standard errors of the mean, and 15 % of the variances; chains agree."""
    parts = {str(i): drawn.points[..., i] for i in range(4)}
    table = summary(from_dict({"posterior": parts}), kind="diagnostics", round_to="none")
    assert table["r_hat"].max() < 1.01
    assert table["ess_bulk"].min() > 400.0
    flat = drawn.points.reshape(-1, 4)
    error = SCALE / np.sqrt(table["ess_bulk"].to_numpy(float))
    assert np.all(np.abs(flat.mean(axis=0) - CENTRE) < 4.0 * error)
    assert np.allclose(flat.std(axis=0), SCALE, rtol=0.15)
    assert np.allclose(np.corrcoef(flat.T), CORRELATION, atol=0.03)
    assert not drawn.diverging.any()


def test_draws_carry_their_log_density(drawn):
    points = drawn.points[0, :5]
    assert np.allclose(drawn.log_density[0, :5], [gaussian(x) for x in points], atol=1e-9)


@pytest.fixture(scope="module")
def short():
    return dataclasses.replace(SETTINGS, draws=100)


@pytest.fixture(scope="module")
def whole(normal, short):
    return sample(gaussian, [normal], short, Checkpoints(None, ""), silent)


def same(one, other):
    """Return whether two samples are the same bit by bit."""
    pairs = zip(dataclasses.astuple(one), dataclasses.astuple(other), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("stopped", ["chains: 50 of 200", "chains: 150 of 200"])
def test_a_run_that_was_stopped_goes_on_bit_by_bit(normal, short, whole, tmp_path, stopped):
    """In the warm-up, whose adaptation goes on too, and after it."""
    with pytest.raises(Stopped):
        sample(gaussian, [normal], short, Checkpoints(tmp_path, "one"), stop_at(stopped))
    lines = []
    again = sample(gaussian, [normal], short, Checkpoints(tmp_path, "one"), lines.append)
    assert lines[0].startswith("chains: going on after " + stopped.split()[1])
    assert same(again, whole)


def test_a_run_that_is_done_is_read_again(normal, short, whole, tmp_path):
    sample(gaussian, [normal], short, Checkpoints(tmp_path, "one"), silent)
    lines = []
    assert same(sample(gaussian, [normal], short, Checkpoints(tmp_path, "one"), lines.append), whole)
    assert lines == ["chains: going on after 200 of 200"]


def test_a_checkpoint_of_another_problem_is_not_read(normal, short, whole, tmp_path):
    other = dataclasses.replace(short, seed=5)
    with pytest.raises(Stopped):
        sample(gaussian, [normal], other, Checkpoints(tmp_path, "another"), stop_at("chains: 50"))
    lines = []
    assert same(sample(gaussian, [normal], short, Checkpoints(tmp_path, "one"), lines.append), whole)
    assert not any("going on" in line for line in lines)


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.99])
def test_a_checkpoint_cut_short_is_not_read(normal, short, whole, tmp_path, kept):
    """Nothing, a few bytes, half of it, all but its end: work starts again."""
    with pytest.raises(Stopped):
        sample(gaussian, [normal], short, Checkpoints(tmp_path, "one"), stop_at("chains: 50"))
    path = tmp_path / "chains.npz"
    content = path.read_bytes()
    path.write_bytes(content[: kept if isinstance(kept, int) else int(kept * len(content))])
    assert same(sample(gaussian, [normal], short, Checkpoints(tmp_path, "one"), silent), whole)


def test_a_mode_is_found_once(mode, tmp_path):
    kept = Checkpoints(tmp_path, "one")
    (first,) = find_modes(gaussian, [np.zeros(4)], SETTINGS, kept, silent)
    lines = []
    (again,) = find_modes(gaussian, [np.ones(4)], SETTINGS, kept, lines.append)
    assert same(again, first)
    assert lines == []


def test_the_key_tells_problems_apart():
    about = {"data": "a", "known": None, "scales": [[1.0, 2.0], [3.0]]}
    assert key_of(**about) == key_of(**dict(reversed(about.items())))
    others = [about | {"known": 2014}, about | {"scales": [[1.0, 2.0], [3.5]]}, about | {"data": "b"}]
    assert len({key_of(**other) for other in [about, *others]}) == 4


ROWS = {
    "choice_slope": {"rhat": 1.002, "bulk": 900.0, "tail": 800.0},
    "shock 2014": {"rhat": 1.004, "bulk": 700.0, "tail": 1200.0},
}


def found(divergent=0.0, **changes):
    """Return diagnostics that pass but for some changes to the shock."""
    rows = ROWS | {"shock 2014": ROWS["shock 2014"] | changes}
    worst = {"rhat": np.max, "bulk": np.min, "tail": np.min}
    pooled = {what: pick([row[what] for row in rows.values()]) for what, pick in worst.items()}
    return {"rows": rows, "divergent": divergent} | pooled


def test_chains_that_agree_pass():
    check(found())
    check(found(rhat=1.01, bulk=400.0, tail=400.0, divergent=0.001))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rhat": 1.02}, ("R-hat", "shock 2014", "1.02", "1.01")),
        ({"bulk": 399.0}, ("bulk ESS", "shock 2014", "399", "400")),
        ({"tail": 12.0}, ("tail ESS", "shock 2014", "12", "400")),
        ({"divergent": 0.002}, ("diverg", "0.002", "0.001")),
    ],
)
def test_chains_that_do_not_agree_are_refused(changes, said):
    with pytest.raises(CaudalError, match="CAU-501") as refused:
        check(found(**changes))
    for language in LANGUAGES:
        assert all(words in refused.value.render(language) for words in said)


@pytest.mark.parametrize("what", ["rhat", "bulk", "tail"])
def test_diagnostics_that_are_no_number_are_refused(what):
    """A chain that never moves has no R-hat."""
    with pytest.raises(CaudalError, match="CAU-501"):
        check(found(**{what: float("nan")}))

"""What members are drawn from: a structure's posterior, several stacked, another owner's, or priors alone."""

import numpy as np
import pytest
import shelfcase
from scipy.stats import norm

from caudal.core.errors import CaudalError
from caudal.core.files import digest
from caudal.evidence.registry import parameters
from caudal.evidence.structures import structure
from caudal.model.priors import draw, scale, to_normal
from caudal.simulate import posterior as shelf
from caudal.simulate.basis import PRIORS, STACKED, Basis, members

SEED = 3
HELD = structure("state-presence").held


@pytest.fixture
def empty(tmp_path, monkeypatch):
    shelfcase.lay(tmp_path, monkeypatch)
    yield
    shelfcase.forget()


def same(one, other, but=()):
    return all(np.array_equal(one[n], other[n]) for n in one if n not in but)


def test_unless_asked_otherwise_members_come_from_the_standard():
    usual = members(SEED, range(9))
    assert same(usual, shelf.draws_of(shelf.posterior(), SEED, range(9)))
    assert Basis().digest() == digest(shelf.FOLDER / "standard.npz")[:16]
    assert Basis().about()["calibrated_until"] == shelf.fitted()["last"]


def test_what_the_past_cannot_tell_has_the_standard_s_draws_and_its_own_values():
    usual, other = (members(SEED, range(9), Basis(name)) for name in ("standard", "state-presence"))
    assert same(usual, other, but=HELD)
    assert {n: set(np.asarray(other[n])) for n in HELD} == {n: {v} for n, v in HELD.items()}
    assert Basis("state-presence").digest() == Basis().digest()


def test_a_structure_and_an_owner_have_posteriors_of_their_own(stocked):
    freed = members(SEED, range(9), Basis("spill-over"))["spillover_response"]
    assert len(np.unique(freed)) == 9
    assert not members(SEED, range(9), Basis("no-announcement"))["announcement_effect"].any()
    assert Basis(owner="us").posteriors == ("owner-us",)
    assert len({Basis(name).digest() for name in shelfcase.NAMES}) == len(shelfcase.NAMES)


def test_each_stacked_member_is_one_of_its_structure_and_depends_on_no_other(stocked):
    basis, ids = Basis(STACKED), range(300)
    all_of_them, some = members(SEED, ids, basis), members(SEED, [7, 200], basis)
    assert all(np.array_equal(np.asarray(all_of_them[n])[[7, 200]], some[n]) for n in all_of_them)
    own = basis.structure_of(SEED, ids)
    for name in set(own):
        at = np.flatnonzero(own == name)
        alone = members(SEED, at, Basis(str(name)))
        assert all(np.array_equal(np.asarray(all_of_them[n])[at], alone[n]) for n in alone)


def test_any_first_members_hold_the_structures_in_proportion(stocked):
    own = Basis(STACKED).structure_of(SEED, range(500))
    for name, weight in shelfcase.WEIGHTS.items():
        counts = np.cumsum(own == name)
        assert np.abs(counts - weight * np.arange(1, 501)).max() < 3.0
    assert not (Basis(STACKED).structure_of(SEED + 1, range(500)) == own).all()
    assert "no-learning" not in Basis(STACKED).shares


def test_priors_alone_need_no_posterior(empty):
    assert same(members(SEED, range(9), Basis(fitted=False)), draw(SEED, range(9)))
    held = members(SEED, range(9), Basis("no-learning", fitted=False))
    assert not held["risk_learning"].any()
    prior = structure("spill-over").freed["spillover_response"]
    freed = np.asarray(members(SEED, range(2000), Basis("spill-over", fitted=False))["spillover_response"])
    assert np.mean((prior.low < freed) & (freed < prior.high)) == pytest.approx(0.9, abs=0.03)
    about = Basis(fitted=False).about()
    assert (about["fit"], about["calibration"], about["calibrated_until"]) == (PRIORS, "priors alone", None)


@pytest.mark.parametrize("power", [0.8, 1.25])
def test_a_power_widens_priors_and_leaves_what_was_sampled(power):
    usual, scaled = members(SEED, range(50)), members(SEED, range(50), Basis(power=power))
    sampled = shelf.posterior().names
    assert all(np.array_equal(usual[n], scaled[n]) for n in sampled)
    moved = 0
    for name, record in parameters().items():
        transform, mean, sd = scale(record.prior)
        if name in sampled or sd == 0.0:
            continue
        with np.errstate(divide="ignore"):
            one, other = (to_normal(transform, np.asarray(p[name])) - mean for p in (usual, scaled))
        inside = np.isin(np.asarray(usual[name]), record.bounds) | np.isin(
            np.asarray(scaled[name]), record.bounds
        )
        np.testing.assert_allclose((other * np.sqrt(power))[~inside], one[~inside], atol=1e-9 * sd)
        moved += 1
    assert moved > 50


def test_the_log_prior_is_that_of_the_scales_on_which_priors_are_normal():
    found = shelf.posterior()
    rows, expected = found.rows(SEED, range(4)), np.zeros(4)
    for i, name in enumerate(found.names):
        transform, mean, sd = scale(parameters()[name].prior)
        expected += norm.logpdf(to_normal(transform, rows[:, i]), mean, sd)
    heights = Basis().log_prior(SEED, range(4))
    np.testing.assert_allclose(heights - heights[0], expected - expected[0], rtol=1e-9)


def test_no_structure_gains_by_having_another_number_of_parameters(stocked):
    basis = Basis(STACKED)
    heights, own = basis.log_prior(SEED, range(200)), basis.structure_of(SEED, range(200))
    assert all(heights[own == name].mean() == pytest.approx(0.0, abs=1e-9) for name in set(own))


REFUSED = {
    "CAU-109: .*log-gap": Basis("log-gab"),
    "CAU-109: .*stacked": Basis("stacke"),
    "CAU-315: .*us": Basis(owner="uss"),
    "CAU-322: .*log-gap-owner-us": Basis("log-gap", "us"),
    "CAU-323": Basis(STACKED),
}


@pytest.mark.parametrize("said", REFUSED)
def test_what_is_not_known_or_not_stored_is_told_in_one_line(said, empty):
    with pytest.raises(CaudalError, match=said) as error:
        members(SEED, [0], REFUSED[said])
    assert "\n" not in str(error.value)


def test_what_is_missing_is_named(empty):
    assert Basis("log-gap").missing() == ("log-gap",)
    assert Basis(STACKED).missing() == ("structures.json",)
    assert Basis("log-gap", fitted=False).missing() == ()


def test_stacking_needs_the_posterior_of_every_structure_with_a_weight(stocked, tmp_path):
    (tmp_path / "spill-over.npz").unlink()
    assert Basis(STACKED).missing() == ("spill-over",)


@pytest.mark.parametrize(
    ("known", "owner", "structured", "name"),
    [
        (None, "unodc", "standard", "standard"),
        (None, "unodc", "log-gap", "log-gap"),
        (None, "us", "standard", "owner-us"),
        (2014, "unodc", "standard", "origin-2014"),
        (2014, "us", "log-gap", "log-gap-owner-us-origin-2014"),
    ],
)
def test_a_posterior_is_called_by_what_sets_it_apart(known, owner, structured, name):
    assert shelf.name_of(known, owner, structured) == name

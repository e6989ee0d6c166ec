"""The shipped posterior is that of this model and these data, and every run uses it."""

import json
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from caudal.calibrate.chains import Sample
from caudal.calibrate.checkpoints import Settings
from caudal.calibrate.likelihood import Likelihood
from caudal.calibrate.posterior import (
    HIGHEST_RHAT,
    LEAST_ESS,
    MOST_DIVERGENT,
    WATCHED,
    Fitted,
    errors,
    inference_data,
)
from caudal.calibrate.space import SUPPLY, beyond_supply, space
from caudal.core.errors import CaudalError
from caudal.evidence.registry import parameters
from caudal.evidence.series import data_digest
from caudal.evidence.structures import STANDARD
from caudal.model.priors import draw
from caudal.simulate.basis import Basis, members
from caudal.simulate.posterior import FOLDER, Posterior, draws_of, name_of, posterior

SHIPPED = sorted(path.with_suffix("").name for path in FOLDER.glob("*.npz"))


@pytest.mark.parametrize("name", SHIPPED)
def test_it_was_sampled_from_these_data_by_chains_that_agreed(name):
    about = json.loads((FOLDER / name).with_suffix(".json").read_text(encoding="utf-8"))
    assert about["data"] == data_digest(), "the data changed: run caudal calibrate"
    assert about["quick"] is False
    mixed = about["diagnostics"]
    assert mixed["rhat"] <= HIGHEST_RHAT
    assert mixed["bulk"] >= LEAST_ESS
    assert mixed["tail"] >= LEAST_ESS
    assert mixed["divergent"] < MOST_DIVERGENT


def test_it_samples_what_the_records_mark():
    assert set(posterior().names) == {n for n, r in parameters().items() if r.fitted}


def test_each_is_small():
    """A posterior that a run draws from has at most 5 MB; those of origins and rivals come beside it."""
    sizes = [path.stat().st_size for path in FOLDER.iterdir()]
    assert max(sizes) <= 500_000
    assert sum(sizes) <= 8_000_000


@pytest.mark.slow
def test_stored_points_have_the_stored_density_and_trajectories():
    with np.load((FOLDER / "standard").with_suffix(".npz")) as stored:
        kept = dict(stored)
    likelihood = Likelihood(space())
    points = jnp.asarray(kept["stored_points"])
    heights = jax.jit(lambda xs: jax.lax.map(likelihood.log_density, xs, batch_size=16))(points)
    message = "the model or its data changed: run caudal calibrate"
    np.testing.assert_allclose(heights, kept["stored_log_density"], rtol=1e-7, err_msg=message)
    asked = tuple(n for n in WATCHED if f"stored_{n}" in kept)

    def one(point):
        return likelihood.simulated(likelihood.space.params(point), asked)[1]

    found = jax.jit(lambda xs: jax.lax.map(one, xs, batch_size=16))(points)
    for name in asked:
        np.testing.assert_allclose(found[name], kept[f"stored_{name}"], rtol=1e-7, err_msg=message)


def test_members_take_joint_draws_and_the_rest_from_priors():
    found = posterior()
    p = members(3, range(40))
    rows = np.stack([np.asarray(p[n]) for n in found.names], axis=1)
    distances = np.abs(rows[:, None] - found.values[None]).max(axis=-1)
    assert (distances.min(axis=1) == 0).all()
    assert len(np.unique(distances.argmin(axis=1))) == 40
    free = [n for n, r in parameters().items() if not r.fitted and r.prior.family != "fixed"]
    alone = draw(3, range(40))
    assert all(np.array_equal(p[n], alone[n]) for n in free)


def test_a_member_does_not_depend_on_the_others():
    many, few = members(5, range(100)), members(5, [7, 50])
    assert all(np.array_equal(np.asarray(many[n])[[7, 50]], few[n]) for n in many)


def test_draws_are_kept_as_inference_data(tmp_path):
    import xarray as xr

    within = space()
    rng = np.random.default_rng(0)
    drawn = Sample(rng.normal(size=(4, 25, within.size)), *rng.random((3, 4, 25)))
    found = Fitted(2024, "unodc", STANDARD, Settings(), SimpleNamespace(space=within), None, drawn, 1.0)
    inference_data(found).to_netcdf(tmp_path / "inference.nc", engine="h5netcdf")
    with xr.open_datatree(tmp_path / "inference.nc", engine="h5netcdf") as read:
        values = within.values(drawn.points, np)
        assert set(read["posterior"].data_vars) == set(within.names)
        np.testing.assert_array_equal(read["posterior"]["spray_kill"], values["spray_kill"])
        np.testing.assert_array_equal(read["sample_stats"]["lp"], drawn.log_density)


def test_readings_of_one_series_count_together_in_its_error(monkeypatch):
    def reading(outcome, series):
        return SimpleNamespace(outcome=outcome, series=series)

    seen = [
        SimpleNamespace(reading=reading("us_consumption", "edition"), years=None, logs=np.array([3.0, 3.0])),
        SimpleNamespace(reading=reading("us_consumption", "edition"), years=None, logs=np.array([0.0])),
        SimpleNamespace(reading=reading("us_users", "survey"), years=None, logs=np.array([0.5])),
    ]
    monkeypatch.setattr("caudal.calibrate.posterior.log_reading", lambda *about: 0.0)
    likelihood = SimpleNamespace(seen=seen, simulated=lambda p: (None, {}, {}))
    found = errors(SimpleNamespace(likelihood=likelihood, owner="unodc"), {})
    assert found == pytest.approx({"us_consumption~edition": np.sqrt(6.0), "us_users~survey": 0.5})


def test_a_structure_without_a_posterior_is_told_in_one_line():
    with pytest.raises(CaudalError, match=r"CAU-322: .* log-gap-owner-us "):
        members(1, [0], Basis("log-gap", "us"))
    with pytest.raises(CaudalError, match="log-gap"):  # the nearest name
        members(1, [0], Basis("log-gab"))


def test_a_fit_of_supply_samples_its_parameters_and_holds_the_others():
    held = beyond_supply(posterior().medians())
    names = space(values=held).names
    assert {parameters()[n].block for n in names} == set(SUPPLY)
    assert {*names, *held} == set(posterior().names)


def test_members_of_a_fit_of_supply_hold_what_it_held():
    values = posterior().values[:, :1]
    about = {"structure": STANDARD, "held": {"light_exit": 0.123}}
    found = draws_of(Posterior(posterior().names[:1], values, about), 1, range(5))
    assert np.allclose(found.light_exit, 0.123)
    assert np.std(found[posterior().names[0]]) > 0.0


def test_posteriors_have_names_of_their_own():
    asked = [
        (k, o, s, b)
        for k in (None, 2014)
        for o in ("unodc", "us")
        for s in (STANDARD, "log-gap")
        for b in (0, 1)
    ]
    named = [name_of(k, o, s, supply=bool(b)) for k, o, s, b in asked]
    assert len(set(named)) == len(named)
    assert name_of(2014, "unodc", "log-gap", supply=True) == "log-gap-origin-2014-supply"


def test_a_fit_of_supply_needs_the_standard_at_its_origin(capsys):
    from caudal.cli import main

    with pytest.raises(SystemExit) as ended:
        main(["calibrate", "--fit-to", "2006", "--structure", "log-gap", "--supply"])
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (2, "")
    assert told.err.startswith("CAU-403: ")
    assert "origin-2006.npz" in told.err

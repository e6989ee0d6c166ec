"""What mechanisms explain without levels: all of a record that levels did not make."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from caudal.calibrate.alone import alone
from caudal.calibrate.simulated import Synthetic, _free, reduced, showing
from caudal.core.clock import START
from caudal.simulate.engine import Shifts
from caudal.simulate.forcing import forcing

pytestmark = pytest.mark.slow

GROUPS = {"SOUTH": ("NARIÑO", "PUTUMAYO", "CAUCA"), "NORTE DE SANTANDER": ("NORTE DE SANTANDER",)}


@pytest.fixture(scope="module")
def problem():
    return reduced(("spray_kill",), GROUPS, 2008)


@pytest.fixture(scope="module")
def p(problem):
    return problem.space.params(jnp.zeros(problem.size))


def without_changes(problem, p):
    """Return the problem with a record in which no level ever changed."""
    still = Shifts.none(problem.last - START + 1, regions=len(problem.given.regions))
    found, andes = jax.jit(lambda: _free(problem, p, still))()
    area = np.concatenate([problem.given.area[:1], found["coca_area_department"]])
    given = dataclasses.replace(
        problem.given, area=area, andes=np.concatenate([problem.given.andes[:1], andes])
    )
    followed = forcing(given, START, problem.last)
    logs = {one.reading.id: one.logs for one in problem.seen}
    return showing(problem, Synthetic(area=given.area, andes=given.andes, forcing=followed, logs=logs))


def test_of_a_record_without_changes_of_level_mechanisms_explain_all(problem, p):
    found = alone(without_changes(problem, p), p)
    assert found["log_rmse_without_levels"] < 0.01
    assert found["share_of_variance_mechanisms"] > 0.99


def test_of_the_record_they_explain_less_and_levels_the_rest(problem, p):
    found = alone(problem, p)
    assert found["years"] == [START, 2008]
    assert found["log_rmse_with_levels"] < 0.05 < found["log_rmse_without_levels"]
    shares = [found[f"share_of_variance_{name}"] for name in ("mechanisms", "levels", "with_levels")]
    assert shares[0] < 0.9 < shares[2]
    assert sum(shares[:2]) == pytest.approx(shares[2])

"""Bands of history: shares, storage, and what a posterior would have shown each year."""

import dataclasses

import numpy as np
import pytest
from validationcase import covered as made_up
from validationcase import posterior

from caudal.calibrate.coverage import AREA, covered, read_covered, store
from caudal.core.errors import CaudalError
from caudal.evidence.inputs import inputs


def test_shares_count_what_the_bands_hold():
    found = made_up()
    assert found.share([AREA], 90).value == 1.0
    assert found.share([AREA], 50).value == 0.0
    assert found.share(["us_stride_price"], 90).value == 0.0
    assert found.department(90).value == pytest.approx(2 / 3)


def test_the_error_of_a_band_is_that_of_its_median():
    assert made_up().bands[AREA].log_rmse == pytest.approx(np.log(1.1))


def test_the_pool_leaves_out_what_is_not_fitted_and_the_sum_of_the_departments():
    # two prices outside; two of three areas inside
    assert made_up().pooled(90).value == pytest.approx(2 / 5)


def test_what_is_stored_is_read_again(tmp_path):
    path = tmp_path / "coverage.json"
    store(made_up(), path)
    found = read_covered(path)
    for level in (50, 90):
        assert found.pooled(level) == made_up().pooled(level)
        np.testing.assert_array_equal(
            found.departments["CAUCA"][level], made_up().departments["CAUCA"][level]
        )
    np.testing.assert_allclose(
        found.bands[AREA].ends["low_90"], made_up().bands[AREA].ends["low_90"], rtol=1e-3
    )
    assert found.bands["seizures_colombia"].fitted is False
    with pytest.raises(CaudalError, match="CAU-403"):
        read_covered(tmp_path / "nothing.json")


@pytest.mark.slow
def test_the_bands_of_a_posterior_widen_with_its_errors_and_hold_more():
    sure = posterior(count=8)
    at = [sure.names.index(n) for n in ("growth_shift_sd", "misfit_prices", "misfit_use")]
    values = sure.values.copy()
    values[:, at] = 1.0
    unsure = dataclasses.replace(sure, values=values)
    near, far = (covered(one, draws=8) for one in (sure, unsure))
    for name in (AREA, "us_survey_users"):
        width = [np.log(b.bands[name].ends["high_90"] / b.bands[name].ends["low_90"]) for b in (near, far)]
        assert np.all(width[1] > width[0])
    assert far.department(90).value > near.department(90).value
    assert near.bands[AREA].years.tolist() == list(range(2001, 2025))
    peru = near.bands["coca_area_peru"]
    np.testing.assert_array_equal(peru.recorded, inputs().andes[2:, 0])
    assert np.all(peru.ends["low_90"] < peru.ends["median"])
    assert near.bands["seizures_colombia"].fitted
    assert not near.bands["seizures_elsewhere"].fitted
    assert len(near.departments) > 15

"""What the record taught: posteriors beside their priors, and beside the standard's."""

import dataclasses

import numpy as np
import pytest
from validationcase import posterior

from caudal.calibrate.learning import learning, moves
from caudal.evidence.registry import parameters


def test_a_record_that_says_nothing_teaches_nothing():
    learnt = learning(posterior(count=400))
    assert min(one.ratio for one in learnt.values()) > 0.8
    assert max(abs(one.shift) for one in learnt.values()) < 0.3


def test_what_is_taught_is_in_sd_of_the_prior_on_its_normal_scale():
    found = posterior(count=400)
    at = found.names.index("spray_kill")  # lognormal
    prior = parameters()["spray_kill"].prior
    sd = np.log(prior.high / prior.low) / (2.0 * 1.6449)
    values = found.values.copy()
    values[:, at] = prior.median * np.exp(2.0 * sd + 0.5 * sd * np.linspace(-1.0, 1.0, 400))
    one = learning(dataclasses.replace(found, values=values))["spray_kill"]
    assert one.shift == pytest.approx(2.0, abs=1e-3)
    assert one.ratio == pytest.approx(0.5 / np.sqrt(3.0), rel=0.01)
    assert one.prior == (prior.median, prior.low, prior.high)
    assert one.posterior[1] < one.posterior[0] < one.posterior[2]


def test_a_structure_moves_parameters_in_sd_of_the_standard():
    standard = posterior(count=400)
    at = standard.names.index("planting_speed")
    values = standard.values.copy()
    values[:, at] += 2.0 * values[:, at].std()
    found = moves(standard, dataclasses.replace(standard, values=values))
    assert found["planting_speed"] == pytest.approx(2.0)
    assert all(move == 0.0 for name, move in found.items() if name != "planting_speed")
    fewer = dataclasses.replace(standard, names=standard.names[1:], values=standard.values[:, 1:])
    assert set(moves(standard, fewer)) == set(standard.names[1:])

"""The published L-H-Y model of US use is the users block with the price frozen."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
import pytest

from caudal.core.clock import MONTHS, SUBSTEPS

PUBLISHED = {
    "innovators": 50_000.0,
    "contagion": 0.61,
    "deterrence": 3.443,
    "contagion_floor": 0.1,
    "light_exit": 0.163,
    "escalation": 0.024,
    "heavy_exit": 0.062,
    "forgetting": 0.291,
    # What the published model leaves out
    "return_to_light": 0.0,
    "treatment_seeking": 0.0,
    "elasticity_initiation": 0.0,
    "elasticity_escalation": 0.0,
    "elasticity_exit": 0.0,
    "people_at_risk": 1e10,
}
FIRST = 1970
WALKS = 15  # of two years
STEPS = MONTHS * SUBSTEPS  # a year


@pytest.fixture(scope="module")
def path(bench, walk):
    """Return years, light and heavy users from 1970, by the steps of the whole model.

    Values of whole years, as published.
    """
    p = bench.middle.with_values(**{n: np.asarray(v) for n, v in PUBLISHED.items()})
    state = jax.tree.map(lambda x: np.asarray(x[0]), bench.start(bench.params(), bench.places))
    people = {"light": 1.4e6, "heavy": 1.3e5, "memory": 1.1e5, "treated": 0.0}
    state = dataclasses.replace(state, **{n: np.asarray(v) for n, v in people.items()})
    month = jax.tree.map(lambda x: np.asarray(x[0, 0]), bench.forcing)
    month = dataclasses.replace(month, population=np.asarray(1.0))
    given = jax.tree.map(lambda x: np.repeat(np.asarray(x)[None], STEPS, axis=0), month)
    levers = jax.tree.map(lambda x: np.asarray(x[0]), bench.levers(bench.baseline))
    levers = dataclasses.replace(
        levers, treatment_admissions=np.asarray(0.0), prevention_coverage=np.asarray(0.0)
    )
    light, heavy = [], []
    for _ in range(WALKS):
        states, *_ = walk(state, p, levers, given)
        light.append(states.light[:-1])
        heavy.append(states.heavy[:-1])
        state = jax.tree.map(lambda x: x[-1], states)
    light, heavy = (np.concatenate(x)[::STEPS] for x in (light, heavy))
    return FIRST + np.arange(len(light)), light, heavy


def test_light_users_peak_at_8_05_million_in_1983(path):
    years, light, _ = path
    assert light.max() == pytest.approx(8.05e6, rel=0.01)
    assert years[light.argmax()] == 1983


def test_heavy_users_peak_at_1_70_million_in_1992(path):
    years, _, heavy = path
    assert heavy.max() == pytest.approx(1.70e6, rel=0.01)
    assert years[heavy.argmax()] == 1992

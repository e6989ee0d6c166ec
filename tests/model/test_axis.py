"""Departments are an axis: their order and empty places at its end change nothing."""

from __future__ import annotations

import copy
import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

PADDING = 8
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def members(bench):
    """Return parameters, level departures, and the run to 2040 under a policy that uses every lever."""
    p = bench.drawn()
    moved = bench.shifted(p)
    used = bench.levers(bench.active())
    state, before = bench.history(p, moved)
    return p, moved, before, bench.ahead(state, p, used, moved)


def rerun(bench, changed, p, moved, levers):
    """Run a changed bench over all years with lever arrays made by ``levers(scenario)``."""
    start = changed.start(p, changed.places)
    state, before = changed.years(start, p, levers(bench.baseline), moved, 2000, 2025)
    return before, changed.years(state, p, levers(bench.active()), moved, 2026, 2040)[1]


def test_departments_may_come_in_any_order(bench, members):
    p, moved, *plain = members
    regions = len(bench.given.regions)
    order = np.random.default_rng(3).permutation(regions)

    def turned(tree):
        return jax.tree.map(lambda x: x[..., order] if np.shape(x)[-1:] == (regions,) else x, tree)

    changed = copy.copy(bench)
    changed.places, changed.forcing = turned(bench.places), turned(bench.forcing)
    again = rerun(bench, changed, p, turned(moved), lambda s: turned(bench.levers(s)))
    for old, new in zip(plain, again, strict=True):
        for name in old:
            expected = old[name][..., order] if old[name].ndim == 3 else old[name]
            assert_allclose(new[name], expected, rtol=1e-9, atol=1e-9, err_msg=name)


def test_empty_places_at_the_end_of_the_axis_change_nothing(bench, members):
    from caudal.core.clock import LAST_YEAR, START
    from caudal.simulate.forcing import forcing, places
    from caudal.simulate.policy import lever_arrays

    p, moved, *plain = members
    changed = copy.copy(bench)
    changed.places = places(bench.given, padding=PADDING)
    changed.forcing = forcing(bench.given, START, LAST_YEAR, padding=PADDING)
    wide = {n: jnp.pad(getattr(moved, n), ((0, 0), (0, 0), (0, PADDING))) for n in ("department", "growth")}
    wider = dataclasses.replace(moved, **wide)
    again = rerun(bench, changed, p, wider, lambda s: lever_arrays(s, bench.given, START, LAST_YEAR, PADDING))
    regions = len(bench.given.regions)
    for old, new in zip(plain, again, strict=True):
        for name in old:
            if old[name].ndim == 3:
                assert not np.any(new[name][..., regions:]), name
                assert_allclose(new[name][..., :regions], old[name], rtol=1e-9, atol=1e-9, err_msg=name)
            else:
                assert_allclose(new[name], old[name], rtol=1e-9, atol=1e-9, err_msg=name)

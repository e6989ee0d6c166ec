"""Hold-outs are real: garbage after the cut changes neither what is fitted nor what is forecast from."""

import jax
import numpy as np
import pytest

from caudal.calibrate.backtest import HORIZON
from caudal.calibrate.likelihood import Likelihood
from caudal.calibrate.space import WIDER, space
from caudal.core.clock import START
from caudal.evidence.inputs_reader import GIVEN
from caudal.evidence.registry import parameters
from caudal.model.priors import scale
from caudal.simulate.forcing import forcing


def arrays(known):
    """Return every array that a fit to a shorter record and its forecast are made of."""
    one = Likelihood(space(known), known)
    ahead = forcing(one.given, START, known + HORIZON)
    seen = [(s.reading.id, s.years, s.logs, s.sd) for s in one.seen]
    return jax.tree.leaves(
        (one.given.area, one.given.andes, one.places, one.forcing, one.levers, ahead, [s[1:] for s in seen])
    ), [s[0] for s in seen]


@pytest.mark.parametrize("known", [2010, 2014, 2018])
def test_garbage_after_the_cut_changes_nothing(known, garbage):
    before, names = arrays(known)
    garbage(known, lambda name: name not in GIVEN)
    after, again = arrays(known)
    assert names == again
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(before, after, strict=True))


def test_garbage_before_the_cut_is_noticed(garbage):
    before, _ = arrays(2014)
    garbage(2012, lambda name: name not in GIVEN)
    after, _ = arrays(2014)
    assert sum(not np.array_equal(a, b) for a, b in zip(before, after, strict=True)) > 5


@pytest.mark.parametrize("known", [2010, 2018])
def test_priors_know_nothing_later_or_are_widened(known):
    short, whole = space(known), space()
    records = parameters()
    for i, name in enumerate(short.names):
        at = whole.names.index(name)
        if records[name].prior_as_of <= known:
            assert short.sds[i] == whole.sds[at]
        elif records[name].wide is not None:
            assert (short.transforms[i], short.means[i], short.sds[i]) == scale(records[name].wide)
        else:
            assert short.sds[i] == pytest.approx(WIDER * whole.sds[at])
    assert set(short.widened) == {n for n in short.names if records[n].prior_as_of > known}

"""The compiled programs that the model's tests share."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from generated import built


@pytest.fixture(scope="session")
def walk(bench):
    """Return ``walk(state, p, levers, given)``: MONTHS_WALKED months, step by step.

    It gives the stocks before the first step and after every step, and of every step the flows,
    the outcomes and the ledger's residual.
    """
    from caudal.core.clock import MONTHS, SUBSTEPS
    from caudal.model.blocks import money
    from caudal.model.measures import measures
    from caudal.model.step import step

    dt = 1.0 / (MONTHS * SUBSTEPS)

    @jax.jit
    def go(state, p, levers, given):
        def one(state, forced):
            after, flows = step(state, p, levers, forced, bench.places, dt)
            return after, (after, flows, measures(after, flows, bench.places), money.balance(flows.money))

        each = jax.tree.map(lambda x: jnp.repeat(x, SUBSTEPS, axis=0), given)
        _, (states, flows, seen, residual) = jax.lax.scan(one, state, each)
        states = jax.tree.map(lambda first, rest: jnp.concatenate([first[None], rest]), state, states)
        return states, flows, seen, residual

    return lambda *inputs: jax.tree.map(np.asarray, go(*inputs))


@pytest.fixture(scope="session")
def plausible(bench):
    """Return the stocks of MEMBERS members at the end of 2025, and the forcings of all months."""
    p = bench.drawn()
    state, _ = bench.history(p, bench.shifted(p))
    months = jax.tree.map(lambda x: x[:41].reshape(-1, *x.shape[2:]), bench.forcing)
    return jax.tree.map(np.asarray, state), months


@pytest.fixture(scope="session")
def start(bench, plausible):
    """Return a builder of starts from generated numbers."""

    class Starts:
        __call__ = staticmethod(partial(built, bench, *plausible))

        def __repr__(self) -> str:  # short, for the report of a failing example
            return "start"

    return Starts()

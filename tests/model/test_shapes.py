"""Shapes are types: with the import hook on, a wrong shape is refused where it enters a block."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import TypeCheckError


def test_a_region_axis_of_another_length_is_refused(bench):
    with pytest.raises(TypeCheckError, match="peak"):
        dataclasses.replace(bench.places, peak=np.ones(3))


def test_a_vector_where_a_number_belongs_is_refused(bench):
    from caudal.model.blocks import income

    state = jax.tree.map(lambda x: x[0], bench.start(bench.params(), bench.places))
    levers = jax.tree.map(lambda x: jnp.asarray(x[0]), bench.levers(bench.baseline))
    p = jax.tree.map(lambda x: x[0], bench.params())
    given = (jnp.ones(24), jnp.zeros(24), bench.places.mask)
    kept = income.flows(state, p, levers, jnp.asarray(1.0), *given).coca
    assert jnp.isclose(jnp.sum(kept), 0.5)
    with pytest.raises(TypeCheckError, match="farm_value"):
        income.flows(state, p, levers, jnp.ones(24), *given)


def test_pytrees_keep_their_names_and_placeholders(bench):
    leaves, tree = jax.tree.flatten(bench.places)
    holes = jax.tree.unflatten(tree, [None] * len(leaves))  # no arrays: rebuilt all the same
    assert holes.mask is None
    paths = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_flatten_with_path(bench.places)[0]]
    assert paths[0] == ".mask"
    with pytest.raises(dataclasses.FrozenInstanceError):
        bench.places.mask = 1

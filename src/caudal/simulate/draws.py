"""Members of an ensemble: parameter draws and the future departures of the levels.

Every random number is keyed by (seed, member), so a member is the same alone, in any chunk
and under any scenario: scenarios share their random numbers.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp

from caudal.model.params import Params
from caudal.simulate.engine import Shifts

HORIZON = 64  # years of normals drawn, whatever the run
_LEVELS, _ANDES = 1, 2  # streams of the counter-based generator, apart from the parameters'


@functools.partial(jax.jit, static_argnames=("regions", "years_known", "years"))
def _walks(key, members, p: Params, regions: int, years_known: int, years: int) -> Shifts:
    def one(member, p: Params) -> Shifts:
        own = jax.random.fold_in(key, member)
        levels = jax.random.normal(jax.random.fold_in(own, _LEVELS), (HORIZON, regions + 1))
        andes = jax.random.normal(jax.random.fold_in(own, _ANDES), (HORIZON, 2))
        steps = p.level_shift_sd * levels[:, :regions] + p.common_shift_sd * levels[:, regions:]

        def walk(innovations):
            def body(s, z):
                s = p.shift_persistence * s + z
                return s, s

            _, path = jax.lax.scan(body, jnp.zeros_like(innovations[0]), innovations[: years - years_known])
            return jnp.concatenate([jnp.zeros((years_known + 1, path.shape[1])), path])

        return Shifts(department=walk(steps), andes=walk(p.andes_shift_sd * andes))

    return jax.vmap(one)(members, p)


def shifts(seed: int, members, p: Params, regions: int, years_known: int, years: int) -> Shifts:
    """Return the level departures of each member.

    A common and a departmental part follow AR(1) processes: s' = rho s + sd z, with rho =
    ``shift_persistence``. They are zero while the record lasts (``years_known`` years).
    The normals are drawn for a fixed horizon, so a longer run repeats the shorter one.

    Returns:
        Shifts with arrays (member, year + 1, region) and (member, year + 1, 2).
    """
    ids = jnp.asarray(members, dtype=jnp.uint32)
    return _walks(jax.random.key(seed), ids, p, regions, years_known, years)

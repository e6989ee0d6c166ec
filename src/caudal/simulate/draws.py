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

_LEVELS, _ANDES = 1, 2  # streams of the counter-based generator, apart from the parameters'


@functools.partial(jax.jit, static_argnames=("regions", "years"))
def _normals(key, members, regions: int, years: int):
    def one(member):
        own = jax.random.fold_in(key, member)
        levels = jax.random.normal(jax.random.fold_in(own, _LEVELS), (years, regions + 1))
        return levels, jax.random.normal(jax.random.fold_in(own, _ANDES), (years, 2))

    return jax.vmap(one)(members)


def shifts(seed: int, members, p: Params, regions: int, years_known: int, years: int) -> Shifts:
    """Return the level departures of each member.

    A common and a departmental part follow AR(1) processes: s' = rho s + sd z, with rho =
    ``shift_persistence``. They are zero while the record lasts (``years_known`` years).
    The normals are drawn for a fixed horizon, so a longer run repeats the shorter one.

    Returns:
        Shifts with arrays (member, year + 1, region) and (member, year + 1, 2).
    """
    horizon = 64
    key = jax.random.key(seed)
    levels, andes = _normals(key, jnp.asarray(members, dtype=jnp.uint32), regions, horizon)
    future = years - years_known
    sd = p.level_shift_sd[:, None, None]
    common = p.common_shift_sd[:, None, None]
    innovation = sd * levels[:, :future, :regions] + common * levels[:, :future, regions:]
    andean = p.andes_shift_sd[:, None, None] * andes[:, :future]

    def walk(innovations):
        def body(s, z):
            s = p.shift_persistence[:, None] * s + z
            return s, s

        start = jnp.zeros_like(innovations[:, 0])
        _, path = jax.lax.scan(body, start, jnp.moveaxis(innovations, 1, 0))
        return jnp.concatenate(
            [jnp.zeros((innovations.shape[0], years_known + 1, innovations.shape[2])), jnp.moveaxis(path, 0, 1)],
            axis=1,
        )

    return Shifts(department=walk(innovation), andes=walk(andean))

"""Members of an ensemble: parameter draws and the future departures of the levels.

Every random number is keyed by (seed, member), so a member is the same alone, in any chunk
and under any scenario: scenarios share their random numbers.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp

from caudal.model.observe import volatility
from caudal.model.params import Params
from caudal.simulate.engine import Shifts

HORIZON = 64  # years of random numbers drawn, whatever the run
TAIL = 4.0
"""Degrees of freedom of a department's own yearly change: rare large ones (judgement: Norte de
Santander grew a hundredfold, Guaviare fell to a tenth)."""
_COMMON, _ANDES, _OWN = 1, 2, 3  # streams of the generator, apart from the parameters'


@functools.partial(jax.jit, static_argnames=("years_known", "years"))
def _walks(key, members, p: Params, area, years_known: int, years: int) -> Shifts:
    def one(member, p: Params) -> Shifts:
        own = jax.random.fold_in(key, member)
        common = jax.random.normal(jax.random.fold_in(own, _COMMON), (HORIZON, 1))
        apart = jax.random.t(jax.random.fold_in(own, _OWN), TAIL, (HORIZON, len(area)))
        andes = jax.random.normal(jax.random.fold_in(own, _ANDES), (HORIZON, 2))
        fading = jnp.exp(-p.level_reversion)

        def path(change, at_once, lasts):
            def body(lasting, new):
                return fading * lasting + lasts * new, lasting + at_once * new

            return jax.lax.scan(body, jnp.zeros_like(change[0]), change)[1]

        def ahead(departures):
            known = jnp.zeros((years_known, departures.shape[1]))
            return jnp.concatenate([known, departures[: years - years_known]])

        apart = p.growth_shift_sd * volatility(area, p.volatility_size) * apart
        common = p.common_shift_sd * common
        answer = 1.0 - jnp.exp(-p.planting_speed)
        level = sum(
            path(change, 0.5, (1.0 - jnp.exp(-1.0 / memory)) / answer)
            for change, memory in ((apart, p.level_memory), (common, p.common_memory))
        )
        believed = 1.0 - jnp.exp(-1.0 / p.level_memory)
        return Shifts(
            department=ahead(level),
            growth=ahead(apart + common),
            andes=ahead(path(p.andes_shift_sd / (1.0 - jnp.exp(-p.andes_speed)) * andes, 1.0, believed)),
        )

    return jax.vmap(one)(members, p)


def shifts(seed: int, members, p: Params, area, years_known: int, years: int) -> Shifts:
    r"""Return the departures of each member: growth that no mechanism explains, and levels with it.

    .. math::
        x_y = s_y + \tfrac12 g_y,\quad s_{y+1} = e^{-k} s_y + m\,g_y,\quad
        m = \frac{1 - e^{-1/\tau}}{1 - e^{-\kappa_p}}

    A year's growth :math:`g` moves area through the year, and the level :math:`x` with it (half of it
    on average). Had the record shown it, growers' level would have been inferred to rise by
    :math:`g / (1 - e^{-\kappa_p})`, of which the memory :math:`\tau` believes a part: what lasts is that,
    and it fades with the reversion :math:`k` of levels. So a change that departments have in common
    (normal, ``common_memory``) can go on, and one of a single department (Student-t,
    ``level_memory``, larger where there is less coca: ``model.observe.volatility`` at the last recorded
    ``area``, ha by region) hardly does. In Peru and Bolivia the level jumps by
    :math:`g/(1 - e^{-\kappa})`, so that area changes by :math:`g` in the year. It is the
    single-source-of-error form of what ``model.observe`` scores. All are zero while the record
    lasts (``years_known`` years). The random numbers are drawn for a fixed horizon, so a longer run
    repeats the shorter one.

    Returns:
        Shifts with arrays (member, year, region) and (member, year, 2).
    """
    ids = jnp.asarray(members, dtype=jnp.uint32)
    return _walks(jax.random.key(seed), ids, p, jnp.asarray(area), years_known, years)

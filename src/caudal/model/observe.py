r"""What the record would show: log densities of surveys, prices and counts, given the model.

Area of a department, one year ahead. With :math:`y = \ln(N + A_0)` and :math:`f` what the model
expected of it (``simulate.ahead``),

.. math::
    y = f + s_c\,c_t + b_t + u,\quad u \sim t_\nu\big(0,\; v(N)^2 g^2 + \epsilon^2\big)

with the yearly change common to all departments :math:`s_c` and its standard normal state
:math:`c_t`, over which a year's density is averaged, that of one department :math:`g`, larger
where there is less coca (:math:`v`), the relative error of the survey :math:`\epsilon` and method
breaks :math:`b_t`. Peru and Bolivia likewise, normal.

Any other series, over its years, with model error :math:`\tau` that lasts (:math:`\rho`) and error
of each figure :math:`\sigma_k`,

.. math::
    \ln y \sim N\big(\ln\hat y + b,\; \tau^2 \rho^{|t_i-t_j|} + \sigma_i^2 \delta_{ij}\big)

Counts add :math:`1/y` to :math:`\sigma^2`. What separates a reading from the outcome it shows
(:math:`b`: method breaks, editions, owners, purity, undercount) is in its record
(``data/observations.yaml``).
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax.scipy.linalg import cho_solve
from jax.scipy.special import logsumexp
from jax.scipy.stats import norm, t

from caudal.core.clock import START
from caudal.model.smooth import ramp

SMALL_AREA = 100.0
"""Hectares added before logarithms, so that departments without coca say nothing."""

USUAL_AREA = 5000.0
"""Hectares of the department that the scales of yearly change speak of."""
LEAST_SCORED = 300.0
"""Hectares a department must have had a year before for its area to be scored (judgement): below,
a field or a cloud is most of what changes. That choice rests on the past alone."""


def log_area(area):
    """Return ln(area + SMALL_AREA)."""
    return jnp.log(ramp(area, 1.0) + SMALL_AREA)


def volatility(area, power):
    r"""Return how much more than in a department of ``USUAL_AREA`` areas change by themselves.

    .. math::
        v(N) = (\max(N, N_0)/N_u)^{-\gamma}

    with :math:`N_0` = ``LEAST_SCORED``: many fields err less than few.
    """
    return (jnp.maximum(area, LEAST_SCORED) / USUAL_AREA) ** (-power)


COMMON = np.linspace(-5.0, 5.0, 41)
"""Values of the common change, in its sd, over which a year's density is averaged."""
COMMON_LOG_WEIGHT = -0.5 * COMMON**2 - np.log(np.sum(np.exp(-0.5 * COMMON**2)))


def area_log_densities(before, recorded, expected, own, common, survey, tail):
    """Return the log density of a year's areas, one year ahead, at each common change (year, node).

    Departments that are not scored add nothing.

    Args:
        before: areas a year before (year, region), ha.
        recorded: areas of the survey (year, region), ha.
        expected: areas the model expected (year, region), ha.
        own: scale of the yearly change of one department (year, region), log points.
        common: sd of the change common to all, log points.
        survey: relative error of the survey.
        tail: degrees of freedom.
    """
    gap = log_area(recorded) - log_area(expected)
    scale = jnp.sqrt(own**2 + survey**2)
    apart = (gap[:, None, :] - common * COMMON[:, None]) / scale[:, None, :]
    density = t.logpdf(apart, tail) - jnp.log(scale)[:, None, :]
    return jnp.sum(jnp.where(before[:, None, :] >= LEAST_SCORED, density, 0.0), axis=-1)


def area_log_density(*args):
    """Return the log density of each year's areas (year,), the common change averaged out.

    Args:
        *args: as of ``area_log_densities``.
    """
    return logsumexp(area_log_densities(*args) + COMMON_LOG_WEIGHT, axis=-1)


def log_reading(reading, years, found, p, owner="unodc"):
    """Return the log of what a reading would show of the outcomes found.

    Args:
        reading: record of the observation model (``evidence.readings.Reading``).
        years: its years.
        found: outcomes by year from START on, one path each.
        p: parameters.
        owner: whose area and production the run follows.
    """
    path = found[reading.outcome]
    if reading.undercount is not None:
        missed = 1.0 - p[reading.undercount.coverage]
        path = path - missed * found[reading.undercount.outcome]
    at = years - START
    value = 0.5 * (path[at] + path[at + 1]) if reading.paired else path[at]
    powers = reading.powers(years, owner)
    return jnp.log(value) + sum(power * jnp.log(p[name]) for name, power in powers.items())


def covariance(years, sd, misfit, persistence):
    """Return the covariance of log readings: a lasting model error plus that of each figure."""
    apart = jnp.abs(years[:, None] - years[None, :])
    return misfit**2 * persistence**apart + jnp.diag(sd**2)


def series_log_density(gap, spread):
    """Return the log density of a series' log residuals under a covariance."""
    root = jnp.linalg.cholesky(spread)
    settled = cho_solve((root, True), gap)
    return -0.5 * gap @ settled - jnp.sum(jnp.log(jnp.diag(root))) - 0.5 * len(gap) * jnp.log(2 * jnp.pi)


def andes_log_density(recorded, expected, own, survey):
    """Return the log density of the areas of Peru and Bolivia one year ahead (year, 2)."""
    return norm.logpdf(log_area(recorded), log_area(expected), jnp.sqrt(own**2 + survey**2))

r"""How good a forecast was: scores of sample paths against what was observed.

Samples are (draw, ...) and observations (...), both logarithms for positive series, so that errors
and widths are in log points. An observation that is NaN scores NaN and is left out of every mean.
Lower is better for the CRPS, higher for the log density.
"""

from __future__ import annotations

import dataclasses

import numpy as np

TAIL_WEIGHT, TAIL_FREEDOM = 0.01, 3
"""Weight and degrees of freedom of the tail of ``log_density`` (judgement)."""
NARROWEST = 0.01
"""Least sd, in log points, that ``log_density`` grants a forecast: no record is better known (judgement)."""
RESAMPLES = 2000
"""Resamples of origins behind an interval of skill."""


def crps(samples: np.ndarray, observed: np.ndarray) -> np.ndarray:
    r"""Return :math:`E|X - y| - \tfrac12 E|X - X'|`, unbiased in the number of draws.

    Gneiting and Raftery (2007), by the probability-weighted moments of scoringrules.
    """
    import scoringrules

    return scoringrules.crps_ensemble(observed, samples, m_axis=0, estimator="pwm", backend="numpy")


def log_density(samples: np.ndarray, observed: np.ndarray) -> np.ndarray:
    r"""Return the log predictive density, finite also where no draw is near.

    .. math::
        \ln\big[(1-w)\, \hat f(y) + w\, t_\nu\big((y - m)/s\big)/s\big]

    with :math:`\hat f` the Gaussian kernel estimate of scoringrules (Silverman's bandwidth), m the
    median, s the interquartile range / 1.349, at least ``NARROWEST``, w = ``TAIL_WEIGHT``. The kernel
    alone gives minus infinity to what lies a few sd beyond the draws, where they say nothing.
    """
    import scoringrules
    from scipy.stats import t

    low, middle, high = np.quantile(samples, [0.25, 0.5, 0.75], axis=0)
    spread = np.maximum((high - low) / 1.349, NARROWEST)
    bandwidth = 1.06 * spread * len(samples) ** -0.2
    tail = t.logpdf(observed, TAIL_FREEDOM, loc=middle, scale=spread)
    with np.errstate(divide="ignore", invalid="ignore"):  # no draw near, no observation
        kernel = -scoringrules.logs_ensemble(observed, samples, m_axis=0, bw=bandwidth, backend="numpy")
        return np.logaddexp(np.log1p(-TAIL_WEIGHT) + kernel, np.log(TAIL_WEIGHT) + tail)


def interval(samples: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the central interval that holds ``level`` of the draws."""
    low, high = np.quantile(samples, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return low, high


def inside(samples: np.ndarray, observed: np.ndarray, level: float) -> np.ndarray:
    """Return 1 where the central interval holds the observation, 0 where not, NaN where there is none."""
    low, high = interval(samples, level)
    return np.where(np.isnan(observed), np.nan, (low <= observed) & (observed <= high))


def width(samples: np.ndarray, level: float = 0.9) -> np.ndarray:
    """Return the width of the central interval, in the samples' unit."""
    low, high = interval(samples, level)
    return high - low


@dataclasses.dataclass(frozen=True)
class Scores:
    """Scores of one forecast, each shaped as the observations: (horizon[, region]).

    ``log_error`` is the median less the observation; ``width_90`` is in log points.
    """

    crps: np.ndarray
    log_density: np.ndarray
    log_error: np.ndarray
    inside_50: np.ndarray
    inside_90: np.ndarray
    width_90: np.ndarray


def score(samples: np.ndarray, observed: np.ndarray) -> Scores:
    """Return every score of a forecast; samples (draw, ...) and observations (...) are logarithms."""
    return Scores(
        crps=crps(samples, observed),
        log_density=log_density(samples, observed),
        log_error=np.median(samples, axis=0) - observed,
        inside_50=inside(samples, observed, 0.5),
        inside_90=inside(samples, observed, 0.9),
        width_90=width(samples),
    )


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A value and the ends of its 90 % interval."""

    value: float
    low: float
    high: float


def coverage(held: np.ndarray) -> Estimate:
    """Return the share of observations inside an interval, with the Clopper-Pearson interval.

    The interval counts observations as independent; horizons of one origin and regions of one year
    are not, so it is too narrow.
    """
    from scipy.stats import binomtest

    known = held[~np.isnan(held)]
    found = binomtest(int(known.sum()), known.size)
    ends = found.proportion_ci(0.9, method="exact")
    return Estimate(float(found.statistic), float(ends.low), float(ends.high))


def skill(own: np.ndarray, rival: np.ndarray, seed: int = 0) -> Estimate:
    r"""Return :math:`1 - \sum S / \sum S_{rival}` over origins, horizons and regions.

    The interval resamples whole origins, the only units near independence: with few of them, or
    windows that overlap, it is a lower bound of the uncertainty. With one origin it is NaN.

    Args:
        own: scores (origin, ...) where lower is better, such as the CRPS.
        rival: the same of the rival; a point that either lacks is left out.
        seed: of the resampling.
    """
    from scipy.stats import bootstrap

    both = np.isfinite(own) & np.isfinite(rival)
    sums = [np.where(both, s, 0.0).reshape(len(s), -1).sum(axis=1) for s in (own, rival)]

    def ratio(a: np.ndarray, b: np.ndarray, axis: int = -1) -> np.ndarray:
        """Return the skill of each resample."""
        return 1.0 - a.sum(axis=axis) / b.sum(axis=axis)

    value = float(ratio(*sums))
    if len(own) == 1:
        return Estimate(value, np.nan, np.nan)
    ends = bootstrap(
        sums,
        ratio,
        paired=True,
        vectorized=True,
        n_resamples=RESAMPLES,
        confidence_level=0.9,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Estimate(value, float(ends.low), float(ends.high))


def stacking(densities: dict[str, np.ndarray]) -> dict[str, float]:
    r"""Return the weights of the mixture of forecasts with the highest mean log score.

    .. math::
        \max_{w \ge 0,\ \sum_k w_k = 1}\ \frac1n \sum_i \ln \sum_k w_k\, p_k(y_i)

    a concave problem, solved by ArviZ (Yao and others 2018) on the out-of-sample log densities given. Weights
    are rounded to a thousandth: what a solver leaves of nothing is no reason to run a structure.

    Args:
        densities: log predictive densities of the same observations, by forecast.

    Raises:
        ValueError: an observation has no finite density under some forecast.
    """
    import xarray as xr
    from arviz_stats import compare
    from arviz_stats.utils import ELPDData

    table = np.stack([np.ravel(found) for found in densities.values()])
    if not np.all(np.isfinite(table)):
        raise ValueError("expected finite log densities of the same observations")
    if len(table) == 1:
        return dict.fromkeys(densities, 1.0)
    table = table - table.max(axis=0)  # weights do not move; exponentials do not underflow
    found = {
        name: ELPDData(
            kind="loo_kfold",
            elpd=row.sum(),
            se=np.sqrt(row.size * row.var()),
            p=0.0,
            n_samples=1,
            n_data_points=row.size,
            scale="log",
            warning=False,
            good_k=np.nan,
            elpd_i=xr.DataArray(row),
        )
        for name, row in zip(densities, table, strict=True)
    }
    weights = compare(found, method="stacking")["weight"]
    return {name: round(float(weights[name]), 3) for name in densities}

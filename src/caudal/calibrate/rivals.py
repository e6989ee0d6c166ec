r"""Rivals of the model: forecasts that know a history and nothing of mechanisms.

Each rival takes the years and values known at an origin and returns sample paths of the years that
follow. All work on :math:`x = \ln(y + c)`, with ``small`` = c added so that empty departments have a
logarithm, and return :math:`\max(e^x - c, 0)` in the unit of the history. Years may be missing.

Regions of a panel are forecast apart by every rival but ``hierarchical``, so that only its paths may
be summed over regions; for the others the nation is forecast from its own history.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable

import numpy as np

FEWEST_YEARS = 5
"""Shortest history that a rival accepts (judgement)."""
FEWEST_CHANGES = 4
"""Changes over k years needed before their spread is taken from the history itself (judgement)."""
TREND_YEARS = 10
"""Shortest history that can carry the five parameters of a damped trend (judgement)."""
CHAINS, WARMUP, KEPT = 4, 300, 300
"""Chains of the hierarchical rival, and the draws of each that are discarded and kept."""

Column = Callable[[np.ndarray, np.ndarray, int, int, np.random.Generator], np.ndarray]
Rival = Callable[["History", int, int, int], np.ndarray]


@dataclasses.dataclass(frozen=True)
class History:
    """Values of an annual series in its recorded years, in one unit throughout.

    Attributes:
        years: (year,) increasing; a year without a record is absent.
        values: (year,) or (year, region).
        small: added before logarithms, in the unit of ``values``.
    """

    years: np.ndarray
    values: np.ndarray
    small: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what has no logarithm or no order.

        Raises:
            ValueError: years not increasing, shapes that differ, or values not above ``-small``.
        """
        if len(self.years) != len(self.values) or np.any(np.diff(self.years) <= 0):
            raise ValueError("expected increasing years, and one row of values for each")
        if not np.all(np.isfinite(self.values)) or np.any(np.asarray(self.values) + self.small <= 0.0):
            raise ValueError("expected finite values, positive once `small` is added")

    @property
    def logs(self) -> np.ndarray:
        """Return ln(values + small), shaped as the values."""
        return np.log(np.asarray(self.values, float) + self.small)

    def until(self, origin: int) -> History:
        """Return what was known at the end of ``origin``.

        Raises:
            ValueError: fewer than ``FEWEST_YEARS`` were.
        """
        known = self.years <= origin
        if known.sum() < FEWEST_YEARS:
            raise ValueError(f"expected at least {FEWEST_YEARS} years up to {origin}, found {known.sum()}")
        return History(self.years[known], self.values[known], self.small)

    def levels(self, logs: np.ndarray) -> np.ndarray:
        """Return paths of logarithms in the unit of the values."""
        return np.maximum(np.exp(logs) - self.small, 0.0)


def _per_column(column: Column) -> Rival:
    """Return the rival that forecasts each region by itself; one that never moved stays where it is."""

    def rival(history: History, horizon: int, draws: int, seed: int) -> np.ndarray:
        columns = history.logs.reshape(len(history.years), -1).T
        generators = np.random.default_rng(seed).spawn(len(columns))
        paths = [
            column(history.years, x, horizon, draws, rng)
            if np.ptp(x) > 0.0
            else np.full((draws, horizon), x[-1])
            for x, rng in zip(columns, generators, strict=True)
        ]
        shape = (draws, horizon, *np.shape(history.values)[1:])
        return history.levels(np.stack(paths, axis=-1).reshape(shape))

    rival.__doc__ = column.__doc__
    return rival


def _chi_scale(freedom: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Return (draw, 1) ratios of the true sd to its estimate, which turn normal draws into Student's t."""
    return np.sqrt(freedom / rng.chisquare(freedom, (draws, 1)))


@_per_column
def persistence(years, x, horizon, draws, rng):
    r"""Return paths around the last value, spread as the history spread over as many years.

    .. math::
        x_{T+k} = x_T + s \sum_{j \le k} \sqrt{v_j - v_{j-1}}\, z_j, \qquad
        v_k = \overline{(x_{t+k} - x_t)^2}

    with :math:`z` standard normal, :math:`s` the Student factor of n - 1 degrees of freedom, and
    :math:`v` made non-decreasing. Where the history holds fewer than ``FEWEST_CHANGES`` changes over k
    years, the variance per year is that of the nearest k that has them.
    """
    steps = np.arange(1, horizon + 1)
    early, late = np.triu_indices(len(x), 1)
    span, square = years[late] - years[early], (x[late] - x[early]) ** 2
    count = np.bincount(span, minlength=horizon + 1)[1 : horizon + 1]
    total = np.bincount(span, square, minlength=horizon + 1)[1 : horizon + 1]
    enough = count >= FEWEST_CHANGES
    if enough.any():
        per_year = np.interp(steps, steps[enough], total[enough] / count[enough] / steps[enough])
    else:
        per_year = np.mean(np.diff(x) ** 2 / np.diff(years))
    variance = np.maximum.accumulate(per_year * steps)
    shocks = rng.standard_normal((draws, horizon)) * np.sqrt(np.diff(variance, prepend=0.0))
    return x[-1] + _chi_scale(len(x) - 1, draws, rng) * np.cumsum(shocks, axis=1)


@_per_column
def random_walk(years, x, horizon, draws, rng):
    r"""Return paths of a random walk whose drift and variance are themselves uncertain.

    .. math::
        x_{t+g} - x_t \sim N(\mu g, \sigma^2 g), \qquad
        \mu \mid \sigma \sim N\big((x_T - x_0)/G, \sigma^2/G\big), \qquad
        \sigma^2 \sim (n-2)\, s^2 / \chi^2_{n-2}

    with g the years between records, G those between the first and last, and n records: the posterior
    under the flat prior, exact with gaps.
    """
    gap, freedom = np.diff(years), len(x) - 2
    drift = (x[-1] - x[0]) / gap.sum()
    sd = np.sqrt(np.sum((np.diff(x) - drift * gap) ** 2 / gap) / freedom)
    sigma = sd * _chi_scale(freedom, draws, rng)
    mu = drift + sigma * rng.standard_normal((draws, 1)) / np.sqrt(gap.sum())
    return x[-1] + np.cumsum(mu + sigma * rng.standard_normal((draws, horizon)), axis=1)


@_per_column
def ar1(years, x, horizon, draws, rng):
    r"""Return paths of :math:`x_t = c + \phi x_{t-1} + \sigma z_t` at its maximum-likelihood estimate.

    Missing years are skipped by the Kalman filter. The estimate counts as known, as software commonly
    has it: from short histories the paths are too narrow.
    """
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    return _simulated(SARIMAX(_yearly(years, x), order=(1, 0, 0), trend="c"), horizon, draws, rng)


@_per_column
def ets(years, x, horizon, draws, rng):
    r"""Return paths of exponential smoothing with additive errors and a damped trend.

    .. math::
        x_t = \ell_{t-1} + \phi b_{t-1} + e_t, \quad
        \ell_t = \ell_{t-1} + \phi b_{t-1} + \alpha e_t, \quad
        b_t = \phi b_{t-1} + \beta e_t

    at its maximum-likelihood estimate, counted as known; without the trend below ``TREND_YEARS``
    records. Missing years are skipped by the Kalman filter. Hyndman and others (2008), model (A,Ad,N).
    """
    from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing

    trend = len(x) >= TREND_YEARS
    model = ExponentialSmoothing(
        _yearly(years, x), trend=trend, damped_trend=trend, initialization_method="concentrated"
    )
    return _simulated(model, horizon, draws, rng)


def _yearly(years: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the record with a NaN in each missing year."""
    full = np.full(years[-1] - years[0] + 1, np.nan)
    full[years - years[0]] = x
    return full


def _simulated(model, horizon: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Return (draw, horizon) paths of a statsmodels state-space model after its last year."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # short histories end at a bound of the parameters
        fitted = model.fit(disp=False, maxiter=200)
        paths = fitted.simulate(horizon, anchor="end", repetitions=draws, rng=rng)
    return np.asarray(paths).reshape(horizon, draws).T


def _panel(earlier, change, present) -> None:
    """Declare the hierarchical rival to NumPyro; arguments are (transition, region), as in its equation."""
    import jax
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    def pooled(name: str, mean: dist.Distribution, spread: float) -> jax.Array:
        """Return one value per region around a shared mean, non-centred."""
        middle = numpyro.sample(f"{name}_mean", mean)
        width = numpyro.sample(f"{name}_spread", dist.HalfNormal(spread))
        with numpyro.plate("region", change.shape[1]):
            return jnp.asarray(middle + width * numpyro.sample(f"{name}_z", dist.Normal()))

    phi = numpyro.deterministic("phi", jnp.tanh(pooled("phi", dist.Normal(0.0, 0.5), 0.25)))
    drift = numpyro.deterministic("drift", pooled("drift", dist.Normal(0.0, 0.1), 0.1))
    sd = numpyro.deterministic("sd", jnp.exp(pooled("sd", dist.Normal(np.log(0.3), 0.7), 0.5)))
    common_sd = numpyro.sample("common_sd", dist.HalfNormal(0.3))
    freedom = numpyro.sample("freedom", dist.Gamma(2.0, 0.1))
    with numpyro.plate("transition", len(change)):
        common = jnp.asarray(numpyro.sample("common", dist.Normal(0.0, common_sd)))
    expected = drift + phi * (earlier - drift) + present * common[:, None]
    numpyro.sample("change", dist.StudentT(2.0 + freedom, expected, sd), obs=change)


def panel_posterior(history: History, seed: int) -> dict[str, np.ndarray]:
    r"""Return draws of the hierarchical rival, each (chain, draw, ...), by NUTS.

    .. math::
        \Delta_{t+1,r} = d_r + \phi_r (\Delta_{t,r} - d_r) + w_{t,r} c_t + \sigma_r \epsilon_{t,r}, \qquad
        \Delta_{t,r} = x_{t,r} - x_{t-1,r}, \qquad w = y / (y + c)

    with :math:`c_t \sim N(0, \sigma_c)` the shock that all regions share, as far as they are not empty
    (an empty one would vote for no shock), :math:`\epsilon` Student's t of 2 + ``freedom`` degrees, and
    artanh :math:`\phi_r`, :math:`d_r`, ln :math:`\sigma_r` normal around means that regions share.
    Levels are a random walk: autoregression around the mean of a short history takes every long
    decline for a departure that ends. Priors are judgements for any annual log
    series: momentum 0 +- 0.5, drift 0 +- 0.1 a year, sd 0.3 within a factor of 3, common sd below 0.6,
    ``freedom`` 4 to 47 in 90 %. Only changes between consecutive years that follow one another enter.

    Returns:
        ``phi``, ``drift`` and ``sd`` by region, ``common_sd``, ``freedom``, and what lies under them.

    Raises:
        ValueError: no three years are consecutive.
    """
    import jax
    from numpyro.infer import MCMC, NUTS

    from caudal.simulate.executor import prepare

    prepare()
    logs = history.logs.reshape(len(history.years), -1)
    gap, change = np.diff(history.years), np.diff(logs, axis=0)
    follow = (gap[:-1] == 1) & (gap[1:] == 1)
    if not follow.any():
        raise ValueError("expected at least three consecutive years")
    mcmc = MCMC(
        NUTS(_panel, target_accept_prob=0.9),
        num_warmup=WARMUP,
        num_samples=KEPT,
        num_chains=CHAINS,
        chain_method="vectorized",
        progress_bar=False,
    )
    present = 1.0 - history.small * np.exp(-logs[1:-1])
    mcmc.run(jax.random.key(seed), change[:-1][follow], change[1:][follow], present[follow])
    return {name: np.asarray(draws) for name, draws in mcmc.get_samples(group_by_chain=True).items()}


def hierarchical(history: History, horizon: int, draws: int, seed: int) -> np.ndarray:
    """Return joint paths of a panel from ``panel_posterior``, whose sum over regions is a forecast too.

    At most ``CHAINS * KEPT`` draws differ in their parameters; every path has its own shocks.
    """
    kept = {
        name: found.reshape(CHAINS * KEPT, -1)
        for name, found in panel_posterior(history, seed).items()
        if name in ("phi", "drift", "sd", "common_sd", "freedom")
    }
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(np.arange(draws) % (CHAINS * KEPT))
    p = {name: found[chosen] for name, found in kept.items()}
    logs = history.logs.reshape(len(history.years), -1)
    x, change, paths = logs[-1], (logs[-1] - logs[-2]) / (history.years[-1] - history.years[-2]), []
    for _ in range(horizon):
        present = np.maximum(1.0 - history.small * np.exp(-x), 0.0)
        common = present * p["common_sd"] * rng.standard_normal((draws, 1))
        own = p["sd"] * rng.standard_t(2.0 + p["freedom"], (draws, logs.shape[1]))
        change = p["drift"] + p["phi"] * (change - p["drift"]) + common + own
        x = x + change
        paths.append(x)
    shape = (draws, horizon, *np.shape(history.values)[1:])
    return history.levels(np.stack(paths, axis=1).reshape(shape))


RIVALS: dict[str, Rival] = {
    "persistence": persistence,
    "random_walk": random_walk,
    "ar1": ar1,
    "ets": ets,
    "hierarchical": hierarchical,
}
"""The rivals by name; ``backtest.rival_NAME`` of the catalogue says what each is."""


def forecast(name: str, history: History, origin: int, horizon: int, draws: int, seed: int) -> np.ndarray:
    """Return a rival's paths (draw, horizon[, region]) of the years ``origin`` + 1 and on.

    Nothing after ``origin`` is read. A history that ends before it is carried forward through the
    years between.

    Raises:
        ValueError: too little was known at the origin.
    """
    known = history.until(origin)
    stale = origin - int(known.years[-1])
    return RIVALS[name](known, horizon + stale, draws, seed)[:, stale:]

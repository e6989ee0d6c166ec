r"""The maximum-a-posteriori fit of a few scales, by gradient.

Until a posterior exists, the parameters marked ``fitted`` are held at the mode of

.. math::
    \sum_k \tfrac12 \big((\ln y_k - \ln \hat y_k)/\sigma_k\big)^2 + \sum_j \tfrac12 z_j^2

with the departmental levels following the area record (profiled out) and all other
parameters at their prior medians. A second fit, of departmental intercepts alone with the
levels constant, says how much of the record the mechanisms explain by themselves.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

from caudal.calibrate.targets import Target, targets
from caudal.core.clock import LAST_OBSERVED, START
from caudal.core.files import data_path
from caudal.evidence.inputs import inputs
from caudal.evidence.registry import parameters
from caudal.evidence.series import data_digest
from caudal.model.params import Params
from caudal.model.priors import from_normal, medians, scale, to_normal
from caudal.model.state import Forcing, State
from caudal.model.step import initial
from caudal.simulate.engine import Shifts, trajectory
from caudal.simulate.forcing import forcing, places
from caudal.simulate.policy import lever_arrays
from caudal.simulate.scenario import scenario

PATH = data_path("fit", "map.json")
AREA_SD = 0.2
"""Sd of the log error of departmental area in the intercept fit, around ``AREA_SMALL``."""
AREA_SMALL = 50.0
"""Hectares added before logarithms, so that near-empty departments do not rule the fit."""
STARTS = 3
"""Starting points of the search: the fit has several modes, and the lowest is kept."""


def residuals(observed: tuple[Target, ...], outcomes: dict) -> list:
    """Return the standardised log residuals, one array per target."""
    found = []
    for target in observed:
        gap = jnp.log(target.values) - jnp.log(target.predicted(outcomes))
        if target.shape_only:
            gap = gap - jnp.mean(gap)
        found.append(gap / target.sd)
    return found


class Problem:
    """The record, the inputs of its years, and the model's answer to parameters and levels."""

    def __init__(self) -> None:
        """Read the record and lay out the fitted parameters on their normal scales."""
        self.given = inputs()
        self.places = places(self.given)
        self.forcing = forcing(self.given, START, LAST_OBSERVED)
        self.levers = lever_arrays(scenario("baseline"), self.given, START, LAST_OBSERVED)
        years = LAST_OBSERVED - START + 1
        self.still = Shifts(jnp.zeros((years + 1, len(self.given.regions))), jnp.zeros((years + 1, 2)))
        self.targets = targets()
        self.names = [n for n, r in parameters().items() if r.fitted]
        self.scales = [scale(parameters()[n]) for n in self.names]
        self.middle = medians()
        self.bounds = [self._inside(n, *s) for n, s in zip(self.names, self.scales, strict=True)]

    @staticmethod
    def _inside(name: str, transform: str, mean: float, sd: float) -> tuple[float, float]:
        """Return a parameter's bounds on its normal scale."""
        with np.errstate(divide="ignore"):  # a bound of zero lies at minus infinity
            low, high = (to_normal(transform, bound) for bound in parameters()[name].bounds)
        return (low - mean) / sd, (high - mean) / sd

    def params(self, z) -> Params:
        """Return the parameters at a point of the normal scales."""
        at = zip(self.names, self.scales, z, strict=True)
        return self.middle.with_values(**{n: from_normal(t, m + sd * x) for n, (t, m, sd), x in at})

    def run(self, p: Params, start: State, given: Forcing) -> tuple[State, dict]:
        """Return the stocks at the end of the record and the outcomes by year."""
        return trajectory(start, p, self.levers, given, self.still, self.places)

    def loss(self, z):
        """Return the negative log posterior, up to a constant, with the levels following the record."""
        p = self.params(z)
        _, outcomes = self.run(p, initial(p, self.places), self.forcing)
        misfit = sum(jnp.sum(r**2) for r in residuals(self.targets, outcomes))
        return 0.5 * misfit + 0.5 * jnp.sum(z**2)

    def alone(self, p: Params, level) -> dict:
        """Return the outcomes with the levels held constant: the mechanisms alone."""
        free = dataclasses.replace(self.forcing, track=np.zeros_like(self.forcing.track))
        start = dataclasses.replace(initial(p, self.places), level=level[:-2], andes_level=level[-2:])
        return self.run(p, start, free)[1]

    def level_loss(self, p: Params, level):
        """Return the misfit of area by department, and of Peru and Bolivia, at constant levels."""
        found = self.alone(p, level)
        area = jnp.asarray(self.given.area[1:]) + AREA_SMALL
        gap = jnp.log(area) - jnp.log(found["coca_area_department"] + AREA_SMALL)
        andes = jnp.log(self.given.andes[1:].sum(axis=1)) - jnp.log(found["coca_area_peru_bolivia"])
        return 0.5 * jnp.sum((gap / AREA_SD) ** 2) + 0.5 * jnp.sum((andes / AREA_SD) ** 2)


def fit(report: Callable[[str], None] = lambda line: None) -> dict:
    """Run both fits and return the document that is stored in ``data/fit/map.json``."""
    problem = Problem()
    size = len(problem.names)
    starts = [np.zeros(size), *np.random.default_rng(0).normal(0.0, 0.5, (STARTS - 1, size))]
    search = jax.jit(jax.value_and_grad(problem.loss))
    ends = [
        _minimise(search, start, problem.bounds, report, f"start {i + 1}") for i, start in enumerate(starts)
    ]
    best = min(ends, key=lambda found: found.fun)
    p = problem.params(jnp.asarray(best.x))
    last, outcomes = jax.jit(lambda p: problem.run(p, initial(p, problem.places), problem.forcing))(p)

    search = jax.jit(jax.value_and_grad(lambda level: problem.level_loss(p, level)))
    first = np.concatenate([np.clip(np.asarray(last.level), -6.0, 1.0), np.asarray(last.andes_level)])
    constant = _minimise(search, first, None, report, "levels")
    alone = jax.jit(lambda level: problem.alone(p, level))(jnp.asarray(constant.x))

    errors: dict[str, list[float]] = {}
    for target, r in zip(problem.targets, residuals(problem.targets, outcomes), strict=True):
        errors.setdefault(f"{target.outcome}~{target.series}", []).extend(np.asarray(r) * target.sd)
    regions = problem.given.regions
    return {
        "kind": "maximum a posteriori; departmental levels inferred from the area record",
        "data": data_digest(),
        "values": {n: float(p[n]) for n in problem.names},
        "loss": float(best.fun),
        "loss_by_start": [float(found.fun) for found in ends],
        "log_rmse": {k: float(np.sqrt(np.mean(np.square(v)))) for k, v in errors.items()},
        "national_area": _national(
            problem, np.asarray(outcomes["coca_area"]), np.asarray(alone["coca_area"])
        ),
        "constant_levels": dict(zip(regions, map(float, constant.x[:-2]), strict=True)),
    }


def _national(problem: Problem, changing: np.ndarray, constant: np.ndarray) -> dict:
    """Return how well national area is met with changing and with constant levels."""
    recorded = np.log(problem.given.area[1:].sum(axis=1))
    spread = float(np.var(recorded))
    with_levels = float(np.mean((recorded - np.log(changing)) ** 2))
    without = float(np.mean((recorded - np.log(constant)) ** 2))
    return {
        "years": [START, LAST_OBSERVED],
        "log_rmse_with_levels": with_levels**0.5,
        "log_rmse_without_levels": without**0.5,
        "share_of_variance_with_levels": 1.0 - with_levels / spread,
        "share_of_variance_mechanisms": 1.0 - without / spread,
        "share_of_variance_levels": (without - with_levels) / spread,
    }


def _minimise(value_and_gradient, start: np.ndarray, bounds, report: Callable[[str], None], what: str):

    def evaluate(x):
        value, gradient = value_and_gradient(jnp.asarray(x))
        return float(value), np.asarray(gradient, float)

    count = 0

    def step(_x):
        nonlocal count
        count += 1
        if count % 10 == 0:
            report(f"{what}: {count}")

    return minimize(
        evaluate,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        callback=step,
        options={"maxiter": 300, "maxfun": 600},
    )


def store(document: dict) -> None:
    """Write the fit into the package data."""
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")

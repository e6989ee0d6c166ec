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
from caudal.model.priors import from_normal, medians, scale
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


def fit(report: Callable[[str], None] = lambda line: None) -> dict:
    """Run both fits and return the document that is stored in ``data/fit/map.json``."""
    given = inputs()
    region = places(given)
    forced = forcing(given, START, LAST_OBSERVED)
    levers = lever_arrays(scenario("baseline"), given, START, LAST_OBSERVED)
    years = LAST_OBSERVED - START + 1
    still = Shifts(jnp.zeros((years + 1, len(given.regions))), jnp.zeros((years + 1, 2)))
    observed = targets()
    names = [n for n, r in parameters().items() if r.fitted]
    scales = [scale(parameters()[n]) for n in names]
    middle = medians()

    def params(z) -> Params:
        values = {
            n: from_normal(t, m + sd * z[i])
            for i, (n, (t, m, sd)) in enumerate(zip(names, scales, strict=True))
        }
        return middle.with_values(**values)

    def run(p: Params, given_forcing: Forcing, start: State):
        return trajectory(start, p, levers, given_forcing, still, region)

    def loss(z):
        p = params(z)
        _, outcomes = run(p, forced, initial(p, region))
        return 0.5 * sum(jnp.sum(r**2) for r in residuals(observed, outcomes)) + 0.5 * jnp.sum(z**2)

    starts = [np.zeros(len(names)), *np.random.default_rng(0).normal(0.0, 0.5, (STARTS - 1, len(names)))]
    search = jax.jit(jax.value_and_grad(loss))
    ends = [_minimise(search, start, report, f"start {i + 1}") for i, start in enumerate(starts)]
    best = min(ends, key=lambda found: found.fun)
    p = params(jnp.asarray(best.x))
    end, outcomes = jax.jit(lambda p: run(p, forced, initial(p, region)))(p)

    # Levels constant: mechanisms alone
    free = dataclasses.replace(forced, track=np.zeros_like(forced.track))
    start = initial(p, region)
    area = jnp.asarray(given.area[1:])

    def level_loss(level):
        state = dataclasses.replace(start, level=level[:-2], andes_level=level[-2:])
        _, alone = run(p, free, state)
        gap = jnp.log(area + AREA_SMALL) - jnp.log(alone["coca_area_department"] + AREA_SMALL)
        andes = jnp.log(given.andes[1:].sum(axis=1)) - jnp.log(alone["coca_area_peru_bolivia"])
        return 0.5 * jnp.sum((gap / AREA_SD) ** 2) * 0.1 + 0.5 * jnp.sum((andes / AREA_SD) ** 2)

    first = np.concatenate([np.clip(np.asarray(end.level), -6.0, 1.0), np.asarray(end.andes_level)])
    constant = _minimise(jax.jit(jax.value_and_grad(level_loss)), first, report, "levels")
    state = dataclasses.replace(
        start, level=jnp.asarray(constant.x[:-2]), andes_level=jnp.asarray(constant.x[-2:])
    )
    _, alone = jax.jit(lambda s: run(p, free, s))(state)

    recorded = np.log(given.area[1:].sum(axis=1))
    with_levels = np.log(np.asarray(outcomes["coca_area"]))
    without = np.log(np.asarray(alone["coca_area"]))
    spread = float(np.var(recorded))
    table = {}
    for target, r in zip(observed, residuals(observed, outcomes), strict=True):
        raw = np.asarray(r) * target.sd
        table.setdefault(f"{target.outcome}~{target.series}", []).extend(float(x) for x in raw)
    return {
        "kind": "maximum a posteriori; departmental levels inferred from the area record",
        "data": data_digest(),
        "values": {n: float(p[n]) for n in names},
        "loss": float(best.fun),
        "loss_by_start": [float(found.fun) for found in ends],
        "log_rmse": {k: float(np.sqrt(np.mean(np.square(v)))) for k, v in table.items()},
        "national_area": {
            "log_rmse_with_levels": float(np.sqrt(np.mean((recorded - with_levels) ** 2))),
            "log_rmse_without_levels": float(np.sqrt(np.mean((recorded - without) ** 2))),
            "share_of_variance_mechanisms": float(1.0 - np.mean((recorded - without) ** 2) / spread),
            "share_of_variance_with_levels": float(1.0 - np.mean((recorded - with_levels) ** 2) / spread),
            "years": [START, LAST_OBSERVED],
        },
        "constant_levels": dict(zip(given.regions, (float(x) for x in constant.x[:-2]), strict=True)),
    }


def _minimise(value_and_gradient, start: np.ndarray, report: Callable[[str], None], what: str):

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
        evaluate, start, jac=True, method="L-BFGS-B", callback=step, options={"maxiter": 300, "maxfun": 600}
    )


def store(document: dict) -> None:
    """Write the fit into the package data."""
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")

"""What the fit is compared with: a series, the model's answer to it, and its error."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from caudal.core.clock import START
from caudal.evidence.inputs import deflator
from caudal.evidence.inputs_trade import PURITY
from caudal.evidence.series import series

SURVEY_COVERAGE_HEAVY = 0.6
"""Share of heavy users a household survey counts (judgement: it misses much of heavy use)."""


@dataclasses.dataclass(frozen=True)
class Target:
    """Observed values of an outcome, in its units, with the sd of their log error."""

    outcome: str
    series: str
    years: np.ndarray
    values: np.ndarray
    sd: np.ndarray
    shape_only: bool = False
    paired: bool = False

    def predicted(self, outcomes: dict[str, Any]) -> Any:
        """Return the model's values at the observed years (means of two years if paired)."""
        if self.outcome == "us_survey_users":
            heavy = outcomes["us_heavy_users"]
            path = outcomes["us_users"] - (1.0 - SURVEY_COVERAGE_HEAVY) * heavy
        else:
            path = outcomes[self.outcome]
        at = self.years - START
        return 0.5 * (path[at] + path[at + 1]) if self.paired else path[at]


def _target(outcome, name, entity, sd, years=None, factor=1.0, dollars=False, **kind) -> Target:
    known = series(name).annual(entity, calibrating=True)
    keep = [y for y in sorted(known) if y >= START and (years is None or y in years)]
    price = deflator() if dollars else {}
    values = np.array([known[y] * factor * (price[y] if dollars else 1.0) for y in keep])
    return Target(outcome, name, np.array(keep), values, np.full(len(keep), sd), **kind)


def targets() -> tuple[Target, ...]:
    """Return every target of the fit; unverified values never enter.

    Log errors: production 15 % (2023 left out: new yield factors), consumption 15-25 %,
    survey users 8 %, initiates 20 %, prices 12-15 %, wholesale prices 25-30 % (their purity is
    not known), farm value 30 %, deaths 8-10 %.
    """
    rate = series("cop_per_usd").annual("Colombia", calibrating=True)
    price = deflator()
    pesos = series("cocaine_price_colombia_cop").annual("Colombia", calibrating=True)
    years = np.array([y for y in sorted(pesos) if y in rate])
    export = np.array([pesos[y] / rate[y] * price[y] for y in years])
    total = range(START, 2010)
    return (
        _target("potential_cocaine", "potential_cocaine_unodc", "Colombia", 0.15, years=range(2004, 2023)),
        _target("us_consumption", "us_consumption", "US", 0.25, years=(2000,)),
        _target("us_consumption", "us_consumption", "US", 0.15, years=(2006, 2010)),
        _target("us_survey_users", "us_past_year_users_pooled", "US", 0.08, paired=True),
        _target("us_initiates", "us_initiates", "US", 0.2),
        _target("us_heavy_users", "us_chronic_users", "US", 0.2, years=(2000,)),
        _target("us_retail_price", "us_retail_price_pure", "US", 0.12, dollars=True),
        _target("us_retail_price", "us_stride_price_pure", "US", 0.12, dollars=True, shape_only=True),
        _target("us_wholesale_price", "price_chain_pure", "Stage: US, import", 0.25, dollars=True),
        _target("us_wholesale_price", "us_wholesale_price", "US", 0.3, factor=1.0 / PURITY, dollars=True),
        _target("farm_value", "farmgate_value", "Colombia", 0.3, factor=1e-6, dollars=True),
        Target("export_price", "cocaine_price_colombia_cop", years, export, np.full(len(years), 0.15)),
        _target("us_deaths", "cocaine_deaths", "US", 0.1, years=total),
        _target("us_deaths_without_synthetic", "cocaine_deaths_without_synthetic", "US", 0.08),
        _target("us_deaths_with_synthetic", "cocaine_deaths_with_synthetic", "US", 0.1),
    )

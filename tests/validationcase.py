"""Made-up results of a back-test and bands of history, small and with known answers."""

from __future__ import annotations

import numpy as np

from caudal.calibrate.backtest import Row
from caudal.calibrate.coverage import AREA, Band, Covered
from caudal.calibrate.results import Results
from caudal.evidence.registry import parameters
from caudal.model.priors import draw
from caudal.simulate.posterior import Posterior

ORIGINS = (2008, 2012, 2014)
REGIONS = ("CAUCA", "META")
CRPS = {"model": 0.1, "not_told": 0.15, "mechanisms": 0.2, "levels": 0.25, "log-gap": 0.12, "standard": 0.1}
CRPS |= {"persistence": 0.2, "random_walk": 0.3, "ar1": 0.16, "ets": 0.4, "hierarchical": 0.11}
"""CRPS of national area by method in every year; a department's is twice as much."""


def row(origin, method, target="coca_area", region="", lead=1, **scores):
    """Return one score; ``scores`` replace those that a good forecast would have."""
    usual = {"crps": 0.1, "log_density": 0.5, "error": -0.1, "inside_50": True, "inside_90": True}
    return Row(origin, origin + lead, target, region, method, **{**usual, "width_90": 1.0, **scores})


def rows():
    """Return scores of every method at three origins, all of development."""
    found = []
    for method, crps in CRPS.items():
        for origin in ORIGINS:
            for lead in range(1, 6):
                found.append(row(origin, method, lead=lead, crps=crps, inside_90=lead < 5))
                found += [row(origin, method, "departments", r, lead, crps=2.0 * crps) for r in REGIONS]
    return found


def results():
    """Return them as results."""
    settings = {"horizon": 5, "draws": 8, "largest": 12}
    settings |= {"development": [2008, 2010, 2012, 2014, 2016], "held_out": [2018, 2020, 2022]}
    return Results(settings, {year: {"known": year} for year in ORIGINS}, tuple(rows()))


def band(group, years, recorded, spread, fitted=True):
    """Return a band around what was recorded: ``spread`` log points to its 90 % ends, half to the 50 %."""
    middle = np.asarray(recorded, float) * 1.1
    shares = {"median": 0.0, "low_50": -0.5, "high_50": 0.5, "low_90": -1.0, "high_90": 1.0}
    ends = {name: middle * np.exp(share * spread) for name, share in shares.items()}
    return Band(group, fitted, np.array(years), np.asarray(recorded, float), ends)


def covered():
    """Return bands of history: national area is held by the wide band alone, the US price by none."""
    years = list(range(2001, 2025))
    bands = {
        AREA: band("area", years, np.linspace(1e5, 2e5, 24), 0.15),
        "us_stride_price": band("prices", [2006, 2009], [100.0, 150.0], 0.01),
        "seizures_colombia": band("seizures", [2010, 2011], [100.0, 150.0], 1.0, fitted=False),
    }
    held = {level: np.array([1.0, 0.0, np.nan, 1.0] + [np.nan] * 20) for level in (50, 90)}
    return Covered({"draws": 8, "seed": 1, "last": 2024}, bands, tuple(years), {"CAUCA": held})


def posterior(known=None, count=16):
    """Return a posterior that is the prior: what a record that says nothing would leave."""
    names = tuple(name for name, record in parameters().items() if record.fitted)
    drawn = draw(3, range(count))
    about = {"known": known, "owner": "unodc", "structure": "standard", "last": known or 2024}
    about |= {"data": "0123456789abcdef", "step": "fedcba", "heights": [-1.0, -2.0], "seconds": 60.0}
    about["diagnostics"] = {"rhat": 1.2, "bulk": 900.0, "tail": 500.0, "divergent": 0.0, "chains": 4}
    about["diagnostics"] |= {"draws": 100}
    about["settings"] = {"starts": 3}
    about["worst"] = {"rhat": "choice_slope", "bulk": "planting_speed", "tail": "planting_speed"}
    about["log_rmse"] = {"potential_cocaine~potential_cocaine_unodc": 0.1}
    about["national_area"] = {"years": [2000, 2024], "log_rmse_with_levels": 0.03}
    about["national_area"] |= {"log_rmse_without_levels": 0.5, "share_of_variance_mechanisms": 0.1}
    about["national_area"] |= {"share_of_variance_levels": 0.8}
    return Posterior(names, np.stack([np.asarray(drawn[n]) for n in names], axis=1), about)

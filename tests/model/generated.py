"""Generated places to walk from: stocks around plausible ones, any parameters, any levers."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
from hypothesis import strategies as st

MONTHS_WALKED = 24
SPREAD = 4.0  # generated stocks lie within this factor of plausible ones

RECORDED = ("place_spraying", "place_manual")  # levers with a record by department
EMPTY = ("young", "mature", "risk", "works", "roads", "agreed", "benefit", "treated", "legal_share")
"""Stocks that may be zero."""


def starts():
    """Return a strategy for the numbers a start is built from."""
    from caudal.evidence.registry import levers

    level = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.01, 0.99))
    return st.fixed_dictionaries(
        {
            "seed": st.integers(0, 2**31 - 1),
            "member": st.integers(0, 10_000),
            "fitted": st.booleans(),
            "noise": st.integers(0, 2**32 - 1),
            "spread": st.floats(0.0, 1.0),
            "empty": st.lists(st.sampled_from(EMPTY), max_size=3, unique=True),
            "levers": st.lists(level, min_size=len(levers()), max_size=len(levers())),
            "month": st.integers(0, 41 * 12 - MONTHS_WALKED),
        }
    )


@dataclasses.dataclass(frozen=True)
class Start:
    """Somewhere to walk from."""

    state: object
    p: object
    levers: object
    given: object


def built(bench, states, months, numbers: dict) -> Start:
    """Build a start from the stocks of many members, the forcings of all months and some numbers."""
    from caudal.evidence.registry import levers
    from caudal.model.params import Params
    from caudal.model.priors import draw
    from caudal.model.state import Levers, Placement
    from caudal.simulate.basis import members
    from caudal.simulate.scenario import PLACED

    rng = np.random.default_rng(numbers["noise"])
    regions = len(bench.given.regions)
    drawn = (members if numbers["fitted"] else draw)(numbers["seed"], [numbers["member"]])
    p = Params({n: np.asarray(v)[0] for n, v in drawn.items()})

    state = jax.tree.map(lambda x: x[numbers["member"] % len(x)], states)

    def factor(x):
        return x * np.exp(rng.uniform(-1, 1, np.shape(x)) * np.log(SPREAD) * numbers["spread"])

    def shifted(x, by):
        return x + rng.uniform(-by, by, np.shape(x)) * numbers["spread"]

    positive = ("young", "mature", "andes_area", "pipeline", "stock", "light", "heavy", "treated", "memory")
    stocks = (*positive, "exodus", "risk", "works", "agreed", "benefit")
    changes = {n: factor(getattr(state, n)) for n in stocks}
    for kind in ("roads", "titles", "presence"):
        changes[kind] = shifted(getattr(state, kind), 2000.0)
    changes["assets"] = rng.dirichlet(np.ones(3), 2)
    changes["legal_share"] = np.asarray(rng.uniform(0.0, 0.85))
    changes |= {
        n: shifted(getattr(state, n), 1.0) for n in ("level", "expected_price", "andes_level", "netback")
    }
    changes |= {
        n: np.clip(factor(getattr(state, n)), 0.01, 0.95) for n in ("trust", "caution", "cooperation")
    }
    changes["price_memory"] = shifted(state.price_memory, 0.5)
    for name in numbers["empty"]:
        changes[name] = np.zeros_like(changes[name])
    state = dataclasses.replace(state, **{n: np.asarray(v) for n, v in changes.items()})

    values = {}
    for (name, record), at in zip(levers().items(), numbers["levers"], strict=True):
        low, high = record.range
        values[name] = low + at * (high - low)
    for field in PLACED.values():
        recorded = rng.dirichlet(np.ones(regions)) * rng.choice([0.0, 0.5, 1.0])
        if field not in RECORDED:
            recorded = np.zeros(regions)
        values[field] = Placement(fixed=recorded, allowed=rng.choice([0.0, 1.0], regions))
    acting = Levers(**{n: np.asarray(v) if not isinstance(v, Placement) else v for n, v in values.items()})
    given = jax.tree.map(lambda x: x[numbers["month"] : numbers["month"] + MONTHS_WALKED], months)
    return Start(state, p, acting, given)

"""Caudal: an open simulator and evidence base of the cocaine economy, Colombia to the United States.

Example:
    >>> import caudal as cd
    >>> r = cd.scenario("substitution-led").set(aerial_spraying=0).run(draws=1000, seed=7)
    >>> r.compare(cd.scenario("baseline").run(draws=1000, seed=7))
    >>> r.ds

``r.ds`` is an ``xarray.Dataset``. Equal seed and draws mean equal random numbers, so ``compare``
pairs them. ``run`` takes several scenarios at once; ``series``, ``levers``, ``outcomes`` and
``parameters`` are the records behind the numbers. Names load when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from caudal.core.errors import CaudalError
    from caudal.evidence.registry import levers, outcomes, parameters
    from caudal.evidence.series import series, series_ids
    from caudal.simulate.results import Result, open_result
    from caudal.simulate.run import run
    from caudal.simulate.scenario import Scenario, scenario

    __version__: str

__all__ = [
    "CaudalError",
    "Result",
    "Scenario",
    "__version__",
    "levers",
    "open_result",
    "outcomes",
    "parameters",
    "run",
    "scenario",
    "series",
    "series_ids",
]

_HOMES = {
    "CaudalError": "caudal.core.errors",
    "Result": "caudal.simulate.results",
    "Scenario": "caudal.simulate.scenario",
    "levers": "caudal.evidence.registry",
    "open_result": "caudal.simulate.results",
    "outcomes": "caudal.evidence.registry",
    "parameters": "caudal.evidence.registry",
    "run": "caudal.simulate.run",
    "scenario": "caudal.simulate.scenario",
    "series": "caudal.evidence.series",
    "series_ids": "caudal.evidence.series",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that ``import caudal`` stays fast."""
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("caudal")
    elif name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""One clock for the whole model: the only place where a step length is declared.

Blocks exchange flows every sub-step of a month. Rates are declared per year; the
step length enters in ``model.step`` alone. ``SUBSTEPS`` is tested by doubling it.
"""

MONTHS = 12
"""Months per year: the period over which levers and forcings are constant."""

SUBSTEPS = 3
"""Midpoint steps per month of the coupled system (dt = 1/36 year)."""

START = 2000
"""First simulated year; stocks start on 31 December 1999."""

LAST_OBSERVED = 2024
"""Last year with a coca survey: departmental levels follow the record until its end."""

FIRST_DECISION = 2026
"""First year in which a scenario may differ from the baseline of January 2026."""

LAST_YEAR = 2050
"""Last year that may be projected."""


def years(to: int) -> range:
    """Return the simulated years up to and including ``to``."""
    return range(START, to + 1)

"""Units as strings, checked where records load and results leave; none inside the model."""

from __future__ import annotations

import functools

from caudal.core.errors import CaudalError

_DEFINITIONS = (
    "USD = [currency]",
    "COP = [peso]",
    "person = [person]",
    "household = [household]",
    "death = [death]",
    "grower = [person]",
    "user = [person]",
    "case = [case]",
    "EUR = [euro]",
    "BOB = [boliviano]",
    "laboratory = [laboratory]",
    "event = [event]",
    "strike = [strike]",
    "per_100k = 1e-5",
    "percent_point = 0.01",
    "log_point = []",
    "index = []",
    "multiple = []",
)


@functools.cache
def registry():
    """Return the unit registry with the currencies and counts of this field."""
    import pint

    units = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    for line in _DEFINITIONS:
        units.define(line)
    return units


def check_unit(unit: str, where: str) -> str:
    """Return ``unit`` when it parses, else raise ``CAU-205``."""
    import pint

    try:
        registry().parse_units(unit)
    except (pint.errors.UndefinedUnitError, pint.errors.DefinitionSyntaxError, ValueError, AttributeError):
        raise CaudalError("CAU-205", "unit", unit=unit, where=where) from None
    return unit

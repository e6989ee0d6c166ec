"""Units of the vocabulary of the model."""

import pytest

from caudal.core.errors import CaudalError
from caudal.core.units import check_unit
from caudal.evidence.registry import levers, outcomes, parameters

UNITS = {record.unit for kind in (parameters(), levers(), outcomes()) for record in kind.values()}


@pytest.mark.parametrize("unit", sorted(UNITS | {record.cost.unit for record in levers().values()}))
def test_every_unit_of_the_vocabulary_is_known(unit):
    assert check_unit(unit, "a record") == unit


def test_an_unknown_unit_is_refused_with_its_place():
    with pytest.raises(CaudalError, match=r"CAU-205.*hectare_moon.*spray_kill"):
        check_unit("hectare_moon/year", "spray_kill")

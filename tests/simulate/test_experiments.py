"""Experiments that cannot be priced, and waits for a part of nothing."""

import numpy as np
import pytest

from caudal.simulate.experiments import Experiment
from caudal.simulate.quantities import Quantity, Ratio, value

TITLE = {"en": "Some run", "es": "Una corrida"}


@pytest.mark.parametrize(
    ("lever", "fine"), [("registration_by_coca", False), ("us_posture", False), ("aerial_spraying", True)]
)
def test_money_is_spent_on_what_costs_something(lever, fine):
    asked = {"title": TITLE, "levers": {lever: {"from": 2005, "to": 2006, "spend": 1e6}}}
    if fine:
        assert Experiment.model_validate(asked).spent() == 2e6
        return
    with pytest.raises(ValueError, match=f"{lever} costs nothing"):
        Experiment.model_validate(asked)


class Emptied:
    """A source in which half a stock is left each year, and of some nothing was there."""

    def table(self, name, run, years, departments):
        return np.array([8.0, 0.0])[:, None] * 0.5 ** np.arange(len(years))

    def spent(self, run):
        return 0.0


def test_of_nothing_no_part_is_waited_for():
    asked = Quantity.model_validate(
        {"in": "emptied", "of": ["us_users"], "how": "until", "years": [2005, 2012], "left": 0.25}
    )
    assert value(Ratio(over=asked), Emptied()).tolist() == [2.0, np.inf]

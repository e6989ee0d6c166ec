r"""Aid: what US money, Colombia's own effort and cooperation let governments carry out.

.. math::
    x^{done} = x\,\big(o\,(1 - f_x) + f_x (a + r (1 - a))\big),\quad
    a = \frac{kept\,\cdot aid}{aid^{record}}

.. math::
    u^{done} = u \big(1 - \gamma (1 - C)\big)\big(1 - \gamma_i (1 - g)\big)(1 + \rho\,d)

for spraying, eradication by hand, laboratories and interdiction inside Colombia :math:`x`, of
which US aid pays a share :math:`f_x`; :math:`o` is Colombia's own effort as a multiple of the
record, and :math:`r` the part of a change in aid that Colombia makes up or withdraws. Aid at its
recorded level and own effort of 1 leave the record as it was. What interdiction inside Colombia
and towards the United States achieves, :math:`u`, also rests on cooperation :math:`C` and shared
intelligence :math:`g`; inside Colombia the police time freed by decriminalisation adds a part
:math:`\rho d`. Of the eradication accepted beyond the plan a share is carried out
(``target_delivery``). Social aid beyond the recorded level becomes rural public capital, a third
of each kind (a judgement: no split by kind was read). Sources: recommended structure section 9;
series us_aid_military and us_aid_economic.
"""

from __future__ import annotations

import dataclasses

from caudal.model.params import Params
from caudal.model.pytree import pytree
from caudal.model.state import Forcing, Levers, S, State

KINDS = 3.0  # of rural capital, each given the same part of social aid


@pytree
class AidFlows:
    """What arrives, and the levers as they are carried out."""

    ratio: S  # military aid over its recorded level
    military: S  # military and police aid that arrives, 2020 USD/year
    social: S  # economic and social aid that arrives, 2020 USD/year
    funded: S  # interdiction in Colombia that is paid for, multiple of 2024
    done: Levers


def flows(state: State, p: Params, levers: Levers, given: Forcing, kept: S, beyond_plan: S) -> AidFlows:
    """Return the levers as they are carried out.

    ``kept`` is the share of US aid that arrives, ``beyond_plan`` the eradication by hand that
    was accepted beyond Colombia's own plan, ha/year.
    """
    ratio = kept * levers.us_aid_military / given.aid_military
    covered = ratio + p.aid_replacement * (1.0 - ratio)

    def carried(share):
        return levers.colombia_own_effort * (1.0 - share) + share * covered

    joint = 1.0 - p.joint_effect * (1.0 - state.cooperation)
    shared = joint * (1.0 - p.intelligence_effect * (1.0 - levers.intelligence_sharing))
    freed = 1.0 + p.decriminalisation_effort * levers.decriminalisation_colombia
    social = kept * levers.us_aid_social
    each = p.social_aid_in_coca_areas * (social - given.aid_social) / KINDS
    uprooted = levers.manual_eradication + p.target_delivery * beyond_plan
    funded = levers.interdiction_colombia * carried(p.aid_share_interdiction)
    done = dataclasses.replace(
        levers,
        aerial_spraying=levers.aerial_spraying * carried(p.aid_share_spraying),
        drone_spraying=levers.drone_spraying * carried(p.aid_share_spraying),
        manual_eradication=uprooted * carried(p.aid_share_manual),
        laboratory_destruction=levers.laboratory_destruction * carried(p.aid_share_laboratories),
        interdiction_colombia=funded * shared * freed,
        interdiction_us_transit=levers.interdiction_us_transit * shared,
        rural_roads=levers.rural_roads + each,
        land_titles=levers.land_titles + each,
        state_presence=levers.state_presence + each,
    )
    return AidFlows(
        ratio=ratio, military=kept * levers.us_aid_military, social=social, funded=funded, done=done
    )

r"""Forest cleared by department: for new coca, by displacement, and for pasture.

.. math::
    direct_r = \phi\,plant_r,\quad displaced_r = \psi\,e_r,\quad pasture_r = d\,a_r

Each hectare of coca planted clears :math:`\phi` hectares of forest. A share :math:`\psi` of the
coca removed by force, :math:`e_r`, is replanted in forest elsewhere. Land left by coca,
:math:`a_r`, turns to pasture, and :math:`d` hectares of forest are cleared around it. One way:
the forest left does not limit planting, and no forest grows back. Displaced clearing is counted
where the coca was removed. Source: recommended structure section 7; lit.E24, E25; sup.S99, S102.
"""

from __future__ import annotations

from caudal.model.params import Params
from caudal.model.pytree import pytree
from caudal.model.state import R


@pytree
class ForestFlows:
    """Forest cleared, ha/year."""

    direct: R
    displaced: R
    pasture: R


def flows(p: Params, planted: R, forced: R, abandoned: R) -> ForestFlows:
    """Return forest cleared; planted, removed by force and abandoned coca are in ha/year."""
    return ForestFlows(
        direct=p.forest_planting * planted,
        displaced=p.forest_displacement * forced,
        pasture=p.forest_pasture * abandoned,
    )

r"""Traffic: the pipeline out of the Andes and the choice between two destinations.

.. math::
    out_o = X_o/\tau_x,\quad ship_o = out_o (1 - i_o),\quad
    s_{o,US} = \sigma(a_o + \theta_q (\ln \bar n_{US} - \ln \bar n_{W}))

.. math::
    i_{Colombia} = 1 - e^{-\eta\, u\, h}

Origins are Colombia, and Peru with Bolivia; destinations the United States and the rest of
the world, each an aggregate. :math:`\bar n_m` is the mean net value of a destination over its
corridors, smoothed over :math:`\tau_s`: with current values the share swings from month to
month. :math:`h` is the loss hazard implied by the record and :math:`u` the effort (1 = 2024).
What happens between the border and the market is in the corridors block. Source: recommended
structure sections 3-5; prototype findings 3.1.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from caudal.model.netback import destination_netback
from caudal.model.params import Params
from caudal.model.state import Forcing, Levers, State, TradeFlows


def flows(state: State, p: Params, levers: Levers, given: Forcing) -> TradeFlows:
    """Return what leaves the Andes, what is seized there, and what is shipped to each destination."""
    leaving = state.pipeline / p.pipeline_time
    source = jnp.stack(
        [
            1.0 - jnp.exp(-p.seizure_scale_source * given.seizure_source * levers.interdiction_colombia),
            p.andes_seizure_share,
        ]
    )
    seized_source = leaving * source
    exported = leaving - seized_source
    worth = destination_netback(p, state.netback)
    lean = p.destination_slope * (worth[0] - worth[1])
    share_us = jax.nn.sigmoid(jnp.stack([p.destination_level, p.andes_destination_level]) + lean)
    to_us = jnp.sum(exported * share_us)
    return TradeFlows(
        leaving=leaving,
        spoiled=p.spoilage * state.pipeline,
        seized_source=seized_source,
        shipped=jnp.stack([to_us, jnp.sum(exported) - to_us]),
        share_us=share_us,
    )

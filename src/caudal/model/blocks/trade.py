r"""Traffic: the pipeline out of the Andes, two destinations, seizures and what was learned.

.. math::
    out_o = X_o/\tau_x,\quad ship_o = out_o (1 - i_o),\quad
    s_{o,US} = \sigma(a_o + \theta_q (\ln \bar n_{US} - \ln \bar n_{W}))

.. math::
    n_m = (p_{W,m}(1-q_m) - c_m - R q_m)^+ + n_0,\quad i_m = 1 - e^{-(\eta_m u_m h_m + d_m)}

Origins are Colombia, and Peru with Bolivia; destinations the United States and the rest of
the world, each an aggregate. The netback is smoothed over :math:`\tau_s`: with current
netbacks the share swings from month to month. :math:`h_m` is the loss hazard implied by the
record, :math:`u_m` the effort lever (1 = 2024), :math:`d_m` the disruption of 2007-14 towards
the US and :math:`n_0` a rent below which destinations are hardly compared.
Source: recommended structure sections 3-5; prototype findings 3.1.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from caudal.model.netback import log_netback
from caudal.model.params import Params
from caudal.model.state import Forcing, Levers, State, TradeFlows, Two


def flows(state: State, p: Params, levers: Levers, given: Forcing, wholesale: Two) -> TradeFlows:
    """Return shipments, seizures and deliveries; ``wholesale`` in 2020 USD/kg by market."""
    leaving = state.pipeline / p.pipeline_time
    source = jnp.stack(
        [
            1.0 - jnp.exp(-p.seizure_scale_source * given.seizure_source * levers.interdiction_colombia),
            p.andes_seizure_share,
        ]
    )
    seized_source = leaving * source
    exported = leaving - seized_source

    lean = p.destination_slope * (state.netback[0] - state.netback[1])
    share_us = jax.nn.sigmoid(jnp.stack([p.destination_level, p.andes_destination_level]) + lean)
    to_us = jnp.sum(exported * share_us)
    shipped = jnp.stack([to_us, jnp.sum(exported) - to_us])
    hazard = jnp.stack(
        [
            p.seizure_scale_us * given.seizure_us * levers.interdiction_us_transit
            + p.us_disruption * given.disruption,
            p.seizure_scale_world * given.seizure_world * levers.interdiction_world_transit,
        ]
    )
    loss = 1.0 - jnp.exp(-hazard)
    return TradeFlows(
        leaving=leaving,
        spoiled=p.spoilage * state.pipeline,
        seized_source=seized_source,
        shipped=shipped,
        seized_transit=shipped * loss,
        delivered=shipped * (1.0 - loss),
        share_us=share_us,
        loss=loss,
        netback=log_netback(p, wholesale, state.caution),
    )

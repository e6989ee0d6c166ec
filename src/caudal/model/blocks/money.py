r"""The money ledger: what users pay, and where every dollar of it goes.

.. math::
    \sum_m p_{R,m}\,use_m = farm + laboratories + traffic + dealing + \Delta stocks - losses

Each line is a stage's margin on what it sold; seized and spoiled goods are losses at the
price of the stage that lost them; goods put into or taken from stock are valued at that
stage's price. Source: recommended structure section 8.
"""

from __future__ import annotations

import jax.numpy as jnp

from caudal.model.pytree import pytree
from caudal.model.state import CorridorFlows, Prices, S, TradeFlows, Two


@pytree
class MoneyFlows:
    """Money per year, 2020 USD."""

    spending: Two  # by market
    dealing: Two  # retail margin by market
    consumer_stock: Two  # sold from (+) or added to (-) dealers' stocks, at wholesale price
    traffic: Two  # margin on delivered goods by destination
    lost_transit: Two  # seized in transit, at export price
    origin: S  # laboratories' and local traffickers' margin on exports
    farm_colombia: S  # farm value of Colombian output
    farm_andes: S  # farm value of output in Peru and Bolivia
    pipeline_stock: S  # sold from (+) or added to (-) the pipeline, at farm price
    lost_source: S  # seized or spoiled before export, at farm price


def flows(made: S, andes: Two, trade: TradeFlows, corridors: CorridorFlows, prices: Prices) -> MoneyFlows:
    """Return the ledger; ``made`` and ``andes`` are output in kg/year."""
    lost = jnp.sum(trade.seized_source) + jnp.sum(trade.spoiled)
    exported = jnp.sum(trade.shipped)
    produced = made + jnp.sum(andes)
    return MoneyFlows(
        spending=prices.retail * prices.use,
        dealing=(prices.retail - prices.wholesale) * prices.use,
        consumer_stock=prices.wholesale * (prices.use - corridors.delivered),
        traffic=(prices.wholesale - prices.export) * corridors.delivered,
        lost_transit=prices.export * corridors.seized_transit,
        origin=(prices.export - prices.farm) * exported,
        farm_colombia=prices.farm * made,
        farm_andes=prices.farm * jnp.sum(andes),
        pipeline_stock=prices.farm * (exported + lost - produced),
        lost_source=prices.farm * lost,
    )


def balance(m: MoneyFlows) -> S:
    """Return the ledger's residual, 2020 USD/year: zero when every dollar is booked."""
    booked = (
        jnp.sum(m.dealing)
        + jnp.sum(m.consumer_stock)
        + jnp.sum(m.traffic)
        - jnp.sum(m.lost_transit)
        + m.origin
        + m.farm_colombia
        + m.farm_andes
        + m.pipeline_stock
        - m.lost_source
    )
    return jnp.sum(m.spending) - booked

"""From stocks and flows to the outcomes people judge by (records in ``data/outcomes``)."""

from __future__ import annotations

import jax.numpy as jnp

from caudal.model.state import Places, State
from caudal.model.step import Flows


def measures(state: State, f: Flows, places: Places) -> dict[str, object]:
    """Return every outcome of a month, in the units of its record.

    Stocks are those at the end of the month; flows and prices are means over it.
    """
    area = state.young + state.mature
    mask = places.mask
    potential = jnp.sum(f.labs.potential) / 1000.0
    andes = jnp.sum(f.andes.production) / 1000.0
    return {
        "coca_area": jnp.sum(mask * area),
        "coca_area_department": mask * area,
        "coca_area_peru_bolivia": jnp.sum(state.andes_area),
        "coca_planted_department": mask * f.farms.planted,
        "coca_planted": jnp.sum(mask * f.farms.planted),
        "eradication_reported": jnp.sum(
            mask * (f.farms.reported_spraying + f.farms.reported_drone + f.farms.reported_manual)
        ),
        "eradication_removed": jnp.sum(mask * f.farms.removed_by_force),
        "eradication_removed_department": mask * f.farms.removed_by_force,
        "sprayed_by_aircraft": jnp.sum(mask * f.farms.reported_spraying),
        "sprayed_by_drone": jnp.sum(mask * f.farms.reported_drone),
        "uprooted_by_hand": jnp.sum(mask * f.farms.reported_manual),
        "laboratories_destroyed": f.aid.done.laboratory_destruction,
        "interdiction_effort_colombia": f.aid.funded,
        "rural_capital": jnp.sum(mask * places.weight * (state.roads + state.titles + state.presence)),
        "substitution_removed": jnp.sum(mask * f.farms.removed_voluntary),
        "potential_cocaine": potential,
        "potential_cocaine_peru_bolivia": andes,
        "colombia_share": 100.0 * potential / (potential + andes),
        "cocaine_seized_colombia": f.trade.seized_source[0] / 1000.0,
        "cocaine_seized_transit": jnp.sum(f.corridors.seized_transit) / 1000.0,
        "cocaine_seized_transit_us": f.corridors.seized_transit[0] / 1000.0,
        "cocaine_to_us": f.corridors.delivered[0] / 1000.0,
        "cocaine_to_world": f.corridors.delivered[1] / 1000.0,
        "cocaine_to_europe": f.corridors.europe / 1000.0,
        "flow_pacific": f.corridors.entering[0, 0] / 1000.0,
        "flow_caribbean": f.corridors.entering[0, 1] / 1000.0,
        "flow_venezuela": f.corridors.entering[0, 2] / 1000.0,
        "flow_overland": f.corridors.entering[0, 3] / 1000.0,
        "flow_ecuador": f.corridors.entering[1, 0] / 1000.0,
        "flow_brazil": f.corridors.entering[1, 1] / 1000.0,
        "flow_atlantic": f.corridors.entering[1, 2] / 1000.0,
        "flow_dispersed": f.corridors.entering[1, 3] / 1000.0,
        "transit_ecuador": f.corridors.through[0],
        "transit_venezuela": f.corridors.through[1],
        "transit_central_america": f.corridors.through[2],
        "transit_mexico": f.corridors.through[3],
        "people_killed_at_sea": f.corridors.killed,
        "us_consumption": (f.prices.use[0] + f.regulation.use) / 1000.0,
        "us_legal_use": f.regulation.use / 1000.0,
        "us_illicit_share": 100.0 * f.prices.use[0] / (f.prices.use[0] + f.regulation.use),
        "regulated_tax_revenue": f.regulation.revenue / 1e6,
        "licensed_coca_area": f.regulation.area,
        "world_consumption": f.prices.use[1] / 1000.0,
        "us_retail_price": f.prices.retail[0] / 1000.0,
        "us_wholesale_price": f.prices.wholesale[0],
        "world_retail_price": f.prices.retail[1] / 1000.0,
        "export_price": f.prices.export,
        "farm_price": f.prices.farm,
        "leaf_price": f.prices.leaf,
        "base_price": f.prices.base,
        "us_users": state.light + state.heavy + state.treated,
        "us_heavy_users": state.heavy + state.treated,
        "us_treated": state.treated,
        "us_treatment_entries": f.users.enrolled,
        "us_initiates": f.users.initiated,
        "us_deaths": f.deaths.without_synthetic + f.deaths.with_synthetic,
        "us_deaths_without_synthetic": f.deaths.without_synthetic,
        "us_deaths_with_synthetic": f.deaths.with_synthetic,
        "growers_income": jnp.sum(f.income.coca + f.income.payments) / 1e6,
        "growers_income_department": (f.income.coca + f.income.payments) / 1e6,
        "growers_income_coca": jnp.sum(f.income.coca) / 1e6,
        "substitution_payments": jnp.sum(f.income.payments) / 1e6,
        "households_in_coca": f.income.households,
        "local_economy": f.income.local / 1e6,
        "us_spending": f.money.spending[0] / 1e9,
        "farm_value": f.money.farm_colombia / 1e6,
        "contestation_department": mask * f.conflict.contestation,
        "homicides_coca_departments": jnp.sum(mask * f.conflict.homicides),
        "homicides_attributable": jnp.sum(mask * f.conflict.homicides_attributable),
        "people_displaced": jnp.sum(mask * f.conflict.displaced),
        "people_displaced_attributable": jnp.sum(mask * f.conflict.displaced_attributable),
        "people_exposed_to_spraying": jnp.sum(mask * f.conflict.exposed),
        "leaders_killed": jnp.sum(mask * f.conflict.leaders),
        "transit_violence": f.conflict.transit,
        "forest_cleared": jnp.sum(mask * (f.forest.direct + f.forest.displaced + f.forest.pasture)),
        "forest_cleared_cumulative": jnp.sum(mask * state.cleared),
        "cooperation": state.cooperation,
        "eradication_accepted": f.diplomacy.accepted,
        "us_aid": (f.aid.military + f.aid.social) / 1e6,
        "us_aid_for_security": f.aid.military / 1e6,
        "us_aid_for_development": f.aid.social / 1e6,
    }

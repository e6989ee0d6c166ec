"""The stocks of the system as one pytree, and the shape of what blocks return."""

from __future__ import annotations

import numpy as np
from jaxtyping import Array, Float

from caudal.model.pytree import pytree

S = Float[Array | np.ndarray, "*lead"]
R = Float[Array | np.ndarray, "*lead region"]
Two = Float[Array | np.ndarray, "*lead 2"]
"""A number, a number per region and a pair. ``lead`` are the axes that a call shares, such as
(member) or (year, month): inside a step there are none."""

Beside = Float[Array | np.ndarray, "*lead region neighbour"]
"""A number per region and neighbour of it, over the same regions."""

Three = Float[Array | np.ndarray, "*lead 3"]
"""A number per kind of rural capital: roads, titles, state presence."""

Corridors = Float[Array | np.ndarray, "*lead 2 4"]
Patrolled = Float[Array | np.ndarray, "*lead 2 3"]
Four = Float[Array | np.ndarray, "*lead 4"]
"""A number per destination and corridor: all four, and the three that interdiction can reach.

Towards the United States: Pacific, Caribbean, Venezuela, overland. Towards the rest of the
world: Ecuador, Brazil, Atlantic ports, dispersed. The last of each is the backstop.
"""


@pytree
class State:
    """Every stock of the model. ``region`` is the Colombian axis.

    Pairs are (Peru, Bolivia) for ``andes_*``, (Colombia, Peru and Bolivia) for
    ``pipeline`` and (United States, rest of the world) for the trade stocks.
    """

    young: R  # coca too young to harvest, ha
    mature: R  # coca in harvest, ha
    level: R  # departmental level of desired area, logit points
    usual_level: R  # what that level has been on average for long, logit points
    exodus: R  # rate at which land is left faster than growers' own pace, 1/year
    risk: R  # hazard of forced eradication growers expect, 1/year
    usual_risk: R  # that hazard as the recorded yields already hold it, 1/year
    works: Three  # rural public capital under construction, 2020 USD
    roads: R  # in use per coca household, 2020 USD
    titles: R  # the same for land titles, 2020 USD
    presence: R  # the same for state presence, 2020 USD
    agreed: R  # land under substitution agreements, ha
    benefit: S  # benefit growers expect for giving up coca, 2020 USD/ha
    trust: S  # credibility of payments, 0-1
    expected_price: S  # log of the farm price growers expect, ln(2020 USD/kg HCl)
    andes_area: Two  # coca for cocaine in Peru and Bolivia, ha
    andes_level: Two  # level of desired area in Peru and Bolivia, log points
    pipeline: Two  # cocaine between laboratory and border, kg
    stock: Two  # cocaine in consumer countries, kg
    netback: Corridors  # smoothed log of traffickers' net value, ln(2020 USD/kg)
    caution: Corridors  # loss probability traffickers expect, 0-1
    assets: Patrolled  # share of interdiction assets by corridor, sums to 1 by destination
    light: S  # light users, persons
    heavy: S  # heavy users, persons
    treated: S  # heavy users in treatment, persons
    memory: S  # memory of heavy use, person-years
    price_memory: S  # one-year average of the log price ratio, log points
    calm: R  # log of the homicides that coca does not explain, ln(death/year)
    cleared: R  # forest cleared since 2000, ha
    cooperation: S  # cooperation between both governments, 0-1 (1 = no open dispute)
    legal_share: S  # share of US users who buy from a licensed supply, 0-1


@pytree
class Forcing:
    """What the model takes as given in a month (time is the leading axis before a scan)."""

    track: S  # 1 while departmental levels follow the area record, else 0
    target: R  # recorded area to follow, ha
    target_growth: R  # its rate of change, 1/year
    andes_target: Two  # recorded area of Peru and Bolivia for cocaine, ha
    andes_target_growth: Two  # 1/year
    level_shift: R  # departure of the level from its last inferred value, logit points
    growth_shift: R  # growth of area that no mechanism explains, 1/year
    andes_shift: Two  # departure of the levels of Peru and Bolivia, log points
    exchange: S  # real exchange rate, 2010-19 mean = 1
    yield_index: S  # technical yield of Colombian coca, 2005 = 1
    yield_early: S  # 1 in 2000 falling to 0 in 2005: weight of the older, lower yields
    yield_jump: S  # log of the jump in surveyed yields of 2023, log points
    fentanyl: S  # exposure to synthetic opioids, 2021 = 1
    population: S  # US population aged 12 and over, 2000 = 1
    disruption: S  # disruption of traffic to the US in 2007-14, 0-1
    seizure_source: S  # loss hazard inside Colombia implied by the record, -ln(1 - share)
    seizure_us: S  # the same towards the US
    seizure_world: S  # the same towards the rest of the world
    years_since: S  # years of the record gone by
    early_years: S  # years of 2000-13 gone by
    late_years: S  # years of 2013-24 gone by
    projection_years: S  # years gone by beyond the record
    beyond_years: S  # years gone by beyond the record of what comes from outside
    homicides: R  # recorded homicides to follow, death/year
    contestation: R  # contestation between armed groups, 0-1
    farc_before: R  # where FARC stood before its exit, 0-1
    people: R  # inhabitants, persons
    exited: S  # 1 from the exit of FARC on, else 0
    since_exit: S  # years gone by since the exit of FARC
    aid_military: S  # US military and police aid of the record, then of the baseline, 2020 USD/year
    aid_social: S  # US economic and social aid, the same, 2020 USD/year


@pytree
class Placement:
    """Where a departmental lever is used.

    ``fixed`` are recorded shares; what they leave (1 - sum) is placed in proportion to the
    coca standing in the departments where ``allowed`` is 1.
    """

    fixed: R
    allowed: R


@pytree
class Levers:
    """What governments decide in a month; names are those of the lever records."""

    aerial_spraying: S  # ha/year reported
    drone_spraying: S  # ha/year reported
    manual_eradication: S  # ha/year reported
    substitution_enrolment: S  # households/year entering agreements
    substitution_payment: S  # 2020 USD per household over the agreement
    payment_reliability: S  # share of promised payments made
    registration_by_coca: S  # 1 when growing coca is what makes a household eligible
    rural_roads: S  # 2020 USD/year of public investment in coca areas
    land_titles: S  # 2020 USD/year
    state_presence: S  # 2020 USD/year
    laboratory_destruction: S  # laboratories/year
    interdiction_colombia: S  # effort, multiple of 2024
    interdiction_us_transit: S  # effort, multiple of 2024
    interdiction_world_transit: S  # effort, multiple of 2024
    interdiction_pacific: S  # extra effort on a corridor, multiple of that of 2024
    interdiction_caribbean: S
    interdiction_venezuela: S
    interdiction_ecuador: S
    interdiction_brazil: S
    interdiction_atlantic: S
    air_and_sea_force: S  # strikes/year
    treatment_admissions: S  # persons/year admitted for cocaine
    prevention_coverage: S  # share of each US cohort reached
    harm_reduction: S  # share of people at risk reached
    decriminalisation_us: S  # share of people
    decriminalisation_colombia: S  # 0 = rules of today, 1 = no police action on use
    regulated_supply: S  # share of US users with access to a licensed supply
    regulated_tax: S  # 2020 USD/g
    us_aid_military: S  # 2020 USD/year
    us_aid_social: S  # 2020 USD/year
    colombia_own_effort: S  # multiple of the record
    us_posture: S  # 0 dialogue, 1 ultimatum
    colombia_posture: S  # 0 dialogue, 1 refusal
    certification: S  # 1 certified, 0 not
    certification_waiver: S  # 1 when a waiver keeps aid lawful
    aid_conditionality: S  # share of aid that depends on the eradication asked for
    tariff_threat: S  # percent
    intelligence_sharing: S  # 1 as in 2024
    eradication_requested: S  # ha/year
    place_spraying: Placement
    place_drones: Placement
    place_manual: Placement
    place_substitution: Placement
    place_roads: Placement
    place_titles: Placement
    place_presence: Placement


@pytree
class Places:
    """What does not change over a run: the region axis and its land."""

    mask: R  # 1 for a real region, 0 for padding
    start: R  # coca on 31 December 1999, ha
    peak: R  # largest recorded area, ha
    weight: R  # share of coca households, sums to 1
    andes_start: Two  # coca for cocaine in Peru and Bolivia on 31 December 1999, ha
    homicides_start: R  # homicides a year at the start, death/year
    neighbours: Beside  # weight of each neighbour; a region's sum to 1, or to 0 where it has none


@pytree
class Prices:
    """Prices in 2020 USD per kilogram of pure hydrochloride equivalent."""

    leaf: S  # 2020 USD per kilogram of fresh leaf
    farm: S
    base: S  # 2020 USD per kilogram of base
    export: S
    wholesale: Two  # by market
    retail: Two  # by market
    ratio: Two  # log of retail over its reference, by market
    use: Two  # kg/year, by market
    demand: Two  # kg/year at reference price, by market


@pytree
class TradeFlows:
    """Flows between the laboratory and the border, kg/year."""

    leaving: Two  # by origin
    spoiled: Two  # by origin
    seized_source: Two  # by origin
    shipped: Two  # by destination
    share_us: Two  # share of each origin bound for the US, 0-1


@pytree
class CorridorFlows:
    """Flows between the border and the consumer countries, kg/year."""

    share: Corridors  # share of the shipments to a destination, sums to 1
    entering: Corridors
    seized: Corridors  # seized, or sunk by force
    loss: Corridors  # loss probability, 0-1
    feared: Corridors  # loss probability that traffickers learn from, 0-1
    netback: Corridors  # log of the current net value, ln(2020 USD/kg)
    assets_wanted: Patrolled  # where interdiction assets move to, sums to 1
    seized_transit: Two  # by destination
    delivered: Two  # by destination
    europe: S  # delivered to Europe, part of the rest of the world
    killed: S  # people killed by strikes, persons/year
    through: Four  # tonnes/year passing Ecuador, Venezuela, Central America, Mexico

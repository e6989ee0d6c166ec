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


@pytree
class State:
    """Every stock of the model. ``region`` is the Colombian axis.

    Pairs are (Peru, Bolivia) for ``andes_*``, (Colombia, Peru and Bolivia) for
    ``pipeline`` and (United States, rest of the world) for the trade stocks.
    """

    young: R  # coca too young to harvest, ha
    mature: R  # coca in harvest, ha
    level: R  # departmental level of desired area, logit points
    risk: R  # hazard of forced eradication growers expect, 1/year
    usual_risk: R  # that hazard as the recorded yields already hold it, 1/year
    capital: R  # rural public capital per coca household, 2020 USD
    agreed: R  # land under substitution agreements, ha
    benefit: S  # benefit growers expect for giving up coca, 2020 USD/ha
    trust: S  # credibility of payments, 0-1
    expected_price: S  # log of the farm price growers expect, ln(2020 USD/kg HCl)
    andes_area: Two  # coca for cocaine in Peru and Bolivia, ha
    andes_level: Two  # level of desired area in Peru and Bolivia, log points
    pipeline: Two  # cocaine between laboratory and border, kg
    stock: Two  # cocaine in consumer countries, kg
    netback: Two  # smoothed log of traffickers' net value, ln(2020 USD/kg)
    caution: Two  # loss probability traffickers expect on each side, 0-1
    light: S  # light users, persons
    heavy: S  # heavy users, persons
    treated: S  # heavy users in treatment, persons
    memory: S  # memory of heavy use, person-years
    price_memory: S  # one-year average of the log price ratio, log points
    calm: R  # log of the homicides that coca does not explain, ln(death/year)
    cleared: R  # forest cleared since 2000, ha


@pytree
class Forcing:
    """What the model takes as given in a month (time is the leading axis before a scan)."""

    track: S  # 1 while departmental levels follow the area record, else 0
    target: R  # recorded area to follow, ha
    target_growth: R  # its rate of change, 1/year
    andes_target: Two  # recorded area of Peru and Bolivia for cocaine, ha
    andes_target_growth: Two  # 1/year
    level_shift: R  # departure of the level from its last inferred value, logit points
    andes_shift: Two  # the same for Peru and Bolivia, log points
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
    homicides: R  # recorded homicides to follow, death/year
    contestation: R  # contestation between armed groups, 0-1
    farc_before: R  # where FARC stood before its exit, 0-1
    people: R  # inhabitants, persons
    exited: S  # 1 from the exit of FARC on, else 0
    since_exit: S  # years gone by since the exit of FARC


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
    manual_eradication: S  # ha/year reported
    substitution_enrolment: S  # households/year entering agreements
    substitution_payment: S  # 2020 USD per household over the agreement
    payment_reliability: S  # share of promised payments made
    registration_by_coca: S  # 1 when growing coca is what makes a household eligible
    rural_development: S  # 2020 USD/year of public investment in coca areas
    laboratory_destruction: S  # laboratories/year
    interdiction_colombia: S  # effort, multiple of 2024
    interdiction_us_transit: S  # effort, multiple of 2024
    interdiction_world_transit: S  # effort, multiple of 2024
    treatment_admissions: S  # persons/year admitted for cocaine
    prevention_coverage: S  # share of each US cohort reached
    harm_reduction: S  # share of people at risk reached
    place_spraying: Placement
    place_manual: Placement
    place_substitution: Placement
    place_development: Placement


@pytree
class Places:
    """What does not change over a run: the region axis and its land."""

    mask: R  # 1 for a real region, 0 for padding
    start: R  # coca on 31 December 1999, ha
    peak: R  # largest recorded area, ha
    weight: R  # share of coca households, sums to 1
    andes_start: Two  # coca for cocaine in Peru and Bolivia on 31 December 1999, ha
    homicides_start: R  # homicides a year at the start, death/year


@pytree
class Prices:
    """Prices in 2020 USD per kilogram of pure hydrochloride equivalent."""

    farm: S
    export: S
    wholesale: Two  # by market
    retail: Two  # by market
    ratio: Two  # log of retail over its reference, by market
    use: Two  # kg/year, by market
    demand: Two  # kg/year at reference price, by market


@pytree
class TradeFlows:
    """Flows between the laboratory and the consumer countries, kg/year."""

    leaving: Two  # by origin
    spoiled: Two  # by origin
    seized_source: Two  # by origin
    shipped: Two  # by destination
    seized_transit: Two  # by destination
    delivered: Two  # by destination
    share_us: Two  # share of each origin bound for the US, 0-1
    loss: Two  # loss probability by destination, 0-1
    netback: Two  # log of the current net value, ln(2020 USD/kg)

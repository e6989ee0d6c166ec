r"""Coca farms by department: planting, ageing, eradication, abandonment, substitution.

Households choose coca or licit work at the price they expect. Desired area is a share of
suitable land,

.. math::
    A^*_r = \bar A_r \frac{x_r}{1+x_r} e^{-a\,E_r/(N_r+E_r)},\quad
    \ln x_r = \alpha_r + \theta z_r + \omega \ln(1 + B/v_0)

.. math::
    z_r = \ln\frac{\hat p_F}{p_{F,0}} + \ln\rho + \ln(1-\ell(1-e^{-\pi_r})) - \sum_k \lambda_k K_{k,r}

with the real exchange rate :math:`\rho`, expected eradication hazard :math:`\pi_r`, public
capital :math:`K_{k,r}` per coca household in roads, titles and state presence, land under
agreement :math:`E_r` and expected benefit :math:`B`. The expected price counts the leaf that
finds no buyer as unsold.
Planted area closes a linear gap, faster upwards (:math:`\kappa_p`) than downwards (:math:`\kappa_a`).
Eradication removes area with a saturating hazard (``model.smooth.saturate``), so hectares
*reported* (the lever) and hectares *removed* differ.

While the survey record lasts the level :math:`\alpha_r` is inferred: the flows are inverted
for the desired area that makes planted area follow the record (docs/decisions/0003). Where the
record falls faster than growers leave land by themselves, the rest is inferred as an exodus;
it ends with the record.

Sources: recommended structure section 2; prototype findings section 6.
"""

from __future__ import annotations

import jax.numpy as jnp

from caudal.model.params import Params
from caudal.model.placement import placed
from caudal.model.pytree import pytree
from caudal.model.smooth import ramp, saturate
from caudal.model.state import Forcing, Levers, Places, R, S, State

GAP_WIDTH = 0.02  # relative width of the bend between planting and abandoning
LEAST_GAP = -0.98  # relative gap at which growers leave land as fast as they do by themselves
SEED = 1.0  # ha from which a department without coca can start
PROGRAMME = 10_000.0  # households/year: enrolment at which payments are half as visible as they can be
LEAST_REMEMBERED = 0.25  # inferred levels never forget more than three quarters of what stands
FASTEST_EXODUS = 3.0  # 1/year: at most 95 % of the land is left in a year
EXODUS_WIDTH = 1e-4  # 1/year: width of the bend at no exodus
EXODUS_TIME = 0.15  # year: time in which the inferred exodus adjusts
FASTEST_TRACKING = 2.0  # 1/year: a gap to the record halves in about four months


@pytree
class FarmFlows:
    """Flows of the farm block, per year."""

    planted: R  # ha/year
    matured: R  # ha/year
    aged: R  # ha/year lost to old age
    abandoned: R  # ha/year
    removed_spraying: R  # ha/year
    removed_drone: R  # ha/year
    removed_manual: R  # ha/year
    removed_voluntary: R  # ha/year
    hazard: R  # hazard of removal, forced or voluntary, 1/year
    forced: R  # of which forced, 1/year
    level_wanted: R  # level that would make the area follow the record, logit points
    exodus_wanted: R  # what must be left beyond growers' own pace to follow the record, 1/year
    level_held: R  # level at which growers choose the area that is desired now, logit points
    lapsed: R  # ha/year leaving agreements
    benefit_target: S  # 2020 USD/ha
    seen: S  # how much growers learn of payments: 0 without a programme, towards 1 in a large one
    desired: R  # ha
    reported_spraying: R  # ha/year
    reported_drone: R  # ha/year
    reported_manual: R  # ha/year
    enrolled: R  # households/year entering agreements

    @property
    def removed_by_force(self) -> R:
        """Return the coca removed by spraying and by hand, ha/year."""
        return self.removed_spraying + self.removed_drone + self.removed_manual


def flows(state: State, p: Params, levers: Levers, given: Forcing, places: Places) -> FarmFlows:
    """Return the farm flows at a state."""
    area = state.young + state.mature
    ceiling = p.land_multiple * places.peak + SEED
    spraying = placed(levers.aerial_spraying, levers.place_spraying, area, places.mask)
    drones = placed(levers.drone_spraying, levers.place_drones, area, places.mask)
    manual = placed(levers.manual_eradication, levers.place_manual, area, places.mask)
    enrolled = placed(levers.substitution_enrolment, levers.place_substitution, area, places.mask)

    # Eradication, forced and voluntary
    sprayed = p.spray_kill * spraying
    droned = p.drone_kill * drones
    uprooted = p.manual_kill * manual
    pulled = p.voluntary_kill * p.hectares_per_household_agreed * enrolled
    effort = sprayed + droned + uprooted + pulled
    hazard = saturate(effort, area, p.removal_ceiling)
    removed_per_effort = hazard * area / (effort + 1e-6)

    # Choice between coca and licit work
    capital = p.road_return * state.roads + p.title_return * state.titles + p.presence_return * state.presence
    log_return = (
        state.expected_price
        - jnp.log(p.farm_share * p.export_price)
        + jnp.log(given.exchange)
        + p.exchange_drift * given.projection_years
        + jnp.log(1.0 - p.perceived_loss * (1.0 - jnp.exp(-state.risk)))
        - capital / 1000.0
    )
    pull = p.choice_slope * log_return + p.announcement_effect * jnp.log1p(
        state.benefit / p.income_per_hectare
    )
    under_agreement = jnp.exp(-p.agreement_additionality * state.agreed / (area + state.agreed + SEED))
    odds = jnp.exp(state.level + given.level_shift + pull)
    chosen = ceiling * odds / (1.0 + odds) * under_agreement

    # Desired area that makes the area follow the record (exact inverse of the gap law)
    up = p.planting_speed * (area + SEED)
    down = p.abandonment_speed * area
    apart = 2.0 * (given.target - area) / (given.target + area + 2.0 * SEED)
    correction = FASTEST_TRACKING * apart
    wanted_change = (given.target_growth + correction) * (area + SEED)
    inflow = wanted_change + hazard * area + p.ageing * state.mature
    least = up * ramp(LEAST_GAP, GAP_WIDTH) - down * ramp(-LEAST_GAP, GAP_WIDTH)
    missing = ramp(least - inflow, GAP_WIDTH * down) / (area + SEED)
    exodus_wanted = FASTEST_EXODUS * jnp.tanh(missing / FASTEST_EXODUS)
    leaving = ramp(state.exodus, EXODUS_WIDTH) * area
    inflow += leaving
    mean, half = 0.5 * (up + down), 0.5 * (up - down)
    product = up * down + 1e-6
    gap_wanted = (mean * inflow - half * jnp.sqrt(inflow * inflow + product * GAP_WIDTH**2)) / product
    gap_wanted = jnp.clip(gap_wanted, LEAST_GAP, 1e4)
    desired_wanted = jnp.clip(area + gap_wanted * (area + SEED), 0.01, 0.98 * ceiling * under_agreement)
    remembered = jnp.maximum(desired_wanted, LEAST_REMEMBERED * area + 0.01)
    share_wanted = jnp.minimum(remembered / (ceiling * under_agreement), 0.98)
    level_wanted = jnp.log(share_wanted / (1.0 - share_wanted)) - pull - given.level_shift

    desired = given.track * desired_wanted + (1.0 - given.track) * chosen
    share = desired / (ceiling * under_agreement)
    level_held = jnp.log(share) - jnp.log1p(-share) - pull - given.level_shift
    gap = (desired - area) / (area + SEED)
    planted = up * ramp(gap, GAP_WIDTH)
    abandoned = down * ramp(-gap, GAP_WIDTH) + leaving

    return FarmFlows(
        planted=planted,
        matured=state.young / p.maturation_time,
        aged=p.ageing * state.mature,
        abandoned=abandoned,
        removed_spraying=removed_per_effort * sprayed,
        removed_drone=removed_per_effort * droned,
        removed_manual=removed_per_effort * uprooted,
        removed_voluntary=removed_per_effort * pulled,
        hazard=hazard,
        forced=hazard * (sprayed + droned + uprooted) / (effort + 1e-6),
        level_wanted=level_wanted,
        exodus_wanted=exodus_wanted,
        level_held=level_held,
        lapsed=state.agreed * (1.0 / p.agreement_duration + p.lapse_rate * (1.0 - state.trust)),
        benefit_target=levers.registration_by_coca
        * state.trust
        * levers.substitution_payment
        / p.hectares_per_household_agreed,
        seen=levers.substitution_enrolment / (levers.substitution_enrolment + PROGRAMME),
        desired=desired,
        reported_spraying=spraying,
        reported_drone=drones,
        reported_manual=manual,
        enrolled=enrolled,
    )

r"""Coca farms by department: planting, ageing, eradication, abandonment, substitution.

Households choose coca or licit work at the price they expect. Desired area is a share of
suitable land,

.. math::
    A^*_r = \bar A_r \frac{x_r}{1+x_r} e^{-a\,E_r/(N_r+E_r)},\quad
    \ln x_r = \alpha_r + \theta z_r + \omega \ln(1 + B/v_0)
    + \varsigma \sum_s n_{rs} \pi_s

.. math::
    z_r = \ln\frac{\hat p_F}{p_{F,0}} + \ln\rho + \ln(1-\ell(1-e^{-\pi_r})) - \sum_k \lambda_k K_{k,r}

with the real exchange rate :math:`\rho`, expected eradication hazard :math:`\pi_r`, public
capital :math:`K_{k,r}` per coca household in roads, titles and state presence, land under
agreement :math:`E_r` and expected benefit :math:`B`. The expected price counts the leaf that
finds no buyer as unsold. The hazard of neighbours (weights :math:`n_{rs}`) counts where
:math:`\varsigma`, ``spillover_response``, is not 0 (structure ``spill-over``).
Planted area closes a gap, faster upwards (:math:`\kappa_p`) than downwards (:math:`\kappa_a`),

.. math::
    g_r = (1 - b) \frac{A^*_r - A_r}{A_r} + b \ln \frac{A^*_r}{A_r}

linear where :math:`b`, ``gap_logarithmic``, is 0 and in proportion where it is 1 (structure ``log-gap``).
Eradication removes area with a saturating hazard (``model.smooth.saturate``), so hectares
*reported* (the lever) and hectares *removed* differ.

While the survey record lasts the level :math:`\alpha_r` is inferred: the flows are inverted
for the desired area that makes planted area follow the record (docs/decisions/0003). Where the
record falls faster than growers leave land by themselves, the rest is inferred as an exodus;
it ends with the record.

Sources: recommended structure section 2; prototype findings section 6.
"""

from __future__ import annotations

import math

import jax.numpy as jnp

from caudal.model.params import Params
from caudal.model.placement import placed
from caudal.model.pytree import pytree
from caudal.model.smooth import ramp, saturate
from caudal.model.state import Forcing, Levers, Places, R, S, State

GAP_WIDTH = 0.02  # relative width of the bend between planting and leaving
LEAST_GAP = -0.98  # relative gap at which growers leave land as fast as they do by themselves
WIDEST_GAP = 1e4  # relative gap beyond which nobody plants faster
SEED = 1.0  # ha from which a department without coca can start
PROGRAMME = 10_000.0  # households/year: enrolment at which payments are half as visible as they can be
LEAST_REMEMBERED = 0.8  # inferred levels never forget more than a fifth of what stands
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


def learned(p: Params, given: Forcing, missed: R) -> R:
    r"""Return how fast levels follow what the record implies, logit points a year.

    .. math::
        \alpha_r' = \bar m/\tau_c + (m_r - \bar m)/\tau_o

    What departments have in common (the mean of what is missed, weighted by recorded coca) is
    believed sooner than what one of them does alone.
    """
    common = jnp.sum(given.target * missed) / (jnp.sum(given.target) + SEED)
    return common / p.common_memory + (missed - common) / p.level_memory


def gap(relative, logarithmic):
    """Return the gap that growers close, from the relative gap: itself (0) or that of logarithms (1)."""
    return relative + logarithmic * (jnp.log(1.0 + relative) - relative)


def relative_gap(closed, logarithmic):
    """Return the relative gap from the gap that growers close: the inverse of ``gap`` at 0 and at 1."""
    linear = jnp.clip(closed, LEAST_GAP, WIDEST_GAP)
    ratio = jnp.exp(jnp.clip(closed, math.log(1.0 + LEAST_GAP), math.log(1.0 + WIDEST_GAP)))
    return linear + logarithmic * (ratio - 1.0 - linear)


def _followed(
    state: State, p: Params, given: Forcing, hazard: R, up: R, down: R, leaving: R, most: R
) -> tuple[R, R, R]:
    """Return what desired area makes the area follow the record, and what levels and exodus learn.

    The exact inverse of the gap law. ``most`` is the land there is; ``up`` and ``down`` are what is
    planted and left at a gap of 1, ha/year.
    """
    area = state.young + state.mature
    apart = 2.0 * (given.target - area) / (given.target + area + 2.0 * SEED)
    correction = FASTEST_TRACKING * apart
    wanted_change = (given.target_growth + correction) * (area + SEED)
    inflow = wanted_change + hazard * area + p.ageing * state.mature
    least_gap = gap(LEAST_GAP, p.gap_logarithmic)
    least = up * ramp(least_gap, GAP_WIDTH) - down * ramp(-least_gap, GAP_WIDTH)
    missing = ramp(least - inflow, GAP_WIDTH * down) / (area + SEED)
    exodus_wanted = FASTEST_EXODUS * jnp.tanh(missing / FASTEST_EXODUS)
    inflow += leaving
    mean, half = 0.5 * (up + down), 0.5 * (up - down)
    product = up * down + 1e-6
    gap_wanted = (mean * inflow - half * jnp.sqrt(inflow * inflow + product * GAP_WIDTH**2)) / product
    apart_wanted = relative_gap(gap_wanted, p.gap_logarithmic)
    desired_wanted = jnp.clip(area + apart_wanted * (area + SEED), 0.01, 0.98 * most)
    return desired_wanted, jnp.maximum(desired_wanted, LEAST_REMEMBERED * area + 0.01), exodus_wanted


def flows(
    state: State, p: Params, levers: Levers, given: Forcing, places: Places, *, follows: bool = True
) -> FarmFlows:
    """Return the farm flows at a state; ``follows`` is False where no record is ever followed."""
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
        + p.exchange_drift * given.beyond_years
        + jnp.log(1.0 - p.perceived_loss * (1.0 - jnp.exp(-state.risk)))
        - capital / 1000.0
    )
    pull = p.choice_slope * log_return + p.announcement_effect * jnp.log1p(
        state.benefit / p.income_per_hectare
    )
    pull += p.spillover_response * (places.neighbours @ state.risk)
    under_agreement = jnp.exp(-p.agreement_additionality * state.agreed / (area + state.agreed + SEED))
    odds = jnp.exp(state.level + given.level_shift + pull)
    chosen = ceiling * odds / (1.0 + odds) * under_agreement

    # Desired area: what growers choose, or what makes the area follow the record
    up = p.planting_speed * (area + SEED)
    down = p.abandonment_speed * area
    leaving = ramp(state.exodus, EXODUS_WIDTH) * area
    desired, level_wanted, exodus_wanted = chosen, state.level, jnp.zeros_like(area)
    if follows:
        most = ceiling * under_agreement
        desired_wanted, remembered, exodus_wanted = _followed(
            state, p, given, hazard, up, down, leaving, most
        )
        share_wanted = jnp.minimum(remembered / most, 0.98)
        level_wanted = jnp.log(share_wanted / (1.0 - share_wanted)) - pull - given.level_shift
        desired = given.track * desired_wanted + (1.0 - given.track) * chosen
    share = desired / (ceiling * under_agreement)
    level_held = jnp.log(share) - jnp.log1p(-share) - pull - given.level_shift
    closed = gap((desired - area) / (area + SEED), p.gap_logarithmic)
    planted = up * ramp(closed, GAP_WIDTH) + area * jnp.maximum(given.growth_shift, 0.0)
    abandoned = down * ramp(-closed, GAP_WIDTH) + leaving - area * jnp.minimum(given.growth_shift, 0.0)

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

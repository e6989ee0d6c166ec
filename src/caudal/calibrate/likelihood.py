r"""How likely the record is at a point of the parameters: the target of the posterior.

.. math::
    \ln p(z \mid D) = \ln p(z) + \sum_{r,y} \ln p(N_{r,y} \mid D_{<y}) + \sum_{j,y} \ln p(N_{j,y} \mid D_{<y})
    + \sum_k \ln N(\ln y_k;\; \ln \hat y_k, \Sigma_k) + \ln p_{\text{stable}}

over the areas of departments :math:`r` (the change they have in common averaged out), those of
Peru and Bolivia :math:`j`, each one year ahead (``simulate.ahead``), and the other series :math:`k`
(``model.observe``). Seizures count although the loss hazards that the model is given come from the
same figures: a hazard is what was seized over what was *surveyed*, so what the model seizes tells
whether as much passes in it as was produced.

The trade loop must settle: net value steers where cocaine goes, which moves the price, which moves net
value. With the lags of netback :math:`\tau_s` and stock :math:`\tau_w` and gain
:math:`G = \theta_q/(|\varepsilon|\,\phi)`, where :math:`1/\phi` is :math:`p_{R0}/p_{W0}` if margins are
constant sums, its damping ratio is

.. math::
    \zeta = \frac{1/\tau_s + 1/\tau_w}{2\sqrt{(1 + G)/(\tau_s \tau_w)}},\quad
    \ln p_{\text{stable}} = -\tfrac12 \big(\ln^+(\zeta_0/\zeta)/0.2\big)^2
"""

from __future__ import annotations

import dataclasses
from functools import cached_property

import jax
import jax.numpy as jnp
import numpy as np

from caudal.calibrate.space import Space
from caudal.core.clock import START
from caudal.evidence.inputs import Inputs, inputs
from caudal.evidence.readings import Reading, readings
from caudal.model import observe
from caudal.model.params import Params
from caudal.model.state import State
from caudal.model.step import initial
from caudal.simulate.ahead import foresee
from caudal.simulate.draws import TAIL
from caudal.simulate.forcing import forcing, places
from caudal.simulate.policy import lever_arrays
from caudal.simulate.scenario import scenario

FIRST_SCORED = START + 1
"""First year whose area is scored: what is expected of 2000 rests on levels assumed at rest."""
ANDES_ERROR = 0.06
"""Relative error of the surveys of Peru and Bolivia (judgement: as the national one of Colombia)."""
LEAST_DAMPING = 0.25
"""Damping ratio below which the trade loop counts as unstable (judgement: a swing falls to a fifth in one
period)."""
DAMPING_WIDTH = 0.2
"""Sd of the log of the damping ratio below that, as in the equation above (judgement)."""


@dataclasses.dataclass(frozen=True)
class Seen:
    """One reading as the fit uses it: years, log values, sd of the log of each figure."""

    reading: Reading
    years: np.ndarray
    logs: np.ndarray
    sd: np.ndarray

    @classmethod
    def of(cls, reading: Reading, known: int | None) -> Seen:
        """Read the values known at the end of a year."""
        years, values = reading.values(known)
        spread = np.full(len(values), reading.error**2)
        if reading.kind == "count":
            spread = spread + 1.0 / values
        return cls(reading, years, np.log(values), np.sqrt(spread))


class Likelihood:
    """The record up to a year, and its log density at a point."""

    def __init__(
        self,
        within: Space,
        known: int | None = None,
        owner: str = "unodc",
        given: Inputs | None = None,
    ) -> None:
        """Read the record.

        Args:
            within: the sampled parameters.
            known: last year of the record that is used; ``None`` for all of it.
            owner: whose estimates of area and production are followed.
            given: inputs in place of the recorded ones, such as those of fewer regions.
        """
        self.space, self.owner = within, owner
        self.given: Inputs = inputs(known=known, owner=owner) if given is None else given
        self.last = self.given.observed
        self.places = places(self.given)
        self.forcing = forcing(self.given, START, self.last)
        self.levers = lever_arrays(scenario("baseline"), self.given, START, self.last)
        seen = [Seen.of(r, known) for r in readings().values() if r.group != "area" and r.scored]
        self.seen = tuple(s for s in seen if len(s.years))
        self.scored_years = range(FIRST_SCORED, self.last + 1)

    @property
    def size(self) -> int:
        """Return the dimension of a point."""
        return self.space.size

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        """Return the outcomes that the readings show."""
        names = {s.reading.outcome for s in self.seen}
        names |= {s.reading.undercount.outcome for s in self.seen if s.reading.undercount}
        return tuple(sorted(names))

    def parts(self, point) -> dict[str, jax.Array]:
        """Return the log densities by part: areas by year, the Andes, and each reading."""
        p = self.space.params(point)
        _, found, expected = self.simulated(p)
        first = FIRST_SCORED - START
        before = self.given.area[first:-1]
        own = p.growth_shift_sd * observe.volatility(before, p.volatility_size)
        densities = {
            "area": observe.area_log_density(
                before,
                self._broken(jnp.asarray(self.given.area[1 + first :]), p),
                expected["area"][first:],
                own,
                p.common_shift_sd,
                p.survey_error,
                TAIL,
            ),
            "andes": observe.andes_log_density(
                jnp.asarray(self.given.andes[1 + first :]),
                expected["andes"][first:],
                p.andes_shift_sd,
                ANDES_ERROR,
            ),
        }
        for one in self.seen:
            gap = one.logs - observe.log_reading(one.reading, one.years, found, p, self.owner)
            spread = observe.covariance(
                one.years.astype(float), one.sd, p[f"misfit_{one.reading.group}"], p.misfit_persistence
            )
            densities[one.reading.id] = observe.series_log_density(gap, spread)
        return densities

    def simulated(self, p: Params, names: tuple[str, ...] = ()) -> tuple[State, dict, dict]:
        """Return the stocks at the end, the outcomes (those read by default), and the areas expected."""
        wanted = names or self.outcomes
        return foresee(initial(p, self.places), p, self.levers, self.forcing, self.places, wanted)

    def _broken(self, area, p: Params):
        """Return recorded areas without the jumps that are the survey's own."""
        years = np.arange(FIRST_SCORED, self.last + 1)
        jumps = -jnp.log(p.survey_break_2001) * (years == 2001) - jnp.log(p.survey_break_2009) * (
            years == 2009
        )
        return area * jnp.exp(-jumps)[:, None]

    def stable(self, p: Params):
        """Return the log prior density of the damping of the trade loop."""
        use = p.use_light * p.light_start + p.use_heavy * p.heavy_start
        light = p.use_light * p.light_start / use
        elasticity = jnp.abs(light * p.elasticity_light + (1.0 - light) * p.elasticity_heavy)
        rates = (1.0 / p.netback_smoothing, 1.0 / p.turnover_time)
        constant = 1000.0 * p.retail_price_us / p.wholesale_price_us
        passed = 1.0 / p.pass_through_us + p.margin_additive * (constant - 1.0 / p.pass_through_us)
        gain = p.destination_slope * passed / elasticity
        damping = 0.5 * (rates[0] + rates[1]) / jnp.sqrt((1.0 + gain) * rates[0] * rates[1])
        return -0.5 * (jax.nn.relu(jnp.log(LEAST_DAMPING / damping)) / DAMPING_WIDTH) ** 2

    def log_density(self, point):
        """Return the log posterior density at a point, up to a constant."""
        likely = sum(jnp.sum(part) for part in self.parts(point).values())
        return likely + self.space.log_prior(point) + self.stable(self.space.params(point))

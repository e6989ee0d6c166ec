r"""Public cost by lever, payer and year, and what is paid for each unit by which an outcome falls.

A package is held against a reference with the same random numbers. Over the years :math:`t_0..T` of
the policy, with a yearly discount rate :math:`r` (0 unless asked), every run :math:`d` gives

.. math::
    R_d = \frac{\sum_t (C_{d,t} - C^0_{d,t}) (1+r)^{-(t-t_0)}}{Q^0_d - Q_d}

with :math:`C` the public cost of all payers. What is counted per year (tonnes, deaths) is summed over
the same years and discounted alike, :math:`Q_d = \sum_t q_{d,t} (1+r)^{-(t-t_0)}`; what stands at a date
or is a yearly level (hectares, households) counts as in the last year, :math:`Q_d = q_{d,T}`, not
discounted. The band of a ratio is that of the runs; there is none where the 90 % range of
:math:`Q^0 - Q` holds zero, because a ratio then has no meaning.

Everything here works on plain arrays, (draw, year).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from caudal.core.errors import CaudalError
from caudal.core.messages import catalogue, language, local, text
from caudal.evidence.registry import lever, levers, outcome
from caudal.report.numbers import Writer, step_of
from caudal.simulate.policy import PAYERS, spending
from caudal.simulate.results import BAND

if TYPE_CHECKING:
    from caudal.simulate.run import Ensemble
    from caudal.simulate.scenario import Scenario

PRICED = ("coca_area", "cocaine_to_us", "us_deaths", "households_in_coca")
"""Outcomes whose fall is held against public cost."""

MILLION = 1e6
UNIT = "1e+06 USD/year"
HIGHEST_DISCOUNT = 0.2
"""Yearly discount rates above this are refused as mistyped percentages."""

Spending = Mapping[str, Mapping[str, np.ndarray]]
"""Lever -> payer -> what is spent, (draw, year) in million 2020 USD a year."""

Found = Mapping[str, np.ndarray]
"""Outcome -> (draw, year)."""


@dataclasses.dataclass(frozen=True)
class Band:
    """Mean, median and 90 % range over runs; only means of parts add up to the mean of their sum."""

    mean: np.ndarray
    median: np.ndarray
    p05: np.ndarray
    p95: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray) -> Band:
        """Return the band over the first axis."""
        low, middle, high = np.quantile(values, BAND, axis=0)
        return cls(values.mean(axis=0), middle, low, high)

    def as_json(self) -> dict[str, Any]:
        """Return the band as plain numbers, or lists of them by year."""
        return {name: value.tolist() for name, value in vars(self).items()}

    def written(self, *, signed: bool = False, digits: int = 0) -> tuple[str, str]:
        """Return median and range as text, with one rounding and no more decimals than ``digits``."""
        middle, low, high = (float(v) for v in (self.median, self.p05, self.p95))
        step, writer = step_of(middle, low, high, digits=digits), Writer()
        return writer.number(middle, step, signed=signed), writer.band(low, high, step, signed=signed)


@dataclasses.dataclass(frozen=True)
class Spend:
    """What is spent on a lever by a payer; ``""`` stands for all levers, or all payers.

    ``yearly`` is in million 2020 USD a year; ``total`` is their discounted sum, million 2020 USD.
    """

    lever: str
    payer: str
    yearly: Band
    total: Band

    def as_json(self) -> dict[str, Any]:
        """Return the row with its names in the language in force."""
        return {
            "lever": self.lever,
            "lever_label": local(lever(self.lever).label) if self.lever else text("costs.all_levers"),
            "payer": self.payer,
            "payer_label": _payer_label(self.payer),
            **self.yearly.as_json(),
            "total": self.total.as_json(),
        }


@dataclasses.dataclass(frozen=True)
class Ratio:
    """What a package costs for each unit by which an outcome is lower than in the reference.

    ``value``, ``p05`` and ``p95`` are 2020 USD per unit, over the runs in which the outcome is lower;
    all three are ``None`` unless it is lower in the whole 90 % range of runs. ``direction`` is ``open``
    where that range holds zero, and ``none`` where no run differs.
    """

    outcome: str
    counted: Literal["sum", "last_year"]
    direction: Literal["lower", "higher", "open", "none"]
    value: float | None
    p05: float | None
    p95: float | None
    extra: Band
    less: Band
    lower: float
    draws: int
    years: tuple[int, int]
    package: str

    @property
    def crosses_zero(self) -> bool:
        """Return whether the 90 % range of the difference in the outcome holds zero."""
        return self.direction in ("open", "none")

    @property
    def unit(self) -> str:
        """Return the unit of the ratio, as recorded: ``USD/ha``."""
        return f"USD/{outcome(self.outcome).unit.removesuffix('/year')}"

    def told(self) -> str:
        """Return the ratio as a sentence in the language in force, or why there is none."""
        first, last = self.years
        extra, extra_band = self.extra.written(signed=True)
        less, less_band = self.less.written(digits=1)
        fields = {
            "outcome": local(outcome(self.outcome).label),
            "package": self.package,
            "units": text(f"costs.units_{self.outcome}"),
            "extra": extra,
            "extra_band": extra_band,
            "less": less,
            "less_band": less_band,
            "first": first,
            "last": last,
            "runs": Writer().runs(self.lower, self.draws),
            "when": text(f"costs.counted_{self.counted}", first=first, last=last),
        }
        if self.value is None or self.p05 is None or self.p95 is None:
            return text(f"costs.ratio_{self.direction}", **fields)
        step, writer = step_of(self.value, self.p05, self.p95), Writer()
        return text(
            "costs.ratio_lower",
            **fields,
            value=writer.number(self.value, step),
            band=writer.band(self.p05, self.p95, step),
            unit=text(f"costs.unit_{self.outcome}"),
        )

    def as_json(self) -> dict[str, Any]:
        """Return the ratio, its parts and the sentence in the language in force."""
        return {
            "outcome": self.outcome,
            "label": text(f"costs.label_{self.outcome}"),
            "unit": self.unit,
            "unit_text": text(f"costs.unit_{self.outcome}"),
            "counted": self.counted,
            "direction": self.direction,
            "value": self.value,
            "p05": self.p05,
            "p95": self.p95,
            "crosses_zero": self.crosses_zero,
            "extra_cost": {"unit": "1e+06 USD", **self.extra.as_json()},
            "less": {"unit": outcome(self.outcome).unit.removesuffix("/year"), **self.less.as_json()},
            "lower_in": self.lower,
            "text": self.told(),
        }


@dataclasses.dataclass(frozen=True)
class Costs:
    """What packages cost, by name; the first is the reference, which has no ratios and no extra cost.

    ``extra`` is payer -> discounted sum beyond that of the reference, million 2020 USD; ``""`` is all.
    """

    years: tuple[int, ...]
    discount: float
    spend: dict[str, tuple[Spend, ...]]
    extra: dict[str, dict[str, Band]]
    ratios: dict[str, tuple[Ratio, ...]]

    def as_json(self) -> dict[str, Any]:
        """Return the answer of ``/api/costs`` in the language in force."""
        words = catalogue(language(), "costs")
        return {
            "years": list(self.years),
            "discount": self.discount,
            "unit": UNIT,
            "definition": text(
                "costs.definition",
                first=self.years[0],
                last=self.years[-1],
                rate=Writer().exact(100.0 * self.discount),
            ),
            "notes": [words["note_parts"], words["note_scope"]],
            "packages": [
                {
                    "name": name,
                    "spend": [row.as_json() for row in rows],
                    "extra": [
                        {"payer": payer, "payer_label": _payer_label(payer), **band.as_json()}
                        for payer, band in self.extra[name].items()
                    ],
                    "ratios": [ratio.as_json() for ratio in self.ratios[name]],
                }
                for name, rows in self.spend.items()
            ],
        }


def costs(
    packages: Mapping[str, tuple[Spending, Found]],
    years: Sequence[int],
    first: int,
    discount: float = 0.0,
    priced: Iterable[str] = PRICED,
) -> Costs:
    """Return spend and ratios of packages, of which the first is the reference.

    Args:
        packages: name -> what is spent by lever and payer, and the outcomes.
        years: the years on the year axis of every array.
        first: first year in which packages may differ, from which all is counted.
        discount: yearly rate, 0 to HIGHEST_DISCOUNT.
        priced: outcomes whose fall is held against cost; those not among the outcomes are left out.

    Raises:
        CaudalError: ``CAU-407`` for a rate out of range.
    """
    if not 0.0 <= discount <= HIGHEST_DISCOUNT:
        raise CaudalError("CAU-407", "discount", value=discount, high=HIGHEST_DISCOUNT)
    turn = list(years).index(first)
    weights = (1.0 + discount) ** -np.arange(len(years) - turn)
    reference = next(iter(packages))
    _, usual = packages[reference]
    totals = {name: _totals(parts, turn, weights) for name, (parts, _) in packages.items()}
    return Costs(
        years=tuple(years[turn:]),
        discount=discount,
        spend={name: spend(parts, turn, weights) for name, (parts, _) in packages.items()},
        extra={
            name: {
                payer: Band.of(total - totals[reference][payer])
                for payer, total in totals[name].items()
                if name != reference
            }
            for name in packages
        },
        ratios={
            name: tuple(
                ratio(
                    one,
                    totals[name][""] - totals[reference][""],
                    usual[one][:, turn:],
                    found[one][:, turn:],
                    weights,
                    (years[turn], years[-1]),
                    name,
                )
                for one in priced
                if name != reference and one in found
            )
            for name, (_, found) in packages.items()
        },
    )


def spend(parts: Spending, turn: int, weights: np.ndarray) -> tuple[Spend, ...]:
    """Return spend by lever and payer, where there is any, then by payer, by lever and in all.

    Args:
        parts: what is spent by lever and payer.
        turn: the place on the year axis from which all is counted.
        weights: how much each year from there on counts in totals.
    """
    rows: dict[tuple[str, str], np.ndarray] = {}
    for name, by_payer in parts.items():
        for payer, part in by_payer.items():
            counted = part[:, turn:]
            if not np.any(counted):
                continue
            for key in dict.fromkeys(((name, payer), (name, ""), ("", payer), ("", ""))):
                rows[key] = rows[key] + counted if key in rows else counted
    order = sorted(rows, key=_order)
    return tuple(Spend(*key, Band.of(rows[key]), Band.of(rows[key] @ weights)) for key in order)


def ratio(
    name: str,
    extra: np.ndarray,
    usual: np.ndarray,
    found: np.ndarray,
    weights: np.ndarray,
    years: tuple[int, int],
    package: str = "",
) -> Ratio:
    """Return the ratio of extra cost, (draw,), to the fall of an outcome, (draw, year) in both."""
    about = outcome(name)
    flow = about.unit.endswith("/year")
    gap = (usual.astype(float) - found) * about.scale
    less = gap @ weights if flow else gap[:, -1]
    low, high = np.quantile(less, (BAND[0], BAND[-1]))
    direction = "lower" if low > 0.0 else "higher" if high < 0.0 else "open" if np.any(less) else "none"
    value = p05 = p95 = None
    if direction == "lower":
        falls = less > 0.0
        p05, value, p95 = (float(v) for v in np.quantile(MILLION * extra[falls] / less[falls], BAND))
    return Ratio(
        outcome=name,
        counted="sum" if flow else "last_year",
        direction=direction,
        value=value,
        p05=p05,
        p95=p95,
        extra=Band.of(extra),
        less=Band.of(less),
        lower=float(np.mean(less > 0.0)),
        draws=len(less),
        years=years,
        package=package,
    )


def spending_of(ensemble: Ensemble, chosen: Scenario, found: Found) -> dict[str, dict[str, np.ndarray]]:
    """Return what is spent by lever and payer under a scenario, of which its public cost is the sum.

    Args:
        ensemble: the members that were run.
        chosen: the scenario.
        found: what ``ensemble.project(chosen)`` gave.
    """
    paths = chosen.paths(ensemble.given, ensemble.to)
    return dict(spending(paths, ensemble.unit_costs, dict(found), ensemble.usual))


def _totals(parts: Spending, turn: int, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Return payer -> discounted sum by draw, and that of all payers under ``""``."""
    found: dict[str, np.ndarray] = {}
    for payer in PAYERS:
        paid = [by_payer[payer] for by_payer in parts.values() if payer in by_payer]
        if paid:
            found[payer] = np.sum(paid, axis=0)[:, turn:] @ weights
    return found | {"": np.sum(list(found.values()), axis=0)}


def _payer_label(payer: str) -> str:
    return text(f"report.actor_{payer}") if payer else text("costs.all_payers")


def _order(key: tuple[str, str]) -> tuple[int, int]:
    """Place levers and payers in the order of their records, and what is over all of them last."""
    name, payer = key
    those, payers = list(levers()), list(PAYERS)
    return (
        those.index(name) if name else len(those),
        payers.index(payer) if payer else len(payers),
    )

"""What every mechanism does: each block, parameter and lever moved, every outcome watched.

A block is set to its neutral form (its mechanism switched off) from 2026 on; a parameter is
raised by one standard deviation of its prior; a lever is moved from the baseline to its
historical maximum. A mechanism that changes no outcome is dead weight, and a test fails.

``python -m caudal.explore.neutral > docs/blocks.md`` writes the tables.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np

from caudal.core.clock import FIRST_DECISION, LAST_OBSERVED, LAST_YEAR, START
from caudal.evidence.inputs import inputs
from caudal.evidence.registry import levers, outcomes, parameters
from caudal.model import step
from caudal.model.params import Params
from caudal.model.priors import draw, from_normal, medians, scale, to_normal
from caudal.model.state import Levers, State
from caudal.simulate.draws import shifts
from caudal.simulate.engine import Shifts, span, trajectory
from caudal.simulate.executor import prepare
from caudal.simulate.forcing import forcing, places
from caudal.simulate.policy import lever_arrays, public_cost
from caudal.simulate.run import fitted
from caudal.simulate.scenario import Scenario, scenario

Outcomes = dict[str, np.ndarray]

MEMBERS = 25
"""Members of one call: fixed, so that one compiled program serves every table, and odd, so
that it is the same program whatever the number of local devices."""

LAST = 2040
"""Year in which changes are told."""

INERT = 1e-6
"""Relative change below which an outcome counts as unmoved."""

SMALL = 1e-3
"""Changes are relative to the outcome, or to this part of its largest value where it is near zero."""


@dataclasses.dataclass(frozen=True)
class Change:
    """What a change did to one outcome: relative change in LAST, and its largest over the years."""

    outcome: str
    last: float
    largest: float


@dataclasses.dataclass(frozen=True)
class Sign:
    """A declared direction, and the relative change found in LAST."""

    outcome: str
    declared: int
    found: float
    of_draws: float | None = None  # share of prior draws with the declared sign

    @property
    def holds(self) -> bool:
        """Return whether the outcome moved, and the way it was declared to."""
        return self.declared * self.found > INERT


@dataclasses.dataclass(frozen=True)
class Row:
    """A block, parameter or lever, what was done to it, and what changed."""

    name: str
    block: str
    what: str
    changes: tuple[Change, ...]
    signs: tuple[Sign, ...] = ()

    @property
    def inert(self) -> bool:
        """Return whether nothing moved."""
        return self.most.largest < INERT

    @property
    def most(self) -> Change:
        """Return the outcome that changed most; what a lever costs does not count as an effect."""
        effects = [c for c in self.changes if self.block == "cost" or outcomes()[c.outcome].block != "cost"]
        return max(effects, key=lambda c: c.largest)


class Bench:
    """The model at the fit, with MEMBERS members whose parameters can be overridden one by one."""

    def __init__(self) -> None:
        prepare()
        self.given = inputs()
        self.places = places(self.given)
        self.baseline = scenario("baseline")
        self.middle = medians(fitted()["values"])
        self.forcing = forcing(self.given, START, LAST_YEAR)
        self.start = jax.jit(jax.vmap(step.initial, in_axes=(0, None)))

    def params(self, changes: Sequence[Mapping[str, float]] = ()) -> Params:
        """Return MEMBERS members at the fit, the first ones with some values changed."""
        values = {n: np.full(MEMBERS, float(v)) for n, v in self.middle.items()}
        for i, change in enumerate(changes):
            for name, value in change.items():
                values[name][i] = value
        return Params({n: jnp.asarray(v) for n, v in values.items()})

    def drawn(self, seed: int = 1) -> Params:
        """Return the fit in the first member and draws from the prior in the others."""
        p = draw(seed, range(MEMBERS), fitted()["values"])
        return Params({n: v.at[0].set(self.middle[n]) for n, v in p.items()})

    def still(self) -> Shifts:
        """Return levels that keep their last inferred value."""
        ends = LAST_YEAR - START + 2
        return Shifts(jnp.zeros((MEMBERS, ends, len(self.given.regions))), jnp.zeros((MEMBERS, ends, 2)))

    def departed(self, p: Params, which: np.ndarray) -> Shifts:
        """Return levels that depart as in member 0 of an ensemble, in some members only."""
        return _only(self._shifts(p, [0] * MEMBERS), which)

    def shifted(self, p: Params, seed: int = 1) -> Shifts:
        """Return the level departures of an ensemble, none in its first member."""
        return _only(self._shifts(p, range(MEMBERS), seed), np.arange(MEMBERS) > 0)

    def _shifts(self, p: Params, members: Iterable[int], seed: int = 1) -> Shifts:
        known, horizon = LAST_OBSERVED - START + 1, LAST_YEAR - START + 1
        return shifts(seed, list(members), p, len(self.given.regions), known, horizon)

    def levers(self, chosen: Scenario) -> Levers:
        """Return the lever paths of a scenario."""
        return lever_arrays(chosen, self.given, START, LAST_YEAR)

    def years(
        self, state: State, p: Params, used: Levers, moved: Shifts, first: int, last: int
    ) -> tuple[State, Outcomes]:
        """Return the stocks at the end of ``last``, and the outcomes of ``first``..``last``."""
        first, end = first - START, last + 1 - START
        state, seen = span(state, p, used, self.forcing, moved, self.places, first, end)
        return state, {n: np.asarray(v)[:, first:end] for n, v in seen.items()}

    def history(self, p: Params, moved: Shifts) -> tuple[State, Outcomes]:
        """Return the stocks at the end of the last year before a decision, and the outcomes so far."""
        start = self.start(p, self.places)
        return self.years(start, p, self.levers(self.baseline), moved, START, FIRST_DECISION - 1)

    def ahead(self, state: State, p: Params, used: Levers, moved: Shifts) -> Outcomes:
        """Return the outcomes from the first decision on."""
        return self.years(state, p, used, moved, FIRST_DECISION, LAST)[1]

    def both(self, p: Params, used: Levers, moved: Shifts) -> tuple[Outcomes, Outcomes]:
        """Return the outcomes before and from the first decision on."""
        state, seen = self.history(p, moved)
        return seen, self.ahead(state, p, used, moved)

    def cost(self, chosen: Scenario, found: Outcomes, unit: float = 1.0) -> Outcomes:
        """Return public cost by payer at central unit costs times ``unit``, (member, year)."""
        each = {n: np.full(MEMBERS, unit * r.cost.value) for n, r in levers().items()}
        return public_cost(chosen.paths(self.given, LAST), each, found["us_treatment_entries"])

    def active(self) -> Scenario:
        """Return a policy with every lever at least half-way to its most, so that all mechanisms work."""
        paths = self.baseline.paths(self.given, LAST)
        half = {n: max(0.5 * reach(n, paths[n][-1]), float(paths[n][-1])) for n in levers()}
        return self.baseline.set(**half)


def _only(moved: Shifts, which: np.ndarray) -> Shifts:
    some = which[:, None, None]
    return Shifts(jnp.where(some, moved.department, 0.0), jnp.where(some, moved.andes, 0.0))


def joined(before: Outcomes, after: Outcomes) -> Outcomes:
    """Return outcomes of two spans of years as one."""
    return {n: np.concatenate([before[n], after[n]], axis=1) for n in before}


def reach(name: str, baseline: float) -> float:
    """Return where a lever is moved to: its historical maximum, or half-way to its upper limit."""
    record = levers()[name]
    if record.maximum.value > 1.01 * baseline:
        return record.maximum.value
    return 0.5 * (baseline + record.range[1])


def relative(new: np.ndarray, old: np.ndarray) -> np.ndarray:
    """Return the relative change of a path by year (the largest over regions, signed)."""
    least = SMALL * np.max(np.abs(old)) + 1e-300
    gap = (new - old) / np.maximum(np.abs(old), least)
    if gap.ndim > 1:
        at = np.argmax(np.abs(gap), axis=-1)
        gap = np.take_along_axis(gap, at[..., None], axis=-1)[..., 0]
    return gap


def compared(new: Outcomes, old: Outcomes, member: int, against: int) -> tuple[Change, ...]:
    """Return what changed between a member of one run and a member of another."""
    found = []
    for name in new:
        gap = relative(new[name][member], old[name][against])
        found.append(Change(name, float(gap[-1]), float(np.max(np.abs(gap)))))
    return tuple(found)


# Blocks ------------------------------------------------------------------------------------

FROZEN = 1e-9
"""A speed that stands for none, where zero would divide."""

NEUTRAL: dict[str, tuple[str, dict[str, float]]] = {
    "farms": (
        "area frozen: nothing is planted, abandoned, lost to age or removed",
        {
            "choice_slope": 0.0,
            "announcement_effect": 0.0,
            "agreement_additionality": 0.0,
            "planting_speed": FROZEN,
            "abandonment_speed": FROZEN,
            "ageing": 0.0,
            "spray_kill": 0.0,
            "manual_kill": 0.0,
            "voluntary_kill": 0.0,
        },
    ),
    "andes": (
        "growers in Peru and Bolivia do not respond to the price",
        {"peru_elasticity": 0.0, "bolivia_elasticity": 0.0},
    ),
    "labs": (
        "all leaf finds a buyer; no loss from laboratories destroyed or from eradication pressure",
        {"yield_pressure": 0.0, "laboratory_loss": 0.0, "processing_cost": 1e-6},
    ),
    "trade": (
        "destinations do not respond to net value; nothing is seized or spoiled",
        {
            "destination_slope": 0.0,
            "seizure_scale_source": 0.0,
            "seizure_scale_us": 0.0,
            "seizure_scale_world": 0.0,
            "andes_seizure_share": 0.0,
            "spoilage": 0.0,
        },
    ),
    "prices": (
        "prices stay at those of 2000: use takes any quantity, and nothing is passed back",
        {
            "elasticity_light": -1e9,
            "elasticity_heavy": -1e9,
            "world_elasticity": -1e9,
            "pass_back": 0.0,
            "derived_demand": 1e9,
        },
    ),
    "users": (
        "people do not respond to the price; nobody is treated",
        {
            "elasticity_initiation": 0.0,
            "elasticity_escalation": 0.0,
            "elasticity_exit": 0.0,
            "treatment_seeking": 0.0,
        },
    ),
    "deaths": (
        "deaths follow people alone: no synthetic opioids, no drift, no response to tonnes per person",
        {"fentanyl_hazard": 0.0, "death_drift": 0.0, "death_intensity": 0.0},
    ),
    "income": (
        "growers keep nothing, and no household holds coca",
        {"grower_cost_share": 1.0, "hectares_per_household": 1e12, "local_multiplier": 0.0},
    ),
    "conflict": (
        "coca, eradication, spraying, agreements and the exit of FARC harm nobody",
        {
            "homicide_value_response": 0.0,
            "homicide_eradication_response": 0.0,
            "homicide_vacuum_response": 0.0,
            "displacement_response": 0.0,
            "people_per_hectare_sprayed": 0.0,
            "leaders_agreement_response": 0.0,
            "transit_response": 0.0,
        },
    ),
    "forest": (
        "coca clears no forest",
        {"forest_planting": 0.0, "forest_displacement": 0.0, "forest_pasture": 0.0},
    ),
}
"""Blocks whose mechanism can be switched off by parameter values."""

MONEY = "accounting only: nothing is booked"
COST = "accounting only: units of a lever cost nothing (payments of substitution remain)"


def no_money(made, andes, trade, prices):
    """Return a ledger in which nothing is booked."""
    zero, pair = jnp.zeros(()), jnp.zeros(2)
    return step.money.MoneyFlows(
        spending=pair,
        dealing=pair,
        consumer_stock=pair,
        traffic=pair,
        lost_transit=pair,
        origin=zero,
        farm_colombia=zero,
        farm_andes=zero,
        pipeline_stock=zero,
        lost_source=zero,
    )


def without(
    bench: Bench, block: str, flows: Callable, state: State, p: Params, used: Levers, moved: Shifts
) -> Outcomes:
    """Return the outcomes of the first member from 2026 on with the flows of a block replaced."""

    def alone(tree):
        return jax.tree.map(lambda x: x[0], tree)

    def later(tree, end=LAST + 1):
        return jax.tree.map(lambda x: x[FIRST_DECISION - START : end - START], tree)

    kept = getattr(step, block)
    setattr(step, block, SimpleNamespace(**{**vars(kept), "flows": flows}))
    try:
        replaced = jax.jit(lambda *given: trajectory(*given, bench.places)[1])
        ends = later(alone(moved), LAST + 2)
        seen = replaced(alone(state), alone(p), later(used), later(bench.forcing), ends)
    finally:
        setattr(step, block, kept)
    return {n: np.asarray(v)[None] for n, v in seen.items()}


def block_table(bench: Bench) -> list[Row]:
    """Return what each block changes when it is set to its neutral form from 2026 on."""
    ahead, moved = bench.levers(bench.baseline), bench.still()
    state, seen = bench.history(bench.params(), moved)
    names = list(NEUTRAL)
    p = bench.params([NEUTRAL[n][1] for n in names])
    found = joined(seen, bench.ahead(state, p, ahead, moved))
    found |= bench.cost(bench.baseline, found)
    base = len(names)  # a member that nothing was done to
    rows = [
        Row(name, name, NEUTRAL[name][0], compared(found, found, i, base)) for i, name in enumerate(names)
    ]
    silent = without(bench, "money", no_money, state, bench.params(), ahead, moved)
    silent = {n: np.concatenate([seen[n][:1], v], axis=1) for n, v in silent.items()}
    kept = {n: v for n, v in found.items() if n in silent}
    rows.append(Row("money", "money", MONEY, compared(silent, kept, 0, base)))
    free = found | bench.cost(bench.baseline, found, unit=0.0)
    rows.append(Row("cost", "cost", COST, compared(free, found, base, base)))
    return rows


# Parameters --------------------------------------------------------------------------------


def stepped(name: str, value: float) -> float:
    """Return a parameter one prior standard deviation up (down where its bound leaves no room)."""
    record = parameters()[name]
    transform, _, sd = scale(record)
    low, high = record.bounds
    for direction in (1.0, -1.0):
        moved = float(
            np.clip(from_normal(transform, to_normal(transform, value) + direction * sd), low, high)
        )
        if abs(moved - value) > 1e-3 * abs(value) + 1e-12:
            return moved
    raise ValueError(f"{name} cannot move inside its bounds")


SHIFTED = ("level_shift_sd", "common_shift_sd", "shift_persistence", "andes_shift_sd")
"""Parameters that act through the future departures of the levels alone."""


def parameter_table(bench: Bench) -> list[Row]:
    """Return what each parameter changes, and whether its declared signs hold.

    The change runs over all years, with levels inferred anew, and from 2026 on under a policy
    that uses every lever. Signs are those of a change from 2026 on, from the same stocks; a
    parameter that acts through the past alone is judged in the year in which it moves the
    outcome most.
    """
    fit = {n: float(v) for n, v in bench.middle.items()}
    names = list(parameters())
    moves = {n: stepped(n, fit[n]) for n in names}
    active = bench.levers(bench.active())
    state, seen = bench.history(bench.params(), bench.still())
    base = MEMBERS - 1  # a member that nothing was done to
    rows = []
    for i in range(0, len(names), base):
        some = names[i : i + base]
        p = bench.params([{n: moves[n]} for n in some])
        acts = np.array([n in SHIFTED for n in some] + [False] * (MEMBERS - len(some)))
        departed = bench.departed(p, acts)
        whole = joined(*bench.both(p, active, departed))
        later = joined(seen, bench.ahead(state, p, active, bench.still()))
        plain = whole
        if acts.any():
            plain = joined(*bench.both(bench.params(), active, bench.departed(bench.params(), acts)))
        for j, name in enumerate(some):
            record = parameters()[name]
            direction = float(np.sign(moves[name] - fit[name]))
            signs = []
            for outcome, declared in record.raises.items():
                gap = relative(later[outcome][j], later[outcome][base])[-1]
                if abs(gap) < INERT:
                    path = relative(whole[outcome][j], whole[outcome][base])
                    gap = path[np.argmax(np.abs(path))]
                signs.append(Sign(outcome, declared, direction * float(gap)))
            what = f"{fit[name]:.4g} to {moves[name]:.4g} {record.unit}"
            against = j if name in SHIFTED else base
            rows.append(Row(name, record.block, what, compared(whole, plain, j, against), tuple(signs)))
    return rows


# Levers ------------------------------------------------------------------------------------


def lever_table(bench: Bench) -> list[Row]:
    """Return what each lever changes when it leaves the baseline from 2026 on, and its signs.

    The first member is the fit; the others are prior draws, which tell how often a declared
    sign holds.
    """
    p = bench.drawn()
    moved = bench.shifted(p)
    state, seen = bench.history(p, moved)

    def outcome_paths(chosen: Scenario) -> Outcomes:
        found = joined(seen, bench.ahead(state, p, bench.levers(chosen), moved))
        return found | bench.cost(chosen, found)

    base = outcome_paths(bench.baseline)
    paths = bench.baseline.paths(bench.given, LAST)
    rows = []
    for name, record in levers().items():
        now = float(paths[name][-1])
        new = outcome_paths(bench.baseline.set(**{name: reach(name, now)}))
        signs = []
        for outcome, declared in record.raises.items():
            gaps = np.array([relative(new[outcome][m], base[outcome][m])[-1] for m in range(MEMBERS)])
            signs.append(Sign(outcome, declared, float(gaps[0]), float(np.mean(declared * gaps[1:] > 0))))
        what = f"{now:.6g} to {reach(name, now):.6g} {record.unit}"
        rows.append(Row(name, record.group, what, compared(new, base, 0, 0), tuple(signs)))
    return rows


# The page ----------------------------------------------------------------------------------


def percent(value: float) -> str:
    """Return a relative change for a table."""
    if abs(value) < INERT:
        return "0"
    digits = max(1 - int(np.floor(np.log10(abs(100.0 * value)))), 0)
    return f"{100.0 * value:+.{digits}f} %"


PAGE = f"""\
# What each mechanism does

Generated by `python -m caudal.explore.neutral`; do not edit. Each block, parameter and lever is
changed alone, at the fitted values, and every outcome is compared with the unchanged run up to
{LAST}. `tests/model/test_inert.py` fails when one of them changes nothing, or when a declared
sign is wrong.

## Blocks in their neutral form

The mechanism is switched off from {FIRST_DECISION} on, under the baseline policies.

| Block | Neutral form |
|---|---|
{{forms}}

Relative change of each outcome in {LAST} (of the most affected department for departmental outcomes):

{{blocks}}

## Parameters

Each is raised by one standard deviation of its prior (lowered where its bound leaves no room),
over all years, with departmental levels inferred anew, and from {FIRST_DECISION} on under a policy
with every lever at half its most or above, so that every mechanism is at work. Parameters of the
future departures of the levels are moved in the first member of an ensemble. Declared signs are
those of a rise from {FIRST_DECISION} on, from the same stocks; a parameter that acts through the
past alone is judged in the year in which it moves the outcome most.

| Parameter | Block | Change | Moves most (over the years) | In {LAST} | Declared sign: found |
|---|---|---|---|---:|---|
{{parameters}}

## Levers

Each is moved from the baseline to its historical maximum (half-way to its upper limit where the
baseline is at the maximum) from {FIRST_DECISION} on. The last column also gives the share of
{MEMBERS - 1} prior draws in which the declared sign holds.

| Lever | Group | Change | Moves most (over the years) | In {LAST} | Declared sign: found |
|---|---|---|---|---:|---|
{{levers}}
"""


def page(blocks: Sequence[Row], parameter_rows: Sequence[Row], lever_rows: Sequence[Row]) -> str:
    """Return the tables as Markdown."""
    found = [{c.outcome: c for c in r.changes} for r in blocks]
    matrix = ["| Outcome | " + " | ".join(r.name for r in blocks) + " |", "|---|" + "---:|" * len(blocks)]
    for outcome in outcomes():
        cells = [percent(f[outcome].last) if outcome in f else "0" for f in found]
        matrix.append(f"| {outcome} | " + " | ".join(cells) + " |")
    return PAGE.format(
        forms="\n".join(f"| {r.name} | {r.what} |" for r in blocks),
        blocks="\n".join(matrix),
        parameters="\n".join(map(_line, parameter_rows)),
        levers="\n".join(map(_line, lever_rows)),
    )


def _line(row: Row) -> str:
    most = row.most
    signs = []
    for sign in row.signs:
        arrow = "+" if sign.declared > 0 else "-"
        share = "" if sign.of_draws is None else f" ({100 * sign.of_draws:.0f} % of draws)"
        wrong = "" if sign.holds else " **wrong**"
        signs.append(f"{sign.outcome} {arrow}: {percent(sign.found)}{share}{wrong}")
    return (
        f"| {row.name} | {row.block} | {row.what} | {most.outcome} {percent(most.largest)[1:]} | "
        f"{percent(most.last)} | {'; '.join(signs)} |"
    )


def main() -> None:
    """Write the page to standard output."""
    bench = Bench()
    sys.stdout.write(page(block_table(bench), parameter_table(bench), lever_table(bench)))


if __name__ == "__main__":
    main()

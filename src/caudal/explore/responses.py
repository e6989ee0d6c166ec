"""What each parameter and lever does when it alone is moved.

A parameter is raised by one standard deviation of its prior, or switched on where it is off; a lever
is moved from the baseline to its historical maximum.
"""

from __future__ import annotations

import numpy as np

from caudal.evidence.registry import levers, parameters
from caudal.evidence.structures import switched
from caudal.explore.bench import LAST, MEMBERS, Bench, Outcomes, joined, reach
from caudal.explore.change import INERT, Row, Sign, compared, relative
from caudal.model.priors import from_normal, scale, to_normal
from caudal.simulate.scenario import Scenario


def stepped(name: str, value: float) -> float:
    """Return a parameter one prior standard deviation up (down where its bound leaves no room).

    A mechanism that is off has no prior: it is moved to where a structure in dispute puts it.
    """
    record = parameters()[name]
    moved = switched(name)
    if record.prior.family == "fixed" and moved is not None:
        return moved
    transform, _, sd = scale(record.prior)
    low, high = record.bounds
    for direction in (1.0, -1.0):
        moved = float(
            np.clip(from_normal(transform, to_normal(transform, value) + direction * sd), low, high)
        )
        if abs(moved - value) > 1e-3 * abs(value) + 1e-12:
            return moved
    raise ValueError(f"{name} cannot move inside its bounds")


SHIFTED = ("common_shift_sd", "growth_shift_sd", "volatility_size", "andes_shift_sd")
"""Parameters that act through the future departures of the levels alone."""


def parameter_table(bench: Bench) -> list[Row]:
    """Return what each parameter changes, and whether its declared signs hold.

    The change runs over all years, with levels inferred anew, and from 2026 on under a policy
    that uses every lever. Signs are those of a change from 2026 on, from the same stocks; a
    parameter that acts through the past alone is judged in the year in which it moves the
    outcome most.
    """
    fit = {n: float(v) for n, v in bench.middle.items()}
    names = [n for n, r in parameters().items() if r.block != "observe"]  # those act in the fit alone
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


def lever_table(bench: Bench) -> list[Row]:
    """Return what each lever changes when it leaves the baseline from 2026 on, and its signs.

    The first member has the medians of the posterior; the others are draws of a run, which tell how
    often a declared sign holds. A lever that does nothing alone (a tax on a supply that nobody may
    sell) is moved under a policy that uses every lever. Signs are those of a rise.
    """
    p = bench.drawn()
    moved = bench.shifted(p)
    state, seen = bench.history(p, moved)

    def outcome_paths(chosen: Scenario) -> Outcomes:
        found = joined(seen, bench.ahead(state, p, bench.levers(chosen), moved))
        return found | bench.cost(chosen, found)

    policies = {"": bench.baseline, ", with every other lever in use": bench.active()}
    bases = {label: outcome_paths(policy) for label, policy in policies.items()}
    rows = []
    for name, record in levers().items():
        for label, policy in policies.items():
            now = float(policy.paths(bench.given, LAST)[name][-1])
            then = reach(name, now)
            base, new = bases[label], outcome_paths(policy.set(**{name: then}))
            signs = []
            for outcome, declared in record.raises.items():
                gaps = np.array([relative(new[outcome][m], base[outcome][m])[-1] for m in range(MEMBERS)])
                gaps *= np.sign(then - now)
                share = float(np.mean(declared * gaps[1:] > 0))
                signs.append(Sign(outcome, declared, float(gaps[0]), share))
            what = f"{now:.6g} to {then:.6g} {record.unit}{label}"
            row = Row(name, record.group, what, compared(new, base, 0, 0), tuple(signs))
            if not row.inert:
                break
        rows.append(row)
    return rows

"""Armed groups and homicides as recorded, by department and year.

Contestation is an index between 0 and 1 made of two parts: how much fighting there is, and
how evenly it is spread over groups (the state counts as one more contender). It comes from
lethal events with FARC, ELN, EPL and AUC; a year without a row is a year without an event.
FARC stops counting when its ceasefire begins. The count ends in 2018.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from caudal.core.clock import START

if TYPE_CHECKING:
    from caudal.evidence.inputs_reader import Reader

HALF_EVENTS = 5.0
"""Lethal events a year in a department at which the amount of fighting counts half (judgement;
carried by ``homicide_value_response``)."""

LAST_EVENTS = 2018
"""Last year of the count of events by group and department."""

FARC_EXIT = 2016 + 7 / 12
"""Start of August 2016: the ceasefire in force, the last weeks before FARC gathers."""

BEFORE_EXIT = (2006, 2015)
"""Years that tell where FARC stood before it left."""


def contested(read: Reader, names: Sequence[str], *, farc: bool) -> np.ndarray:
    """Return contestation by (year, department), 0-1, with or without FARC; held after 2018."""
    groups = ["ucdp_events_eln", "ucdp_events_epl", "ucdp_events_auc"]
    if farc:
        groups.insert(0, "ucdp_events_farc")
    index = _contestation([_events(read, group, names) for group in groups])
    held = np.minimum(read.years, min(LAST_EVENTS, read.known)) - START
    return index[held]


def farc_before(read: Reader, names: Sequence[str]) -> np.ndarray:
    """Return where FARC stood before its exit, 0-1 by department: its events, saturating."""
    first, last = BEFORE_EXIT
    mean = _events(read, "ucdp_events_farc", names)[first - START : last + 1 - START].mean(axis=0)
    return mean / (mean + HALF_EVENTS)


def homicides(read: Reader, names: Sequence[str]) -> np.ndarray:
    """Return homicides by (year, department); the first and last records are held beyond them."""
    columns, missing = [], set()
    for name in names:
        known = read.record("homicides", name)
        at = np.array(sorted(known))
        missing |= {int(y) for y in read.years if y not in known}
        logs = np.log(np.maximum([known[y] for y in at], 0.5))
        columns.append(np.exp(np.interp(read.years, at, logs)))
    read.missing("homicides", tuple(sorted(missing)), "interpolated_then_held", "calm_memory")
    return np.stack(columns, axis=1)


def people(read: Reader, names: Sequence[str]) -> np.ndarray:
    """Return inhabitants by department, from homicides over their rate: mean of the last ten years."""
    found = []
    for name in names:
        count, rate = read.record("homicides", name), read.record("homicide_rate", name)
        recent = sorted(y for y in count if rate.get(y, 0.0) > 0.0)[-10:]
        found.append(np.mean([count[y] / rate[y] for y in recent]) * 1e5)
    return np.array(found)


def _events(read: Reader, name: str, names: Sequence[str]) -> np.ndarray:
    """Return events with a group by (year, department), smoothed over three years, while known."""
    record = [read.record(name, n) for n in names]
    years = range(START - 1, min(LAST_EVENTS, read.known) + 1)
    table = np.array([[known.get(y, 0.0) for known in record] for y in years])
    smoothed = [table[max(i - 1, 0) : i + 2].mean(axis=0) for i in range(1, len(table))]
    return np.array(smoothed)


def _contestation(events: Sequence[np.ndarray]) -> np.ndarray:
    """Return fighting n / (n + half) times balance N / (N + 1).

    n is the events with the most active group: a clash counts for each group in it, so groups are
    not added. N is the effective number of groups, from their relative weights.
    """
    each = np.stack(events)
    most, total = each.max(axis=0), each.sum(axis=0)
    squares = (each**2).sum(axis=0)
    number = np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0)
    return most / (most + HALF_EVENTS) * number / (number + 1.0)

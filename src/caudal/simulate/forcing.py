"""From yearly inputs to the monthly forcings of the model, and the region axis."""

from __future__ import annotations

import numpy as np

from caudal.core.clock import LAST_OBSERVED, MONTHS, START
from caudal.evidence.inputs import Inputs
from caudal.evidence.inputs_conflict import FARC_EXIT
from caudal.evidence.neighbours import neighbours
from caudal.model.blocks.farms import SEED
from caudal.model.state import Forcing, Places
from caudal.simulate.scenario import scenario


def places(given: Inputs, padding: int = 0) -> Places:
    """Return the region axis, with ``padding`` empty regions at its end."""

    def padded(values):
        return np.pad(np.asarray(values, float), (0, padding))

    usual = given.area.mean(axis=0)
    return Places(
        mask=padded(np.ones(given.area.shape[1])),
        start=padded(np.maximum(given.area[0], SEED)),
        peak=padded(given.area.max(axis=0)),
        weight=padded(usual / usual.sum()),
        andes_start=given.andes[0],
        homicides_start=np.pad(given.homicides[0], (0, padding), constant_values=1.0),
        neighbours=np.pad(neighbours(given.regions, given.department), (0, padding)),
    )


def forcing(given: Inputs, first: int, last: int, padding: int = 0) -> Forcing:
    """Return the forcings of the years ``first``..``last``, leading axes (year, month).

    Indices are interpolated between mid-years and held beyond the record; recorded area is
    interpolated in logarithms between the ends of years. The aid that other aid is measured
    against is that of the record and then of the baseline, whose instruments it pays for.
    The record ends with the last year of area in ``given``: levels then run free, and years of the
    record stop counting. The disruption is held at what it was by then.
    """
    years = np.arange(first, last + 1)
    time = years[:, None] + (np.arange(MONTHS) + 0.5) / MONTHS
    ends = years[:, None] + (np.arange(MONTHS) + 1.0) / MONTHS
    end = given.observed + 1.0  # of the record

    def index(values):
        return np.interp(time, given.years + 0.5, values)

    usual = scenario("baseline").paths(given, last)

    def by_year(name):
        return np.repeat(usual[name][first - START :][:, None], MONTHS, axis=1)

    def regional(table, empty=0.0):
        columns = np.pad(table, ((0, 0), (0, padding)), constant_values=empty).T
        return np.stack([index(column) for column in columns], axis=-1)

    def fixed(values, empty=0.0):
        return np.zeros((*time.shape, 1)) + np.pad(values, (0, padding), constant_values=empty)

    def target(table):
        at = np.arange(START, given.observed + 2, dtype=float)
        logs = np.log(table + SEED)
        value = np.stack([np.exp(np.interp(ends, at, column)) - SEED for column in logs.T], axis=-1)
        slope = np.stack(
            [np.interp(ends, at, column) - np.interp(ends - 1.0 / MONTHS, at, column) for column in logs.T],
            axis=-1,
        )
        return np.maximum(value, 0.0), slope * MONTHS

    area, growth = target(np.pad(given.area, ((0, 0), (0, padding))))
    andes, andes_growth = target(given.andes)
    exited = time > FARC_EXIT
    with_farc, without_farc = regional(given.contested), regional(given.contested_without_farc)
    zero = np.zeros((*time.shape, area.shape[-1]))
    return Forcing(
        track=(time < end).astype(float),
        target=area,
        target_growth=growth,
        andes_target=andes,
        andes_target_growth=andes_growth,
        level_shift=zero,
        growth_shift=zero,
        andes_shift=np.zeros((*time.shape, 2)),
        exchange=index(given.exchange),
        yield_index=index(given.yield_index),
        yield_early=np.clip(1.0 - (time - START) / 5.0, 0.0, 1.0),
        yield_jump=index(given.yield_jump),
        fentanyl=index(given.fentanyl),
        population=index(given.population),
        disruption=np.interp(np.minimum(time, end), DISRUPTION_YEARS, DISRUPTION),
        seizure_source=index(given.seizure_source),
        seizure_us=index(given.seizure_us),
        seizure_world=index(given.seizure_world),
        years_since=np.minimum(time, end) - START,
        early_years=np.clip(time, START, min(TURN, end)) - START,
        late_years=np.clip(time, TURN, max(TURN, end)) - TURN,
        projection_years=np.clip(time - end, 0.0, None),
        beyond_years=np.clip(time - (LAST_OBSERVED + 1.0), 0.0, None),
        homicides=regional(given.homicides, 1.0),
        contestation=np.where(exited[..., None], without_farc, with_farc),
        farc_before=fixed(given.farc_before),
        people=fixed(given.people, 1.0),
        exited=exited.astype(float),
        since_exit=np.clip(time - FARC_EXIT, 0.0, None),
        aid_military=by_year("us_aid_military"),
        aid_social=by_year("us_aid_social"),
    )


TURN = 2013.0
"""Year in which growth elsewhere changes pace: years before count as early, years after as late."""

DISRUPTION_YEARS = (2006.9, 2008.0, 2011.0, 2015.0)
"""Knots of the 2007-14 disruption: permanganate control of December 2006, no recovery by
April 2011 (lit.E40), STRIDE purity recovering by 2015-17 (judgement)."""

DISRUPTION = (0.0, 1.0, 1.0, 0.0)

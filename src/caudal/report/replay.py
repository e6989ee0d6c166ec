"""The answer to a replay of the past, in five sentences: what happened, and what would have been without it.

The sentences are: coca in Colombia as simulated and as recorded; what another policy would have
given of coca and of supply in the United States; of violence; of public cost, with recorded US
aid beside it; and how far to trust it.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from caudal.core.clock import START
from caudal.core.messages import text
from caudal.evidence.inputs import inputs
from caudal.evidence.registry import outcomes, parameters
from caudal.report.answer import Sentences
from caudal.report.moves import moves
from caudal.report.notes import listed
from caudal.report.numbers import Writer, step_of
from caudal.report.recorded import dots, misses
from caudal.report.summary import Cell, Summary, payers
from caudal.report.tables import HOMICIDES, MILITARY_AID, badge, chance_text, gap_text, level_text
from caudal.simulate.experiments import aid_levers

AREA = "coca_area"
SUPPLY = (("cocaine_to_us", True), ("us_retail_price", False))
VIOLENCE = ("homicides_attributable", "people_displaced_attributable", "people_exposed_to_spraying")
AID_BLOCK = "aid"


def replay_answer(summary: Summary, write: Writer) -> list[str]:
    """Return the answer to a replay in five sentences, about the first scenario compared if any."""
    own = summary.rivals[0] if summary.rivals else None
    said = Past(summary, write, own)
    return [said.area(), said.supply(), said.violence(), said.cost(), said.trust()]


@dataclasses.dataclass(frozen=True)
class Aid:
    """US aid over the years of a replay, million 2020 USD: recorded and under a scenario."""

    recorded: float
    own: float
    flat: bool
    alone: bool

    @property
    def kind(self) -> str:
        """Return how a scenario's aid stands to the record."""
        if self.own == 0.0:
            return "none"
        if self.own > self.recorded:
            return "more"
        return "flat" if self.flat else "less"


def aid_of(summary: Summary, name: str) -> Aid | None:
    """Return US aid under a scenario of the past; nothing where it is as recorded."""
    moved = [m for m in moves(summary) if m.scenario == name]
    if not any(m.lever in aid_levers() for m in moved):
        return None
    paths = summary.scenario(name).paths(inputs(), summary.last)
    ahead = slice(summary.first_decision - START, None)
    own = np.sum([paths[lever][ahead] for lever in aid_levers()], axis=0)
    recorded = recorded_aid(summary)
    differs = own != recorded
    alone = all(m.lever in aid_levers() for m in moved)
    return Aid(recorded.sum() / 1e6, own.sum() / 1e6, bool(np.ptp(own[differs]) == 0.0), alone)


def recorded_aid(summary: Summary) -> np.ndarray:
    """Return recorded US aid by year in which policies differ, 2020 USD."""
    given = inputs()
    span = slice(summary.first_decision - START, summary.last + 1 - START)
    return (given.aid_military + given.aid_social)[span]


def judged_shares() -> tuple[int, int]:
    """Return how many parameters of what US aid buys are judged, and how many there are."""
    known = [p.known for p in parameters().values() if p.block == AID_BLOCK]
    return known.count("judged"), len(known)


class Past:
    """Writes the sentences about a replay and, if there is one, the scenario compared with it."""

    def __init__(self, summary: Summary, write: Writer, own: str | None) -> None:
        self.summary, self.write, self.own = summary, write, own
        self.subject = own or summary.reference
        self.reference = summary.title(summary.reference)
        self.said = Sentences(summary, write)
        self.span = f"{summary.first_decision}-{summary.last}"

    @functools.cached_property
    def aid(self) -> Aid | None:
        """Return US aid under the scenario compared, where it changes."""
        return aid_of(self.summary, self.own) if self.own else None

    def area(self) -> str:
        """Tell coca area at both ends of the replay, as simulated and as recorded."""
        summary, write = self.summary, self.write
        drawn = summary.draws(AREA, summary.reference)
        level, band = level_text(summary.cell(AREA, summary.reference), 0, write)
        first = float(np.median(drawn[:, 0]))
        found = [
            text(
                "replay.recorded_ends",
                owner=one.short,
                first=write.number(one.values[START]),
                last=write.number(one.values[summary.last]),
            )
            for one in dots(AREA, summary.last)
            if {START, summary.last} <= set(one.values)
        ]
        return text(
            "replay.answer_happened" if summary.happened else "replay.answer_reference",
            reference=self.reference,
            start=write.number(first, step_of(first, 0.0)),
            first=START,
            level=level,
            band=band or level,
            last=summary.last,
            recorded=listed(found) or text("replay.recorded_nothing"),
        )

    def supply(self) -> str:
        """Tell what would have been of coca and of supply in the United States."""
        if not self.own:
            clauses = [self.clause(o, summed) for o, summed in SUPPLY]
            return text("replay.answer_alone", clauses="; ".join(clauses))
        clauses = [self.clause(AREA, False, self.widest()), *(self.clause(o, s) for o, s in SUPPLY)]
        return text(
            "replay.answer_without",
            own=self.summary.title(self.subject),
            aid=self.aid_told(),
            clauses="; ".join(clauses),
        )

    def aid_told(self) -> str:
        """Tell the change of US aid, and whether Colombia's own effort is left as it was."""
        if self.aid is None:
            return ""
        told = text(
            f"replay.aid_{self.aid.kind}",
            own=self.write.number(self.aid.own),
            recorded=self.write.number(self.aid.recorded),
            years=self.span,
        )
        return text("replay.aid_alone" if self.aid.alone else "replay.aid_among", told=told)

    def widest(self) -> str:
        """Tell the year in which coca area differs most, when it is not the last."""
        gaps = self.summary.draws(AREA, self.subject) - self.summary.draws(AREA, self.summary.reference)
        middle = np.median(gaps, axis=0)
        at = int(np.argmax(np.abs(middle)))
        if at == len(middle) - 1 or middle[at] == 0.0:
            return ""
        shown = self.write.number(middle[at], step_of(middle[at], 0.0), signed=True)
        return text("replay.widest", gap=shown, year=int(self.summary.years[at]))

    def violence(self) -> str:
        """Tell the violence that follows coca and eradication, and military aid, and what is left out."""
        told = list(VIOLENCE)
        if any(m.lever == MILITARY_AID and m.scenario == self.own for m in moves(self.summary)):
            told.insert(1, HOMICIDES)
        clauses = [self.clause(o, True) for o in told]
        key = "answer_violence_aid" if self.aid else "answer_violence"
        return text(f"replay.{key}", clauses="; ".join(clauses))

    def cost(self) -> str:
        """Tell public cost by payer, with recorded US aid beside it."""
        write, found = self.write, []
        for outcome in payers():
            cell = self.summary.cumulative(outcome, self.subject)
            if not any(cell.gap if self.own else cell.level):
                continue
            value, band = (gap_text if self.own else level_text)(cell, 0, write)
            key = "paid_band" if band else "paid"
            payer = text(f"report.payer_{outcome}")
            found.append(text(f"replay.{key}", payer=payer, value=value, band=band))
        recorded = write.number(recorded_aid(self.summary).sum() / 1e6)
        aid = text(
            "replay.cost_aid" if self.aid else "replay.cost_aid_recorded",
            recorded=recorded,
            own=write.number(self.aid.own) if self.aid else "",
        )
        key = "answer_cost" if self.own else "answer_cost_alone"
        payers_told = listed(found) or text("replay.cost_same")
        base = text("replay.happened") if self.summary.happened else self.said.quoted(self.reference)
        return text(f"replay.{key}", years=self.span, base=base, payers=payers_told, aid=aid)

    def trust(self) -> str:
        """Tell what the answer rests on, and how far the simulation is from the record."""
        judged, total = judged_shares()
        rests = text("replay.trust_aid", judged=judged, total=total) if self.aid else self.said.judged()
        return text(
            "replay.answer_trust",
            calibration=badge(self.summary).lower(),
            rests=rests,
            fit=self.said.fit(),
            misses=misses_text(self.summary, self.write),
        )

    def clause(self, outcome: str, summed: bool, more: str = "") -> str:
        """Tell an outcome in the last year or summed, as a level or as a difference."""
        summary = self.summary
        cell = (summary.cumulative if summed else summary.cell)(outcome, self.subject)
        digits = outcomes()[outcome].digits
        when = (
            text("replay.when_summed", years=self.span) if summed else text("replay.when", year=summary.last)
        )
        fields = {
            "outcome": text(f"replay.in_text_{outcome}"),
            "unit": text(f"replay.in_unit_{outcome}"),
            "when": when,
            "more": more,
        }
        if not self.own:
            level, band = level_text(cell, digits, self.write)
            return text("replay.clause_level", **fields, level=level, band=band or level)
        return text(f"replay.clause_{cell.direction}", **fields, **self.told(cell, digits))

    def told(self, cell: Cell, digits: int) -> dict[str, str]:
        """Return the words for a difference: its size, its sign, its range and its probability."""
        gap, band = gap_text(cell, digits, self.write)
        size = gap.lstrip("+-−")
        chance = chance_text(cell, self.summary.draw_count, self.write)
        return {"gap": gap, "size": size, "band": band or gap, "chance": chance}


def misses_text(summary: Summary, write: Writer) -> str:
    """Tell how close the simulation of what happened is to the recorded coca area, and where it is far."""
    found = misses(summary, AREA)
    if found is None:
        return text("replay.misses_unknown")
    if not found.years:
        largest = write.exact(round(100.0 * abs(found.gap), 1))
        return text("replay.misses_none", gap=largest, worst=found.worst)
    return text(
        "replay.misses_above" if found.gap > 0.0 else "replay.misses_below",
        years=write.years(found.years),
        gap=write.percent(abs(found.gap)),
        worst=found.worst,
    )

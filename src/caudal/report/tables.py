"""The comparison as rows: in the last year, summed over the years, by payer, and with packages scaled."""

from __future__ import annotations

import dataclasses

from caudal.core.messages import local, text
from caudal.evidence.registry import Outcome, outcomes
from caudal.evidence.structures import structure
from caudal.report.moves import moves
from caudal.report.numbers import EXACT, Writer, is_exact, step_of
from caudal.report.recorded import recorded_text
from caudal.report.summary import COST, Cell, Summary, payers
from caudal.simulate.basis import USUAL
from caudal.simulate.results import Result

FRAMED = ("coca_area", "cocaine_to_us", "us_deaths", "growers_income", COST)
"""Outcomes shown at equal public cost and with intensities swapped."""

REVENUE = "regulated_tax_revenue"
"""A memo beside public cost: never deducted from it, shown where there is any."""

HOMICIDES = "homicides_coca_departments"
"""Shown where military aid moves: the only outcome in which its direct response shows."""

MILITARY_AID = "us_aid_military"

TRAFFIC = (
    "interdiction_us_transit",
    "interdiction_pacific",
    "interdiction_caribbean",
    "interdiction_venezuela",
    "air_and_sea_force",
    "interdiction_world_transit",
    "interdiction_ecuador",
    "interdiction_brazil",
    "interdiction_atlantic",
)
"""Levers that move traffic between corridors: where one moves, every corridor is shown."""

CORRIDOR = "flow_"
"""How the names of outcomes begin that are what enters a corridor."""

ENOUGH_DRAWS = 100
"""With fewer runs than this the ends of the 90 % range rest on a handful of them."""

MILLION, MILLION_DIGITS = 1e6, 2
"""From this median on an outcome is shown in millions, with so many decimals at most."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One outcome, a cell for each scenario, in units of ``scale``; of the past, also as recorded."""

    outcome: str
    label: str
    unit: str
    digits: int
    cells: tuple[Cell, ...]
    scale: float = 1.0
    recorded: str = ""

    @property
    def idle(self) -> bool:
        """Tell whether nothing happens in the row: one figure that no scenario and no run moves, or none."""
        size = max(abs(x) for cell in self.cells for x in cell.level)
        still = all(abs(x) <= EXACT * size for cell in self.cells for x in cell.gap)
        return size == 0.0 or (len(self.cells) > 1 and still and all(is_exact(*c.level) for c in self.cells))


@dataclasses.dataclass(frozen=True)
class Framing:
    """A comparison repeated with packages scaled, and by how much each was."""

    kind: str
    title: str
    explained: tuple[str, ...]
    names: tuple[str, ...]
    rows: tuple[Row, ...]


def rows(result: Result | Summary, scenarios: list[str] | None = None) -> list[Row]:
    """Return the reported outcomes in the last year, for some scenarios or all."""
    summary = Summary.of(result)
    found = [_row(summary, name, scenarios or summary.names) for name in shown(summary)]
    if not summary.replay:
        return found
    return _with_record(found, range(summary.last, summary.last + 1))


def shown(summary: Summary) -> dict[str, Outcome]:
    """Return the outcomes of a comparison: those reported, and those that the levers moved call for."""
    moved = {move.lever for move in moves(summary)}
    held = summary.result.ds
    revenue = [REVENUE] if _collected(summary) else []
    last_payer = [name for name in summary.reported if name in payers()][-1:]
    found: dict[str, Outcome] = {}
    for name, about in outcomes().items():
        asked = (moved & set(TRAFFIC) and name.startswith(CORRIDOR)) or (
            MILITARY_AID in moved and name == HOMICIDES
        )
        if name in summary.reported or (asked and name in held):
            found[name] = about
            if [name] == last_payer:
                found |= {one: outcomes()[one] for one in revenue}
    return found


def _collected(summary: Summary) -> bool:
    """Tell whether a licensed supply pays tax in some scenario."""
    if REVENUE not in summary.result.ds:
        return False
    return any(summary.draws(REVENUE, name).any() for name in summary.names)


def _label(outcome: str, about: Outcome) -> str:
    """Return what an outcome is called in a table."""
    return text("report.memo_revenue") if outcome == REVENUE else local(about.label)


def sums(result: Result | Summary) -> list[Row]:
    """Return the flows of a replay of the past summed over the years in which policies differ."""
    summary = Summary.of(result)
    found = []
    for name, about in shown(summary).items():
        flow, per, _ = about.unit.partition("/year")
        if about.kind == "flow" and per:
            cells = tuple(summary.cumulative(name, n) for n in summary.names)
            label, unit = _label(name, about), text(f"replay.summed_{flow}")
            found.append(_scaled(Row(name, label, unit, about.digits, cells)))
    return _with_record(found, range(summary.first_decision, summary.last + 1))


def _with_record(found: list[Row], years: range) -> list[Row]:
    """Return the rows in which something happens, each with what was recorded of it."""
    write = Writer()
    return [
        dataclasses.replace(row, recorded=recorded_text(row.outcome, years, row.digits, row.scale, write))
        for row in found
        if not row.idle
    ]


def costs(summary: Summary) -> list[tuple[str, list[Row]]]:
    """Return public cost by payer and in all: summed over the projection, and in the last year."""
    spans = (
        (text("report.cost_cumulative", first=summary.first_decision, last=summary.last), summary.cumulative),
        (text("report.cost_last", year=summary.last), summary.cell),
    )
    found = []
    for title, cell in spans:
        table = []
        for outcome in (*payers(), COST):
            label = text("report.cost_total" if outcome == COST else f"report.payer_{outcome}")
            table.append(Row(outcome, label, "", 0, tuple(cell(outcome, n) for n in summary.names)))
        if _collected(summary):
            cells = tuple(cell(REVENUE, n) for n in summary.names)
            table.append(Row(REVENUE, text("report.memo_revenue"), "", 0, cells))
        found.append((title, table))
    return found


def framings(result: Result | Summary, write: Writer | None = None) -> list[Framing]:
    """Return the comparison at equal public cost and with intensities swapped."""
    summary, write = Summary.of(result), write or Writer()
    found = []
    for kind, scaled in summary.record["framings"].items():
        key = kind.replace("-", "_")
        names = [summary.reference, *(f"{n}@{kind}" for n in scaled if n != summary.reference)]
        lines = tuple(
            text(
                f"report.scaled_{key}{_known_means(kind, about)}",
                scenario=summary.title(name),
                factor=write.number(about["factor"], 0.01),
                cost=write.number(about.get("extra_cost_million_usd", 0.0), step=100.0),
                own=write.number(about.get("own_extra_cost_million_usd", 0.0), step=100.0),
                mean=write.number(about.get("extra_cost_mean_million_usd", 0.0), step=100.0),
                own_mean=write.number(about.get("own_extra_cost_mean_million_usd", 0.0), step=100.0),
                first=summary.first_decision,
                last=summary.last,
                other=summary.title(about["intensity_of"]) if "intensity_of" in about else "",
                before=write.percent(about.get("intensity", 0.0)),
                after=write.percent(about.get("given", 0.0)),
            )
            for name, about in scaled.items()
        )
        shown = [o for o in FRAMED if o == COST or o in summary.reported]
        table = tuple(_row(summary, o, names) for o in shown)
        plain = tuple(n.partition("@")[0] for n in names)
        found.append(Framing(kind, text(f"report.framing_title_{key}"), lines, plain, table))
    return found


def _known_means(kind: str, about: dict) -> str:
    """Return the ending of the message for a record that does not tell mean costs."""
    means = {"extra_cost_mean_million_usd", "own_extra_cost_mean_million_usd"}
    return "_median" if kind == "equal-cost" and not means <= set(about) else ""


def _row(summary: Summary, outcome: str, names: list[str]) -> Row:
    about = outcomes()["public_cost_us" if outcome == COST else outcome]
    label = text("report.public_cost_total") if outcome == COST else _label(outcome, about)
    unit = local(about.shown_unit) if about.shown_unit else about.unit
    cells = tuple(summary.cell(outcome, n) for n in names)
    return _scaled(Row(outcome, label, unit, about.digits, cells))


def _scaled(row: Row) -> Row:
    """Return a row in millions where its medians are that large."""
    if max(cell.level[1] for cell in row.cells) < MILLION:
        return row
    cells = tuple(cell.scaled(MILLION) for cell in row.cells)
    unit = text("report.axis_million", unit=row.unit)
    return dataclasses.replace(row, unit=unit, digits=MILLION_DIGITS, cells=cells, scale=MILLION)


def level_text(cell: Cell, digits: int, write: Writer) -> tuple[str, str]:
    """Return a median and its range, the range empty for an exact figure."""
    low, middle, high = cell.level
    step = step_of(*cell.level, digits=digits)
    return write.number(middle, step), "" if is_exact(*cell.level) else write.band(low, high, step)


def gap_text(cell: Cell, digits: int, write: Writer) -> tuple[str, str]:
    """Return a median difference and its range; empty for the reference."""
    if not cell.compared:
        return "", ""
    low, middle, high = cell.gap
    step = step_of(*cell.gap, digits=digits)
    spread = "" if is_exact(*cell.gap) else write.band(low, high, step, signed=True)
    return write.number(middle, step, signed=True), spread


def chance_text(cell: Cell, draws: int, write: Writer) -> str:
    """Return the probability of the likelier direction in words: lower in 78 of 100."""
    if not cell.compared:
        return ""
    if cell.p_lower == cell.p_higher == 0.0:
        return text("report.no_difference")
    if cell.p_lower >= cell.p_higher:
        return text("report.lower_in", runs=write.runs(cell.p_lower, draws))
    return text("report.higher_in", runs=write.runs(cell.p_higher, draws))


def badge(summary: Summary) -> str:
    """Return what a result rests on: the record until when and its vintage, structures, data owner."""
    record, basis = summary.record, summary.basis
    if basis.fitted:
        vintage = record["calibration"].split()[-1]
        told = [text("report.calibrated", last=record["calibrated_until"], vintage=vintage)]
    else:
        told = [text("report.uncalibrated")]
    if basis.stacked:
        told.append(text("report.badge_stacked", count=len(record["shares"])))
    elif basis.structures != USUAL.structures:
        told.append(text("report.badge_structure", name=local(structure(basis.structures).label)))
    if basis.owner != USUAL.owner:
        told.append(text("report.badge_owner", owner=text(f"report.owner_{basis.owner}")))
    return "; ".join(told)


def few_text(summary: Summary, write: Writer) -> str:
    """Return a warning that the ranges rest on few runs, or nothing."""
    if summary.draw_count >= ENOUGH_DRAWS:
        return ""
    return text("report.few", draws=write.number(summary.draw_count), enough=ENOUGH_DRAWS)

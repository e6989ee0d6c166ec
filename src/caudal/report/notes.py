"""What a reader must be warned of, line by line, and the sources behind every number."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

import numpy as np

from caudal.core.clock import START
from caudal.core.messages import local, text
from caudal.evidence.inputs import inputs
from caudal.evidence.registry import levers, parameters
from caudal.evidence.series import series
from caudal.evidence.source import Source, source, sources
from caudal.report.moves import Move, lever_label, moves, quantity
from caudal.report.numbers import Writer, step_of
from caudal.report.summary import Summary
from caudal.simulate.document import Document
from caudal.simulate.experiments import aid_levers
from caudal.simulate.results import BAND, Result
from caudal.simulate.scenario import scenario

ERADICATION = ("aerial_spraying", "manual_eradication")
"""Levers, and series of the same name, that are forced eradication."""

ROUNDING = 1.0 + 1e-9
"""A value is beyond a recorded maximum when it is more than this multiple of it."""

IDENTIFIER = re.compile(r"\b[a-z]{3}\.\w+")
"""What a source's id looks like inside a text."""


@dataclasses.dataclass(frozen=True)
class PolicyLine:
    """One dated line of a scenario, with what it rests on."""

    scenario: str
    lever: str
    label: str
    setting: str
    kind: str
    text: str
    cites: tuple[str, ...]


def warnings(result: Result | Summary, write: Writer | None = None) -> list[str]:
    """Return what must be kept in mind when reading a comparison, one sentence each."""
    summary, write = Summary.of(result), write or Writer()
    moved = moves(summary)
    found = _unbounded(summary, write)
    found += [w for name in summary.rivals if (w := _leakage(summary, name, write))]
    for name in summary.names:
        own = [m for m in moved if m.scenario == name]
        found += _weak(summary, name, own)
        title = summary.title(name)
        found += [
            _beyond(title, m.lever, m.peak, write)
            for m in own
            if m.raised and m.peak > m.about.maximum.value * ROUNDING
        ]
        paths = summary.scenario(name).paths(inputs(), summary.last)
        found += [w for w in [_together(summary, paths, title, write)] if w]
        if not summary.replay:
            found += [_law(summary, m) for m in own if m.raised and m.about.legal.status != "in_force"]
    return found + (_of_the_past(summary, moved) if summary.replay else _framed(summary, write))


def _of_the_past(summary: Summary, moved: list[Move]) -> list[str]:
    """Tell what every replay of the past takes over from the record, and what one of US aid leaves out."""
    found = [text("replay.warn_same")] if summary.rivals else []
    if any(m.lever in aid_levers() for m in moved):
        found += [text("replay.warn_own_effort"), text("replay.warn_security")]
    return found


def _unbounded(summary: Summary, write: Writer) -> list[str]:
    """Tell of runs in which an outcome has no bound, which priors alone allow."""
    count = summary.record["unbounded"]
    if not count:
        return []
    return [text("report.unbounded", count=write.number(count), draws=write.number(summary.draw_count))]


def _leakage(summary: Summary, name: str, write: Writer) -> str:
    """Tell how much of a fall of Colombian coca a rise in Peru and Bolivia offsets, or that both fall."""
    if not {"coca_area", "coca_area_peru_bolivia"} <= set(summary.reported):
        return ""
    here, there = summary.cell("coca_area", name), summary.cell("coca_area_peru_bolivia", name)
    if here.gap[0] >= 0.0:
        return ""
    fields = {
        "scenario": summary.title(name),
        "reference": summary.title(summary.reference),
        "year": summary.last,
    }
    step, near = step_of(*here.gap), step_of(*there.gap)
    here_range = write.band(here.gap[0], here.gap[2], step, signed=True)
    beside = {
        "there": write.number(there.gap[1], near, signed=True),
        "there_range": write.band(there.gap[0], there.gap[2], near, signed=True),
    }
    if here.gap[2] >= 0.0:
        return text("report.leakage_unclear", **fields, here=here_range, **beside)
    if there.gap[1] < 0.0:
        middle = write.number(here.gap[1], step, signed=True)
        return text("report.leakage_both_fall", **fields, here=middle, here_range=here_range, **beside)
    own, base = (
        {o: summary.draws(o, s)[:, -1] for o in ("coca_area", "coca_area_peru_bolivia")}
        for s in (name, summary.reference)
    )
    fall = base["coca_area"] - own["coca_area"]
    rise = own["coca_area_peru_bolivia"] - base["coca_area_peru_bolivia"]
    certain = fall > 0.0
    low, middle, high = 100.0 * np.quantile(rise[certain] / fall[certain], BAND)
    return text(
        "report.leakage",
        **fields,
        share=write.number(middle),
        share_range=write.band(low, high, 1.0),
    )


def _weak(summary: Summary, name: str, own: list[Move]) -> list[str]:
    judged = [lever_label(m.lever) for m in own if m.about.evidence == "judgement"]
    if not judged:
        return []
    return [text("report.weak_evidence", scenario=summary.title(name), levers=listed(judged))]


def _beyond(told: str, lever: str, peak: float, write: Writer) -> str:
    most = levers()[lever].maximum
    return text(
        "report.beyond_maximum",
        scenario=told,
        lever=lever_label(lever),
        value=quantity(lever, peak, write),
        maximum=quantity(lever, most.value, write),
        year=most.year,
    )


def _law(summary: Summary, move: Move) -> str:
    status = move.about.legal.status
    told = text(
        "report.law_needs_law" if status == "needs_law" else "report.law_is",
        lever=lever_label(move.lever),
        status=text(f"report.legal_{status}"),
    )
    return text(
        "report.law_needed",
        scenario=summary.title(move.scenario),
        told=told,
        text=local(move.about.legal.text),
    )


def _together(summary: Summary, paths: dict[str, np.ndarray], told: str, write: Writer) -> str:
    """Warn where spraying and manual eradication together exceed the most recorded in one year."""
    ahead = slice(summary.first_decision - START, None)
    most, year = recorded_together()
    peak = float(np.sum([paths[lever][ahead] for lever in ERADICATION], axis=0).max())
    if peak <= most * ROUNDING:
        return ""
    return text(
        "report.beyond_together",
        scenario=told,
        value=write.number(peak, step_of(peak, 0.0)),
        maximum=write.number(most),
        year=year,
    )


def recorded_together() -> tuple[float, int]:
    """Return the most hectares sprayed and uprooted in one recorded year, and that year."""
    totals: dict[int, float] = {}
    for name in ERADICATION:
        for year, value in series(name).annual("Colombia").items():
            totals[year] = totals.get(year, 0.0) + value
    year = max(totals, key=lambda y: totals[y])
    return totals[year], year


def _framed(summary: Summary, write: Writer) -> list[str]:
    """Tell which levers leave the historical range, or could not be scaled in full, in the framings."""
    found = []
    given, ahead = inputs(), slice(summary.first_decision - START, None)
    base = scenario("baseline").paths(given, summary.last)
    for kind, scaled in summary.record.get("framings", {}).items():
        for name, about in scaled.items():
            factor = about.get("factor", 1.0)
            if factor == 1.0:
                continue
            framing = text(f"report.framing_{kind.replace('-', '_')}")
            plain = summary.scenario(name)
            variant = plain.scaled(factor)
            own, real = plain.paths(given, summary.last), variant.paths(given, summary.last)
            told, cut = f"{summary.title(name)} {framing}", []
            for lever, _ in variant.scales:
                wanted = base[lever] + factor * (own[lever] - base[lever])
                if not np.allclose(wanted[ahead], real[lever][ahead]):
                    cut.append(lever_label(lever))
                peak, most = float(real[lever][ahead].max()), levers()[lever].maximum.value
                if peak > most * ROUNDING and (real[lever][ahead] > base[lever][ahead]).any():
                    found.append(_beyond(told, lever, float(f"{peak:.4g}"), write))
            found += [w for w in [_together(summary, real, told, write)] if w]
            if cut:
                found.append(
                    text(
                        "report.clipped",
                        scenario=summary.title(name),
                        framing=framing,
                        factor=write.number(factor, 0.01),
                        levers=listed(cut),
                    )
                )
    return found


def policy_lines(result: Result | Summary, write: Writer | None = None) -> dict[str, list[PolicyLine]]:
    """Return each scenario's own lines: what it sets, when, and what that rests on."""
    summary, write = Summary.of(result), write or Writer()
    found: dict[str, list[PolicyLine]] = {}
    for name in summary.names:
        told = summary.scenario(name)
        lines = []
        for document in _parts(told.document):
            for lever in levers():
                for entry in document.levers.get(lever, ()):
                    setting = _setting(write, lever, entry.value, entry.start, entry.ramp, entry.to)
                    kind = text(f"report.kind_{entry.kind}")
                    label = lever_label(lever)
                    if entry.departments:
                        label += f" ({', '.join(entry.departments)})"
                    lines.append(
                        PolicyLine(name, lever, label, setting, kind, local(entry.text), entry.cites)
                    )
        for change in told.changes:
            first = change.year or told.document.span[0]
            setting = _setting(write, change.lever, change.value, first)
            kind = text("report.kind_by_hand")
            lines.append(PolicyLine(name, change.lever, lever_label(change.lever), setting, kind, "", ()))
        found[name] = lines
    return found


def _parts(document: Document) -> list[Document]:
    """Return the documents that a scenario adds to its baseline, its own last."""
    return [part for name in document.compose for part in _parts(scenario(name).document)] + [document]


def _setting(
    write: Writer, lever: str, value: float, start: int, ramp: int = 0, to: int | None = None
) -> str:
    key = "setting_ramp" if ramp else "setting"
    told = text(f"report.{key}", value=quantity(lever, value, write), start=start, ramp=ramp)
    return told + (text("report.setting_until", to=to) if to else "")


def sources_used(result: Result | Summary, also: Iterable[str] = ()) -> list[Source]:
    """Return the source of every number that a report uses, and some more, in the order of their owners."""
    summary = Summary.of(result)
    named = set(also)
    used = set(summary.record["series"])
    for about in summary.reported.values():
        used |= set(about.observed)
    for name in used:
        named |= {cited for row in series(name).rows for cited in row.sources}
    for lever in levers().values():
        named |= {*lever.maximum.source, *lever.cost.source, *lever.legal.source}
        named |= {found for found in IDENTIFIER.findall(lever.evidence_note.en) if found in sources()}
    for parameter in parameters().values():
        named |= set(parameter.source)
    for name in summary.names:
        document = summary.scenario(name).document
        named |= set(document.reference)
        named |= {
            cited
            for part in _parts(document)
            for lines in part.levers.values()
            for x in lines
            for cited in x.cites
        }
    return sorted((source(name) for name in named), key=lambda s: (s.owner.lower(), s.date, s.id))


def listed(items: list[str]) -> str:
    """Return names as a list in a sentence: a, b and c."""
    if len(items) < 2:
        return "".join(items)
    return text("report.and", first=", ".join(items[:-1]), last=items[-1])

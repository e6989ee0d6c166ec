"""``caudal evidence timeline``: what was decided when, who governed, and when it was voted."""

from __future__ import annotations

import json
import textwrap
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from caudal.cli import language_option
from caudal.core.messages import local, text

if TYPE_CHECKING:
    from caudal.evidence.timeline import Election, Government

WIDTH = 110
DATE, TOPIC, TERM = 12, 32, 26
"""Characters of the columns of dates, of topics and of the dates of a government."""

YEAR = click.IntRange(1900, 2100)


@click.command(help=text("cli.help_evidence_timeline"))
@click.option("--from", "first", type=YEAR, metavar="YEAR", help=text("cli.opt_timeline_from"))
@click.option("--to", "last", type=YEAR, metavar="YEAR", help=text("cli.opt_timeline_to"))
@click.option("--topic", metavar="TOPIC", help=text("cli.opt_timeline_topic"))
@click.option("--json", "as_json", is_flag=True, help=text("cli.opt_json"))
@language_option
def timeline(first: int | None, last: int | None, topic: str | None, as_json: bool) -> None:
    """List the dated events; governments and elections too, unless one topic is asked for."""
    from caudal.core.errors import unknown
    from caudal.evidence.timeline import events, span
    from caudal.evidence.timeline import timeline as dated

    topics = dated().topics
    if topic is not None and topic not in topics:
        raise unknown("topic", topic, topics, "CAU-115")

    def within(begins: str, ends: str) -> bool:
        after = first is None or span(ends)[1] >= span(first)[0]
        return after and (last is None or span(begins)[0] <= span(last)[1])

    found = events(first, last, topic)  # ty: ignore[invalid-argument-type]
    whole = topic in (None, "government")
    terms = [g for g in dated().governments.values() if whole and within(g.start, g.end)]
    votes = [e for e in dated().elections.values() if whole and within(e.date, e.date)]
    starts = _starting()
    if as_json:
        rows = [{**_plain(event), "scenarios": starts.get(event.id, [])} for event in found]
        document = {
            "topics": {name: label.model_dump() for name, label in topics.items()},
            "events": rows,
            "governments": [_plain(one) for one in terms],
            "elections": [_plain(one) for one in votes],
        }
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for event in found:
        cited = ", ".join(event.cites) or text("evidence.timeline_unread")
        told = text("evidence.timeline_event", label=local(event.label), sources=cited)
        if event.id in starts:
            told = text("evidence.timeline_scenario", told=told, names=", ".join(starts[event.id]))
        _print_row(event.date, local(topics[event.topic]), told)
    _print_votes(terms, votes)
    click.echo()
    click.echo(text("evidence.timeline_topics", names=", ".join(topics)))
    click.echo(text("evidence.next_timeline"))


def _starting() -> dict[str, list[str]]:
    """Return the scenarios that branch from each event, or have a line that starts with it."""
    from caudal.simulate.scenario import library

    found = defaultdict(list)
    for name, one in library().items():
        lines = (line.event for entries in one.document.levers.values() for line in entries)
        for event in dict.fromkeys((one.document.branches_from, *lines)):
            if event:
                found[event].append(name)
    return dict(found)


def _print_votes(terms: Sequence[Government], votes: Sequence[Election]) -> None:
    if terms:
        click.echo("\n" + text("evidence.timeline_governments"))
    for term in terms:
        dates = text("evidence.timeline_term", date=term.start, end=term.end)
        _print_row(dates, text(f"evidence.timeline_{term.country}"), term.name, TERM)
    if votes:
        click.echo("\n" + text("evidence.timeline_elections"))
    for vote in votes:
        kind = text(f"evidence.timeline_{vote.kind}")
        _print_row(vote.date, text(f"evidence.timeline_{vote.country}"), kind)


def _print_row(date: str, topic: str, words: str, width: int = DATE) -> None:
    before = date.ljust(width) + topic.ljust(TOPIC)
    indent = " " * (width + TOPIC)
    for line in textwrap.wrap(words, WIDTH, initial_indent=before, subsequent_indent=indent):
        click.echo(line)


def _plain(record: Any) -> dict[str, Any]:
    return record.model_dump(mode="json", by_alias=True)

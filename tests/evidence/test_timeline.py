"""The timeline is complete, in order, cited, bilingual and strict, and never passes memory for evidence."""

import re

import pytest

from caudal.core.errors import CaudalError
from caudal.core.files import data_path
from caudal.core.units import check_unit
from caudal.evidence.registry import levers
from caudal.evidence.source import sources
from caudal.evidence.timeline import events, read_timeline, span, timeline


def test_every_event_is_there_in_order_of_date():
    found = timeline().events
    assert len(found) == len(events()) == 78
    first_days = [span(event.date)[0] for event in events()]
    assert first_days == sorted(first_days)
    assert events()[0].date == "1989"
    assert events()[-1].date == "2026-11-03"
    assert all(name == event.id and re.fullmatch(r"[a-z0-9-]+", name) for name, event in found.items())


def test_the_file_itself_is_in_order():
    names = re.findall(r"^  ([a-z0-9-]+):$", data_path("timeline.yaml").read_text(encoding="utf-8"), re.M)
    assert [name for name in names if name in timeline().events] == list(timeline().events)


def test_every_cite_lever_and_unit_resolves():
    for event in events():
        assert set(event.cites) <= sources().keys(), event.id
        assert event.lever is None or event.lever in levers(), event.id
        assert event.unit is None or check_unit(event.unit, event.id)


def test_everything_is_said_in_both_languages():
    told = [event.label for event in events()]
    told += [event.note for event in events() if event.note]
    told += timeline().topics.values()
    for text in told:
        assert text.en.strip()
        assert text.es.strip()
        assert text.en != text.es or text.en == "Local."
    assert {event.topic for event in events()} == timeline().topics.keys()
    assert all(len(event.label.en.split()) <= 20 and '"' not in event.label.en for event in events())


def test_what_was_not_read_is_never_evidence():
    unread = [event for event in events() if not event.read]
    assert [event.id for event in unread] == ["us-midterms-2026"]
    assert all(event.confidence == "low" and not event.cites for event in unread)
    assert set(events()) - set(events(evidence=True)) == set(unread)


def test_events_are_chosen_by_date_and_topic():
    assert [event.id for event in events("2015", "2016-08")] == ["spraying-halted", "farc-ceasefire"]
    assert [event.id for event in events(1990, 1991)] == ["air-bridge-denial", "trade-preference-act"]
    certified = [event.id for event in events(topic="certification", to=1998)]
    assert certified == ["decertified-1996", "decertified-1997", "sanctions-waived-1998"]
    year = {event.id for event in events("2025-09", "2025-09")}
    assert year == {
        "manual-2025",
        "target-2025",
        "arms-purchases-stopped",
        "boat-strikes",
        "decertified-2025",
    }


def test_every_day_has_a_government_on_both_sides():
    for country in ("colombia", "united_states"):
        terms = [g for g in timeline().governments.values() if g.country == country]
        assert [a.end for a in terms[:-1]] == [b.start for b in terms[1:]]
        assert all(timeline().governing(country, year) for year in range(1990, 2029))
    assert timeline().governing("colombia", "2022-08-06").name == "Iván Duque"
    assert timeline().governing("colombia", "2022-08-07").name == "Gustavo Petro"
    assert timeline().governing("united_states", 2030) is None
    assert len(timeline().elections) == 22


GOOD = """topics: {aid: {en: Aid, es: Ayuda}}
events:
  one:
    date: "1999-09"
    label: {en: It starts, es: Empieza}
    topic: aid
    direction: start
    cites: [clm.S49]
    confidence: high
governments: {}
elections: {}
"""


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('"1999-09"', '"1999-13"', r"line 4, events\.one\.date"),
        ("topic: aid", "topic: ad", r"line 6, events\.one\.topic"),
        ("clm.S49", "clm.S9999", r"line 8, events\.one\.cites.*clm\.S9999"),
        ("direction: start", "directon: start", r"line 7, events\.one\.directon.*direction"),
        ("{en: It starts, es: Empieza}", "{en: It starts}", r"line 5, events\.one\.label\.es"),
        ("confidence: high", "confidence: high\n    lever: prayer", r"events\.one\.lever.*prayer"),
        ("confidence: high", "confidence: high\n    magnitude: 3", r"line 3, events\.one: .*unit"),
        ("confidence: high", "confidence: high\n    magnitude: 3\n    unit: acree", r"events\.one\.unit"),
        ("cites: [clm.S49]", "cites: []", r"line 3, events\.one: .*read: false"),
        ("cites: [clm.S49]", "cites: []\n    read: false", r"line 3, events\.one: .*confidence: low"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(tmp_path, old, new, where):
    path = tmp_path / "timeline.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert list(read_timeline(path).events) == ["one"]
    assert old in GOOD
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(CaudalError, match=rf"CAU-204: timeline\.yaml, .*{where}"):
        read_timeline(path)

"""Rows S7 and S13 of the product: Plan Colombia and its counterfactual, and everything that is dated.

Asked through the command line; what is recorded is read from the series and the timeline.
"""

from __future__ import annotations

import fcntl
import json

import numpy as np
import pytest
from commandline import caudal, printed, shown

import caudal as cd
from caudal.core.clock import FIRST_DECISION
from caudal.evidence.effects import effects
from caudal.evidence.inputs import deflator
from caudal.evidence.registry import parameter
from caudal.evidence.timeline import span
from caudal.simulate.scenario import library

WITHOUT, DRAWS = "no-plan-colombia", 60
BRANCHES = [name for name, one in library().items() if one.document.branches_from]

slow = pytest.mark.slow


@pytest.fixture(scope="module")
def past(tmp_path_factory, worker_id):
    """Run the plan and its counterfactual once; workers of one session share it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "product-time"
    folder.mkdir(exist_ok=True)
    answer_file = folder / "answer.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not answer_file.exists():
            told = caudal("run", "plan-colombia", WITHOUT, "--draws", DRAWS, "--out", folder, "--json")
            answer_file.write_text(told, encoding="utf-8")
    return json.loads(answer_file.read_text(encoding="utf-8"))


def path(past, outcome, scenario, key="median"):
    found = past["scenarios"][scenario][outcome]
    return dict(zip(found["years"], found[key], strict=True))


def change(past, outcome, key="diff_median"):
    return path(past, outcome, WITHOUT, key)


# S7. Plan Colombia


def recorded_aid():
    """Return military and economic aid as the command shows them, million 2020 USD by year."""
    found = {}
    for name in ("us_aid_military", "us_aid_economic"):
        record = shown("evidence", "show", name)
        assert record["unit"] == "USD"
        values = cd.series(name).annual("Colombia")
        assert {row["year"] for row in record["values"]} >= {str(year) for year in values}
        found[name] = {y: v * deflator()[y] / 1e6 for y, v in values.items()}
    return found


@slow
def test_s7_the_years_are_those_of_the_plan(past):
    assert past["record"]["scenarios"] == ["plan-colombia", WITHOUT]
    years = list(path(past, "us_aid", WITHOUT))
    assert years == list(range(2000, shown("scenarios", WITHOUT)["replay"] + 1))
    assert past["scenarios"]["without-plan-colombia"] == past["scenarios"][WITHOUT]


@slow
def test_s7_aid_by_year_and_kind_is_that_of_the_record(past):
    aid = recorded_aid()
    arrived = path(past, "us_aid", "plan-colombia")
    military, economic = aid["us_aid_military"], aid["us_aid_economic"]
    both = set(military) & set(economic) & set(arrived)
    assert len(both) >= 10
    for year in both:
        assert arrived[year] == pytest.approx(military[year] + economic[year], rel=0.02), year
    kinds = np.array([[military[y], economic[y]] for y in sorted(both)])
    assert 0.6 < kinds[:, 0].sum() / kinds.sum() < 0.85  # seven to eight tenths are said to be military
    without = shown("scenarios", WITHOUT)["levers"]
    level = sum(lines[-1]["value"] for lines in without.values()) / 1e6
    np.testing.assert_allclose(list(path(past, "us_aid", WITHOUT).values()), level, rtol=1e-3)
    assert max(arrived.values()) > 5 * level  # the first package is far above what came before


@slow
def test_s7_without_the_plan_less_is_done(past):
    done = ("sprayed_by_aircraft", "laboratories_destroyed", "interdiction_effort_colombia")
    for outcome in (*done, "people_exposed_to_spraying"):
        for year in (2003, 2007, 2012):
            assert change(past, outcome, "p_lower")[year] == 1, (outcome, year)
    assert change(past, "cocaine_seized_colombia", "diff_p95")[2003] < 0
    # Colombia makes up a part, and paid a part all along: not all of what aid paid for is lost
    for outcome in done:
        kept = path(past, outcome, WITHOUT)[2003] / path(past, outcome, "plan-colombia")[2003]
        assert 0.3 < kept < 0.98, outcome


@slow
def test_s7_without_the_plan_more_coca_and_more_cocaine_with_their_ranges(past):
    for outcome in ("coca_area", "potential_cocaine", "cocaine_to_us", "us_consumption"):
        for year in (2007, 2012, 2015):
            low, middle, high = (
                change(past, outcome, f"diff_{key}")[year] for key in ("p05", "median", "p95")
            )
            assert low < middle < high, (outcome, year)
            assert middle > 0, (outcome, year)
            assert change(past, outcome, "p_lower")[year] <= 0.2, (outcome, year)
    for outcome in ("us_retail_price", "us_wholesale_price", "export_price"):
        assert change(past, outcome)[2015] < 0, outcome
    area = change(past, "coca_area")[2015] / path(past, "coca_area", "plan-colombia")[2015]
    assert 0.005 < area < 0.3
    # One study has three times the aid cut deliveries by a sixth: taking it away cannot do more
    supply = change(past, "cocaine_to_us")[2015] / path(past, "cocaine_to_us", "plan-colombia")[2015]
    assert 0.005 < supply < -effects()["E51"].estimate / 100


@slow
def test_s7_without_the_plan_the_us_saves_its_aid_and_colombia_makes_up_part(past):
    aid, cost = change(past, "us_aid"), change(past, "public_cost_us")
    own = change(past, "public_cost_colombia")
    for year in (2003, 2007, 2012, 2015):
        assert cost[year] == pytest.approx(aid[year], rel=0.01)  # a dollar of aid costs a dollar
        assert own[year] > 0  # the part of the instruments that Colombia then pays for
        assert own[year] < -parameter("aid_replacement").prior.high * cost[year]


@slow
def test_s7_violence_of_aid_has_an_open_sign(past):
    low, high = (change(past, "homicides_coca_departments", f"diff_{key}")[2003] for key in ("p05", "p95"))
    assert low < 0 < high
    prior = parameter("homicide_aid_response").prior
    assert prior.low < 0 < prior.high


# S13. Time


def test_s13_the_timeline_holds_events_governments_and_elections():
    dated = shown("evidence", "timeline")
    assert (len(dated["events"]), len(dated["governments"]), len(dated["elections"])) == (78, 16, 22)
    first_days = [span(event["date"])[0] for event in dated["events"]]
    assert first_days == sorted(first_days)
    assert first_days[0][0] == 1989
    assert first_days[-1][0] == 2026
    for event in dated["events"]:
        assert event["label"]["en"] != event["label"]["es"]
        assert event["cites"] or not event["read"]
        assert event["topic"] in dated["topics"]
        assert event["lever"] is None or shown("levers", event["lever"])["name"] == event["lever"]


@pytest.mark.parametrize("year", range(1990, 2027))
def test_s13_one_government_in_each_country_and_votes_before_it_changes(year):
    dated = shown("evidence", "timeline", "--from", year, "--to", year)
    for country in ("colombia", "united_states"):
        terms = [g for g in dated["governments"] if g["country"] == country]
        assert len(terms) == 1 + any(g["from"].startswith(str(year)) for g in terms)
        begins = [g["from"] for g in terms if g["from"].startswith(str(year))]
        if begins and year > 1990:
            before = shown("evidence", "timeline", "--from", year - 1, "--to", year)["elections"]
            votes = [e["date"] for e in before if e["country"] == country and e["kind"] == "presidential"]
            assert any(vote < begins[0] for vote in votes)


@pytest.mark.parametrize("name", BRANCHES)
def test_s13_a_scenario_branches_from_a_dated_event(name):
    document = shown("scenarios", name)
    known = {event["id"]: event for event in shown("evidence", "timeline")["events"]}
    event = known[document["branches_from"]]
    assert document["events"][event["id"]]["date"] == event["date"]
    assert name in event["scenarios"]
    first, last = document["span"]
    assert first <= last
    if document["replay"]:
        assert last == document["replay"]
    else:
        assert first == FIRST_DECISION
        assert span(event["date"])[0][0] <= first  # nothing branches from what is still to come
    for lang in ("en", "es"):
        card = " ".join(printed("scenarios", name, "--lang", lang).split())
        assert f"{event['label'][lang]} ({event['date']}; {event['id']})" in card


def test_s13_the_scenarios_of_the_product_branch_where_they_should():
    events = {name: shown("scenarios", name)["branches_from"] for name in BRANCHES}
    dates = {event["id"]: event["date"] for event in shown("evidence", "timeline")["events"]}
    when = {name: dates[event] for name, event in events.items()}
    assert when["plan-colombia"] == when["no-plan-colombia"]
    assert when["no-plan-colombia"][:4] == "2000"
    assert when["spraying-continued"][:4] == "2015"
    assert when["ultimatum"] < when["combined"]
    assert {when["ultimatum"][:4], when["combined"][:4]} == {"2026"}


def test_s13_a_line_that_starts_from_an_event_starts_in_its_year():
    dates = {event["id"]: event["date"] for event in shown("evidence", "timeline")["events"]}
    started = []
    for scenario in shown("scenarios"):
        for lines in scenario["levers"].values():
            started += [(line["from"], dates[line["event"]]) for line in lines if line["event"]]
    assert started
    for year, date in started:
        begins = int(date[:4]) + (len(date) > 4 and int(date[5:7]) > 6)
        assert year == begins

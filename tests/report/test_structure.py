"""The model as stocks and flows: nothing that the step moves is missing, and nothing is made up."""

import dataclasses
import json
import re

import pytest

from caudal.core.messages import LANGUAGES, catalogue, use_language
from caudal.evidence.registry import levers, outcomes
from caudal.model.state import Forcing, State
from caudal.report.equations import block_names
from caudal.report.scope import scope
from caudal.report.structure import (
    CLOCKS,
    FLOWS,
    STOCKS,
    carriers,
    fields,
    forcings,
    moved_by,
    rates,
    read_by,
    structure,
)

AXES = {
    "R": {"department"},
    "S": {"one"},
    "Two": {"andes", "origins", "markets"},
    "Three": {"kinds"},
    "Corridors": {"corridors"},
    "Patrolled": {"patrolled"},
}
MOVED = {stock.name for stock in STOCKS if stock.role in ("material", "people")} - {"legal_share"}
"""Stocks of things and people; the share that buys a licensed supply is a share of other stocks."""


def test_every_stock_of_the_state_is_there_in_its_order():
    names = [field.name for field in dataclasses.fields(State)]
    assert [stock.name for stock in STOCKS] == names
    assert list(fields("State")) == names
    assert set(rates()) == set(names)


@pytest.mark.parametrize("stock", STOCKS, ids=lambda stock: stock.name)
def test_a_stock_has_the_axis_of_its_field_and_a_block_that_has_to_do_with_it(stock):
    assert stock.axis in AXES[fields("State")[stock.name]]
    assert stock.block in block_names()
    known = {*read_by(stock.block), *moved_by(stock.block)}
    follows = set(re.findall(r"state\.(\w+)", rates()[stock.name][-1]))
    assert ({stock.name} | follows) & known, "no block reads it, moves it, or moves what it follows"


def test_outcomes_named_exist_and_none_is_shown_by_two_flows():
    named = [part.outcome for part in (*STOCKS, *FLOWS) if part.outcome]
    assert set(named) <= set(outcomes())
    assert {outcomes()[flow.outcome].kind for flow in FLOWS if flow.outcome} == {"flow"}
    assert {outcomes()[stock.outcome].kind for stock in STOCKS if stock.outcome} == {"stock"}
    shown = [flow.outcome for flow in FLOWS if flow.outcome]
    assert len(set(shown)) == len(shown)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_a_flow_is_carried_by_what_moves_the_stocks_at_its_ends(flow):
    ends = {*(() if flow.makes else flow.source), *flow.target}
    assert ends
    assert ends <= MOVED
    for stock in ends:
        assert carriers()[stock] & set(flow.carriers), stock
    assert set(flow.carriers) <= frozenset().union(*(carriers()[stock] for stock in ends))


@pytest.mark.parametrize("stock", sorted(MOVED))
def test_all_that_moves_things_and_people_is_among_the_flows(stock):
    at_it = [flow for flow in FLOWS if stock in flow.target or (stock in flow.source and not flow.makes)]
    assert at_it
    assert carriers()[stock] <= {carrier for flow in at_it for carrier in flow.carriers}


def test_what_is_given_is_in_the_forcing_of_the_model():
    names = {field.name for field in dataclasses.fields(Forcing)}
    assert set(forcings()) < names
    assert set(CLOCKS) < names
    assert names == {*forcings(), *CLOCKS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_those_of_the_structure_and_no_others(language):
    words = set(catalogue(language, "structure"))
    wanted = {f"stock_{stock.name}" for stock in STOCKS} | {f"flow_{flow.name}" for flow in FLOWS}
    wanted |= {f"block_{name}" for name in block_names()} | {f"given_{name}" for name in forcings()}
    for part in ("role", "axis", "unit"):
        wanted |= {f"{part}_{getattr(stock, part)}" for stock in STOCKS}
    assert {name for name in words if not name.startswith("note_")} == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_model_is_told_in_plain_values(language):
    use_language(language)
    told = structure()
    assert json.loads(json.dumps(told)) == told
    assert [block["id"] for block in told["blocks"]] == list(block_names())
    assert all(block["equations"] for block in told["blocks"])
    assert {lever for block in told["blocks"] for lever in block["levers"]} == set(levers())
    assert told["boundary"]["left_out"] == [one[language] for one in scope().cannot]
    rated = next(stock for stock in told["stocks"] if stock["id"] == "light")["rate"]
    assert re.fullmatch(r"d light/dt = .*initiated.*", rated[-1])

"""Inert mechanisms are impossible: every block, parameter and lever moves some outcome, the declared way."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "blocks.md"


@pytest.fixture(scope="module")
def blocks(bench):
    from caudal.explore.neutral import block_table

    return block_table(bench)


@pytest.fixture(scope="module")
def rows(bench):
    from caudal.explore.responses import lever_table, parameter_table

    return [*parameter_table(bench), *lever_table(bench)]


def test_every_block_moves_some_outcome(blocks):
    from caudal.evidence.registry import outcomes

    assert [r.name for r in blocks if r.inert] == []
    # Every block that an outcome names is in the table, and every file of a block
    assert {o.block for o in outcomes().values()} <= {r.name for r in blocks}
    files = (Path(__file__).parents[2] / "src/caudal/model/blocks").glob("[a-z]*.py")
    assert {f.stem for f in files} <= {r.name for r in blocks}


def test_every_block_of_the_loop_reaches_us_use_and_colombian_coca(blocks):
    found = {r.name: {c.outcome: c.largest for c in r.changes} for r in blocks}
    for block in ("farms", "andes", "labs", "trade", "prices", "users"):
        assert found[block]["us_consumption"] > 1e-3, block
        assert found[block]["coca_area"] > 1e-3, block
    # Ledgers tell; they do not act
    for block in ("money", "cost", "income", "deaths"):
        assert found[block]["us_consumption"] == pytest.approx(0.0, abs=1e-9), block
    assert found["money"]["us_spending"] == found["money"]["farm_value"] == 1.0


def test_every_parameter_and_lever_moves_some_outcome(rows):
    from caudal.evidence.registry import levers, parameters

    acting = [n for n, r in parameters().items() if r.block != "observe"]  # those act in the fit alone
    assert [r.name for r in rows] == [*acting, *levers()]
    assert [r.name for r in rows if r.inert] == []
    assert all(np.isfinite(c.largest) for r in rows for c in r.changes)


def test_every_declared_sign_holds(rows):
    wrong = [(r.name, s.outcome, s.declared, s.found) for r in rows for s in r.signs if not s.holds]
    assert wrong == []
    assert sum(len(r.signs) for r in rows) > 50


def test_an_inert_parameter_or_a_wrong_sign_would_be_seen(bench):
    from caudal.explore.change import Row, Sign, compared

    p = bench.params([{"choice_slope": 0.5}])
    before, _ = bench.both(p, bench.levers(bench.baseline), bench.still())
    assert Row("nothing", "farms", "", compared(before, before, 2, 3)).inert
    assert not Row("something", "farms", "", compared(before, before, 0, 3)).inert
    assert not Sign("coca_area", 1, -0.1).holds
    assert not Sign("coca_area", 1, 1e-9).holds


def test_fitted_values_lie_inside_their_bounds(bench):
    from caudal.evidence.registry import parameters
    from caudal.simulate.posterior import fitted

    values = fitted()["values"]
    assert set(values) == {n for n, r in parameters().items() if r.fitted}
    outside = {
        n: v for n, v in values.items() if not parameters()[n].bounds[0] <= v <= parameters()[n].bounds[1]
    }
    assert outside == {}


def test_the_page_names_every_mechanism(blocks, rows):
    text = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"^\| (\w+) \|", text, flags=re.MULTILINE))
    assert {r.name for r in [*blocks, *rows]} <= named
    assert "**wrong**" not in text

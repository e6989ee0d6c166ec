"""The model as stocks and flows: what is kept, what moves it, what is given and what is left out.

Stocks are the fields of ``model.state.State``; what moves each is read from ``model.step.change``, what
each block reads from its module, and equations from its docstring. Only what code does not say is
declared here: which flows carry something from one stock to another, and the outcome that shows it.
The model's modules are parsed and never imported.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
from typing import Any

from caudal.core.messages import local, text
from caudal.evidence.registry import levers, outcomes, parameters
from caudal.evidence.series import series
from caudal.report.equations import (
    block_names,
    code,
    definitions,
    equation,
    first_line,
    given,
    home,
    step_order,
    uses,
)
from caudal.report.feeds import block_inputs, upstream
from caudal.report.scope import scope

CLOCKS = (
    "track",
    "years_since",
    "early_years",
    "late_years",
    "projection_years",
    "beyond_years",
    "since_exit",
)
"""What blocks are given that only tells the time."""

STEP = "model/step.py"
STATE = "model/state.py"


@dataclasses.dataclass(frozen=True)
class Stock:
    """Something that is kept from one step to the next.

    ``role`` is ``material`` (plants, cocaine, land, money), ``people``, ``belief`` (what is expected,
    remembered or trusted), ``level`` (inferred from the record) or ``institution``. ``axis`` says over
    what it is told apart, and ``outcome`` is the measure that shows it, alone or with others.
    """

    name: str
    block: str
    role: str
    axis: str
    unit: str
    outcome: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the stock with its words in the language in force, and what moves it, as code."""
        return {
            "id": self.name,
            "label": text(f"structure.stock_{self.name}"),
            "block": self.block,
            "role": self.role,
            "role_label": text(f"structure.role_{self.role}"),
            "axis": text(f"structure.axis_{self.axis}"),
            "unit": text(f"structure.unit_{self.unit}"),
            "outcome": self.outcome or None,
            "rate": list(rates()[self.name]),
        }


@dataclasses.dataclass(frozen=True)
class Flow:
    """What carries something out of stocks and into stocks; no stock is outside the model.

    ``carriers`` are the flows of ``model.step.change`` behind it. One that ``makes`` takes nothing out
    of the stock that it rests on: coca is harvested and stands. ``outcome`` is the measure nearest to it.
    """

    name: str
    source: tuple[str, ...]
    target: tuple[str, ...]
    carriers: tuple[str, ...]
    outcome: str = ""
    makes: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the flow with its label in the language in force."""
        return {
            "id": self.name,
            "label": text(f"structure.flow_{self.name}"),
            "from": list(self.source),
            "to": list(self.target),
            "makes": self.makes,
            "outcome": self.outcome or None,
            "outcome_label": local(outcomes()[self.outcome].label) if self.outcome else None,
        }


STOCKS = (
    Stock("young", "farms", "material", "department", "ha", "coca_area"),
    Stock("mature", "farms", "material", "department", "ha", "coca_area"),
    Stock("level", "farms", "level", "department", "logit"),
    Stock("usual_level", "farms", "level", "department", "logit"),
    Stock("exodus", "farms", "level", "department", "per_year"),
    Stock("risk", "farms", "belief", "department", "per_year"),
    Stock("usual_risk", "labs", "belief", "department", "per_year"),
    Stock("works", "livelihoods", "material", "kinds", "usd"),
    Stock("roads", "livelihoods", "material", "department", "usd_household", "rural_capital"),
    Stock("titles", "livelihoods", "material", "department", "usd_household", "rural_capital"),
    Stock("presence", "livelihoods", "material", "department", "usd_household", "rural_capital"),
    Stock("agreed", "farms", "material", "department", "ha"),
    Stock("benefit", "farms", "belief", "one", "usd_ha"),
    Stock("trust", "farms", "belief", "one", "share"),
    Stock("expected_price", "farms", "belief", "one", "log_usd_kg"),
    Stock("andes_area", "andes", "material", "andes", "ha", "coca_area_peru_bolivia"),
    Stock("andes_level", "andes", "level", "andes", "log"),
    Stock("pipeline", "trade", "material", "origins", "kg"),
    Stock("stock", "prices", "material", "markets", "kg"),
    Stock("netback", "corridors", "belief", "corridors", "log_usd_kg"),
    Stock("caution", "corridors", "belief", "corridors", "share"),
    Stock("assets", "corridors", "institution", "patrolled", "share"),
    Stock("light", "users", "people", "one", "person", "us_users"),
    Stock("heavy", "users", "people", "one", "person", "us_heavy_users"),
    Stock("treated", "users", "people", "one", "person", "us_treated"),
    Stock("memory", "users", "belief", "one", "person_year"),
    Stock("price_memory", "users", "belief", "one", "log"),
    Stock("calm", "conflict", "level", "department", "log_deaths"),
    Stock("cleared", "forest", "material", "department", "ha", "forest_cleared_cumulative"),
    Stock("cooperation", "diplomacy", "institution", "one", "share", "cooperation"),
    Stock("legal_share", "regulation", "people", "one", "share"),
)
"""Every stock, in the order of ``model.state.State``."""

COCA = ("young", "mature")
CAPITAL = ("roads", "titles", "presence")

FLOWS = (
    Flow("planted", (), ("young",), ("farms.planted",), "coca_planted"),
    Flow("matured", ("young",), ("mature",), ("farms.matured",)),
    Flow("aged", ("mature",), (), ("farms.aged",)),
    Flow("abandoned", COCA, (), ("farms.abandoned",)),
    Flow("removed_by_force", COCA, (), ("farms.hazard",), "eradication_removed"),
    Flow(
        "removed_voluntary",
        COCA,
        ("agreed",),
        ("farms.hazard", "farms.removed_voluntary"),
        "substitution_removed",
    ),
    Flow("lapsed", ("agreed",), (), ("farms.lapsed",)),
    Flow("begun", (), ("works",), ("livelihoods.begun",)),
    Flow(
        "finished",
        ("works",),
        CAPITAL,
        ("livelihoods.finished", "livelihoods.roads", "livelihoods.titles", "livelihoods.presence"),
    ),
    Flow("decayed", CAPITAL, (), ("livelihoods.roads", "livelihoods.titles", "livelihoods.presence")),
    Flow("andes_change", (), ("andes_area",), ("andes.change",)),
    Flow("made", ("mature",), ("pipeline",), ("labs.made",), "potential_cocaine", makes=True),
    Flow(
        "andes_made",
        ("andes_area",),
        ("pipeline",),
        ("andes.made",),
        "potential_cocaine_peru_bolivia",
        makes=True,
    ),
    Flow("spoiled", ("pipeline",), (), ("trade.spoiled",)),
    Flow("seized_source", ("pipeline",), (), ("trade.leaving",), "cocaine_seized_colombia"),
    Flow("seized_transit", ("pipeline",), (), ("trade.leaving",), "cocaine_seized_transit"),
    Flow(
        "delivered_us",
        ("pipeline",),
        ("stock",),
        ("trade.leaving", "corridors.delivered"),
        "cocaine_to_us",
    ),
    Flow(
        "delivered_world",
        ("pipeline",),
        ("stock",),
        ("trade.leaving", "corridors.delivered"),
        "cocaine_to_world",
    ),
    Flow("used_us", ("stock",), (), ("prices.use",), "us_consumption"),
    Flow("used_world", ("stock",), (), ("prices.use",), "world_consumption"),
    Flow("initiated", (), ("light",), ("users.initiated",), "us_initiates"),
    Flow("quit_light", ("light",), (), ("users.quit_light",)),
    Flow("escalated", ("light",), ("heavy",), ("users.escalated",)),
    Flow("returned_light", ("heavy",), ("light",), ("users.left_heavy", "users.returned_light")),
    Flow("left_heavy", ("heavy",), (), ("users.left_heavy",)),
    Flow("enrolled", ("heavy",), ("treated",), ("users.enrolled",), "us_treatment_entries"),
    Flow("relapsed", ("treated",), ("heavy",), ("users.left_treatment", "users.relapsed")),
    Flow("recovered", ("treated",), (), ("users.left_treatment",)),
    Flow(
        "cleared", (), ("cleared",), ("forest.direct", "forest.displaced", "forest.pasture"), "forest_cleared"
    ),
)
"""The flows of plants, cocaine, land, money and people."""


def structure() -> dict[str, Any]:
    """Return the model for a diagram: stocks, flows, blocks with equations, and the boundary.

    Labels are in the language in force. Equations are LaTeX; the words around them, and code, are in
    English as they stand in the modules.
    """
    return {
        "stocks": [stock.as_json() for stock in STOCKS],
        "flows": [flow.as_json() for flow in FLOWS],
        "blocks": [_block(name) for name in block_names()],
        "given": _given(),
        "boundary": boundary(),
        "notes": [text(f"structure.note_{name}") for name in ("step", "deaths", "harms", "shown")],
    }


def boundary() -> dict[str, list[str]]:
    """Return what is computed, what is taken as given, and what is left out, as sentences."""
    blocks = [text(f"structure.block_{name}") for name in block_names()]
    fields = [text(f"structure.given_{name}") for name in forcings()]
    return {"inside": blocks, "given": fields, "left_out": [local(one) for one in scope().cannot]}


def forcings() -> tuple[str, ...]:
    """Return what blocks take as given but for the time, in the order of ``model.state.Forcing``."""
    read = {name for block in block_names() for name in given(home(block))}
    return tuple(name for name in fields("Forcing") if name in read and name not in CLOCKS)


def fields(record: str) -> dict[str, str]:
    """Return field -> annotation of a record of ``model/state.py``, in its order."""
    for node in ast.walk(ast.parse(code()[STATE])):
        if isinstance(node, ast.ClassDef) and node.name == record:
            return {
                s.target.id: ast.unparse(s.annotation)
                for s in node.body
                if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)
            }
    return {}


@functools.cache
def rates() -> dict[str, tuple[str, ...]]:
    """Return stock -> the code of its rate of change, what it rests on first and itself last."""
    change, named = _change()
    found = {}
    for stock, value in change.items():
        before: list[str] = []
        definitions(value, named, before)
        found[stock] = (*before, f"d {stock}/dt = {ast.unparse(value)}")
    return found


@functools.cache
def carriers() -> dict[str, frozenset[str]]:
    """Return stock -> the flows in its rate of change, as ``block.flow``."""
    change, named = _change()
    return {stock: frozenset(_flows_in(value, named)) for stock, value in change.items()}


@functools.cache
def _change() -> tuple[dict[str, ast.expr], dict[str, ast.expr]]:
    """Return the rate of each stock, and the names that the rates use."""
    tree = ast.parse(code()[STEP])
    function = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "change")
    named: dict[str, ast.expr] = {}
    for statement in function.body:
        if isinstance(statement, ast.Assign):
            target, value = statement.targets[0], statement.value
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                named |= {ast.unparse(t): v for t, v in zip(target.elts, value.elts, strict=True)}
            elif isinstance(target, ast.Name):
                named[target.id] = value
    made = next(n.value for n in function.body if isinstance(n, ast.Return))
    keywords = made.keywords if isinstance(made, ast.Call) else []
    return {k.arg: k.value for k in keywords if k.arg}, named


def _flows_in(value: ast.AST, named: dict[str, ast.expr]) -> set[str]:
    """Return the flows that an expression reads, through the names it uses."""
    found: set[str] = set()
    if isinstance(value, ast.Attribute):
        whole = ast.unparse(value)
        head, _, rest = whole.partition(".")
        if head in named:
            whole = f"{ast.unparse(named[head])}.{rest}"
        if whole.startswith("f.") and whole.count(".") == 2:
            return {whole.removeprefix("f.")}
    elif isinstance(value, ast.Name) and value.id in named:
        found |= _flows_in(named[value.id], named)
    for child in ast.iter_child_nodes(value):
        found |= _flows_in(child, named)
    return found


def read_by(block: str) -> tuple[str, ...]:
    """Return the stocks that a block reads, in the order of the state."""
    read = {
        node.attr
        for node in ast.walk(ast.parse(code()[home(block)]))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "state"
    }
    return tuple(name for name in fields("State") if name in read)


def moved_by(block: str) -> tuple[str, ...]:
    """Return the stocks that a block's flows move."""
    return tuple(
        stock for stock, those in carriers().items() if any(c.startswith(f"{block}.") for c in those)
    )


def _block(name: str) -> dict[str, Any]:
    file = home(name)
    told = equation(file)
    order = [block for block, _ in step_order()]
    return {
        "id": name,
        "label": text(f"structure.block_{name}"),
        "order": order.index(name) + 1 if name in order else None,
        "file": file,
        "title": told.title if told else first_line(file),
        "equations": list(told.latex) if told else [],
        "plain": told.plain if told else "",
        "words": list(told.words) if told else [],
        "words_language": "en",
        "stocks": [stock.name for stock in STOCKS if stock.block == name],
        "reads": list(read_by(name)),
        "moves": list(moved_by(name)),
        "upstream": list(upstream(name)),
        "given": [name for name in forcings() if name in given(file)],
        "levers": [lever for lever in levers() if any(use.file == file for use in uses("lever", lever))],
        "parameters": [n for n, record in parameters().items() if record.block == name],
        "outcomes": [n for n, record in outcomes().items() if record.block == name],
    }


def _given() -> list[dict[str, Any]]:
    """Return what blocks take as given, with the series behind it."""
    behind: dict[str, tuple[str, ...]] = {}
    for block in block_names():
        behind |= block_inputs(home(block))
    return [
        {
            "id": name,
            "label": text(f"structure.given_{name}"),
            "blocks": [block for block in block_names() if name in given(home(block))],
            "series": [{"id": s, "label": local(series(s).label)} for s in behind.get(name, ())],
        }
        for name in forcings()
    ]

"""Which series stand behind what a block takes as given, read from the code that joins them.

A block reads ``given.exchange``; ``simulate/forcing.py`` makes it from ``Inputs.exchange``; and
``evidence/inputs*.py`` make that from series. Following the names from file to file gives the
series, so that a new input is traced without being declared a second time.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterable

from caudal.evidence.series import series_ids
from caudal.report.equations import PACKAGE, block_names, given

Names = frozenset[str]


def block_inputs(file: str) -> dict[str, tuple[str, ...]]:
    """Return input -> series for every given input of a block that rests on series."""
    found: dict[str, tuple[str, ...]] = {}
    for name in given(file):
        for field in sorted(_forcing().get(name, ())):
            known = _inputs().get(field, frozenset())
            if known:
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *_ordered(known))))
    return found


def series_inputs(name: str) -> tuple[str, ...]:
    """Return the yearly inputs of the model that a series goes into."""
    return tuple(field for field, known in _inputs().items() if name in known)


@functools.cache
def upstream(block: str) -> tuple[str, ...]:
    """Return the blocks whose flows go into a block, as the step joins them."""
    step = PACKAGE / "model" / "step.py"
    tree = ast.parse(step.read_text(encoding="utf-8"))
    blocks = set(block_names())

    def own(node: ast.AST) -> Names:
        called = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        return frozenset([node.value.id]) & blocks if called else frozenset()

    found: Names = frozenset()
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        local = _locals(function, {}, own)
        for call in (n for n in ast.walk(function) if isinstance(n, ast.Call)):
            if isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == f"{block}.flows":
                for argument in (*call.args, *(k.value for k in call.keywords)):
                    found |= _behind(argument, local, {}, own)
    return tuple(name for name in block_names() if name in found - {block})


def _ordered(names: Iterable[str]) -> list[str]:
    known = set(names)
    return [name for name in series_ids() if name in known]


@functools.cache
def _forcing() -> dict[str, Names]:
    """Return forcing -> the yearly inputs it is made from."""
    fields = set(_inputs())

    def own(node: ast.AST) -> Names:
        read = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in fields
        return frozenset([node.attr]) if read else frozenset()

    return _made("simulate/forcing*.py", "Forcing", own)


@functools.cache
def _inputs() -> dict[str, Names]:
    """Return yearly input -> the series it is made from."""
    known = set(series_ids())

    def own(node: ast.AST) -> Names:
        named = isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in known
        return frozenset([node.value]) if named else frozenset()

    return _made("evidence/inputs*.py", "Inputs", own)


def _made(files: str, kind: str, own: Callable[[ast.AST], Names]) -> dict[str, Names]:
    """Return keyword -> names behind it, for the call in some modules that builds a ``kind``."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.glob(files))]
    functions = {n.name: n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    for function in functions.values():
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == kind:
                local = _locals(function, functions, own)
                return {k.arg: _behind(k.value, local, functions, own) for k in call.keywords if k.arg}
    return {}


def _locals(function: ast.FunctionDef, functions, own) -> dict[str, Names]:
    """Return variable -> names behind it, from the assignments of a function in their order."""
    local: dict[str, Names] = {}
    for statement in ast.walk(function):
        if isinstance(statement, ast.Assign):
            behind = _behind(statement.value, local, functions, own)
            for target in statement.targets:
                for name in (n for n in ast.walk(target) if isinstance(n, ast.Name)):
                    local[name.id] = local.get(name.id, frozenset()) | behind
    return local


def _behind(value: ast.expr, local: dict[str, Names], functions, own) -> Names:
    """Return the names behind an expression: its own, its variables' and those of what it calls."""
    found: Names = frozenset()
    waiting: list[ast.AST] = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Attribute) and node.attr == "shape":
            continue  # the size of a thing, not the thing
        waiting += ast.iter_child_nodes(node)
        found |= own(node)
        if isinstance(node, ast.Name) and node.id in local:
            found |= local[node.id]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
            found |= _inside(node.func.id, functions, own, frozenset())
    return found


def _inside(name: str, functions, own, seen: Names) -> Names:
    """Return every name that a function of the module, or one it calls, holds."""
    found: Names = frozenset()
    for node in ast.walk(functions[name]):
        found |= own(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
            called = node.func.id
            if called not in seen and called != name:
                found |= _inside(called, functions, own, seen | {name})
    return found

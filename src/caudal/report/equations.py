"""Equations where they are written: docstrings and code of the model, read as text.

The model's modules are parsed and never imported, so that asking where a number comes from is
fast and needs no JAX.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import re
import textwrap

from caudal.core.files import DATA
from caudal.report.latex import plain

PACKAGE = DATA.parent
BLOCKS = PACKAGE / "model" / "blocks"

HOMES = {"cost": "simulate/policy.py"}
"""Blocks of records whose mechanism is not a file of ``model/blocks``."""

WRITTEN = {
    "simulate/policy.py": (
        r"C_k = 10^{-6} \sum_l s_{l,k}\,(c_l\,u_l + \pi_l)",
        "Each payer k pays its share s of what each lever l costs: its unit cost c times its use u. "
        "Spraying, eradication by hand, laboratories, interdiction in Colombia, places in treatment and "
        "aid are counted as they were carried out, taken or received. Aid that departs from its usual level "
        "counts dollar for dollar, and Colombia pays what is carried out less the part that aid then "
        "finances. Substitution adds the payments made, enrolment times payment times the share paid; for "
        "every other lever they are zero.",
    )
}
"""Equations and words for modules whose docstrings hold no equation."""

READERS = {"p": "parameter", "params": "parameter", "parameters": "parameter", "levers": "lever"}
"""What the names stand for through which the model reads parameters and levers."""

MATH = re.compile(r"^\.\. math::[^\n]*\n((?:[ \t]+[^\n]*\n|[ \t]*\n)+)", re.MULTILINE)
INLINE = re.compile(r":math:`([^`]*)`")
CODE = re.compile(r"``([^`]+)``")
STRESS = re.compile(r"(?<![\w*])\*(\w[^*]*)\*(?![\w*])")


@dataclasses.dataclass(frozen=True)
class Equation:
    """What the docstring of a module says: a first line, equations in LaTeX, and the words around."""

    file: str
    title: str
    latex: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def plain(self) -> str:
        """Return the equations as lines of plain text."""
        return "\n".join(plain(one) for one in self.latex)


@dataclasses.dataclass(frozen=True)
class Use:
    """A line of code."""

    file: str
    line: int
    code: str


@functools.cache
def code() -> dict[str, str]:
    """Return the source of every module that moves or measures the system, by path in the package."""
    folders = ("model", "simulate", "calibrate")
    paths = [p for folder in folders for p in sorted((PACKAGE / folder).rglob("*.py"))]
    return {p.relative_to(PACKAGE).as_posix(): p.read_text(encoding="utf-8") for p in paths}


def home(block: str) -> str:
    """Return the file of a block, or an empty string when no one file holds it."""
    for path in (HOMES.get(block), f"model/blocks/{block}.py", f"model/{block}.py", f"simulate/{block}.py"):
        if path in code():
            return str(path)
    return ""


def block_names() -> tuple[str, ...]:
    """Return the blocks of the model in the order of a step, those it does not name last."""
    found = sorted(p.stem for p in BLOCKS.glob("*.py") if p.stem != "__init__")
    order = [name for name, _ in step_order()]
    return tuple(sorted(found, key=lambda b: order.index(b) if b in order else len(order)))


def step_order() -> tuple[tuple[str, str], ...]:
    """Return (block, what it gives) as numbered in the docstring of ``model/step.py``."""
    told = ast.get_docstring(ast.parse(code()["model/step.py"])) or ""
    return tuple(re.findall(r"^\d+\.\s+(\w+)\s+(.+)$", told, re.MULTILINE))


@functools.cache
def equation(file: str) -> Equation | None:
    """Return what a module's docstring says, or ``None`` where it holds no equation."""
    if file not in code():
        return None
    told = (ast.get_docstring(ast.parse(code()[file])) or "") + "\n"
    title = _spoken(told.partition("\n\n")[0])
    latex = tuple(textwrap.dedent(m[1]).strip() for m in MATH.finditer(told))
    rest = MATH.sub("\n", told.partition("\n\n")[2])
    words = tuple(_spoken(p) for p in re.split(r"\n\s*\n", rest) if p.strip())
    if not latex and file in WRITTEN:
        latex, words = WRITTEN[file][:1], (*words, WRITTEN[file][1])
    return Equation(file, title, latex, words) if latex else None


def first_line(file: str) -> str:
    """Return the first line of a module's docstring."""
    told = ast.get_docstring(ast.parse(code()[file])) or ""
    return _spoken(told.partition("\n\n")[0])


def _spoken(paragraph: str) -> str:
    """Return a paragraph of a docstring as one line of plain text."""
    line = " ".join(paragraph.split())
    line = STRESS.sub(r"\1", line)
    return CODE.sub(r"\1", INLINE.sub(lambda m: plain(m[1]), line))


def markdown(file: str) -> str:
    """Return a module's docstring as Markdown, its equations kept as math."""
    told = (ast.get_docstring(ast.parse(code()[file])) or "") + "\n"
    if file in WRITTEN and not MATH.search(told):
        latex, words = WRITTEN[file]
        told += f"\n.. math::\n    {latex}\n\n{words}\n"
    told = CODE.sub(r"`\1`", INLINE.sub(r"$`\1`$", told))
    told = MATH.sub(lambda m: f"```math\n{textwrap.dedent(m[1]).strip()}\n```\n\n", told)
    return re.sub(r"\n{3,}", "\n\n", told).strip()


def uses(kind: str, name: str) -> tuple[Use, ...]:
    """Return the statements that read a parameter (``p.NAME``) or a lever (``levers.NAME``).

    Where no attribute is read, those that name it as a word count.
    """
    return _reads().get((kind, name)) or _reads().get(("word", name)) or ()


@functools.cache
def _reads() -> dict[tuple[str, str], tuple[Use, ...]]:
    """Return every statement that reads a parameter or lever, or holds a single word."""
    found: dict[tuple[str, str], dict[Use, None]] = {}
    for file, source in code().items():
        lines = source.splitlines()
        waiting: list[tuple[ast.AST, ast.stmt | ast.keyword | None]] = [(ast.parse(source), None)]
        while waiting:
            node, statement = waiting.pop()
            statement = _statement(node, statement)
            key = _read(node)
            if key and statement is not None:
                whole = statement.lineno == statement.end_lineno and isinstance(statement, ast.stmt)
                words = lines[statement.lineno - 1].strip() if whole else ast.unparse(statement)
                found.setdefault(key, {})[Use(file, statement.lineno, words)] = None
            waiting += [(child, statement) for child in reversed(list(ast.iter_child_nodes(node)))]
    return {key: tuple(those) for key, those in found.items()}


def _statement(node: ast.AST, around: ast.stmt | ast.keyword | None) -> ast.stmt | ast.keyword | None:
    """Return the statement that a node belongs to; of a long ``return``, the named part."""
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return | ast.Expr):
        return node
    long = isinstance(around, ast.Return) and around.end_lineno != around.lineno
    return node if long and isinstance(node, ast.keyword) else around


def _read(node: ast.AST) -> tuple[str, str] | None:
    """Return what a node reads: a parameter, a lever, or a word that may name one."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in READERS:
        return READERS[node.value.id], node.attr
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
        return "word", node.value
    return None


def given(file: str) -> tuple[str, ...]:
    """Return the given inputs (``given.NAME``) that a module reads, in order."""
    return tuple(dict.fromkeys(re.findall(r"\bgiven\.(\w+)", code().get(file, ""))))


@functools.cache
def measured(outcome: str) -> tuple[str, ...]:
    """Return the code that computes an outcome from stocks and flows: its names first, it last."""
    tree = ast.parse(code()["model/measures.py"])
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        named = {
            s.targets[0].id: s.value
            for s in ast.walk(function)
            if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name)
        }
        for value in _values(function, outcome):
            before: list[str] = []
            definitions(value, named, before)
            return (*before, f"{outcome} = {ast.unparse(value)}")
    return ()


def _values(function: ast.FunctionDef, outcome: str):
    """Yield the expressions that a function stores under an outcome's name."""
    for node in ast.walk(function):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == outcome:
                    yield value
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            at = node.targets[0].slice
            if isinstance(at, ast.Constant) and at.value == outcome:
                yield node.value


def definitions(value: ast.expr, named: dict[str, ast.expr], found: list[str]) -> None:
    """Add to ``found`` the definitions that an expression rests on, each once and before its use."""
    for node in ast.walk(value):
        if isinstance(node, ast.Name) and node.id in named:
            line = f"{node.id} = {ast.unparse(named[node.id])}"
            if line not in found:
                definitions(named[node.id], {k: v for k, v in named.items() if k != node.id}, found)
                found.append(line)

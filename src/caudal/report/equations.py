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

PACKAGE = DATA.parent
BLOCKS = PACKAGE / "model" / "blocks"

HOMES = {"cost": "simulate/policy.py"}
"""Blocks of records whose mechanism is not a file of ``model/blocks``."""

WRITTEN = {
    "simulate/policy.py": (
        r"C_k = 10^{-6} \sum_l s_{l,k}\,(c_l\,u_l + \pi_l)",
        "Each payer k pays its share s of what each lever l costs: its unit cost c times its use u. "
        "Places in treatment are counted when they are taken. Substitution adds the payments made, "
        "enrolment times payment times the share paid; for every other lever they are zero.",
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
    paths = [p for folder in ("model", "simulate") for p in sorted((PACKAGE / folder).rglob("*.py"))]
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
            _definitions(value, named, before)
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


def _definitions(value: ast.expr, named: dict[str, ast.expr], found: list[str]) -> None:
    """Add the definitions that an expression rests on, each once and before its use."""
    for node in ast.walk(value):
        if isinstance(node, ast.Name) and node.id in named:
            line = f"{node.id} = {ast.unparse(named[node.id])}"
            if line not in found:
                _definitions(named[node.id], {k: v for k, v in named.items() if k != node.id}, found)
                found.append(line)


# From LaTeX to a line of plain text

LETTERS = (
    "alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta θ kappa κ lambda λ "
    "mu μ nu ν xi ξ pi π rho ρ sigma σ tau τ phi φ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ "
    "Lambda Λ Xi Ξ Pi Π Sigma Σ Phi Φ Psi Ψ Omega Ω"
)
GREEK = dict(zip(LETTERS.split()[::2], LETTERS.split()[1::2], strict=True))
SIGNS = {
    "cdot": " · ",
    "times": " × ",
    "sum": "Σ",
    "prod": "Π",
    "int": "∫",
    "partial": "∂",
    "infty": "∞",
    "le": " ≤ ",
    "leq": " ≤ ",
    "ge": " ≥ ",
    "geq": " ≥ ",
    "ne": " ≠ ",
    "neq": " ≠ ",
    "approx": " ≈ ",
    "to": " → ",
    "in": " ∈ ",
    "sim": " ~ ",
    "propto": " ∝ ",
    "equiv": " ≡ ",
    "pm": " ± ",
    "ldots": "…",
    "dots": "…",
    "cdots": "…",
    "ell": "ℓ",
    "lVert": "‖",
    "rVert": "‖",
    "quad": "\n",
    "qquad": "\n",
    ",": " ",
    ";": " ",
    ":": " ",
    "!": "",
    " ": " ",
    "\\": "\n",
    "%": "%",
    "_": "_",
    "&": "&",
    "{": "{",
    "}": "}",
    "|": "‖",
}
SILENT = {"left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "displaystyle", "limits", "nolimits"}
ACCENTS = {"bar": "\u0304", "overline": "\u0304", "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303"}
DOTS = {"dot": "\u0307", "ddot": "\u0308"}
RAISED = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")
TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|[{}^_]|[^\\{}^_]", re.DOTALL)


def plain(latex: str) -> str:
    """Return an equation as plain text: fractions as a/b, Greek letters as themselves."""
    tokens = TOKEN.findall(latex.replace("\n", " "))
    words = _group(tokens)
    lines = [re.sub(r" {2,}", " ", line).strip().rstrip(",").strip() for line in words.split("\n")]
    return "\n".join(line for line in lines if line)


def _group(tokens: list[str]) -> str:
    """Read tokens up to the end of the group."""
    found = ""
    while tokens:
        token = tokens.pop(0)
        if token == "}":
            break
        part = _one(token, tokens)
        if token == "\\frac" and re.search(r"(?:^|[^\w])(?:ln|log|exp|max|min) ?$", found):
            part, found = f"({part})", found.rstrip()
        apart = token[1:2].isalpha() and part.strip().isascii() and part.strip().isalpha()
        found += " " + part if apart and token.startswith("\\") and re.search(r"\w$", found) else part
    return found


def _argument(tokens: list[str]) -> str:
    """Read one argument: a group, a command or a single sign."""
    while tokens and tokens[0] == " ":
        tokens.pop(0)
    return _one(tokens.pop(0), tokens).strip() if tokens else ""


def _one(token: str, tokens: list[str]) -> str:
    if token == "{":
        return _group(tokens)
    if token == "^":
        return _power(_argument(tokens))
    if token == "_":
        below = _argument(tokens)
        return f"_{below}" if re.fullmatch(r"\w+", below) else f"_({below})"
    return _command(token[1:], tokens) if token.startswith("\\") else token


def _power(above: str) -> str:
    if re.fullmatch(r"[0-9+-]+", above):
        return above.translate(RAISED)
    return f"^{above}" if re.fullmatch(r"[\w*+'-]+", above) else f"^({above})"


def _command(name: str, tokens: list[str]) -> str:
    if name in GREEK or name in SIGNS:
        return GREEK.get(name) or SIGNS[name]
    if name in ACCENTS or name in DOTS:
        under = _argument(tokens)
        return under[:1] + (ACCENTS | DOTS)[name] + under[1:]
    if name in ("frac", "dfrac", "tfrac"):
        return f"{_closed(_argument(tokens))}/{_closed(_argument(tokens))}"
    if name == "sqrt":
        return f"√({_argument(tokens)})"
    if name in ("text", "mathrm", "mathit", "mathbf", "operatorname", "textit"):
        return _argument(tokens)
    if name in SILENT:
        return ""
    follows = tokens[0] if tokens else ""
    return name + (" " if re.match(r"[^\W_]|[\\{]", follows) else "")


def _closed(part: str) -> str:
    """Put a part of a fraction in parentheses when it is more than one sign."""
    whole = re.fullmatch(r"[^\s+\-*/=·×()]+(?:\([^()]*\))?", part)
    return part if whole else f"({part})"

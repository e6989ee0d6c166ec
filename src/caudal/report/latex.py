"""Equations in LaTeX as lines of plain text, for a terminal."""

from __future__ import annotations

import re

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

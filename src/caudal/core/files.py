"""Where package data lies, and the one way YAML is read."""

from __future__ import annotations

import hashlib
import re
import tokenize
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).resolve().parent.parent / "data"


def data_path(*parts: str) -> Path:
    """Return a path inside the package data."""
    return DATA.joinpath(*parts)


class DuplicateKey(yaml.MarkedYAMLError):
    """A mapping states the same key twice; plain YAML would keep the last in silence."""

    def __init__(self, key: str, mark: yaml.Mark) -> None:
        super().__init__(problem=f"duplicate key {key!r}", problem_mark=mark)
        self.key = key


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """A safe loader that refuses duplicate keys and reads ``1e5`` as a number, as YAML 1.2 does."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                name = (key.tag, key.value)
                if name in seen:
                    raise DuplicateKey(key.value, key.start_mark)
                seen.add(name)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


def read_yaml(path: Path) -> Any:
    """Parse a YAML file; a syntax error keeps its line (``yaml.MarkedYAMLError``)."""
    with path.open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=_Loader)  # a safe loader


def yaml_line(path: Path, keys: tuple[str | int, ...]) -> int:
    """Return the line on which a key of a YAML document stands, for error messages."""
    with path.open(encoding="utf-8") as stream:
        node = yaml.compose(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    line = 1
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                if name.value == str(key):
                    line, node = name.start_mark.line + 1, value
                    break
            else:
                break
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line + 1
        else:
            break
    return line


def digest(*paths: Path) -> str:
    """Return a SHA-256 over the names and bytes of files, independent of their order."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.name.encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def code(path: Path) -> str:
    """Return a Python file without comments, docstrings and the way its lines are broken."""
    kept, start = [], True
    with tokenize.open(path) as stream:
        tokens = list(tokenize.generate_tokens(stream.readline))
    for token, after in zip(tokens, [*tokens[1:], tokens[-1]], strict=True):
        if token.type in (tokenize.COMMENT, tokenize.NL):
            continue
        if not (start and token.type == tokenize.STRING and after.type == tokenize.NEWLINE):
            kept.append(token.string)
        start = token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    return "".join(kept)  # nothing between: Python splits f-strings since 3.12

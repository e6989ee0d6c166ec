"""Where package data lies, and the one way YAML is read."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).resolve().parent.parent / "data"


def data_path(*parts: str) -> Path:
    """Return a path inside the package data."""
    return DATA.joinpath(*parts)


def read_yaml(path: Path) -> Any:
    """Parse a YAML file; a syntax error keeps its line (``yaml.MarkedYAMLError``)."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=loader)  # both loaders are safe ones


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

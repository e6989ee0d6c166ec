"""Strict records: every YAML record is checked when it loads, with file and line."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar, get_args

import pydantic
import yaml

from caudal.core.errors import CaudalError, nearest
from caudal.core.files import read_yaml, yaml_line


class Record(pydantic.BaseModel):
    """A record that refuses unknown keys and cannot change after loading."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class Bilingual(Record):
    """A text in English and Spanish."""

    en: str
    es: str

    def __getitem__(self, code: str, /) -> str:
        """Return the text in a language."""
        return getattr(self, code)


R = TypeVar("R", bound=Record)


def load_document(path: Path) -> dict:
    """Read a YAML mapping; malformed YAML becomes a one-line error with file and line."""
    try:
        document = read_yaml(path)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise CaudalError(
            "CAU-201",
            "yaml_syntax",
            file=path.name,
            line=mark.line + 1 if mark else 1,
            problem=error.problem or error.context or "",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CaudalError("CAU-202", "unreadable", file=path, problem=error) from None
    if not isinstance(document, dict):
        raise CaudalError("CAU-203", "yaml_mapping", file=path.name, found=type(document).__name__)
    return document


def validate(kind: type[R], document: dict, path: Path, where: tuple[str | int, ...] = ()) -> R:
    """Turn a mapping into a record, or say file, line, key and what was expected."""
    try:
        return kind.model_validate(document)
    except pydantic.ValidationError as error:
        problems = error.errors()
        first = next((e for e in problems if e["type"] == "extra_forbidden"), problems[0])
        keys = where + tuple(k for k in first["loc"] if isinstance(k, str | int))
        hint = nearest(str(first["loc"][-1]), _keys(kind)) if first["type"] == "extra_forbidden" else ""
        raise CaudalError(
            "CAU-204",
            "yaml_value",
            file=path.name,
            line=yaml_line(path, keys),
            key=".".join(str(k) for k in keys) or kind.__name__,
            problem=first["msg"],
            nearest=hint,
        ) from None


def _keys(kind: type[Record]) -> set[str]:
    """Return the keys a record and the records inside it may have."""
    found: set[str] = set()
    for name, field in kind.model_fields.items():
        found.add(field.alias or name)
        inner = [field.annotation]
        while inner:
            one = inner.pop()
            if isinstance(one, type) and issubclass(one, Record):
                found |= _keys(one)
            inner.extend(get_args(one))
    return found

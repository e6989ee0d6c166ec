"""Strict records: every YAML record is checked when it loads, with file and line."""

from __future__ import annotations

import difflib
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import pydantic
import yaml

from caudal.core.errors import CaudalError
from caudal.core.files import DuplicateKey, read_yaml, yaml_line
from caudal.core.messages import text


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

CLOSE = 0.6
"""How alike (0-1) a misspelt key and a known one must be for the known one to be offered."""

_UNIONS = (Union, UnionType)


def load_keyed(path: Path, *groups: str) -> dict:
    """Read a YAML mapping in which the records of some groups take their key as ``id``."""
    document = load_document(path)
    for group in groups:
        records = document.get(group)
        if isinstance(records, dict):
            document[group] = {
                key: {"id": str(key), **value} if isinstance(value, dict) else value
                for key, value in records.items()
            }
    return document


def load_document(path: Path) -> dict:
    """Read a YAML mapping; malformed YAML becomes a one-line error with file and line."""
    try:
        document = read_yaml(path)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        twice = text("errors.duplicate_key", key=error.key) if isinstance(error, DuplicateKey) else ""
        raise CaudalError(
            "CAU-201",
            "yaml_syntax",
            file=path.name,
            line=mark.line + 1 if mark else 1,
            problem=twice or error.problem or error.context or "",
        ) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:  # a NUL byte has no line
        problem = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
        raise CaudalError("CAU-202", "unreadable", file=path, problem=problem) from None
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
        hint = _nearest(kind, first["loc"]) if first["type"] == "extra_forbidden" else ""
        raise CaudalError(
            "CAU-204",
            "yaml_value",
            file=path.name,
            line=yaml_line(path, keys),
            key=".".join(str(k) for k in keys) or kind.__name__,
            problem=first["msg"],
            nearest=hint,
        ) from None


def _nearest(kind: type[Record], where: tuple[str | int, ...]) -> str:
    """Return the close spelling of an unknown key among the keys of the mapping it stands in."""
    here: list[Any] = [kind]
    for part in where[:-1]:
        here = [inner for one in _options(here) for inner in _within(one, part)]
    known = [
        field.alias or name
        for one in _options(here)
        if isinstance(one, type) and issubclass(one, Record)
        for name, field in one.model_fields.items()
    ]
    found = difflib.get_close_matches(str(where[-1]), known, n=1, cutoff=CLOSE)
    return found[0] if found else ""


def _options(kinds: list[Any]) -> list[Any]:
    """Return annotations with unions taken apart."""
    return [
        option for kind in kinds for option in (get_args(kind) if get_origin(kind) in _UNIONS else (kind,))
    ]


def _within(kind: Any, part: str | int) -> list[Any]:
    """Return the annotations one step down: of a record's field, or of a container's items."""
    if isinstance(kind, type) and issubclass(kind, Record):
        return [f.annotation for name, f in kind.model_fields.items() if part in (name, f.alias)]
    return list(get_args(kind))

"""The message catalogue: every sentence a person reads, in English and Spanish.

Catalogues are YAML files under ``data/messages/<language>/<area>.yaml``. A key is
``area.name``; a test proves that both languages hold the same keys and fields.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Protocol

from caudal.core.files import data_path, read_yaml

LANGUAGES = ("en", "es")
_language: ContextVar[str | None] = ContextVar("language", default=None)


def language() -> str:
    """Return the language in force: set by a command, else ``CAUDAL_LANG``, else English."""
    chosen = _language.get() or os.environ.get("CAUDAL_LANG", "en")
    return chosen if chosen in LANGUAGES else "en"


def use_language(code: str) -> None:
    """Set the language of this context."""
    _language.set(code)


@functools.cache
def catalogue(code: str, area: str) -> Mapping[str, str]:
    """Return one area of one language's catalogue."""
    return read_yaml(data_path("messages", code, f"{area}.yaml"))


def text(key: str, code: str | None = None, /, **fields: object) -> str:
    """Return the message ``area.name`` in a language, with its fields filled in.

    Raises:
        KeyError: the key is in no catalogue (a programming error, caught by tests).
    """
    area, _, name = key.partition(".")
    return str(catalogue(code or language(), area)[name]).format(**fields)


class Translated(Protocol):
    """Anything that holds a text per language: a record field or a mapping."""

    def __getitem__(self, code: str, /) -> str:
        """Return the text in a language."""
        ...


def local(labels: Translated, code: str | None = None) -> str:
    """Return the text of a bilingual record field in the language in force."""
    return labels[code or language()]

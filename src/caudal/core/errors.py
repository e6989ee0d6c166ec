"""Errors a person can act on: one line, a code, and the nearest valid name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from caudal.core.messages import text


class CaudalError(Exception):
    """Bad use of Caudal: told in one line, ends a command with exit status 2.

    Args:
        code: stable code such as ``CAU-101``, listed in ``docs/errors.md``.
        key: message key in the ``errors`` catalogue.
        fields: values that fill the message.
    """

    def __init__(self, code: str, key: str, /, **fields: object) -> None:
        self.code = code
        self.key = key
        self.fields = fields
        super().__init__(self.render())

    def render(self, language: str | None = None) -> str:
        """Return the error as one line in the language asked for."""
        message = text(f"errors.{self.key}", language, **self.fields)
        hint = self.fields.get("nearest")
        if hint:
            message += " " + text("errors.nearest", language, name=hint)
        return f"{self.code}: {' '.join(message.split())}"


def nearest(name: str, names: Iterable[str]) -> str:
    """Return the known name closest in spelling to ``name``, or an empty string."""
    names = list(names)
    found = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if not found:
        folded = name.replace("-", "_").lower()
        found = [n for n in names if folded and folded in n.replace("-", "_").lower()]
    return found[0] if found else ""


def unknown(kind: str, name: str, names: Iterable[str], code: str) -> CaudalError:
    """Build the error for a name that does not exist, with the nearest that does."""
    names = list(names)
    return CaudalError(
        code,
        "unknown",
        kind=text(f"kinds.{kind}"),
        name=name,
        nearest=nearest(name, names) or (names[0] if len(names) == 1 else ""),
    )

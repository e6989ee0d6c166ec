"""The one way a text file is written: whole or not at all."""

from __future__ import annotations

import contextlib
from pathlib import Path

from caudal.core.errors import CaudalError


def write_whole(path: Path, words: str) -> None:
    """Write a text file; one that was there stays as it was if that fails (``CAU-402``)."""
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(words, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise CaudalError("CAU-402", "unwritable", path=path, problem=error.strerror or error) from None
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)

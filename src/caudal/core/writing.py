"""The one way a text file is written: whole or not at all."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from caudal.core.errors import CaudalError


def write_whole(path: Path, words: str) -> None:
    """Write a text file that all may read; one that was there stays as it was if that fails (``CAU-402``).

    What is half written has a name of its own beside it, so that two who write at once do not meet. A
    folder that is missing is not made: it may be a slip of the pen.
    """
    partial = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", suffix=".partial", delete=False
        ) as stream:
            partial = Path(stream.name)
            stream.write(words)
        partial.chmod(0o644)  # the partial file was for its owner alone
        partial.replace(path)
    except OSError as error:
        raise CaudalError("CAU-402", "unwritable", path=path, problem=error.strerror or error) from None
    finally:
        if partial is not None:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)

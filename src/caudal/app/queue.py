"""The bounded queue of computations: one at a time, few waiting, the rest told when to come back."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from caudal.core.errors import CaudalError

WAITING = 32
"""Requests that may wait or run at a time."""

T = TypeVar("T")


class Queue:
    """Runs functions one after another on a thread of its own: the engine uses every core by itself."""

    def __init__(self, waiting: int = WAITING) -> None:
        """Start with nothing to do."""
        self.waiting, self._inside = waiting, 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="simulation")

    async def run(self, work: Callable[[], T]) -> T:
        """Return what the function gives, in the language of the caller.

        Raises:
            CaudalError: ``CAU-605`` when too many wait already.
        """
        if self._inside >= self.waiting:
            raise CaudalError("CAU-605", "busy", waiting=self.waiting)
        self._inside += 1
        try:
            context = contextvars.copy_context()
            return await asyncio.get_running_loop().run_in_executor(self._thread, context.run, work)
        finally:
            self._inside -= 1

    def begin(self, work: Callable[[], object]) -> None:
        """Start something that nobody waits for, ahead of every request."""
        self._thread.submit(work)

    def close(self) -> None:
        """Drop what waits; what runs ends."""
        self._thread.shutdown(wait=False, cancel_futures=True)

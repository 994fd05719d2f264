"""Noticing changes for as long as somebody watches.

The server hears of every kernel when a cell begins and ends; that is looked at, and only a kernel
that has done something, or is at work, is asked. While nobody watches there is no task.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jupyter_tfsession.server.kernels import Running
    from jupyter_tfsession.server.overview import Overview

MOST: Final = 256
"""Who may watch at a time."""

_AT_REST: Final = 30.0  # seconds for what goes on without cells, such as threads of the user's


class Watching:
    """Has kernels asked while somebody watches.

    Parameters
    ----------
    overview
        What asks, and tells its listeners.
    seconds
        Between two looks; a kernel at work is asked as often.
    """

    def __init__(self, overview: Overview, seconds: float) -> None:
        self._overview = overview
        self._seconds = seconds
        self._watchers = 0
        self._task: asyncio.Task[None] | None = None
        self._seen: dict[str, tuple[tuple[str, str], float]] = {}
        self._looks: set[asyncio.Task[object]] = set()

    @property
    def is_full(self) -> bool:
        """Whether nobody else may watch."""
        return self._watchers >= MOST

    def begin(self) -> None:
        """Note that there is one watcher more."""
        self._watchers += 1
        if self._task is None:
            self._task = asyncio.create_task(self._watch())

    def end(self) -> None:
        """Note that there is one watcher less."""
        self._watchers -= 1
        if not self._watchers:
            self.stop()

    def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _watch(self) -> None:
        self._seen.clear()
        while True:
            running = await self._overview.kernels.all()
            self._overview.forget_others({one.id for one in running})
            now = time.monotonic()
            for one in running:
                if self._is_due(one, now):
                    self._seen[one.id] = one.activity, now
                    # Not waited for: one that does not answer must not delay the others.
                    look: asyncio.Task[object] = asyncio.create_task(self._overview.look(one))
                    self._looks.add(look)
                    look.add_done_callback(self._looks.discard)
            await asyncio.sleep(self._seconds)

    def _is_due(self, one: Running, now: float) -> bool:
        activity, asked = self._seen.get(one.id, (None, 0.0))
        if activity != one.activity:
            return True
        works = one.execution_state != "idle"
        return now - asked >= (self._seconds if works else _AT_REST)

"""Keeping limits: sessions that nobody uses are closed, and too many bytes are warned of.

Both are off unless configured; while they are, there is no task.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from jupyter_tfsession.displays import human_bytes
from jupyter_tfsession.server.asking import UnavailableError, ask
from jupyter_tfsession.server.metrics import sessions_of

if TYPE_CHECKING:
    from logging import Logger

    from jupyter_tfsession.server.events import Events
    from jupyter_tfsession.server.models import Kernel
    from jupyter_tfsession.server.overview import Overview

NAME: Final = "idle"
"""What the snapshots are called that are taken before a session is closed."""

_MOST_OFTEN: Final = 60.0  # seconds


@dataclass(frozen=True)
class Limits:
    """What is kept.

    Attributes
    ----------
    idle
        Seconds after which a session that nobody uses is closed; 0 for never.
    nbytes
        Bytes of all sessions above which there is a warning; 0 for never.
    patience
        Seconds that a snapshot may take.
    """

    idle: float
    nbytes: int
    patience: float


class Keeping:
    """Keeps the limits of a server.

    Parameters
    ----------
    overview, events, log
        What asks the kernels, and where it is told what was done.
    limits
        What is kept.
    """

    def __init__(self, overview: Overview, events: Events, log: Logger, limits: Limits) -> None:
        self._overview, self._events, self._log, self._limits = overview, events, log, limits
        self._warned = False
        self._unused: dict[tuple[str, int], tuple[object, float]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Keep them from now on, if there are any."""
        if self._limits.idle or self._limits.nbytes:
            self._task = asyncio.create_task(self._keep())

    def stop(self) -> None:
        """Keep them no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _keep(self) -> None:
        pause = min(self._limits.idle / 2 or _MOST_OFTEN, _MOST_OFTEN)
        while True:
            try:
                await self.look()
            except Exception:  # noqa: BLE001 - it is tried again
                self._log.exception("the limits of TensorFlow's sessions could not be kept")
            await asyncio.sleep(pause)

    async def look(self) -> None:
        """Look at all kernels once."""
        kernels = await self._overview.all()
        self._weigh(sum(kernel.bytes for kernel in kernels))
        if self._limits.idle:
            idle = self._find_unused(kernels, time.monotonic())
            for kernel, session in idle:
                await self._close(kernel, session)

    def _weigh(self, size: int) -> None:
        exceeds = bool(self._limits.nbytes) and size > self._limits.nbytes
        if exceeds and not self._warned:
            self._log.warning(
                "the TensorFlow sessions of all kernels have %s, more than the %s of "
                "TFSessionServer.warn_bytes: jupyter tfsession list tells which",
                human_bytes(size),
                human_bytes(self._limits.nbytes),
            )
        self._warned = exceeds

    def _find_unused(
        self, kernels: list[Kernel], now: float
    ) -> list[tuple[Kernel, dict[str, Any]]]:
        """Return the open sessions in which nothing has happened for long."""
        found = []
        there: dict[tuple[str, int], tuple[object, float]] = {}
        for kernel in kernels:
            state: Any = kernel.state
            if kernel.status != "loaded" or state.get("busy"):
                continue
            for graph, session in sessions_of(kernel).items():
                if session.get("state") == "open":
                    use = (session.get("runs"), session.get("generation"))
                    known, since = self._unused.get((kernel.id, graph), (None, now))
                    since = since if known == use else now
                    there[kernel.id, graph] = use, since
                    if now - since >= self._limits.idle:
                        found.append((kernel, session))
        self._unused = there
        return found

    async def _close(self, kernel: Kernel, session: dict[str, Any]) -> None:
        """Take a snapshot of a session, and only then close it."""
        running = await self._overview.kernels.find(kernel.id)
        if running is None:
            return
        graph, generation = session["graph"], session["generation"]
        told = f"{session.get('name', graph)} of {', '.join(kernel.notebooks) or kernel.id}"
        for request in (
            {"type": "snapshot", "graph": graph, "name": NAME},
            {"type": "close", "graph": graph, "generation": generation},
        ):
            try:
                answer = await ask(
                    running, request, seconds=self._overview.seconds, patience=self._limits.patience
                )
            except UnavailableError as error:
                self._log.warning("%s is idle and was not closed: %s", told, error)
                return
            if answer["reply"].get("type") != "ok":
                why = answer["reply"].get("message", "")
                self._log.warning("%s is idle and was not closed: %s", told, why)
                return
        self._log.info("closed %s, idle; its values are in the snapshot %r", told, NAME)
        self._events.emit("culled", kernel, session)

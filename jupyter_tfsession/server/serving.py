"""What the addresses share: one of each for a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_tfsession.server import metrics
from jupyter_tfsession.server.events import Events
from jupyter_tfsession.server.keeping import Keeping, Limits
from jupyter_tfsession.server.kernels import Kernels
from jupyter_tfsession.server.overview import Overview
from jupyter_tfsession.server.stores import Stores
from jupyter_tfsession.server.watching import Watching

if TYPE_CHECKING:
    from jupyter_tfsession.server.app import TFSessionServer
    from jupyter_tfsession.server.models import Kernel


class Serving:
    """The parts of the extension in one server.

    Attributes
    ----------
    kernels, overview, watching, stores, keeping
        The kernels, what they say, who wants to know, the snapshots on the disk, and the limits.
    limit, patience
        Bytes above which the server warns, and seconds that an action may take.
    """

    def __init__(self, app: TFSessionServer) -> None:
        server = app.serverapp
        assert server is not None  # noqa: S101 - what initializes the extension is one
        assert server.event_logger is not None  # noqa: S101 - it has its own before extensions
        self.limit = app.warn_bytes
        self.patience = app.action_seconds
        self.kernels = Kernels(server)
        self.overview = Overview(
            self.kernels, seconds=app.kernel_seconds, at_once=app.kernels_at_once
        )
        self.watching = Watching(self.overview, app.watch_seconds)
        hidden = bool(getattr(server.contents_manager, "allow_hidden", False))
        self.stores = Stores(Path(server.root_dir), app.snapshot_directory, hidden=hidden)
        self._events = Events(server.event_logger)
        self.keeping = Keeping(
            self.overview,
            self._events,
            app.log,
            Limits(app.cull_idle_seconds, self.limit, self.patience),
        )
        self.overview.listen(self._changed)

    def start(self) -> None:
        """Begin what needs the server's loop."""
        self.keeping.start()
        if self._events.are_collected:
            self.watching.begin()

    def stop(self) -> None:
        """End what is under way."""
        self.watching.stop()
        self.keeping.stop()

    async def done(self, kernel_id: str, action: str) -> None:
        """Note that something was done with a session, and have those who watch see it."""
        metrics.ACTIONS.labels(action).inc()
        running = await self.kernels.find(kernel_id)
        if running is not None:
            await self.overview.look(running)

    def _changed(self, before: Kernel | None, now: Kernel | None) -> None:
        metrics.count(self.overview.known)
        self._events.changed(before, now)

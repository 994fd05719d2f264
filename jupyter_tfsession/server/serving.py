"""What the addresses share: one of each for a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_tfsession.server.kernels import Kernels
from jupyter_tfsession.server.overview import Overview
from jupyter_tfsession.server.stores import Stores
from jupyter_tfsession.server.watching import Watching

if TYPE_CHECKING:
    from jupyter_tfsession.server.app import TFSessionServer


class Serving:
    """The parts of the extension in one server.

    Attributes
    ----------
    kernels, overview, watching, stores
        The kernels, what they say, who wants to know, and the snapshots on the disk.
    limit, patience
        Bytes above which the server warns, and seconds that an action may take.
    """

    def __init__(self, app: TFSessionServer) -> None:
        server = app.serverapp
        assert server is not None  # noqa: S101 - what initializes the extension is one
        self.kernels = Kernels(server)
        self.overview = Overview(
            self.kernels, seconds=app.kernel_seconds, at_once=app.kernels_at_once
        )
        self.watching = Watching(self.overview, app.watch_seconds)
        hidden = bool(getattr(server.contents_manager, "allow_hidden", False))
        self.stores = Stores(Path(server.root_dir), app.snapshot_directory, hidden=hidden)
        self.limit = app.warn_bytes
        self.patience = app.action_seconds

    def stop(self) -> None:
        """End what is under way."""
        self.watching.stop()

    def done(self, kernel_id: str, graph: int, action: str) -> None:
        """Note that something was done with a session."""

    def dropped(self, name: str) -> None:
        """Note that a snapshot was removed."""

"""The extension of the Jupyter server: ``c.TFSessionServer.<trait>``."""

from __future__ import annotations

from typing import Any

from jupyter_server.extension.application import ExtensionApp
from traitlets import Float, Int, TraitError, Unicode, validate

from jupyter_tfsession.server.connection import UNTRACKED
from jupyter_tfsession.server.routes.table import routes
from jupyter_tfsession.server.serving import Serving


class TFSessionServer(ExtensionApp):
    """Shows the TensorFlow sessions of all kernels of a Jupyter server."""

    name = "jupyter_tfsession"
    description = "The TensorFlow sessions of all kernels"
    load_other_extensions = True

    kernel_seconds = Float(
        2.0,
        min=0.05,
        help="""Seconds that a kernel may take to tell its sessions; it answers at once also while
        a cell runs, unless something in it holds up all of Python.""",
    ).tag(config=True)

    action_seconds = Float(
        600.0,
        min=1.0,
        help="""Seconds that a change of values, a snapshot or a restore may take.""",
    ).tag(config=True)

    kernels_at_once = Int(32, min=1, help="""How many kernels are asked at a time.""").tag(
        config=True
    )

    watch_seconds = Float(
        1.0,
        min=0.05,
        help="""Seconds between two looks at the kernels that are at work, while a front end shows
        their sessions.""",
    ).tag(config=True)

    snapshot_directory = Unicode(
        "tfsession-snapshots",
        help="""What `TFSession.snapshot_directory` of the kernels is, relative to the notebook:
        the snapshots in directories of that name can be listed, downloaded and deleted, if they
        are below the root directory of the server.""",
    ).tag(config=True)

    cull_idle_seconds = Float(
        0.0,
        min=0.0,
        help="""Close a session in which nothing has run for so many seconds, after a snapshot of
        its values that is called "idle"; 0 for never. The next use of the session opens it again,
        with its values.""",
    ).tag(config=True)

    warn_bytes = Int(
        0,
        min=0,
        help="""Warn when the variables of all sessions of all kernels together have more bytes
        than this, in the server's log; 0 for never.""",
    ).tag(config=True)

    @validate("snapshot_directory")
    def _relative(self, proposal: Any) -> str:
        name = str(proposal["value"])
        if not name or name.startswith(("/", "~")) or ".." in name.split("/"):
            message = f"snapshot_directory has to lie below the notebook's directory, not {name!r}"
            raise TraitError(message)
        return name

    def initialize_settings(self) -> None:
        """Make the parts."""
        self.serving = Serving(self)
        _leave_untracked(getattr(self.serverapp, "kernel_manager", None))

    def initialize_handlers(self) -> None:
        """Add the addresses."""
        self.handlers.extend(routes(self.serving))

    async def _start_jupyter_server_extension(self, _serverapp: Any) -> None:
        """Begin what needs the server's loop."""
        self.serving.start()

    async def stop_extension(self) -> None:
        """End what is under way."""
        self.serving.stop()


def _leave_untracked(kernel_manager: Any) -> None:
    """Have what the kernels answer us not taken for something that the user does there."""
    types = getattr(kernel_manager, "untracked_message_types", None)
    if types is not None:
        added = [kind for kind in UNTRACKED if kind not in types]
        kernel_manager.untracked_message_types = [*types, *added]

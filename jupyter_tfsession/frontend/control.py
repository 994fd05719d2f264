"""Requests on the control channel, which a running cell does not keep waiting.

The Jupyter server asks there: it has no page open on the notebook, wants no subshell of its own,
and must not disturb a cell that waits for ``input()``. Whether the extension is loaded it learns
from ``comm_info_request``, which any kernel answers and none minds: as long as it is, a comm of the
target `SIGN` is open, which nobody was told of and which carries nothing.

A ``tfsession_request`` has a request of the protocol in ``content.request``, and is answered by a
``tfsession_reply`` with the reply in ``content.reply``. The kernel interrupts and shuts down on
this channel, so that requests only begin there: each has a thread for as long as it takes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_tfsession.extension import Extension
    from jupyter_tfsession.frontend.answering import Answering

SIGN: Final = "jupyter.tfsession.control"
REQUEST: Final = "tfsession_request"
REPLY: Final = "tfsession_reply"

_MOST: Final = 8  # requests at a time
_READING: Final = 0.5  # seconds for variables that are read one by one

logger = logging.getLogger("jupyter_tfsession")


class _Sign:
    """What the kernel takes for an open comm."""

    target_name = SIGN
    comm_id = SIGN

    def handle_msg(self, message: Any) -> None:
        """Do nothing with what is sent to it."""

    def handle_close(self, message: Any) -> None:
        """Stay open."""


class ControlChannel:
    """Answers the requests on the control channel of one kernel.

    Parameters
    ----------
    answer
        Answers what a message carries, on a thread of its own.
    """

    def __init__(self, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._answer = answer
        self._room = threading.BoundedSemaphore(_MOST)
        self._kernel: Any = None

    def register(self, shell: InteractiveShell) -> None:
        """Take requests from now on, where the shell is a kernel's that can."""
        kernel = getattr(shell, "kernel", None)
        handlers = getattr(kernel, "control_handlers", None)
        comms = getattr(getattr(kernel, "comm_manager", None), "comms", None)
        if isinstance(handlers, dict) and isinstance(comms, dict):
            self._kernel = kernel
            handlers[REQUEST] = self._asked
            comms[SIGN] = _Sign()

    def unregister(self) -> None:
        """Take none any more."""
        kernel, self._kernel = self._kernel, None
        if kernel is not None:
            kernel.comm_manager.comms.pop(SIGN, None)
            kernel.control_handlers.pop(REQUEST, None)

    def _asked(self, stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        """Begin to answer; called on the channel's thread."""
        kernel, loop = self._kernel, asyncio.get_running_loop()

        def send(content: dict[str, Any]) -> None:
            kernel.session.send(stream, REPLY, content, parent, ident)

        def work() -> None:
            try:
                content = self._answer(parent["content"])
            except Exception as error:
                logger.debug("a request on the control channel failed", exc_info=error)
                content = {"status": "error", "reply": None}
            finally:
                self._room.release()
            try:
                loop.call_soon_threadsafe(send, content)
            except RuntimeError:  # the kernel is on its way out
                logger.debug("an answer came too late")

        if self._room.acquire(blocking=False):
            # Nobody waits for it when the kernel ends.
            threading.Thread(target=work, name="tfsession-request", daemon=True).start()
        else:
            send({"status": "busy", "reply": None})


def answer(extension: Extension, answering: Answering, content: dict[str, Any]) -> dict[str, Any]:
    """Return what to answer to a message.

    Parameters
    ----------
    extension
        Whose sessions are asked about.
    answering
        Answers requests of the protocol.
    content
        ``request``, and with a request for a table, ``readings``: whether to read these variables.
    """
    reply = answering.answer(content.get("request"), None)
    result = reply.get("result") or {}
    wanted = content.get("readings") is True and result.get("type") == "table"
    return {
        "status": "ok",
        "reply": reply,
        "readings": _readings(extension, result) if wanted else [],
    }


def _readings(extension: Extension, table: dict[str, Any]) -> list[Any]:
    """Return what the variables of a table hold, as far as that is told quickly."""
    import msgspec  # noqa: PLC0415 - not at load

    from jupyter_tfsession import tf_internals  # noqa: PLC0415 - not at load
    from jupyter_tfsession.frontend import tables  # noqa: PLC0415 - not at load

    live = next(
        (one for one in extension.registry.sessions() if one.serial == table["graph"]), None
    )
    if live is None:  # gone since
        return []
    cells = extension.cells
    elsewhere = cells.current is not None and not cells.runs_here
    with tf_internals.graph_as_it_is() if elsewhere else contextlib.nullcontext():
        records = tables.numbered(live)
        numbers = [row["variable"] for row in table["rows"]]
        chosen = [records[number] for number in numbers]
        found = extension.inspector.read(live, chosen, exact=False, seconds=_READING)
    readings: list[Any] = msgspec.to_builtins(
        [tables.reading(number, read) for number, read in zip(numbers, found, strict=True)]
    )
    return readings

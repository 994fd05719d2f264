"""The comms that a front end opens, as JupyterLab's sidebar does.

Each handler runs on the thread that the kernel calls it on, a subshell's where there are subshells.
A comm for requests is sent to inside its handler and at no other time; see the protocol.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_tfsession.frontend.answering import Answering
    from jupyter_tfsession.frontend.views import Views

TARGET: Final = "jupyter.tfsession"

logger = logging.getLogger("jupyter_tfsession")


class CommTarget:
    """The target that front ends open comms to.

    Parameters
    ----------
    parts
        Gives what answers requests and the views, made when a comm is first opened.
    """

    def __init__(self, parts: Callable[[], tuple[Answering, Views]]) -> None:
        self._parts = parts
        self._open: dict[str, Any] = {}

    def register(self, shell: InteractiveShell) -> None:
        """Take comms from now on, where the shell is a kernel's."""
        manager = _manager(shell)
        if manager is not None:
            manager.register_target(TARGET, self._opened)

    def unregister(self, shell: InteractiveShell) -> None:
        """Take none any more, and close those that are open."""
        manager = _manager(shell)
        if manager is not None:
            manager.unregister_target(TARGET, self._opened)
        for comm in list(self._open.values()):
            comm.close()
        self._open.clear()

    def _opened(self, comm: Any, message: dict[str, Any]) -> None:
        from jupyter_tfsession.frontend.protocol import (  # noqa: PLC0415 - not at load
            MalformedError,
            Opened,
            parse,
        )

        answer_on_the_asking_thread(comm)
        answering, views = self._parts()
        data = message["content"].get("data")
        try:
            opened = parse(data, Opened)
        except MalformedError:
            comm.send(answering.answer(data, None))  # says what is wrong with it
            comm.close()
            return
        self._open[comm.comm_id] = comm
        name = opened.view
        if opened.role == "events":
            views.connect(name, comm.send)
            comm.on_close(lambda _message: self._closed(comm, views, name))
            return

        def asked(message: dict[str, Any]) -> None:
            data = message["content"].get("data")
            comm.send(answering.answer(data, views.outlet(name), name))

        comm.on_msg(asked)
        comm.on_close(lambda _message: self._closed(comm, views, name))

    def _closed(self, comm: Any, views: Views, name: str) -> None:
        self._open.pop(comm.comm_id, None)
        views.drop(name)


def answer_on_the_asking_thread(comm: Any) -> None:
    """Have the kernel handle a comm's messages on the subshell that they ask for.

    ipykernel 7.4 remembers for each comm from which shell the kernel last sent on it, and handles
    later messages there: in the main shell, after the running cell.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = None  # noqa: SLF001 - measured; a test with a kernel tells


def _manager(shell: InteractiveShell) -> Any:
    return getattr(getattr(shell, "kernel", None), "comm_manager", None)

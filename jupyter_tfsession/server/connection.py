"""Asking one kernel over a control connection of its own.

A kernel answers on its control channel while a cell runs. Status messages that the questions cause
say nothing about the kernel's work: `UNTRACKED` has to be among the server's untracked message
types, which JupyterLab goes by, too.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import zmq
from jupyter_client.session import Session

from jupyter_tfsession.frontend.control import REPLY, REQUEST, SIGN

UNTRACKED: Final = (REQUEST, REPLY)

_MOST_BYTES: Final = 64 * 2**20  # of a message; a page of variables has a few hundred KiB


class NoAnswerError(Exception):
    """A kernel did not answer in time, or not in a way that makes sense."""


class ControlConnection:
    """A connection to the control channel of a kernel.

    Parameters
    ----------
    manager
        The server's manager of the kernel.
    """

    def __init__(self, manager: Any) -> None:
        # A session of its own: the manager's belongs to the server's messages.
        self._session = Session(config=manager.session.config, key=manager.session.key)
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._stream = manager.connect_control(identity=self._session.bsession)
        self._stream.socket.set(zmq.MAXMSGSIZE, _MOST_BYTES)
        self._stream.on_recv(self._received)

    def close(self) -> None:
        """Close it; what was not sent yet is not."""
        self._stream.close(linger=0)

    async def is_loaded(self, seconds: float) -> bool:
        """Tell whether the extension is loaded in the kernel.

        Raises
        ------
        NoAnswerError
            The kernel does not answer.
        """
        content = await self._ask("comm_info_request", {"target_name": SIGN}, seconds)
        return bool(content.get("comms"))

    async def request(
        self, request: dict[str, Any], seconds: float, *, readings: bool = False
    ) -> dict[str, Any]:
        """Send a request of the protocol and return what comes with the reply.

        Parameters
        ----------
        request
            The request, but for its id and version.
        seconds
            How long to wait for the reply.
        readings
            With a request for a table, whether the variables are to be read.

        Raises
        ------
        NoAnswerError
            There is no reply, or none that is one.
        """
        whole = {"version": 1, "id": "server", **request}
        content = await self._ask(REQUEST, {"request": whole, "readings": readings}, seconds)
        if content.get("status") == "busy":
            raise NoAnswerError("the kernel has too many requests to answer already")
        if not isinstance(content.get("reply"), dict):
            raise NoAnswerError("the kernel's answer makes no sense")
        return content

    async def _ask(self, kind: str, content: dict[str, Any], seconds: float) -> dict[str, Any]:
        message = self._session.msg(kind, content)
        answered = asyncio.get_running_loop().create_future()
        name = message["header"]["msg_id"]
        self._waiting[name] = answered
        self._session.send(self._stream, message)
        try:
            return await asyncio.wait_for(answered, seconds)
        except asyncio.TimeoutError:
            raise NoAnswerError(f"the kernel did not answer within {seconds:g} s") from None
        finally:
            del self._waiting[name]

    def _received(self, frames: list[bytes]) -> None:
        """Take in an answer; what is not signed with the kernel's key is none."""
        try:
            message = self._session.deserialize(self._session.feed_identities(frames)[1])
            name, content = message["parent_header"].get("msg_id"), message["content"]
        except (ValueError, TypeError, KeyError, AttributeError):
            return
        answered = self._waiting.get(name)
        if answered is not None and not answered.done() and isinstance(content, dict):
            answered.set_result(content)

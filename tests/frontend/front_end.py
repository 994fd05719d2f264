"""A front end without a browser: the comms that the sidebar opens."""

from __future__ import annotations

import itertools
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from notebook import Notebook

VERSION = 1


def subshell(nb: Notebook) -> str | None:
    """Make a subshell where the kernel has subshells."""
    supported = nb.ask("kernel_info_request", {}, channel="control")["content"].get(
        "supported_features", []
    )
    if "kernel subshells" not in supported:
        return None
    reply = nb.ask("create_subshell_request", {}, channel="control")
    return str(reply["content"]["subshell_id"])


class FrontEnd:
    """A view in the sidebar: one comm for requests, one for events, both on a subshell if asked."""

    def __init__(self, nb: Notebook, *, on: str | None = None, view: str = "") -> None:
        self.nb = nb
        self.on = on
        self.view = view or uuid.uuid4().hex
        self.requests = self.open("requests")
        self.events = self.open("events")
        self._ids = itertools.count(1)

    def open(self, role: str, **other: Any) -> str:
        """Open a comm and return its id."""
        comm = uuid.uuid4().hex
        data = {"version": VERSION, "role": role, "view": self.view, **other}
        content = {"comm_id": comm, "target_name": "jupyter.tfsession", "data": data}
        self.nb.send("comm_open", content, subshell_id=self.on)
        return comm

    def send(self, data: Any) -> None:
        """Send anything on the comm for requests."""
        content = {"comm_id": self.requests, "data": data}
        self.nb.send("comm_msg", content, subshell_id=self.on)

    def answer(self, timeout: float = 30.0) -> dict[str, Any]:
        """Return the next reply."""
        return self._next(self.requests, timeout)

    def event(self, kind: str, timeout: float = 30.0) -> dict[str, Any]:
        """Return the next event of a kind, dropping others."""
        while True:
            event = self._next(self.events, timeout)
            if event["type"] == kind:
                return event

    def ask(self, kind: str, timeout: float = 30.0, **fields: Any) -> dict[str, Any]:
        """Send a request and return its reply."""
        request = {"version": VERSION, "type": kind, "id": str(next(self._ids)), **fields}
        self.send(request)
        reply = self.answer(timeout)
        assert reply["id"] == request["id"]
        return reply

    def state(self) -> dict[str, Any]:
        """Ask for the state."""
        reply = self.ask("hello")
        assert reply["type"] == "ok", reply
        result: dict[str, Any] = reply["result"]
        return result

    def session(self) -> dict[str, Any]:
        """Ask for the current session."""
        state = self.state()
        (found,) = (one for one in state["sessions"] if one["graph"] == state["current"])
        return dict(found)

    def change(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Ask for a change of the current session, confirming it if that is asked for."""
        session = self.session()
        fields = {"graph": session["graph"], "generation": session["generation"], **fields}
        reply = self.ask(kind, **fields)
        if reply["type"] == "refused" and reply["code"] == "confirm":
            reply = self.ask(kind, **fields, confirm=reply["confirm"]["token"])
        return reply

    def subscribe(self, **fields: Any) -> dict[str, Any]:
        """Have events sent."""
        return self.ask("subscribe", view=self.view, **fields)

    def close(self) -> None:
        """Close both comms."""
        for comm in (self.requests, self.events):
            content = {"comm_id": comm, "data": {}}
            self.nb.send("comm_close", content, subshell_id=self.on)

    def _next(self, comm: str, timeout: float) -> dict[str, Any]:
        message = self.nb.wait_for(
            lambda m: m["msg_type"] == "comm_msg" and m["content"]["comm_id"] == comm, timeout
        )
        data: dict[str, Any] = message["content"]["data"]
        return data

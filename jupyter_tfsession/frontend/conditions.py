"""What has to hold before a request is done; what does not hold is refused with a code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_tfsession.frontend import tables
from jupyter_tfsession.frontend.confirming import Confirming
from jupyter_tfsession.frontend.generations import generation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_tfsession.extension import Extension
    from jupyter_tfsession.frontend.protocol import Confirm
    from jupyter_tfsession.frontend.states import States
    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.variables.catalogue import VariableRecord


class RefusedError(Exception):
    """A request is not done.

    Attributes
    ----------
    code, confirm
        As in `Refused`.
    """

    def __init__(self, code: str, message: str, confirm: Confirm | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.confirm = confirm


class Conditions:
    """Finds what requests are about, and sees that it is what the user saw."""

    def __init__(self, extension: Extension, states: States) -> None:
        self._extension = extension
        self._states = states
        self._confirming = Confirming()

    def live(self, graph: int) -> LiveSession:
        """Return the session of a graph."""
        live = self._states.find(graph)
        if live is None:
            raise RefusedError("unknown", "there is no such graph any more")
        return live

    def record(self, live: LiveSession, variable: int) -> VariableRecord:
        """Return a variable."""
        records = tables.numbered(live)
        if variable >= len(records):
            raise RefusedError("unknown", f"{live.name} has no such variable")
        return records[variable]

    def unchanged(self, request: Any) -> LiveSession:
        """Return the session, if the request was made for what it is now."""
        live = self.live(request.graph)
        if generation(live) != request.generation:
            raise RefusedError(
                "stale", f"{live.name} is not what it was any more: look again, then decide"
            )
        return live

    def confirmed(
        self,
        request: Any,
        live: LiveSession,
        chosen: Sequence[VariableRecord],
        what: str,
        *,
        undo: bool = True,
    ) -> None:
        """See that the user has confirmed, if any of the variables would lose a value."""
        losing, size = self.losing(live, chosen)
        if losing and not self._confirming.accepts(request):
            undo = undo and self._extension.budget.room_for(size)
            confirm = self._confirming.ask(request, live, losing, what=what, undo=undo)
            raise RefusedError("confirm", confirm.text, confirm)

    def losing(
        self, live: LiveSession, chosen: Sequence[VariableRecord]
    ) -> tuple[list[VariableRecord], int]:
        """Return those that hold a value, and the bytes of these."""
        held = live.held(chosen)
        losing = [record for record in chosen if record.name in held]
        return losing, sum(record.nbytes or 0 for record in losing)

"""What becomes of sessions, for whoever collects the server's events; silent otherwise.

It is seen when kernels are asked: while somebody watches, or limits are kept, or a handler of
events is configured, which counts as watching.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jupyter_tfsession.server.metrics import sessions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_events.logger import EventLogger

    from jupyter_tfsession.server.models import Kernel

SCHEMA: Final = Path(__file__).with_name("event_schema.yaml")
ID: Final = "https://events.jupyter.org/jupyter_tfsession/session/v1"

_UNDOABLE: Final = {"reset": "reset", "restore": "restored"}


class Events:
    """Emits what becomes of sessions.

    Parameters
    ----------
    logger
        The server's.
    """

    def __init__(self, logger: EventLogger) -> None:
        self._logger = logger
        logger.register_event_schema(SCHEMA)

    @property
    def are_collected(self) -> bool:
        """Whether the server is configured to hand events on to somebody."""
        return bool(self._logger.handlers)

    def changed(self, before: Kernel | None, now: Kernel | None) -> None:
        """Emit what has become of the sessions of a kernel."""
        kernel = now or before
        if kernel is None or (now is not None and now.status == "no_answer"):
            return
        old, new = sessions_of(before), sessions_of(now)
        for graph in old.keys() | new.keys():
            for event in happened(old.get(graph), new.get(graph)):
                self.emit(event, kernel, new.get(graph) or old[graph])

    def emit(self, event: str, kernel: Kernel, session: dict[str, Any]) -> None:
        """Emit one event."""
        data = {
            "event": event,
            "kernel_id": kernel.id,
            "notebooks": kernel.notebooks,
            "graph": str(session.get("name", "")),
            "bytes": int(session.get("bytes", 0)),
        }
        self._logger.emit(schema_id=ID, data=data)


def happened(before: dict[str, Any] | None, now: dict[str, Any] | None) -> Iterator[str]:
    """Yield what has become of one session."""
    was_open = before is not None and before.get("state") == "open"
    is_open = now is not None and now.get("state") == "open"
    if is_open and not was_open:
        yield "opened"
    if was_open and not is_open:
        yield "closed"
    if now is not None and now.get("poisoned") and not (before or {}).get("poisoned"):
        yield "poisoned"
    if (now or {}).get("snapshots", 0) > (before or {}).get("snapshots", 0):
        yield "snapshot"
    if before is not None and now is not None and before.get("undo") != now.get("undo"):
        # What can be undone now was done since, unless it is what is left after an undo.
        undo = now.get("undo") or {}
        redone = now.get("redo") != before.get("redo") and now.get("redo") is not None
        what = _UNDOABLE.get(str(undo.get("what", "")).split(" ", 1)[0])
        if what is not None and not redone:
            yield what

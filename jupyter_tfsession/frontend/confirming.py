"""Having the user confirm what overwrites values."""

from __future__ import annotations

import secrets
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import msgspec

from jupyter_tfsession.displays import counted, human_bytes
from jupyter_tfsession.frontend.protocol import Confirm

if TYPE_CHECKING:
    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.variables.catalogue import VariableRecord

_GOOD_FOR: Final = 600.0
_MOST: Final = 64


class Confirming:
    """The questions that were asked; each answer is good once, for the same request.

    Any thread may ask and answer; the lock guards the table.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[str, tuple[float, bytes]] = {}

    def accepts(self, request: Any) -> bool:
        """Whether a request comes with the answer to the question that it raised."""
        if request.confirm is None:
            return False
        with self._lock:
            asked, essence = self._asked.pop(request.confirm, (0.0, b""))
        return time.monotonic() - asked < _GOOD_FOR and essence == _essence(request)

    def ask(
        self,
        request: Any,
        live: LiveSession,
        losing: list[VariableRecord],
        *,
        what: str,
        undo: bool,
    ) -> Confirm:
        """Return the question whether `losing` may lose their values."""
        token = secrets.token_urlsafe(12)
        with self._lock:
            self._asked[token] = time.monotonic(), _essence(request)
            while len(self._asked) > _MOST:
                del self._asked[next(iter(self._asked))]
        size = sum(record.nbytes or 0 for record in losing)
        count = counted(len(losing), "variable")
        return Confirm(
            token=token,
            variables=len(losing),
            bytes=size,
            undo=undo,
            text=f"{what} overwrites {count} of {live.name} ({human_bytes(size)}).",
        )


def _essence(request: Any) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(request, id="-", confirm=None))

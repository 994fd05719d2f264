"""One-line notices: what was done other than plain TensorFlow would, said once."""

from __future__ import annotations

import html
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_tfsession.cells import CellTracker

MIME_TYPE = "application/vnd.tfsession.notice+json"
"""Marks a notice among the displays of a cell."""


class Notices:
    """Shows notices below the running cell.

    A thread that the user's code started must not write below whatever cell happens to be the
    latest, so its notices wait for the end of the main thread's cell.
    """

    def __init__(self) -> None:
        self.cells: CellTracker | None = None
        self._lock = threading.Lock()  # guards _waiting
        self._waiting: list[str] = []

    def say(self, text: str, *, once: str = "") -> None:
        """Show `text`; with `once`, only the first notice of that kind in an execution."""
        execution = self.cells.current if self.cells else None
        if once and execution is not None:
            if once in execution.said:
                return
            execution.said.add(once)
        if self.cells is None or self.cells.runs_here:
            _show(text)
        else:
            with self._lock:
                self._waiting.append(text)

    def flush(self) -> None:
        """Show what waited; called on the thread of a cell that ends."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for text in waiting:
            _show(text)


def _show(text: str) -> None:
    from IPython.core.interactiveshell import InteractiveShell  # noqa: PLC0415 - not at load
    from IPython.display import display  # noqa: PLC0415

    if not InteractiveShell.initialized():
        return
    style = "color: var(--jp-ui-font-color2, #666); font-size: var(--jp-ui-font-size1, 13px)"
    bundle = {
        "text/plain": text,
        "text/html": f'<div class="jp-tfsession-notice" style="{style}">{html.escape(text)}</div>',
        MIME_TYPE: {"text": text},
    }
    display(bundle, raw=True)  # type: ignore[no-untyped-call]  # IPython's

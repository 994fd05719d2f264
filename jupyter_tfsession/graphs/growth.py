"""Loops that add operations at every step, such as ``sess.run(w + 1)``: named once."""

from __future__ import annotations

import linecache
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from types import FrameType

    from jupyter_tfsession.graphs.recording import Recording
    from jupyter_tfsession.notices import Notices

STEPS = 20
"""So many runs from one line of the notebook, each with new operations, are a loop that grows."""


class Growth:
    """Watches the runs that need something new of the graph; on the thread that runs."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    def ran(self, recording: Recording) -> None:
        """Note a run of fetches that were never run before."""
        grown = recording.added > recording.added_when_run
        recording.added_when_run = recording.added
        line = line_of_notebook(sys._getframe()) if grown else None  # noqa: SLF001 - the way to it
        if line is None:
            return
        recording.grown_at[line] = recording.grown_at.get(line, 0) + 1
        if recording.grown_at[line] == STEPS:
            self._notices.say(
                f"line {line.number} adds operations to the graph each time it runs, which makes "
                f"every step slower: {line.text}. Build once before the loop, run in it"
            )


class Line(NamedTuple):
    """A line of the notebook's own code."""

    filename: str
    number: int

    @property
    def text(self) -> str:
        """What stands there."""
        return linecache.getline(self.filename, self.number).strip()


def line_of_notebook(frame: FrameType | None) -> Line | None:
    """Return the line at which the innermost code of the notebook's own is."""
    while frame is not None:
        if frame.f_globals.get("__name__") == "__main__":
            return Line(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back
    return None

"""Keeping the runs that write variables out while all of them are read or written as of one moment.

A run costs two operations on a set; whoever shuts the gate polls. Each side first says what it
does, and only then looks at the other: at least one of the two sees the other.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jupyter_tfsession.features import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAUSE = 0.001


class BusyError(UserError, RuntimeError):
    """A run did not end in time."""


class Gate:
    """What runs of one session pass that write variables; any thread may call.

    Attributes
    ----------
    inside
        Something for each run that is under way, such as its number. Adding and discarding are
        single steps to Python's threads.
    shut
        Whether runs have to wait.
    """

    def __init__(self) -> None:
        self.inside: set[object] = set()
        self.shut = False
        self._open = threading.Event()
        self._open.set()
        self._turn = threading.Lock()  # held by whoever shuts the gate

    def wait(self, run: object) -> None:
        """Wait until the gate is open, and be inside then; called after the run was added."""
        while self.shut:
            self.inside.discard(run)
            self._open.wait()
            self.inside.add(run)

    @contextmanager
    def passing(self, *, writes: bool = True) -> Iterator[None]:
        """Pass with a run, if it writes."""
        run = object()
        try:
            if writes:
                self.inside.add(run)
                if self.shut:
                    self.wait(run)
            yield
        finally:
            self.inside.discard(run)

    @contextmanager
    def closed(self, at_most: float) -> Iterator[None]:
        """Keep runs out, after the last one that is under way has ended.

        Parameters
        ----------
        at_most
            Seconds to wait for that.

        Raises
        ------
        BusyError
            It has not ended by then.
        """
        deadline = time.monotonic() + at_most
        if not self._turn.acquire(timeout=max(at_most, 0)):
            raise BusyError(f"others still read or write the variables after {at_most:g} s")
        try:
            self._open.clear()
            self.shut = True
            while self.inside:
                if time.monotonic() > deadline:
                    raise BusyError(
                        f"a run that writes variables has not ended after {at_most:g} s "
                        "(%config TFSession.snapshot_wait)"
                    )
                time.sleep(_PAUSE)
            yield
        finally:
            self.shut = False
            self._open.set()
            self._turn.release()

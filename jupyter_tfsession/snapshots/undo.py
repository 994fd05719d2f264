"""Undo: the values that were overwritten, within a budget of host memory."""

from __future__ import annotations

import itertools
import threading
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_tfsession.variables.values import total_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.cells import Execution
    from jupyter_tfsession.variables.values import Values


@dataclass(eq=False)
class Change:
    """Values as they were before something overwrote them.

    Attributes
    ----------
    what
        What overwrote them, in the words of a notice: ``reset``, ``set w``.
    values
        The overwritten values, by variable name.
    execution
        Where it happened; None outside any cell.
    serial
        Grows with every change, over all sessions.
    """

    what: str
    values: Values
    execution: Execution | None
    serial: int

    @property
    def nbytes(self) -> int:
        """Bytes of host memory."""
        return total_bytes(self.values)


@dataclass(eq=False)
class UndoLog:
    """The changes of one session, oldest first, and the values that wait on the host.

    Attributes
    ----------
    done, undone
        The changes.
    parked
        What the session held when it was closed; None while it is open.
    shelved
        What retired variables hold.
    """

    done: list[Change] = field(default_factory=list)
    undone: list[Change] = field(default_factory=list)
    parked: Values | None = None
    shelved: Values = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """Bytes of the values that wait on the host, which are promised."""
        return total_bytes(self.parked or {}) + total_bytes(self.shelved)

    @property
    def nbytes(self) -> int:
        """Bytes of host memory."""
        return self.waiting + sum(change.nbytes for change in (*self.done, *self.undone))


class UndoBudget:
    """What all sessions together may keep on the host.

    Values that wait are promised and never dropped; changes are, oldest first. Any thread may call;
    the lock guards the logs' lists and is held for no longer than it takes to change them.

    Parameters
    ----------
    limit
        Gives the budget in bytes.
    """

    def __init__(self, limit: Callable[[], int]) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._logs: weakref.WeakSet[UndoLog] = weakref.WeakSet()
        self._serials = itertools.count(1)

    def new_log(self) -> UndoLog:
        """Return the log of a new session; it counts for as long as the session keeps it."""
        log = UndoLog()
        with self._lock:
            self._logs.add(log)
        return log

    def room_for(self, nbytes: int) -> bool:
        """Whether so many bytes fit beside what waits."""
        with self._lock:
            waiting = sum(log.waiting for log in self._logs)
        return nbytes + waiting <= self._limit()

    def record(self, log: UndoLog, what: str, values: Values, execution: Execution | None) -> bool:
        """Keep values that are about to be overwritten.

        What one execution overwrites by the same means is one change: undo goes back to before
        the cell, not into the middle of its loop.

        Returns
        -------
        bool
            Whether they fit into the budget.
        """
        if not self.room_for(total_bytes(values)):
            return False
        with self._lock:
            last = log.done[-1] if log.done else None
            if last and execution and last.execution is execution and last.what == what:
                last.values = {**values, **last.values}
            elif values:
                log.done.append(Change(what, values, execution, next(self._serials)))
            log.undone.clear()
        self._trim()
        return True

    def move(self, log: UndoLog, change: Change, values: Values, *, undo: bool) -> None:
        """Note that `change` was undone (or redone) when the variables held `values`."""
        reverse = Change(change.what, values, change.execution, next(self._serials))
        with self._lock:
            taken, given = (log.done, log.undone) if undo else (log.undone, log.done)
            taken.remove(change)
            given.append(reverse)
        self._trim()

    def _trim(self) -> None:
        with self._lock:
            while sum(log.nbytes for log in self._logs) > self._limit():
                logs = [log for log in self._logs if log.done or log.undone]
                if not logs:
                    return
                oldest = min(logs, key=_oldest)
                (oldest.done or oldest.undone).pop(0)


def _oldest(log: UndoLog) -> int:
    return min(change.serial for change in (*log.done, *log.undone))

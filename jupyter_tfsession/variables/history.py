"""How the values of variables went: a few numbers each, of those that were looked at."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LENGTH = 240
"""How many points of a variable are kept."""

_VARIABLES = 4_000


@dataclass(frozen=True)
class Point:
    """A variable at one moment.

    Attributes
    ----------
    run
        How many runs of its session there had been.
    time
        In seconds since 1970.
    cell
        The number of the cell that wrote it last, such as ``[7]``.
    value
        The value of a scalar, the norm of anything else.
    """

    run: int
    time: float
    cell: str
    value: float


class History:
    """The latest points of one session's variables; any thread may add and ask.

    The lock guards the table and is held for no longer than it takes to look something up.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._points: dict[str, deque[Point]] = {}

    def add(self, points: Iterable[tuple[str, Point]]) -> None:
        """Keep points by variable name; one of the same run as the last replaces it."""
        with self._lock:
            for name, point in points:
                known = self._points.pop(name, None)
                if known is None:
                    known = deque(maxlen=LENGTH)
                elif known[-1].run == point.run:
                    known.pop()
                known.append(point)
                self._points[name] = known  # now the one that was looked at last
            while len(self._points) > _VARIABLES:
                del self._points[next(iter(self._points))]

    def of(self, name: str) -> list[Point]:
        """Return the points of a variable, oldest first."""
        with self._lock:
            return list(self._points.get(name, ()))

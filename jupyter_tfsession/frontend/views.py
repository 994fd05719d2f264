"""The views that are there, and what each has been sent."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.frontend.protocol import State
    from jupyter_tfsession.frontend.protocol.requests import Subscribe
    from jupyter_tfsession.frontend.protocol.variables import Reading, Row

LEASE: Final = 60.0
"""Seconds after which a view that is not heard of is forgotten."""

_MOST: Final = 64


@dataclass(eq=False)
class View:
    """A view somewhere in a front end.

    Attributes
    ----------
    name
        What the front end calls it; "" is what a widget has displayed by itself.
    send
        Sends a message to it, from any thread.
    wants
        Its subscription.
    answers
        Whether it is heard also while a cell is running.
    heard
        When it was heard of, on the monotonic clock.
    state_due, due
        When its next state and readings are due, on that clock.
    graph, state, rows, readings
        What it was sent last: whose variables, and what of them.
    made_of, moment
        What the rows and the readings were made of.
    looked_for
        The subscription that it had when it was last sent readings.
    steps
        The number of variables, and which of them are step counters.
    """

    name: str
    send: Callable[[dict[str, Any]], None]
    wants: Subscribe
    answers: Literal["now", "after_cell"]
    heard: float
    state_due: float = 0.0
    due: float = 0.0
    graph: int | None = None
    state: State | None = None
    rows: dict[int, Row] = field(default_factory=dict)
    readings: dict[int, Reading] = field(default_factory=dict)
    made_of: object = None
    moment: object = None
    looked_for: object = None
    steps: tuple[int, list[int]] = (0, [])

    def begin_with(self, graph: int | None) -> None:
        """Forget what was sent of another graph."""
        if self.graph != graph:
            self.graph = graph
            self.rows, self.readings = {}, {}
            self.made_of = self.moment = None
            self.steps = (0, [])


class Views:
    """The views by name; any thread may add and drop them.

    The lock guards the table and is held for no longer than it takes to change it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._views: dict[str, View] = {}
        self._outlets: dict[str, Callable[[dict[str, Any]], None]] = {}

    def connect(self, name: str, send: Callable[[dict[str, Any]], None]) -> None:
        """Have what a view subscribes to, now or later, sent by `send`."""
        with self._lock:
            self._outlets[name] = send
            while len(self._outlets) > _MOST:
                self._outlets.pop(next(iter(self._outlets)))

    def outlet(self, name: str) -> Callable[[dict[str, Any]], None] | None:
        """Return what sends to a view, if it is connected."""
        return self._outlets.get(name)

    def subscribe(
        self,
        name: str,
        send: Callable[[dict[str, Any]], None],
        wants: Subscribe,
        answers: Literal["now", "after_cell"],
    ) -> None:
        """Note what a view wants; it is sent the rest of it, not all once more."""
        now = time.monotonic()
        with self._lock:
            view = self._views.pop(name, None) or View(name, send, wants, answers, now)
            if view.wants.globs != wants.globs or view.wants.graph != wants.graph:
                view.begin_with(-1)
            elif wants.rows != view.wants.rows or wants.detail != view.wants.detail:
                view.moment = None
            view.send, view.wants, view.answers, view.heard = send, wants, answers, now
            view.due = view.state_due = 0.0
            self._views[name] = view
            while len(self._views) > _MOST:
                del self._views[next(iter(self._views))]

    def drop(self, name: str) -> None:
        """Send a view nothing more."""
        with self._lock:
            self._views.pop(name, None)
            self._outlets.pop(name, None)

    def unsubscribe(self, name: str) -> None:
        """Send a view nothing more until it subscribes again."""
        with self._lock:
            self._views.pop(name, None)

    def look_again(self) -> None:
        """Have every view's readings taken at once: something was changed."""
        for view in self.all():
            view.moment = None
            view.due = view.state_due = 0.0

    def all(self) -> list[View]:
        """Return the views."""
        with self._lock:
            return list(self._views.values())

    def alive(self, *, busy: bool) -> list[View]:
        """Return the views that were heard of lately, and forget the others.

        Parameters
        ----------
        busy
            Whether a cell is running, so that some views cannot be heard.
        """
        now = time.monotonic()
        with self._lock:
            for view in list(self._views.values()):
                if busy and view.answers == "after_cell":
                    view.heard = now
                elif now - view.heard > LEASE:
                    del self._views[view.name]
            return list(self._views.values())

    def clear(self) -> list[View]:
        """Drop all views and return them."""
        with self._lock:
            views = list(self._views.values())
            self._views.clear()
            self._outlets.clear()
            return views

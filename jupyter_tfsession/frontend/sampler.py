"""Sending views what changes, also while a cell is running.

The sampler is a thread that exists while a view is subscribed and at no other time. It looks at
sessions as they are: it opens none, adds no operation, takes no unfinished part of a graph into a
session, never consults its own default graph or session, and never prints.
"""

from __future__ import annotations

import contextlib
import heapq
import logging
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from jupyter_tfsession import tf_internals
from jupyter_tfsession.features import nothing, raised_by_tensorflow
from jupyter_tfsession.frontend import tables
from jupyter_tfsession.frontend.generations import generation
from jupyter_tfsession.frontend.protocol import VERSION, Ended, Readings, State, Table
from jupyter_tfsession.frontend.protocol.types import MAX_ROWS
from jupyter_tfsession.frontend.states import LARGE, unplaced_in
from jupyter_tfsession.graphs.stale import stale_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_tfsession.extension import Extension
    from jupyter_tfsession.frontend.protocol import Event
    from jupyter_tfsession.frontend.protocol.variables import Row
    from jupyter_tfsession.frontend.states import States
    from jupyter_tfsession.frontend.views import View, Views
    from jupyter_tfsession.inspection.readings import Reading
    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.variables.catalogue import VariableRecord

logger = logging.getLogger("jupyter_tfsession")

NAME: Final = "jupyter_tfsession sampler"

_SHARE: Final = 0.01  # of the time may be spent on states, and as much on readings
_LONGEST_WAIT: Final = 15.0
_SIGN_OF_LIFE: Final = 15.0  # seconds; what front ends wait for is in transport/anywidget.ts
_UNDER_WAY: Final = float("inf")
_FIRST: Final = 100  # of many variables, by name
_BIG_SECONDS: Final = 0.02  # at a time, for variables that are read one by one


class Sight(NamedTuple):
    """What there is to be seen of a session at one moment.

    Attributes
    ----------
    live
        The session.
    records
        All its variables.
    shown
        Those of them, by number, that a view asks for.
    generation
        What requests of the view have to name.
    """

    live: LiveSession
    records: list[VariableRecord]
    shown: list[int]
    generation: int


class Sampler:
    """Takes readings for views and sends them.

    Any thread may wake it; all else happens on its own thread.
    """

    def __init__(self, extension: Extension, views: Views, states: States) -> None:
        self._extension = extension
        self._views = views
        self._states = states
        self._lock = threading.Lock()  # guards _thread, for no longer than starting one takes
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._costs: deque[float] = deque([0.0], maxlen=3)
        self._state_costs: deque[float] = deque([0.0], maxlen=3)
        self._round = extension.features.fails_open(
            "live", self._send_due, nothing, passes=lambda _error: False
        )

    def wake(self) -> None:
        """Look at once; starts the thread where there is none."""
        with self._lock:
            self._wake.set()
            if self._thread is None and self._extension.features.is_on("live"):
                self._thread = threading.Thread(target=self._live, name=NAME, daemon=True)
                self._thread.start()

    def _live(self) -> None:
        while True:
            with self._lock:
                if not self._views.alive(busy=self._busy()) or not self._is_on():
                    self._thread = None
                    return
            self._round()
            self._wake.wait(self._until_due())
            self._wake.clear()

    def _is_on(self) -> bool:
        return self._extension.started and self._extension.features.is_on("live")

    def _busy(self) -> bool:
        return self._extension.cells.current is not None

    def _until_due(self) -> float:
        dues = [min(view.due, view.state_due) for view in self._views.all()]
        return max(min(dues, default=0.0) - time.monotonic(), 0.05)

    def _send_due(self) -> None:
        """Send the views whose time it is what has changed."""
        assert threading.current_thread().name == NAME  # noqa: S101 - see above
        for view in self._views.all():
            if view.state_due <= time.monotonic():
                begun, view.state_due = self._spent(view), _UNDER_WAY
                self._send(view, self._changed_state(view))
                view.state_due = self._next(view, view.state_due, begun, self._state_costs)
            if view.due <= time.monotonic():
                begun, view.due = self._spent(view), _UNDER_WAY
                if not view.wants.paused:
                    self._send(view, self._changes(view))
                view.due = self._next(view, view.due, begun, self._costs)

    def _spent(self, view: View) -> float:
        """Return the seconds that this thread has spent on anything but preparing.

        While it waits for its turn, the training goes on.
        """
        live = self._states.find(view.wants.graph)
        prepared = self._extension.inspector.preparing(live) if live is not None else 0.0
        return time.thread_time() - prepared

    def _next(self, view: View, due: float, begun: float, costs: deque[float]) -> float:
        """Return when to look again, so that looking takes no more than its share of the time.

        The cheapest of the last three looks counts: rows, for one, are made once. Where something
        was asked for during this look, it is at once.
        """
        costs.append(max(self._spent(view) - begun, 0.0))
        wait = min(min(costs) * (1 / _SHARE - 1), _LONGEST_WAIT)
        return min(due, time.monotonic() + max(view.wants.interval, wait))

    def _send(self, view: View, events: Iterator[Event]) -> None:
        try:
            with tf_internals.graph_as_it_is():
                for event in events:
                    view.send(msgspec.to_builtins(event))
        except OSError:  # its comm is gone
            self._views.drop(view.name)
        except Exception as error:
            if not raised_by_tensorflow(error):
                raise
            logger.debug("could not look", exc_info=True)  # such as: closed meanwhile

    def _changed_state(self, view: View) -> Iterator[Event]:
        """Yield the state where it has changed, or while a cell is running as a sign of life.

        A kernel that ends while a cell is running says nothing, and in front ends other than
        JupyterLab nobody else does.
        """
        state, sent = self._states.state(view.answers), view.state
        if sent is not None and _same(state, sent):
            silent = state.time - sent.time
            if not state.busy or 0 <= silent < _SIGN_OF_LIFE:
                return
        view.state = state
        yield state

    def _changes(self, view: View) -> Iterator[Event]:
        """Yield what has changed of the variables since a view was sent something."""
        wants = view.wants
        live = self._states.find(wants.graph)
        view.begin_with(live.serial if live is not None else None)
        if live is None:
            return
        records = tables.numbered(live)
        shown = tables.matching(live, records, view.wants.globs)
        sight = Sight(live, records, shown, generation(live))
        # Rows before what they hold; but many rows take longer than what is in sight may wait.
        if view.made_of is None or len(shown) <= MAX_ROWS:
            yield from self._tables(view, sight)
        moment = live.runs_begun, live.last_stamp[1], sight.generation, self._extension.cells.begun
        if moment != view.moment or self._under_way(live):
            view.moment = moment
            yield from self._readings(view, sight)
        yield from self._tables(view, sight)
        # What nobody looks at comes last, a block at a time, when no cell wants the processors, and
        # not before a view that was just subscribed has said what it shows.
        if view.looked_for is wants and not self._busy():
            self._extension.inspector.prepare(live, unplaced_in(live))
        view.looked_for = wants

    def _readings(self, view: View, sight: Sight) -> Iterator[Event]:
        """Yield what the variables that a view shows hold now, where that is not as it was."""
        wants, live, records = view.wants, sight.live, sight.records
        for part in [wants.rows] if wants.rows is not None else _parts(records, sight.shown):
            if view.wants is not wants:
                view.moment = None  # it has moved on
                return
            chosen = {v for v in part if v < len(records)}
            taken = self.take(live, sorted(chosen.union(_steps(view, records))), records)
            fresh = [
                reading
                for reading in taken.readings
                if reading.variable in chosen and view.readings.get(reading.variable) != reading
            ]
            view.readings.update((reading.variable, reading) for reading in fresh)
            if fresh:
                taken.readings, taken.view = fresh, view.name
                yield taken
        if view.wants.detail is not None and view.wants.detail < len(records):
            inspector, now = self._extension.inspector, sight.generation
            yield tables.detail(live, inspector, view.wants.detail, now, view=view.name)

    def _tables(self, view: View, sight: Sight) -> Iterator[Table]:
        live, records, shown, now = sight
        made_of = now, live.plans.catalogue.signature, len(stale_in(live.graph))
        if view.made_of == made_of:
            return
        made = tables.rows(live, self._extension.inspector, ((v, records[v]) for v in shown))
        part: list[Row] = []
        for row in made:
            known = view.rows.get(row.variable)
            if known is None or not _same_row(row, known):
                view.rows[row.variable] = row
                part.append(row)
            if len(part) == MAX_ROWS:
                yield tables.table(live, now, len(shown), part, view.name)
                part = []
        if part or (not shown and view.made_of is None):
            yield tables.table(live, now, len(shown), part, view.name)
        view.made_of = made_of

    def take(self, live: LiveSession, wanted: list[int], records: list[VariableRecord]) -> Readings:
        """Read variables, and tell whether something ran meanwhile."""
        begun, ended = live.runs_begun, live.last_stamp[1]
        inspector = self._extension.inspector
        found: list[Reading] = inspector.read(
            live, [records[v] for v in wanted], exact=False, seconds=_BIG_SECONDS
        )
        return Readings(
            version=VERSION,
            view="",
            graph=live.serial,
            generation=generation(live),
            time=time.time(),
            run=ended,
            torn=begun > ended or live.runs_begun != begun,
            readings=[
                tables.reading(variable, read) for variable, read in zip(wanted, found, strict=True)
            ],
        )

    def _under_way(self, live: LiveSession) -> bool:
        """Whether a run that may write goes on, or runs that nobody counts may."""
        return live.runs_begun > live.last_stamp[1] or not self._extension.features.is_on("guard")

    def snapshot(self, live: LiveSession, globs: list[str]) -> tuple[list[Table], list[Readings]]:
        """Return the first rows, and their readings unless it takes long; on the cell's thread."""
        records = tables.numbered(live)
        shown = tables.matching(live, records, globs)
        first = shown[:MAX_ROWS]
        inspector = self._extension.inspector
        made = tables.rows(live, inspector, ((v, records[v]) for v in first))
        table = tables.table(live, generation(live), len(shown), list(made))
        if len(records) > LARGE:
            return [table], []
        with tf_internals.graph_as_it_is():
            return [table], [self.take(live, _parts(records, shown)[0], records)]

    def end(self, because: str) -> None:
        """Tell every view that nothing more will come, and stop."""
        for view in self._views.clear():
            with contextlib.suppress(OSError):  # it is gone already
                view.send(msgspec.to_builtins(Ended(version=VERSION, because=because)))
        self._wake.set()


def _steps(view: View, records: list[VariableRecord]) -> list[int]:
    """Return the step counters, which the state tells of whichever rows are in sight."""
    if view.steps[0] != len(records):
        steps = [v for v, record in enumerate(records) if "global_step" in record.collections]
        view.steps = len(records), steps
    return view.steps[1]


def _parts(records: list[VariableRecord], shown: list[int]) -> list[list[int]]:
    """Return the variables to read for a view that does not say which, those on top first."""
    if len(shown) <= _FIRST:
        return [shown]
    first = heapq.nsmallest(_FIRST, shown, key=lambda variable: records[variable].name)
    return [first] if len(shown) > MAX_ROWS else [first, sorted(set(shown).difference(first))]


def _same(one: State, other: State) -> bool:
    return msgspec.structs.replace(one, time=other.time) == other


def _same_row(one: Any, other: Any) -> bool:
    return msgspec.structs.replace(one, history=other.history) == other  # type: ignore[no-any-return]

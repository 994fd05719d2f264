"""The registry: one session per graph, alive as long as its graph.

A session refers strongly to its graph, so that any table from graphs to sessions would keep both
alive. Here the graph itself holds its session; the registry knows the sessions only weakly.
"""

from __future__ import annotations

import copy
import itertools
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_internals
from jupyter_tfsession.features import UserError, nothing
from jupyter_tfsession.sessions import config as configs
from jupyter_tfsession.sessions.defaults import KernelDefault, collect_garbage
from jupyter_tfsession.sessions.guard import InitializerGuard, forget_loop
from jupyter_tfsession.sessions.live import LiveSession
from jupyter_tfsession.sessions.managed import live_of, session_classes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jupyter_tfsession.cells import CellTracker, Execution
    from jupyter_tfsession.features import Features
    from jupyter_tfsession.notices import Notices
    from jupyter_tfsession.settings import TFSession
    from jupyter_tfsession.snapshots.undo import UndoBudget

_HELD_AS = "_jupyter_tfsession"


class ForkedError(UserError, RuntimeError):
    """TensorFlow is used in a process that was forked from the kernel."""

    def __init__(self) -> None:
        super().__init__(
            "TensorFlow's sessions do not survive fork(), and this process was forked from the "
            "kernel: start it with multiprocessing's 'spawn' method; the kernel's sessions are "
            "untouched"
        )


class Registry:
    """All the managed sessions of a kernel.

    Any thread may open sessions; the lock guards their creation.

    Attributes
    ----------
    active
        Whether the extension is loaded; sessions that the notebook still holds run plainly if not.
    planned
        Told of the graph whenever fetches are run that were never run before.
    overdue
        Told of a session after so many runs as `every_runs` was told.
    runs_between_saves
        How many these are.
    first_config
        What the process's first session was opened with: parts of it hold for all later ones.
    """

    def __init__(
        self,
        settings: TFSession,
        cells: CellTracker,
        notices: Notices,
        features: Features,
        budget: UndoBudget,
    ) -> None:
        self.cells = cells
        self.say = features.fails_open("notices", notices.say, nothing)
        self.instead_of = features.fails_open("evaluate", self._instead_of, nothing)
        self._shelve = features.fails_open("undo", LiveSession.shelve, nothing)
        self.closing = features.fails_open("sessions", self._closing, nothing)
        self.features = features
        self.budget = budget
        self.active = False
        self.guard = InitializerGuard(lambda: settings.guard, cells, features, notices, budget)
        self._lock = threading.RLock()
        self.planned: Callable[[Any], None] = nothing
        self.overdue: Callable[[LiveSession], None] = nothing
        self.runs_between_saves = sys.maxsize
        self._sessions: weakref.WeakSet[Any] = weakref.WeakSet()
        self._serials = itertools.count(1)
        self._default = KernelDefault()
        self.first_config: Any | None = None
        self._opened_new = self._gone = False
        self._default_graph: weakref.ref[Any] | None = None
        self._forked = False
        self.plain: Any = None
        self._engine_class: Any = None
        self.classes: tuple[Any, Any] = (None, None)

    def stand_ins(self) -> list[tuple[Any, Any]]:
        """Return TensorFlow's session classes, each with the one to put in its place.

        They are the same ones every time.
        """
        if self.plain is None:
            self.plain, interactive = tf_internals.session_classes()
            self._engine_class = tf_internals.engine_class(self.plain)
            self.classes = session_classes(
                self.plain, interactive, self._open_plainly, self._open_interactive
            )
            self.classes[0].reset = staticmethod(self._reset)
        return [(stand_in.original, stand_in) for stand_in in self.classes]

    # Opening.

    def _open_plainly(self, target: Any, graph: Any, config: Any) -> Any:
        session = self._open(target, graph, config)
        return session if session is not None else self.plain(target, graph, config)

    def _open_interactive(self, target: Any, graph: Any, config: Any) -> Any:
        session = self._open(target, graph, config)
        if session is None:
            return self.classes[1].original(target, graph, config)
        attempt = self.features.fails_open("sessions", self._make_default, nothing)
        default = attempt(session, graph)
        return default if default is not None else self.classes[1].original(target, graph, config)

    def _make_default(self, session: Any, graph: Any) -> Any | None:
        self._default.set(session, graph)
        self.live(session.graph).interactive = True
        return session

    def _open(self, target: Any, graph: Any, config: Any) -> Any | None:
        """Return the session for a call of ``tf.Session``; None where TensorFlow has to answer."""
        import tensorflow as tf

        if self._forked:
            raise ForkedError
        right = isinstance(graph, (tf.Graph, type(None))) and isinstance(
            config, (tf.compat.v1.ConfigProto, type(None))
        )
        ours = target is None or target in ("", b"")  # what lives on a server is the server's
        if not (ours and right):
            return None
        attempt = self.features.fails_open("sessions", self._open_managed, nothing)
        own = tf.compat.v1.get_default_graph() if graph is None else graph
        return attempt(own, config, explicit=graph is not None)

    def _open_managed(self, graph: Any, config: Any, *, explicit: bool) -> Any | None:
        live, execution = self.live(graph), self.cells.current
        live.explicit = explicit
        if config is not None and live.requested != config:
            live.reconfigure(copy.deepcopy(config))  # the notebook may edit its own
        elif live.is_open:
            self._say_reused(live, execution)
            if live.consumed and execution and live.serial not in execution.opened:
                live.reconfigure(live.requested, why="so that iterators and queues begin anew")
        live.open()
        if execution is not None:
            execution.opened.add(live.serial)
        return self.get(graph)

    def _say_reused(self, live: LiveSession, execution: Execution | None) -> None:
        """Say so the first time that a cell gets a session which an earlier one opened."""
        if not live.reuse_said and execution and live.serial not in execution.opened:
            live.reuse_said = True
            self.say(
                f"reused the open session of {live.name}, with its values. "
                "%tfsession close --discard gives an empty one"
            )

    def get_or_create(self, graph: Any) -> Any:
        """Return the session of `graph`; exactly one, whatever number of threads ask."""
        with self._lock:
            session = self.get(graph)
            if session is None:
                live = LiveSession(self, graph, next(self._serials))
                session = self.classes[0].of(live)
                setattr(graph, _HELD_AS, session)
                self._sessions.add(session)
                self._opened_new = True
            return session

    def live(self, graph: Any) -> LiveSession:
        """Return what `get_or_create` returns, as this package sees it."""
        live: LiveSession = live_of(self.get_or_create(graph))  # type: ignore[assignment]  # is one
        return live

    def get(self, graph: Any) -> Any | None:
        """Return the session of `graph` if it has one."""
        return getattr(graph, _HELD_AS, None)

    def sessions(self) -> list[LiveSession]:
        """Return the sessions, oldest first."""
        return sorted(
            filter(None, map(live_of, list(self._sessions))), key=lambda live: live.serial
        )

    def every_runs(self, count: int) -> None:
        """Have `overdue` told of every session after so many runs from now on; never if 0."""
        self.runs_between_saves = count or sys.maxsize
        for live in self.sessions():
            live.due = live.runs_begun + count if count else sys.maxsize

    def new_engine(self, graph: Any, config: Any, *, pruned: bool) -> Any:
        """Open a plain session of `graph`."""
        if self._forked:
            raise ForkedError
        asked = configs.effective(config, pruned=pruned)
        engine = self._engine_class("", graph, asked)
        with self._lock:
            self.first_config = self.first_config or asked
        return engine

    def redefined(self, graph: Any, names: set[str]) -> None:
        """Note that the initial values of variables were edited."""
        self.live(graph).redefined |= names

    def retired(self, graph: Any, names: Sequence[str]) -> None:
        """Release the memory of variables that no cell makes any more."""
        live = live_of(self.get(graph))
        if live is not None:
            self._shelve(live, names)

    def revived(self, operation: Any) -> None:
        """Bring the value of a variable back that a cell makes again."""
        live = live_of(self.get(operation.graph))
        if live is not None and operation.name in live.log.shelved:
            live.unshelve({operation.name})

    def renamed(self, graph: Any) -> None:
        """Work out anew what is run by name, since names stand for other operations now."""
        live = live_of(self.get(graph))
        if live is not None:
            live.forget_plans()

    def rewired(self, graph: Any) -> None:
        """Have the session opened anew, which knows an edited loop only as it was."""
        live = live_of(self.get(graph))
        if live is not None and live.is_open:
            live.outdated = True
            live.forget_plans()  # so that the next run looks

    # What belongs to another graph.

    def _instead_of(self, live: LiveSession, graph: Any) -> LiveSession | None:
        """Return the session to run in when all that `live` is to run belongs to `graph`.

        There is none for what is inside of a function, which no session can run.
        """
        if live.explicit or not self.active or graph.building_function:
            return None
        other = self.live(graph)
        self.say(
            f"ran in the session of {other.name}, the graph that this belongs to "
            f"(the session used is that of {live.name})",
            once=f"foreign {other.serial}",
        )
        return other

    def evaluator(self, default: Any, graph: Any) -> Any | None:
        """Return the session in which ``t.eval()`` runs when the default is of another graph."""
        live = live_of(default)
        if live is None or self.instead_of(live, graph) is None:
            return None
        return self.get(graph)

    # Closing.

    def _closing(self, session: Any) -> None:
        """Note that the notebook closes a session: it is no default any more."""
        self._default.clear(session)

    def _reset(self, target: Any, containers: Any = None, config: Any = None) -> None:
        """Do ``tf.Session.reset``, which closes every session of the process.

        Ours are closed in order first, so that their values come back.
        """
        if not target:
            for live in self.sessions():
                if live.is_open:
                    live.close()
        self.plain.reset(target, containers, config)

    def cell_finished(self) -> None:
        """Tidy up after a cell; called on its thread."""
        if self.plain is None or not self._sessions:
            return
        self._end_executions()
        self._default.follow_reset()
        # Of those that are closed only memory of the host is left.
        others = sum(live.is_open for live in self.sessions()) > 1
        opened, self._opened_new = self._opened_new and others, False
        gone, self._gone = self._gone or self._default_was_reset(), False
        if gone or opened:
            # Nothing here may hold a session now, not even a local name.
            collect_garbage(self._default)

    def cell_begun(self) -> None:
        """Have the first run of each callable note the cell that it belongs to."""
        for live in self.sessions():
            live.unready()

    def _end_executions(self) -> None:
        execution = self.cells.current
        forget_loop(execution)
        for live in self.sessions():
            live.pending.clear()
            last, run = live.last_stamp
            if execution is not None and execution.stopped and last is execution:
                self.say(
                    f"stopped after run {run} of {live.name}: its variables are as that run left "
                    "them, and the session goes on from there"
                )
            self.features.fails_open("guard", live.ledger.settle, nothing)(live.plans)

    def _default_was_reset(self) -> bool:
        """Whether the default graph is another one than at the last cell's end."""
        graph = tf_internals.global_default_graph()
        was = self._default_graph
        self._default_graph = weakref.ref(graph) if graph is not None else None
        return was is not None and was() is not graph

    # Sections.

    def default_graph(self) -> Any | None:
        """Return the notebook's default graph if there is one: none given with a session."""
        return self._default.beneath() if self.plain is not None else None

    def default_session(self) -> tuple[Any, Any] | None:
        """Return the kernel's default session and the graph given with it, if there is one."""
        return self._default.held()

    def left(self, *, gone: bool) -> None:
        """Note what became of a graph that was the default: it waits, or may be collected."""
        self._default_graph = None
        self._gone = self._gone or gone

    def switch(self, graph: Any | None, session: tuple[Any, Any] | None) -> None:
        """Make a graph the default one, and what `default_session` has returned the session."""
        self._default.clear()
        tf_internals.set_global_default_graph(graph)
        if session is not None:
            self._default.set(*session)
        self._default_graph = weakref.ref(graph) if graph is not None else None

    def forked(self) -> None:
        """Make every session refuse to work in this process, a fork of the kernel's.

        TensorFlow's threads and locks do not survive a fork: using a session would hang. Not even
        deleting one is safe, so the engines are kept, never to be used.
        """
        self._forked = True
        self._lock = threading.RLock()  # another thread may have held it
        for live in self.sessions():
            live.abandon()

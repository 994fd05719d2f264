"""The life of one graph's session: opened, closed with its values kept, opened again.

What a session runs in, a plain TensorFlow session, is called its *engine* and comes and goes. Any
number of threads may run; each holds the engine that it runs in, so that TensorFlow deletes no
session in which something runs. The lock guards the exchange of engines and is never held while
user code or ``Session.run`` of the user's fetches is executed.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from jupyter_tfsession import tf_internals
from jupyter_tfsession.displays import counted, human_bytes
from jupyter_tfsession.features import first_line, is_tensorflows, nothing
from jupyter_tfsession.sessions import config as configs
from jupyter_tfsession.sessions.gate import BusyError, Gate
from jupyter_tfsession.sessions.holding import HoldingSession
from jupyter_tfsession.sessions.per_engine import Made, PerEngine
from jupyter_tfsession.sessions.shelf import unshelve
from jupyter_tfsession.sessions.starting import Started
from jupyter_tfsession.sessions.state import state_in
from jupyter_tfsession.sessions.telling import opened_again, opened_anew
from jupyter_tfsession.variables import values

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.sessions.registry import Registry

_BUDGET: Final = "%config TFSession.undo_bytes"

LOST = "its values are lost"
"""What `LiveSession.close` says when the values do not wait on the host."""


class ReopeningSession(HoldingSession):
    """The session of one graph, but for its running.

    Attributes
    ----------
    name
        What the user calls the graph.
    requested
        The configuration that the notebook asked for, None if it asked for none.
    pruned
        Only the part of the graph that is run is placed, since there is an operation in it that
        cannot be: it would spoil all others.
    explicit
        The notebook opened the session with ``graph=``.
    interactive
        The notebook opened it as ``tf.InteractiveSession`` at least once.
    reuse_said
        The user knows that cells share the session.
    outdated
        An operation that the engine knows was rewired since, which TensorFlow's sessions ignore.
    aside
        It was parked, and opens again without a word.
    consumed
        Something was run that a new session would begin anew: a one-shot iterator, the closing of a
        queue.
    started
        Tables and iterators.
    gate
        What runs pass that write variables.
    due
        The number of the run after which autosave looks at the session.
    snapshots
        How many snapshots were taken of it.
    redefined
        Names of variables whose initial values were edited since they were initialized.
    notes
        What looks at the session keeps with it, by room.
    """

    def __init__(self, registry: Registry, graph: Any, serial: int) -> None:
        super().__init__(registry, graph, serial)
        self.name = f"graph-{serial}"
        self.requested: Any | None = None
        self.pruned = False
        self._handed_over = 0  # how many operations the engine has been told of
        self.explicit = self.interactive = False
        self.reuse_said = self.aside = False
        self.outdated = self.consumed = False
        self.redefined: set[str] = set()
        self.started = Started()
        self.gate = Gate()
        self.due = registry.runs_between_saves
        self.snapshots = 0
        self.notes: dict[str, Any] = {}
        self._lock = threading.RLock()
        self._per_engine: WeakSet[PerEngine[Any]] = WeakSet()
        attempt = registry.features.fails_open
        self._keep_apart = attempt("sessions", self._hand_over, nothing)
        self.place_whole_graph = attempt("undo", self._place_whole, nothing)

    # The engine: opened when it is needed.

    def open(self) -> None:
        """Open the TensorFlow session if there is none; what is in the graph it learns at a run.

        A cell that opens it may still build: TensorFlow warns of operations that change once a
        session knows them. The values that the session had when it was closed come back with it.
        """
        if self.outdated:
            self.outdated = False
            self.reconfigure(self.requested, why="since a loop was edited")
        with self._lock:
            if self.open_engine is None:
                engine = self.registry.new_engine(self.graph, self.requested, pruned=self.pruned)
                self._unpark(engine)
                self._begin_anew()
                # Only now: other threads run in what is here without asking for the lock.
                self.open_engine = engine

    def engine(self) -> Any:
        """Return the TensorFlow session to run in, opened if there is none."""
        self.open()
        self.keep_up()
        return self.open_engine

    def keep_up(self) -> None:
        """Have the open engine know what was added to the graph, and be one that can run then."""
        if not self.pruned and self._handed_over != self.graph.version:
            self._keep_apart()

    def _hand_over(self) -> None:
        """See whether TensorFlow can place the graph, and place only what is run if not.

        One operation that cannot be placed makes every run of a session fail, whatever it fetches.
        """
        version, engine = self.graph.version, self.open_engine
        try:
            if tf_internals.hand_over(engine):
                self._handed_over = version
        except Exception as error:  # noqa: BLE001 - the run that is to come says so
            if self.open_engine is engine and is_misplaced(error):
                why = "so that what cannot be placed fails alone"
                with tf_internals.graph_as_it_is():  # all that is left of the old one
                    self.reconfigure(self.requested, pruned=True, why=why)

    def _begin_anew(self) -> None:
        self.consumed = False
        self._handed_over = 0
        self.forget_plans()  # they tell what is consumed when they are made

    def _place_whole(self) -> None:
        """Open the session anew so that partial runs work in it, if they do not yet."""
        if self.pruned:
            self.reconfigure(self.requested, pruned=False)

    def per_engine(self, make: Callable[[Any], Made]) -> PerEngine[Made]:
        """Return what is made for each engine, and let go of when the engine is exchanged."""
        made = PerEngine(self, make)
        with self._lock:
            self._per_engine.add(made)
        return made

    def _let_go(self) -> None:
        self.open_engine = None
        self.unready()
        self._let_go_of_made()

    def _let_go_of_made(self) -> None:
        for made in self._per_engine:
            made.let_go()

    def reconfigure(
        self, config: Any, *, pruned: bool | None = None, why: str = "with the new config"
    ) -> None:
        """Open the session anew with another configuration, carrying the values over.

        When anything fails, the session stays as it is.
        """
        pruned = self.pruned if pruned is None else pruned
        engine = self.open_engine
        if engine is None:
            self.requested, self.pruned = config, pruned  # it opens with that when it is used
            return
        self.unshelve(set(self.log.shelved))
        carried = values.read(engine.run, self.holding())
        fresh = self.registry.new_engine(self.graph, config, pruned=pruned)
        records = self.plans.catalogue.records
        refused = values.write(fresh.run, ((records[name], v) for name, v in carried.items()))
        started = self.started.again(fresh.run)
        fixed = configs.unchangeable(self.registry.first_config, configs.effective(config))
        with self._lock:
            partial = self.pruned and not pruned
            self.open_engine, self.requested, self.pruned = fresh, config, pruned
            self._begin_anew()
            self._let_go_of_made()
            self.ledger.forget(refused)
        engine.close()
        if partial and not refused:
            return  # nothing that the notebook could notice
        why = "for partial runs" if partial else why
        count = len(carried) - len(refused)
        self.registry.say(opened_anew(self.name, why, count, refused, started, fixed))

    def close(self, *, discard: bool = False) -> str:
        """Release the device memory, keeping the values on the host if they fit the budget.

        Returns
        -------
        str
            What happened to the values, in one line.
        """
        if discard:
            self.started.clear()
        elif self.is_open:
            self.keep_up()  # or an operation that cannot be placed would cost all values
        engine = self.open_engine
        if engine is None:
            if discard and self.log.parked is not None:
                self.log.parked = None
                self.ledger.clear()
                return f"discarded the values of {self.name}"
            return f"the session of {self.name} is closed already"
        kept = self._park(engine, discard=discard)
        with self._lock:
            self._let_go()
        engine.close()
        return f"closed the session of {self.name}; {kept}"

    def park(self) -> str:
        """Let the engine go while the notebook is elsewhere; lose no value.

        Returns
        -------
        str
            Why it stays; empty otherwise. While another thread writes variables it stays, too, and
            this can be called again.
        """
        state = state_in(self.graph)
        if state:
            return f"it holds {state}, which would begin anew"
        self.keep_up()
        engine = self.open_engine
        if engine is None:
            return ""
        try:
            with self.gate.closed(0):
                unshelve(engine, self._records(set(self.log.shelved)), self.log.shelved)
                holding = self.holding(engine)
                size = sum(record.nbytes or 0 for record in holding)
                if not self.registry.budget.room_for(size):
                    return f"its {human_bytes(size)} exceed the undo budget ({_BUDGET})"
                self.log.parked = values.read(engine.run, holding) or None
                self.ledger.forget({r.name for r in holding} - (self.log.parked or {}).keys())
                self.aside = True
                with self._lock:
                    # Not closed: whoever runs in it holds it, and it ends with the last of them.
                    self._let_go()
        except BusyError:
            return ""
        except Exception as error:
            if not is_tensorflows(error):
                raise
            return first_line(error)
        return ""

    def lost(self) -> None:
        """Note that TensorFlow closed the engine behind our back: its values are gone."""
        with self._lock:
            self._let_go()
        self.ledger.clear()

    def abandon(self) -> None:
        """Never use or delete the engine again: this process is a fork of the kernel's."""
        self._lock = threading.RLock()  # another thread may have held it
        if self.open_engine is not None:
            tf_internals.disown(self.open_engine)  # and let go of nothing that was made for it
        self.open_engine = None
        self.unready()

    def _park(self, engine: Any, *, discard: bool) -> str:
        try:
            unshelve(engine, self._records(set(self.log.shelved)), self.log.shelved)
            holding = self.holding(engine)
            size = sum(record.nbytes or 0 for record in holding)
            if discard or not holding:
                self.ledger.clear()
                return "its values are discarded" if discard else "no variable held a value"
            if not self.registry.budget.room_for(size):
                self.ledger.clear()
                return f"{LOST}: {human_bytes(size)} exceed the undo budget ({_BUDGET})"
            self.log.parked = values.read(engine.run, holding)
        except Exception as error:  # noqa: BLE001 - closing must work in whatever state
            self.ledger.clear()
            if not is_tensorflows(error):
                self.registry.features.failed("undo", error)
            return f"{LOST}: {first_line(error)}"
        self.ledger.forget({record.name for record in holding} - self.log.parked.keys())
        count = counted(len(self.log.parked), "variable")
        return f"the values of {count} ({human_bytes(size)}) wait on the host"

    def _unpark(self, engine: Any) -> None:
        parked, self.log.parked = self.log.parked, None
        if parked is None:
            started = self.started.again(engine.run)
            if started:
                self.registry.say(opened_again(self.name, 0, {}, started))
            return
        records = self.plans.catalogue.records
        try:
            refused = values.write(
                engine.run, ((records[name], value) for name, value in parked.items())
            )
        except BaseException:
            self.log.parked = parked  # nothing is lost: the next use tries again
            raise
        self.ledger.forget(refused)
        started = self.started.again(engine.run)
        aside, self.aside = self.aside, False
        if refused or started or not aside:  # else the user knows that it was parked
            self.registry.say(opened_again(self.name, len(parked) - len(refused), refused, started))


_MISPLACED: Final = ("Cannot assign a device for operation", "No OpKernel was registered")


def is_misplaced(error: BaseException) -> bool:
    """Whether TensorFlow says that it cannot place an operation, on that or on any device."""
    return is_tensorflows(error) and any(text in str(error) for text in _MISPLACED)

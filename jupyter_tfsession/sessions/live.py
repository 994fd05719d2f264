"""The life of one graph's session: opened, run, closed with its values kept, opened again.

A `LiveSession` lasts as long as its graph. What it runs in, a plain TensorFlow session, is called
its *engine* and comes and goes. Any number of threads may run; each holds the engine that it runs
in, so that TensorFlow deletes no session in which something runs. The lock guards the exchange of
engines and is never held while user code or ``Session.run`` of the user's fetches is executed.
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_internals
from jupyter_tfsession.displays import human_bytes
from jupyter_tfsession.features import first_line, is_tensorflows, raised_by_tensorflow
from jupyter_tfsession.sessions import config as configs
from jupyter_tfsession.sessions.ledger import Ledger, Stamp
from jupyter_tfsession.sessions.plans import ForeignGraph, NoElement, PlanCache, RunPlan
from jupyter_tfsession.variables import values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jupyter_tfsession.sessions.registry import Registry
    from jupyter_tfsession.variables.catalogue import VariableRecord
    from jupyter_tfsession.variables.values import Values


@dataclass(frozen=True)
class PutOff:
    """An initialization that waits until its variable is used.

    Attributes
    ----------
    record
        The variable.
    feeds
        What to feed.
    reads
        Names of the variables that the initial value depends on.
    """

    record: VariableRecord
    feeds: Any
    reads: frozenset[str]


LOST = "its values are lost"
"""What `LiveSession.close` says when the values do not wait on the host."""


class LiveSession:
    """The session of one graph.

    Attributes
    ----------
    graph
        The graph; it holds this session, and this session holds it.
    serial
        Number of the session in this kernel.
    name
        What the user calls the graph.
    requested
        The configuration that the notebook asked for, None if it asked for none.
    pruned
        Only the part of the graph that is run is placed, so that no operation can spoil others.
    explicit
        The notebook opened the session with ``graph=``.
    interactive
        The notebook opened it as ``tf.InteractiveSession`` at least once.
    plans, ledger, log
        What runs do, what they have written, and what can be undone.
    pending
        Variables to be re-initialized just before they are used; see `guard`. While they are,
        `catching_up` is held: other threads wait with using them.
    reuse_said
        The user knows that cells share the session.
    redefined
        Names of variables whose initial values were edited since they were initialized.
    last_stamp
        When the notebook last ran something: the execution, and how many runs that makes.
    """

    def __init__(self, registry: Registry, graph: Any, serial: int) -> None:
        self.registry = registry
        self.graph = graph
        self.serial = serial
        self.name = f"graph-{serial}"
        self.requested: Any | None = None
        self.pruned = True
        self.explicit = self.interactive = False
        self.reuse_said = False
        self.plans = PlanCache(graph)
        self.ledger = Ledger()
        self.log = registry.budget.new_log()
        self.pending: dict[str, PutOff] = {}
        self.pending_in: object = None
        self.redefined: set[str] = set()
        self.catching_up = threading.RLock()
        self.last_stamp: Stamp = (None, 0)
        self._cells = registry.cells
        self._numbers = itertools.count(1)
        self._engine: Any | None = None
        self._lock = threading.RLock()
        attempt = registry.features.fails_open
        self.succeeded = attempt("guard", self._succeeded, _nothing)
        self.failed = attempt("guard", self._failed, _nothing)
        self._run_carefully = attempt(
            "guard", self._run_guarded, self._run_plainly, passes=raised_by_tensorflow
        )
        self._held = attempt("guard", self._held_by_ledger, self._held_by_asking)

    # The engine: opened when it is needed.

    @property
    def is_open(self) -> bool:
        """Whether there is a TensorFlow session behind this one."""
        return self._engine is not None

    def engine(self) -> Any:
        """Return the TensorFlow session, opening one if there is none.

        The values that the session had when it was closed come back with it.
        """
        with self._lock:
            if self._engine is None:
                engine = self.registry.new_engine(self.graph, self.requested, pruned=self.pruned)
                self._unpark(engine)
                # Only now: other threads run in what is here without asking for the lock.
                self._engine = engine
            return self._engine

    def place_whole_graph(self) -> None:
        """Open the session anew so that partial runs work in it, if they do not yet."""
        if self.pruned:
            self.reconfigure(self.requested, pruned=False)

    def reconfigure(self, config: Any, *, pruned: bool | None = None) -> None:
        """Open the session anew with another configuration, carrying the values over.

        When anything fails, the session stays as it is.
        """
        pruned = self.pruned if pruned is None else pruned
        engine = self._engine
        if engine is None:
            self.requested, self.pruned = config, pruned  # it opens with that when it is used
            return
        carried = values.read(engine.run, self.holding())
        fresh = self.registry.new_engine(self.graph, config, pruned=pruned)
        records = self.plans.catalogue.records
        refused = values.write(fresh.run, ((records[name], v) for name, v in carried.items()))
        fixed = configs.unchangeable(self.registry.first_config, configs.effective(config))
        with self._lock:
            partial = self.pruned and not pruned
            self._engine, self.requested, self.pruned = fresh, config, pruned
            self.ledger.forget(refused)
        engine.close()
        what = "for partial runs" if partial else "with the new config"
        self.registry.say(
            _reconfigured(self.name, what, len(carried) - len(refused), refused, fixed)
        )

    def close(self, *, discard: bool = False) -> str:
        """Release the device memory, keeping the values on the host if they fit the budget.

        Returns
        -------
        str
            What happened to the values, in one line.
        """
        engine = self._engine
        if engine is None:
            if discard and self.log.parked is not None:
                self.log.parked = None
                self.ledger.clear()
                return f"discarded the values of {self.name}"
            return f"the session of {self.name} is closed already"
        kept = self._park(engine, discard=discard)
        with self._lock:
            self._engine = None
        engine.close()
        return f"closed the session of {self.name}; {kept}"

    def lost(self) -> None:
        """Note that TensorFlow closed the engine behind our back: its values are gone."""
        with self._lock:
            self._engine = None
        self.ledger.clear()

    def abandon(self) -> None:
        """Never use or delete the engine again: this process is a fork of the kernel's."""
        self._lock = threading.RLock()  # another thread may have held it
        if self._engine is not None:
            tf_internals.disown(self._engine)
        self._engine = None

    def _park(self, engine: Any, *, discard: bool) -> str:
        try:
            holding = self.holding(engine)
            size = sum(record.nbytes or 0 for record in holding)
            if discard or not holding:
                self.ledger.clear()
                return "its values are discarded" if discard else "no variable held a value"
            if not self.registry.budget.room_for(size):
                self.ledger.clear()
                return (
                    f"{LOST}: {human_bytes(size)} exceed the undo budget "
                    "(%config TFSession.undo_bytes)"
                )
            self.log.parked = values.read(engine.run, holding)
        except Exception as error:  # noqa: BLE001 - closing must work in whatever state
            self.ledger.clear()
            if not is_tensorflows(error):
                self.registry.features.failed("undo", error)
            return f"{LOST}: {first_line(error)}"
        self.ledger.forget({record.name for record in holding} - self.log.parked.keys())
        count = len(self.log.parked)
        return f"the values of {_variables(count)} ({human_bytes(size)}) wait on the host"

    def _unpark(self, engine: Any) -> None:
        parked, self.log.parked = self.log.parked, None
        if parked is None:
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
        self.registry.say(
            f"opened the session of {self.name} again with the values of "
            f"{_variables(len(parked) - len(refused))}{_left_out(refused)}. "
            "%tfsession close --discard starts empty"
        )

    # Running.

    def stamp(self) -> Stamp:
        """Begin a run: return the moment that it will have written at."""
        return (self._cells.current, next(self._numbers))

    def now(self) -> Stamp:
        """Return the moment for a write that is no run of the notebook's."""
        return (self._cells.current, self.last_stamp[1])

    def run(
        self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None
    ) -> Any:
        """Run like ``Session.run``, under the guard.

        This is on the way of every run, so what was run before takes the shortest way.
        """
        engine = self._engine
        try:
            plan = self.plans.find(fetches, feed_dict)
        except Exception:  # noqa: BLE001 - such as feeds that are no mapping; TensorFlow says so
            plan = None
        if plan is None or engine is None or plan.initializes or self.pending:
            return self._run_carefully(fetches, feed_dict, options, run_metadata)
        stamp = (self._cells.current, next(self._numbers))
        try:
            if options is None and run_metadata is None:
                result = tf_internals.run(engine, fetches, feed_dict)
            else:
                result = engine.run(fetches, feed_dict, options, run_metadata)
        except BaseException as error:
            self.failed(plan, stamp, error)
            raise
        plan.last_run = self.last_stamp = stamp
        if not plan.cached:  # other runs displaced it meanwhile
            self.succeeded(plan, stamp)
        return result

    def _run_guarded(self, fetches: Any, feed_dict: Any, options: Any, run_metadata: Any) -> Any:
        """Run what is run for the first time, or what the guard has to look at."""
        engine = self.engine()
        try:
            plan, fault = self.plan(fetches, feed_dict)
        except ForeignGraph as foreign:
            other = self.registry.instead_of(self, foreign.graph)
            if other is not None:
                return other.run(fetches, feed_dict, options, run_metadata)
            plan = fault = None
        if plan is None:
            result = self._run_plainly(fetches, feed_dict, options, run_metadata)
            self.blame(fault)
            return result
        prepared = self.registry.guard.before(self, plan, fetches, feed_dict)
        stamp = self.stamp()
        try:
            result = engine.run(prepared.fetches, feed_dict, options, run_metadata)
        except BaseException as error:
            self.failed(plan, stamp, error, spared=prepared.spared)
            raise
        self.succeeded(plan, stamp, spared=prepared.spared)
        return prepared.result(result)

    def _run_plainly(self, fetches: Any, feed_dict: Any, options: Any, run_metadata: Any) -> Any:
        """Run what the project knows nothing of."""
        self.registry.guard.catch_up(self)
        return self.engine().run(fetches, feed_dict, options, run_metadata)

    def plan(self, fetches: Any, feeds: Any) -> tuple[RunPlan | None, Exception | None]:
        """Work out what a run does.

        Returns
        -------
        tuple
            The plan, None where it cannot be told; and what went wrong then, for `blame`.

        Raises
        ------
        ForeignGraph
            All of it belongs to one other graph.
        """
        if not self.registry.features.is_on("guard"):
            return None, None
        try:
            plan = self.plans.find(fetches, feeds)
            if plan is None:
                plan, displaced = self.plans.make(fetches, feeds)
                self.registry.planned(self.graph)
                if displaced is not None:
                    self.ledger.settle([displaced])
        except ForeignGraph:
            raise
        except NoElement:
            return None, None
        except Exception as error:  # noqa: BLE001 - ours, or wrong input: TensorFlow will say so
            return None, error
        return plan, None

    def blame(self, fault: Exception | None) -> None:
        """Answer for a plan that failed though TensorFlow takes the fetches and feeds."""
        if fault is not None:
            self.registry.features.failed("guard", fault)

    def _succeeded(
        self, plan: RunPlan, stamp: Stamp, *, spared: frozenset[str] = frozenset()
    ) -> None:
        """Note that a run has written, except for what the guard spared."""
        self.last_stamp = stamp
        if not spared:
            plan.last_run = stamp
            if not plan.cached:
                self.ledger.settle([plan])
            return
        self.ledger.settle(self.plans)
        self.ledger.wrote(plan.certain - spared, stamp)
        self.ledger.may_have_written(plan.writes - plan.certain - spared, stamp)

    def _failed(
        self,
        plan: RunPlan,
        stamp: Stamp,
        error: BaseException,
        *,
        spared: frozenset[str] = frozenset(),
    ) -> None:
        """Note that a run failed or was interrupted, and may have written all the same."""
        self.last_stamp = stamp
        self.ledger.settle(self.plans)
        self.ledger.may_have_written(plan.writes - spared, stamp)
        if self.is_open and is_tensorflows(error) and "Session has been closed" in str(error):
            self.lost()
            self.registry.say(
                f"TensorFlow closed the session of {self.name} (Session.reset does); its "
                "values are gone, the next run opens it empty"
            )

    # Values.

    def held(
        self, records: Iterable[VariableRecord], engine: Any | None = None
    ) -> dict[str, Stamp]:
        """Return the last write of each of these variables that holds a value."""
        return self._held(list(records), engine or self._engine)

    def _held_by_ledger(self, records: list[VariableRecord], engine: Any) -> dict[str, Stamp]:
        self.ledger.settle(self.plans)
        return self.ledger.held(
            records, lambda asked: values.hold_values(engine.run, asked) if engine else {}
        )

    def _held_by_asking(self, records: list[VariableRecord], engine: Any) -> dict[str, Stamp]:
        holds = values.hold_values(engine.run, records) if engine else {}
        return {name: (None, 0) for name in holds if holds[name]}

    def holding(self, engine: Any | None = None) -> list[VariableRecord]:
        """Return all the variables that hold values."""
        records = self.plans.catalogue.records
        return [records[name] for name in self.held(records.values(), engine)]

    def read(self, records: Iterable[VariableRecord]) -> Values:
        """Return the values of variables that hold one, wherever they are now."""
        if self.log.parked is not None and not self.is_open:
            parked = self.log.parked
            return {r.name: parked[r.name] for r in records if r.name in parked}
        return values.read(self.engine().run, records)

    def write(self, written: dict[VariableRecord, Any]) -> dict[str, str]:
        """Write variables; return the reasons for those that could not be written."""
        refused = values.write(self.engine().run, written.items())
        self.ledger.settle(self.plans)
        self._have_written([r.name for r in written if r.name not in refused])
        return refused

    def put_off(
        self, records: Iterable[VariableRecord], feeds: Mapping[Any, Any] | None = None
    ) -> list[PutOff]:
        """Return what initializing variables takes, now or later."""
        fed = dict(feeds or {})  # a copy: the notebook may use its own for something else
        return [PutOff(record, fed, self.plans.reads_of(record)) for record in records]

    def settled(self, one: PutOff) -> PutOff:
        """Work an initial value out now, because what it depends on is about to change."""
        import numpy as np

        tensor = one.record.initializer.inputs[1]  # type: ignore[union-attr]  # it has reads
        value = self.engine().run(tensor, one.feeds)
        copy = np.array(value, dtype=tensor.dtype.as_numpy_dtype)
        return PutOff(one.record, {tensor.name: copy}, frozenset())

    def initialize(self, wanted: Iterable[PutOff]) -> None:
        """Run initializers, those that others' initial values depend on first."""
        left = {one.record.name: one for one in wanted if one.record.initializer is not None}
        engine = self.engine()
        while left:
            ready = [one for one in left.values() if not one.reads & left.keys()]
            first = ready[0] if ready else next(iter(left.values()))
            # All that is ready and is fed the same, in one run.
            batch = [one for one in ready if one.feeds is first.feeds] or [first]
            engine.run([one.record.initializer for one in batch], first.feeds)
            names = [one.record.name for one in batch]
            self._have_written(names)
            for name in names:
                del left[name]

    def _have_written(self, names: list[str]) -> None:
        """Note that variables were written by other means than a run of the notebook's."""
        self.ledger.settle(self.plans)
        self.ledger.wrote(names, self.now())
        for name in names:
            self.pending.pop(name, None)


def _nothing(*_args: Any, **_kwargs: Any) -> None:
    return None


def _variables(count: int) -> str:
    return f"{count} variable" if count == 1 else f"{count} variables"


def _left_out(refused: dict[str, str]) -> str:
    return "".join(f"; not {name}: {reason}" for name, reason in refused.items())


def _reconfigured(
    name: str, what: str, carried: int, refused: dict[str, str], fixed: list[str]
) -> str:
    text = f"opened the session of {name} anew {what}"
    if carried:
        text += f"; {_variables(carried)} carried over"
    text += _left_out(refused)
    if fixed:
        text += f"; no effect before the kernel restarts: {', '.join(fixed)}"
    return text

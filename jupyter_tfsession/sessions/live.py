"""Running in the one session of a graph, under the guard.

A `LiveSession` lasts as long as its graph.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_internals
from jupyter_tfsession.features import is_tensorflows, nothing, raised_by_tensorflow
from jupyter_tfsession.sessions.analysis import ForeignGraph, NoElement
from jupyter_tfsession.sessions.reopening import ReopeningSession, is_misplaced
from jupyter_tfsession.sessions.shortcuts import LONG_WAY, DoubtfulWay, Shortcut, Way
from jupyter_tfsession.tf_session_internals import NotCovered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager

    from jupyter_tfsession.sessions.ledger import Stamp
    from jupyter_tfsession.sessions.plans import RunPlan
    from jupyter_tfsession.sessions.registry import Registry
    from jupyter_tfsession.variables.catalogue import VariableRecord


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


class LiveSession(ReopeningSession):
    """The session of one graph."""

    def __init__(self, registry: Registry, graph: Any, serial: int) -> None:
        super().__init__(registry, graph, serial)
        self._numbers = itertools.count(1)
        self._begun: Stamp = (None, 0)
        attempt = registry.features.fails_open
        self.succeeded = attempt("guard", self._succeeded, nothing)
        self.went_on = attempt("guard", self._went_on, nothing)
        self.failed = attempt("guard", self._failed, nothing)
        self._run_carefully = attempt(
            "guard", self._run_guarded, self._run_plainly, passes=raised_by_tensorflow
        )

    def stamp(self) -> Stamp:
        """Begin a run: return the moment that it will have written at."""
        stamp = self._begun = (self._cells.current, next(self._numbers))
        return stamp

    @property
    def runs_begun(self) -> int:
        """How many runs have begun; more than have ended while one is under way."""
        return self._begun[1]

    def run(
        self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None
    ) -> Any:
        """Run like ``Session.run``, under the guard.

        This is on the way of every run, so what was run before takes the shortest way.
        """
        engine = self.open_engine
        try:
            plan = self.plans.find(fetches, feed_dict)
        except Exception:  # noqa: BLE001 - such as feeds that are no mapping; TensorFlow says so
            plan = None
        if plan is None or engine is None or plan.supervised or self.pending:
            return self._run_carefully(fetches, feed_dict, options, run_metadata)
        way = plan.way or self.find_way(plan, fetches, feed_dict)
        try:
            return self.step(plan, engine, way.run, fetches, feed_dict, options, run_metadata)
        except Exception as error:
            if not self._to_be_placed_apart(error):
                raise
        return self._run_carefully(fetches, feed_dict, options, run_metadata)

    def step(self, plan: RunPlan, engine: Any, act: Callable[..., Any], *asked: Any) -> Any:
        """Return ``act(engine, *asked)``, a run of what ran before; note that it ran."""
        number = next(self._numbers)
        stamp = self._begun = (self._cells.current, number)
        gate = self.gate if plan.writes else None
        try:
            if gate is not None:
                gate.inside.add(number)
                if gate.shut:
                    gate.wait(number)
                    engine = self.engine()  # another one, maybe
            result = act(engine, *asked)
        except BaseException as error:
            if not self._to_be_placed_apart(error):
                self.failed(plan, stamp, error)
            raise
        finally:
            if gate is not None:
                gate.inside.discard(number)
        plan.last_run = self.last_stamp = stamp
        if not plan.cached:  # other runs displaced it meanwhile
            self.succeeded(plan, stamp)
        elif number >= self.due:
            self.save_now()
        return result

    def _to_be_placed_apart(self, error: BaseException) -> bool:
        """Whether nothing was run, because of an operation that may not even take part in it."""
        return not self.pruned and is_misplaced(error)

    def find_way(self, plan: RunPlan, fetches: Any, feed_dict: Any) -> Way:
        """Look for a shortcut, once for each plan."""
        plan.way = LONG_WAY
        if plan.cached and self.registry.features.is_on("shortcuts"):
            try:
                plan.way = Shortcut(self.graph, fetches, feed_dict, self._blame_shortcut)
            except NotCovered:
                pass
            except Exception as error:  # noqa: BLE001 - wrong fetches: TensorFlow will say so
                plan.way = DoubtfulWay(error, self._blame_shortcut)
        return plan.way

    def _blame_shortcut(self, error: Exception) -> None:
        """Answer for a shortcut that failed where TensorFlow's own way does not."""
        self.registry.features.failed("shortcuts", error)
        for plan in self.plans:
            plan.way = LONG_WAY

    def _run_guarded(self, fetches: Any, feed_dict: Any, options: Any, run_metadata: Any) -> Any:
        """Run what is run for the first time, or what the guard has to look at."""
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
        with self.passing(plan):
            prepared = self.registry.guard.before(self, plan, fetches, feed_dict)
            stamp, engine = self.stamp(), self.engine()
            try:
                result = engine.run(prepared.fetches, feed_dict, options, run_metadata)
            except BaseException as error:
                self.failed(plan, stamp, error, spared=prepared.spared)
                raise
        self.succeeded(plan, stamp, spared=prepared.spared)
        return prepared.result(result)

    def _run_plainly(self, fetches: Any, feed_dict: Any, options: Any, run_metadata: Any) -> Any:
        """Run what the project knows nothing of."""
        with self.passing(None):
            self.registry.guard.catch_up(self)
            return self.engine().run(fetches, feed_dict, options, run_metadata)

    def passing(self, plan: RunPlan | None) -> AbstractContextManager[None]:
        """Pass the gate with a run; None stands for one that writes, or may."""
        writes = plan is None or bool(plan.writes or plan.supervised or self.pending)
        return self.gate.passing(writes=writes)

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
                uses = plan.touched | plan.writes
                self.consumed |= plan.consumes
                self.started.note(plan.starts)
                plan.revives = frozenset(uses & self.log.shelved.keys())
                self.registry.planned(self.graph)
                self.ledger.settle(displaced)
                if displaced:
                    self.unready()
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
        if spared:
            self.ledger.settle(self.plans)
            self.ledger.wrote(plan.certain - spared, stamp)
            self.ledger.may_have_written(plan.writes - plan.certain - spared, stamp)
        else:
            plan.last_run = stamp
            if not plan.cached:
                self.ledger.settle([plan])
        if stamp[1] >= self.due:
            self.save_now()

    def _went_on(
        self, plan: RunPlan, stamp: Stamp, *, spared: frozenset[str] = frozenset()
    ) -> None:
        """Note that a part of a run has ended: which of the writes were in it is not known."""
        self._may_have_written(plan, stamp, spared)
        if stamp[1] >= self.due:
            self.save_now()

    def save_now(self) -> None:
        """Have autosave look whether there is something to keep; called after a run."""
        self.due = self.runs_begun + self.registry.runs_between_saves
        self.registry.overdue(self)

    def _failed(
        self,
        plan: RunPlan,
        stamp: Stamp,
        error: BaseException,
        *,
        spared: frozenset[str] = frozenset(),
    ) -> None:
        """Note that a run failed or was interrupted, and may have written all the same."""
        self._may_have_written(plan, stamp, spared)
        if self.is_open and is_tensorflows(error) and "Session has been closed" in str(error):
            self.lost()
            self.registry.say(
                f"TensorFlow closed the session of {self.name} (Session.reset does); its "
                "values are gone, the next run opens it empty"
            )

    def _may_have_written(self, plan: RunPlan, stamp: Stamp, spared: frozenset[str]) -> None:
        self.last_stamp = stamp
        self.ledger.settle(self.plans)
        self.ledger.may_have_written(plan.writes - spared, stamp)

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
        return PutOff(one.record, {tf_internals.Fed(tensor): copy}, frozenset())

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

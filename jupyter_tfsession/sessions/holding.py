"""What the variables of one graph's session hold, and who wrote it.

The values are in the engine while there is one, and on the host while there is none, or while the
variable is retired.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.features import nothing
from jupyter_tfsession.sessions.ledger import Ledger, Stamp
from jupyter_tfsession.sessions.plans import PlanCache, RunPlan
from jupyter_tfsession.sessions.shelf import releasable, shelve, unshelve
from jupyter_tfsession.variables import values

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from jupyter_tfsession.sessions.callables import MadeCallable
    from jupyter_tfsession.sessions.live import PutOff
    from jupyter_tfsession.sessions.registry import Registry
    from jupyter_tfsession.variables.catalogue import VariableRecord
    from jupyter_tfsession.variables.values import Values


class HoldingSession:
    """The session of one graph, as far as its variables hold values.

    Attributes
    ----------
    graph
        The graph; it holds this session, and this session holds it.
    serial
        Number of the session in this kernel.
    open_engine
        The TensorFlow session if there is one: looking at values opens none.
    plans, ledger, log
        What runs do, what they have written, and what can be undone.
    pending
        Variables to be re-initialized just before they are used; see `guard`. While they are,
        `catching_up` is held: other threads wait with using them.
    restored
        Names of variables that a snapshot gave their values, which no initializer but one that is
        asked for by hand may overwrite.
    changes
        How many times variables were written by other means than runs of the notebook's.
    last_stamp
        When the notebook last ran something: the execution, and how many runs that makes.
    ready
        Callables that run without looking at anything, until `unready`. Their runs are counted, but
        not stamped.
    """

    def __init__(self, registry: Registry, graph: Any, serial: int) -> None:
        self.registry = registry
        self.graph = graph
        self.serial = serial
        self.plans = PlanCache(graph)
        self.ledger = Ledger()
        self.log = registry.budget.new_log()
        self.pending: dict[str, PutOff] = {}
        self.pending_in: object = None
        self.catching_up = threading.RLock()
        self.restored: set[str] = set()
        self.changes = 0
        self.last_stamp: Stamp = (None, 0)
        self.ready: set[MadeCallable] = set()
        self._unstamped = 0
        self._cells = registry.cells
        self.open_engine: Any | None = None
        attempt = registry.features.fails_open
        self._settle = attempt("guard", self._settle_ledger, nothing)
        self._held = attempt("guard", self._held_by_ledger, self._held_by_asking)

    @property
    def is_open(self) -> bool:
        """Whether there is a TensorFlow session behind this one."""
        return self.open_engine is not None

    @property
    def runs(self) -> int:
        """How many runs of the notebook's there were."""
        return self.last_stamp[1] + self._unstamped + sum(one.calls for one in list(self.ready))

    def unready(self) -> None:
        """Have all callables look again at what there is to look at; any thread may call.

        That is so when a cell begins, the engine is exchanged, what runs do is worked out anew, or
        an initialization waits for the use of its variable.
        """
        while self.ready:
            with contextlib.suppress(KeyError):  # another thread was quicker
                one = self.ready.pop()
                one.run = None
                self._unstamped, one.calls = self._unstamped + one.calls, 0

    def engine(self) -> Any:
        """Return the TensorFlow session, opening one if there is none."""
        raise NotImplementedError

    # Values of retired variables.

    def shelve(self, names: Iterable[str]) -> None:
        """Release the memory of retired variables; the values wait until something uses them."""
        engine = self.open_engine
        if engine is None:
            return
        candidates = [record for record in self._records(set(names)) if releasable(record)]
        held = self.held(candidates)
        records = [record for record in candidates if record.name in held]
        if records and self.registry.budget.room_for(sum(r.nbytes or 0 for r in records)):
            shelve(engine, records, self.log.shelved)
            self.forget_plans()  # those that use the variables have to bring the values back

    def unshelve(self, names: set[str] | frozenset[str]) -> None:
        """Bring the values of retired variables back, if they wait."""
        waiting = self.log.shelved.keys() & names
        if waiting and self.open_engine is not None:
            unshelve(self.open_engine, self._records(waiting), self.log.shelved)
            self.forget_plans()

    def _settle_ledger(self, plans: Iterable[RunPlan]) -> None:
        self.ledger.settle(plans)

    def forget_plans(self) -> None:
        """Work out anew what runs do."""
        self._settle(self.plans)
        self.plans.clear()
        self.unready()

    def _records(self, names: Collection[str]) -> list[VariableRecord]:
        records = self.plans.catalogue.records
        return [records[name] for name in sorted(names) if name in records]

    # Values.

    def held(
        self, records: Iterable[VariableRecord], engine: Any | None = None
    ) -> dict[str, Stamp]:
        """Return the last write of each of these variables that holds a value."""
        return self._held(list(records), engine or self.open_engine)

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
        records = list(records)
        self.unshelve({record.name for record in records})
        return values.read(self.engine().run, records)

    def write(self, written: dict[VariableRecord, Any]) -> dict[str, str]:
        """Write variables; return the reasons for those that could not be written."""
        self.unshelve({record.name for record in written})
        refused = values.write(self.engine().run, written.items())
        self.ledger.settle(self.plans)
        self._have_written([r.name for r in written if r.name not in refused])
        return refused

    def now(self) -> Stamp:
        """Return the moment for a write that is no run of the notebook's."""
        return (self._cells.current, self.last_stamp[1])

    def _have_written(self, names: list[str]) -> None:
        """Note that variables were written by other means than a run of the notebook's."""
        self.changes += 1
        self.ledger.settle(self.plans)
        self.ledger.wrote(names, self.now())
        for name in names:
            self.pending.pop(name, None)
        self.restored.difference_update(names)

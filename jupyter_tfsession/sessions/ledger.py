"""What the runs of one session have written: which variables hold values, and since when.

A run only leaves a stamp on its plan, which costs next to nothing; the stamps are settled into the
ledger when somebody asks. The truth lies with TensorFlow: where a write is not certain (it failed
half-way, it hung on a condition, a function call may have made it), the session is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jupyter_tfsession.cells import Execution
    from jupyter_tfsession.sessions.plans import RunPlan
    from jupyter_tfsession.variables.catalogue import VariableRecord

Stamp: TypeAlias = tuple["Execution | None", int]
"""A moment: the execution (None outside any cell) and the number of the session's run in it."""

NEVER: Final[Stamp] = (None, 0)


class Ledger:
    """Which variables of one session hold values, and who wrote each last.

    Any thread may ask and note; nothing is locked, so that a run never waits for a look.
    """

    def __init__(self) -> None:
        self._held: dict[str, Stamp] = {}
        self._since: dict[str, Stamp] = {}
        self._doubtful: dict[str, Stamp] = {}

    def settle(self, plans: Iterable[RunPlan]) -> None:
        """Take in what ran since the last time, in the order in which it ran."""
        ran = [
            plan for plan in plans if plan.last_run is not None and plan.last_run != plan.settled
        ]
        for plan in sorted(ran, key=_run_number):
            stamp = plan.settled = plan.last_run
            if stamp is not None:
                self.wrote(plan.certain, stamp)
                self.may_have_written(plan.writes - plan.certain, stamp)

    def wrote(self, names: Iterable[str], stamp: Stamp) -> None:
        """Note that variables were written."""
        for name in names:
            if self._held.get(name, stamp)[1] <= stamp[1]:
                self._held[name] = self._since[name] = stamp
            self._doubtful.pop(name, None)

    def may_have_written(self, names: Iterable[str], stamp: Stamp) -> None:
        """Note that variables may have been written: those that held a value still do."""
        for name in names:
            notes = self._held if name in self._held else self._doubtful
            if notes.get(name, stamp)[1] <= stamp[1]:
                notes[name] = stamp
            self._since.setdefault(name, stamp)

    def held(
        self,
        records: Iterable[VariableRecord],
        ask: Callable[[list[VariableRecord]], dict[str, bool]],
    ) -> dict[str, Stamp]:
        """Return the last write of every variable among `records` that holds a value.

        Parameters
        ----------
        records
            Variables of this session's graph.
        ask
            Asks TensorFlow which variables hold values; only called for the doubtful ones.
        """
        records = list(records)
        doubtful = [r for r in records if r.name in self._doubtful] if self._doubtful else []
        if doubtful:
            for name, holds in ask(doubtful).items():
                stamp = self._doubtful.pop(name, None)
                if stamp is None:
                    continue  # another thread asked as well, or something has written meanwhile
                if holds:
                    self._held[name] = stamp
                else:
                    self._since.pop(name, None)
        stamp_of = self._held.get
        return {
            name: stamp
            for name in [record.name for record in records]
            if (stamp := stamp_of(name)) is not None
        }

    def since_before(self, execution: Execution | None, held: dict[str, Stamp]) -> dict[str, Stamp]:
        """Return which of `held` got a value of their own before an execution, or in none.

        That is a write which takes no heed of what was held before. Updates, such as the steps of
        a training, go on from that value.
        """
        if execution is None:
            return held
        since = self._since.get
        return {
            name: stamp for name, stamp in held.items() if since(name, NEVER)[0] is not execution
        }

    def forget(self, names: Iterable[str]) -> None:
        """Note that variables hold no value any more."""
        for name in names:
            for notes in (self._held, self._since, self._doubtful):
                notes.pop(name, None)

    def clear(self) -> None:
        """Note that no variable holds a value any more."""
        for notes in (self._held, self._since, self._doubtful):
            notes.clear()


def _run_number(plan: RunPlan) -> int:
    return plan.last_run[1] if plan.last_run else 0

"""The initializer guard: an initializer that comes round again initializes only what is new.

An initializer is *re-running* when it would overwrite values that an earlier execution left in the
session, and either the cell has run before or the cell did not itself open the session in this
execution. What the guard does then is the user's policy. An initializer that is *honoured* spares
what the cell does not use: what holds values of an earlier execution is re-initialized just before
the first run of this execution that touches it, and never if there is none.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.features import Features, UserError, nothing
from jupyter_tfsession.sessions.fetches import substitute
from jupyter_tfsession.variables.values import unreadable, unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from jupyter_tfsession.cells import CellTracker, Execution
    from jupyter_tfsession.notices import Notices
    from jupyter_tfsession.sessions.ledger import Stamp
    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.sessions.plans import RunPlan
    from jupyter_tfsession.snapshots.undo import UndoBudget
    from jupyter_tfsession.variables.catalogue import VariableRecord

_allowed: ContextVar[bool] = ContextVar("jupyter_tfsession_allow_init", default=False)


class InitializerError(UserError, RuntimeError):
    """The policy is ``error`` and an initializer would overwrite values."""


@contextmanager
def allow_init() -> Iterator[None]:
    """Let initializers overwrite what earlier cells left, as TensorFlow does; undo has the values.

    Examples
    --------
    >>> with jupyter_tfsession.allow_init():        # doctest: +SKIP
    ...     sess.run(tf.global_variables_initializer())
    """
    token = _allowed.set(True)
    try:
        yield
    finally:
        _allowed.reset(token)


@dataclass(frozen=True)
class Prepared:
    """What to run in place of what the notebook asked for.

    Attributes
    ----------
    fetches
        To be given to TensorFlow.
    spared
        Names of the variables whose initializers are left out.
    extended
        The fetches are a pair: the notebook's own, and operations to run beside them.
    """

    fetches: Any
    spared: frozenset[str] = frozenset()
    extended: bool = False

    def result(self, fetched: Any) -> Any:
        """Return what the notebook gets."""
        return fetched[0] if self.extended else fetched


@dataclass
class _Verdict:
    """What becomes of the variables that a run would initialize, by their names.

    In sets: their operations take a fraction of the time that a line of Python takes for each.
    """

    now: set[str]
    later: set[str]
    kept: dict[str, Stamp]
    overwritten: set[str]
    edited: set[str]


class InitializerGuard:
    """Decides what a run may initialize; one for all the sessions of a kernel."""

    def __init__(
        self,
        policy: Callable[[], str],
        cells: CellTracker,
        features: Features,
        notices: Notices,
        budget: UndoBudget,
    ) -> None:
        self._policy = policy
        self._cells = cells
        self._features = features
        self._attempt = features.fails_open("guard", self._prepare, nothing)
        self._say = features.fails_open("notices", notices.say, nothing)
        self._budget = budget

    def before(self, live: LiveSession, plan: RunPlan, fetches: Any, feed_dict: Any) -> Prepared:
        """Prepare a run; called on the thread that runs, right before it.

        Raises
        ------
        InitializerError
            The policy is ``error`` and the run would overwrite values.
        OpError
            TensorFlow could not run an initializer that was put off.
        """
        if live.registry.active:
            prepared = self._attempt(live, plan, fetches, feed_dict)
            if prepared is not None and self._features.is_on("guard"):
                return prepared
        self.catch_up(live)
        return Prepared(fetches)

    def catch_up(self, live: LiveSession) -> None:
        """Initialize all that was put off, where it is not known what a run is going to use."""
        live.unshelve(set(live.log.shelved))
        while live.pending:
            one = live.pending.pop(next(iter(live.pending)))
            live.engine().run(one.record.initializer, one.feeds)

    def _prepare(self, live: LiveSession, plan: RunPlan, fetches: Any, feed_dict: Any) -> Prepared:
        execution = self._cells.current
        if live.pending and live.pending_in is not execution:
            live.pending.clear()
        live.unshelve(plan.revives)
        if not plan.initializes:
            self._catch_up(live, plan.touched, plan.writes)
            return Prepared(fetches)
        verdict = self._judge(live, plan, execution)
        self._save(live, _records(plan, verdict.overwritten), execution)
        later = verdict.later - live.pending.keys()
        self._catch_up(live, frozenset(), frozenset(later))
        for one in live.put_off(_records(plan, later), feed_dict):
            live.pending[one.record.name] = one
            live.pending_in = execution
        if live.pending:
            live.unready()
            reads = map(live.plans.reads_of, _records(plan, verdict.now))
            writes = plan.writes - verdict.later - verdict.kept.keys()
            self._catch_up(live, plan.touched.union(*reads), writes)
        self._report(verdict, plan)
        return _rewrite(plan, fetches, verdict)

    def _judge(self, live: LiveSession, plan: RunPlan, execution: Execution | None) -> _Verdict:
        asked, buried = plan.asked.keys(), {record.name for record in plan.buried}
        _remember(live, execution, plan.guarded.keys())
        old = live.ledger.since_before(execution, live.held(plan.guarded.values()))
        edited = asked & live.redefined & old.keys()
        split = asked - buried - edited
        kept: set[str] = set()
        if execution is None or self._policy() == "off" or _allowed.get():
            for name in asked:
                live.pending.pop(name, None)
            later: set[str] = set()
        elif self._honours(live, execution):
            # What a snapshot has given back is not what this cell was to begin with.
            if not execution.cell.initializes_itself:
                kept = split & live.restored & old.keys()
            later = split & (old.keys() | live.pending.keys()) - kept
        else:
            overwritten = old.keys() - live.pending.keys() - edited
            if overwritten and self._policy() == "error":
                # Nothing was initialized, so asking again is no repetition.
                execution.initialized[live.serial] -= plan.guarded.keys()
                raise InitializerError(_refusal([name for name in old if name in overwritten]))
            later = split & live.pending.keys()
            kept = split & old.keys() - later
        now = asked - later - kept
        live.redefined.difference_update(now)
        live.restored.difference_update(now)
        kept_since = {name: stamp for name, stamp in old.items() if name in kept}
        return _Verdict(now, later, kept_since, old.keys() & (now | buried), edited & now)

    def _honours(self, live: LiveSession, execution: Execution | None) -> bool:
        if execution is None or execution.cell.initializes_itself:
            return True
        return not execution.rerun and live.serial in execution.opened

    def _catch_up(
        self, live: LiveSession, touched: frozenset[str], changing: frozenset[str]
    ) -> None:
        """Re-initialize what was put off and is about to be used.

        What stays put off and depends on a variable that is about to change gets its initial
        value worked out before.
        """
        if not live.pending:
            return
        with live.catching_up:
            pending = dict(live.pending)
            early = {name for name, one in pending.items() if one.reads & changing} - touched
            stuck = {name for name in early if unwritable(pending[name].record)}
            names = pending.keys() & touched.union(stuck, *(pending[n].reads for n in early))
            before: frozenset[str] = frozenset()
            while names != before:  # initial values may depend on others that were put off
                before = frozenset(names)
                names = pending.keys() & before.union(*(pending[name].reads for name in before))
            due = {name: pending[name] for name in sorted(names)}
            self._save(live, [one.record for one in due.values()], self._cells.current)
            live.initialize(due.values())
            for name in early - names:
                live.pending[name] = live.settled(pending[name])

    def _save(
        self, live: LiveSession, records: Collection[VariableRecord], execution: Execution | None
    ) -> None:
        """Have undo keep the values of variables about to be overwritten."""
        if not records or not self._features.is_on("undo"):
            return
        try:
            readable = [record for record in records if not unreadable(record)]
            size = sum(record.nbytes or 0 for record in readable)
            kept = self._budget.room_for(size) and self._budget.record(
                live.log, "initializer", live.read(readable), execution
            )
            if not kept:
                self._say(
                    "undo does not have the values that are overwritten: they exceed its budget "
                    "(%config TFSession.undo_bytes)",
                    once="undo budget",
                )
        except Exception as error:  # noqa: BLE001 - undo fails open
            self._features.failed("undo", error)

    def _report(self, verdict: _Verdict, plan: RunPlan) -> None:
        buried = [r.name for r in plan.buried if r.name in verdict.overwritten]
        if verdict.kept:
            self._say(_kept(verdict), once="guard")
        if verdict.edited:
            self._say(
                f"initialized {_some(sorted(verdict.edited))} again: the initial value was edited. "
                "%tfsession undo has what was there",
                once="guard edited",
            )
        if buried and not _allowed.get() and self._policy() != "off":
            self._say(
                f"this run also initialized {_some(buried)}, on which another fetch depends; "
                "%tfsession undo has the values",
                once="guard buried",
            )


def _remember(live: LiveSession, execution: Execution | None, names: Iterable[str]) -> None:
    """Notice a cell that initializes the same variable repeatedly: that is its own logic."""
    if execution is None:
        return
    before = execution.initialized.setdefault(live.serial, set())
    if not before.isdisjoint(names):
        execution.cell.initializes_itself = execution.repeated = True
    before.update(names)


def forget_loop(execution: Execution | None) -> None:
    """Take a cell that was edited, and initializes no more than once now, at its word."""
    if execution is None or execution.repeated or execution.failed:
        return
    if any(execution.initialized.values()):
        execution.cell.initializes_itself = False


def _records(plan: RunPlan, names: set[str]) -> list[VariableRecord]:
    """Return variables that a run initializes, in the order in which it names them."""
    return [record for name, record in plan.guarded.items() if name in names] if names else []


def _rewrite(plan: RunPlan, fetches: Any, verdict: _Verdict) -> Prepared:
    """Leave the initializers of the spared variables out of a run.

    A fetched group gives way to one operation, the rest of it runs beside; so the result in its
    place is None, as ever. Where nothing of a group is left, the operation that *is* a kept
    variable stands in: running it does nothing.
    """
    spared = frozenset(plan.asked.keys() - verdict.now)
    if not spared:
        return Prepared(fetches)
    swaps: dict[object, Any] = {}
    beside: list[Any] = []
    for leaf, fetch in plan.initializers.items():
        left = [r.initializer for r in fetch.variables if r.name not in spared]
        stand_in, *rest = [*left, *fetch.others] or [fetch.variables[0].handle]
        swaps[leaf] = stand_in
        beside.extend(rest)
    return Prepared([substitute(fetches, swaps), beside], spared, extended=True)


def _kept(verdict: _Verdict) -> str:
    count = len(verdict.kept)
    latest, _ = max(verdict.kept.values(), key=itemgetter(1))
    where = f"last written in {latest.label}" if latest else "written outside a cell"
    text = f"kept {count} initialized variable{'s' if count > 1 else ''} ({where})"
    new = len(verdict.now) - len(verdict.edited)
    if new:
        text += f"; initialized {new} new"
    return f"{text}. %tfsession reset starts over"


def _refusal(names: list[str]) -> str:
    return (
        f"the initializer would overwrite {_some(names)}, written by an earlier cell; "
        "%tfsession reset or allow_init() does so, %tfsession guard keep initializes only what "
        "is new"
    )


def _some(names: list[str], limit: int = 5) -> str:
    shown = ", ".join(names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"

"""Commands on variables and their values."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.commands.errors import CommandError, nearest
from jupyter_tfsession.displays import Line, Table, human_bytes
from jupyter_tfsession.features import first_line, is_tensorflows
from jupyter_tfsession.graphs.stale import retired_in
from jupyter_tfsession.variables.statistics import one_line
from jupyter_tfsession.variables.values import total_bytes, unreadable, unwritable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jupyter_tfsession.commands.sessions import SessionCommands
    from jupyter_tfsession.extension import Extension
    from jupyter_tfsession.sessions.ledger import Stamp
    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.snapshots.undo import Change
    from jupyter_tfsession.variables.catalogue import VariableRecord
    from jupyter_tfsession.variables.values import Values


class VariableCommands:
    """What the user can do with variables; called on the thread of the running cell."""

    def __init__(self, extension: Extension, sessions: SessionCommands) -> None:
        self._extension = extension
        self._sessions = sessions

    def table(self, globs: Sequence[str] = (), graph: str | None = None) -> Table:
        """Return the variables whose names match, with their values in a line each."""
        live = self._sessions.find(graph)
        every = list(live.plans.catalogue.records.values())
        records = self._matching(live, globs) if globs else every
        held = live.held(records)
        lines = dict(self._lines(live, [record for record in records if record.name in held]))
        rows = [
            _row(
                record, held.get(record.name), lines, retired=record.name in retired_in(live.graph)
            )
            for record in records
        ]
        size = sum(record.nbytes or 0 for record in records if record.name in held)
        return Table(
            title=f"variables of {live.name}",
            columns=("name", "dtype", "shape", "value", "trainable", "device", "written"),
            rows=rows,
            footnote=f"{len(held)} of {len(records)} initialized, {human_bytes(size)}",
            empty=f"{live.name} has no variables yet",
        )

    def _lines(
        self, live: LiveSession, records: Sequence[VariableRecord]
    ) -> Iterator[tuple[str, str]]:
        """Yield a line about each value, reading no more at a time than may be previewed."""
        limit = self._extension.settings.preview_bytes
        page: list[VariableRecord] = []
        size = 0
        for record in records:
            nbytes = record.nbytes or 0
            if unreadable(record):
                yield record.name, f"not readable: {unreadable(record)}"
            elif nbytes > limit:
                yield record.name, f"not read: {human_bytes(nbytes)}"
            else:
                if size + nbytes > limit:
                    yield from _described(live, page)
                    page, size = [], 0
                page.append(record)
                size += nbytes
        yield from _described(live, page)

    def set(self, name: str, value: Any, graph: str | None = None) -> Line:
        """Assign a value to a variable, after checking its dtype and shape."""
        live = self._sessions.find(graph)
        records = live.plans.catalogue.records
        if name not in records:
            raise CommandError(nearest(name, list(records), "variable"))
        record = records[name]
        if unwritable(record):
            raise CommandError(f"{name} cannot be written: {unwritable(record)}")
        array = fitting(record, value)
        old = live.read([record] if live.held([record]) else [])
        live.write({record: array})
        return Line(f"set {name} to {one_line(array)}{self._save(live, old, f'set {name}')}")

    def init(self, graph: str | None = None) -> Line:
        """Initialize the variables that are not initialized."""
        live = self._sessions.find(graph)
        records = {record.name: record for record in _in_use(live)}
        held = live.held(records.values())
        new = [r for r in records.values() if r.name not in held and r.initializer is not None]
        self._initialize(live, new, {})
        return Line(f"initialized {_count(len(new))}; {len(held)} had a value and kept it")

    def reset(self, globs: Sequence[str] = (), graph: str | None = None) -> Line:
        """Give variables their initial values again; all of them without a pattern."""
        live = self._sessions.find(graph)
        matching = self._matching(live, globs) if globs else _in_use(live)
        records = [record for record in matching if record.initializer is not None]
        held = live.held(records)
        old = live.read([record for record in records if record.name in held])
        try:
            self._initialize(live, records, old)
        except CommandError:
            raise  # everything is as it was: there is nothing to undo
        except BaseException:  # an interrupt
            self._save(live, old, "reset")
            raise
        saved = self._save(live, old, "reset")
        return Line(f"reset {_count(len(records))} of {live.name} to the initial values{saved}")

    def undo(self, graph: str | None = None) -> Line:
        """Take back the last change of values."""
        live = self._sessions.find(graph)
        if not live.is_open and live.log.parked is not None:
            live.engine()
            return Line(f"the session of {live.name} is open again")
        return self._go(live, undo=True)

    def redo(self, graph: str | None = None) -> Line:
        """Do again what was undone last."""
        return self._go(self._sessions.find(graph), undo=False)

    def _go(self, live: LiveSession, *, undo: bool) -> Line:
        changes: list[Change] = live.log.done if undo else live.log.undone
        word = "undo" if undo else "redo"
        if not changes:
            raise CommandError(f"there is nothing to {word} in {live.name}")
        change = changes[-1]
        records = live.plans.catalogue.records
        there = {records[name]: v for name, v in change.values.items() if name in records}
        now = live.read([records[name] for name in live.held(there)])
        live.write(there)
        self._extension.budget.move(live.log, change, now, undo=undo)
        other = "redo" if undo else "undo"
        return Line(
            f"{word} of {change.what}: {_count(len(there))} of {live.name}; "
            f"%tfsession {other} reverses it"
        )

    def _save(self, live: LiveSession, old: Values, what: str) -> str:
        """Have undo keep values that were overwritten; return what to say of it."""
        if not old:
            return ""
        if self._extension.budget.record(live.log, what, old, None):
            return "; %tfsession undo brings the old values back"
        return f"; the old values ({human_bytes(total_bytes(old))}) exceed the undo budget"

    def _initialize(
        self, live: LiveSession, records: Sequence[VariableRecord], before: Values
    ) -> None:
        """Run initializers; where TensorFlow cannot, everything is as it was before."""
        try:
            live.initialize(live.put_off(records))
        except Exception as error:
            if not is_tensorflows(error):
                raise
            catalogue = live.plans.catalogue.records
            live.write({catalogue[name]: value for name, value in before.items()})
            raise CommandError(f"TensorFlow cannot initialize: {first_line(error)}") from None

    def _matching(self, live: LiveSession, globs: Sequence[str]) -> list[VariableRecord]:
        records = live.plans.catalogue.records
        chosen: dict[str, VariableRecord] = {}
        for glob in globs:
            names = fnmatch.filter(records, glob) if glob not in records else [glob]
            if not names:
                raise CommandError(nearest(glob, list(records), "variable"))
            chosen.update((name, records[name]) for name in names)
        return list(chosen.values())


def _in_use(live: LiveSession) -> list[VariableRecord]:
    """Return the variables of a graph but for those that earlier versions of cells made."""
    records = live.plans.catalogue.records
    return [record for name, record in records.items() if name not in retired_in(live.graph)]


def fitting(record: VariableRecord, value: Any) -> Any:
    """Convert a value for a variable, or say why it does not fit.

    Raises
    ------
    CommandError
        The shape differs, or the dtype cannot be had without loss of kind (a float for an integer).
    """
    import numpy as np

    wanted = np.dtype(record.dtype.as_numpy_dtype)
    try:
        given = np.asarray(value)
        loses = wanted.kind != "O" and not np.can_cast(given.dtype, wanted, "same_kind")
        array = given.astype(wanted)
    except (TypeError, ValueError) as error:
        raise CommandError(f"{record.name} is {record.dtype.name}: {error}") from None
    if loses and not (given.dtype.kind in "iub" and bool(np.all(array == given))):
        raise CommandError(
            f"{record.name} is {record.dtype.name}; a value of {given.dtype} does not fit"
        )
    shape = record.shape
    if shape is not None and not (
        len(shape) == array.ndim
        and all(want in (None, got) for want, got in zip(shape, array.shape, strict=True))
    ):
        raise CommandError(f"{record.name} has shape {shape}; the value has {array.shape}")
    return array


def _described(live: LiveSession, records: Sequence[VariableRecord]) -> Iterator[tuple[str, str]]:
    for name, array in live.read(records).items():
        yield name, one_line(array)


def _row(
    record: VariableRecord, stamp: Stamp | None, lines: dict[str, str], *, retired: bool
) -> tuple[str, ...]:
    shape = "unknown" if record.shape is None else str(record.shape).replace("None", "?")
    written = "" if stamp is None else stamp[0].label if stamp[0] else "outside a cell"
    value = lines.get(record.name, "not initialized")
    trainable = "yes" if record.trainable else ""
    name = f"{record.name} (retired)" if retired else record.name
    return (name, record.dtype.name, shape, value, trainable, record.device, written)


def _count(count: int) -> str:
    return f"{count} variable" if count == 1 else f"{count} variables"

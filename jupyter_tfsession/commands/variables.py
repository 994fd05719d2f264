"""Commands on variables and their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_tfsession.commands.describing import facts, memory_of, row
from jupyter_tfsession.commands.errors import CommandError, nearest
from jupyter_tfsession.commands.portraits import Portrait
from jupyter_tfsession.displays import Line, Table, counted, human_bytes
from jupyter_tfsession.features import first_line, is_tensorflows
from jupyter_tfsession.graphs.stale import retired_in
from jupyter_tfsession.inspection.naming import Names, in_use, logical_name
from jupyter_tfsession.inspection.readings import unread
from jupyter_tfsession.variables.pictures import picture
from jupyter_tfsession.variables.placement import differs
from jupyter_tfsession.variables.statistics import histogram, one_line
from jupyter_tfsession.variables.values import total_bytes, unwritable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_tfsession.commands.sessions import SessionCommands
    from jupyter_tfsession.extension import Extension
    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.snapshots.undo import Change
    from jupyter_tfsession.variables.catalogue import VariableRecord
    from jupyter_tfsession.variables.values import Values


MOST_ROWS = 1_000
"""Variables in one table."""

_UNKNOWN = "not known"


class VariableCommands:
    """What the user can do with variables; called on the thread of the running cell."""

    def __init__(self, extension: Extension, sessions: SessionCommands) -> None:
        self._extension = extension
        self._sessions = sessions

    def table(
        self,
        globs: Sequence[str] = (),
        graph: str | None = None,
        *,
        read: bool = True,
        most: int = MOST_ROWS,
    ) -> Table:
        """Return the variables whose names match, with their values in a line each."""
        live = self._sessions.find(graph)
        every = list(live.plans.catalogue.records.values())
        records = _matching(live, globs) if globs else every
        held = live.held(records)
        shown = records[:most]
        if read:
            readings = self._extension.inspector.read(live, shown)
        else:
            readings = [unread(record, held.get(record.name)) for record in shown]
        retired, redefined = set(retired_in(live.graph)), set(live.redefined)
        size = sum(record.nbytes or 0 for record in records if record.name in held)
        more = len(records) - len(shown)
        left_out = f"; {more} more are not shown: a pattern narrows them down" if more else ""
        if not read:
            left_out += "; values are not shown, for the graph is too large to wait for them here"
        return Table(
            title=f"variables of {live.name}",
            columns=("name", "dtype", "shape", "bytes", "value", "trainable", "device", "written"),
            rows=[row(live, reading, retired, redefined) for reading in readings],
            footnote=f"{len(held)} of {len(records)} initialized, {human_bytes(size)}{left_out}",
            empty=f"{live.name} has no variables yet",
            numeric=frozenset({"bytes"}),
        )

    def show(self, name: str, graph: str | None = None) -> Portrait:
        """Return one variable in full: what it is, what it holds, where it is, how it went."""
        live = self._sessions.find(graph)
        record = _find(live, name)
        inspector = self._extension.inspector
        (reading,) = inspector.read(live, [record])
        value = inspector.value(live, record) if reading.written is not None else None
        return Portrait(
            facts=facts(live, reading),
            histogram=histogram(value) if value is not None else None,
            history=inspector.history(live).of(record.name),
            picture=picture(value) if value is not None else None,
        )

    def devices(self, graph: str | None = None) -> Table:
        """Return the devices of a session and the variables on each."""
        live = self._sessions.find(graph)
        engine = live.open_engine
        if engine is None:
            raise CommandError(f"the session of {live.name} is closed: nothing is on any device")
        records = live.plans.catalogue.records
        held = live.held(records.values())
        placed = self._extension.inspector.placements(live)
        on: dict[str, list[VariableRecord]] = {}
        for name in held:
            place = placed.get(name)
            device = place.device if place is not None and place.actual else _UNKNOWN
            on.setdefault(device, []).append(records[name])
        limits = {device.name: memory_of(device) for device in engine.list_devices()}
        rows = [
            (
                device,
                limits.get(device, ""),
                str(len(there)),
                human_bytes(sum(record.nbytes or 0 for record in there)),
                str(sum(differs(record.device, device) for record in there) or ""),
            )
            for device in dict.fromkeys((*limits, *on))
            for there in (on.get(device, []),)
        ]
        return Table(
            title=f"devices of {live.name}",
            columns=("device", "memory", "variables", "bytes", "asked for another"),
            rows=rows,
            numeric=frozenset({"memory", "variables", "bytes", "asked for another"}),
        )

    def set(self, name: str, value: Any, graph: str | None = None) -> Line:
        """Assign a value to a variable, after checking its dtype and shape."""
        live = self._sessions.find(graph)
        return self.set_one(live, _find(live, name), value)

    def set_one(self, live: LiveSession, record: VariableRecord, value: Any) -> Line:
        """Assign a value to a variable that was found."""
        name = logical_name(live.graph, record)
        if unwritable(record):
            raise CommandError(f"{name} cannot be written: {unwritable(record)}")
        array = fitting(record, value)
        with live.passing(None):
            old = live.read([record] if live.held([record]) else [])
            live.write({record: array})
        return Line(f"set {name} to {one_line(array)}{self.keep(live, old, f'set {name}')}")

    def init(self, graph: str | None = None) -> Line:
        """Initialize the variables that are not initialized."""
        live = self._sessions.find(graph)
        records = {record.name: record for record in _in_use(live)}
        held = live.held(records.values())
        new = [r for r in records.values() if r.name not in held and r.initializer is not None]
        self._initialize(live, new, {})
        return Line(
            f"initialized {counted(len(new), 'variable')}; {len(held)} had a value and kept it"
        )

    def reset(self, globs: Sequence[str] = (), graph: str | None = None) -> Line:
        """Give variables their initial values again; all of them without a pattern."""
        live = self._sessions.find(graph)
        matching = _matching(live, globs, retired=False) if globs else _in_use(live)
        return self.reset_these(live, matching)

    def reset_these(self, live: LiveSession, chosen: Sequence[VariableRecord]) -> Line:
        """Give variables that were found their initial values again."""
        records = [record for record in chosen if record.initializer is not None]
        held = live.held(records)
        old = live.read([record for record in records if record.name in held])
        try:
            self._initialize(live, records, old)
        except CommandError:
            raise  # everything is as it was: there is nothing to undo
        except BaseException:  # an interrupt
            self.keep(live, old, "reset")
            raise
        saved = self.keep(live, old, "reset")
        return Line(
            f"reset {counted(len(records), 'variable')} of {live.name} to the initial values{saved}"
        )

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
        with live.passing(None):
            now = live.read([records[name] for name in live.held(there)])
            live.write(there)
        self._extension.budget.move(live.log, change, now, undo=undo)
        other = "redo" if undo else "undo"
        return Line(
            f"{word} of {change.what}: {counted(len(there), 'variable')} of {live.name}; "
            f"%tfsession {other} reverses it"
        )

    def keep(self, live: LiveSession, old: Values, what: str) -> str:
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
            with live.passing(None):
                live.initialize(live.put_off(records))
        except Exception as error:
            if not is_tensorflows(error):
                raise
            catalogue = live.plans.catalogue.records
            live.write({catalogue[name]: value for name, value in before.items()})
            raise CommandError(f"TensorFlow cannot initialize: {first_line(error)}") from None


def _in_use(live: LiveSession) -> list[VariableRecord]:
    return in_use(live.graph, live.plans.catalogue.records.values())


def _find(live: LiveSession, name: str) -> VariableRecord:
    names = Names(live.graph, live.plans.catalogue.records.values())
    record = names.find(name)
    if record is None:
        raise CommandError(nearest(name, list(names), "variable"))
    return record


def _matching(
    live: LiveSession, globs: Sequence[str], *, retired: bool = True
) -> list[VariableRecord]:
    names = Names(live.graph, live.plans.catalogue.records.values())
    chosen: dict[str, VariableRecord] = {}
    for glob in globs:
        matching = names.matching(glob, retired=retired)
        if not matching:
            raise CommandError(nearest(glob, list(names), "variable"))
        chosen.update((record.name, record) for record in matching)
    return list(chosen.values())


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

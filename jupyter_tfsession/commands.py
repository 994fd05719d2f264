"""What the user can do: the commands behind the magics and the Python interface.

Each returns an object with a text and an HTML display, or raises `CommandError` with one line that
names what was wrong and what is possible.
"""

from __future__ import annotations

import difflib
import fnmatch
import importlib.metadata
import platform
import re
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_tfsession import compat, tf_internals
from jupyter_tfsession.displays import Line, Table, human_bytes
from jupyter_tfsession.features import UserError, first_line, is_tensorflows
from jupyter_tfsession.settings import POLICIES
from jupyter_tfsession.variables.statistics import one_line
from jupyter_tfsession.variables.values import total_bytes, unreadable, unwritable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jupyter_tfsession.extension import Extension
    from jupyter_tfsession.sessions.ledger import Stamp
    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.snapshots.undo import Change
    from jupyter_tfsession.variables.catalogue import VariableRecord

PACKAGES = ("tensorflow", "keras", "ipython", "ipykernel", "ipywidgets", "jupyter_server", "numpy")


class CommandError(UserError, ValueError):
    """Wrong input to a command."""


def nearest(word: str, possible: Sequence[str], what: str) -> str:
    """Say that `word` is no `what`, and which one may be meant."""
    close = difflib.get_close_matches(word, possible, n=1, cutoff=0.5)
    if close:
        return f"there is no {what} {word!r}; did you mean {close[0]!r}?"
    shown = ", ".join(possible[:8]) + (", ..." if len(possible) > 8 else "")  # noqa: PLR2004
    return f"there is no {what} {word!r}; there is {shown or 'none'}"


class Commands:
    """The commands of one shell's extension; called on the thread of the running cell."""

    def __init__(self, extension: Extension) -> None:
        self._extension = extension

    # Sessions.

    def status(self) -> Table:
        """Return the sessions: what each holds, where it runs, what it ran last."""
        columns = ("graph", "state", "variables", "bytes", "devices", "config", "runs", "last cell")
        rows = [self._status_of(live) for live in self._registry.sessions()]
        return Table(
            title="TensorFlow sessions",
            columns=columns,
            rows=rows,
            numeric=frozenset({"variables", "bytes", "runs"}),
            footnote=f"guard: {self._extension.settings.guard}",
            empty=self._nothing_yet(),
        )

    def _status_of(self, live: LiveSession) -> tuple[str, ...]:
        records = live.plans.catalogue.records
        held = live.held(records.values())
        size = sum(records[name].nbytes or 0 for name in held)
        waits = live.log.parked is not None and not live.is_open
        state = "open" if live.is_open else "closed, values wait" if waits else "closed"
        devices = [_short(d.name) for d in live.engine().list_devices()] if live.is_open else []
        execution, runs = live.last_stamp
        return (
            live.name + (" (default)" if live is self._default() else ""),
            state,
            f"{len(held)} / {len(records)}",
            human_bytes(size),
            ", ".join(devices),
            "default" if live.requested is None else "own",
            str(runs),
            execution.label if execution else "",
        )

    def close(self, graph: str | None = None, *, discard: bool = False, every: bool = False) -> Line:
        """Close a session, or all of them, and say what became of the values."""
        chosen = self._registry.sessions() if every else [self.session(graph)]
        said = []
        for live in chosen:
            self._registry.closing(self._registry.get(live.graph))
            said.append(live.close(discard=discard))
        return Line("; ".join(said) or self._nothing_yet())

    def name(self, name: str, graph: str | None = None) -> Line:
        """Call a graph `name` from now on."""
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name):
            raise CommandError(
                f"{name[:80]!r} cannot be a name: 1 to 64 letters, digits, dots, dashes or "
                "underscores can"
            )
        live = self.session(graph, create=True)
        if any(other.name == name and other is not live for other in self._registry.sessions()):
            raise CommandError(f"another graph is called {name!r} already")
        old, live.name = live.name, name
        return Line(f"{old} is called {name} now")

    def session(self, graph: str | None = None, *, create: bool = False) -> LiveSession:
        """Return the session of the graph called `graph`; without a name, of the current one.

        The current graph is the default one if it has a session, else the one that ran last.
        """
        sessions = self._registry.sessions()
        if graph is not None:
            for live in sessions:
                if live.name == graph:
                    return live
            raise CommandError(nearest(graph, [live.name for live in sessions], "graph"))
        default = self._default(create=create)
        if default is not None:
            return default
        if not sessions:
            raise CommandError(self._nothing_yet())
        return max(sessions, key=lambda live: (live.last_stamp[0] is not None, _serial(live)))

    def session_object(self, graph: Any | None = None) -> Any:
        """Return the session of a graph, given itself or by name, as the notebook sees it.

        Without a graph it is the default one's, which gets a session if it has none.
        """
        if graph is None or isinstance(graph, str):
            if self._registry.plain is None:
                raise CommandError(self._nothing_yet())
            return self._registry.get(self.session(graph, create=True).graph)
        if not hasattr(graph, "get_operations"):
            raise CommandError(f"a tf.Graph or the name of one is needed, not {graph!r:.80}")
        return self._registry.get_or_create(graph)

    def name_cell(self, name: str) -> None:
        """Call the running cell `name`, whatever its text becomes."""
        self._extension.cells.rename(name)

    def completions(self, command: str, before: str) -> list[str]:
        """Return the words that can follow `before` in a line of the sub-command `command`."""
        if before == "--graph":
            return [live.name for live in self._registry.sessions()]
        words = {"guard": POLICIES, "compat": ("on", "off")}.get(command, ())
        if command in {"vars", "set", "reset", "show"} and self._registry.sessions():
            return list(self.session().plans.catalogue.records)
        return list(words)

    # Variables.

    def variables(self, globs: Sequence[str] = (), graph: str | None = None) -> Table:
        """Return the variables whose names match, with their values in a line each."""
        live = self.session(graph)
        records = self._matching(live, globs)
        held = live.held(records)
        lines = dict(self._lines(live, [record for record in records if record.name in held]))
        rows = [_row(record, held.get(record.name), lines) for record in records]
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
        live = self.session(graph)
        records = live.plans.catalogue.records
        if name not in records:
            raise CommandError(nearest(name, list(records), "variable"))
        record = records[name]
        if unwritable(record):
            raise CommandError(f"{name} cannot be written: {unwritable(record)}")
        array = fitting(record, value)
        saved = self._save(live, [record], f"set {name}")
        live.write({record: array})
        return Line(f"set {name} to {one_line(array)}{saved}")

    def init(self, graph: str | None = None) -> Line:
        """Initialize the variables that are not initialized."""
        live = self.session(graph)
        records = live.plans.catalogue.records
        held = live.held(records.values())
        new = [r for r in records.values() if r.name not in held and r.initializer is not None]
        self._initialize(live, new, {})
        return Line(f"initialized {_count(len(new))}; {len(held)} had a value and kept it")

    def reset(self, globs: Sequence[str] = (), graph: str | None = None) -> Line:
        """Give variables their initial values again; all of them without a pattern."""
        live = self.session(graph)
        records = [r for r in self._matching(live, globs) if r.initializer is not None]
        held = live.held(records)
        before = [record for record in records if record.name in held and not unreadable(record)]
        saved = self._save(live, before, "reset")
        self._initialize(live, records, dict(live.log.done[-1].values) if saved else {})
        return Line(f"reset {_count(len(records))} of {live.name} to the initial values{saved}")

    def undo(self, graph: str | None = None) -> Line:
        """Take back the last change of values."""
        live = self.session(graph)
        if not live.is_open and live.log.parked is not None:
            live.engine()
            return Line(f"the session of {live.name} is open again")
        return self._go(live, undo=True)

    def redo(self, graph: str | None = None) -> Line:
        """Do again what was undone last."""
        return self._go(self.session(graph), undo=False)

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

    def _save(self, live: LiveSession, records: Sequence[VariableRecord], what: str) -> str:
        """Have undo keep values about to be overwritten; return what to say of it."""
        held = live.held(records)
        old = live.read([record for record in records if record.name in held])
        if not old:
            return ""
        if self._extension.budget.record(live.log, what, old, None):
            return "; %tfsession undo brings the old values back"
        return f"; the old values ({human_bytes(total_bytes(old))}) exceed the undo budget"

    def _initialize(
        self, live: LiveSession, records: Sequence[VariableRecord], before: dict[str, Any]
    ) -> None:
        """Run initializers; where TensorFlow cannot, everything is as it was before."""
        try:
            live.initialize(records)
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
        return list(chosen.values()) if globs else list(records.values())

    # Settings.

    def guard(self, policy: str | None = None) -> Line:
        """Set the initializer policy, or tell it."""
        if policy is not None:
            if policy not in POLICIES:
                raise CommandError(nearest(policy, POLICIES, "policy"))
            self._extension.settings.guard = policy
        return Line(f"guard: {self._extension.settings.guard}")

    def compat(self, switch: str | None = None) -> Line:
        """Switch the TensorFlow 1 API for the notebook's own imports, or tell whether it is on."""
        if switch is not None:
            if switch not in {"on", "off"}:
                raise CommandError(nearest(switch, ("on", "off"), "switch"))
            self._extension.settings.compat = switch == "on"
        return Line(f"compat: {'on' if compat.is_installed(self._extension.shell) else 'off'}")

    def doctor(self) -> Table:
        """Return versions, what was found of TensorFlow's internals, and what is off and why."""
        rows = [("Python", platform.python_version(), "")]
        for package in ("jupyter_tfsession", *PACKAGES):
            try:
                rows.append((package, importlib.metadata.version(package), ""))
            except importlib.metadata.PackageNotFoundError:
                rows.append((package, "not installed", ""))
        imported = "tensorflow" in sys.modules
        rows.append(("TensorFlow in this kernel", "imported" if imported else "not imported yet", ""))
        for feature in self._extension.features:
            state = "off" if feature.off_because else "on"
            rows.append((feature.purpose, state, feature.off_because))
        if imported:
            for capability in tf_internals.capabilities():
                state = "found" if capability.found else "missing"
                rows.append((capability.name, state, f"for {capability.feature}"))
        return Table(
            title="jupyter_tfsession doctor",
            columns=("what", "state", "because"),
            rows=rows,
        )

    # Where things are.

    @property
    def _registry(self) -> Any:
        return self._extension.registry

    def _default(self, *, create: bool = False) -> LiveSession | None:
        """Return the session of the calling thread's default graph."""
        if "tensorflow" not in sys.modules or self._registry.plain is None:
            return None
        graph = sys.modules["tensorflow"].compat.v1.get_default_graph()
        session = self._registry.get_or_create(graph) if create else self._registry.get(graph)
        return session._live if session is not None else None  # noqa: SLF001 - our own mixin's

    def _nothing_yet(self) -> str:
        if "tensorflow" not in sys.modules:
            return "no sessions: TensorFlow is not imported yet in this kernel"
        return "no sessions yet: tf.compat.v1.Session() opens one"


def fitting(record: VariableRecord, value: Any) -> Any:
    """Convert a value for a variable, or say why it does not fit.

    Raises
    ------
    CommandError
        The shape differs, or the dtype cannot be had without loss of kind (a float for an integer).
    """
    wanted = np.dtype(record.dtype.as_numpy_dtype)
    try:
        given = np.asarray(value)
        loses = wanted != object and not np.can_cast(given.dtype, wanted, "same_kind")
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


def _described(
    live: LiveSession, records: Sequence[VariableRecord]
) -> Iterator[tuple[str, str]]:
    for name, array in live.read(records).items():
        yield name, one_line(array)


def _row(record: VariableRecord, stamp: Stamp | None, lines: dict[str, str]) -> tuple[str, ...]:
    shape = "unknown" if record.shape is None else str(record.shape).replace("None", "?")
    written = "" if stamp is None else stamp[0].label if stamp[0] else "outside a cell"
    value = lines.get(record.name, "not initialized")
    trainable = "yes" if record.trainable else ""
    return (record.name, record.dtype.name, shape, value, trainable, record.device, written)


def _count(count: int) -> str:
    return f"{count} variable" if count == 1 else f"{count} variables"


def _short(device: str) -> str:
    return device.rsplit("device:", 1)[-1]


def _serial(live: LiveSession) -> int:
    execution = live.last_stamp[0]
    return execution.serial if execution else 0

"""The state of the kernel's sessions, as front ends see it."""

from __future__ import annotations

import sys
import time
import weakref
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from jupyter_tfsession import tf_graph_internals
from jupyter_tfsession.frontend.generations import generation
from jupyter_tfsession.frontend.protocol import REQUESTS, VERSION, State
from jupyter_tfsession.frontend.protocol.sessions import (
    Change,
    Device,
    Section,
    Session,
    StaleCell,
    SwitchedOff,
)
from jupyter_tfsession.sections.section import section_of
from jupyter_tfsession.sessions.managed import live_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_tfsession.cells import Cell
    from jupyter_tfsession.extension import Extension
    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.sessions.per_engine import PerEngine
    from jupyter_tfsession.snapshots.undo import Change as Undoable
    from jupyter_tfsession.variables.catalogue import VariableRecord

MOST = 256
"""Sessions, devices and cells that are told of, the latest ones."""

Policy: TypeAlias = Literal["keep", "error", "off"]

LARGE = 5_000
"""Variables of a graph in which TensorFlow takes longer than a quarter of a second to prepare a set
of fetches, for which no display waits."""

_ASKED = 100  # variables of a graph that are placed before it is told of
_MOST_CAUSES = 100
_RATE_AFTER = 0.5


class States:
    """Makes the `State`; on any thread, for it consults no thread's default graph.

    What the default graph is only the cell's thread knows: `note_default` is called there.
    """

    def __init__(self, extension: Extension) -> None:
        self._extension = extension
        self._default: weakref.ref[Any] | None = None

    def note_default(self) -> None:
        """Note the calling thread's default graph, which has to be the cell's thread."""
        if "tensorflow" in sys.modules and self._extension.registry.plain is not None:
            graph = tf_graph_internals.default_graph()
            self._default = weakref.ref(graph) if graph is not None else None

    def default(self) -> LiveSession | None:
        """Return the session of the graph that was noted, if it has one."""
        graph = self._default() if self._default is not None else None
        session = self._extension.registry.get(graph) if graph is not None else None
        return live_of(session) if session is not None else None

    def current(self) -> LiveSession | None:
        """Return the session that a request without a graph is about.

        While a cell runs, what it has run in last; else the default graph's, or the latest.
        """
        sessions = self._extension.registry.sessions()
        running = self._extension.cells.current
        if running is not None:
            ran = [live for live in sessions if live.last_stamp[0] is running]
            if ran:
                return max(ran, key=lambda live: live.last_stamp[1])
        return self.default() or max(sessions, key=_latest, default=None)

    def find(self, serial: int | None) -> LiveSession | None:
        """Return a session by the id of its graph; without one, the current session."""
        if serial is None:
            return self.current()
        sessions = self._extension.registry.sessions()
        return next((live for live in sessions if live.serial == serial), None)

    def state(self, answers: Literal["now", "after_cell"]) -> State:
        """Return the state as it is now."""
        extension = self._extension
        running = extension.cells.current
        current = self.current()
        tensorflow = sys.modules.get("tensorflow")
        version = getattr(tensorflow, "__version__", "") if tensorflow is not None else None
        return State(
            version=VERSION,
            time=time.time(),
            tensorflow=version,
            sessions=[self._session(live) for live in extension.registry.sessions()[-MOST:]],
            current=current.serial if current is not None else None,
            busy=running is not None,
            cell=running.label if running is not None else "",
            answers=answers,
            guard=cast("Policy", extension.settings.guard),
            stale=[_stale(cell, by) for cell, by in list(extension.rerun.stale.marks())[-MOST:]],
            off=[
                SwitchedOff(feature.purpose, feature.off_because)
                for feature in extension.features
                if feature.off_because
            ],
            requests=list(REQUESTS),
        )

    def _session(self, live: LiveSession) -> Session:
        records = live.plans.catalogue.records
        held = live.held(records.values())
        execution, runs = live.last_stamp[0], live.runs
        waits = live.log.parked is not None and not live.is_open
        return Session(
            graph=live.serial,
            name=live.name,
            state="open" if live.is_open else "parked" if waits else "closed",
            default=live is self.default(),
            generation=generation(live),
            variables=len(records),
            initialized=len(held),
            bytes=sum(records[name].nbytes or 0 for name in held),
            devices=self._devices(live, held),
            runs=runs,
            runs_per_second=_rate(live, runs),
            step=self._step(live, held),
            cell=execution.label if execution else "",
            own_config=live.requested is not None,
            undo=_change(live.log.done),
            redo=_change(live.log.undone),
            section=self._section(live),
            poisoned=live.pruned,
            snapshots=live.snapshots,
        )

    def _section(self, live: LiveSession) -> Section | None:
        sections, own = list(self._extension.sections), section_of(live.graph)
        if own is None or len(sections) == 1:
            return None
        began = own.cell.label if own.cell is not None else ""
        return Section(own.name, began, own is self._extension.sections.current)

    def _devices(self, live: LiveSession, held: Mapping[str, object]) -> list[Device]:
        engine = live.open_engine
        if engine is None:
            return []
        records = live.plans.catalogue.records
        placed = self._extension.inspector.placements(live, ask=len(records) <= _ASKED)
        sizes: dict[str, list[int]] = {}
        unplaced: list[VariableRecord] = []
        for name in held:
            place = placed.get(name)
            if place is None:
                unplaced.append(records[name])
            elif place.actual:
                sizes.setdefault(place.device, []).append(records[name].nbytes or 0)
        live.notes["unplaced"] = unplaced
        return [
            Device(
                name=device.name,
                type=device.device_type,
                # Of the CPU it is a made-up number.
                limit=device.memory_limit_bytes if device.device_type != "CPU" else None,
                variables=len(sizes.get(device.name, ())),
                bytes=sum(sizes.get(device.name, ())),
            )
            for device in devices_of(live, engine)[:MOST]
        ]

    def _step(self, live: LiveSession, held: Mapping[str, object]) -> int | None:
        """Return the global step as it was last read."""
        records = live.plans.catalogue.records
        steps = (name for name in held if "global_step" in records[name].collections)
        points = self._extension.inspector.history(live).of(next(steps, ""))
        return max(int(points[-1].value), 0) if points else None


def unplaced_in(live: LiveSession) -> list[VariableRecord]:
    """Return the variables of which it was not known where they are when the state was made."""
    found: list[VariableRecord] = live.notes.get("unplaced", [])
    return found


def devices_of(live: LiveSession, engine: Any) -> list[Any]:
    """Return the devices of an engine, which never change."""
    known: PerEngine[list[Any]] | None = live.notes.get("devices")
    if known is None:
        known = live.notes["devices"] = live.per_engine(lambda engine: engine.list_devices())
    return known.of(engine)


def _rate(live: LiveSession, runs: int) -> float:
    """Return the runs per second since half a second ago or longer."""
    now = time.monotonic()
    then, ran, rate = live.notes.get("rate", (now, runs, 0.0))
    if now - then >= _RATE_AFTER or "rate" not in live.notes:
        rate = (runs - ran) / (now - then) if now > then else 0.0
        live.notes["rate"] = (now, runs, rate)
    return float(round(max(rate, 0.0), 2))


def _change(changes: list[Undoable]) -> Change | None:
    change = changes[-1] if changes else None
    if change is None:
        return None
    execution = change.execution
    return Change(
        what=change.what[:200],
        variables=len(change.values),
        bytes=change.nbytes,
        cell=execution.label if execution else "",
    )


def _stale(cell: Cell, causes: set[Cell]) -> StaleCell:
    first = next((line for line in cell.source.splitlines() if line.strip()), "")
    return StaleCell(
        cell=front_end_id(cell),
        label=cell.label,
        begins=first[:200],
        replaced_by=sorted(cause.label for cause in causes)[:_MOST_CAUSES],
    )


def front_end_id(cell: Cell) -> str:
    """Return what the front end calls a cell; "" if it has sent no id."""
    return cell.key[3:].split("\0", 1)[0][:10_000] if cell.key.startswith("id:") else ""


def _latest(live: LiveSession) -> tuple[int, int]:
    execution = live.last_stamp[0]
    return execution.serial if execution else 0, live.serial

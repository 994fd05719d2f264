"""Re-running cells that build graphs: which journal is at work, and what becomes of it.

Everything here happens on the thread that runs the cell. What other threads build meanwhile is
built as TensorFlow does. Function graphs are TensorFlow's own affair.
"""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from jupyter_tfsession import tf_graph_internals as internals
from jupyter_tfsession.features import nothing
from jupyter_tfsession.graphs import code
from jupyter_tfsession.graphs.ending import end
from jupyter_tfsession.graphs.growth import Growth
from jupyter_tfsession.graphs.layers import Layers
from jupyter_tfsession.graphs.names import follow, logical_names
from jupyter_tfsession.graphs.recording import Recording
from jupyter_tfsession.graphs.stale import StaleCells, journals_of, retired_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_tfsession.cells import CellTracker, Execution
    from jupyter_tfsession.features import Features
    from jupyter_tfsession.graphs.values import KeptValues
    from jupyter_tfsession.notices import Notices

T = TypeVar("T")


class _Here(threading.local):
    """What the calling thread's cell records, by the ids of the graphs; None between cells."""

    recordings: dict[int, Recording] | None = None


class Rerun:
    """Makes cells that build graphs re-runnable.

    Parameters
    ----------
    cells, features, notices
        The rooms below.
    enabled
        Whether the user wants it.
    values
        What is told of variables whose place in the graph changes.
    namespace
        What the names of the notebook are bound to.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what it stands on
        self,
        cells: CellTracker,
        features: Features,
        notices: Notices,
        enabled: Callable[[], bool],
        values: KeptValues,
        namespace: Mapping[str, Any],
    ) -> None:
        self._cells = cells
        self._features = features
        self._enabled = enabled
        self._values = values
        self._namespace = namespace
        self._here = _Here()
        self._recordings: WeakKeyDictionary[Execution, dict[int, Recording]] = WeakKeyDictionary()
        self.stale = StaleCells(notices)
        self.layers = Layers()
        self._growth = Growth(notices)

    def recording(self, graph: Any) -> Recording | None:
        """Return the recording of a graph by the running cell, beginning it if need be.

        This is on the way of every operation, so it is written for speed.
        """
        recordings = self._here.recordings
        if recordings is None:
            return None
        found = recordings.get(id(graph))
        return found if found is not None else self._new_recording(recordings, graph)

    def within(self, graph: Any | None, work: Callable[[Recording], T]) -> T | None:
        """Do something with the recording of a graph; None if there is none, or if that fails."""
        try:
            recording = self.recording(graph) if graph is not None else None
            return work(recording) if recording is not None else None
        except Exception as error:  # noqa: BLE001 - fails open
            self.abandon(error)
            return None

    def _new_recording(self, recordings: dict[int, Recording], graph: Any) -> Recording | None:
        execution = self._cells.current
        if execution is None or graph.building_function or not self._features.is_on("rerun"):
            return None
        journal = journals_of(graph).get(execution.cell)
        unchanged = journal is not None and journal.code == self._code(execution)
        found = Recording(graph, journal, self._values.revived, unchanged=unchanged)
        recordings[id(graph)] = found
        return found

    def _code(self, execution: Execution) -> bytes:
        return code.digest(execution.cell.source, self._namespace)

    def elsewhere(self, graph: Any) -> Recording | None:
        """Return the recording of a graph by the cell to which the calling thread belongs."""
        execution = self._cells.current
        recordings = self._recordings.get(execution) if execution is not None else None
        return recordings.get(id(graph)) if recordings else None

    def has_built(self, execution: Execution) -> bool:
        """Whether an execution made anything of a graph so far."""
        recordings = self._recordings.get(execution, {}).values()
        return any(recording.now.entries or recording.now.collected for recording in recordings)

    def logical_names(self, recording: Recording) -> dict[str, str]:
        """Return the names asked for by the names of the operations, where the two differ."""
        return {**logical_names(recording.graph), **recording.asked}

    def begin(self) -> None:
        """Begin to record what a cell builds; called before it runs."""
        execution = self._cells.current
        if execution is None or not self._enabled() or not self._features.is_on("rerun"):
            return
        for recording in self._recordings.get(execution, {}).values():
            recording.abandon()  # it is another cell than it seemed: the user gave it a name
        self._recordings[execution] = self._here.recordings = {}
        self.layers.begin(execution.cell)
        graph = internals.default_graph() if _is_imported() else None
        if graph is not None:
            self.recording(graph)

    def finish(self) -> None:
        """Keep what the cell built; called after it ran."""
        execution = self._cells.current
        self._here.recordings = None
        recordings = self._recordings.pop(execution, None) if execution is not None else None
        if execution is None or recordings is None:
            return
        self.layers.finish(execution.cell)
        ran = None if execution.failed else self._code(execution)
        for recording in recordings.values():
            self._finish(recording, execution, ran)

    def _finish(self, recording: Recording, execution: Execution, ran: bytes | None) -> None:
        if recording.before is not None and recording.before.waits and ran is not None:
            self._settle_waits(recording, everything=ran != recording.before.code)
        graph, cell = recording.graph, execution.cell
        journal, retired = end(recording, ran, retired_in(graph))
        if journal.entries or journal.collected:
            journals_of(graph)[cell] = journal
        gone = {*retired_in(graph), *(operation.name for operation in retired)}
        if follow(graph, journal, recording.asked, gone):
            self._values.renamed(graph)
        if retired:
            self._values.retired(graph, [operation.name for operation in retired])
        self.stale.update(graph, cell, retired)

    def _settle_waits(self, recording: Recording, *, everything: bool = False) -> None:
        if recording.settle_waits(everything=everything):
            self._values.rewired(recording.graph)

    def ran(self, graph: Any) -> None:
        """Note a run of fetches that were never run before, on the thread that runs, before it."""
        recording = self.recording(graph)
        if recording is not None:
            if recording.before is not None and recording.before.waits:
                self._settle_waits(recording)
            self._growth.ran(recording)

    def rewired(self, operation: Any) -> None:
        """Note that an operation which may have been run takes other inputs now."""
        self._features.fails_open("rerun", self._values.rewired, nothing)(operation.graph)

    def made(self, recording: Recording, variable: Any) -> Any:
        """Return the variable object for one just made, and tell of an edited initial value.

        At once: the cell that edits it may be the one that initializes.
        """
        kept = recording.collecting.variable(variable)
        if variable.op.name in recording.collecting.redefined:
            self._values.redefined(recording.graph, {variable.op.name})
        return kept

    def abandon(self, error: Exception) -> None:
        """Go on as in plain TensorFlow, since something here failed."""
        self._features.failed("rerun", error)
        with suppress(Exception):
            self.layers.abandon()
        for recordings in list(self._recordings.values()):
            for recording in recordings.values():
                with suppress(Exception):  # what failed once may fail again
                    recording.abandon()
            recordings.clear()
        self._recordings.clear()
        self._here.recordings = None


def _is_imported() -> bool:
    """Whether TensorFlow is there, to its end."""
    return hasattr(sys.modules.get("tensorflow"), "compat")

"""Re-running cells that build graphs: which journal is at work, and what becomes of it.

Everything here happens on the thread that runs the cell. What other threads build meanwhile is
built as TensorFlow does. Function graphs are TensorFlow's own affair.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from jupyter_tfsession.graphs.growth import Growth
from jupyter_tfsession.graphs.recording import Recording
from jupyter_tfsession.graphs.stale import StaleCells, journals_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.cells import CellTracker, Execution
    from jupyter_tfsession.features import Features
    from jupyter_tfsession.notices import Notices


class Rerun:
    """Makes cells that build graphs re-runnable.

    Parameters
    ----------
    cells, features, notices
        The rooms below.
    enabled
        Whether the user wants it.
    redefined
        Told of a graph and the names of its variables whose initial values were edited.
    """

    def __init__(
        self,
        cells: CellTracker,
        features: Features,
        notices: Notices,
        enabled: Callable[[], bool],
        redefined: Callable[[Any, set[str]], None],
    ) -> None:
        self._cells = cells
        self._features = features
        self._enabled = enabled
        self._redefined = redefined
        self._recordings: WeakKeyDictionary[Execution, dict[int, Recording]] = WeakKeyDictionary()
        self.stale = StaleCells(notices)
        self._growth = Growth(notices)

    def recording(self, graph: Any) -> Recording | None:
        """Return the recording of a graph by the running cell, beginning it if need be."""
        execution = self._cells.current
        if execution is None or not self._cells.runs_here or graph.building_function:
            return None
        recordings = self._recordings.get(execution)
        if recordings is None:
            return None
        found = recordings.get(id(graph))
        if found is None:
            found = Recording(graph, journals_of(graph).get(execution.cell))
            recordings[id(graph)] = found
        return found

    def _apart(self, graph: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        """Keep what another thread builds out of the way of the running cell's names."""
        execution = self._cells.current
        recordings = self._recordings.get(execution) if execution is not None else None
        recording = recordings.get(id(graph)) if recordings else None
        return arguments if recording is None else recording.apart(arguments)

    def begin(self) -> None:
        """Begin to record what a cell builds; called before it runs."""
        execution = self._cells.current
        if execution is None or not self._enabled() or not self._features.is_on("rerun"):
            return
        self._recordings[execution] = {}
        if "tensorflow" in sys.modules:
            self.recording(sys.modules["tensorflow"].compat.v1.get_default_graph())

    def finish(self) -> None:
        """Keep what the cell built; called after it ran."""
        execution = self._cells.current
        recordings = self._recordings.pop(execution, {}) if execution is not None else {}
        for recording in recordings.values():
            self._finish(recording, execution)  # type: ignore[arg-type]  # there are none without

    def _finish(self, recording: Recording, execution: Execution) -> None:
        replaces = execution.edited and not execution.failed
        journal, retired = recording.finish(replaces=replaces)
        graph, cell = recording.graph, execution.cell
        if journal.entries or journal.collected:
            journals_of(graph)[cell] = journal
            self.stale.forget(graph, cell)
        if retired:
            self.stale.retire(graph, cell, retired)

    def ran(self, graph: Any) -> None:
        """Note a run of fetches that were never run before, on the thread that runs."""
        recording = self.recording(graph)
        if recording is not None:
            self._growth.ran(recording)

    def abandon(self, error: Exception) -> None:
        """Go on as in plain TensorFlow, since something here failed."""
        self._features.failed("rerun", error)
        for recordings in list(self._recordings.values()):
            for recording in recordings.values():
                with suppress(Exception):  # what failed once may fail again
                    recording.abandon()
        self._recordings.clear()

    # What stands in for TensorFlow's functions. The plain ones are called outside of the `try`
    # blocks: what they raise is about the user's code.

    def create_operation(self, plain: Any) -> Any:
        """Return a stand-in for ``Graph._create_op_internal``."""

        def create(  # noqa: PLR0913, PLR0917 - TensorFlow's signature
            graph: Any,
            op_type: str,
            inputs: Any,
            dtypes: Any = None,
            input_types: Any = None,
            name: str | None = None,
            attrs: Any = None,
            op_def: Any = None,
            compute_device: bool = True,
        ) -> Any:
            arguments = {
                "op_type": op_type,
                "inputs": inputs,
                "dtypes": dtypes,
                "input_types": input_types,
                "name": name,
                "attrs": attrs,
                "op_def": op_def,
                "compute_device": compute_device,
            }
            recording = sought = None
            try:
                recording = self.recording(graph)
                if recording is None:
                    arguments = self._apart(graph, arguments)
                else:
                    sought = recording.look_up(arguments)
                    if sought.found is not None:
                        return sought.found
            except Exception as error:  # noqa: BLE001 - fails open
                self.abandon(error)
                sought = None
            operation = plain(graph, **(sought.arguments if sought else arguments))
            if recording is not None and sought is not None:
                recording.note(sought, operation)
            return operation

        return create

    def unique_name(self, plain: Any) -> Any:
        """Return a stand-in for ``Graph.unique_name``: a graph's recording begins before it."""

        def unique(graph: Any, name: str, mark_as_used: bool = True) -> str:
            try:
                self.recording(graph)
            except Exception as error:  # noqa: BLE001 - fails open
                self.abandon(error)
            unique_name: str = plain(graph, name, mark_as_used)
            return unique_name

        return unique

    def add_to_collection(self, plain: Any) -> Any:
        """Return a stand-in for ``Graph.add_to_collection``."""

        def add(graph: Any, name: Any, value: Any) -> None:
            try:
                recording = self.recording(graph)
                if recording is not None:
                    recording.collect(name, value)
                    return
            except Exception as error:  # noqa: BLE001 - fails open
                self.abandon(error)
            plain(graph, name, value)

        return add

    def create_variable(self, plain: Any) -> Any:
        """Return a stand-in for TensorFlow's default variable creator."""

        def create(next_creator: Any = None, **kwargs: Any) -> Any:
            variable = plain(next_creator, **kwargs)
            try:
                graph = getattr(variable, "graph", None)
                recording = self.recording(graph) if graph is not None else None
                if recording is not None:
                    return self._known(recording, variable)
            except Exception as error:  # noqa: BLE001 - fails open
                self.abandon(error)
            return variable

        return create

    def _known(self, recording: Recording, variable: Any) -> Any:
        """Return the variable object for one just made, and tell of an edited initial value.

        At once: the cell that edits it may be the one that initializes.
        """
        kept = recording.variable(variable)
        if variable.op.name in recording.redefined:
            self._redefined(recording.graph, {variable.op.name})
        return kept

    def update_input(self, plain: Any) -> Any:
        """Return a stand-in for ``Operation._update_input`` that leaves alone what is so already.

        Loops rewire operations when they are built; TensorFlow warns about those that have run.
        """

        def update(operation: Any, index: int, tensor: Any) -> None:
            if operation.inputs[index] is not tensor:
                plain(operation, index, tensor)

        return update

    def set_attr(self, plain: Any) -> Any:
        """Return a stand-in for ``Operation._set_attr`` that leaves alone what is so already.

        A control dependency marks the operation depended on, and TensorFlow warns about those that
        have run: ``tf.group`` over initializers, for one.
        """

        def set_attr(operation: Any, name: str, value: Any) -> None:
            if name != "_has_manual_control_dependencies" or not _has(operation, name):
                plain(operation, name, value)

        return set_attr


def _has(operation: Any, attribute: str) -> bool:
    try:
        operation.get_attr(attribute)
    except ValueError:
        return False
    return True

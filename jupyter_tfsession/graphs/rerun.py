"""Re-running cells that build graphs: which journal is at work, and what becomes of it.

Everything here happens on the thread that runs the cell. What other threads build meanwhile is
built as TensorFlow does. Function graphs are TensorFlow's own affair.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from jupyter_tfsession.graphs.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.cells import Cell, CellTracker, Execution
    from jupyter_tfsession.graphs.journal import Journal

_HELD_AS = "_jupyter_tfsession_journals"


class Rerun:
    """Makes cells that build graphs re-runnable.

    Parameters
    ----------
    cells
        Tells which cell runs.
    enabled
        Whether the user wants it.
    """

    def __init__(self, cells: CellTracker, enabled: Callable[[], bool]) -> None:
        self._cells = cells
        self._enabled = enabled
        self._recordings: WeakKeyDictionary[Execution, dict[int, Recording]] = WeakKeyDictionary()

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
            found = Recording(graph, self._journals(graph).get(execution.cell))
            recordings[id(graph)] = found
        return found

    def begin(self) -> None:
        """Begin to record what a cell builds; called before it runs."""
        execution = self._cells.current
        if execution is None or not self._enabled():
            return
        self._recordings[execution] = {}
        if "tensorflow" in sys.modules:
            self.recording(sys.modules["tensorflow"].compat.v1.get_default_graph())

    def finish(self) -> None:
        """Keep what the cell built; called after it ran."""
        execution = self._cells.current
        recordings = self._recordings.pop(execution, {}) if execution is not None else {}
        for recording in recordings.values():
            replaces = execution.edited and not execution.failed  # type: ignore[union-attr]
            journal, _retired = recording.finish(replaces=replaces)
            if journal.entries or journal.collected:
                self._journals(recording.graph)[execution.cell] = journal  # type: ignore[union-attr]

    def _journals(self, graph: Any) -> dict[Cell, Journal]:
        journals: dict[Cell, Journal] | None = getattr(graph, _HELD_AS, None)
        if journals is None:
            journals = {}
            setattr(graph, _HELD_AS, journals)
        return journals

    # What stands in for TensorFlow's functions.

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
            recording = self.recording(graph)
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
            if recording is None:
                return plain(graph, **arguments)
            return recording.operation(lambda **changed: plain(graph, **changed), arguments)

        return create

    def unique_name(self, plain: Any) -> Any:
        """Return a stand-in for ``Graph.unique_name``: a graph's recording begins before it."""

        def unique(graph: Any, name: str, mark_as_used: bool = True) -> str:
            self.recording(graph)
            unique_name: str = plain(graph, name, mark_as_used)
            return unique_name

        return unique

    def add_to_collection(self, plain: Any) -> Any:
        """Return a stand-in for ``Graph.add_to_collection``."""

        def add(graph: Any, name: Any, value: Any) -> None:
            recording = self.recording(graph)
            if recording is None:
                plain(graph, name, value)
            else:
                recording.collect(name, value)

        return add

    def create_variable(self, plain: Any) -> Any:
        """Return a stand-in for TensorFlow's default variable creator."""

        def create(next_creator: Any = None, **kwargs: Any) -> Any:
            variable = plain(next_creator, **kwargs)
            graph = getattr(variable, "graph", None)
            recording = self.recording(graph) if graph is not None else None
            return variable if recording is None else recording.variable(variable)

        return create

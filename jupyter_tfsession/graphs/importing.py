"""Graphs that are imported as a whole: found again as a whole."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_graph_internals as internals
from jupyter_tfsession import tf_signature_internals as signatures
from jupyter_tfsession.graphs.journal import Import

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_tfsession.graphs.recording import Recording
    from jupyter_tfsession.graphs.rerun import Rerun


@dataclass
class Found:
    """What an import comes to.

    Attributes
    ----------
    made
        The import from before; None where the graph has to be imported.
    elements
        What the import returns.
    """

    made: Import | None = None
    elements: Any = None


@contextmanager
def importing(rerun: Rerun, graph_def: Any, options: dict[str, Any]) -> Iterator[Found]:
    """Look for an import; where there is none, keep the one that is made inside the block."""
    found = Found()
    attempt = None
    try:
        attempt = _Attempt.of(rerun, graph_def, options)
        if attempt is not None:
            found.made = attempt.find()
            found.elements = found.made.elements if found.made is not None else None
    except Exception as error:  # noqa: BLE001 - fails open
        rerun.abandon(error)
        attempt = None
    yield found
    try:
        if attempt is not None and found.made is None:
            attempt.keep(found.elements)
    except Exception as error:  # noqa: BLE001 - fails open
        rerun.abandon(error)


class _Attempt:
    """One import into a graph that is being recorded."""

    def __init__(self, recording: Recording, graph_def: Any, options: dict[str, Any]) -> None:
        self._recording = recording
        self._graph_def = graph_def
        self._name = options.get("name")
        self._prefix = internals.import_prefix(recording.graph, self._name)
        self._signature = signatures.import_signature(recording.graph, graph_def, options)
        self._before = len(recording.graph.get_operations())

    @classmethod
    def of(cls, rerun: Rerun, graph_def: Any, options: dict[str, Any]) -> _Attempt | None:
        """Return the attempt; None where nothing is recorded or the graph cannot be read."""
        import tensorflow as tf

        if not isinstance(graph_def, tf.compat.v1.GraphDef):
            return None  # TensorFlow will say so
        graph = internals.default_graph()
        recording = rerun.recording(graph) if graph is not None else None
        return cls(recording, graph_def, options) if recording is not None else None

    def find(self) -> Import | None:
        found = self._recording.look_up_import(self._prefix, self._signature)
        if found is not None:
            internals.enter_import(self._recording.graph, self._name)
        return found

    def keep(self, elements: Any) -> None:
        operations = self._recording.graph.get_operations()[self._before :]
        path = f"{self._prefix}/" if self._prefix else ""
        wanted = {f"{path}{node.name}" for node in self._graph_def.node}
        names = tuple(_asked(operation.name, wanted) for operation in operations)
        made = Import(self._signature or (), names, elements)
        self._recording.note_import(self._prefix, made, operations)


def _asked(name: str, wanted: set[str]) -> str:
    """Return the name that was asked for; the C graph puts a number behind one that is taken."""
    stem = re.sub(r"_\d+\Z", "", name)
    return stem if name not in wanted and stem in wanted else name

"""Runs whole notebooks at once: imported in the kernels, where a message per cell would be slow."""

from __future__ import annotations

import gc
import itertools
import sys
import tempfile
from typing import Any

import tensorflow.compat.v1 as tf
from IPython import get_ipython
from IPython.utils.capture import capture_output
from observing import literal, look

_NOTEBOOKS = itertools.count(1)
_USE = """
sess = tf.Session()
sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
sess.run(tf.get_collection('starts'))
results = []
for _ in range(2):
    results += [sess.run(out) for out in outs.values()]
    # One by one: reference variables are read and written at once within a run.
    for train in [train for trains in trains_of.values() for train in trains]:
        sess.run(train)
results.append(sess.run({v.name: v for v in tf.global_variables()}))
"""


class Notebook:
    """A notebook with cells and a default graph of its own."""

    def __init__(self) -> None:
        self.shell = get_ipython()
        self.prefix = f"notebook {next(_NOTEBOOKS)} "
        tf.reset_default_graph()
        if "jupyter_tfsession.extension" in sys.modules:  # what is done here is no cell's
            for extension in sys.modules["jupyter_tfsession.extension"]._extensions.values():
                extension.sections.forget()
        for name in [name for name in self.shell.user_ns if name not in self.shell.user_ns_hidden]:
            if name not in {"tf", "np"} and not name.startswith("__"):
                del self.shell.user_ns[name]
        self.shell.user_ns.update(outs={}, trains_of={})
        if self.prefix.endswith("0 "):
            gc.collect()

    def run(self, cell: str, source: str) -> str | None:
        """Run a cell, and return its error if it fails."""
        with capture_output() as captured:
            outcome = self.shell.run_cell(source, cell_id=self.prefix + cell)
        notices = [str(output.data) for output in captured.outputs]
        if any("switched off" in notice for notice in notices):
            return f"SwitchedOff: {notices}"
        error = outcome.error_before_exec or outcome.error_in_exec
        return None if error is None else f"{type(error).__name__}: {error}"


def play(steps: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Run cells, and tell of each how it ended and what it added to the default graph.

    The cell ``use`` initializes, fetches and trains; what it gives are its `results`.
    """
    notebook = Notebook()
    seen = []
    for cell, source in steps:
        before = len(tf.get_default_graph().get_operations())
        error = notebook.run(cell, _USE if cell == "use" else source)
        graph = look()
        seen.append(
            {
                "error": error,
                "added": [name for name, *_ in graph["nodes"][before:]],
                "collections": graph["collections"],
            }
        )
        if cell == "use" and error is None:
            seen[-1]["results"] = literal(notebook.shell.user_ns["results"])
    return seen


def play_cells(steps: list[tuple[str, str]]) -> list[tuple[Any, Any]]:
    """Run cells, and tell of each its error's type and what `seen` is after it."""
    notebook = Notebook()
    names = notebook.shell.user_ns
    found = []
    with tempfile.TemporaryDirectory() as base:
        for cell, source in steps:
            names.update(seen=None, base=f"{base}/")
            error = notebook.run(cell, source)
            found.append((error and error.partition(":")[0], names["seen"]))
    session = tf.get_default_session()
    if session is not None:
        session.close()
    return found

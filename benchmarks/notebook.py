"""A shell of this process with the extension loaded, beside sessions that are TensorFlow's own."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any, TypeVar

import tensorflow.compat.v1 as tf
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

PlainSession = tf.Session
"""TensorFlow's own class: this module is imported before the extension is loaded."""


class Notebook:
    """Runs functions as cells, which is what the extension looks at."""

    def __init__(self) -> None:
        tf.logging.set_verbosity(tf.logging.ERROR)  # it warns of what is deprecated
        tf.disable_v2_behavior()
        self.shell = InteractiveShell.instance()
        self.shell.history_manager.enabled = False
        self._ids = itertools.count(1)
        self.shell.run_line_magic("load_ext", "jupyter_tfsession")

    def cell(self, function: Callable[[], T]) -> T:
        """Return what `function` returns in a cell that never ran before."""
        results: list[T] = []
        self.shell.user_ns["run"] = lambda: results.append(function())
        with capture_output():
            outcome = self.shell.run_cell("run()", cell_id=f"cell-{next(self._ids)}")
        outcome.raise_error()
        return results[0]

    def seconds(self, source: str, cell: str) -> float:
        """Run a cell by its id and return how long it took."""
        with capture_output():
            begin = time.perf_counter()
            outcome = self.shell.run_cell(source, cell_id=cell)
            seconds = time.perf_counter() - begin
        outcome.raise_error()
        return seconds

    def sessions(self, graph: tf.Graph) -> tuple[Any, Any]:
        """Return the managed session of a graph and a plain one of the same graph."""
        managed = self.cell(lambda: tf.Session(graph=graph))
        plain = PlainSession(graph=graph)
        if type(managed) is type(plain):
            raise RuntimeError("the extension does not manage the session: nothing to compare")
        return managed, plain

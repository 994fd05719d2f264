"""An initializer that comes round again, with everything initialized: guarded against plain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow.compat.v1 as tf

from benchmarks.timing import Result, ratios, rounds, timed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.notebook import Notebook

VARIABLES = 1000
ROUNDS = 40


def measure(notebook: Notebook) -> Iterator[Result]:
    """Compare ``global_variables_initializer()`` under the guard with what TensorFlow does."""
    for kind, resource in (("resource", True), ("reference", False)):
        graph = tf.Graph()
        with graph.as_default():
            for number in range(VARIABLES):
                tf.Variable(float(number), use_resource=resource)
            init = tf.global_variables_initializer()
        managed, plain = notebook.sessions(graph)
        notebook.cell(timed(lambda: managed.run(init)))  # noqa: B023 - called in this turn
        guarded = timed(lambda: managed.run(init))  # noqa: B023
        unguarded = timed(lambda: plain.run(init))  # noqa: B023
        values = ratios(
            # Each time in a cell of its own: twice in one cell would be the cell's own logic.
            lambda: notebook.cell(guarded),  # noqa: B023
            lambda: notebook.cell(unguarded),  # noqa: B023
            rounds(ROUNDS),
        )
        yield Result(
            f"initializer of {VARIABLES} {kind} variables",
            values,
            "x",
            "guarded, all kept / plain, all initialized",
        )

"""``%tfsession vars`` of a large graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow.compat.v1 as tf

from benchmarks.timing import Result, rounds, timed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.notebook import Notebook

VARIABLES = 1000
ROUNDS = 20


def measure(notebook: Notebook) -> Iterator[Result]:
    """Time the listing, and what the front end is sent of it."""
    graph = tf.Graph()
    with graph.as_default():
        for _ in range(VARIABLES):
            tf.Variable(tf.zeros([10, 10]))
        init = tf.global_variables_initializer()
    managed, _ = notebook.sessions(graph)
    notebook.cell(lambda: managed.run(init))
    shell = notebook.shell

    def listing() -> None:
        with graph.as_default():
            table = shell.run_line_magic("tfsession", "vars")
        data, _ = shell.display_formatter.format(table)
        if str(data).count("Variable_") < VARIABLES - 1:
            raise RuntimeError(f"not a listing of {VARIABLES} variables: {str(data)[:200]}")

    notebook.cell(listing)
    values = [1e3 * notebook.cell(timed(listing)) for _ in range(rounds(ROUNDS, 5))]
    yield Result(
        f"%tfsession vars of {VARIABLES} variables",
        values,
        "ms",
        "reading values, text and HTML",
    )

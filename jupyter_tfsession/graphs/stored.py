"""What ``tf.get_variable`` knows by name, as one execution of a cell makes it.

TensorFlow raises where a variable is made under a name that is known. So the cell's own variables
are forgotten when it is run again, until the code makes them once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_graph_internals as internals

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.graphs.journal import Journal


class Stored:
    """The stores of one graph's variables; on the thread of the execution.

    Parameters
    ----------
    graph, before, now
        The graph, and the journals of the earlier executions and of this one.

    Attributes
    ----------
    reused
        Variables that the cell asked to reuse before it made them again.
    """

    def __init__(self, graph: Any, before: Journal | None, now: Journal) -> None:
        self.reused: list[Any] = []
        self._graph = graph
        self._now = now
        own = before.stored if before is not None else []
        self._forgotten: list[dict[str, Any]] = [
            {name: table.pop(name) for name in names if name in table}
            for table, names in zip(internals.variable_tables(graph), own, strict=False)
        ]
        self._known = [set(table) for table in internals.variable_tables(graph)]

    def reuse(self, name: str) -> None:
        """Let ``tf.get_variable(name, reuse=True)`` find what the cell has not made again yet."""
        tables = internals.variable_tables(self._graph)
        for table, forgotten in zip(tables, self._forgotten, strict=False):
            if name in forgotten and name not in table:
                table[name] = forgotten[name]
                self.reused.append(forgotten[name])

    def keep(self) -> None:
        """Note which of them are the cell's; called when it has ended."""
        tables = internals.variable_tables(self._graph)
        known = self._known or [set() for _ in tables]
        self._now.stored = [set(t) - before for t, before in zip(tables, known, strict=True)]

    def restore(self, keeps: Callable[[Any], bool]) -> None:
        """Let TensorFlow know again what the cell made before and still has; after `keep`."""
        tables = internals.variable_tables(self._graph)
        for table, names, forgotten in zip(tables, self._now.stored, self._forgotten, strict=False):
            for name in forgotten.keys() - table.keys():
                if keeps(forgotten[name]):
                    table[name] = forgotten[name]
                    names.add(name)

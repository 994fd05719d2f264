"""Tables that were filled and iterators that were begun in a session: again, in its next engine.

Variables come back with their values when a session is opened again. What a table holds and where
an iterator is cannot be read, but what filled the one and began the other can be run once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_tfsession.displays import counted
from jupyter_tfsession.features import first_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_tfsession.variables.values import Run


class Started:
    """What one session has started, in that order; called by any thread that runs."""

    def __init__(self) -> None:
        self._operations: dict[str, Any] = {}

    def note(self, operations: Iterable[Any]) -> None:
        """Note what is about to be started, perhaps not for the first time."""
        for operation in operations:
            self._operations.setdefault(operation.name, operation)

    def clear(self) -> None:
        """Forget everything: the session starts empty."""
        self._operations.clear()

    def again(self, run: Run) -> str:
        """Start everything in another engine, and say so.

        Parameters
        ----------
        run
            The engine's ``run``.

        Returns
        -------
        str
            What was started, and what could not be and why; empty if there was nothing.
        """
        import tensorflow as tf

        started: dict[str, int] = {}
        refused = ""
        for name, operation in list(self._operations.items()):
            kind = "iterator" if operation.type == "MakeIterator" else "table"
            try:
                run(operation)
            except tf.errors.OpError as error:
                refused += f"; not {name}: {first_line(error)}"
                del self._operations[name]
            else:
                started[kind] = started.get(kind, 0) + 1
        said = " and ".join(counted(n, kind) for kind, n in started.items())
        return f"; started {said} again{refused}" if said else refused

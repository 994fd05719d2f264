"""Stale cells: those whose operations use what another cell has replaced since.

The journals and the marks belong to a graph, which holds them, so that they go with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_tfsession.cells import Cell
    from jupyter_tfsession.graphs.journal import Journal
    from jupyter_tfsession.notices import Notices

_JOURNALS = "_jupyter_tfsession_journals"
_MARKS = "_jupyter_tfsession_stale"
_RETIRED = "_jupyter_tfsession_retired"


def journals_of(graph: Any) -> dict[Cell, Journal]:
    """Return what each cell added to a graph."""
    held: dict[Cell, Journal] = _held(graph, _JOURNALS, {})
    return held


def retired_in(graph: Any) -> set[str]:
    """Return the names of the operations that earlier versions of cells made."""
    held: set[str] = _held(graph, _RETIRED, set())
    return held


def stale_in(graph: Any) -> dict[Cell, set[Cell]]:
    """Return the stale cells of a graph, each with the cells that replaced what it uses."""
    held: dict[Cell, set[Cell]] = _held(graph, _MARKS, {})
    return held


def _held(graph: Any, name: str, empty: Any) -> Any:
    if not hasattr(graph, name):
        setattr(graph, name, empty)
    return getattr(graph, name)


class StaleCells:
    """Marks stale cells, says so once, and clears the marks."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._graphs: WeakSet[Any] = WeakSet()

    def forget(self, graph: Any, cell: Cell) -> None:
        """Clear the mark of a cell that was run again."""
        stale_in(graph).pop(cell, None)
        made = {entry.operation.name for entry in journals_of(graph)[cell].entries.values()}
        retired_in(graph).difference_update(made)

    def retire(self, graph: Any, cell: Cell, operations: list[Any]) -> None:
        """Retire what a cell no longer makes, and mark the cells that use it."""
        retired_in(graph).update(operation.name for operation in operations)
        users = [other for other in self._users(graph, operations) if other is not cell]
        self._graphs.add(graph)
        for other in users:
            stale_in(graph).setdefault(other, set()).add(cell)
        if users:
            labels = ", ".join(sorted({other.label for other in users}))
            plural = "s" if len(users) > 1 else ""
            verb = "use" if plural else "uses"
            self._notices.say(
                f"cell{plural} {labels} still {verb} what this cell replaced. "
                "%tfsession stale tells which to run again"
            )

    def marks(self) -> Iterator[tuple[Cell, set[Cell]]]:
        """Yield every stale cell with the cells that replaced what it uses."""
        for graph in list(self._graphs):
            yield from stale_in(graph).items()

    def _users(self, graph: Any, operations: list[Any]) -> list[Cell]:
        consumers = {consumer.name for op in operations for consumer in _consumers(op)}
        return [
            cell
            for cell, journal in journals_of(graph).items()
            if any(entry.operation.name in consumers for entry in journal.entries.values())
        ]


def _consumers(operation: Any) -> Iterator[Any]:
    for tensor in operation.outputs:
        yield from tensor.consumers()

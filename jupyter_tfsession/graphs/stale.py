"""Stale cells: those whose operations use what another cell has replaced since.

The journals and what is retired belong to a graph, which holds them, so that they go with it.
Which cells are stale follows from the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakSet

from jupyter_tfsession.tf_graph_internals import consumers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jupyter_tfsession.cells import Cell
    from jupyter_tfsession.graphs.journal import Journal
    from jupyter_tfsession.notices import Notices

_JOURNALS = "_jupyter_tfsession_journals"
_RETIRED = "_jupyter_tfsession_retired"
_STALE = "_jupyter_tfsession_stale"


class Retired(NamedTuple):
    """An operation that no cell makes any more, and the cell that did."""

    operation: Any
    cell: Cell


def journals_of(graph: Any) -> dict[Cell, Journal]:
    """Return what each cell added to a graph."""
    held: dict[Cell, Journal] = _held(graph, _JOURNALS)
    return held


def retired_in(graph: Any) -> dict[str, Retired]:
    """Return the operations that earlier versions of cells made, by name."""
    held: dict[str, Retired] = _held(graph, _RETIRED)
    return held


def _held(graph: Any, name: str) -> Any:
    if not hasattr(graph, name):
        setattr(graph, name, {})
    return getattr(graph, name)


def stale_in(graph: Any) -> dict[Cell, set[Cell]]:
    """Return the stale cells of a graph, each with the cells that replaced what it uses.

    Any thread may call: the table is replaced as a whole when a cell ends.
    """
    held: dict[Cell, set[Cell]] = _held(graph, _STALE)
    return held


def _find_stale(graph: Any) -> dict[Cell, set[Cell]]:
    """Work out which cells use what is retired."""
    retired = retired_in(graph)
    causes: dict[str, set[Cell]] = {}
    for operation, cause in retired.values():
        for user in _users(operation):
            causes.setdefault(user.name, set()).add(cause)
    stale: dict[Cell, set[Cell]] = {}
    for cell, journal in journals_of(graph).items() if causes else ():
        for entry in journal.entries.values():
            name = entry.operation.name
            others = causes.get(name, set()) - {cell}
            if others and name not in retired:
                stale.setdefault(cell, set()).update(others)
    return stale


def _users(operation: Any) -> Iterator[Any]:
    for tensor in operation.outputs:
        yield from consumers(tensor)


class StaleCells:
    """Says so when cells become stale, and knows which are."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._graphs: WeakSet[Any] = WeakSet()

    def update(self, graph: Any, cell: Cell, retired: Iterable[Any]) -> None:
        """Take in what a cell that ran has made, and what it does not make any more."""
        journal = journals_of(graph).get(cell)
        names = retired_in(graph)
        for entry in journal.entries.values() if journal and names else ():
            names.pop(entry.operation.name, None)
        names.update((operation.name, Retired(operation, cell)) for operation in retired)
        before = stale_in(graph)
        if not names and not before:
            return
        now = _find_stale(graph)
        setattr(graph, _STALE, now)
        self._graphs.add(graph)
        self._say(
            {other for other, causes in now.items() if cell in causes - before.get(other, set())}
        )

    def _say(self, cells: set[Cell]) -> None:
        if cells:
            labels = ", ".join(sorted(cell.label for cell in cells))
            verb = "s {} still use" if len(cells) > 1 else " {} still uses"
            self._notices.say(
                f"cell{verb.format(labels)} what this cell replaced. "
                "%tfsession stale tells which to run again"
            )

    def marks(self) -> Iterator[tuple[Cell, set[Cell]]]:
        """Yield every stale cell with the cells that replaced what it uses."""
        for graph in list(self._graphs):
            yield from stale_in(graph).items()

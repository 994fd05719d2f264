"""What variables are called."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.graphs.names import called, logical_names
from jupyter_tfsession.graphs.stale import retired_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jupyter_tfsession.variables.catalogue import VariableRecord

_RETIRED = " (retired)"


def logical_name(graph: Any, record: VariableRecord) -> str:
    """Return the name that was asked for when the variable was made.

    The name of the operation differs where that one was taken, by what the variable has replaced.
    """
    return called(logical_names(graph), record.name)


def in_use(graph: Any, records: Iterable[VariableRecord]) -> list[VariableRecord]:
    """Leave out the variables that earlier versions of cells made."""
    retired = retired_in(graph)
    return [record for record in records if record.name not in retired]


class Names:
    """The variables of a graph by what the user calls them, as they are when this is made.

    A name stands for the variable that was made by it and is in use; where there is none, for the
    variable whose operation has that name. ``NAME (retired)``, as the tables have it, stands for
    the retired one.

    Parameters
    ----------
    graph
        The graph.
    records
        Its variables.
    """

    def __init__(self, graph: Any, records: Iterable[VariableRecord]) -> None:
        self._called = [(logical_name(graph, record), record) for record in records]
        self._retired = retired_in(graph)
        self._by_name = {record.name: record for _, record in self._called}
        self._by_name |= {
            name + _RETIRED: record for name, record in self._called if not self._in_use(record)
        }
        self._by_name |= {name: record for name, record in self._called if self._in_use(record)}

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def find(self, name: str) -> VariableRecord | None:
        """Return the variable that a name stands for."""
        return self._by_name.get(name)

    def matching(self, glob: str, *, retired: bool = True) -> list[VariableRecord]:
        """Return the variable of that name, or else those whose names match the pattern.

        Parameters
        ----------
        glob
            A name or a pattern.
        retired
            Whether a pattern means retired variables as well.
        """
        exact = self.find(glob)
        if exact is not None:
            return [exact]
        names = set(fnmatch.filter((name for name, _ in self._called), glob))
        return [
            record
            for name, record in self._called
            if name in names and (retired or self._in_use(record))
        ]

    def _in_use(self, record: VariableRecord) -> bool:
        return record.name not in self._retired

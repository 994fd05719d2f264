"""What one cell added to one graph, and finding it again when the cell is run again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_tfsession.tf_graph_internals import NamingState


@dataclass(frozen=True)
class Entry:
    """An operation and what it was made of.

    Attributes
    ----------
    operation
        The operation.
    signature
        All that made it what it is; None if it cannot be told, and so is never found again.
    """

    operation: Any
    signature: bytes | None


@dataclass
class Journal:
    """What a cell's executions so far have added to a graph.

    Attributes
    ----------
    start
        The graph's naming state when the cell first ran.
    entries
        The operations, by the name that was asked for: the name they have, but for those that had
        to make way for others.
    variables
        By the name of their operation, the variables as Python objects.
    stored
        By table, the names under which ``tf.get_variable`` knows them.
    collected
        By collection, the objects that the cell added.
    """

    start: NamingState
    entries: dict[str, Entry] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    stored: list[set[str]] = field(default_factory=list)
    collected: dict[Any, list[Any]] = field(default_factory=dict)

    def find(self, name: str, signature: bytes | None) -> Any | None:
        """Return the operation that was made under this name from the same parts, if any."""
        entry = self.entries.get(name)
        if entry is None or signature is None or entry.signature != signature:
            return None
        return entry.operation

"""What becomes of values when the variables that hold them change their place in the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class KeptValues(Protocol):
    """Told by the graphs' side of what concerns the sessions; on the thread that runs the cell."""

    def redefined(self, graph: Any, names: set[str]) -> None:
        """Note that the initial values of variables were edited."""

    def retired(self, graph: Any, names: Sequence[str]) -> None:
        """Note that operations, variables among them, are no longer made by any cell."""

    def revived(self, operation: Any) -> None:
        """Note that an operation which was retired is made again."""

    def renamed(self, graph: Any) -> None:
        """Note that names of the graph stand for other operations now."""

    def rewired(self, graph: Any) -> None:
        """Note that an operation which sessions may have seen takes other inputs now."""

"""What variables are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_tfsession.graphs.names import logical_names

if TYPE_CHECKING:
    from jupyter_tfsession.variables.catalogue import VariableRecord


def logical_name(graph: Any, record: VariableRecord) -> str:
    """Return the name that was asked for when the variable was made.

    The name of the operation differs where that one was taken, by what the variable has replaced.
    """
    return logical_names(graph).get(record.name, record.name)

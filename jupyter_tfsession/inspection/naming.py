"""What variables are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_tfsession.variables.catalogue import VariableRecord


def logical_name(graph: Any, record: VariableRecord) -> str:  # noqa: ARG001
    """Return the name that was asked for when the variable was made.

    The name of the operation differs where that one was taken. This is the one place that tells;
    so far, it is the operation's.
    """
    return record.name

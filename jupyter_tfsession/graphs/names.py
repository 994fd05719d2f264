"""Logical names: what was asked for, where the C graph has that name taken already.

An operation that an edited cell makes anew cannot have the name that it had before. Code that asks
the graph for that name means the new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_tfsession.graphs.journal import Journal

_NAMES = "_jupyter_tfsession_names"


def names_in(graph: Any) -> dict[str, str]:
    """Return the names of operations by the names asked for, where the two differ."""
    if not hasattr(graph, _NAMES):
        setattr(graph, _NAMES, {})
    held: dict[str, str] = getattr(graph, _NAMES)
    return held


def logical_names(graph: Any) -> Mapping[str, str]:
    """Return the names asked for by the names of the operations, where the two differ."""
    return {name: asked for asked, name in names_in(graph).items()}


def follow(graph: Any, journal: Journal) -> bool:
    """Take in what a cell has made; tell whether a name stands for something else now."""
    names = names_in(graph)
    before = dict(names)
    for asked, entry in journal.entries.items():
        name = entry.operation.name
        if name != asked:
            names[asked] = name
        else:
            names.pop(asked, None)
    return names != before

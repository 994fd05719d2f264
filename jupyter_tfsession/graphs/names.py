"""Logical names: what was asked for, where the C graph has that name taken already.

An operation that an edited cell makes anew cannot have the name that it had before. Code that asks
the graph for that name means the new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from jupyter_tfsession.graphs.journal import Journal

_NAMES = "_jupyter_tfsession_names"
_LOGICAL = "_jupyter_tfsession_logical_names"


def names_in(graph: Any) -> Mapping[str, str]:
    """Return the names of operations by the names asked for, where the two differ.

    Any thread may call this and the next: the tables are replaced as a whole when a cell ends.
    """
    held: Mapping[str, str] = getattr(graph, _NAMES, {})
    return held


def logical_names(graph: Any) -> Mapping[str, str]:
    """Return the names asked for by the names of the operations, where the two differ."""
    held: Mapping[str, str] = getattr(graph, _LOGICAL, {})
    return held


def called(names: Mapping[str, str], name: str) -> str:
    """Return the name asked for, of what is named after something else as well.

    An optimizer names its variables after the operations of those that it trains, ``w_1/Adam``.

    Parameters
    ----------
    names
        Names asked for by the names of the operations, where the two differ.
    name
        Name of an operation.
    """
    scope, rest = name, ""
    while scope not in names and "/" in scope:
        scope, _, last = scope.rpartition("/")
        rest = f"/{last}{rest}"
    return names[scope] + rest if scope in names else name


def follow(
    graph: Any, journal: Journal, asked_for: Mapping[str, str], retired: Container[str]
) -> bool:
    """Take in what a cell has made; tell whether a name stands for something else now.

    Parameters
    ----------
    graph, journal
        The graph, and the cell's journal.
    asked_for
        By the names of the cell's operations, the names asked for, where the two differ.
    retired
        Names of the operations that are not in use any more: their names can be given away.
    """
    if not asked_for and not names_in(graph):
        return False
    names = dict(names_in(graph))
    for asked, entry in journal.entries.items():
        name = entry.operation.name
        if name != asked:
            names[asked] = name
        else:
            names.pop(asked, None)
    logical = {name: asked for asked, name in names.items()}
    for entry in journal.entries.values() if logical else ():
        name = entry.operation.name
        asked = called(logical, name)
        if name not in logical and asked != name and _is_free(graph, asked, retired):
            names[asked] = name
    if names == names_in(graph):
        return False
    setattr(graph, _NAMES, names)
    setattr(graph, _LOGICAL, {name: asked for asked, name in names.items()})
    return True


def _is_free(graph: Any, name: str, retired: Container[str]) -> bool:
    try:
        return graph.get_operation_by_name(name).name in retired
    except KeyError:
        return True

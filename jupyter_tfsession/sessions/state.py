"""What a session holds beside variables, which no other session can take over.

Tables that are filled once are no such thing: see `starting`.
"""

from __future__ import annotations

import re
from typing import Any

_KINDS = {
    "iterators": re.compile("Iterator"),
    "look-up tables": re.compile("Mutable.*HashTable"),
    "queues": re.compile("Queue|Barrier|Stage|ConditionalAccumulator|Reader"),
}
_LOOKED = "_jupyter_tfsession_state"


def state_in(graph: Any) -> str:
    """Return what of that kind a graph has, in words; nothing if it has none."""
    version, found = getattr(graph, _LOOKED, (-1, ""))
    if version != graph.version:
        types = {operation.type for operation in graph.get_operations()}
        kinds = [kind for kind, form in _KINDS.items() if any(map(form.search, types))]
        found = " and ".join(kinds)
        setattr(graph, _LOOKED, (graph.version, found))
    return str(found)

"""Naming the sections when a cell fails since it mixes what belongs to several of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.sections.things import graph_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_MIXED = re.compile(
    r"must be from the same graph|is not an element of this graph|not the graph of|"
    r"different graph|cannot be interpreted as a Tensor|not a valid .* of this graph"
)
_FRAMES = 8


def is_mixed(error: BaseException) -> bool:
    """Whether TensorFlow says that something belongs to another graph."""
    return isinstance(error, (ValueError, TypeError, RuntimeError)) and bool(
        _MIXED.search(str(error))
    )


def graphs_in(error: BaseException) -> list[Any]:
    """Return the graphs to which what TensorFlow was looking at belongs, innermost first."""
    graphs = {id(graph): graph for graph in map(graph_of, _looked_at(error)) if graph is not None}
    return list(graphs.values())


def _looked_at(error: BaseException) -> Iterator[Any]:
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        frames.append(traceback.tb_frame)
        traceback = traceback.tb_next
    for frame in frames[: -_FRAMES - 1 : -1]:
        if frame.f_globals.get("__name__", "").startswith("tensorflow."):
            yield from frame.f_locals.values()

"""What a graph looks like, as literals: imported in the kernels, by way of `Notebook.value`."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import tensorflow.compat.v1 as tf

# What TensorFlow makes up: names of functions and tables, numbers of gradients and functions.
_MADE_UP: Final = re.compile(
    r'(?<=func {\n  name: ")[^"]*|(?<=CustomGradient-)\d+|(?<="pyfunc_)\d+'
    r"|(?<=table_)([0-9a-f-]{36}|\d+)"
)


def look(graph: Any = None) -> dict[str, Any]:
    """Return what a graph consists of, in order; by default TensorFlow's default graph."""
    graph = graph or tf.get_default_graph()
    return {
        "nodes": [
            (
                node.name,
                [*node.input, *_neighbours(node)],
                node.op,
                node.device,
                {key: _MADE_UP.sub("", str(value)) for key, value in node.attr.items()},
            )
            for node in graph.as_graph_def().node
        ],
        "collections": {
            str(key): [_shown(item) for item in graph.get_collection(key)]
            for key in graph.get_all_collection_keys()
            if graph.get_collection(key)
        },
    }


def values(session: Any) -> dict[str, Any]:
    """Return the values of the graph's variables that are initialized."""
    read = {v.name: _value(session, v) for v in tf.global_variables()}
    return {name: value for name, value in read.items() if value is not None}


def literal(value: Any) -> Any:
    """Return arrays and structures of them as lists."""
    if isinstance(value, dict):
        return {key: literal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [literal(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return value


def _value(session: Any, variable: Any) -> Any:
    try:
        return literal(session.run(variable))
    except tf.errors.FailedPreconditionError:
        return None


def _neighbours(node: Any) -> list[str]:
    """Return the operations that another has to be on the same device as, itself left out."""
    places = node.attr["_class"].list.s if "_class" in node.attr else ()
    names = [place.decode().removeprefix("loc:@") for place in places]
    return [name for name in names if name != node.name]


def _shown(item: Any) -> str:
    name = getattr(item, "name", None)
    if isinstance(name, str):
        return name
    if isinstance(item, int | float | str | bytes | list | tuple | dict):
        return repr(item)
    return type(item).__name__

"""Which values of a notebook belong to a graph.

Tensors, operations, variables, sessions, optimizers, savers, whatever else of TensorFlow's holds
something of a graph, and lists, tuples, dicts and sets of them. Objects of the notebook's own
classes are the notebook's, whatever is in their attributes.
"""

from __future__ import annotations

import sys
from collections import deque
from enum import Enum
from itertools import islice
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_ROOTS = frozenset({"tensorflow", "keras", "tf_keras", "tensorflow_estimator"})
_MESSAGES = "tensorflow.core."

_MOST = 256
"""How many parts of a value are looked at: what is longer is data."""


class _Kind(Enum):
    """What a type says of its values."""

    PLAIN = 0
    CONTAINER = 1
    TENSORFLOWS = 2  # may hold something of a graph
    GRAPH_THING = 3  # belongs to a graph, even if it does not say to which


_kinds: dict[type, _Kind] = {}


def graph_thing(value: Any) -> tuple[bool, Any | None]:
    """Return whether a value belongs to a graph, and to which, as far as it can be told."""
    kind = _kinds.get(type(value)) or _kind_of(type(value))
    if kind is _Kind.PLAIN:
        return False, None
    graph = graph_of(value)
    return graph is not None or kind is _Kind.GRAPH_THING, graph


def graph_of(value: Any) -> Any | None:
    """Return the graph to which a value belongs, as far as it can be told."""
    kind = _kinds.get(type(value)) or _kind_of(type(value))
    if kind is _Kind.TENSORFLOWS:
        graph = _own_graph(value)
        if graph is not None:
            return graph
    waiting = deque([value])
    for _ in range(_MOST):
        if not waiting:
            break
        item = waiting.popleft()
        kind = _kinds.get(type(item)) or _kind_of(type(item))
        if kind is _Kind.PLAIN:
            continue
        if kind is _Kind.CONTAINER:
            waiting.extend(islice(_parts(item), _MOST))
            continue
        graph = _own_graph(item)
        if graph is not None:
            return graph
        waiting.extend(islice(getattr(item, "__dict__", {}).values(), _MOST))
    return None


def _parts(container: Any) -> Iterable[Any]:
    if isinstance(container, dict):
        for key, value in container.items():
            yield key
            yield value
    else:
        yield from container


def _own_graph(item: Any) -> Any | None:
    import tensorflow as tf

    try:
        found = item if isinstance(item, tf.Graph) else getattr(item, "graph", None)
    except Exception:  # noqa: BLE001 - a property of whatever object
        return None
    # The graph of a function is a part of another's.
    return found if isinstance(found, tf.Graph) and not found.building_function else None


def _kind_of(cls: type) -> _Kind:
    kind = _look_at(cls)
    if kind is not _Kind.PLAIN or hasattr(sys.modules.get("tensorflow"), "compat"):
        _kinds[cls] = kind
    return kind


def _look_at(cls: type) -> _Kind:
    if issubclass(cls, (list, tuple, dict, set, frozenset)):
        return _Kind.CONTAINER
    if issubclass(cls, (type, ModuleType)) or not any(map(_is_tensorflows, cls.__mro__)):
        return _Kind.PLAIN
    v1 = sys.modules["tensorflow"].compat.v1
    always = (v1.train.Optimizer, v1.train.Saver, v1.summary.FileWriter)
    return _Kind.GRAPH_THING if issubclass(cls, always) else _Kind.TENSORFLOWS


def _is_tensorflows(base: type) -> bool:
    module = str(base.__module__)
    return module.partition(".")[0] in _ROOTS and not module.startswith(_MESSAGES)

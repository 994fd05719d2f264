"""What TensorFlow and Keras count to make up names and seeds; see `tf_internals`."""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from typing import Any, TypeAlias
from weakref import ref

Counts: TypeAlias = dict[Any, dict[Any, int]]
"""By the table that Keras keeps, how many layers of each kind it has named."""

# Keras 2: up to TensorFlow 2.15 it is Keras itself.
_LEGACY_BACKENDS = ("keras.src.backend", "tf_keras.src.backend")

SEEDS = {
    "keras.src.random.seed_generator": "python_random",
    **dict.fromkeys(_LEGACY_BACKENDS, "random"),
}
"""Modules in which Keras draws seeds from Python's ``random``, and what they call it."""


def name_of_random(module: Any) -> str | None:
    """Return what a module of Keras calls Python's ``random``, or None if it is not there.

    Keras 3 has a backend of that name, too, and another ``random`` in it.
    """
    name = SEEDS[module.__name__]
    return name if getattr(module, name, None) is random else None


@dataclass
class NamingState:
    """What the names and seeds of the next operations of a graph depend on.

    Attributes
    ----------
    names
        Names in use, in lower case, with the number of the next one.
    scopes
        How often each variable scope was opened, on this thread.
    seed
        The number of the next operation seed.
    reuse
        Whether ``tf.get_variable`` reuses outside of any variable scope.
    """

    names: dict[str, int]
    scopes: dict[str, int]
    seed: int | None
    reuse: Any = None


def naming_state(graph: Any) -> NamingState:
    """Copy the naming state of a graph."""
    from tensorflow.python.framework import random_seed

    return NamingState(
        dict(graph._names_in_use),
        dict(_scope_counts(graph)),
        random_seed._graph_to_seed_dict.get(graph),
        getattr(_outermost_scope(graph), "_reuse", None),
    )


def set_naming_state(graph: Any, state: NamingState) -> None:
    """Put a graph into a naming state; the state itself stays as it is."""
    from tensorflow.python.framework import random_seed

    graph._names_in_use = dict(state.names)
    _refill(_scope_counts(graph), state.scopes)
    scope = _outermost_scope(graph)
    if scope is not None:
        scope._reuse = state.reuse
    if state.seed is None:
        random_seed._graph_to_seed_dict.pop(graph, None)
    else:
        random_seed._graph_to_seed_dict[graph] = state.seed


def merged(first: NamingState, second: NamingState) -> NamingState:
    """Return the state in which everything is used that one of the two has used."""
    seeds = [seed for seed in (first.seed, second.seed) if seed is not None]
    return NamingState(
        most(first.names, second.names),
        most(first.scopes, second.scopes),
        max(seeds) if seeds else None,
        first.reuse or second.reuse,
    )


def most(one: dict[Any, int], other: dict[Any, int]) -> dict[Any, int]:
    """Return the counts of both, the higher one where both have counted."""
    return {**one, **{key: max(n, one.get(key, n)) for key, n in other.items()}}


def _refill(counts: dict[Any, int], wanted: dict[Any, int]) -> None:
    counts.clear()
    counts.update(wanted)


def _scope_store(graph: Any) -> Any | None:
    from tensorflow.python.ops import variable_scope

    stores = graph._collections.get(variable_scope._VARSCOPESTORE_KEY)
    return stores[0] if stores else None


def _scope_counts(graph: Any) -> dict[str, int]:
    store = _scope_store(graph)
    return store.variable_scopes_count if store is not None else {}


def _outermost_scope(graph: Any) -> Any | None:
    """Return the variable scope of a graph outside of any other, if that is the current one."""
    store = _scope_store(graph)
    return store.current_scope if store is not None and not store.current_scope.name else None


def layer_counts() -> Counts:
    """Copy the counts by which Keras names layers.

    Those of Keras 3 are the calling thread's, those of Keras 2 belong to graphs.
    """
    return {place: dict(counts) for place, counts in _layer_counts().items()}


def set_layer_counts(wanted: Counts) -> None:
    """Let Keras go on naming layers from these counts, where there are any."""
    for place, counts in _layer_counts().items():
        if place in wanted:
            _refill(counts, wanted[place])


def _layer_counts() -> Counts:
    """Return the tables themselves."""
    found: Counts = {}
    state = sys.modules.get("keras.src.backend.common.global_state")
    tracker = getattr(state, "GLOBAL_STATE_TRACKER", None)
    counts = getattr(tracker, "object_name_uids", None)
    if counts is not None:
        found["keras"] = counts
    for backend in _LEGACY_BACKENDS:
        tables = getattr(sys.modules.get(backend), "PER_GRAPH_OBJECT_NAME_UIDS", {})
        found.update({(backend, ref(graph)): counts for graph, counts in list(tables.items())})
    return found

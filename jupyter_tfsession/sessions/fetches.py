"""The structures that ``Session.run`` takes: nested lists, tuples, mappings and attrs classes."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any


def key_of(leaf: object) -> object:
    """Return what identifies a graph element: its id while it is alive, or its name if given so."""
    return leaf if isinstance(leaf, str) else id(leaf)


def keys_of(fetches: object, feeds: Iterable[object] | None) -> tuple[object, ...]:
    """Return what identifies the graph elements of a run; how they are nested plays no part.

    This is on the way of every run, so it is written for speed.
    """
    keys: list[object] = []
    _add_keys(fetches, keys)
    if feeds:
        keys.append(None)
        for feed in feeds:
            keys.append(feed if type(feed) is str else id(feed))  # noqa: PERF401 - faster so
    return tuple(keys)


def _add_keys(structure: Any, keys: list[object]) -> None:
    kind = _kinds.get(type(structure)) or _kind(type(structure))
    if kind is _Kind.LEAF:
        keys.append(id(structure))
    elif kind is _Kind.NAME:
        keys.append(structure)
    else:
        for item in structure if kind is _Kind.SEQUENCE else structure.values():
            _add_keys(item, keys)


class _Kind(Enum):
    """What a part of a fetch structure is, which depends on its type alone."""

    LEAF = 1
    NAME = 2
    SEQUENCE = 3
    MAPPING = 4


_kinds: dict[type, _Kind] = {}


def _kind(of: type) -> _Kind:
    if issubclass(of, (list, tuple)):
        kind = _Kind.SEQUENCE
    elif issubclass(of, Mapping):
        kind = _Kind.MAPPING
    else:
        kind = _Kind.NAME if issubclass(of, str) else _Kind.LEAF
    _kinds[of] = kind
    return kind


def leaves_of(structure: Any) -> Iterator[object]:
    """Yield the leaves of a fetch structure: graph elements, their names, composite tensors."""
    if isinstance(structure, (list, tuple)):
        for item in structure:
            yield from leaves_of(item)
    elif isinstance(structure, Mapping):
        for item in structure.values():
            yield from leaves_of(item)
    elif hasattr(type(structure), "__attrs_attrs__"):
        for attribute in type(structure).__attrs_attrs__:
            yield from leaves_of(getattr(structure, attribute.name))
    else:
        yield structure


def substitute(structure: Any, swaps: Mapping[object, Any]) -> Any:
    """Copy a fetch structure with some leaves swapped for others.

    Parameters
    ----------
    structure
        What was passed to ``Session.run``.
    swaps
        New leaves by the keys of the old ones.
    """
    if isinstance(structure, (list, tuple)):
        items = [substitute(item, swaps) for item in structure]
        if hasattr(structure, "_fields"):
            return type(structure)(*items)
        return items if isinstance(structure, list) else tuple(items)
    if isinstance(structure, Mapping):
        changed: Any = copy.copy(structure)
        for key, item in structure.items():
            changed[key] = substitute(item, swaps)
        return changed
    if hasattr(type(structure), "__attrs_attrs__"):
        names = [attribute.name for attribute in type(structure).__attrs_attrs__]
        return type(structure)(*(substitute(getattr(structure, name), swaps) for name in names))
    return swaps.get(key_of(structure), structure)


def elements_of(leaf: object) -> list[Any]:
    """Return the graph elements that one fetch or feed stands for, as they are given."""
    if isinstance(leaf, str):
        return [leaf]
    import tensorflow as tf

    if hasattr(leaf, "graph") and not isinstance(leaf, (tf.SparseTensor, tf.IndexedSlices)):
        return [leaf]
    return [item for item in tf.nest.flatten(leaf, expand_composites=True) if item is not None]

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
    """Return what identifies a run: its graph elements, and how they are nested.

    The type of each list, tuple or mapping comes first, then what is in it, then `END`; the keys of
    a mapping play no part. This is on the way of every run, so it is written for speed.
    """
    keys: list[object] = []
    _add_keys(fetches, keys)
    if feeds:
        keys.append(...)
        for feed in feeds:
            if _kinds.get(type(feed)) is _Kind.LEAF:
                keys.append(id(feed))
            else:
                _add_keys(feed, keys)  # a name, or a tuple of feeds
    return tuple(keys)


def leaves_in(keys: Iterable[object]) -> list[object]:
    """Return the keys of the leaves alone."""
    return [key for key in keys if isinstance(key, (int, str))]


def _add_keys(structure: Any, keys: list[object]) -> None:
    of = type(structure)
    kind = _kinds.get(of) or _kind(of)
    if kind is _Kind.LEAF:
        keys.append(id(structure))
    elif kind is _Kind.NAME:
        keys.append(structure)
    else:
        keys.append(of)
        if kind is _Kind.ATTRS:
            structure = attributes_of(structure)
        for item in structure.values() if kind is _Kind.MAPPING else structure:
            if _kinds.get(type(item)) is _Kind.LEAF:
                keys.append(id(item))  # not worth a call
            else:
                _add_keys(item, keys)
        keys.append(END)


END = None
"""Where the keys of a list, tuple or mapping end."""


class _Kind(Enum):
    """What a part of a fetch structure is, which depends on its type alone."""

    LEAF = 1
    NAME = 2
    SEQUENCE = 3
    MAPPING = 4
    ATTRS = 5


_kinds: dict[type, _Kind] = {}
_KINDS_KEPT = 500  # cells that are run again define their classes again


def _kind(of: type) -> _Kind:
    if issubclass(of, (list, tuple)):
        kind = _Kind.SEQUENCE
    elif issubclass(of, Mapping):
        kind = _Kind.MAPPING
    elif getattr(of, "__attrs_attrs__", None) is not None:
        kind = _Kind.ATTRS
    else:
        kind = _Kind.NAME if issubclass(of, str) else _Kind.LEAF
    if len(_kinds) >= _KINDS_KEPT:
        _kinds.clear()
    _kinds[of] = kind
    return kind


def attributes_of(structure: Any) -> list[Any]:
    """Return the values of an object of an attrs class."""
    return [getattr(structure, a.name) for a in type(structure).__attrs_attrs__]


def leaves_of(structure: Any) -> Iterator[object]:
    """Yield the leaves of a fetch structure: graph elements, their names, composite tensors."""
    if isinstance(structure, (list, tuple)):
        for item in structure:
            yield from leaves_of(item)
    elif isinstance(structure, Mapping):
        for item in structure.values():
            yield from leaves_of(item)
    elif hasattr(type(structure), "__attrs_attrs__"):
        for item in attributes_of(structure):
            yield from leaves_of(item)
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
        return type(structure)(*(substitute(item, swaps) for item in attributes_of(structure)))
    return swaps.get(key_of(structure), structure)


def elements_of(leaf: object) -> list[Any]:
    """Return the graph elements that one fetch or feed stands for, as they are given."""
    if isinstance(leaf, str):
        return [leaf]
    import tensorflow as tf

    if isinstance(leaf, tf.IndexedSlices):
        # TensorFlow flattens only those whose parts have shapes that agree.
        parts = (leaf.values, leaf.indices, leaf.dense_shape)
        return [part for part in parts if part is not None]
    if hasattr(leaf, "graph") and not isinstance(leaf, tf.SparseTensor):
        return [leaf]
    return [item for item in tf.nest.flatten(leaf, expand_composites=True) if item is not None]

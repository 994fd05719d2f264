"""What was fetched, put into the structure of the fetches.

A part of the structure becomes a builder, a function of that part and of all that was fetched.
Everything that does not depend on the values is worked out when the builder is made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, TypeAlias

from jupyter_tfsession.sessions.fetches import attributes_of

Builder: TypeAlias = "Callable[[Any, list[Any]], Any]"
"""Takes a part of the structure, as it is now, and all values."""

Leaf: TypeAlias = "int | Builder"
"""The index of a value that is the result as it is, or what makes it from several."""


def builder(structure: Any, leaf: Callable[[Any], Leaf]) -> Leaf:
    """Return what builds the result for a part of the fetches.

    Parameters
    ----------
    structure
        What was passed to ``Session.run``, or a part of it.
    leaf
        Tells what becomes of a leaf of it.
    """
    kind = type(structure)
    if isinstance(structure, (list, tuple)):
        return _container(list(structure), leaf, list, _sequence(kind))
    if isinstance(structure, Mapping):
        return _container(list(structure.values()), leaf, _values, _mapping(kind))
    if getattr(kind, "__attrs_attrs__", None) is not None:
        return _container(attributes_of(structure), leaf, attributes_of, _spread(kind))
    return leaf(structure)


def whole(found: Leaf) -> Builder:
    """Return a builder for what may be a single value."""
    return (lambda _, values: values[found]) if isinstance(found, int) else found


def _container(
    items: list[Any],
    leaf: Callable[[Any], Leaf],
    parts: Callable[[Any], list[Any]],
    make: Callable[[Any, Any], Any],
) -> Builder:
    found = [builder(item, leaf) for item in items]
    indices = [index for index in found if isinstance(index, int)]
    if len(indices) == len(found) > 1:  # the getter of one value gives no tuple
        pick = itemgetter(*indices)
        return lambda structure, values: make(structure, pick(values))
    inner = [whole(one) for one in found]
    return lambda structure, values: make(
        structure,
        [build(part, values) for build, part in zip(inner, parts(structure), strict=True)],
    )


def _sequence(kind: Any) -> Callable[[Any, Any], Any]:
    if issubclass(kind, list):
        return lambda _, results: list(results)
    if kind is tuple:
        return lambda _, results: tuple(results)
    return _spread(kind)  # a named tuple


def _mapping(kind: Any) -> Callable[[Any, Any], Any]:
    if issubclass(kind, defaultdict):
        return lambda structure, results: defaultdict(
            structure.default_factory, zip(structure.keys(), results, strict=True)
        )
    return lambda structure, results: kind(zip(structure.keys(), results, strict=True))


def _spread(kind: Any) -> Callable[[Any, Any], Any]:
    return lambda _, results: kind(*results)


def _values(structure: Any) -> list[Any]:
    return list(structure.values())

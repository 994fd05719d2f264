"""Fetch structures: any nesting is kept, exactly the leaves are swapped."""

from __future__ import annotations

import itertools
from collections import OrderedDict, namedtuple
from typing import Any

import attr
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tfsession.sessions.fetches import key_of, keys_of, leaves_of, substitute
from jupyter_tfsession.sessions.fetches import leaves_in as keys_leaves

Pair = namedtuple("Pair", "left right")  # noqa: PYI024 - what notebooks use


@attr.s(eq=False)
class Attrs:
    one = attr.ib()
    two = attr.ib()


class Leaf:
    """Stands for a graph element: known by its identity alone."""


class Text(str):
    """A name of another type than str."""

    __slots__ = ()


LEAVES = [Leaf() for _ in range(6)]
leaves = st.sampled_from([*LEAVES, "a:0", "b:0", "c"])
keys = st.text(max_size=3)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
        st.dictionaries(keys, inner, max_size=4).map(OrderedDict),
        st.builds(Pair, inner, inner),
        st.builds(Attrs, inner, inner),
    )


structures = st.recursive(leaves, nested, max_leaves=15)


def flat(structure: Any) -> list[Any]:
    """Describe a structure by its types, keys and leaves, in order."""
    if isinstance(structure, Attrs):
        return [Attrs, *flat(structure.one), *flat(structure.two)]
    if isinstance(structure, dict):
        items = [part for key, item in structure.items() for part in ("key", key, *flat(item))]
        return [type(structure), len(structure), *items]
    if isinstance(structure, (list, tuple)):
        return [type(structure), len(structure), *(p for item in structure for p in flat(item))]
    return ["leaf", structure]


def leaves_in(structure: Any) -> list[Any]:
    described = flat(structure)
    return [b for a, b in itertools.pairwise(described) if a == "leaf"]


@given(structures, st.sets(leaves))
def test_substitute_swaps_exactly_the_leaves(structure: Any, chosen: set[Any]) -> None:
    swaps = {key_of(leaf): ("new", leaf) for leaf in chosen}
    before = flat(structure)
    # A swapped-in pair must not be taken for a part of the structure: put it in a leaf.
    new = {key: Leaf() for key in swaps}
    expected = [
        new[key_of(part)] if was == "leaf" and key_of(part) in new else part
        for was, part in zip(["", *before], before, strict=False)
    ]
    result = substitute(structure, new)
    assert flat(result) == expected
    assert flat(structure) == before


@given(structures)
def test_substitute_without_swaps_copies(structure: Any) -> None:
    result = substitute(structure, {})
    assert flat(result) == flat(structure)


@given(structures)
def test_leaves_come_in_order(structure: Any) -> None:
    assert list(leaves_of(structure)) == leaves_in(structure)


def nesting(structure: Any) -> list[Any]:
    """Describe a structure by its types and leaves, in order."""
    if isinstance(structure, Attrs):
        return [Attrs, *nesting(structure.one), *nesting(structure.two), None]
    if isinstance(structure, (dict, list, tuple)):
        items = structure.values() if isinstance(structure, dict) else structure
        return [type(structure), *(part for item in items for part in nesting(item)), None]
    return [key_of(structure)]


@given(structures, st.none() | st.lists(leaves, max_size=3))
def test_keys_tell_leaves_nesting_and_feeds_apart(structure: Any, feeds: list[Any] | None) -> None:
    fed = [..., *(key_of(feed) for feed in feeds)] if feeds else []
    assert keys_of(structure, feeds) == (*nesting(structure), *fed)


@given(structures, structures)
def test_what_has_the_same_keys_is_nested_in_the_same_way(one: Any, other: Any) -> None:
    assert (keys_of(one, None) == keys_of(other, None)) == (nesting(one) == nesting(other))


@given(structures)
def test_the_leaves_are_found_in_the_keys(structure: Any) -> None:
    found = [key_of(leaf) for leaf in leaves_of(structure)]
    assert keys_leaves(keys_of(structure, None)) == found


def test_a_name_of_any_string_type_is_a_leaf() -> None:
    name = Text("a:0")
    assert list(leaves_of([name, {"x": name}])) == [name, name]
    assert keys_of(name, None) == ("a:0",)
    assert substitute((name, "b:0"), {"a:0": "new"}) == ("new", "b:0")


def test_equal_names_and_elements_of_the_same_identity_have_one_key() -> None:
    leaf = Leaf()
    assert keys_of([leaf, "a:0"], None) == keys_of([leaf, "a:0"], None)
    assert keys_of([leaf], None) != keys_of([Leaf()], None)

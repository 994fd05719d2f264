"""Fetches of every structure that ``Session.run`` takes."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, namedtuple
from types import MappingProxyType
from typing import Any

import attr
import wrapt

Two = namedtuple("Two", "a b")  # noqa: PYI024 - as notebooks have it


class Numbers(list):
    pass


class Sorted(dict):
    def __init__(self, items: Any = ()) -> None:
        super().__init__(sorted(dict(items).items()))


class Row(tuple):
    __slots__ = ()

    def __new__(cls, *items: Any) -> Any:
        return super().__new__(cls, items)


@attr.s
class Record:
    first = attr.ib()
    second = attr.ib()


@attr.s
class Nothing:
    pass


STRUCTURES = {
    "a tensor": lambda a, b, op: a,
    "an operation": lambda a, b, op: op,
    "a list": lambda a, b, op: [a, b, op],
    "a list of one": lambda a, b, op: [a],
    "a list of an operation": lambda a, b, op: [op],
    "nothing in a list": lambda a, b, op: [],
    "nothing in a tuple": lambda a, b, op: (),
    "nothing in a dict": lambda a, b, op: {},
    "nothing in an attrs class": lambda a, b, op: Nothing(),
    "a tuple": lambda a, b, op: (a, op, b),
    "a named tuple": lambda a, b, op: Two(a, b),
    "a named tuple with an operation": lambda a, b, op: Two(op, b),
    "a tuple of another class": lambda a, b, op: Row(a, b, a),
    "a list of another class": lambda a, b, op: Numbers([a, b]),
    "a dict": lambda a, b, op: {"x": a, 3: b, None: op},
    "an OrderedDict": lambda a, b, op: OrderedDict([("b", b), ("a", a)]),
    "a defaultdict": lambda a, b, op: defaultdict(int, x=a, y=b),
    "a dict of another class": lambda a, b, op: Sorted({"z": a, "a": b}),
    "a Counter": lambda a, b, op: Counter({"z": a}),
    "a mapping that is no dict": lambda a, b, op: MappingProxyType({"x": a}),
    "attrs": lambda a, b, op: Record(a, b),
    "attrs in attrs": lambda a, b, op: Record(Record(a, op), [Record(b, a)]),
    "twice": lambda a, b, op: [a, a, [a, b], {"x": b}],
    "operations twice": lambda a, b, op: [op, op, a],
    "empty ones in others": lambda a, b, op: [[], (), {}, ((),), {"x": [{}]}, a],
    "nested": lambda a, b, op: [[a], (b, [a, {"k": Two([op], (b,)), "l": []}]), []],
    "names": lambda a, b, op: ["a:0", {"x": "b:0"}, "op"],
    "a name": lambda a, b, op: "a:0",
    "the name of an operation": lambda a, b, op: "op",
    "a name and a tensor": lambda a, b, op: (a, "a:0"),
    "a name in bytes": lambda a, b, op: [b"a:0", b],
    "twenty": lambda a, b, op: {f"k{i}": [a, (b, op)] if i % 2 else b for i in range(20)},
    "a proxy of a list": lambda a, b, op: wrapt.ObjectProxy([a, b]),
}

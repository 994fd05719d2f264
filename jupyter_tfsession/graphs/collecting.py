"""Variables and collections of one graph, as one execution of a cell fills them.

What a cell added to a collection is taken out when the cell is run again, so that the code finds
there what it found at first, and put back to its place as the cell adds it again. What is new comes
right after what the cell added last. So a collection looks as if the cell had run once.
"""

from __future__ import annotations

from bisect import bisect, bisect_left, insort
from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeAlias

from jupyter_tfsession import tf_graph_internals as internals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jupyter_tfsession.graphs.journal import Journal


class Collecting:
    """The filling of a graph's collections by one execution; on the thread of that execution.

    Parameters
    ----------
    graph
        The graph.
    before, now
        What earlier executions of the cell added, None at the first one; and what this one adds.
    asked
        By the name of an operation that had to make way, the name that was asked for.

    Attributes
    ----------
    redefined
        Names of the variables whose initial values are new.
    """

    def __init__(
        self, graph: Any, before: Journal | None, now: Journal, asked: dict[str, str]
    ) -> None:
        self.redefined: set[str] = set()
        self._collections = internals.collections(graph)
        self._before = before
        self._now = now
        self._asked = asked
        self._unfinished: list[tuple[Any, Any]] = []
        earlier = before.variables.values() if before else ()
        self._finished = {id(variable) for variable in earlier}
        self._empty: dict[Any, list[Any]] = {}
        self._appended: dict[Any, set[int]] = {}
        self._places: dict[Any, _Place] = {}
        for key, items in before.collected.items() if before else ():
            present = self._items(key)
            self._places[key] = _Place(present, items, self._label)
            if not present:  # code that asks which collections there are does not find it
                self._empty[key] = self._collections.pop(key)

    def variable(self, variable: Any) -> Any:
        """Return the variable object for one just made: the earlier one if it is the same."""
        name = variable.op.name
        earlier = self._before.variables.get(name) if self._before else None
        kept = variable
        if earlier is not None and earlier.op is variable.op:
            if earlier.initializer is variable.initializer:
                kept = earlier
            else:
                self.redefined.add(name)
        self._now.variables[name] = kept
        self._finished.add(id(kept))
        keys = [key for key, value in self._unfinished if value is variable]
        self._unfinished = [pair for pair in self._unfinished if pair[1] is not variable]
        for key in keys:
            items = self._collections[key]
            del items[next(at for at in reversed(range(len(items))) if items[at] is variable)]
            self._settle(key, kept)
        return kept

    def collect(self, key: Any, value: Any) -> None:
        """Add to a collection, once: what the cell added before stays where it is."""
        if internals.is_variable(value) and id(value) not in self._finished:
            if not internals.is_whole(value):
                # Variables add themselves before they have so much as a name.
                self._unfinished.append((key, value))
                self._items(key).append(value)
                return
            value = self.variable(value)  # made of a description, not by a creator
        self._settle(key, value)

    def read(self, key: Any, *, unchanged: bool) -> None:
        """Note that the code asks for the members of a collection.

        Parameters
        ----------
        key
            The collection.
        unchanged
            The cell would do what it did before. Then it gets to see as much of its own as it did:
            what it has not made by now, it skips this time (``if "x" not in globals()``).
        """
        self._take_appended(key)
        mine = self._now.collected.get(key, [])
        seen = self._now.seen.setdefault(key, [])
        before = self._before.seen.get(key, []) if self._before else []
        expected = before[len(seen)] if len(seen) < len(before) else 0
        if len(mine) < expected and (unchanged or not self._now.entries):
            self._put_back(key, lambda _item: True, upto=expected)
            mine = self._now.collected.get(key, [])
        seen.append(len(mine))

    def read_list(self, key: Any) -> None:
        """Note that the code asks for the list itself, to which it may append."""
        self._appended.setdefault(key, {id(item) for item in self._collections.get(key, ())})

    def _take_appended(self, key: Any) -> None:
        """Take what the code has appended to a collection's list as added to the collection."""
        known = self._appended.get(key)
        items = self._collections.get(key)
        if known is None or not items:
            return
        known |= {id(item) for item in self._now.collected.get(key, ())}
        appended = [item for item in items if id(item) not in known]
        items[:] = [item for item in items if id(item) in known]
        for item in appended:
            self._settle(key, item)

    def _items(self, key: Any) -> list[Any]:
        """Return the list of a collection's members, the same one as before it was empty."""
        items = self._collections.get(key)
        if items is None:
            items = self._collections[key] = self._empty.pop(key, [])
        return items

    def _settle(self, key: Any, value: Any) -> None:
        """Put `value` where the cell has put it before, or behind what it has put last."""
        items = self._items(key)
        place = self._places.get(key)
        if place is None:
            items.append(value)
        else:
            place.put(items, value, self._label(value))
        self._now.collected.setdefault(key, []).append(value)

    def _put_back(self, key: Any, keeps: Callable[[Any], bool], upto: int | None = None) -> None:
        """Put back what the cell added before and did not add again."""
        items = self._items(key)
        place = self._places[key]
        for item in place.left(upto):
            if keeps(item):
                place.put(items, item, self._label(item))
                self._now.collected.setdefault(key, []).append(item)

    def _label(self, item: Any) -> object:
        """Return what tells a member of a collection from others when the cell is run again."""
        kind = type(item)
        if isinstance(item, (str, bytes, int, float)):
            return kind, item
        operation = operation_of(item)
        name = getattr(item, "name", None)
        # Others, such as the contexts of loops, may yet be given another name.
        if isinstance(name, str) and hasattr(item, "graph"):
            own = getattr(operation, "name", None)
            asked = self._asked.get(own) if own is not None else None
            return kind, name if asked is None else name.replace(own, asked, 1)  # type: ignore[arg-type]
        return kind  # one of a kind is as good as the other, in their order

    def finish(self, keeps: Callable[[Any], bool]) -> None:
        """Put back what the cell added before and keeps, though it did not add it again.

        Parameters
        ----------
        keeps
            Whether the cell keeps a member of a collection.
        """
        for key in list(self._appended):
            self._take_appended(key)
        for key in self._places:
            self._put_back(key, keeps)

    def retire(self, operations: Iterable[Any]) -> None:
        """Take operations, and the variables and tensors that they are, out of the collections."""
        gone = {id(operation) for operation in operations}
        for key, items in self._collections.items():
            if gone and not internals.is_private_key(key):
                items[:] = [item for item in items if id(operation_of(item)) not in gone]


class _Place:
    """Where in one collection the cell's members go; takes out those that it added before."""

    def __init__(
        self, items: list[Any], earlier: list[Any], label: Callable[[Any], object]
    ) -> None:
        self._known: dict[object, list[tuple[_Key, Any]]] = defaultdict(list)
        places = _places_of(earlier, items)
        found: list[tuple[_Key, Any]] = [
            ((place - number, number, 0), items[place]) for number, place in enumerate(places)
        ]
        for key, item in reversed(found):
            self._known[label(item)].append((key, item))
        self._last: _Key = found[0][0] if found else (len(items), 0, 0)
        self._put: list[_Key] = []
        gone = set(places)
        items[:] = [item for place, item in enumerate(items) if place not in gone]

    def put(self, items: list[Any], value: Any, label: object) -> None:
        """Put a member where the like of it was, or behind the one that was put last."""
        known = self._known.get(label)
        others, number, more = self._last
        key = known.pop()[0] if known else None
        if key is None or key < self._last:  # new, or moved down by an edit
            key = (others, number, more + 1)
        items.insert(key[0] + bisect(self._put, key), value)
        insort(self._put, key)
        self._last = key

    def left(self, upto: int | None) -> list[Any]:
        """Return, of the first `upto` that were there before, what was not put again."""
        pairs = [pair for known in self._known.values() for pair in known]
        return [item for key, item in sorted(pairs, key=_key_of) if upto is None or key[1] < upto]


def _places_of(mine: list[Any], items: list[Any]) -> list[int]:
    """Return where in a collection the cell's members are, in the collection's order.

    Plain values may be in it as another cell's too, so they are looked for in the order in which
    the cell added its own.
    """
    free: dict[int, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        free[id(item)].append(place)
    at = 0
    places = []
    for item in mine:
        left = free[id(item)]
        if left:
            at = left.pop(min(bisect_left(left, at), len(left) - 1))
            places.append(at)
    return sorted(places)


_Key: TypeAlias = tuple[int, int, int]
"""A place: how many others come before, how many of the cell's own did, and how many came new."""


def _key_of(pair: tuple[_Key, Any]) -> _Key:
    return pair[0]


def operation_of(item: Any) -> Any:
    """Return the operation that a member of a collection is or belongs to, if any."""
    try:
        return getattr(item, "op", item)
    except (AttributeError, NotImplementedError):  # such as of an EagerTensor
        return None

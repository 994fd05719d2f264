"""What a run does to variables, worked out by walking what it executes.

A run executes the operations that its fetches depend on, up to the tensors that are fed. Walking
them tells which variables the run may write or read, and which initializers it runs: as fetches of
their own, which the guard can split off, or buried as dependencies of others, which it cannot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_graph_internals, tf_internals
from jupyter_tfsession.sessions.fetches import elements_of, key_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_tfsession.variables.catalogue import Catalogue, VariableRecord

READS = frozenset(
    {
        "ReadVariableOp",
        "ResourceGather",
        "ResourceGatherNd",
        "VariableShape",
        "VarIsInitializedOp",
        "IsVariableInitialized",
    }
)
"""Operations that take a variable and do not write it."""

PASSES = frozenset(
    f"{prefix}{name}"
    for prefix in ("", "Ref")
    for name in ("Identity", "Switch", "Merge", "Enter", "Exit", "NextIteration")
)
"""Operations that hand a variable on."""

WRITES = re.compile(r"Assign(Variable)?(Op)?")
"""Operations after which the variable holds a value, whatever it held before.

All others that take a variable (updates, function calls) may write it as well, but need it to hold
a value or may do without.
"""

ASKS = frozenset({"VarIsInitializedOp", "IsVariableInitialized"})
"""Operations that ask whether a variable holds a value, and neither read nor write it."""

CONSUMES = re.compile(r"OneShotIterator|QueueClose(V2)?")
"""Operations whose effect lasts for as long as the session."""

STARTS = re.compile(r"InitializeTable\w*|LookupTableImport(V2)?|MakeIterator")
"""Operations without which a table or an iterator does not work in a session."""

PLACEHOLDERS = frozenset({"Placeholder", "PlaceholderV2", "PlaceholderWithDefault"})
"""Operations whose tensors are there to be fed."""

CONDITIONAL = frozenset({"Switch", "RefSwitch"})
"""Where one of these takes part, what a run would write may not have been executed."""


class ForeignGraph(Exception):  # noqa: N818 - a finding, not an error
    """Every fetch and feed belongs to one other graph than the session's."""

    def __init__(self, graph: Any) -> None:
        super().__init__("the fetches and feeds belong to another graph")
        self.graph = graph


class NoElement(Exception):  # noqa: N818 - a finding, not an error
    """Something is no element of the graph, as far as can be told: TensorFlow has to answer."""


@dataclass(frozen=True)
class InitializerFetch:
    """A fetch that only initializes: ``v.initializer``, or a group of such operations.

    Attributes
    ----------
    variables
        What it initializes and the guard looks after.
    others
        The rest of the group: other initializers, or any operations.
    """

    variables: tuple[VariableRecord, ...]
    others: tuple[Any, ...]


@dataclass(eq=False)
class Effects:
    """What running one set of fetches with one set of feeds does to the graph's variables.

    Attributes
    ----------
    initializers
        By key of the leaf, the fetches that only initialize.
    touched
        Names of the variables that the rest of the run reads or writes.
    writes
        Names of the variables that the run writes or may write, initializers included.
    certain
        The ones of `writes` that hold a value for certain when the run has succeeded.
    buried
        Guarded variables whose initializers run as dependencies of other fetches.
    consumes
        Whether it does what only a new session makes undone: it goes on in a one-shot iterator, or
        closes a queue.
    starts
        What of it fills tables and begins iterators, if it can be run again: nothing is fed.
    """

    initializers: dict[object, InitializerFetch] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    certain: frozenset[str] = frozenset()
    buried: tuple[VariableRecord, ...] = ()
    consumes: bool = False
    starts: tuple[Any, ...] = ()


class Analysis:
    """One look at a graph, to work out what one run does."""

    def __init__(self, graph: Any, catalogue: Catalogue) -> None:
        self._graph = graph
        self._catalogue = catalogue

    def effects(self, leaves: list[object], feeds: list[object]) -> Effects:
        """Work out what running `leaves` with `feeds` fed does.

        Raises
        ------
        ForeignGraph
            All of it belongs to one other graph.
        NoElement
            Some of it belongs to no graph, or to several.
        """
        resolved = [(leaf, elements_of(leaf)) for leaf in leaves]
        fed_elements = [element for feed in feeds for element in elements_of(feed)]
        self._refuse_foreign([e for _, elements in resolved for e in elements] + fed_elements)
        fed = {self._element(element).name for element in fed_elements}
        initializers: dict[object, InitializerFetch] = {}
        roots: list[Any] = []
        for leaf, elements in resolved:
            for element in map(self._element, elements):
                fetch = self._initializer_fetch(element, fed)
                if fetch is not None:
                    initializers[key_of(leaf)] = fetch
                    roots.extend(fetch.others)
                elif element.name not in fed:
                    roots.append(getattr(element, "op", element))
        run = self._walk(roots, fed)
        return self._summarize(run, fed, {root.name for root in roots}, initializers)

    def reads_of(self, record: VariableRecord) -> frozenset[str]:
        """Return the names of the variables that a variable's initial value depends on."""
        run = self._walk([record.initializer], set())
        return frozenset(run.keys() & self._catalogue.records.keys()) - {record.name}

    def _summarize(
        self,
        run: dict[str, Any],
        fed: set[str],
        roots: set[str],
        initializers: dict[object, InitializerFetch],
    ) -> Effects:
        records = [r for name, r in self._catalogue.records.items() if name in run]
        writes = {r.name: self._writers(r, run) for r in records}
        split = {r.name for fetch in initializers.values() for r in fetch.variables}
        conditional = any(operation.type in CONDITIONAL for operation in run.values())
        certain = {
            name
            for name, types in writes.items()
            if not conditional and any(WRITES.fullmatch(kind) for kind in types)
        }
        return Effects(
            initializers=initializers,
            touched=frozenset(r.name for r in records if self._is_touched(r, run, roots)),
            writes=frozenset(name for name, types in writes.items() if types) | split,
            certain=frozenset(certain | split),
            consumes=any(CONSUMES.fullmatch(operation.type) for operation in run.values()),
            starts=tuple(o for o in run.values() if STARTS.fullmatch(o.type) and not fed),
            buried=tuple(
                record
                for record in records
                if record.guarded
                and record.initializer is not None
                and record.initializer.name in run
                and not _assigns(record, fed)
            ),
        )

    def _refuse_foreign(self, elements: list[Any]) -> None:
        graphs = {id(e.graph): e.graph for e in elements if getattr(e, "graph", None) is not None}
        if len(graphs) == 1:
            (graph,) = graphs.values()
            named = any(isinstance(element, str) for element in elements)
            if graph is not self._graph and not named:
                raise ForeignGraph(graph)

    def _element(self, element: Any) -> Any:
        try:
            return self._graph.as_graph_element(element)
        except (TypeError, ValueError, KeyError) as error:
            raise NoElement from error

    def _initializer_fetch(self, element: Any, fed: set[str]) -> InitializerFetch | None:
        """Tell whether running an operation does nothing but initialize variables."""
        names: set[str] = set()
        others: list[Any] = []
        for operation in _ungroup(element):
            record = self._catalogue.initialized_by(operation)
            if record is not None and record.guarded and not _assigns(record, fed):
                names.add(record.name)
            else:
                others.append(operation)
        # In order of creation: TensorFlow gives a group's operations in any order.
        variables = tuple(r for name, r in self._catalogue.records.items() if name in names)
        return InitializerFetch(variables, tuple(others)) if variables else None

    def _walk(self, roots: list[Any], fed: set[str]) -> dict[str, Any]:
        """Collect the operations that running `roots` executes, by name."""
        run: dict[str, Any] = {}
        waiting = list(roots)
        while waiting:
            operation = waiting.pop()
            if operation.name in run:
                continue
            run[operation.name] = operation
            waiting.extend(operation.control_inputs)
            waiting.extend(t.op for t in operation.inputs if not fed or t.name not in fed)
        return run

    def _is_touched(self, record: VariableRecord, run: dict[str, Any], roots: set[str]) -> bool:
        """Tell whether a run does more with a variable than ask whether it holds a value."""
        users = tf_graph_internals.consumers(record.handle.outputs[0])
        return record.name in roots or any(u.name in run and u.type not in ASKS for u in users)

    def _writers(self, record: VariableRecord, run: dict[str, Any]) -> list[str]:
        """List the types of the operations in `run` that may write a variable."""
        types: list[str] = []
        waiting = [record.handle.outputs[0]]
        passed: set[str] = set()
        while waiting:
            tensor = waiting.pop()
            for consumer in tf_graph_internals.consumers(tensor):
                if consumer.name not in run or consumer.type in READS:
                    continue
                if consumer.type not in PASSES:
                    types.append(consumer.type)
                elif consumer.name not in passed:
                    passed.add(consumer.name)
                    waiting.extend(t for t in consumer.outputs if _is_variable(t))
        return types


def _assigns(record: VariableRecord, fed: set[str]) -> bool:
    """Tell whether feeds make a variable's initializer an assignment, as ``v.load(value)`` does.

    A placeholder is there to be fed: with one as initial value, it stays an initializer.
    """
    inputs = record.initializer.inputs if record.initializer is not None else ()
    return any(t.name in fed and t.op.type not in PLACEHOLDERS for t in inputs[1:])


def _is_variable(tensor: Any) -> bool:
    return tensor.dtype.name == "resource" or tf_internals.is_reference(tensor)


def _ungroup(operation: Any) -> Iterator[Any]:
    """Yield what a tree of ``tf.group`` operations runs; an operation that is no group, itself.

    ``tf.group`` makes one NoOp for the operations of each device and one for those.
    """
    waiting = [operation]
    seen: set[str] = set()
    while waiting:
        item = waiting.pop()
        if item.name in seen:
            continue
        seen.add(item.name)
        if getattr(item, "type", "") == "NoOp":
            waiting.extend(reversed(item.control_inputs))
        else:
            yield item

"""The variables of a graph, found without touching it.

A variable is known by the name of its operation, which is unique in the graph. Most are found in
the graph's collections; one that was kept out of all of them (``collections=[]``) is found by the
type of its operation, and its reader, flag and initializer by the names TensorFlow gives them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_internals
from jupyter_tfsession.tf_graph_internals import consumers

if TYPE_CHECKING:
    from collections.abc import Iterator

HANDLE_TYPES = frozenset({"VarHandleOp", "VariableV2", "Variable"})
"""Types of the operation that is a variable: one of ResourceVariable, two of RefVariable."""


@dataclass(frozen=True, eq=False)
class VariableRecord:
    """One variable and the existing pieces of the graph that read, write and check it.

    Attributes
    ----------
    name
        Name of the variable's operation.
    handle
        The operation itself.
    initializer
        The operation that gives the variable its initial value, if it has one.
    reader
        A tensor that reads the whole value, if there is one.
    flag
        A boolean tensor that says whether it holds a value; RefVariables have none.
    dtype, shape, device
        As declared; a dimension that is not known is None, an unknown rank makes the shape None.
    collections
        Names of the graph collections that hold the variable.
    """

    name: str
    handle: Any
    initializer: Any | None
    reader: Any | None
    flag: Any | None
    dtype: Any
    shape: tuple[int | None, ...] | None
    device: str
    collections: tuple[str, ...]

    @property
    def guarded(self) -> bool:
        """Whether the initializer guard looks after it: all but local variables and metrics."""
        return "local_variables" not in self.collections or "variables" in self.collections

    @property
    def trainable(self) -> bool:
        """Whether optimizers train it unless told otherwise."""
        return "trainable_variables" in self.collections

    @cached_property
    def nbytes(self) -> int | None:
        """Bytes of its value; None where the shape is not known or elements vary in size."""
        if self.shape is None or not self.dtype.size:
            return None
        elements = 1
        for dimension in self.shape:
            if dimension is None:
                return None
            elements *= dimension
        return elements * int(self.dtype.size)


class Catalogue:
    """The variables of one graph at one moment, by name and in order of creation."""

    def __init__(self, graph: Any) -> None:
        operations = graph.get_operations()
        self.signature = signature(graph)
        found = dict(_from_collections(graph))
        self.records: dict[str, VariableRecord] = {}
        for handle in operations:
            if handle.type in HANDLE_TYPES:
                variable, collections = found.get(handle.name, (None, ()))
                self.records[handle.name] = _record(graph, handle, variable, collections)
        self._initializers = {
            record.initializer.name: record
            for record in self.records.values()
            if record.initializer is not None
        }

    def initialized_by(self, operation: Any) -> VariableRecord | None:
        """Return the variable whose initializer `operation` is, if it is one."""
        return self._initializers.get(operation.name)


def signature(graph: Any) -> tuple[object, ...]:
    """Return what changes when the graph's variables may have changed."""
    keys = graph.get_all_collection_keys()
    return (graph.version, *((key, len(graph.get_collection(key))) for key in keys))


def _from_collections(graph: Any) -> Iterator[tuple[str, tuple[Any, tuple[str, ...]]]]:
    import tensorflow as tf

    variables: dict[str, Any] = {}
    keys: dict[str, list[str]] = {}
    for key in graph.get_all_collection_keys():
        for item in graph.get_collection(key):
            if isinstance(item, tf.Variable) and getattr(item, "graph", None) is graph:
                name = item.op.name
                variables.setdefault(name, item)
                if key not in keys.setdefault(name, []):
                    keys[name].append(key)
    for name, variable in variables.items():
        yield name, (variable, tuple(keys[name]))


def _record(
    graph: Any, handle: Any, variable: Any | None, collections: tuple[str, ...]
) -> VariableRecord:
    name = handle.name
    reader = tf_internals.read_tensor(variable) if variable is not None else None
    flag = tf_internals.initialized_flag(variable) if variable is not None else None
    initializer = variable.initializer if variable is not None else None
    shape = variable.shape if variable is not None else _declared_shape(handle)
    return VariableRecord(
        name=name,
        handle=handle,
        initializer=initializer or _initializer(graph, handle),
        reader=reader if reader is not None else _reader(graph, handle),
        flag=flag if flag is not None else _flag(graph, handle),
        dtype=_declared_dtype(handle),
        shape=tuple(shape.as_list()) if shape.rank is not None else None,
        device=handle.device,
        collections=collections,
    )


def _operation(graph: Any, name: str, handle: Any, type_: str) -> Any | None:
    """Return the operation called `name` if it works on `handle`, else the first of its type."""
    try:
        operation = graph.get_operation_by_name(name)
    except KeyError:
        operation = None
    if operation is not None and len(operation.inputs) and operation.inputs[0].op is handle:
        return operation
    # The parts of a variable are its first users, whatever they had to be called.
    users = (user for user in consumers(handle.outputs[0]) if user.type == type_)
    return next((user for user in users if user.inputs[0].op is handle), None)


def _initializer(graph: Any, handle: Any) -> Any | None:
    kind = "AssignVariableOp" if handle.type == "VarHandleOp" else "Assign"
    return _operation(graph, f"{handle.name}/Assign", handle, kind)


def _reader(graph: Any, handle: Any) -> Any | None:
    if handle.type == "VarHandleOp":
        reader = _operation(graph, f"{handle.name}/Read/ReadVariableOp", handle, "ReadVariableOp")
    else:
        reader = _operation(graph, f"{handle.name}/read", handle, "Identity")
    return reader.outputs[0] if reader is not None else None


def _flag(graph: Any, handle: Any) -> Any | None:
    # Variables that come from a MetaGraph have the operation, but not the attribute.
    name = f"{handle.name}/IsInitialized/VarIsInitializedOp"
    flag = _operation(graph, name, handle, "VarIsInitializedOp")
    return flag.outputs[0] if flag is not None else None


def _declared_dtype(handle: Any) -> Any:
    return handle.get_attr("dtype")


def _declared_shape(handle: Any) -> Any:
    import tensorflow as tf

    return tf.TensorShape(handle.get_attr("shape"))

"""The private parts of TensorFlow's graphs that re-running cells needs; see `tf_internals`."""

from __future__ import annotations

import marshal
import re
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeGuard

from jupyter_tfsession import tf_internals

_GENERATED = re.compile(rb"(hash_)?table_([0-9a-f-]{36}|[0-9]+)")
"""Shared names that TensorFlow makes up anew for each table."""

_PIVOTS = ("_pivot", "_pivot_for_pred", "_pivot_for_body")
"""What the operations of a conditional, of a loop's condition and of its body wait for."""

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def variable_tables(graph: Any) -> list[dict[str, Any]]:
    """Return where ``tf.get_variable`` looks for variables, whole and partitioned: the tables."""
    from tensorflow.python.ops import variable_scope

    stores = graph._collections.get(variable_scope._VARSTORE_KEY)
    return [stores[0]._vars, stores[0]._partitioned_vars] if stores else []


def default_graph() -> Any | None:
    """Return the calling thread's default graph if there is one; for the notebook's own calls.

    Asking TensorFlow would make one, after which it refuses to enable eager execution.
    """
    from tensorflow.python.framework import ops

    stack = ops._default_graph_stack
    return ops.get_default_graph() if stack.stack or stack._global_default_graph else None


def building_graph() -> Any:
    """Return the graph to which the calling thread is about to add an operation."""
    from tensorflow.python.framework import ops

    return ops.get_default_graph()


def is_whole(variable: Any) -> bool:
    """Whether a variable is made to its end: while it is not, it lacks some of its parts."""
    try:
        return variable.op is not None and variable.name is not None
    except AttributeError:
        return False


def is_variable(value: Any) -> bool:
    """Whether a member of a collection is a variable, which may be half made."""
    from tensorflow.python.ops import variables

    return isinstance(value, variables.Variable)


def collections(graph: Any) -> dict[Any, list[Any]]:
    """Return the collections of a graph: the table itself, private keys and all."""
    found: dict[Any, list[Any]] = graph._collections
    return found


def is_private_key(key: Any) -> bool:
    """Whether a collection holds TensorFlow's own stores, which are one per graph."""
    return isinstance(key, tuple)


def signature(  # noqa: PLR0913, PLR0917 - all that an operation is made of
    graph: Any,
    op_type: str,
    inputs: Sequence[Any],
    control_inputs: Iterable[Any],
    attrs: dict[str, Any] | None,
    devices: bool,
) -> bytes | None:
    """Digest all that makes an operation what it is when it is created, but for its name.

    This is on the way of every operation, so it is written for speed.

    Returns
    -------
    bytes
        Equal for equal operations; None for one of which that cannot be told.
    """
    parts: list[Any] = [op_type]
    parts.extend(map(id, inputs))
    parts.append(None)
    parts.extend(operation.name for operation in control_inputs)
    around = _surroundings(graph, op_type, devices)
    if around is None:
        return None
    parts.append(around)
    for key in sorted(attrs or ()):
        value = attrs[key]  # type: ignore[index]
        if key == "shared_name" and _GENERATED.fullmatch(value.s):
            continue
        parts += (key, _bytes(value))
    # Version 2 writes equal bytes for equal values; later ones look at who else holds a string.
    return blake2b(marshal.dumps(parts, 2), digest_size=16).digest()


def call_signature(graph: Any, op_type: str, keywords: dict[str, Any]) -> bytes | None:
    """Digest all that an operation is made of which a call with such arguments creates.

    Returns
    -------
    bytes
        Equal for equal calls, and for nothing that `signature` digests; None where the arguments
        do not say all, and inside loops and conditionals, which take their operations in.
    """
    around = _surroundings(graph, op_type, devices=True)
    if around is None or around[0] is not None or _asks_functions(graph):
        return None
    parts: list[Any] = ["call", op_type, around]
    inputs: list[Any] = []
    for key, value in keywords.items():
        part = _argument(graph, value, inputs)
        if part is None:
            return None
        parts += (key, part)
    if graph._control_dependencies_stack:
        for waits_for in (control_inputs(graph, inputs), control_inputs(graph, ())):
            parts.append([operation.name for operation in waits_for])
    return blake2b(marshal.dumps(parts, 2), digest_size=16).digest()


def _argument(graph: Any, value: Any, inputs: list[Any]) -> Any | None:
    """Return what an argument is to a digest; None where that cannot be told."""
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return (type(value).__name__, value) if type(value).__module__ == "builtins" else None
    if isinstance(value, (list, tuple)):
        parts = [_argument(graph, item, inputs) for item in value]
        return None if None in parts else parts
    if getattr(value, "graph", None) is graph and isinstance(value, _tensor_type()):
        inputs.append(value)
        return id(value)
    return ("dtype", value.name) if isinstance(value, _dtype_type()) else None


@cache
def _tensor_type() -> Any:
    from tensorflow.python.framework import tensor

    return tensor.Tensor


@cache
def _dtype_type() -> Any:
    from tensorflow.python.framework import dtypes

    return dtypes.DType


def _asks_functions(graph: Any) -> bool:
    """Whether a function chooses the device."""
    specs = _device_specs(graph)
    return any(spec.raw_string is None and spec.function is not None for spec in specs)


def peek_name(graph: Any, name: str) -> str:
    """Return the name that an operation asked for as `name` would have."""
    unique: str = name[:-1] if name[-1] == "/" else graph.unique_name(name, mark_as_used=False)
    return unique


def take_name(graph: Any, name: str) -> None:
    """Count the name of an operation asked for as `name` as in use."""
    if name[-1] != "/":
        graph.unique_name(name)


def see(graph: Any, operation: Any) -> None:
    """Let the blocks of control dependencies take note of an operation."""
    if graph._control_dependencies_stack:
        graph._record_op_seen_by_control_dependencies(operation)


def _surroundings(graph: Any, op_type: str, devices: bool) -> tuple[Any, ...] | None:
    """Return what an operation takes from the blocks in which it is created.

    None where a function decides that, so that it cannot be told beforehand.
    """
    context = graph._get_control_flow_context()
    colocated = graph._colocation_stack
    original = graph._default_original_op
    scope_map = graph._attr_scope_map
    if scope_map and any(map(callable, scope_map.values())):
        return None
    return (
        tuple(_blocks(context)) if context is not None else None,
        tuple([held.name for held in colocated.peek_objs()]) if colocated else None,
        tuple([spec.raw_string for spec in _device_specs(graph)]) if devices else None,
        graph._container,
        graph._gradient_override_map.get(op_type),
        graph._op_to_kernel_label_map.get(op_type),
        original.name if original is not None else None,
        tuple([(key, value and _bytes(value)) for key, value in sorted(scope_map.items())]),
    )


def _bytes(attribute: Any) -> bytes:
    data: bytes = attribute.SerializeToString(deterministic=True)
    return data


def _blocks(context: Any) -> Iterator[tuple[str | None, ...]]:
    """Yield what tells the control-flow blocks, innermost first, in which an operation is created.

    A block makes its operations wait for its pivots when it takes them in, so that those of another
    block of the same name are other operations.
    """
    while context is not None:
        pivots = (getattr(context, name, None) for name in _PIVOTS)
        yield (context.name, *(getattr(pivot, "name", None) for pivot in pivots))
        context = context.outer_context


def contents_of(initializer: Any) -> bytes:
    """Digest what a look-up table is initialized with."""
    parts = sorted(
        (name, id(value) if hasattr(value, "graph") else repr(value))
        for name, value in vars(initializer).items()
        if not name.startswith("_self_")
    )
    return blake2b(repr(parts).encode(), digest_size=16).digest()


def with_contents(op_type: str, signature: bytes, contents: bytes) -> bytes:
    """Make a table's signature one of its contents too: it is initialized once in a session."""
    if "Table" not in op_type or op_type.startswith("Initialize"):
        return signature
    return blake2b(signature + contents, digest_size=16).digest()


def import_signature(graph: Any, graph_def: Any, options: dict[str, Any]) -> bytes | None:
    """Digest all that an imported graph is made of, but for its prefix; None as in `signature`."""
    around = _surroundings(graph, "", devices=True)
    if around is None or graph._get_control_flow_context() is not None:
        return None
    mapped = options.get("input_map") or {}
    if not all(getattr(tensor, "graph", None) is graph for tensor in mapped.values()):
        return None
    others = sorted((k, repr(v)) for k, v in options.items() if k not in {"input_map", "name"})
    inputs = sorted((str(name), id(tensor)) for name, tensor in mapped.items())
    digest = blake2b(marshal.dumps((around, inputs, others), 2), digest_size=16)
    digest.update(graph_def.SerializeToString(deterministic=True))
    return digest.digest()


def import_prefix(graph: Any, name: str | None) -> str:
    """Return the prefix that the names of an imported graph would have now."""
    if _is_exact(name):
        return name[:-1]
    prefix: str = graph.unique_name(name or "import", mark_as_used=False)
    return prefix


def enter_import(graph: Any, name: str | None) -> None:
    """Count the prefix of an imported graph as in use."""
    if not _is_exact(name):
        graph.unique_name(name or "import")


def _is_exact(name: str | None) -> TypeGuard[str]:
    """Whether a name scope is used as it is: none at all, or one that was entered before."""
    return name is not None and (not name or name.endswith("/"))


def use_names(graph: Any, names: Iterable[str]) -> None:
    """Count names as in use, as creating operations of these names would."""
    for name in names:
        graph._names_in_use.setdefault(name.lower(), 1)


def _device_specs(graph: Any) -> list[Any]:
    if not graph._device_function_stack:
        return []
    return [spec for spec in graph._device_function_stack.peek_objs() if not spec.is_null_merge]


def device_functions_agree(graph: Any, operation: Any) -> bool:
    """Whether the functions that choose devices now would choose what `operation` has."""
    if not graph._device_function_stack:
        return True
    if not _asks_functions(graph):
        return True  # strings are part of the signature
    # What an operation is colocated with has the last word.
    agree = any(held.device for held in graph._colocation_stack.peek_objs())
    for spec in _device_specs(graph):
        if spec.function is None:
            break
        # Called in any case, as for a new operation: some count their calls.
        if spec.string_merge(operation) != operation.device and not agree:
            return False
    return True


def control_inputs(graph: Any, inputs: Sequence[Any]) -> list[Any]:
    """Return the operations that an operation created now would have to wait for."""
    if not graph._control_dependencies_stack:
        return []
    found: list[Any] = graph._control_dependencies_for_inputs({t.op for t in inputs})
    return found


def built_on(operation: Any) -> list[Any]:
    """Return the operations whose outputs an operation takes, or for which it waits."""
    return [*(tensor.op for tensor in operation.inputs), *operation.control_inputs]


def parts_of(variable: Any) -> list[Any]:
    """Return the operations that initialize a variable, read it, and ask whether it has a value."""
    read, flag = tf_internals.read_tensor(variable), tf_internals.initialized_flag(variable)
    operations = [tensor.op for tensor in (read, flag) if tensor is not None]
    return [*operations, variable.initializer] if variable.initializer is not None else operations


class _Replayed:
    """An operation as it was created, for its new control-flow context to take in.

    Taking an operation in rewires its inputs; the operation that is reused has been rewired.
    """

    def __init__(self, operation: Any, inputs: Sequence[Any], waits_for: Sequence[Any]) -> None:
        self._operation = operation
        self.inputs = list(inputs)
        self.control_inputs = list(waits_for)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._operation, name)

    def __hash__(self) -> int:
        return hash(self._operation)

    def __eq__(self, other: object) -> bool:
        return other is self or other is self._operation

    def _update_input(self, index: int, tensor: Any) -> None:
        self.inputs[index] = tensor

    def _add_control_input(self, operation: Any) -> None:
        self.control_inputs.append(operation)

    def _add_control_inputs(self, operations: Sequence[Any]) -> None:
        self.control_inputs.extend(operations)

    def _remove_all_control_inputs(self) -> None:
        self.control_inputs.clear()


def replay(
    graph: Any, operation: Any, inputs: Sequence[Any], waits_for: Sequence[Any]
) -> Any | None:
    """Let the stacks and contexts of a graph take note of an operation as of a new one.

    Returns
    -------
    object
        The control-flow context in which the operation was before; None if it is in none.
    """
    context = graph._get_control_flow_context()
    before = operation._get_control_flow_context()
    if context is not None:
        operation._set_control_flow_context(context)
        context.AddOp(_Replayed(operation, inputs, waits_for))
    see(graph, operation)
    return before


def take_off(operation: Any, unwanted: set[str]) -> bool:
    """Have an operation no longer wait for some others; tell whether it did."""
    waits_for = operation.control_inputs
    wanted = [other for other in waits_for if other.name not in unwanted]
    if len(wanted) == len(waits_for):
        return False
    operation._remove_all_control_inputs()
    operation._add_control_inputs(wanted)
    return True


def return_to(context: Any, operation: Any) -> None:
    """Put an operation back to an earlier context unless the loop it is in now was completed."""
    now = operation._get_control_flow_context()
    while now is not None:
        if not getattr(now, "_loop_exits", True):  # a loop has them when it is complete
            operation._set_control_flow_context(context)
            return
        now = now.outer_context

"""All that makes an operation what it is; see `tf_internals`.

That is a tuple of plain values, which takes less time to make than a digest of it. What is long in
it is a digest.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Signature: TypeAlias = "tuple[Any, ...]"

_LONG = 64
"""Bytes, characters or members of a part of a signature beyond which it is a digest, or none."""

_PLAIN = frozenset({bool, int, type(None)})
"""Types of arguments that say what they are, together with the type: to Python 1 is True."""

_GENERATED = re.compile(rb"(hash_)?table_([0-9a-f-]{36}|[0-9]+)")
"""Shared names that TensorFlow makes up anew for each table."""

_PIVOTS = ("_pivot", "_pivot_for_pred", "_pivot_for_body")
"""What the operations of a conditional, of a loop's condition and of its body wait for."""


def signature(
    graph: Any,
    op_type: str,
    inputs: Sequence[Any],
    attrs: dict[str, Any] | None,
    devices: bool,
) -> Signature | None:
    """Return all that makes an operation what it is when it is created, but for its name.

    This is on the way of every operation, so it is written for speed.

    Returns
    -------
    Signature
        Equal for equal operations; None for one of which that cannot be told.
    """
    parts: list[Any] = [op_type]
    parts.extend([(id(tensor.op), tensor.value_index) for tensor in inputs])  # see tensor_key
    parts.append(None)
    if graph._control_dependencies_stack:
        parts.extend([operation.name for operation in control_inputs(graph, inputs)])
    around = _surroundings(graph, op_type, devices)
    if around is None:
        return None
    parts.append(around)
    for key in sorted(attrs or ()):
        value = attrs[key]  # type: ignore[index]
        if key == "shared_name" and _GENERATED.fullmatch(value.s):
            continue
        parts += (key, _bytes(value))
    return tuple(parts)


def tensor_key(tensor: Any) -> tuple[int, int]:
    """Return what tells a tensor from all others of its graph.

    By its operation, which is one Python object for as long as the graph is there. Not by its own
    id, since one tensor may be several objects; nor by its name, since a ResourceVariable calls its
    handle by the name that was asked for.
    """
    return (id(tensor.op), tensor.value_index)


def _own_key(value: Any) -> object:
    """Return what tells a tensor or a variable from all others of its graph."""
    return repr(tensor_key(value) if isinstance(value, _tensor_types()) else id(value.op))


def call_signature(graph: Any, op_type: str, keywords: dict[str, Any]) -> Signature | None:
    """Return all that an operation is made of which a call with such arguments creates.

    Returns
    -------
    Signature
        Equal for equal calls, and to nothing that `signature` returns; None where the arguments
        do not say all, and inside loops and conditionals, which take their operations in.
    """
    around = _surroundings(graph, op_type, devices=True)
    if around is None or around[0] is not None or (around[2] and False in around[2]):
        return None
    parts: list[Any] = ["call", op_type, around]
    inputs: list[Any] = []
    tensors = _tensor_types()
    for key, value in keywords.items():
        # Most are one of these two, which are told apart from all others by `type`.
        if (kind := type(value)) in _PLAIN:
            parts += (key, kind, value)
            continue
        if isinstance(value, tensors) and getattr(value, "graph", None) is graph:
            inputs.append(value)
            parts += (key, id(value.op), value.value_index)  # see tensor_key
            continue
        if key == "shared_name" and isinstance(value, bytes) and _GENERATED.fullmatch(value):
            continue
        part = _argument(graph, value, inputs)
        if part is None:
            return None
        parts += (key, part)
    if graph._control_dependencies_stack and (waits := _waits(graph)):
        # By name: TensorFlow wraps what should be used, such as assertions, into other objects.
        parts.append(tuple([operation.name for operation in control_inputs(graph, inputs)]))
        # What constants that are made of arguments wait for.
        parts.append(tuple([operation.name for operation in waits]))
    return tuple(parts)


def _argument(graph: Any, value: Any, inputs: list[Any]) -> Any | None:
    """Return what an argument is; None where that cannot be told, or takes much to tell.

    Equal for none but equal ones: to Python 1 is True, and 0.0 is -0.0.
    """
    if isinstance(value, (str, bytes, list, tuple)) and len(value) > _LONG:
        return None
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        if type(value).__module__ != "builtins":
            return None
        return (type(value).__name__, value.hex() if isinstance(value, float) else value)
    if isinstance(value, (list, tuple)):
        parts = tuple([_argument(graph, item, inputs) for item in value])
        return None if None in parts else parts
    if getattr(value, "graph", None) is graph and isinstance(value, _tensor_types()):
        inputs.append(value)
        return tensor_key(value)
    return ("dtype", value.name) if isinstance(value, _dtype_type()) else None


@cache
def _tensor_types() -> Any:
    from tensorflow.python.framework import tensor

    return tensor.Tensor


@cache
def _dtype_type() -> Any:
    from tensorflow.python.framework import dtypes

    return dtypes.DType


def _waits(graph: Any) -> list[Any]:
    """Return all that the blocks in which an operation is created make it wait for."""
    blocks = graph._control_dependencies_stack
    return [operation for block in blocks for operation in block.control_inputs]


def _surroundings(graph: Any, op_type: str, devices: bool) -> tuple[Any, ...] | None:
    """Return what an operation takes from the blocks in which it is created.

    None where a function decides that, so that it cannot be told beforehand.
    """
    context = graph._get_control_flow_context()
    # The lists in TensorFlow's stacks: of the stacks themselves, Python code tells the length.
    colocated = graph._colocation_stack._stack
    on_devices = graph._device_function_stack._stack
    original = graph._default_original_op
    scope_map = graph._attr_scope_map
    marks: tuple[Any, ...] = ()
    if scope_map:
        if any(map(callable, scope_map.values())):
            return None
        marks = tuple([(key, value and _bytes(value)) for key, value in sorted(scope_map.items())])
    return _once(
        (
            tuple(_blocks(context)) if context is not None else None,
            tuple([held.obj.name for held in reversed(colocated)]) if colocated else None,
            (_devices(graph) if on_devices else ()) if devices else None,
            graph._container,
            graph._gradient_override_map.get(op_type),
            graph._op_to_kernel_label_map.get(op_type),
            original.name if original is not None else None,
            marks,
        )
    )


@lru_cache(maxsize=1024)
def _once(around: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the one of equal tuples that is kept: most operations have the same surroundings."""
    return around


def _bytes(attribute: Any) -> bytes:
    data: bytes = attribute.SerializeToString(deterministic=True)
    return data if len(data) <= _LONG else blake2b(data, digest_size=32).digest()


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
        (name, _own_key(value) if isinstance(value, _tensor_types()) else repr(value))
        for name, value in vars(initializer).items()
        if not name.startswith("_self_")
    )
    return blake2b(repr(parts).encode(), digest_size=16).digest()


def with_contents(op_type: str, signature: Signature, contents: bytes) -> Signature:
    """Make a table's signature one of its contents too: it is initialized once in a session."""
    if "Table" not in op_type or op_type.startswith("Initialize"):
        return signature
    return (*signature, contents)


def import_signature(graph: Any, graph_def: Any, options: dict[str, Any]) -> Signature | None:
    """Return all that an imported graph is made of, but for its prefix; None as in `signature`."""
    around = _surroundings(graph, "", devices=True)
    if around is None or graph._get_control_flow_context() is not None:
        return None
    mapped = options.get("input_map") or {}
    if not all(getattr(tensor, "graph", None) is graph for tensor in mapped.values()):
        return None
    others = sorted((k, repr(v)) for k, v in options.items() if k not in {"input_map", "name"})
    inputs = sorted(
        (
            str(name),
            *(tensor_key(value) if isinstance(value, _tensor_types()) else (value.op.name,)),
        )
        for name, value in mapped.items()
    )
    content = graph_def.SerializeToString(deterministic=True)
    return (around, tuple(inputs), tuple(others), blake2b(content, digest_size=32).digest())


def _devices(graph: Any) -> tuple[str | bool | None, ...]:
    """Return what the blocks say of devices, innermost first: False where a function decides."""
    return tuple(
        [
            False if spec.raw_string is None and spec.function is not None else spec.raw_string
            for spec in _device_specs(graph)
        ]
    )


def _device_specs(graph: Any) -> list[Any]:
    return [spec for spec in graph._device_function_stack.peek_objs() if not spec.is_null_merge]


def device_functions_agree(graph: Any, operation: Any) -> bool:
    """Whether the functions that choose devices now would choose what `operation` has."""
    if False not in _devices(graph):
        return True  # strings are part of the signature
    undecided = _Undecided(operation)
    for spec in _device_specs(graph):
        if spec.function is None:
            break
        undecided.device = spec.string_merge(undecided)
    # What an operation is colocated with has the last word.
    if any(held.device for held in graph._colocation_stack.peek_objs()):
        return True
    return _canonical(undecided.device) == _canonical(operation.device)


class _Undecided:
    """An operation as device functions see a new one."""

    device = ""

    def __init__(self, operation: Any) -> None:
        self._operation = operation

    def __getattr__(self, name: str) -> Any:
        return getattr(self._operation, name)


def _canonical(device: str) -> str:
    from tensorflow.python.framework import device_spec

    text: str = device_spec.DeviceSpecV2.from_string(device or "").to_string()
    return text


def control_inputs(graph: Any, inputs: Sequence[Any]) -> list[Any]:
    """Return the operations that an operation created now would have to wait for."""
    if not _waits(graph):
        return []
    found: list[Any] = graph._control_dependencies_for_inputs({t.op for t in inputs})
    return found

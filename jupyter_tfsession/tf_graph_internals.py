"""The private parts of TensorFlow's graphs that re-running cells needs; see `tf_internals`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

_GENERATED = re.compile(rb"(hash_)?table_([0-9a-f-]{36}|[0-9]+)")
"""Shared names that TensorFlow makes up anew for each table."""

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Builder(NamedTuple):
    """A function of TensorFlow's that builds graphs, and what of `Rerun` stands in for it."""

    owner: Any
    name: str
    stand_in: str


def builders() -> list[Builder]:
    """Return what has to be replaced so that the building of graphs can be followed."""
    from tensorflow.python.framework import ops
    from tensorflow.python.ops import variable_v1

    return [
        Builder(ops.Graph, "_create_op_internal", "create_operation"),
        Builder(ops.Graph, "unique_name", "unique_name"),
        Builder(ops.Graph, "add_to_collection", "add_to_collection"),
        Builder(variable_v1, "default_variable_creator", "create_variable"),
        Builder(ops.Operation, "_update_input", "update_input"),
        Builder(ops.Operation, "_set_attr", "set_attr"),
    ]


@dataclass
class NamingState:
    """What the names and seeds of the next operations of a graph depend on.

    Attributes
    ----------
    names
        Names in use, in lower case, with the number of the next one.
    scopes
        How often each variable scope was opened, on this thread.
    seed
        The number of the next operation seed.
    """

    names: dict[str, int]
    scopes: dict[str, int]
    seed: int | None


def naming_state(graph: Any) -> NamingState:
    """Copy the naming state of a graph."""
    from tensorflow.python.framework import random_seed

    return NamingState(
        dict(graph._names_in_use),
        dict(_scope_counts(graph)),
        random_seed._graph_to_seed_dict.get(graph),
    )


def set_naming_state(graph: Any, state: NamingState) -> None:
    """Put a graph into a naming state; the state itself stays as it is."""
    from tensorflow.python.framework import random_seed

    graph._names_in_use = dict(state.names)
    counts = _scope_counts(graph)
    counts.clear()
    counts.update(state.scopes)
    if state.seed is None:
        random_seed._graph_to_seed_dict.pop(graph, None)
    else:
        random_seed._graph_to_seed_dict[graph] = state.seed


def merged(first: NamingState, second: NamingState) -> NamingState:
    """Return the state in which everything is used that one of the two has used."""

    def most(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
        return {**one, **{key: max(n, one.get(key, n)) for key, n in other.items()}}

    seeds = [seed for seed in (first.seed, second.seed) if seed is not None]
    return NamingState(
        most(first.names, second.names),
        most(first.scopes, second.scopes),
        max(seeds) if seeds else None,
    )


def _scope_counts(graph: Any) -> dict[str, int]:
    from tensorflow.python.ops import variable_scope

    stores = graph._collections.get(variable_scope._VARSCOPESTORE_KEY)
    return stores[0].variable_scopes_count if stores else {}


def variable_tables(graph: Any) -> list[dict[str, Any]]:
    """Return where ``tf.get_variable`` looks for variables, whole and partitioned: the tables."""
    from tensorflow.python.ops import variable_scope

    stores = graph._collections.get(variable_scope._VARSTORE_KEY)
    return [stores[0]._vars, stores[0]._partitioned_vars] if stores else []


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

    Returns
    -------
    bytes
        Equal for equal operations; None for one of which that cannot be told.
    """
    if graph._attr_scope_map and any(map(callable, graph._attr_scope_map.values())):
        return None
    context = graph._get_control_flow_context()
    digest = blake2b(digest_size=16)
    digest.update(
        repr(
            (
                op_type,
                [id(tensor) for tensor in inputs],
                [operation.name for operation in control_inputs],
                context.name if context is not None else None,
                [held.name for held in graph._colocation_stack.peek_objs()],
                [spec.raw_string for spec in _device_specs(graph)] if devices else None,
                graph._container,
                graph._gradient_override_map.get(op_type),
                graph._op_to_kernel_label_map.get(op_type),
                id(graph._default_original_op),
                sorted(graph._attr_scope_map),
            )
        ).encode()
    )
    for key in sorted(attrs or ()):
        digest.update(key.encode())
        if key == "shared_name" and _GENERATED.fullmatch(attrs[key].s):  # type: ignore[index]
            continue
        digest.update(attrs[key].SerializeToString(deterministic=True))  # type: ignore[index]
    for key in sorted(graph._attr_scope_map):
        value = graph._attr_scope_map[key]
        digest.update(value.SerializeToString(deterministic=True) if value else b"")
    return digest.digest()


def _device_specs(graph: Any) -> list[Any]:
    return [spec for spec in graph._device_function_stack.peek_objs() if not spec.is_null_merge]


def device_functions_agree(graph: Any, operation: Any) -> bool:
    """Whether the functions that choose devices now would choose what `operation` has."""
    specs = _device_specs(graph)
    if all(spec.raw_string is not None or spec.function is None for spec in specs):
        return True  # strings are part of the signature
    for spec in specs:
        if spec.function is None:
            break
        if spec.string_merge(operation) != operation.device:
            return False
    return True


def control_inputs(graph: Any, inputs: Sequence[Any]) -> list[Any]:
    """Return the operations that an operation created now would have to wait for."""
    found: list[Any] = graph._control_dependencies_for_inputs({t.op for t in inputs})
    return found


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


def replay(graph: Any, operation: Any, inputs: Sequence[Any], waits_for: Sequence[Any]) -> None:
    """Let the stacks and contexts of a graph take note of an operation as of a new one."""
    context = graph._get_control_flow_context()
    if context is not None:
        operation._set_control_flow_context(context)
        context.AddOp(_Replayed(operation, inputs, waits_for))
    graph._record_op_seen_by_control_dependencies(operation)

"""The private parts of TensorFlow's graphs; see `tf_internals`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeGuard

from jupyter_tfsession import tf_internals
from jupyter_tfsession import tf_signature_internals as signatures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


def variable_tables(graph: Any) -> list[dict[str, Any]]:
    """Return where ``tf.get_variable`` looks for variables, whole and partitioned: the tables."""
    from tensorflow.python.ops import variable_scope

    stores = graph._collections.get(variable_scope._VARSTORE_KEY)
    return [stores[0]._vars, stores[0]._partitioned_vars] if stores else []


@cache
def _ops() -> Any:
    from tensorflow.python.framework import ops

    return ops


def default_graph() -> Any | None:
    """Return the calling thread's default graph if there is one; for the notebook's own calls.

    Asking TensorFlow would make one, after which it refuses to enable eager execution.
    """
    stack = _ops()._default_graph_stack
    return _ops().get_default_graph() if stack.stack or stack._global_default_graph else None


def asks_for_graph() -> Callable[[], Any]:
    """Return what gives the graph to which the calling thread is about to add an operation."""
    asks: Callable[[], Any] = _ops().get_default_graph
    return asks


def consumers(tensor: Any) -> list[Any]:
    """Return the operations that use a tensor, while another thread may be adding some.

    They are added without the interpreter's lock, and the table of who uses what must not be read
    meanwhile: TensorFlow moves it as it grows. So this takes the lock that keeps additions out of
    runs. An operation whose making was interrupted is in the table but is no Python object; it
    does not count.
    """
    with tensor.graph._session_run_lock():
        try:
            return list(tensor.consumers())
        except (KeyError, SystemError):
            operations = tensor.graph.get_operations()
            return [one for one in operations if any(used is tensor for used in one.inputs)]


def is_whole(variable: Any) -> bool:
    """Whether a variable is made to its end: while it is not, it lacks some of its parts."""
    try:
        return variable.op is not None and variable.name is not None
    except AttributeError:
        return False


def is_variable(value: Any) -> bool:
    """Whether a member of a collection is a variable, which may be half made."""
    return isinstance(value, _variable_type())


@cache
def _variable_type() -> Any:
    from tensorflow.python.ops import variables

    return variables.Variable


def collections(graph: Any) -> dict[Any, list[Any]]:
    """Return the collections of a graph: the table itself, private keys and all."""
    found: dict[Any, list[Any]] = graph._collections
    return found


def is_private_key(key: Any) -> bool:
    """Whether a collection holds TensorFlow's own stores, which are one per graph."""
    return isinstance(key, tuple)


def free_names(graph: Any, names: Iterable[str]) -> None:
    """Count names as not in use."""
    for name in names:
        graph._names_in_use.pop(name.lower(), None)


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


def flat(structure: Any) -> list[Any]:
    """Return what is in a nested structure, composite tensors taken apart."""
    from tensorflow.python.util import nest

    found: list[Any] = nest.flatten(structure, expand_composites=True)
    return found


def loop_name(context: Any) -> str:
    """Return the name of a loop's frame."""
    name: str = context._name
    return name


def set_loop_name(context: Any, name: str) -> None:
    """Give a loop that is about to be built a frame of that name."""
    context._name = name


def built_on(operation: Any) -> list[Any]:
    """Return the operations whose outputs an operation takes, or for which it waits."""
    return [*(tensor.op for tensor in operation.inputs), *operation.control_inputs]


def belongs_to(operation: Any) -> Iterator[str]:
    """Yield the names of the operations that one uses, waits for, or has its place beside."""
    for other in built_on(operation):
        yield other.name
    for group in operation.colocation_groups():
        yield group.decode().removeprefix("loc:@")


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


def context_of(operation: Any) -> Any | None:
    """Return the control-flow context in which an operation is, if it is in one."""
    return operation._get_control_flow_context()


def replay(graph: Any, operation: Any, inputs: Sequence[Any]) -> None:
    """Let the stacks and contexts of a graph take note of an operation as of a new one."""
    context = graph._get_control_flow_context()
    if context is not None:
        operation._set_control_flow_context(context)
        context.AddOp(_Replayed(operation, inputs, signatures.control_inputs(graph, inputs)))
    see(graph, operation)


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

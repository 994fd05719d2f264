"""What stands in for TensorFlow's functions that build graphs while cells are recorded.

TensorFlow's own are called outside of the `try` blocks: what they raise is about the user's code.
What fails here is ours, and from then on TensorFlow is left to itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_graph_internals as internals
from jupyter_tfsession import tf_signature_internals as signatures
from jupyter_tfsession.graphs.importing import importing
from jupyter_tfsession.graphs.loops import name_loop
from jupyter_tfsession.graphs.names import called, names_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.graphs.recording import Recording
    from jupyter_tfsession.graphs.rerun import Rerun

    StandIn = Callable[[Rerun, Any], Any]


def create_operation(rerun: Rerun, plain: Any) -> Any:
    """Return a stand-in for ``Graph._create_op_internal``."""

    def create(  # noqa: PLR0913, PLR0917 - TensorFlow's signature
        graph: Any,
        op_type: str,
        inputs: Any,
        dtypes: Any = None,
        input_types: Any = None,
        name: str | None = None,
        attrs: Any = None,
        op_def: Any = None,
        compute_device: bool = True,
    ) -> Any:
        recording = sought = None
        try:
            recording = rerun.recording(graph)
            if recording is not None:
                sought = recording.look_up(op_type, inputs, name, attrs, compute_device)
                if sought.found is not None:
                    return sought.found
                name, attrs = sought.name, sought.attrs
            else:
                other = rerun.elsewhere(graph)
                if other is not None:
                    name, attrs = other.apart(op_type, name, attrs)
        except Exception as error:  # noqa: BLE001 - fails open
            rerun.abandon(error)
            sought = None
        operation = plain(
            graph, op_type, inputs, dtypes, input_types, name, attrs, op_def, compute_device
        )
        if recording is not None and sought is not None:
            recording.note(sought, operation)
        return operation

    return create


def apply_operation(rerun: Rerun, plain: Any) -> Any:
    """Return a stand-in for what makes an operation of the arguments of a call."""
    building_graph = internals.asks_for_graph()

    def apply(op_type_name: str, name: str | None = None, **keywords: Any) -> Any:
        applying = call = None
        try:
            recording = rerun.recording(building_graph())
            if recording is not None:
                applying = recording.applying
                call = applying.begin(op_type_name, keywords)
                found = applying.find(call, name)
                if found is not None:
                    return found
        except Exception as error:  # noqa: BLE001 - fails open
            rerun.abandon(error)
            applying = None
        if applying is None:
            return plain(op_type_name, name, **keywords)
        outer, applying.call = applying.call, call
        try:
            result = plain(op_type_name, name, **keywords)
        finally:
            applying.call = outer
        try:
            if call is not None:
                applying.note(call, result)
        except Exception as error:  # noqa: BLE001 - fails open
            rerun.abandon(error)
        return result

    return apply


def import_graph(rerun: Rerun, plain: Any) -> Any:
    """Return a stand-in for what ``tf.import_graph_def`` calls."""

    def imported(graph_def: Any, **options: Any) -> Any:
        with importing(rerun, graph_def, options) as found:
            if found.made is None:
                found.elements = plain(graph_def, **options)
        return found.elements

    return imported


def unique_name(rerun: Rerun, plain: Any) -> Any:
    """Return a stand-in for ``Graph.unique_name``: a graph's recording begins before it."""

    def unique(graph: Any, name: str, mark_as_used: bool = True) -> str:
        try:
            rerun.recording(graph)
        except Exception as error:  # noqa: BLE001 - fails open
            rerun.abandon(error)
        unique_name: str = plain(graph, name, mark_as_used)
        return unique_name

    return unique


def find_element(rerun: Rerun, plain: Any) -> Any:
    """Return a stand-in for ``Graph.as_graph_element``: a name stands for what has it now."""

    def find(graph: Any, obj: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(obj, str):
            return plain(graph, obj, *args, **kwargs)
        operation, colon, output = obj.partition(":")
        current = names_in(graph).get(operation, operation)
        recording = rerun.within(graph, lambda recording: recording)
        if recording is not None:
            current = recording.current(operation) or current
        try:
            return plain(graph, f"{current}{colon}{output}", *args, **kwargs)
        except KeyError:
            if recording is not None:
                recording.now.missed.add(operation)
            raise

    return find


def add_to_collection(rerun: Rerun, plain: Any) -> Any:
    """Return a stand-in for ``Graph.add_to_collection``."""

    def add(graph: Any, name: Any, value: Any) -> None:
        def collect(recording: Recording) -> bool:
            recording.collecting.collect(name, value)
            return True

        if internals.is_private_key(name) or not rerun.within(graph, collect):
            plain(graph, name, value)

    return add


def get_collection(rerun: Rerun, plain: Any) -> Any:
    """Return a stand-in for ``Graph.get_collection``."""

    def get(graph: Any, name: Any, *args: Any, **kwargs: Any) -> Any:
        if not internals.is_private_key(name):
            rerun.within(graph, lambda r: r.collecting.read(name, unchanged=r.unchanged))
        return plain(graph, name, *args, **kwargs)

    return get


def get_collection_ref(rerun: Rerun, plain: Any) -> Any:
    """Return a stand-in for ``Graph.get_collection_ref``."""
    asked = get_collection(rerun, plain)

    def get(graph: Any, name: Any) -> Any:
        found = asked(graph, name)
        if not internals.is_private_key(name):
            rerun.within(graph, lambda r: r.collecting.read_list(name))
        return found

    return get


def get_variable(rerun: Rerun, plain: Any) -> Any:
    """Return a stand-in for what ``tf.get_variable`` asks for a variable by its full name."""

    def get(store: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("reuse") is True:
            rerun.within(internals.default_graph(), lambda recording: recording.stored.reuse(name))
        return plain(store, name, *args, **kwargs)

    return get


def create_variable(rerun: Rerun, plain: Any) -> Any:
    """Return a stand-in for one of TensorFlow's default variable creators."""

    def create(next_creator: Any = None, **kwargs: Any) -> Any:
        variable = plain(next_creator, **kwargs)
        graph = getattr(variable, "graph", None)
        kept = rerun.within(graph, lambda recording: rerun.made(recording, variable))
        return variable if kept is None else kept

    return create


def name_saved(rerun: Rerun, plain: Any) -> Any:
    """Return a stand-in for what names the variables in a ``tf.train.Saver``'s checkpoints."""

    def name(*args: Any, **kwargs: Any) -> Any:
        named = plain(*args, **kwargs)
        names = rerun.within(internals.default_graph(), rerun.logical_names)
        if not names:
            return named
        logical = {called(names, name): saved for name, saved in named.items()}
        return logical if len(logical) == len(named) else named

    return name


def build_loop(rerun: Rerun, plain: Any) -> Any:
    """Return a stand-in for the building of a loop, which is found as a whole or not at all."""
    building_graph = internals.asks_for_graph()

    def build(context: Any, pred: Any, body: Any, loop_vars: Any, *args: Any, **kwargs: Any) -> Any:
        def name(recording: Recording) -> None:
            asked = internals.loop_name(context)
            internals.set_loop_name(context, name_loop(recording, asked, (pred, body), loop_vars))

        rerun.within(building_graph(), name)
        return plain(context, pred, body, loop_vars, *args, **kwargs)

    return build


def make_table(rerun: Rerun, plain: Any) -> Any:
    """Return a stand-in for the making of a look-up table, which is what it is filled with."""

    def make(table: Any, default_value: Any, initializer: Any, *args: Any, **kwargs: Any) -> None:
        def begin(recording: Recording) -> Recording:
            recording.contents = signatures.contents_of(initializer)
            return recording

        recording = rerun.within(internals.default_graph(), begin)
        try:
            plain(table, default_value, initializer, *args, **kwargs)
        finally:
            if recording is not None:
                recording.contents = None

    return make


def update_input(rerun: Rerun, plain: Any) -> Any:
    """Return a stand-in for ``Operation._update_input``, with which loops are closed.

    It leaves alone what is so already: TensorFlow warns about operations that have run. What is
    not, closes an edited loop; a session that has seen the old one would go on with that.
    """

    def update(operation: Any, index: int, tensor: Any) -> None:
        if operation.inputs[index] is tensor:
            return
        plain(operation, index, tensor)
        if rerun.within(operation.graph, lambda recording: recording.is_old(operation)):
            rerun.rewired(operation)

    return update


def wait_for(rerun: Rerun, plain: Any) -> Any:
    """Return a stand-in for ``Operation._add_control_input``.

    The gradient of a loop has operations of the loop wait for its own.
    """

    def wait(operation: Any, other: Any) -> None:
        plain(operation, other)
        rerun.within(operation.graph, lambda recording: recording.note_wait(operation, other))

    return wait


def set_attr(rerun: Rerun, plain: Any) -> Any:
    """Return a stand-in for ``Operation._set_attr`` that leaves alone what is so already.

    A control dependency marks the operation depended on, and TensorFlow warns about those that
    have run: ``tf.group`` over initializers, for one.
    """

    def set_attr(operation: Any, name: str, value: Any) -> None:
        if name == "_has_manual_control_dependencies":
            new = rerun.within(operation.graph, lambda recording: recording.has_made(operation))
            if new is False and _has(operation, name):
                return
        plain(operation, name, value)

    return set_attr


def _has(operation: Any, attribute: str) -> bool:
    try:
        operation.get_attr(attribute)
    except ValueError:
        return False
    return True

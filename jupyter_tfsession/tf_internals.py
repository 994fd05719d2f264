"""Every private TensorFlow name the project uses; nothing else touches one.

Each is probed by capability when the patches go in: what a version of TensorFlow lacks switches
off just the feature that needs it, and ``%tfsession doctor`` says so. Measured on TensorFlow 2.15
to 2.21. Importing this module imports no TensorFlow; calling anything in it does.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableSequence

_CONTEXT = "tensorflow.python.eager.context"
_OPS = "tensorflow.python.framework.ops"
_STACK = "tensorflow.python.framework.stack"
_SESSION = "tensorflow.python.client.session"
_RUNTIME = "tensorflow.python.client.pywrap_tf_session"
_TENSOR = "tensorflow.python.framework.tensor"
_SCOPES = "tensorflow.python.ops.variable_scope"
_SPARSE = "tensorflow.python.framework.sparse_tensor"


MODULES = (
    "tensorflow",
    "tensorflow.compat.v1",
    "tensorflow.compat.v1.compat.v1",
    "tensorflow.compat.v2.compat.v1",
)
"""What ends up exporting the session classes, each loaded on its own when it is imported.

``import tensorflow`` offers ``tf.compat.v1``; ``import tensorflow.compat.v1`` loads that module a
second time, under this name, and puts the copy in its place.
"""


class Capability(NamedTuple):
    """A private name, the feature that needs it, and whether this TensorFlow has it."""

    name: str
    feature: str
    found: bool


_NEEDED = (
    (_SESSION, "Session", "sessions"),
    (_SESSION, "InteractiveSession", "sessions"),
    (_SESSION, "BaseSession._run", "sessions"),
    (_SESSION, "BaseSession._extend_graph", "live"),
    (_SESSION, "BaseSession._do_call", "shortcuts"),
    (_SESSION, "_FetchHandler", "shortcuts"),
    (_SESSION, "_FetchMapper.for_fetch", "shortcuts"),
    (_SESSION, "_REGISTERED_EXPANSIONS", "shortcuts"),
    (_RUNTIME, "TF_SessionRun_wrapper", "shortcuts"),
    (_SESSION, "BaseSession._make_callable_from_options", "shortcuts"),
    (_RUNTIME, "TF_SessionRunCallable", "shortcuts"),
    (_STACK, "_default_session_stack.stack", "sessions"),
    (_OPS, "_default_graph_stack._global_default_graph", "sessions"),
    (_OPS, "_DefaultGraphStack.reset", "sections"),
    (_OPS, "Graph._session_run_lock", "guard"),
    (_CONTEXT, "context", "sessions"),
    (_TENSOR, "_eval_using_default_session", "evaluate"),
    (_SPARSE, "_eval_using_default_session", "evaluate"),
    (_OPS, "_run_using_default_session", "evaluate"),
    ("tensorflow.python.framework.random_seed", "_graph_to_seed_dict", "rerun"),
    (_SCOPES, "_VARSTORE_KEY", "rerun"),
    (_SCOPES, "_VARSCOPESTORE_KEY", "rerun"),
)

_BUILDERS = (
    (_OPS, "Graph._create_op_internal", "create_operation"),
    (_OPS, "Graph.unique_name", "unique_name"),
    (_OPS, "Graph.as_graph_element", "find_element"),
    (_OPS, "Graph.add_to_collection", "add_to_collection"),
    (_OPS, "Graph.get_collection", "get_collection"),
    (_OPS, "Graph.get_collection_ref", "get_collection_ref"),
    (_OPS, "Operation._update_input", "update_input"),
    (_OPS, "Operation._add_control_input", "wait_for"),
    (_OPS, "Operation._set_attr", "set_attr"),
    ("tensorflow.python.framework.op_def_library", "_apply_op_helper", "apply_operation"),
    ("tensorflow.python.framework.importer", "_import_graph_def_internal", "import_graph"),
    ("tensorflow.python.ops.control_flow_ops", "WhileContext.BuildLoop", "build_loop"),
    (_SCOPES, "_VariableStore.get_variable", "get_variable"),
    ("tensorflow.python.ops.variable_v1", "default_variable_creator", "create_variable"),
    ("tensorflow.python.ops.variables", "default_variable_creator_v2", "create_variable"),
    (
        "tensorflow.python.ops.lookup_ops",
        "InitializableLookupTableBase.__init__",
        "make_table",
    ),
    (
        "tensorflow.python.training.saving.saveable_object_util",
        "op_list_to_dict",
        "name_saved",
    ),
)
"""What builds graphs, and what it is replaced by; see `builders`."""


def capabilities() -> list[Capability]:
    """Look for every private name and tell which are there."""
    building = ((module, path, "rerun") for module, path, _ in _BUILDERS)
    return [
        Capability(f"{module}.{path}", feature, found=_has(module, path))
        for module, path, feature in (*_NEEDED, *building)
    ]


class Builder(NamedTuple):
    """A function of TensorFlow's that builds graphs, and what stands in for it."""

    owner: Any
    name: str
    stand_in: str


def builders() -> list[Builder]:
    """Return what has to be replaced so that the building of graphs can be followed.

    The stand-ins are called what they are called in `graphs.stand_ins`.
    """
    found = []
    for module, path, stand_in in _BUILDERS:
        owner, _, name = path.rpartition(".")
        inside = _resolve(module, owner) if owner else importlib.import_module(module)
        found.append(Builder(inside, name, stand_in))
    return found


def _has(module: str, path: str) -> bool:
    try:
        _resolve(module, path)
    except (ImportError, AttributeError):
        return False
    return True


def _resolve(module: str, path: str) -> Any:
    value: Any = importlib.import_module(module)
    for part in path.split("."):
        value = getattr(value, part)
    return value


def session_classes() -> tuple[Any, Any]:
    """Return ``Session`` and ``InteractiveSession`` where TensorFlow defines them."""
    return _resolve(_SESSION, "Session"), _resolve(_SESSION, "InteractiveSession")


def default_sessions() -> MutableSequence[Any]:
    """Return the calling thread's stack of default sessions, innermost last."""
    stack: MutableSequence[Any] = _resolve(_STACK, "_default_session_stack.stack")
    return stack


def global_default_graph() -> Any | None:
    """Return the graph that is the default where no ``as_default()`` is entered, if any yet."""
    return _resolve(_OPS, "_default_graph_stack._global_default_graph")


def is_outside_of_blocks() -> bool:
    """Whether no graph is entered by ``as_default()`` on the calling thread."""
    return not _resolve(_OPS, "_default_graph_stack").stack


def set_global_default_graph(graph: Any) -> None:
    """Make `graph` the default on this thread where no ``as_default()`` is entered.

    Unlike entering ``graph.as_default()`` for good, this leaves the stack empty, which is what
    ``tf.reset_default_graph()`` insists on.
    """
    _resolve(_OPS, "_default_graph_stack")._global_default_graph = graph


def resetter() -> tuple[Any, str]:
    """Return the class, and the name of its method, that ``tf.reset_default_graph()`` calls."""
    return _resolve(_OPS, "_DefaultGraphStack"), "reset"


def global_config() -> Any:
    """Return what ``tf.config`` was told, which a session without a configuration uses."""
    return _resolve(_CONTEXT, "context")().config


def evaluators() -> Iterator[tuple[Any, str]]:
    """Yield ``(module, name)`` of what ``t.eval()`` and ``op.run()`` call.

    Signature of each: ``(fetches, feed_dict, graph, session=None)``.
    """
    yield importlib.import_module(_TENSOR), "_eval_using_default_session"
    yield importlib.import_module(_SPARSE), "_eval_using_default_session"
    yield importlib.import_module(_OPS), "_run_using_default_session"


def exports(name: str, value: object) -> list[Any]:
    """Return the modules of the public API in which `name` is `value`.

    ``tensorflow.python`` defines things for TensorFlow's own use, and is left alone.
    """
    return [
        module
        for path, module in list(sys.modules.items())
        if path.startswith("tensorflow.") and not path.startswith("tensorflow.python.")
        # A look-up in the module's own names: getattr would set off lazy imports.
        if getattr(module, "__dict__", {}).get(name) is value
    ]


def read_tensor(variable: Any) -> Any | None:
    """Return the tensor that reads a graph variable and exists already, or None."""
    tensor = getattr(variable, "_graph_element", None)  # ResourceVariable
    return tensor if tensor is not None else getattr(variable, "_snapshot", None)  # RefVariable


def initialized_flag(variable: Any) -> Any | None:
    """Return the boolean tensor that says whether a ResourceVariable holds a value, or None.

    ``is_initialized()`` would create a new operation at each call.
    """
    flag = getattr(variable, "_is_initialized_op", None)
    return getattr(flag, "outputs", [flag])[0] if flag is not None else None


def is_reference(tensor: Any) -> bool:
    """Whether a tensor is a reference to the buffer of a RefVariable."""
    return bool(tensor.dtype._is_ref_dtype)


class Fed:
    """A tensor as a key of a feed dictionary.

    With eager execution on, tensors cannot be keys, and their names may stand for other tensors by
    now. TensorFlow takes any object with this method.
    """

    def __init__(self, tensor: Any) -> None:
        self._tensor = tensor

    def _as_graph_element(self) -> Any:
        return self._tensor


_held_back = threading.local()


@contextlib.contextmanager
def graph_as_it_is() -> Iterator[None]:
    """Have the calling thread run in engines as they know their graphs.

    A session takes in what was added to its graph before each run, and waits for that while
    another thread builds a loop. Whoever only looks must neither wait for the notebook nor hand
    operations to the session that the notebook may still change. A run in this context takes
    nothing in, and fails with a ``NotFoundError`` or ``InvalidArgumentError`` if it needs what the
    session does not know.
    """
    before = getattr(_held_back, "on", False)
    _held_back.on = True
    try:
        yield
    finally:
        _held_back.on = before


def engine_class(plain: Any) -> Any:
    """Return the class of plain sessions to run in, which heeds `graph_as_it_is`."""

    class Engine(plain):  # TensorFlow has no types
        taken_in = 0
        """The version of the graph that the session knows for certain."""

        def _extend_graph(self) -> None:
            if not getattr(_held_back, "on", False):
                version = self.graph.version
                super()._extend_graph()
                self.taken_in = version

    return Engine


def hand_over(engine: Any) -> bool:
    """Hand what was added to the graph over to its session, as each run does.

    Returns
    -------
    bool
        Whether that was to be done: not under `graph_as_it_is`.
    """
    if getattr(_held_back, "on", False):
        return False
    engine._extend_graph()
    return True


def disown(session: Any) -> None:
    """Make a session object let go of its C session without closing or deleting it."""
    session._session = None
    session._closed = True


def run(session: Any, fetches: Any, feed_dict: Any) -> Any:
    """Do ``session.run(fetches, feed_dict)`` without what serves options and metadata only."""
    return session._run(None, fetches, feed_dict, None, None)


def write_any_shape(session: Any, operation: Any, fed: Any, value: Any) -> None:
    """Run an operation with a tensor fed, without the check that shapes agree.

    The runtime assigns a ResourceVariable a value of any shape: what is checked is checked in
    Python (``BaseSession._run``).
    """
    session._extend_graph()
    session._call_tf_sessionrun(None, {fed._as_tf_output(): value}, [], [operation._c_op], None)


def read_as_it_is(session: Any, tensors: list[Any]) -> list[Any]:
    """Fetch tensors from a plain session without handing it what was added to its graph.

    A session that cannot take that in refuses every other run, but still knows what it knew.
    """
    outputs = [tensor._as_tf_output() for tensor in tensors]
    fetched: list[Any] = session._call_tf_sessionrun(None, {}, outputs, [], None)
    return fetched


def plain_session(session: Any) -> Any | None:
    """Return the plain session in a session of any kind, such as a MonitoredSession, if any."""
    inner = getattr(session, "_tf_sess", None)
    plain = inner() if callable(inner) else session
    return plain if hasattr(plain, "_call_tf_sessionrun") else None


def control_flow_v2_is_on() -> bool:
    """Whether ``tf.cond`` and ``tf.while_loop`` are built of functions.

    TensorFlow's own ``control_flow_v2_enabled`` makes a default graph to ask about, after which
    it refuses to enable eager execution.
    """
    from tensorflow.python.ops import control_flow_util

    return bool(control_flow_util.ENABLE_CONTROL_FLOW_V2)

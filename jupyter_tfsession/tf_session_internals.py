"""What ``Session.run`` is made of, by TensorFlow's private names, so that it need not be redone.

Like `tf_internals`, which tells whether all of this is there; nothing else touches these names.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_SESSION = "tensorflow.python.client.session"
_RUNTIME = "tensorflow.python.client.pywrap_tf_session"

VARIABLES = (
    "tensorflow.python.ops.resource_variable_ops",
    "tensorflow.python.ops.ref_variable",
)
"""Where the variables are defined that stand for the same tensor for as long as they live."""


@functools.cache
def _session_module() -> Any:
    return importlib.import_module(_SESSION)


@functools.cache
def _runtime() -> Any:
    return importlib.import_module(_RUNTIME)


def session_run() -> Callable[..., list[Any]]:
    """Return the C entry point of ``Session.run``.

    It takes the C session, options, feeds, fetches, targets and what to write metadata to.
    """
    run: Callable[..., list[Any]] = _runtime().TF_SessionRun_wrapper
    return run


def c_session(engine: Any) -> Any | None:
    """Return the C session of a plain session; None where it is closed."""
    return None if engine._closed else engine._session


def any_c_session(engine: Any) -> Any:
    """Return the C session of a plain session, closed or not."""
    return engine._session


def callable_of_options(engine: Any, options: Any) -> Callable[..., Any]:
    """Have the C session hold ready what ``CallableOptions`` describe, and return what runs it."""
    made: Callable[..., Any] = engine._make_callable_from_options(options)
    return made


class Prepared(NamedTuple):
    """A run without feeds that needs no more looking up.

    Attributes
    ----------
    run
        Runs it, and returns what is fetched.
    engine
        The session that it is a run of.
    held
        What the C session holds ready for it for as long as this lives.
    """

    run: Callable[[], list[Any]]
    engine: Any
    held: Any = None


def prepared(engine: Any, tensors: list[Any], operations: Sequence[Any]) -> Prepared:
    """Have the C session prepare a run without feeds.

    Unlike `session_run`, that does not look up at each call which part of the graph it is. What it
    returns may be TensorFlow's own buffers.
    """
    from tensorflow.core.protobuf import config_pb2

    options = config_pb2.CallableOptions(
        fetch=[tensor.name for tensor in tensors],
        target=[operation.name for operation in operations],
    )
    made = engine._make_callable_from_options(options)
    run = _runtime().TF_SessionRunCallable
    call = functools.partial(run, engine._session, made._handle, (), None)
    return Prepared(call, engine, made)


class NotCovered(Exception):  # noqa: N818 - a finding, not an error
    """TensorFlow's own run has to do it, or to say what is wrong with it."""


class Outline(NamedTuple):
    """What ``Session.run`` finds out about fetches before it runs.

    Attributes
    ----------
    fetched
        The tensors, each once; the fed ones too.
    targets
        The operations, each once.
    """

    fetched: list[Any]
    targets: list[Any]


def outline(graph: Any, fetches: Any) -> Outline:
    """Look fetches up in a graph.

    Raises
    ------
    Exception
        Whatever TensorFlow says of wrong ones.
    """
    handler = _session_module()._FetchHandler(graph, fetches, {})
    return Outline(handler.fetches(), handler.targets())


def results(engine: Any, fetches: Any, fed: dict[Any, Any], fetched: list[Any]) -> Any:
    """Put what was fetched into the structure of the fetches, the way TensorFlow does.

    Parameters
    ----------
    fed
        Values by the references of tensors.
    fetched
        Values of the tensors that are not fed, in the order of `outline`.
    """
    handler = _session_module()._FetchHandler(engine.graph, fetches, fed)
    return handler.build_results(engine, fetched)


def output_of(tensor: Any) -> Any:
    """Return what stands for a tensor in the C interface; good while the graph lives."""
    return tensor._as_tf_output()


def c_operation(operation: Any) -> Any:
    """Return what stands for an operation in the C interface; good while the graph lives."""
    return operation._c_op


def fetches_of(graph: Any, leaf: Any) -> tuple[list[Any], Callable[[list[Any]], Any] | None]:
    """Return the graph elements that one fetch stands for, and how their values become one.

    The latter is None where the fetch stands for one element, whose value is the result.

    Raises
    ------
    NotCovered
        What it stands for may change from one run to the next.
    """
    whole = _is_whole(leaf)
    with graph.as_default():
        mapper = _session_module()._FetchMapper.for_fetch(leaf)
    return mapper.unique_fetches(), None if whole else mapper.build_results


def feeds_of(leaf: Any) -> tuple[list[Any], Callable[[Any, Any], Any] | None]:
    """Return what one feed stands for, and how its value is taken apart: for ``(feed, value)``.

    The latter is None where the feed stands for itself. See `fetches_of`.
    """
    if _is_whole(leaf):
        return [leaf], None
    _, _, feed, parts = _expansion(leaf)
    return list(parts(leaf)), feed


def fed_tensor(graph: Any, feed: Any) -> Any:
    """Return the tensor that a feed stands for."""
    return graph.as_graph_element(feed, allow_tensor=True, allow_operation=False)


def _is_whole(leaf: Any) -> bool:
    """Tell graph elements from what is made of several."""
    from tensorflow.python.framework import ops, tensor

    of, fetch, *_ = _expansion(leaf)
    if of is object:
        if not isinstance(leaf, (tensor.Tensor, ops.Operation, str)):
            owner = getattr(getattr(type(leaf), "_as_graph_element", None), "__module__", "")
            if owner not in VARIABLES:
                raise NotCovered
        return True
    if not fetch.__module__.startswith("tensorflow."):
        raise NotCovered  # taught by the notebook
    return False


def _expansion(leaf: Any) -> Any:
    return next(known for known in expansions() if isinstance(leaf, known[0]))


def expansions() -> list[Any]:
    """Return the kinds of fetches and feeds that TensorFlow knows; notebooks may add some."""
    found: list[Any] = _session_module()._REGISTERED_EXPANSIONS
    return found


def refusals(graph: Any) -> tuple[Any, Any]:
    """Return what must not be fed and what must not be fetched in a graph: two growing sets."""
    return graph._unfeedable_tensors, graph._unfetchable_ops


def as_array() -> Callable[[Any, Any], Any]:
    """Return how ``Session.run`` converts a value to be fed: of ``(value, type)``."""
    import numpy as np

    module = getattr(_session_module(), "numpy_compat", np)
    convert: Callable[[Any, Any], Any] = getattr(module, "np_asarray", np.asarray)
    return convert


def never_plain() -> tuple[type, ...]:
    """Return the types whose values ``Session.run`` does not simply convert when it is fed one."""
    from tensorflow.python.framework import tensor
    from tensorflow.python.ops import session_ops

    return tensor.Tensor, session_ops.TensorHandle


def run_part(engine: Any, handle: Any, fed: dict[Any, Any], outputs: list[Any]) -> list[Any]:
    """Run a part of what was set up, by the C entry point of ``Session.partial_run``."""
    fetched: list[Any] = engine._call_tf_sessionprun(handle, fed, outputs)
    return fetched


def dtype_of_handle(tensor: Any) -> Any | None:
    """Return the type of what a fetched tensor is a handle of; None if it is no handle."""
    if tensor.op.type in {"GetSessionHandle", "GetSessionHandleV2"}:
        return tensor.op.inputs[0].dtype
    return None


def handle(engine: Any, value: Any, dtype: Any) -> Any:
    """Return the ``TensorHandle`` that a fetched handle comes as."""
    from tensorflow.python.ops import session_ops

    return session_ops.TensorHandle(value, dtype, engine)


def flatten(feeds: Any) -> dict[Any, Any]:
    """Take feeds apart of which some are tuples of feeds."""
    nest = importlib.import_module("tensorflow.python.util.nest")
    flat: dict[Any, Any] = nest.flatten_dict_items(feeds)
    return flat


def explain(engine: Any, error: Exception) -> None:
    """Raise an error of the C interface as ``Session.run`` does, with operation and source."""
    held = [error]
    del error  # or its own traceback would hold it, and with it what was fed
    engine._do_call(_raise, held)


def _raise(held: list[Exception]) -> None:
    raise held.pop()


@contextlib.contextmanager
def described(options: Any, metadata: Any) -> Iterator[tuple[Any, Any]]:
    """Give options and metadata of a run as the C interface takes them; fill the metadata."""
    runtime = _runtime()
    given = runtime.TF_NewBufferFromString(options.SerializeToString()) if options else None
    wanted = runtime.TF_NewBuffer() if metadata else None
    try:
        yield given, wanted
        if wanted is not None:
            metadata.ParseFromString(runtime.TF_GetBuffer(wanted))
    finally:
        for buffer in (wanted, given):
            if buffer is not None:
                runtime.TF_DeleteBuffer(buffer)

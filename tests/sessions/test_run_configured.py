"""A managed run does what a plain one does, however the session and the run are configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pair import Pair, describe, outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jupyter_tfsession.sessions.registry import Registry

CONFIGS: dict[str, Callable[[Any], Any]] = {
    "a cost model": lambda tf: tf.GraphOptions(build_cost_model=2),
    "shapes worked out": lambda tf: tf.GraphOptions(infer_shapes=True),
    "shapes not worked out": lambda tf: tf.GraphOptions(infer_shapes=False),
    "nothing optimized": lambda tf: tf.GraphOptions(
        optimizer_options=tf.OptimizerOptions(opt_level=-1)
    ),
}


@pytest.fixture
def configured(registry: Registry, tf: Any) -> Iterator[Callable[..., Pair]]:
    """Give a function that opens both sessions of a new graph with a configuration."""
    opened: list[Pair] = []
    with tf.Graph().as_default() as graph:

        def both(**options: Any) -> Pair:
            config = tf.ConfigProto(**options)
            managed = registry.classes[0](graph=graph, config=config)
            opened.append(Pair(managed, registry.plain(graph=graph, config=config)))
            return opened[-1]

        yield both
        for pair in opened:
            pair.plain.close()
            pair.managed.close()


@pytest.mark.parametrize("name", CONFIGS)
def test_options_of_the_graph(configured: Callable[..., Pair], tf: Any, name: str) -> None:
    pair = configured(graph_options=CONFIGS[name](tf))
    fed = tf.placeholder(tf.float32, [None, 2])
    total = tf.reduce_sum(fed * 2.0)
    pair.short([total, {"fed": fed}], {fed: np.ones((3, 2))})
    pair.refused(total)
    for session in (pair.plain, pair.managed):
        metadata = tf.RunMetadata()
        traced = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
        assert session.run(total, {fed: np.ones((1, 2))}, traced, metadata) == 4
        assert bool(metadata.cost_graph.node) == (name == "a cost model")


def test_every_run_of_a_session_has_its_time(configured: Callable[..., Pair], tf: Any) -> None:
    pair = configured(operation_timeout_in_ms=50)
    queue = tf.FIFOQueue(1, tf.int32, [])
    take, put = queue.dequeue(), queue.enqueue(7)
    error = pair.same(take)
    assert isinstance(error, tf.errors.DeadlineExceededError)
    for session in (pair.plain, pair.managed):
        session.run(put)
        assert session.run(take) == 7


def test_more_devices_than_one(configured: Callable[..., Pair], tf: Any) -> None:
    pair = configured(device_count={"CPU": 2}, use_per_session_threads=True)
    with tf.device("/cpu:1"):
        there = tf.constant(3.0) * 2
    pair.short([there, there + 1])
    assert [one.name for one in pair.managed.list_devices()] == [
        one.name for one in pair.plain.list_devices()
    ]


def test_callables_of_options(pair: Pair, tf: Any) -> None:
    from tensorflow.core.protobuf import config_pb2

    fed = tf.placeholder(tf.float32, [], "fed")
    total = tf.add(fed, 1.0, "total")
    options = config_pb2.CallableOptions(feed=["fed:0"], fetch=["total:0"], target=[total.op.name])
    made = [s._make_callable_from_options(options) for s in (pair.plain, pair.managed)]
    for call in made:
        assert [call(np.float32(number)) for number in range(3)] == [[1.0], [2.0], [3.0]]
    theirs, ours = (describe(outcome(call, "text", 3)) for call in made)
    assert ours == theirs
    wrong = config_pb2.CallableOptions(fetch=["no:0"])
    theirs, ours = (
        describe(outcome(s._make_callable_from_options, wrong)) for s in (pair.plain, pair.managed)
    )
    assert ours == theirs


def test_what_an_operation_was_made_for_is_told_with_its_error(pair: Pair, tf: Any) -> None:
    graph = tf.get_default_graph()
    first = tf.constant(0.0)
    with graph._original_op(first.op):
        second = tf.identity(first)
    with graph._original_op(second.op):
        missing = tf.placeholder(tf.float32, name="missing")
    pair.refused(missing)
    for ours, theirs in pair.outcomes(missing):
        assert ours.op is theirs.op is missing.op
        assert ours.error_code == theirs.error_code
        assert ours.op._original_op._original_op is first.op


@pytest.mark.parametrize("shape", [(4, 2, 8), (7,), (2, 0, 3), (0, 0), ()])
def test_arrays_of_every_shape_go_in_and_come_out(pair: Pair, tf: Any, shape: Any) -> None:
    count = int(np.prod(shape))
    numbers = np.arange(count).reshape(shape)
    for kind in (np.float32, np.int8, np.uint8, np.int64, np.bool_, np.complex64):
        fed = tf.placeholder(kind, shape)
        pair.short([tf.identity(fed), fed], {fed: numbers.astype(kind)})
    texts = [f"{number}\0\n\x01ü" for number in range(count)]
    fed = tf.placeholder(tf.string, shape)
    for known in (texts, [text.encode() for text in texts]):
        value = np.array(known, object).reshape(shape)
        pair.short([tf.identity(fed), fed], {fed: value})
        pair.short(tf.identity(fed), {fed: value.tolist()})


@pytest.mark.parametrize("shape", [None, [None, 9], [2, 3]])
def test_sparse_placeholders_of_known_and_unknown_shapes(pair: Pair, tf: Any, shape: Any) -> None:
    sparse = tf.sparse_placeholder(tf.float32, shape)
    again = tf.SparseTensor(*map(tf.identity, (sparse.indices, sparse.values, sparse.dense_shape)))
    value = tf.SparseTensorValue([[0, 1], [1, 2]], [1.0, 2.0], [2, 9 if shape == [None, 9] else 3])
    pair.same([again, sparse], {sparse: value})
    pair.same(again, {sparse: tuple(value)})
    pair.same(again, {sparse: value[:2]})


def test_names_of_every_type_of_text(pair: Pair, tf: Any) -> None:
    tf.constant(42.0, name="c")
    for name in ("c:0", b"c:0", np.str_("c:0"), "c", b"c", np.str_("c")):
        pair.same(name)
        pair.same([name, {"x": name}])

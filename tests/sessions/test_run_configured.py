"""A managed run does what a plain one does, however the session and the run are configured."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
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


@pytest.mark.parametrize("wanted", [True, False])
def test_shapes_are_in_the_graph_def_if_that_is_asked_for(
    configured: Callable[..., Pair], tf: Any, wanted: bool
) -> None:
    pair = configured(graph_options=tf.GraphOptions(infer_shapes=wanted))
    tf.constant([[1, 2]])
    for session in (pair.plain, pair.managed):
        (node,) = session.graph_def.node
        assert ("_output_shapes" in node.attr) == wanted


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
    options.run_options.trace_level = tf.RunOptions.FULL_TRACE
    for session in (pair.plain, pair.managed):
        metadata = tf.RunMetadata()
        traced = session._make_callable_from_options(options)
        assert traced(np.float32(1), run_metadata=metadata) == [2.0]
        assert metadata.step_stats.dev_stats
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


def test_a_callable_with_a_name_for_its_feed_and_options(pair: Pair, tf: Any) -> None:
    fed = tf.placeholder(tf.float32, [], "fed")
    v = tf.Variable(42.0)
    pair.initialize(v)
    grown = tf.assign_add(v, fed).op
    full = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    for session in (pair.plain, pair.managed):
        metadata = tf.RunMetadata()
        call = session.make_callable(grown, feed_list=["fed:0"], accept_options=True)
        assert call(1.0, options=full, run_metadata=metadata) is None
        assert session.run(v) == 43
        assert metadata.step_stats.dev_stats


def test_partial_runs_side_by_side_and_of_many_steps(pair: Pair, tf: Any) -> None:
    fed = [tf.placeholder(tf.float32, []) for _ in range(30)]
    total, totals = tf.constant(2.0), []
    for one in fed:
        total = total * one
        totals.append(total)
    for session in (pair.plain, pair.managed):
        first, second = (session.partial_run_setup(totals, fed) for _ in range(2))
        for number, (one, wanted) in enumerate(zip(fed, totals, strict=True)):
            assert session.partial_run(first, wanted, {one: 1}) == 2
            assert session.partial_run(second, wanted, {one: 2}) == 2.0 ** (number + 2)
        unfinished = session.partial_run_setup(totals, fed)
        assert session.partial_run(unfinished, totals[0], {fed[0]: 3}) == 6
    pair.short(totals, dict.fromkeys(fed, 1.0))


def test_threads_run_while_threads_build(pair: Pair, tf: Any) -> None:
    constant, graph = tf.constant(5.0), tf.get_default_graph()
    built = threading.Event()

    def run() -> int:
        runs = 0
        while not built.is_set() or not runs:
            assert pair.managed.run(constant) == 5
            runs += 1
        return runs

    def square_if(condition: Any, y: Any) -> Any:
        return tf.cond(condition, lambda: y * y, lambda: y)

    def build() -> float:
        with graph.as_default():
            for _ in range(5):
                x = tf.placeholder(tf.float32, [])
                with tf.colocate_with(x):
                    y = tf.identity(x)
                slope = tf.gradients(x * square_if(x > 1, y), y)[0]
        return float(pair.managed.run(slope, {x: 3.0, y: 2.0}))

    with ThreadPoolExecutor(8) as pool:
        running = [pool.submit(run) for _ in range(4)]
        try:
            assert [one.result() for one in [pool.submit(build) for _ in range(4)]] == [12.0] * 4
        finally:
            built.set()
        assert all(one.result() for one in running)

"""A managed run does what a plain one does, however the session is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pair import Pair

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


def test_what_holds_for_the_process_is_heeded_without_a_configuration(
    registry: Registry, tf: Any
) -> None:
    options = tf.config.optimizer
    options.set_experimental_options({"min_graph_nodes": -1})
    try:
        with tf.Graph().as_default() as graph:
            for session in (registry.plain(graph=graph), registry.classes[0](graph=graph)):
                assert session._config.graph_options.rewrite_options.min_graph_nodes == -1
                session.close()
    finally:
        options.set_experimental_options({"min_graph_nodes": 0})  # TensorFlow's own choice

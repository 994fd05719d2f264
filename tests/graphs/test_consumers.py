"""What uses a tensor is told whatever other threads do to the graph."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import tensorflow.compat.v1 as tf
from tensorflow.python.framework import ops

from jupyter_tfsession.tf_graph_internals import consumers

ADDED = 1000


@pytest.fixture
def constant() -> Any:
    with tf.Graph().as_default():
        return tf.constant(1.0)


@pytest.fixture
def threads_take_turns_often() -> Any:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("threads_take_turns_often")
def test_while_another_thread_adds_some(constant: Any) -> None:
    def add() -> None:
        with constant.graph.as_default():
            for _ in range(ADDED):
                tf.identity(constant)

    counts = [0]
    with ThreadPoolExecutor() as pool:
        adding = pool.submit(add)
        while not adding.done():
            counts.append(len(consumers(constant)))
        adding.result()
    assert counts == sorted(counts)
    assert len(consumers(constant)) == ADDED


def test_one_whose_making_was_interrupted_does_not_count(constant: Any) -> None:
    with constant.graph.as_default():
        whole = constant + 1
        halfway = whole.op.node_def
        halfway.name = "halfway"
        ops._create_c_op(constant.graph, halfway, [constant, constant], [])
    with pytest.raises(SystemError):
        constant.consumers()
    assert consumers(constant) == [whole.op]

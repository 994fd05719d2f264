"""``sess.run`` of a managed session against that of a plain one, on the same graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import tensorflow.compat.v1 as tf

from benchmarks.timing import Result, ratios, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.notebook import Notebook

ROUNDS = 2000
GOAL = 1.03


def measure(notebook: Notebook) -> Iterator[Result]:
    """Compare a run that is nearly all overhead, and one step of training."""
    yield _compare(notebook, "run of one operation", _one_operation, calls=10)
    yield _compare(notebook, "training step with feeds", _training_step, calls=5)


def _compare(
    notebook: Notebook,
    name: str,
    build: Callable[[], tuple[object, dict[object, object] | None]],
    calls: int,
) -> Result:
    graph = tf.Graph()
    with graph.as_default():
        fetches, feeds = build()
        init = tf.global_variables_initializer()
    managed, plain = notebook.sessions(graph)

    def both() -> list[float]:
        for session in (managed, plain):
            session.run(init)
        return ratios(
            timed(lambda: managed.run(fetches, feeds), calls),
            timed(lambda: plain.run(fetches, feeds), calls),
            ROUNDS,
        )

    values = notebook.cell(both)
    return Result(name, values, "x", "managed Session.run / plain Session.run", GOAL)


def _one_operation() -> tuple[object, None]:
    return tf.constant(5), None


def _training_step() -> tuple[object, dict[object, object]]:
    """Build what the digits demo trains, on a batch of 32."""
    images = tf.placeholder(tf.float32, [None, 64])
    labels = tf.placeholder(tf.int64, [None])
    weights = tf.Variable(tf.zeros([64, 10]))
    bias = tf.Variable(tf.zeros([10]))
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=labels, logits=images @ weights + bias
    )
    loss = tf.reduce_mean(losses)
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    random = np.random.default_rng(0)
    feeds = {images: random.random((32, 64), np.float32), labels: random.integers(0, 10, 32)}
    return [train, loss], feeds

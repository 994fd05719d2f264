"""Real training loops, from end to end: steps a second, plain and managed, watched and not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow.compat.v1 as tf
from sklearn.datasets import load_digits

from benchmarks.live import View
from benchmarks.timing import Result, rounds
from jupyter_tfsession.extension import loaded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.notebook import Notebook

ROUNDS = 15
PHASE = 1.2
"""Seconds: two or three looks of the sampler."""
INTERVAL = 0.5
BATCH = 32


def measure(notebook: Notebook) -> Iterator[Result]:
    """Train three models by turns in a plain session, a managed one, and a watched one."""
    for name, build in (("digits", _digits), ("RNN", _rnn), ("ConvNet", _convnet)):
        yield from _train(notebook, name, build)


def _train(notebook: Notebook, name: str, build: Callable[[Any, Any], Any]) -> Iterator[Result]:
    graph = tf.Graph()
    with graph.as_default():
        tf.set_random_seed(0)
        images = tf.placeholder(tf.float32, [None, 64], "images")
        labels = tf.placeholder(tf.int64, [None], "labels")
        logits = build(images, labels)
        loss = tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        )
        train = tf.train.AdamOptimizer().minimize(loss)
        init = tf.global_variables_initializer()
    managed, plain = notebook.sessions(graph)
    serial = loaded().registry.sessions()[-1].serial
    data, target = load_digits(return_X_y=True)
    data = (data / 16).astype(np.float32)
    view = View()

    def rate(session: Any) -> float:
        """Train for a while; return the steps in a second."""
        steps, begun = 0, time.perf_counter()
        while (passed := time.perf_counter() - begun) < PHASE:
            at = steps * BATCH % (len(data) - BATCH)
            feeds = {images: data[at : at + BATCH], labels: target[at : at + BATCH]}
            session.run([train, loss], feeds)
            steps += 1
        return steps / passed

    def watched() -> float:
        view.ask("subscribe", graph=serial, interval=INTERVAL)
        view.until("readings")
        try:
            return rate(managed)
        finally:
            view.ask("unsubscribe")

    def by_turns() -> dict[str, list[float]]:
        for session in (plain, managed):
            session.run(init)
            rate(session)
        kinds = {
            "plain": lambda: rate(plain),
            "managed": lambda: rate(managed),
            "managed and watched": watched,
        }
        found: dict[str, list[float]] = {kind: [] for kind in kinds}
        for turn in range(rounds(ROUNDS, 5)):
            order = list(kinds) if turn % 2 else list(kinds)[::-1]
            for kind in order:
                found[kind].append(kinds[kind]())
        return found

    found = notebook.cell(by_turns)
    for kind, rates in found.items():
        yield Result(f"training of {name}", rates, "steps/s", kind)
    slower = zip(found["plain"], found["managed"], strict=True)
    yield Result(
        f"training of {name}",
        [theirs / ours for theirs, ours in slower],
        "x",
        "time of a step, managed / plain",
        1.0,
    )
    slower = zip(found["managed"], found["managed and watched"], strict=True)
    yield Result(
        f"training of {name}, watched",
        [alone / seen for alone, seen in slower],
        "x",
        "time of a step, watched / not watched",
    )
    plain.close()


def _weights(name: str, *shape: int) -> Any:
    return tf.get_variable(name, shape, initializer=tf.glorot_uniform_initializer())


def _digits(images: Any, _labels: Any) -> Any:
    """One layer, as in the demo."""
    return images @ _weights("weights", 64, 10) + _weights("bias", 1, 10)


def _rnn(images: Any, _labels: Any) -> Any:
    """Read an image row by row."""
    rows = tf.unstack(tf.reshape(images, [-1, 8, 8]), axis=1)
    into, over = _weights("into", 8, 32), _weights("over", 32, 32)
    state = tf.zeros([tf.shape(images)[0], 32])
    for row in rows:
        state = tf.tanh(row @ into + state @ over)
    return state @ _weights("out", 32, 10)


def _convnet(images: Any, _labels: Any) -> Any:
    """Two convolutions, and a layer on top."""
    picture = tf.reshape(images, [-1, 8, 8, 1])
    first = tf.nn.relu(tf.nn.conv2d(picture, _weights("first", 3, 3, 1, 8), padding="SAME"))
    pooled = tf.nn.max_pool2d(first, 2, 2, "SAME")
    second = tf.nn.relu(tf.nn.conv2d(pooled, _weights("second", 3, 3, 8, 16), padding="SAME"))
    flat = tf.reshape(tf.nn.max_pool2d(second, 2, 2, "SAME"), [-1, 64])
    return flat @ _weights("out", 64, 10)

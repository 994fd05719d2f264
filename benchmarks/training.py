"""Real training loops, from end to end: steps a second, plain and managed, watched and not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow.compat.v1 as tf
from sklearn.datasets import load_digits

from benchmarks.live import View
from benchmarks.timing import Result, Timer, ratios, rounds, timed
from jupyter_tfsession.extension import loaded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.notebook import Notebook

ROUNDS = 400
BLOCK = 10
"""Steps in a row: short, so that both sessions meet the same noise."""
PAIRS = 15
PHASE = 1.2
"""Seconds: two or three looks of the sampler."""
INTERVAL = 0.5
BATCH = 32


def measure(notebook: Notebook) -> Iterator[Result]:
    """Train three models by turns in a plain session, a managed one, and a watched one."""
    for name, build in (("digits", _digits), ("RNN", _rnn), ("ConvNet", _convnet)):
        yield from _results(notebook, name, build)


class _Training:
    """A model of the digits, a managed session that trains it, and a plain one."""

    def __init__(self, notebook: Notebook, build: Callable[[Any], Any]) -> None:
        graph = tf.Graph()
        with graph.as_default():
            tf.set_random_seed(0)
            self._images = tf.placeholder(tf.float32, [None, 64], "images")
            self._labels = tf.placeholder(tf.int64, [None], "labels")
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                labels=self._labels, logits=build(self._images)
            )
            loss = tf.reduce_mean(losses)
            self._fetches = [tf.train.AdamOptimizer().minimize(loss), loss]
            self._init = tf.global_variables_initializer()
        data, self._target = load_digits(return_X_y=True)
        self._data = (data / 16).astype(np.float32)
        self._managed, self._plain = notebook.sessions(graph)
        self._graph = loaded().registry.sessions()[-1].serial
        self._view = View()
        self.seconds: dict[str, list[float]] = {}

    def compare(self) -> tuple[list[float], list[float]]:
        """Return the ratios of managed to plain, and of watched to not watched."""
        for session in (self._managed, self._plain):
            session.run(self._init)
        block = self._noted("managed", timed(lambda: self._train(self._managed)))
        plain = self._noted("plain", timed(lambda: self._train(self._plain)))
        watched = self._noted("managed and watched", self._watched)
        cost = ratios(block, plain, rounds(ROUNDS))
        watching = ratios(watched, self._phase, rounds(PAIRS, 6))
        self._plain.close()
        return cost, watching

    def _train(self, session: Any) -> None:
        for step in range(BLOCK):
            batch = slice(step * BATCH, (step + 1) * BATCH)
            feeds = {self._images: self._data[batch], self._labels: self._target[batch]}
            session.run(self._fetches, feeds)

    def _phase(self) -> float:
        """Train for as long as the sampler takes for some looks; return the seconds of a block."""
        blocks, begun = 0, time.perf_counter()
        while (passed := time.perf_counter() - begun) < PHASE:
            self._train(self._managed)
            blocks += 1
        return passed / blocks

    def _watched(self) -> float:
        self._view.ask("subscribe", graph=self._graph, interval=INTERVAL)
        self._view.until("readings")
        try:
            return self._phase()
        finally:
            self._view.ask("unsubscribe")

    def _noted(self, kind: str, timer: Timer) -> Timer:
        noted = self.seconds.setdefault(kind, [])

        def measured() -> float:
            passed = timer()
            noted.append(passed)
            return passed

        return measured


def _results(notebook: Notebook, name: str, build: Callable[[Any], Any]) -> Iterator[Result]:
    training = _Training(notebook, build)
    cost, watching = notebook.cell(training.compare)
    what = f"training of {name}"
    for kind, found in training.seconds.items():
        yield Result(what, [BLOCK / seconds for seconds in found], "steps/s", kind)
    yield Result(what, cost, "x", "time of a step, managed / plain", 1.0)
    yield Result(f"{what}, watched", watching, "x", "time of a step, watched / not watched")


def _weights(name: str, *shape: int) -> Any:
    return tf.get_variable(name, shape, initializer=tf.glorot_uniform_initializer())


def _digits(images: Any) -> Any:
    """One layer, as in the demo."""
    return images @ _weights("weights", 64, 10) + _weights("bias", 1, 10)


def _rnn(images: Any) -> Any:
    """Read an image row by row."""
    rows = tf.unstack(tf.reshape(images, [-1, 8, 8]), axis=1)
    into, over = _weights("into", 8, 32), _weights("over", 32, 32)
    state = tf.zeros([tf.shape(images)[0], 32])
    for row in rows:
        state = tf.tanh(row @ into + state @ over)
    return state @ _weights("out", 32, 10)


def _convnet(images: Any) -> Any:
    """Two convolutions, and a layer on top."""
    picture = tf.reshape(images, [-1, 8, 8, 1])
    first = tf.nn.relu(tf.nn.conv2d(picture, _weights("first", 3, 3, 1, 8), padding="SAME"))
    pooled = tf.nn.max_pool2d(first, 2, 2, "SAME")
    second = tf.nn.relu(tf.nn.conv2d(pooled, _weights("second", 3, 3, 8, 16), padding="SAME"))
    flat = tf.reshape(tf.nn.max_pool2d(second, 2, 2, "SAME"), [-1, 64])
    return flat @ _weights("out", 64, 10)

"""A cell that builds a large graph: its first run and its re-run, against plain TensorFlow."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

import psutil
import tensorflow.compat.v1 as tf

from benchmarks.timing import Result, rounds
from jupyter_tfsession.graphs.journal import Journal
from jupyter_tfsession.graphs.stale import journals_of
from jupyter_tfsession.tf_naming_internals import NamingState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.notebook import Notebook

ROUNDS = 15
BLOCKS = 40
WARMING = 2
STEPS = 1000

BUILD = """
x = tf.placeholder(tf.float32, [None, 16])
h = x
for block in range(BLOCKS):
    with tf.variable_scope(f'block{block}'):
        w1, w2 = (tf.get_variable(name, [16, 16]) for name in ('w1', 'w2'))
        b1, b2, b3 = (
            tf.get_variable(name, [16], initializer=tf.zeros_initializer())
            for name in ('b1', 'b2', 'b3')
        )
        h = h + tf.matmul(tf.nn.relu(tf.matmul(h * (1.0 + b3), w1) + b1), w2) + b2
loss = tf.reduce_mean(tf.square(h))
train = tf.train.AdamOptimizer().minimize(loss)
"""
TRAIN = """
v = tf.Variable(1.0)
step = tf.train.GradientDescentOptimizer(0.1).minimize(tf.square(v))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    sess.run(step)
"""


def measure(notebook: Notebook) -> Iterator[Result]:
    """Build with the extension and without, one right after the other and each as often first."""
    shell = notebook.shell
    shell.user_ns["tf"] = tf

    def build(cell: str, *, blocks: int = BLOCKS, afresh: bool = True) -> float:
        if afresh:
            _fresh_graph()
        return notebook.seconds(BUILD.replace("BLOCKS", str(blocks)), cell)

    def managed(turn: int) -> tuple[float, float]:
        shell.run_line_magic("load_ext", "jupyter_tfsession")
        build(f"warm {turn}", blocks=WARMING)  # what is done once is not what is measured
        first = build(f"build {turn}")
        operations = _operations()
        again = build(f"build {turn}", afresh=False)
        if _operations() != operations:
            raise RuntimeError("the re-run added operations")
        # It would keep the graph as a section, whose memory the next build could not have.
        shell.run_line_magic("unload_ext", "jupyter_tfsession")
        return first, again

    def plain(turn: int) -> float:
        build(f"plain, warm {turn}", blocks=WARMING)
        return build(f"plain {turn}")

    shell.run_line_magic("unload_ext", "jupyter_tfsession")
    firsts, agains = [], []
    for turn in range(rounds(ROUNDS, 5)):
        if turn % 2:
            (first, again), other = managed(turn), plain(turn)
        else:
            other, (first, again) = plain(turn), managed(turn)
        firsts.append(first / other)
        agains.append(again / other)
    shell.run_line_magic("load_ext", "jupyter_tfsession")
    build("kept")
    operations = _operations()
    yield Result(f"first build of {operations} operations", firsts, "x", "managed / plain", 1.10)
    yield Result("its re-run, nothing added", agains, "x", "re-run / plain build", 0.5)
    kept = _bytes_kept(tf.get_default_graph()) / operations
    yield Result(
        "the journal, per operation", [kept] * 2, "B", "bytes, the graph's own not counted", 1024
    )
    _fresh_graph()
    yield from _training(lambda: notebook.seconds(TRAIN, "train"))


def _fresh_graph() -> None:
    tf.reset_default_graph()
    gc.collect()


def _operations() -> int:
    return len(tf.get_default_graph().get_operations())


def _training(train: Callable[[], float]) -> Iterator[Result]:
    process = psutil.Process()
    steps = rounds(STEPS, 300)
    for turn in range(steps):
        train()
        if turn == STEPS // 10:
            operations = _operations()
            before = process.memory_info().rss
    if _operations() != operations:
        raise RuntimeError("a training cell that is run again added operations")
    grown = process.memory_info().rss / before
    yield Result(f"memory after {steps} re-runs", [grown] * 2, "x", "of that after 100", 1.05)


def _bytes_kept(graph: tf.Graph) -> int:
    """Add up what the journals of a graph take beside what the graph holds itself."""
    seen: set[int] = set()
    waiting: list[object] = list(journals_of(graph).values())
    total = 0
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, (Journal, NamingState)):
            waiting.append(vars(item))
        elif isinstance(item, (dict, list, tuple, set, str, bytes, int)):
            total += sys.getsizeof(item)
            if isinstance(item, dict):
                waiting.extend((*item.keys(), *item.values()))
            elif not isinstance(item, (str, bytes, int)):
                waiting.extend(item)
    return total

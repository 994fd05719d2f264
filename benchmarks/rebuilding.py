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

ROUNDS = 5
BLOCKS = 40
STEPS = 1000

BUILD = f"""
x = tf.placeholder(tf.float32, [None, 16])
h = x
for block in range({BLOCKS}):
    with tf.variable_scope(f'block{{block}}'):
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
    """Build with the extension and without, one right after the other."""
    shell = notebook.shell
    shell.user_ns["tf"] = tf

    def build(cell: str, source: str = BUILD) -> float:
        return notebook.seconds(source, cell)

    def fresh() -> None:
        tf.reset_default_graph()
        gc.collect()

    first, again = [], []
    for turn in range(rounds(ROUNDS, 2) + 1):
        fresh()
        build(f"warm {turn}")
        fresh()
        managed = build(f"build {turn}")
        operations = len(tf.get_default_graph().get_operations())
        rebuilt = build(f"build {turn}")
        if len(tf.get_default_graph().get_operations()) != operations:
            raise RuntimeError("the re-run added operations")
        fresh()
        shell.run_line_magic("unload_ext", "jupyter_tfsession")
        plain = build(f"plain {turn}")
        shell.run_line_magic("load_ext", "jupyter_tfsession")
        if turn:  # the first round warms up
            first.append(managed / plain)
            again.append(rebuilt / plain)
    yield Result(f"first build of {operations} operations", first, "x", "managed / plain", 1.10)
    yield Result("its re-run, nothing added", again, "x", "re-run / plain build", 0.5)
    fresh()
    build("kept")
    kept = _bytes_kept(tf.get_default_graph()) / operations
    yield Result(
        "the journal, per operation", [kept] * 2, "B", "bytes, the graph's own not counted", 1024
    )
    fresh()
    yield from _training(build)


def _training(build: Callable[[str, str], float]) -> Iterator[Result]:
    process = psutil.Process()
    steps = rounds(STEPS, 300)
    for turn in range(steps):
        build("train", TRAIN)
        if turn == STEPS // 10:
            operations = len(tf.get_default_graph().get_operations())
            before = process.memory_info().rss
    if len(tf.get_default_graph().get_operations()) != operations:
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

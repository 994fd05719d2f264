"""Entering a section: its graph, session and names are current again; its session opens later."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import tensorflow.compat.v1 as tf

from benchmarks.timing import Result, ratios
from jupyter_tfsession.extension import loaded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.notebook import Notebook

NAMES = 500
OPERATIONS = 6000
ROUNDS = 30
CELLS = 20

BUILD = f"""
tf.reset_default_graph()
with tf.device("cpu:0"):
    h = tf.placeholder(tf.float32, [])
    v = tf.get_variable("v", initializer=1.0)
    for turn in range({OPERATIONS // 2}):
        h = h * 1.5
for number in range({NAMES}):
    globals()[f"name_{{number}}"] = h if number % 2 else [v, h]
sess = tf.Session()
sess.run(v.initializer)
"""
USE = "v.name, sess.graph"
PLAIN = "1 + 1"


def measure(notebook: Notebook) -> Iterator[Result]:
    """Enter two large sections by turns; run cells of the current one with sections and without."""
    shell = notebook.shell
    shell.user_ns["tf"] = tf
    extension = loaded()

    run = notebook.seconds
    for part in ("one", "two"):
        run(BUILD, f"build {part}")
        run(USE, f"use {part}")
    operations = len(tf.get_default_graph().get_operations())
    sections: list[Any] = list(extension.sections)[-2:]
    entering = []
    for turn in range(ROUNDS):
        section = sections[turn % 2]
        begin = time.perf_counter()
        extension.sections.enter(section)
        entering.append((time.perf_counter() - begin) * 1000)
    rerun = [run(USE, f"use {('one', 'two')[turn % 2]}") * 1000 for turn in range(ROUNDS)]
    what = f"entering: {NAMES} names, {operations} operations"
    yield Result(what, entering, "ms", "a section whose session is parked", 20)
    yield Result("re-running a cell of another section", rerun, "ms", "all of the cell", 40)

    cells = extension.cells
    following = extension.following

    def with_sections() -> float:
        return sum(run(PLAIN, "plain") for _ in range(CELLS))

    def without() -> float:
        lists = [(cells._begun, following.begin), (cells._finished, following.finish)]  # noqa: SLF001
        places = [calls.index(call) for calls, call in lists]
        for calls, call in lists:
            calls.remove(call)
        seconds = sum(run(PLAIN, "plain") for _ in range(CELLS))
        for (calls, call), place in zip(lists, places, strict=True):
            calls.insert(place, call)
        return seconds

    yield Result(
        "a cell of the current section",
        ratios(with_sections, without, ROUNDS),
        "x",
        "with sections / not followed",
        1.05,
    )
    extension.sections.forget()
    tf.reset_default_graph()

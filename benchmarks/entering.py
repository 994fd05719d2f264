"""Entering a section: its graph, session and names are current again; its session opens later."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import tensorflow.compat.v1 as tf
from jupyter_client.manager import start_new_kernel

from benchmarks.timing import Result, ratios, rounds
from jupyter_tfsession.extension import loaded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.notebook import Notebook

NAMES = 500
OPERATIONS = 6000
ROUNDS = 30
CELLS = 20
PATIENCE = 120.0

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

_PRELUDE = """
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
%load_ext jupyter_tfsession
"""
_FOLLOW = """
from jupyter_tfsession.extension import loaded

_cells, _following = loaded().cells, loaded().following
_calls = [(_cells._begun, _following.begin), (_cells._finished, _following.finish)]
_places = [calls.index(call) for calls, call in _calls]

def follow(on):
    for (calls, call), place in zip(_calls, _places):
        if (call in calls) != on:
            calls.insert(place, call) if on else calls.remove(call)
"""


def measure(notebook: Notebook) -> Iterator[Result]:
    """Enter two large sections by turns; run cells of the current one, followed and not."""
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

    extension.sections.forget()
    tf.reset_default_graph()
    yield _cell_of_the_current_section()


def _cell_of_the_current_section() -> Result:
    """Run an almost empty cell as a notebook does, by messages to a kernel with two sections."""
    manager, client = start_new_kernel()

    def run(source: str, **options: object) -> None:
        reply = client.execute(source, reply=True, timeout=PATIENCE, **options)
        if reply["content"]["status"] != "ok":
            raise RuntimeError(f"failed in the kernel: {reply['content']['evalue']}")

    def cells(*, followed: bool) -> float:
        run(f"follow({followed})", silent=True)
        begin = time.perf_counter()
        for _ in range(CELLS):
            run(PLAIN)
        return time.perf_counter() - begin

    turns = rounds(ROUNDS, 12)
    try:
        for source in (_PRELUDE, BUILD, USE, BUILD + USE, _FOLLOW):
            run(source)
        return Result(
            "a cell of the current section",
            ratios(lambda: cells(followed=True), lambda: cells(followed=False), turns),
            "x",
            "with sections / not followed",
            1.05,
        )
    finally:
        manager.shutdown_kernel(now=True)
        client.stop_channels()

"""A callable that runs without looking at anything looks again when something has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from guarding import tf1

if TYPE_CHECKING:
    from guarding import World

__all__ = ["tf1"]

READY = "call = sess.make_callable(far); before = [float(call()) for _ in range(5)]\n"

HAPPENINGS = {
    "nothing": ("pass", 6.0),
    "a run that writes": ("sess.run(add)", 8.0),
    "closing": ("sess.close()", 6.0),
    "closing, its values discarded": (
        "get_ipython().run_line_magic('tfsession', 'close --discard'); sess.run(init)",
        2.0,
    ),
    "another configuration": (
        "tf.Session(config=tf.ConfigProto(log_device_placement=True))",
        6.0,
    ),
    "an initializer that is put off": (
        "with tf.Session():\n    sess.run(everything)",
        2.0,
    ),
    "a reset": ("get_ipython().run_line_magic('tfsession', 'reset v')", 2.0),
    "plans of other runs": ("for n in range(600): sess.run(tf.constant(n))", 6.0),
    "an operation that cannot be placed": (
        "with tf.device('/device:GPU:7'):\n    tf.matmul([[1.0]], [[1.0]])",
        6.0,
    ),
}


@pytest.mark.parametrize("happening", HAPPENINGS)
def test_what_happens_between_two_calls_of_a_cell_is_seen(tf1: World, happening: str) -> None:
    source, after = HAPPENINGS[happening]
    tf1.start()
    tf1.run("everything = tf.global_variables_initializer()\nfar = tf.identity(v * 2)")
    outcome = tf1.run(f"{READY}{source}\nafter = [float(call()) for _ in range(5)]")
    assert tf1.value("before") == [6.0] * 5
    assert tf1.value("after") == [after] * 5, outcome.notices


def test_what_happens_in_another_thread_is_seen(tf1: World) -> None:
    tf1.start()
    tf1.run("far = tf.identity(v * 2)")
    tf1.run(f"""
import threading
{READY}
other = threading.Thread(target=sess.close)
other.start(); other.join()
after = float(call())
""")
    assert tf1.value("before, after") == ([6.0] * 5, 6.0)


def test_each_cell_that_calls_it_is_noted(tf1: World) -> None:
    tf1.start()
    tf1.run("far = tf.identity(v * 2)")
    tf1.run(READY)
    noted = "sess._live.last_stamp[0].label"
    first = tf1.value(noted)
    tf1.run("after = [float(call()) for _ in range(5)]")
    assert tf1.value(noted) != first
    tf1.run("sum(range(5))")
    assert tf1.value("after") == [6.0] * 5


def test_every_call_is_counted(tf1: World) -> None:
    tf1.start()
    tf1.run("far = tf.identity(v * 2)")
    tf1.run(READY)
    tf1.run("""
counts = [sess._live.runs]
for _ in range(3):
    for _ in range(10):
        call()
    counts.append(sess._live.runs)
sess.run(far)
counts.append(sess._live.runs)
""")
    first, *others = tf1.value("counts")
    assert [count - first for count in others] == [10, 20, 30, 31]
    assert tf1.value("sess._live.runs") == others[-1]

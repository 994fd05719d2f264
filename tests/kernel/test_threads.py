"""Sessions and threads: many may run, one session per graph, notices below the right cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from notebook import Notebook

BUILD = """
import threading
from concurrent.futures import ThreadPoolExecutor
g = tf.Graph()
with g.as_default():
    v = tf.get_variable("v", initializer=0.0, use_resource=True)
    add = tf.assign_add(v, 1.0, use_locking=True).op
    queue = tf.FIFOQueue(1, tf.float32)
    entered = threading.Event()
    with tf.control_dependencies([tf.py_func(entered.set, [], [])]):
        blocked = queue.dequeue()
sess = tf.Session(graph=g)
sess.run(v.initializer)

def in_threads(count, work):
    with ThreadPoolExecutor(count) as pool:
        for future in [pool.submit(work) for _ in range(count)]:
            future.result()
"""
REOPENED = (
    "opened the session of graph-1 again with the values of 1 variable. "
    "%tfsession close --discard starts empty"
)


@pytest.mark.parametrize("nb", ["tf1", "eager"], indirect=True)
def test_threads_run_in_one_session_at_once(nb: Notebook) -> None:
    nb.run(BUILD)
    # None of the four can end before all of them have begun: only then is the queue filled.
    outcome = nb.run("""
begun = threading.Semaphore(0)
with g.as_default():
    with tf.control_dependencies([tf.py_func(begun.release, [], [])]):
        taken = queue.dequeue()
    fill = queue.enqueue(7.0)
met = []

def work():
    met.append(float(sess.run(taken)))
    for _ in range(50):
        sess.run(add)

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    begun.acquire(timeout=60)
for thread in threads:
    sess.run(fill)
for thread in threads:
    thread.join(60)
result = met, float(sess.run(v))
""")
    assert (outcome.error, outcome.notices) == (None, [])
    assert nb.value("result") == ([7.0] * 4, 200.0)


def test_threads_that_ask_at_once_get_one_session(nb: Notebook) -> None:
    nb.run(BUILD)
    outcome = nb.run("""
results = []
for _ in range(20):
    fresh, found = tf.Graph(), []
    barrier = threading.Barrier(8, timeout=60)
    def work():
        barrier.wait()
        found.append(tf.Session(graph=fresh))
    in_threads(8, work)
    results.append((len(found), len(set(map(id, found))), found[0].graph is fresh))
""")
    assert (outcome.error, outcome.notices) == (None, [])
    assert nb.value("set(results)") == {(8, 1, True)}


def test_threads_that_use_a_closed_session_reopen_it_once(nb: Notebook) -> None:
    nb.run(BUILD)
    outcome = nb.run("""
sess.run(add)
sess.close()
barrier = threading.Barrier(8, timeout=60)
def work():
    barrier.wait()
    sess.run(add)
in_threads(8, work)
""")
    assert (outcome.error, outcome.notices) == (None, [REOPENED])
    assert nb.value("float(sess.run(v))") == 9.0


def test_closing_cancels_what_another_thread_runs(nb: Notebook) -> None:
    nb.run(BUILD)
    outcome = nb.run("""
errors = []
def work():
    try:
        sess.run(blocked)
    except BaseException as error:
        errors.append(type(error).__name__)

sess.run(add)
thread = threading.Thread(target=work)
thread.start()
entered.wait(60)
sess.close()
result = float(sess.run(v))
thread.join(60)
""")
    assert (outcome.error, outcome.notices) == (None, [REOPENED])
    assert nb.value("errors, thread.is_alive(), result") == (["CancelledError"], False, 1.0)
    outcome = nb.run("sess.run(add); result = float(sess.run(v))")
    assert (outcome.error, outcome.notices) == (None, [])
    assert nb.value("result") == 2.0


def test_a_new_config_cancels_what_another_thread_runs_and_keeps_the_values(nb: Notebook) -> None:
    nb.run(BUILD)
    outcome = nb.run("""
errors = []
def work():
    try:
        sess.run(blocked)
    except BaseException as error:
        errors.append(type(error).__name__)

thread = threading.Thread(target=work)
thread.start()
entered.wait(60)
tf.Session(graph=g, config=tf.ConfigProto(allow_soft_placement=True))
thread.join(60)
result = float(sess.run(v))
""")
    assert outcome.error is None
    assert nb.value("errors, thread.is_alive(), result") == (["CancelledError"], False, 0.0)


def test_options_and_metadata_reach_each_run(nb: Notebook) -> None:
    nb.run(BUILD)
    outcome = nb.run("""
found = []
def work():
    about = tf.RunMetadata()
    sess.run(add, options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), run_metadata=about)
    found.append(len(about.step_stats.dev_stats) > 0)
for _ in range(3):  # TensorFlow traces one run at a time
    in_threads(1, work)
""")
    assert (outcome.error, outcome.notices) == (None, [])
    assert nb.value("found") == [True] * 3


def test_a_threads_notice_comes_below_the_cell_at_its_end(nb: Notebook) -> None:
    nb.run(BUILD)
    nb.run("sess.close()")
    outcome = nb.run("""
from IPython.display import display
in_threads(1, lambda: sess.run(add))
display({"text/plain": "last"}, raw=True)
""")
    assert outcome.error is None
    assert [shown["text/plain"] for shown in outcome.displays] == ["last", REOPENED]
    assert nb.run("1").notices == []


def test_each_thread_has_its_own_block(nb: Notebook) -> None:
    nb.run(BUILD)
    outcome = nb.run("""
seen = []
def work():
    seen.append(tf.get_default_session())
    with sess:
        seen.append(tf.get_default_session() is sess and tf.get_default_graph() is g)
    seen.append(tf.get_default_session())
with sess:
    in_threads(1, work)
    seen.append(tf.get_default_session() is sess)
""")
    assert (outcome.error, outcome.notices) == (None, [])
    assert nb.value("seen") == [None, True, None, True]

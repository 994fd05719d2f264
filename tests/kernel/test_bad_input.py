"""What goes wrong outside the extension: wrong fetches, forks, a missing or another TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Kernels
    from notebook import Notebook

BUILD = """
g = tf.get_default_graph() if not tf.executing_eagerly() else tf.Graph()
with g.as_default():
    v = tf.get_variable("v", initializer=1.0, use_resource={resource})
    w = tf.get_variable("w", initializer=[1.0, 2.0], use_resource={resource})
    x = tf.placeholder(tf.float32, [2])
    doubled = x * 2
    add = tf.assign_add(v, 1.0)
other = tf.Graph()
with other.as_default():
    far = tf.constant(5.0)
sess = tf.Session(graph=g)
sess.run(v.initializer)
"""


@pytest.fixture(params=[("tf1", False), ("eager", True)], ids=["tf1-ref", "eager-resource"])
def built(request: pytest.FixtureRequest, kernels: Kernels) -> Notebook:
    """Give a kernel with a session opened with an explicit graph."""
    mode, resource = request.param
    nb = kernels.get(mode)
    assert nb.run(BUILD.format(resource=resource)).ok
    return nb


# The plain class gives TensorFlow's own error for the same call.
WRONG_RUNS = [
    "run(None)",
    "run(3)",
    "run('nothing')",
    "run('nothing:0')",
    "run(far)",
    "run([v, far])",
    "run(v, {far: 1.0})",
    "run(doubled)",
    "run(doubled, {x: [1.0]})",
    "run(doubled, {x: 'text'})",
    "run(doubled, {x: [1.0, 'a']})",
    "run(doubled, {'nothing:0': 1.0})",
    "run(doubled, 3)",
    "run(doubled, [x])",
    "run(w)",
    "run(v, None, 3)",
    "make_callable(far)",
    "make_callable(3)",
    "partial_run_setup([far], [])",
    "partial_run_setup([doubled], [far])",
    "partial_run(b'nothing', v)",
]
COMPARE = """
def error_of(session):
    try:
        session.{call}
    except Exception as error:
        return type(error).__name__, str(error)
    return None
plain = type(sess).original(graph=g)
plain.run(v.initializer)
ours, theirs = error_of(sess), error_of(plain)
plain.close()
"""


def test_wrong_fetches_and_feeds_give_tensorflows_error(nb: Notebook) -> None:
    nb.run(BUILD.format(resource=False))
    for call in WRONG_RUNS:
        outcome = nb.run(COMPARE.format(call=call))
        assert (outcome.error, outcome.notices) == (None, []), call
        theirs, ours = nb.value("theirs, ours")
        assert theirs is not None, call
        assert (call, ours) == (call, theirs)
    assert nb.value("float(sess.run(add))") == 2.0
    assert " off " not in nb.run("%tfsession doctor").text


def test_wrong_fetches_in_every_mode(built: Notebook) -> None:
    for call in ("run('nothing:0')", "run(far)", "run(doubled)", "run(w)"):
        built.run(COMPARE.format(call=call))
        assert built.value("ours == theirs and ours is not None"), call
    assert built.value("float(sess.run(add))") == 2.0


def test_an_error_does_not_mention_ours(built: Notebook) -> None:
    error = built.run("sess.run('nothing:0')").error
    assert error.ename == "ValueError"
    assert "During handling of the above exception" not in error.traceback.partition("Key")[0]
    assert "NoElement" not in error.traceback


def test_graphs_mixed_in_one_run(nb: Notebook) -> None:
    nb.run(BUILD.format(resource=False))
    nb.run("implicit = tf.Session()")
    error = nb.run("implicit.run([v, far])").error
    assert error.ename == "ValueError"
    assert "is not an element of this graph" in error.evalue
    assert nb.value("float(sess.run(add))") == 2.0


def test_what_cannot_be_placed_harms_nothing_else(built: Notebook) -> None:
    built.run(
        "with g.as_default(), tf.device('/job:elsewhere/task:3'): lost = tf.constant(1.0) + 1.0"
    )
    assert built.run("sess.run(lost)").error.ename == "InvalidArgumentError"
    assert built.value("float(sess.run(add))") == 2.0
    assert "1 of 2 initialized" in built.run("%tfsession vars --graph graph-1").text


def test_an_interrupt_leaves_the_session_usable(built: Notebook) -> None:
    built.run("with g.as_default(): up = tf.assign_add(v, 1.0)")
    built.start("sess.run(up); print('on', flush=True)\nwhile True: sess.run([up, v])")
    built.wait_for(lambda message: message["content"].get("text") == "on\n")
    built.interrupt()
    outcome = built.finish()
    assert outcome.error.ename == "KeyboardInterrupt"
    run = built.run("%tfsession status").text.splitlines()[3].split()[-2]
    (said,) = outcome.notices
    assert said.startswith(f"stopped after run {run} of graph-1: its variables are as that run")
    before = built.value("float(sess.run(v))")
    assert built.value("float(sess.run(add))") == before + 1.0
    assert " off " not in built.run("%tfsession doctor").text


# Forks.

FORK = """
import os, select, sys

def in_child(work, seconds=20):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = repr(work())
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(write, said.encode())
        os._exit(0)
    ready, _, _ = select.select([read], [], [], seconds)
    said = os.read(read, 4096).decode() if ready else "hangs"
    if not ready:
        os.kill(child, 9)
    os.waitpid(child, 0)
    return said
"""
FORKED = "ForkedError: TensorFlow's sessions do not survive fork(), and this process was forked"


IN_A_FORK = [
    "sess.run(v)",
    "sess.run(v, {v.name: 3.0})",
    "sess.run(w.initializer)",
    "tf.Session(graph=g)",
    "tf.Session()",
    "tf.InteractiveSession(graph=g)",
    "sess.make_callable(v)",
    "sess.partial_run_setup([v])",
    "sess.list_devices()",
]


def test_a_fork_gets_a_clear_error(built: Notebook) -> None:
    built.run(FORK)
    built.run("sess.run(v)")
    for work in IN_A_FORK:
        built.run(f"said = in_child(lambda: {work})")
        assert built.value("said").startswith(FORKED), work
    assert built.value("float(sess.run(add))") == 2.0
    assert built.value("tf.Session(graph=g) is sess")


def test_what_a_fork_does_not_use_does_not_disturb_it(built: Notebook) -> None:
    built.run(FORK)
    built.run("import gc; said = in_child(lambda: (gc.collect() >= 0, sess.close(), 'fine'))")
    assert built.value("said") == "(True, None, 'fine')"
    assert built.value("float(sess.run(add))") == 2.0


def test_multiprocessing_with_fork(nb: Notebook) -> None:
    nb.run(BUILD.format(resource=True))
    outcome = nb.run(
        "import multiprocessing\n"
        "def work(_):\n"
        "    try:\n"
        "        return float(sess.run(v))\n"
        "    except Exception as error:\n"
        "        return str(error)\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    said = pool.map_async(work, range(2)).get(timeout=30)\n"
    )
    assert outcome.ok
    assert all("do not survive fork()" in one for one in nb.value("said"))
    assert nb.value("float(sess.run(add))") == 2.0


# TensorFlow missing, or another one.

NO_TENSORFLOW = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "tensorflow":
            raise ModuleNotFoundError("No module named 'tensorflow'", name="tensorflow")
sys.meta_path.insert(0, Blocker())
"""


def test_without_tensorflow(fresh_notebook: Callable[..., Notebook]) -> None:
    nb = fresh_notebook()
    nb.run(NO_TENSORFLOW)
    assert nb.run("%load_ext jupyter_tfsession").ok
    for source in ("import tensorflow as tf", "import tensorflow.compat.v1", "%%tfsession\n1"):
        error = nb.run(source).error
        assert (error.ename, error.evalue) == (
            "ModuleNotFoundError",
            "No module named 'tensorflow'",
        )
    assert nb.run("1 + 1").text == "2"
    doctor = nb.run("%tfsession doctor").text
    assert "TensorFlow in this kernel" in doctor
    assert "not imported yet" in doctor
    assert "no sessions: TensorFlow is not imported" in nb.run("%tfsession").text
    nb.run("%tfsession compat on")
    assert nb.run("import tensorflow as tf").error.ename == "ModuleNotFoundError"
    assert nb.run("%unload_ext jupyter_tfsession").ok


# Where TensorFlow moved or renamed what the extension needs; TensorFlow itself goes on working.
NO_CLASS = """
from tensorflow.python.client import session
del session.InteractiveSession
"""
NO_EVALUATOR = """
from tensorflow.python.framework import tensor
moved = tensor._eval_using_default_session
del tensor._eval_using_default_session
tensor.Tensor.eval = lambda self, feed_dict=None, session=None: moved(
    self, feed_dict, self.graph, session)
"""
CELL = """
with tf.Graph().as_default() as g:
    v = tf.get_variable("v", initializer=1.0)
    with tf.Session() as sess:
        sess.run(v.initializer)
        sess.run(v.assign_add(1.0))
        result = float(v.eval()), float((v + 1.0).eval())
"""


def test_another_tensorflow(fresh_notebook: Callable[..., Notebook]) -> None:
    nb = fresh_notebook()
    nb.run("import tensorflow.compat.v1 as tf")
    nb.run(NO_EVALUATOR)
    for change, purpose, missing, managed in (
        ("", "running in the session of the graph", "tensor._eval_using_default_session", True),
        (NO_CLASS, "one session per graph", "client.session.InteractiveSession", False),
    ):
        assert nb.run(change).ok
        nb.execute_silently(
            "import sys; found = sys.modules.get('jupyter_tfsession.extension')\n"
            "if found: found._extensions.clear()"
        )
        assert nb.run("%load_ext jupyter_tfsession").ok
        outcome = nb.run(CELL)
        assert outcome.ok
        assert nb.value("result") == (2.0, 3.0)
        assert nb.value("'jupyter_tfsession' in repr(sess)") is managed
        reasons = [
            line for line in nb.run("%tfsession doctor").text.splitlines() if " off " in line
        ]
        assert any(
            line.startswith(purpose) and "this TensorFlow has no" in line for line in reasons
        )
        listed = nb.run("%tfsession doctor").html
        assert missing in listed
        assert nb.run("%unload_ext jupyter_tfsession").ok

"""What the notebook lets go of is freed: graphs, their sessions, and the memory of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from guarding import tf1

if TYPE_CHECKING:
    from guarding import World
    from notebook import Notebook

__all__ = ["tf1"]

# In a function, so that the cell leaves no names behind but those it means to.
BUILD = """
import gc, sys, weakref
def build():
    v = tf.get_variable("v", initializer=tf.zeros([1000]), use_resource={resource})
    add = tf.assign_add(v, tf.ones([1000]))
    return v, add
g = tf.Graph()
with g.as_default():
    v, add = build()
watched = [weakref.ref(g)]
"""
OPEN = "sess = tf.Session(graph=g); sess.run(v.initializer); sess.run(add)"
DROP = "g = v = add = sess = None"
GONE = "[one() is None for one in watched]"

# What a notebook may have done with the graph before it lets go of it.
LIVES = {
    "run": [OPEN],
    "InteractiveSession": ["sess = tf.InteractiveSession(graph=g); v.initializer.run()"],
    "with": ["with tf.Session(graph=g) as sess: v.initializer.run()"],
    "closed": [OPEN, "sess.close()"],
    "reopened": [OPEN, "sess.close()", "sess.run(add)"],
    "kept by the guard": [OPEN, "sess.run(v.initializer)"],
    "undone": [OPEN, "%tfsession reset --graph graph-1", "%tfsession undo --graph graph-1"],
    "listed": [OPEN, "%tfsession vars --graph graph-1", "%tfsession"],
    "put off": [OPEN, OPEN, "sess = tf.Session(graph=g); sess.run(v.initializer)"],
    "new config": [OPEN, "c = tf.ConfigProto(log_device_placement=True)",
                   "tf.Session(graph=g, config=c); None"],
    "callable": [OPEN, "call = sess.make_callable(add); call(); call = None"],
    "another graph's": [OPEN, "tf.Session().run(add); None"],
    "threads": [OPEN, "import threading; t = threading.Thread(target=lambda: sess.run(add))",
                "t.start(); t.join(); t = None"],
}  # fmt: skip


def forget_outputs(nb: Notebook) -> None:
    """Clear what IPython itself remembers of earlier cells."""
    nb.execute_silently("Out.clear(); _ = __ = ___ = None; _oh.clear()")


@pytest.mark.parametrize("resource", [False, True], ids=["ref", "resource"])
@pytest.mark.parametrize("nb", ["tf1", "eager"], indirect=True)
def test_a_dropped_graph_and_its_session_are_collected(nb: Notebook, resource: bool) -> None:
    for life, cells in LIVES.items():
        nb.run(BUILD.format(resource=resource))
        name = nb.run("import jupyter_tfsession as j; tf.Session(graph=g); None")
        assert (life, name.error) == (life, None)
        number = nb.value("repr(tf.Session(graph=g))").split("'")[1]
        nb.run("sess = tf.Session(graph=g); watched += [weakref.ref(sess), weakref.ref(v)]")
        for source in cells:
            outcome = nb.run(source.replace("graph-1", number))
            assert (life, outcome.error) == (life, None)
        assert (life, nb.value(GONE)) == (life, [False] * 3)
        forget_outputs(nb)
        nb.run("tf.get_default_session() and tf.get_default_session().close()")
        nb.run(DROP)
        nb.run("gc.collect(); None")
        assert (life, nb.value(GONE)) == (life, [True] * 3)


def test_a_reset_graph_is_collected_at_the_end_of_the_cell(nb: Notebook) -> None:
    nb.run("import weakref; gone = []")
    source = """
tf.reset_default_graph()
sess = tf.InteractiveSession()
v = tf.get_variable("v", initializer=1.0)
v.initializer.run()
gone.append((weakref.ref(sess), weakref.ref(sess.graph), weakref.ref(v)))
"""
    for _ in range(3):
        outcome = nb.run(source, cell="a")
        assert (outcome.error, outcome.notices) == (None, [])
    assert nb.value("[[one() is None for one in refs] for refs in gone]") == [
        [True] * 3,
        [True] * 3,
        [False] * 3,
    ]
    nb.run("sess.close()")


def test_a_default_session_does_not_outlive_the_reset(nb: Notebook) -> None:
    nb.run("import gc, weakref; sess = tf.InteractiveSession()")
    nb.run("watched = [weakref.ref(sess), weakref.ref(sess.graph)]; sess = None")
    assert nb.value(GONE) == [False, False]
    nb.run("tf.reset_default_graph()")
    assert nb.value("tf.get_default_session()") is None
    assert nb.value(GONE) == [False, False]  # its part of the notebook waits
    nb.run("%tfsession close --all --discard")
    nb.run("gc.collect(); None")
    assert nb.value(GONE) == [True, True]


def test_an_error_holds_the_graph_only_as_long_as_its_traceback(nb: Notebook) -> None:
    nb.run(BUILD.format(resource=True))
    nb.run("watched.append(weakref.ref(tf.Session(graph=g)))")
    outcome = nb.run("""
def fail(graph):
    with tf.Session(graph=graph) as sess:
        sess.run(v)
fail(g)
""")
    assert outcome.error is not None
    assert outcome.error.ename == "FailedPreconditionError"
    nb.run(DROP)
    nb.execute_silently(
        "for name in ('last_type', 'last_value', 'last_traceback', 'last_exc'):\n"
        "    if hasattr(sys, name): delattr(sys, name)\n"
        "get_ipython().InteractiveTB.tb = None"  # IPython's own
    )
    nb.run("gc.collect(); None")
    assert nb.value(GONE) == [True, True]


FIVE_ROUNDS = """
for _ in range(5):
    tf.reset_default_graph()
    x = tf.placeholder(tf.float32, [])
    w = tf.get_variable("w", [200, 1000])
    train = tf.assign_add(w, tf.ones([200, 1000]) * x)
    sess = tf.Session()
    sess.run(tf.global_variables_initializer())
    sess.run(train.op, {x: 2.0})
"""
SESSIONS = """
import gc, sys
live = len(sys.modules["jupyter_tfsession.extension"].loaded().registry.sessions())
module = "tensorflow.python.client.session"
found = [one for one in gc.get_objects() if type(one).__module__ == module]
result = live, sum(type(one).__name__ == "Session" for one in found)
del found
"""
RSS = "__import__('psutil').Process().memory_info().rss"


def test_two_hundred_sessions_leave_one(nb: Notebook) -> None:
    assert nb.run(SESSIONS).ok
    _, before = nb.value("result")  # other tests may have left some in this kernel
    for _ in range(4):
        assert nb.run(FIVE_ROUNDS, cell="a").ok
    after_20 = nb.value(RSS)
    for _ in range(36):
        assert nb.run(FIVE_ROUNDS, cell="a").ok
    after_200 = nb.value(RSS)
    assert nb.run(SESSIONS).ok
    live, after = nb.value("result")
    assert live == 1
    assert after - before <= 2  # the managed session, and TensorFlow's behind it
    assert after_200 <= 1.05 * after_20


HOLDERS = {
    "a callable that reads": "call = sess.make_callable(far)",
    "a callable of several": "call = sess.make_callable([far, add.op])",
    "a callable that writes": "call = sess.make_callable(add)",
    "a callable with options": "call = sess.make_callable(far, accept_options=True)",
    "a callable of options": """
from tensorflow.core.protobuf.config_pb2 import CallableOptions
call = sess._make_callable_from_options(CallableOptions(fetch=[far.name]))
""",
    "a look at the values": """
from jupyter_tfsession.extension import loaded
call = lambda: loaded().inspector.read(sess._live, sess._live.holding())
""",
    "a look at the devices": """
from jupyter_tfsession.frontend.states import devices_of
call = lambda: devices_of(sess._live, sess._live.engine())
""",
    "a run in parts": """
handle = sess.partial_run_setup([far], [])
call = lambda: sess.partial_run(sess.partial_run_setup([far], []), far)
""",
}
EXCHANGES = {
    "closed": "sess.close()",
    "parked": "assert sess._live.park() == ''",
    "configured anew": "tf.Session(config=tf.ConfigProto(log_device_placement=True))",
}


@pytest.mark.parametrize("exchange", EXCHANGES)
@pytest.mark.parametrize("holder", HOLDERS)
def test_what_outlives_a_session_does_not_keep_its_memory(
    tf1: World, holder: str, exchange: str
) -> None:
    tf1.start()
    tf1.run("far = tf.identity(v * 2)")
    tf1.run(f"""
import weakref
{HOLDERS[holder]}
for _ in range(5):
    call()
before = float(sess.run(v))
engine = weakref.ref(sess._live.open_engine)
{EXCHANGES[exchange]}
gone = engine() is None
call()
""")
    assert tf1.value("gone")
    added = 1.0 if "add" in HOLDERS[holder] else 0.0
    assert tf1.number() == tf1.value("before") + added

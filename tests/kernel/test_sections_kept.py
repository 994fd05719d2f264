"""What parts of a notebook keep while another one is current; entering fails as a whole or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from parts import BUILD, TRAIN, USE, again, part

if TYPE_CHECKING:
    from notebook import Notebook

WATCH = """
import gc, weakref
watched = [weakref.ref(one) for one in (w.graph, sess, w, train)]
engine = weakref.ref(sess._live.open_engine)
"""
GONE = "[one() is None for one in watched]"


def forget_outputs(nb: Notebook) -> None:
    nb.execute_silently("Out.clear(); _ = __ = ___ = None; _oh.clear()")


def test_a_part_that_is_left_holds_no_session(nb: Notebook) -> None:
    part(nb, 1)
    nb.run(WATCH)
    part(nb, 2)
    assert nb.value("engine() is None")
    assert nb.value(GONE) == [False] * 4
    again(nb, "use", 1)
    assert nb.value("sess._live.is_open and watched[0]() is w.graph")


def test_what_runs_in_a_part_that_was_left_is_parked_again(nb: Notebook) -> None:
    part(nb, 1)
    nb.run("old, of_old = sess, w")
    part(nb, 2)
    outcome = nb.run("result = float(old.run(of_old))")
    assert (outcome.error, outcome.notices, nb.value("result")) == (None, [], 101.0)
    assert not nb.value("old._live.is_open")


@pytest.mark.parametrize("how", ["close", "begun anew"])
def test_a_part_that_is_let_go_of_is_freed(nb: Notebook, how: str) -> None:
    part(nb, 1)
    part(nb, 2)
    nb.run(WATCH)
    part(nb, 3)
    again(nb, "use", 1)  # so that its names are bound to what is the first part's
    assert nb.value(GONE) == [False] * 4
    if how == "close":
        said = nb.run("%tfsession close --graph section-2 --discard").text
        assert "let go of section-2" in said
    else:
        build = BUILD.format(reset="tf.reset_default_graph()", initial=200.0)
        assert nb.run(build, cell="build 2").ok
        again(nb, "train", 2)
        again(nb, "use", 3)
    forget_outputs(nb)
    nb.run("gc.collect(); None")
    assert nb.value(GONE) == [True] * 4
    again(nb, "use", 3)
    assert nb.value("result") == 602.0


def test_resets_again_and_again_leave_as_many_parts_as_there_are_cells(nb: Notebook) -> None:
    nb.run("import weakref, gc; graphs = weakref.WeakSet()")
    build = BUILD.format(reset="tf.reset_default_graph()", initial=1.0)
    for _ in range(5):
        for cell in ("a", "b"):
            assert nb.run(f"{build}\ngraphs.add(tf.get_default_graph())", cell=cell).ok
            nb.run(TRAIN, cell=f"train {cell}")
    forget_outputs(nb)
    nb.run("gc.collect(); None")
    assert nb.value("len(graphs)") == 2


def test_values_beyond_the_budget_keep_the_session_open(nb: Notebook) -> None:
    part(nb, 1)
    nb.run("%config TFSession.undo_bytes = 3")
    nb.run("old = sess")
    outcome = nb.run(BUILD.format(reset="tf.reset_default_graph()", initial=2.0), cell="build 2")
    assert outcome.error is None
    (said,) = outcome.notices
    assert "section-1 stays open: its 4 B exceed the undo budget" in said
    assert nb.value("old._live.is_open")
    assert nb.run("%tfsession").text.count("left, open") == 1
    again(nb, "use", 1)
    assert nb.value("result") == 202.0


STATE_OF = {
    "iterators": """
i = tf.data.make_initializable_iterator(tf.data.Dataset.range(100))
start, out = i.initializer, i.get_next()
""",
    "look-up tables": """
t = tf.lookup.experimental.MutableHashTable(tf.int32, tf.int32, -1)
start, out = t.insert([1], [0]), t.lookup(tf.constant(1))
""",
}
TABLE = """
t = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer([1], [7]), -1)
start, out = t.initializer, t.lookup(tf.constant(1))
"""


@pytest.mark.parametrize("kind", STATE_OF)
def test_a_session_with_more_than_variables_stays_open(nb: Notebook, kind: str) -> None:
    nb.run(f"{STATE_OF[kind]}\nsess = tf.Session()\nsess.run(start)", cell="build 1")
    assert nb.run("seen = int(sess.run(out))", cell="use 1").ok
    outcome = nb.run(BUILD.format(reset="tf.reset_default_graph()", initial=2.0), cell="build 2")
    assert f"section-1 stays open: it holds {kind}" in outcome.notices[0]
    assert nb.run("seen = int(sess.run(out))", cell="use 1").error is None
    assert nb.value("seen") == (1 if kind == "iterators" else 0)


def test_a_table_that_is_filled_once_is_filled_again(nb: Notebook) -> None:
    nb.run(f"{TABLE}\nsess = tf.Session()\nsess.run(start)", cell="build 1")
    assert nb.run("seen = int(sess.run(out))", cell="use 1").ok
    outcome = nb.run(BUILD.format(reset="tf.reset_default_graph()", initial=2.0), cell="build 2")
    assert outcome.notices == []
    outcome = nb.run("seen = int(sess.run(out))", cell="use 1")
    assert outcome.error is None
    assert "started 1 table again" in outcome.notices[-1]
    assert nb.value("seen") == 7


def test_a_part_that_another_thread_trains_goes_on(nb: Notebook) -> None:
    part(nb, 1)
    nb.run("""
import threading
stop, errors, steps = threading.Event(), [], 0
def work(session, op):
    global steps
    try:
        while not stop.is_set():
            session.run(op)
            steps += 1
    except Exception as error:
        errors.append(repr(error))
thread = threading.Thread(target=work, args=(sess, train.op)); thread.start()
""")
    part(nb, 2)
    for number in (1, 2, 1):
        again(nb, "use", number)
    nb.run("stop.set(); thread.join()")
    again(nb, "use", 1)
    assert nb.value("errors") == []
    assert nb.value("result == 2 * (101.0 + steps)")


# Entering that fails: either part is current, never half of one.

BREAK = """
from jupyter_tfsession.sessions.live import LiveSession
from jupyter_tfsession.sessions.registry import Registry
plain = {where}
def broken(self, *args):
    plain(self, *args)
    {where} = plain
    raise {error}
{where} = broken
"""
STATE = (
    "w.graph is tf.get_default_graph() and sess.graph is w.graph and y.graph is w.graph,"
    " float(tf.Session().run(w))"
)


def test_an_error_while_entering_leaves_the_other_part_current(nb: Notebook) -> None:
    part(nb, 1)
    part(nb, 2)
    nb.run(BREAK.format(where="Registry.switch", error="RuntimeError('ours')"))
    outcome = nb.run(USE, cell="use 1")
    assert outcome.error is None  # as in plain TensorFlow
    assert "switched off going back to earlier parts" in outcome.notices[0]
    assert nb.value(STATE) == (True, 201.0)
    assert nb.run(TRAIN, cell="train 1").error is None
    assert nb.value(STATE) == (True, 202.0)


@pytest.mark.parametrize(("where", "current"), [("Registry.switch", 2), ("LiveSession.park", 1)])
def test_an_interrupt_while_entering_leaves_one_of_them_current(
    nb: Notebook, where: str, current: int
) -> None:
    part(nb, 1)
    part(nb, 2)
    nb.run(BREAK.format(where=where, error="KeyboardInterrupt"))
    outcome = nb.run(f"result = 'ran'\n{USE}", cell="use 1")
    assert outcome.error is not None
    assert "interrupted while entering section-1" in outcome.error.evalue
    assert nb.value("result") == 402.0  # the cell was not run
    assert nb.value(STATE) == (True, 100.0 * current + 1)
    for number in (1, 2):
        again(nb, "use", number)
        assert nb.value("result") == 2 * (100.0 * number + 1)

"""Undo and redo of whatever overwrites values, within a budget, without adding an operation."""

from __future__ import annotations

import pytest
from guarding import World, guard_notices, tf1, world

__all__ = ["tf1", "world"]

TWO = """
with g.as_default():
    w = tf.get_variable("w", initializer=[10.0, 20.0])
    everything = tf.global_variables_initializer()
    put = tf.assign(w, [1.0, 2.0])
"""


def start(world: World) -> None:
    """Open the session with `v` 3 and `w` [1, 2]."""
    world.run(TWO)
    world.run("sess = OPEN; sess.run(everything); sess.run(add); sess.run(add); sess.run(put)")


def both(world: World) -> tuple[float, list[float]]:
    """Return the values of the two variables."""
    return world.number(), world.value("sess.run(w).tolist()")


START = (3.0, [1.0, 2.0])
INITIAL = (1.0, [10.0, 20.0])
CHANGES = {
    "%tfsession reset": ("reset", INITIAL),
    "%tfsession reset w": ("reset", (3.0, [10.0, 20.0])),
    "%tfsession reset v*": ("reset", (1.0, [1.0, 2.0])),
    "%tfsession set v 50": ("set v", (50.0, [1.0, 2.0])),
    "%tfsession set w [7, 8]": ("set w", (3.0, [7.0, 8.0])),
    "with OPEN as sess:\n    sess.run(everything)\n    sess.run([v, w])": ("initializer", INITIAL),
}


@pytest.mark.parametrize("source", CHANGES)
def test_undo_and_redo(world: World, source: str) -> None:
    what, changed = CHANGES[source]
    start(world)
    before = world.operations()
    world.run(source)
    assert both(world) == changed
    for _ in range(2):
        undone = world.run("%tfsession undo --graph graph-1").text
        assert undone.startswith(f"undo of {what}: ")
        assert undone.endswith("of graph-1; %tfsession redo reverses it")
        assert both(world) == START
        assert world.run("%tfsession redo --graph graph-1").text.startswith(f"redo of {what}: ")
        assert both(world) == changed
    assert world.operations() == before


def test_everything_works_on_a_finalized_graph(tf1: World) -> None:
    start(tf1)
    tf1.run("g.finalize()")
    before = tf1.operations()
    for source in (
        "%tfsession reset",
        "%tfsession set v 5",
        "%tfsession undo",
        "%tfsession redo",
        "%tfsession undo",
        "%tfsession undo",
        "%tfsession vars",
        "%tfsession init",
    ):
        tf1.run(source)
    assert both(tf1) == START
    assert tf1.operations() == before


def test_an_execution_is_one_step_back_to_before_it(tf1: World) -> None:
    start(tf1)
    tf1.run("for _ in range(3):\n    sess.run(everything)\n    sess.run(add)", "loop")
    tf1.run("sess.run([v.assign(7.0), w.assign([8.0, 9.0])])")
    tf1.run("for _ in range(3):\n    sess.run(everything)\n    sess.run([add, w])", "loop")
    assert both(tf1) == (2.0, [10.0, 20.0])
    tf1.run("%tfsession undo")
    assert both(tf1) == (7.0, [8.0, 9.0])


def test_several_steps_are_undone_in_order(tf1: World) -> None:
    start(tf1)
    for value in (10, 20, 30):
        tf1.run(f"%tfsession set v {value}")
    for value in (20.0, 10.0, 3.0):
        tf1.run("%tfsession undo")
        assert tf1.number() == value
    for value in (10.0, 20.0, 30.0):
        tf1.run("%tfsession redo")
        assert tf1.number() == value


def test_a_new_change_clears_redo(tf1: World) -> None:
    start(tf1)
    tf1.run("%tfsession set v 10")
    tf1.run("%tfsession undo")
    tf1.run("%tfsession set v 20")
    assert said(tf1, "%tfsession redo") == "there is nothing to redo in graph-1"
    tf1.run("%tfsession undo")
    assert tf1.number() == 3.0


def said(world: World, source: str) -> str:
    """Run a cell that ends with a usage error of one line; return that line."""
    lines = world.nb.run(source).stderr.splitlines()
    assert len(lines) == 1
    return lines[0].removeprefix("UsageError: ")


@pytest.mark.parametrize("word", ["undo", "redo"])
def test_there_may_be_nothing_to_undo(tf1: World, word: str) -> None:
    tf1.start()
    assert said(tf1, f"%tfsession {word}") == f"there is nothing to {word} in graph-1"


def test_undo_reopens_a_closed_session(tf1: World) -> None:
    start(tf1)
    tf1.run("%tfsession close")
    outcome = tf1.run("%tfsession undo")
    assert outcome.text == "the session of graph-1 is open again"
    assert both(tf1) == START


def test_a_change_can_be_undone_after_closing_and_opening(tf1: World) -> None:
    start(tf1)
    tf1.run("%tfsession set v 10")
    tf1.run("sess.close()")
    tf1.run("sess.run(add)")
    tf1.run("%tfsession undo")
    assert both(tf1) == START


def test_graphs_have_their_own_undo(tf1: World) -> None:
    start(tf1)
    tf1.run("""
h = tf.Graph()
with h.as_default():
    other = tf.get_variable("v", initializer=100.0)
    second = tf.Session()
    second.run(other.initializer)
""")
    tf1.run("%tfsession set v 5 --graph graph-2")
    tf1.run("%tfsession set v 6 --graph graph-1")
    tf1.run("%tfsession undo --graph graph-2")
    assert (tf1.number(), tf1.value("float(second.run(other))")) == (6.0, 100.0)
    tf1.run("%tfsession undo --graph graph-1")
    tf1.run("%tfsession redo --graph graph-2")
    assert (tf1.number(), tf1.value("float(second.run(other))")) == (3.0, 5.0)


# The budget.


def test_the_oldest_change_is_dropped_first(tf1: World) -> None:
    tf1.start()
    tf1.run("%config TFSession.undo_bytes = 8")
    for value in (10, 20, 30):
        tf1.run(f"%tfsession set v {value}")
    for value in (20.0, 10.0):
        tf1.run("%tfsession undo")
        assert tf1.number() == value
    assert said(tf1, "%tfsession undo") == "there is nothing to undo in graph-1"


TOO_LARGE = {
    "%tfsession reset": "; the old values (12 B) exceed the undo budget",
    "%tfsession set w [7, 8]": "; the old values (8 B) exceed the undo budget",
}


@pytest.mark.parametrize(("source", "ending"), TOO_LARGE.items())
def test_what_is_too_large_for_undo_is_said(tf1: World, source: str, ending: str) -> None:
    start(tf1)
    tf1.run("%config TFSession.undo_bytes = 7")
    assert tf1.run(source).text.endswith(ending)
    assert both(tf1) != START
    assert said(tf1, "%tfsession undo") == "there is nothing to undo in graph-1"


def test_an_honoured_initializer_that_is_too_large_for_undo_says_so(tf1: World) -> None:
    start(tf1)
    tf1.run("%config TFSession.undo_bytes = 7")
    outcome = tf1.run("with OPEN as sess:\n    sess.run(everything)\n    sess.run([v, w])")
    assert guard_notices(outcome) == [
        (
            "undo does not have the values that are overwritten: they exceed its budget "
            "(%config TFSession.undo_bytes)"
        )
    ]
    assert both(tf1) == INITIAL


# A reset that cannot be done.


@pytest.mark.parametrize("budget", [2**20, 7], ids=["undo", "no undo"])
def test_a_reset_that_tensorflow_cannot_do_changes_nothing(tf1: World, budget: int) -> None:
    start(tf1)
    tf1.run("""
fed = tf.placeholder(tf.float32, [])
given = tf.Variable(fed, name="given")
sess.run(given.initializer, {fed: 4.0})
""")
    tf1.run("%tfsession set v 30")
    tf1.run("%tfsession undo")
    tf1.run(f"%config TFSession.undo_bytes = {budget}")
    line = said(tf1, "%tfsession reset")
    assert line.startswith("TensorFlow cannot initialize: InvalidArgumentError: You must feed ")
    assert both(tf1) == START
    assert tf1.number("given") == 4.0
    tf1.run("%tfsession redo")
    assert tf1.number() == 30.0


def test_a_reset_initializes_what_others_depend_on_first(tf1: World) -> None:
    tf1.run("""
a = tf.get_variable("a", initializer=tf.identity(v) * 2)
everything = tf.variables_initializer([a])
sess = OPEN
sess.run(init)
sess.run(everything)
sess.run(add)
""")
    tf1.run("%tfsession reset")
    assert (tf1.number(), tf1.number("a")) == (1.0, 2.0)
    tf1.run("%tfsession undo")
    assert (tf1.number(), tf1.number("a")) == (2.0, 2.0)

"""The initializer guard: which initializers are re-running, and what becomes of them."""

from __future__ import annotations

import pytest
from guarding import World, guard_notices, kept, tf1, world

__all__ = ["tf1", "world"]

OPENS = """
with OPEN as sess:
    sess.run(init)
    sess.run(add)
"""
TRAINS = """
import time
with OPEN as sess:
    sess.run(init)
    for step in range(10**9):
        sess.run(add)
        if step == 4:
            print("on", flush=True)
            time.sleep(60)
"""
GROW = "with g.as_default(): w = tf.get_variable('w', initializer=10.0)\n"

# Which initializers are re-running.


def test_a_first_run_that_opens_its_session_does_what_tensorflow_does(world: World) -> None:
    for cell in "abc":
        outcome = world.run(OPENS, cell)
        assert guard_notices(outcome) == []
        assert world.number() == 2.0


def test_a_first_run_that_does_not_open_the_session_is_guarded(world: World) -> None:
    written = world.start()
    outcome = world.run("sess.run(init)")
    assert guard_notices(outcome) == [kept(written)]
    assert world.number() == 3.0


def test_a_first_run_in_an_interactive_session_of_an_earlier_cell_is_guarded(tf1: World) -> None:
    written = tf1.run("sess = tf.InteractiveSession(); init.run(); add.op.run()")
    outcome = tf1.run("init.run(); add.op.run()")
    assert guard_notices(outcome) == [kept(written)]
    assert tf1.number() == 3.0


def test_a_rerun_is_guarded(world: World) -> None:
    written = world.run(OPENS, "a")
    for count in (3.0, 4.0, 5.0):
        outcome = world.run(OPENS, "a")
        assert guard_notices(outcome) == [kept(written)]
        assert world.number() == count
        written = outcome


@pytest.mark.parametrize("other", [False, True])
def test_without_cell_ids_the_source_tells_cells_apart(tf1: World, other: bool) -> None:
    tf1.run(OPENS, cell=False)
    outcome = tf1.run(OPENS + "\n# more" * other, cell=False)
    assert len(guard_notices(outcome)) == (0 if other else 1)
    assert tf1.number() == (2.0 if other else 3.0)


def test_an_edited_cell_is_run_again(tf1: World) -> None:
    written = tf1.run(OPENS, "a")
    outcome = tf1.run(OPENS + "    sess.run(add)", "a")
    assert guard_notices(outcome) == [kept(written)]
    assert tf1.number() == 4.0


def test_a_cell_that_failed_half_way_is_run_again(tf1: World) -> None:
    failed = tf1.fail(OPENS + "    1 / 0", "a")
    outcome = tf1.run(OPENS, "a")
    assert guard_notices(outcome) == [kept(failed)]
    assert tf1.number() == 3.0


def test_a_cell_that_failed_before_it_initialized_starts_at_its_initial_values(tf1: World) -> None:
    tf1.fail("1 / 0\n" + OPENS, "a")
    assert guard_notices(tf1.run(OPENS, "a")) == []
    assert tf1.number() == 2.0


def test_a_cell_interrupted_in_its_training_goes_on(tf1: World) -> None:
    tf1.nb.start(TRAINS.replace("OPEN", tf1.opening), "a")
    tf1.nb.wait_for(lambda message: message["content"].get("text") == "on\n")
    tf1.nb.interrupt()
    interrupted = tf1.nb.finish()
    assert interrupted.error is not None
    assert interrupted.error.ename == "KeyboardInterrupt"
    assert tf1.number() == 6.0
    outcome = tf1.run(OPENS, "a")
    assert guard_notices(outcome) == [kept(interrupted)]
    assert tf1.number() == 7.0


def test_values_are_an_earlier_executions_while_this_one_only_trains_them(tf1: World) -> None:
    source = "with OPEN as sess:\n    sess.run(add)\n    sess.run(init)\n    sess.run(add)"
    tf1.start()
    tf1.run(source, "a")
    assert tf1.number() == 2.0
    outcome = tf1.run(source, "a")
    assert guard_notices(outcome) == [kept(outcome)]
    assert tf1.number() == 4.0


def test_what_this_execution_assigned_is_its_own(tf1: World) -> None:
    tf1.run("with g.as_default(): five = tf.assign(v, 5.0)")
    source = "with OPEN as sess:\n    sess.run(five)\n    sess.run(init)"
    for _ in range(2):
        assert guard_notices(tf1.run(source, "a")) == []
        assert tf1.number() == 1.0


def test_values_that_a_function_wrote_are_known(tf1: World) -> None:
    tf1.run("""
with g.as_default():
    r = tf.get_variable("r", initializer=1.0, use_resource=True)
    @tf.function
    def write():
        r.assign(7.0)
        return tf.constant(0)
    written = write()
""")
    tf1.run("sess = OPEN; sess.run(written)", "a")
    tf1.run("sess.run(written)", "b")
    tf1.run("sess.run(r.initializer)", "b")
    assert tf1.number("r") == 7.0


def test_a_thread_that_a_cell_starts_belongs_to_the_cell(tf1: World) -> None:
    source = """
import threading
with OPEN as sess:
    thread = threading.Thread(target=lambda: (sess.run(init), sess.run(add)))
    thread.start()
    thread.join()
"""
    written = tf1.run(source, "a")
    assert guard_notices(written) == []
    outcome = tf1.run(source, "a")
    assert guard_notices(outcome) == [kept(written)]
    assert tf1.number() == 3.0


def test_code_between_cells_does_what_tensorflow_does_and_undo_has_the_values(tf1: World) -> None:
    tf1.start()
    tf1.nb.execute_silently("sess.run(init)")
    assert tf1.number() == 1.0
    tf1.nb.execute_silently("sess.run(add); sess.run(init)")
    assert tf1.number() == 1.0
    tf1.run("%tfsession undo")
    assert tf1.number() == 2.0
    tf1.run("%tfsession undo")
    assert tf1.number() == 3.0


# A guarded initializer runs only what is new.


def test_only_what_is_uninitialized_is_initialized(world: World) -> None:
    written = world.start()
    outcome = world.run(GROW + "with g.as_default(): sess.run(tf.global_variables_initializer())")
    assert guard_notices(outcome) == [kept(written, new=1)]
    assert (world.number(), world.number("w")) == (3.0, 10.0)


def test_the_notice_counts_and_is_given_once(tf1: World) -> None:
    tf1.run("""
more = [tf.get_variable(f"more{i}", initializer=0.0) for i in range(11)]
sess = OPEN
sess.run(tf.global_variables_initializer())
""")
    written = tf1.run("sess.run(add)")
    outcome = tf1.run("""
for name in "xy":
    new = tf.get_variable(name, initializer=0.0), tf.get_variable(name + "2", initializer=0.0)
    sess.run(tf.global_variables_initializer() if name == "x" else new[0].initializer)
""")
    assert guard_notices(outcome) == [kept(written, count=12, new=2)]


def test_values_written_outside_any_cell_are_kept(tf1: World) -> None:
    tf1.nb.execute_silently("sess = tf.Session(); sess.run(init); sess.run(add)")
    outcome = tf1.run("sess.run(init)")
    said = "kept 1 initialized variable (written outside a cell). %tfsession reset starts over"
    assert guard_notices(outcome) == [said]
    assert tf1.number() == 2.0


def test_an_edited_initial_value_is_initialized(tf1: World) -> None:
    source = """
u = tf.Variable({}, name="u")
with OPEN as sess:
    sess.run(tf.global_variables_initializer())
    value = float(sess.run(u))
"""
    tf1.run(source.format("4.0"), "a")
    assert tf1.value("value") == 4.0
    tf1.run("sess.run(tf.assign(u, 44.0)); sess.run(init); sess.run(add)")
    tf1.run(source.format("5.0"), "a")
    assert tf1.value("value") == 5.0
    assert tf1.number() == 2.0
    tf1.run("sess.run(tf.assign(u, 55.0))")
    tf1.run(source.format("5.0"), "a")
    assert tf1.value("value") == 55.0


def test_a_failing_initializer_leaves_what_it_did_not_write(tf1: World) -> None:
    tf1.start()
    tf1.run("""
fed = tf.placeholder(tf.float32, [])
x = tf.get_variable("x", initializer=fed)
""")
    outcome = tf1.fail("sess.run([v.initializer, x.initializer])", "a")
    assert outcome.error is not None
    assert outcome.error.ename == "InvalidArgumentError"
    tf1.run("sess.run([v.initializer, x.initializer], {fed: 8.0})", "a")
    assert (tf1.number(), tf1.number("x")) == (3.0, 8.0)


# The other fetches of the same run, and the result.

STRUCTURES = {
    "init": "None",
    "'init'": "None",
    "[init]": "[None]",
    "(init,)": "(None,)",
    "[init, add]": "[None, 4.0]",
    "(init, 'grown:0', init)": "(None, 4.0, None)",
    "{'i': init, 'a': add}": "{'i': None, 'a': 4.0}",
    "Pair(init, add)": "Pair(None, 4.0)",
    "[[], [init, {'a': (add, [init])}]]": "[[], [None, {'a': (4.0, [None])}]]",
    "OrderedDict([('a', add), ('i', init)])": "OrderedDict([('a', 4.0), ('i', None)])",
    "[v.initializer, init, add]": "[None, None, 4.0]",
}


@pytest.mark.parametrize(("structure", "expected"), STRUCTURES.items())
def test_other_fetches_run_in_that_call_and_the_result_is_as_ever(
    tf1: World, structure: str, expected: str
) -> None:
    tf1.run("from collections import OrderedDict, namedtuple; Pair = namedtuple('Pair', 'i a')")
    tf1.run("grown = tf.identity(add, name='grown')")
    tf1.start()
    outcome = tf1.run(f"result = sess.run({structure})")
    assert len(guard_notices(outcome)) == 1
    assert tf1.value(f"result == {expected} and type(result) is type({expected})")
    assert tf1.number() == (4.0 if "4.0" in expected else 3.0)


def test_the_rest_of_a_group_runs_exactly_once(tf1: World) -> None:
    tf1.run("""
n = tf.get_variable("n", initializer=0.0)
tick = tf.assign_add(n, 1.0)
mixed = tf.group(v.initializer, tick)
""")
    tf1.run("sess = OPEN; sess.run(tf.global_variables_initializer()); sess.run(add)")
    tf1.run("result = sess.run([mixed, [mixed, tick.op], {'t': tick}])")
    assert tf1.value("result[:2], float(result[2]['t'])") == ([None, [None, None]], 1.0)
    assert (tf1.number(), tf1.number("n")) == (2.0, 1.0)


def test_guarding_adds_no_operation(world: World) -> None:
    world.start()
    world.run("g.finalize()")
    before = world.operations()
    world.run("sess.run([init, add])")
    world.run(OPENS, "a")
    world.run(OPENS, "a")
    assert world.operations() == before

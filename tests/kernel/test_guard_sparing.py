"""The initializer guard: an honoured initializer spares what the cell does not use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from guarding import World, guard_notices, kept, tf1, world_of

if TYPE_CHECKING:
    from conftest import Kernels
    from notebook import Notebook

__all__ = ["tf1"]

EXAMPLE = """
{name} = tf.get_variable("{name}", initializer={start}, use_resource={resource})
step_{name} = tf.assign_add({name}, 1.0)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    seen = [float(sess.run(step_{name})) for _ in range(3)]
"""
INITIALIZES = "with tf.Session() as sess:\n    sess.run(everything)\n"
# What `initialized_value()` does, which TensorFlow 2 has for RefVariables only.
CHAIN = """
def safe(one):
    return tf.cond(tf.is_variable_initialized(one), one.read_value, lambda: one.initial_value)
w = tf.get_variable("w", initializer=safe(v) * 10)
x = tf.get_variable("x", initializer=safe(w) + 1)
y = tf.get_variable("y", initializer=safe(v) + 0.5)
everything = tf.group(v.initializer, w.initializer, x.initializer)
"""
LOOP = """
losses = []
with tf.Session() as sess:
    for rate in (0.1, 0.5, 0.9):
        sess.run(everything)
        for _ in range(5):
            sess.run(train, {lr: rate})
        losses.append(float(sess.run(loss)))
"""
TRAINING = """
t = tf.get_variable("t", initializer=[3.0, -2.0])
lr = tf.placeholder(tf.float32, [])
loss = tf.reduce_sum(tf.square(t - 1.0))
train = tf.train.MomentumOptimizer(lr, 0.9).minimize(loss)
everything = tf.global_variables_initializer()
"""


@pytest.mark.parametrize("resource", [False, True], ids=["ref", "resource"])
def test_examples_in_one_graph_do_not_wipe_each_other(tf1: World, resource: bool) -> None:
    for name, start in (("a", 0.0), ("b", 10.0), ("c", 20.0)):
        outcome = tf1.run(EXAMPLE.format(name=name, start=start, resource=resource), name)
        assert guard_notices(outcome) == []
        assert tf1.value("seen") == [start + 1, start + 2, start + 3]
    assert [tf1.number(name) for name in "abc"] == [3.0, 13.0, 23.0]


def prepare(world: World, *lines: str) -> None:
    """Count `v` to 3, and let `everything` initialize it in a cell that opens the session."""
    world.start()
    world.run("everything = tf.global_variables_initializer()\n" + "\n".join(lines))


USES = {
    "read": ("float(sess.run(v))", 1.0, 1.0),
    "update": ("float(sess.run(add))", 2.0, 2.0),
    "read of the name": ("float(sess.run('v:0' if v.op.type == 'VariableV2' else v))", 1.0, 1.0),
    "assignment": ("float(sess.run(five))", 5.0, 5.0),
    "computation": ("float(sess.run(far))", 2.0, 1.0),
    "eval": ("float(v.eval())", 1.0, 1.0),
    "callable": ("float(sess.make_callable(far)())", 2.0, 1.0),
    "partial run": ("float(sess.partial_run(sess.partial_run_setup([far], []), far))", 2.0, 1.0),
    "attrs": ("float(sess.run([far, {'x': (v,)}])[1]['x'][0])", 1.0, 1.0),
}


@pytest.mark.parametrize("use", USES)
def test_what_the_cell_uses_is_initialized_before(tf1: World, use: str) -> None:
    source, seen, left = USES[use]
    prepare(tf1, "five = tf.assign(v, 5.0); far = tf.identity(v * 2)")
    outcome = tf1.run(f"{INITIALIZES}    seen = {source}")
    assert guard_notices(outcome) == []
    assert tf1.value("seen") == seen
    assert tf1.number() == left


UNUSED = {
    "nothing": "pass",
    "a constant": "sess.run(tf.constant(1))",
    "a feed in its place": "sess.run(far, {read: 4.0})",
    "whether it holds a value": "assert sess.run(missing).size == 0",
    "the extension's table": "get_ipython().run_line_magic('tfsession', 'vars')",
}


@pytest.mark.parametrize("use", UNUSED)
def test_what_the_cell_does_not_use_keeps_its_value(tf1: World, use: str) -> None:
    prepare(
        tf1,
        "read = tf.identity(v); far = read * 2",
        "missing = tf.report_uninitialized_variables([v])",
    )
    outcome = tf1.run(f"{INITIALIZES}    {UNUSED[use]}")
    assert guard_notices(outcome) == []
    assert tf1.number() == 3.0


def test_what_is_uninitialized_is_initialized_at_once(tf1: World) -> None:
    prepare(tf1, "w = tf.get_variable('w', initializer=7.0)")
    tf1.run("everything = tf.global_variables_initializer()")
    tf1.run(INITIALIZES)
    assert (tf1.number(), tf1.number("w")) == (3.0, 7.0)


def test_it_happens_once_and_for_this_execution_only(tf1: World) -> None:
    prepare(tf1)
    tf1.run(INITIALIZES + "    seen = [float(sess.run(add)) for _ in range(3)]")
    assert tf1.value("seen") == [2.0, 3.0, 4.0]
    tf1.run(INITIALIZES)
    assert tf1.number() == 4.0
    tf1.run("sess.run(add)")
    assert tf1.number() == 5.0


def test_an_execution_that_fails_leaves_nothing_put_off(tf1: World) -> None:
    prepare(tf1)
    tf1.fail(INITIALIZES + "    1 / 0")
    tf1.run("sess.run(add)")
    assert tf1.number() == 4.0


def test_values_set_after_the_initializer_stay(tf1: World) -> None:
    prepare(tf1)
    tf1.run(
        INITIALIZES + "import jupyter_tfsession\njupyter_tfsession.set_value('v', 50.0)\n"
        "seen = float(sess.run(add))"
    )
    assert tf1.value("seen") == 51.0


def test_a_saver_saves_the_initial_values(tf1: World) -> None:
    prepare(
        tf1,
        "import tempfile, os; path = os.path.join(tempfile.mkdtemp(), 'model')",
        "saver = tf.train.Saver([v])",
    )
    tf1.run(INITIALIZES + "    _ = saver.save(sess, path)")
    assert tf1.value("float(tf.train.load_checkpoint(path).get_tensor('v'))") == 1.0


def test_a_restored_value_is_not_initialized_over(tf1: World) -> None:
    prepare(
        tf1,
        "import tempfile, os; path = os.path.join(tempfile.mkdtemp(), 'model')",
        "saver = tf.train.Saver([v]); saver.save(sess, path); sess.run(add)",
    )
    tf1.run(INITIALIZES + "    saver.restore(sess, path)\n    seen = float(sess.run(v))")
    assert tf1.value("seen") == 3.0
    assert tf1.number() == 3.0


# Initial values that depend on other variables.


def test_initial_values_follow_those_they_depend_on(tf1: World) -> None:
    prepare(tf1, CHAIN)
    tf1.run("sess.run(everything)")
    tf1.run("sess.run([v.assign(30.0), w.assign(40.0), x.assign(50.0)])")
    tf1.run(INITIALIZES + "    seen = float(sess.run(x))")
    assert tf1.value("seen") == 11.0
    assert [tf1.number(name) for name in "vw"] == [1.0, 10.0]


def test_a_new_variable_is_made_from_the_initial_value_of_one_put_off(tf1: World) -> None:
    prepare(tf1, CHAIN)
    tf1.run(INITIALIZES)
    assert [tf1.number(name) for name in "vwx"] == [1.0, 10.0, 11.0]


def test_a_guarded_new_variable_is_made_from_the_kept_value(tf1: World) -> None:
    prepare(tf1, CHAIN)
    tf1.run("sess.run(everything)")
    assert [tf1.number(name) for name in "vwx"] == [3.0, 30.0, 31.0]


def test_an_initial_value_is_that_of_when_it_was_asked_for(tf1: World) -> None:
    prepare(tf1, CHAIN)
    tf1.run("sess.run(y.initializer)")
    assert tf1.number("y") == 3.5
    tf1.run("""
with tf.Session() as sess:
    sess.run(v.initializer)
    sess.run(y.initializer)
    sess.run(v.assign(100.0))
    seen = float(sess.run(y))
""")
    assert tf1.value("seen") == 1.5
    tf1.run("""
with tf.Session() as sess:
    sess.run(y.initializer)
    sess.run(v.initializer)
    seen = float(sess.run(y)), float(sess.run(v))
""")
    assert tf1.value("seen") == (100.5, 1.0)


def test_what_depends_on_a_changing_variable_is_spared_if_unused(tf1: World) -> None:
    prepare(tf1, CHAIN, "everything = tf.group(v.initializer, y.initializer)")
    tf1.run("sess.run(everything)")
    tf1.run("sess.run(y.assign(40.0))")
    tf1.run(INITIALIZES + "    sess.run(add)")
    assert [tf1.number(name) for name in "vy"] == [2.0, 40.0]


def test_initialized_value_follows_what_it_depends_on(kernels: Kernels) -> None:
    world = world_of(kernels, "tf1", resource=False)
    prepare(
        world,
        "w = tf.Variable(v.initialized_value() * 10, use_resource=False)",
        "everything = tf.group(v.initializer, w.initializer)",
    )
    world.run("sess.run(everything)")
    assert world.number("w") == 30.0
    world.run(INITIALIZES + "    seen = float(sess.run(w))")
    assert world.value("seen") == 10.0


def test_an_initial_value_that_was_fed_is_fed_when_it_was_put_off(tf1: World) -> None:
    tf1.run("""
given = tf.placeholder(tf.float32, [2])
a = tf.Variable(given, name="a")
z = tf.Variable(a * 2, name="z")
feed = {given: [1.0, 2.0]}
sess = OPEN
sess.run(a.initializer, feed)
sess.run(z.initializer, feed)
""")
    tf1.run("""
with tf.Session() as sess:
    feed = {given: [3.0, 4.0]}
    sess.run(a.initializer, feed)
    sess.run(z.initializer, {given: [9.0, 9.0]})
    feed[given] = [0.0, 0.0]
    first = sess.run(z).tolist(), sess.run(a).tolist()
""")
    assert tf1.value("first") == ([6.0, 8.0], [3.0, 4.0])


def test_a_put_off_initializer_that_cannot_run_raises_until_it_can(tf1: World) -> None:
    tf1.run("""
given = tf.placeholder(tf.float32, [])
a = tf.Variable(tf.check_numerics(given, "no number"), name="a")
sess = OPEN
sess.run(a.initializer, {given: 1.0})
""")
    tf1.run("""
errors = []
with tf.Session() as sess:
    sess.run(a.initializer, {given: np.nan})
    for _ in range(2):
        try:
            sess.run(a)
        except tf.errors.InvalidArgumentError as error:
            errors.append("no number" in str(error))
""")
    assert tf1.value("errors") == [True, True]
    assert tf1.number("a") == 1.0


# Repeated initialization within one execution.


def test_a_loop_that_initializes_gives_the_same_numbers_every_time(tf1: World) -> None:
    tf1.run(TRAINING)
    for count in range(3):
        assert guard_notices(tf1.run(LOOP, "loop")) == []
        if count == 0:
            first = tf1.value("losses")
            assert len(set(first)) == 3
        assert tf1.value("losses") == first


def test_a_loop_is_recognized_in_a_session_of_another_cell(tf1: World) -> None:
    written = tf1.start()
    source = (
        "seen = []\nfor _ in range(3):\n    sess.run(init)\n    seen.append(float(sess.run(add)))"
    )
    outcome = tf1.run(source, "loop")
    assert guard_notices(outcome) == [kept(written)]
    assert tf1.value("seen") == [4.0, 2.0, 2.0]
    assert guard_notices(tf1.run(source, "loop")) == []
    assert tf1.value("seen") == [2.0, 2.0, 2.0]


def test_what_a_loop_overwrites_in_the_first_round_undo_has(tf1: World) -> None:
    tf1.start()
    tf1.run("for _ in range(3):\n    sess.run(init)\n    sess.run(add)")
    assert tf1.number() == 2.0
    tf1.run("%tfsession undo")
    assert tf1.number() == 4.0


def test_a_loop_spares_the_other_examples(tf1: World) -> None:
    tf1.start()
    tf1.run(TRAINING)
    for _ in range(2):
        tf1.run(LOOP, "loop")
        assert tf1.number() == 3.0


def test_two_sessions_in_one_cell_are_its_own_logic(tf1: World) -> None:
    source = (
        "seen = []\n"
        + """
with OPEN as sess:
    sess.run(init)
    seen.append(float(sess.run(add)))
"""
        * 2
    )
    for _ in range(2):
        assert guard_notices(tf1.run(source, "a")) == []
        assert tf1.value("seen") == [2.0, 2.0]


def test_threads_wait_for_what_is_being_initialized(tf1: World) -> None:
    prepare(tf1, "more = [tf.get_variable(f'm{i}', initializer=float(i)) for i in range(20)]")
    tf1.run("""
everything = tf.global_variables_initializer()
total = tf.add_n(more)
sess.run(everything)
sess.run([one.assign(100.0) for one in more])
""")
    tf1.run("""
from concurrent.futures import ThreadPoolExecutor
with tf.Session() as sess:
    sess.run(everything)
    with ThreadPoolExecutor(8) as pool:
        seen = {float(value) for value in pool.map(lambda _: sess.run(total), range(64))}
""")
    assert tf1.value("seen") == {190.0}


def test_a_cell_edited_to_have_no_loop_is_guarded_again(nb: Notebook) -> None:
    nb.run("v = tf.Variable(0.0)\nadd = tf.assign_add(v, 1.0)", "build")
    body = "    sess.run(tf.global_variables_initializer())\n    print(sess.run(add))"
    loop = f"sess = tf.Session()\nfor _ in range(2):\n{body}"
    once = f"sess = tf.Session()\nif True:\n{body}"
    assert nb.run(loop, "train").stdout == "1.0\n1.0\n"
    assert nb.run(loop, "train").stdout == "1.0\n1.0\n"
    nb.run(once, "train")
    assert nb.run(once, "train").stdout == "2.0\n"

"""Cells that build the graph, edited, failing, in any order, in any graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from notebook import Notebook

BUILD = """
v = tf.Variable({v}, name='v')
w = tf.get_variable('w', {shape}, initializer=tf.ones_initializer())
total = tf.reduce_sum(w) * v
"""
RUN = """
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print(sess.run(total))
"""

# random_normal is draw * deviation + mean.
SEEDS = "[r.op.inputs[0].op.inputs[0].op.get_attr(name) for name in ('seed', 'seed2')]"


def build(v: str = "1.0", shape: str = "[2]") -> str:
    return BUILD.format(v=v, shape=shape)


@pytest.fixture(params=[False, True], ids=["ref", "resource"])
def kind(request: pytest.FixtureRequest, nb: Notebook) -> bool:
    switch = "enable" if request.param else "disable"
    nb.execute_silently(f"tf.{switch}_resource_variables()")
    return bool(request.param)


def test_values_and_names_outlive_a_rebuild(nb: Notebook, kind: bool) -> None:
    nb.run(build(), "build")
    nb.run(RUN, "run")
    nb.run("sess.run(tf.assign(v, 5.0))", "train")
    again = nb.run(build(), "build")
    assert again.ok
    assert nb.run("print(v.name, sess.run(total))").stdout == "v:0 10.0\n"


def test_an_edited_initial_value_is_initialized_again_alone(nb: Notebook, kind: bool) -> None:
    nb.run(build(), "build")
    nb.run(RUN, "run")
    nb.run("_ = sess.run([tf.assign(v, 5.0), tf.assign(w, [3.0, 4.0])])")
    operations = nb.operations()
    nb.run(build(v="10.0"), "build")
    assert nb.operations() - operations == 2  # the value and the assignment
    outcome = nb.run(RUN, "run")
    assert outcome.stdout == "70.0\n"
    assert "initialized v again: the initial value was edited" in "".join(outcome.notices)
    assert nb.run(RUN, "run").stdout == "70.0\n"
    nb.run("%tfsession undo")
    assert nb.run("print(sess.run(v))").stdout == "5.0\n"


def test_a_changed_shape_makes_a_new_variable(nb: Notebook, kind: bool) -> None:
    nb.run(build(), "build")
    nb.run(RUN, "run")
    nb.run("_ = sess.run(tf.assign(v, 5.0))")
    nb.run(build(shape="[3]"), "build")
    assert nb.run(RUN, "run").stdout == "15.0\n"
    names = nb.value("[x.op.name for x in tf.global_variables()]")
    assert names == ["v", "w_1"]
    assert "w (retired)" in nb.run("%tfsession vars").text
    nb.run(build(), "build")
    assert nb.run(RUN, "run").ok
    assert nb.run("print(sess.run(v), w.shape)").stdout == "5.0 (2,)\n"


def test_only_what_lies_downstream_of_an_edit_is_new(nb: Notebook) -> None:
    nb.run("x = tf.ones([1, 4])\ny = x * 2\nz = y * 3\nfar = x - 1", "build")
    operations = nb.operations()
    nb.run("x = tf.ones([1, 4])\ny = x * 2\nz = y * 4\nfar = x - 1", "build")
    assert nb.operations() - operations == 2  # the constant 4 and the product


def test_a_cell_that_failed_half_way(nb: Notebook, kind: bool) -> None:
    nb.run("a = tf.get_variable('a', [2])\nb = tf.get_variable('b', [2])\n1 / 0", "build")
    outcome = nb.run("a = tf.get_variable('a', [2])\nb = tf.get_variable('b', [2])", "build")
    assert outcome.error is None
    assert nb.value("[v.name for v in tf.global_variables()]") == ["a:0", "b:0"]
    failing = "a = tf.get_variable('a', [2])\nraise KeyError\nb = tf.get_variable('b', [2])"
    assert nb.run(failing, "build").error is not None
    assert nb.value("[v.name for v in tf.global_variables()]") == ["a:0", "b:0"]
    outcome = nb.run("a = tf.get_variable('a', [2])\nb = tf.get_variable('b', [2])", "build")
    assert outcome.error is None
    assert nb.value("[v.name for v in tf.global_variables()]") == ["a:0", "b:0"]


def test_a_name_of_another_cell_is_taken(nb: Notebook) -> None:
    nb.run("a = tf.get_variable('a', [2])", "one")
    outcome = nb.run("a = tf.get_variable('a', [2])", "two")
    assert outcome.error is not None
    assert "already exists" in outcome.error.evalue
    assert nb.run("a = tf.get_variable('a', [2])", "one").ok


def test_stale_cells_are_named_until_they_run_again(nb: Notebook) -> None:
    nb.run("x = tf.constant(1.0)", "x")
    nb.run("y = x + 1", "y")
    nb.run("z = x + 2", "z")
    outcome = nb.run("x = tf.constant(2.0)", "x")
    (notice,) = outcome.notices
    assert notice == (
        "cells [2], [3] still use what this cell replaced. "
        "%tfsession stale tells which to run again"
    )
    assert "x = tf" not in nb.run("%tfsession stale").text
    nb.run("y = x + 1", "y")
    text = nb.run("%tfsession stale").text
    assert "z = x + 2" in text
    assert "y = x + 1" not in text
    nb.run("z = x + 2", "z")
    assert "no cell uses anything that was replaced" in nb.run("%tfsession stale").text


def test_staleness_moves_on_down_the_chain(nb: Notebook) -> None:
    nb.run("x = tf.constant(1.0)", "x")
    nb.run("y = x + 1", "y")
    nb.run("z = y + 2", "z")
    assert "cell [2] still uses" in nb.run("x = tf.constant(2.0)", "x").notices[0]
    assert "cell [3] still uses" in nb.run("y = x + 1", "y").notices[0]
    assert nb.run("z = y + 2", "z").notices == []
    assert nb.run("print(tf.Session().run(z))").stdout == "5.0\n"


def test_an_unchanged_cell_that_skips_its_building_retires_nothing(nb: Notebook) -> None:
    source = "if 'x' not in globals():\n    x = tf.get_variable('x', [2])"
    nb.run(source, "build")
    nb.run(source, "build")
    assert nb.value("[v.name for v in tf.global_variables()]") == ["x:0"]


def test_a_finalized_graph_can_be_rebuilt(nb: Notebook, kind: bool) -> None:
    nb.run(build(), "build")
    nb.run(RUN, "run")
    nb.run("tf.get_default_graph().finalize()")
    operations = nb.operations()
    outcome = nb.run(build(), "build")
    assert outcome.error is None, outcome.error
    assert nb.run(RUN, "run").stdout == "2.0\n"
    assert nb.operations() == operations


def test_graphs_other_than_the_default(nb: Notebook) -> None:
    nb.run("g = tf.Graph()")
    source = "with g.as_default():\n    w = tf.get_variable('w', [2])\n    y = w * 2"
    nb.run(source, "build")
    operations = nb.operations("g")
    nb.run(source, "build")
    assert nb.operations("g") == operations


def test_seeds_replay(nb: Notebook) -> None:
    nb.run("tf.set_random_seed(3)", "seed")
    nb.run("r = tf.random_normal([2])", "draw")
    seeds = nb.value(SEEDS)
    nb.run("other = tf.random_normal([2])", "other")
    nb.run("r = tf.random_normal([3])", "draw")
    assert nb.value(SEEDS) == seeds


def test_a_python_function_is_never_the_old_one(nb: Notebook) -> None:
    source = "f = lambda x: x * {}\ny = tf.py_func(f, [tf.constant(3.0)], tf.float32)"
    nb.run(source.format("np.float32(2)"), "build")
    assert nb.run("print(tf.Session().run(y))").stdout == "6.0\n"
    nb.run(source.format("np.float32(5)"), "build")
    assert nb.run("print(tf.Session().run(y))").stdout == "15.0\n"


def test_switched_off_it_is_plain_tensorflow(nb: Notebook) -> None:
    nb.run("%tfsession rerun off")
    nb.run("v = tf.Variable(1.0, name='v')", "build")
    nb.run("v = tf.Variable(1.0, name='v')", "build")
    assert nb.value("[v.name for v in tf.global_variables()]") == ["v:0", "v_1:0"]


@pytest.mark.parametrize(
    "hook",
    [
        "recording.Recording.look_up",
        "collecting.Collecting.collect",
        "collecting.Collecting.variable",
        "recording.Recording.finish",
        "recording.Recording.__init__",
    ],
)
def test_a_fault_gives_plain_tensorflow(nb: Notebook, hook: str) -> None:
    nb.run(build(), "build")
    module, cls, name = hook.split(".")
    nb.execute_silently(
        f"from jupyter_tfsession.graphs import {module} as _m\n"
        f"_kept = _m.{cls}.{name}\n"
        "def _fail(*a, **k): raise RuntimeError('injected')\n"
        f"_m.{cls}.{name} = _fail"
    )
    try:
        outcome = nb.run("u = tf.Variable(2.0, name='u')\nt = u + 1", "new")
        assert outcome.error is None, outcome.error
        assert len([n for n in outcome.notices if "switched off" in n]) == 1
        nb.run("sess = tf.Session()\nsess.run(tf.global_variables_initializer())", "init")
        assert nb.run("print(*sess.run([t, total]))").stdout == "3.0 2.0\n"
        nb.run("u = tf.Variable(2.0, name='u')", "new")
        assert nb.value("u.name") == "u_1:0"
    finally:
        nb.execute_silently(f"_m.{cls}.{name} = _kept")


def test_a_loop_that_grows_the_graph_is_named_once(nb: Notebook) -> None:
    nb.run("w = tf.Variable(1.0)\nsess = tf.Session()\nsess.run(w.initializer)")
    outcome = nb.run("step = w * 2\nfor _ in range(50):\n    sess.run(step)\n    sess.run(w + 1)")
    (notice,) = outcome.notices
    assert notice == (
        "line 4 adds operations to the graph each time it runs, which makes every step slower: "
        "sess.run(w + 1). Build once before the loop, run in it"
    )
    assert nb.run("for i in range(50):\n    tf.constant(i)").notices == []


def test_a_thread_that_builds_while_its_cell_runs_again(nb: Notebook) -> None:
    source = """
import threading
x = tf.constant(1.0, name='x')
made = []
def work(graph=tf.get_default_graph()):
    with graph.as_default():
        made.append(tf.constant(2.0, name='x') + tf.constant(3.0, name='x'))
thread = threading.Thread(target=work)
thread.start()
thread.join()
y = tf.constant(4.0, name='x')
"""
    for _ in range(3):
        outcome = nb.run(source, "build")
        assert (outcome.error, outcome.stderr, outcome.notices) == (None, "", [])
        assert nb.value("len(made)") == 1
    assert nb.run("print(*tf.Session().run([x, y, made[0]]))").stdout == "1.0 4.0 5.0\n"


@pytest.mark.notebook(load=False)
def test_a_tensorflow_without_what_this_needs_still_has_sessions(nb: Notebook) -> None:
    nb.execute_silently(
        "from tensorflow.python.ops import variable_v1 as _m\n"
        "_kept = _m.default_variable_creator\ndel _m.default_variable_creator"
    )
    try:
        outcome = nb.run("%load_ext jupyter_tfsession")
        (notice,) = outcome.notices
        assert "switched off re-running cells that build graphs" in notice
        assert "default_variable_creator" in notice
        assert (
            nb.run("c = tf.constant(1.0)\nprint(tf.Session() is tf.Session())").stdout == "True\n"
        )
    finally:
        nb.execute_silently("_m.default_variable_creator = _kept")

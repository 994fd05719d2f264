"""Notebooks of several cells, of which some are edited: in the end as if all had run once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fidelity import close, run, see

if TYPE_CHECKING:
    from notebook import Notebook

RUN = """
sess = tf.Session()
sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
result = [sess.run(y)]
for _ in range(2):
    sess.run(train)
result += [sess.run(y), sess.run(tf.global_variables())]
"""
FUNCTION = """
def dense(x, size, name, activation=tf.nn.relu):
    with tf.variable_scope(name):
        w = tf.get_variable('w', [x.shape[1], size], initializer=tf.ones_initializer())
        b = tf.get_variable('b', [size], initializer=tf.zeros_initializer())
        return activation(tf.matmul(x, w) + b)
"""
MEMORY = """
def net(x, made=[]):
    with tf.variable_scope('net', reuse=bool(made)):
        made.append(x)
        return x * tf.get_variable('w', initializer=2.0)
"""
CLASS = """
class Model:
    def __init__(self, size):
        self.w = None
        self.size = size
    def __call__(self, x):
        if self.w is None:
            self.w = tf.Variable(tf.ones([self.size]), name='w')
        return tf.reduce_sum(x * self.w)
model = Model(2)
"""
NOTEBOOKS = {
    # name: cells, the number of the edited one, old, new
    "a function called from several cells": (
        [
            FUNCTION,
            "h = dense(tf.ones([2, 3]), 4, 'first')",
            "y = dense(h, 2, 'second', tf.identity)",
            "train = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_mean(y))",
        ],
        (0, "tf.matmul(x, w) + b", "tf.matmul(x, w) * 0.5 + b"),
    ),
    "a call edited": (
        [
            FUNCTION,
            "h = dense(tf.ones([2, 3]), 4, 'first')",
            "y = dense(h, 2, 'second', tf.identity)",
            "train = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_mean(y))",
        ],
        (1, "4, 'first'", "5, 'first'"),
    ),
    "a function that remembers": (
        [
            MEMORY,
            "a = net(tf.constant(1.0))\nb = net(tf.constant(2.0))",
            "y = a + b + net(tf.constant(3.0))",
            "train = tf.train.GradientDescentOptimizer(0.1).minimize(y)",
        ],
        (1, "constant(2.0)", "constant(4.0)"),
    ),
    "a class that remembers": (
        [
            CLASS,
            "a = model(tf.constant([1.0, 2.0]))",
            "y = a + model(tf.constant([3.0, 4.0]))",
            "train = tf.train.AdamOptimizer(0.1).minimize(y)",
        ],
        (1, "[1.0, 2.0]", "[5.0, 2.0]"),
    ),
    "a class that is edited": (
        [
            CLASS,
            "a = model(tf.constant([1.0, 2.0]))",
            "y = a + model(tf.constant([3.0, 4.0]))",
            "train = tf.train.AdamOptimizer(0.1).minimize(y)",
        ],
        (0, "tf.ones([self.size])", "tf.zeros([self.size])"),
    ),
    "a template of another cell": (
        [
            "scale = tf.make_template('s', lambda x: x * tf.get_variable('k', initializer=3.0))",
            "a = scale(tf.constant(1.0))",
            "y = a + scale(tf.constant(2.0))",
            "train = tf.train.GradientDescentOptimizer(0.1).minimize(y)",
        ],
        (1, "constant(1.0)", "constant(5.0)"),
    ),
    "an optimizer of another cell": (
        [
            "v = tf.get_variable('v', initializer=1.0)\ny = tf.square(v - 3.0)",
            "optimizer = tf.train.AdamOptimizer(0.1)",
            "train = optimizer.minimize(y)",
        ],
        (2, "minimize(y)", "minimize(y * 2.0)"),
    ),
    "a loop that builds": (
        [
            (
                "layers = [tf.ones([1, 2])]\nfor size in (3, 3, 2):\n"
                "    with tf.variable_scope(None, 'layer'):\n"
                "        w = tf.get_variable('w', [layers[-1].shape[1], size],\n"
                "                            initializer=tf.ones_initializer())\n"
                "    layers.append(tf.nn.relu(tf.matmul(layers[-1], w)))"
            ),
            "y = tf.reduce_sum(layers[-1])",
            "train = tf.train.AdamOptimizer(0.01).minimize(y)",
        ],
        (0, "(3, 3, 2)", "(3, 4, 4, 2)"),
    ),
    "several optimizers": (
        [
            "v = tf.get_variable('v', initializer=1.0)\ny = tf.square(v - 3.0)",
            (
                "trains = []\nfor rate in (0.1, 0.2):\n"
                "    with tf.variable_scope(None, 'trial'):\n"
                "        trains.append(tf.train.AdamOptimizer(rate).minimize(y))"
            ),
            "train = tf.group(*trains[:1])",
        ],
        (1, "(0.1, 0.2)", "(0.1, 0.2, 0.3)"),
    ),
    "batch normalization in several cells": (
        [
            (
                "x = tf.constant([[1.0], [3.0]])\nmean, variance = tf.nn.moments(x, [0])\n"
                "moving = tf.get_variable('moving', [1], initializer=tf.zeros_initializer(),"
                " trainable=False)"
            ),
            (
                "tf.add_to_collection(tf.GraphKeys.UPDATE_OPS,"
                " tf.assign(moving, moving * 0.9 + mean * 0.1))"
            ),
            "v = tf.get_variable('v', initializer=1.0)\ny = tf.reduce_sum(v * (x - mean))",
            (
                "with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):\n"
                "    train = tf.train.GradientDescentOptimizer(0.1).minimize(y)"
            ),
        ],
        (1, "0.9", "0.8"),
    ),
    "gradients of another cell's loop": (
        [
            (
                "v = tf.get_variable('v', initializer=1.5)\n"
                "y = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * v),"
                " [tf.constant(0), v])[1]"
            ),
            "slope, = tf.gradients(y, [v])\nz = y + tf.stop_gradient(slope)",
            "train = tf.train.GradientDescentOptimizer(0.1).minimize(z)",
        ],
        (0, "a * v", "a * v + 1.0"),
    ),
    "a variable moved down": (
        [
            "v = tf.get_variable('v', initializer=1.0)\nw = tf.get_variable('w', initializer=2.0)",
            "y = tf.square(v * w)",
            "train = tf.train.AdamOptimizer(0.1).minimize(y)",
        ],
        (
            0,
            "v = tf.get_variable('v', initializer=1.0)\nw = tf.get_variable('w', initializer=2.0)",
            "w = tf.get_variable('w', initializer=2.0)\nv = tf.get_variable('v', initializer=1.0)",
        ),
    ),
}


def build(nb: Notebook, cells: list[str]) -> None:
    for number, source in enumerate(cells):
        run(nb, source, f"cell {number}")


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_as_if_all_had_run_once(nb: Notebook, plain: Notebook, name: str) -> None:
    cells, (at, old, new) = NOTEBOOKS[name]
    assert old in cells[at]
    edited = [*cells[:at], cells[at].replace(old, new), *cells[at + 1 :]]
    plain.execute_silently("tf.reset_default_graph()")
    build(plain, [*edited, RUN])
    expected = see(plain, "result")

    build(nb, [*cells, RUN])
    operations, collections = nb.operations(), see(nb).collections
    # Each cell twice in a row, then backwards, then all in order.
    backwards = range(len(cells) - 1, -1, -1)
    order = [number for number in range(len(cells)) for _ in range(2)]
    for number in [*order, *backwards, *range(len(cells))]:
        run(nb, cells[number], f"cell {number}")
    assert nb.operations() == operations
    assert see(nb).collections == collections
    # The edited cell alone, a run of what is stale, and what it takes to bring all up to date.
    run(nb, edited[at], f"cell {at}")
    run(nb, RUN, "stale")
    for number in range(at + 1, len(cells)):
        run(nb, edited[number], f"cell {number}")
    run(nb, "%tfsession reset", "reset")
    run(nb, RUN, f"cell {len(cells)}")
    seen = see(nb, "result")
    assert seen.logical_collections() == expected.logical_collections()
    assert seen.result == close(expected.result)


@pytest.mark.parametrize(
    "source",
    [
        "y = tf.py_func(lambda: np.float32(factor), [], tf.float32)",
        "y = tf.constant(1.0) * factor",
        "y = tf.while_loop(lambda i: i < 1.0, lambda i: i + factor, [tf.constant(0.0)])",
        "y = tf.cond(tf.constant(1.0) > 0.0, lambda: tf.constant(factor), lambda: 0.0)",
        "f = tf.function(lambda: tf.constant(1.0) * factor)\ny = f()",
        (
            "data = tf.data.Dataset.range(5).map(lambda i: tf.to_float(i + 1) * factor)\n"
            "y = tf.data.make_one_shot_iterator(data).get_next()"
        ),
    ],
    ids=["py_func", "constant", "loop", "branch", "function", "dataset"],
)
@pytest.mark.parametrize("functions", ["disable", "enable"], ids=["v1", "v2"])
def test_a_number_of_another_cell_is_never_the_old_one(
    nb: Notebook, source: str, functions: str
) -> None:
    nb.execute_silently(f"tf.{functions}_control_flow_v2()")
    found = []
    for factor in ("2.0", "3.0"):
        run(nb, f"factor = {factor}", "factor")
        run(nb, source, "build")
        found.append(nb.run("print(tf.Session().run(y))", "use").stdout)
    nb.execute_silently("tf.disable_control_flow_v2()")
    assert found == ["2.0\n", "3.0\n"]

"""Conditionals and loops; which version of them TensorFlow builds is the kernel's to say."""

from __future__ import annotations

from typing import Final

from pieces.piece import Piece

CONTROL_FLOW: Final = {
    "cond": Piece(
        """
v = tf.get_variable('v', initializer=2.0)
y = tf.cond(v > 1.0, lambda: v * 3.0, lambda: v + 1.0)
slope, = tf.gradients(y, [v])
""",
        "* 3.0",
        "* 4.0",
        fetch="[y, slope]",
        step="tf.assign_sub(v, 0.8)",
    ),
    "case": Piece(
        """
v = tf.get_variable('v', initializer=2.0)
y = tf.case([(v > 3.0, lambda: v * 3.0), (v > 1.0, lambda: v + 1.0)], default=lambda: v)
""",
        "v + 1.0",
        "v - 1.0",
        fetch="[y]",
        step="tf.assign_add(v, 1.0)",
    ),
    "while loop": Piece(
        """
v = tf.get_variable('v', initializer=2.0)
y = tf.while_loop(lambda i, a: i < 4, lambda i, a: (i + 1, a * v), [tf.constant(0), v])[1]
slope, = tf.gradients(y, [v])
""",
        "a * v",
        "a * v + 1.0",
        fetch="[y, slope]",
        step="tf.assign_add(v, 1.0)",
    ),
    "loops in one another": Piece(
        """
v = tf.get_variable('v', initializer=1.5)
def inner(a):
    return tf.while_loop(lambda j, b: j < 2, lambda j, b: (j + 1, b * v), [tf.constant(0), a])[1]
y = tf.while_loop(
    lambda i, a: i < 3, lambda i, a: (i + 1, inner(a) + 1.0), [tf.constant(0), v])[1]
slope, = tf.gradients(y, [v])
""",
        "+ 1.0",
        "+ 2.0",
        fetch="[y, slope]",
    ),
    "loop in a branch": Piece(
        """
v = tf.get_variable('v', initializer=1.0)
def loop():
    body = lambda i: tf.cond(i > 1, lambda: i + 1, lambda: i + 2)
    return tf.while_loop(lambda i: i < 3, body, [tf.constant(0)])
y = tf.cond(v > 0, loop, lambda: tf.constant(3))
""",
        "i < 3",
        "i < 4",
        fetch="[y]",
    ),
    "loop over time": Piece(
        """
x = tf.placeholder(tf.float32, [2, None, 3])
W = tf.get_variable('W', [5, 2], initializer=tf.constant_initializer(0.3))
def step(i, h):
    return i + 1, tf.tanh(tf.matmul(tf.concat([x[:, i, :], h], 1), W))
h = tf.while_loop(lambda i, h: i < tf.shape(x)[1], step, [tf.constant(0), tf.zeros([2, 2])])[1]
train = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(h))
""",
        "tf.tanh",
        "tf.sigmoid",
        fetch="[h]",
        step="train",
        feed="{x: np.ones([2, 4, 3])}",
    ),
    "arrays of tensors": Piece(
        """
v = tf.get_variable('v', initializer=1.0)
array = tf.TensorArray(tf.float32, 3)
filled = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a.write(i, v * tf.to_float(i))),
                       [tf.constant(0), array])[1]
y = filled.stack()
slope, = tf.gradients(tf.reduce_sum(y), [v])
""",
        "v * tf",
        "v + tf",
        fetch="[y, slope]",
    ),
    "scan": Piece(
        """
e = tf.get_variable('e', initializer=[1.0, 2.0, 3.0])
y = tf.scan(lambda a, x: a * x, e)
slope, = tf.gradients(tf.reduce_sum(y), [e])
""",
        "a * x",
        "a + x",
        fetch="[y, slope]",
    ),
    "map": Piece(
        "v = tf.get_variable('v', initializer=[1.0, 2.0])\n"
        "y = tf.map_fn(lambda x: x * x, v)\nz = tf.foldl(lambda a, x: a + x, y)",
        "x * x",
        "x + x",
        fetch="[y, z]",
    ),
    "assertion": Piece(
        """
v = tf.get_variable('v', initializer=1.0)
with tf.control_dependencies([tf.Assert(v > 0.0, ['negative', v])]):
    y = tf.Print(v, ['v'], first_n=0) * 2.0
""",
        "* 2.0",
        "* 3.0",
        fetch="[y]",
    ),
}

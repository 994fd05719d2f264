"""Variables of every kind, and what is found by name."""

from __future__ import annotations

from typing import Final

from pieces.piece import Piece

VARIABLES: Final = {
    "a variable": Piece(
        "v = tf.Variable(2.0, name='v')\nw = tf.Variable([1.0, 2.0])\ny = v * w",
        "2.0, name",
        "3.0, name",
        fetch="[y, v, w]",
        step="tf.assign_add(v, 1.0)",
    ),
    "another shape": Piece(
        "v = tf.get_variable('v', [2], initializer=tf.ones_initializer())\n"
        "w = tf.get_variable('w', [2], initializer=tf.ones_initializer())\n"
        "y = tf.reduce_sum(v) + w",
        "'v', [2]",
        "'v', [3]",
        fetch="[y, v]",
    ),
    "another type": Piece(
        "v = tf.get_variable('v', [2], tf.float32, tf.ones_initializer())\ny = tf.reduce_sum(v)",
        "float32",
        "float64",
        fetch="[y, v]",
    ),
    "another name": Piece(
        "v = tf.get_variable('v', [2], initializer=tf.ones_initializer())\ny = v + 1",
        "'v'",
        "'renamed'",
        fetch="[y, v]",
    ),
    "one more in between": Piece(
        "a = tf.get_variable('a', initializer=1.0)\n"
        "# more\n"
        "c = tf.get_variable('c', initializer=3.0)\ny = a * c",
        "# more",
        "b = tf.get_variable('b', initializer=2.0)",
        fetch="[y]",
    ),
    "one less": Piece(
        "a = tf.get_variable('a', initializer=1.0)\n"
        "b = tf.get_variable('b', initializer=2.0)\n"
        "c = tf.get_variable('c', initializer=3.0)\ny = a * c",
        "b = tf.get_variable('b', initializer=2.0)\n",
        "",
        fetch="[y]",
    ),
    "names that TensorFlow makes": Piece(
        "# first\nv = tf.Variable(1.0)\nw = tf.Variable(2.0)\ny = v + w + 1 + 2",
        "# first",
        "u = tf.Variable(0.5)",
        fetch="[y, v, w]",
    ),
    "one from another": Piece(
        "v = tf.Variable(3.0)\nw = tf.Variable(v.initial_value * 2.0)\ny = v + w",
        "3.0",
        "4.0",
        fetch="[y, w]",
    ),
    "not trainable, in collections of its own": Piece(
        "step = tf.Variable(0, trainable=False,\n"
        "                   collections=['mine', tf.GraphKeys.GLOBAL_VARIABLES])\n"
        "more = step + 1",
        "trainable=False",
        "trainable=True",
        fetch="[more]",
        step="tf.assign_add(step, 1)",
    ),
    "initializers and regularizers": Piece(
        """
def penalty(v):
    return 0.5 * tf.reduce_sum(v * v)
with tf.variable_scope('layer', initializer=tf.constant_initializer(2.0), regularizer=penalty):
    w = tf.get_variable('w', [3])
    b = tf.get_variable('b', [3], initializer=tf.zeros_initializer(), regularizer=None)
total = tf.losses.get_regularization_loss()
""",
        "0.5 *",
        "0.25 *",
        fetch="[total, w, b]",
    ),
    "random initializers": Piece(
        """
tf.set_random_seed(5)
a = tf.get_variable('a', [2, 3], initializer=tf.glorot_uniform_initializer())
b = tf.get_variable('b', [3], initializer=tf.truncated_normal_initializer(stddev=0.1))
c = tf.get_variable('c', [3, 3], initializer=tf.orthogonal_initializer(seed=2))
d = tf.get_variable('d', [4], initializer=tf.variance_scaling_initializer())
""",
        "stddev=0.1",
        "stddev=0.2",
        fetch="[a, b, c, d]",
        stateful=True,
    ),
    "partitioned": Piece(
        """
p = tf.get_variable('p', [6, 2], partitioner=tf.fixed_size_partitioner(3),
                    initializer=tf.ones_initializer())
whole = tf.convert_to_tensor(p)
found = tf.nn.embedding_lookup(p, [0, 5])
""",
        "[6, 2]",
        "[9, 2]",
        fetch="[whole, found]",
        step="[tf.assign_add(part, part) for part in p]",
    ),
    "reuse": Piece(
        """
with tf.variable_scope('a'):
    w = tf.get_variable('w', [2], initializer=tf.ones_initializer())
with tf.variable_scope('a', reuse=True):
    again = tf.get_variable('w', [2])
assert again is w
with tf.variable_scope('auto', reuse=tf.AUTO_REUSE):
    one, two = [tf.get_variable('w', [2], initializer=tf.ones_initializer()) for _ in range(2)]
assert one is two
for _ in range(2):
    with tf.variable_scope(None, 'b'):
        last = tf.get_variable('w', [2], initializer=tf.ones_initializer())
y = again + one + last
""",
        "range(2):",
        "range(3):",
        fetch="[y]",
    ),
    "reuse from here on": Piece(
        """
w = tf.get_variable('w', [2], initializer=tf.ones_initializer())
with tf.variable_scope('s') as scope:
    a = tf.get_variable('a', [2], initializer=tf.ones_initializer())
    scope.reuse_variables()
    assert tf.get_variable('a', [2]) is a
tf.get_variable_scope().reuse_variables()
assert tf.get_variable('w', [2]) is w
y = w * 2 + a
""",
        "* 2",
        "* 3",
        fetch="[y]",
    ),
    "nested scopes": Piece(
        """
with tf.variable_scope('outer') as outer:
    with tf.name_scope('named'):
        v = tf.get_variable('v', initializer=1.0)
        y = v + 1
    with tf.variable_scope('inner'):
        w = tf.get_variable('w', initializer=2.0)
with tf.variable_scope(outer, auxiliary_name_scope=False):
    x = tf.get_variable('x', initializer=3.0)
with tf.variable_scope(outer, reuse=True):
    assert tf.get_variable('v') is v
z = y + w + x
""",
        "v + 1",
        "v + 2",
        fetch="[y, z]",
    ),
    "template": Piece(
        """
scale = tf.make_template(
    'scale', lambda x: x * tf.get_variable('k', [], initializer=tf.constant_initializer(3.0)))
y = scale(tf.constant(1.0)) + scale(tf.constant(2.0))
""",
        "3.0",
        "4.0",
        fetch="[y]",
    ),
    "moving averages": Piece(
        """
v = tf.Variable(1.0, name='v')
averages = tf.train.ExponentialMovingAverage(0.5)
with tf.control_dependencies([tf.assign_add(v, 1.0)]):
    update = averages.apply([v])
average = averages.average(v)
names = sorted(averages.variables_to_restore())
""",
        "(0.5)",
        "(0.25)",
        fetch="[average, v]",
        step="update",
    ),
    "devices": Piece(
        """
with tf.device('/cpu:0'):
    a = tf.get_variable('a', initializer=1.0)
    with tf.colocate_with(a):
        b = tf.constant(2.0)
    with tf.device(None):
        c = a + b
with tf.device(lambda op: '/cpu:0'):
    d = c * 2
with tf.device(tf.train.replica_device_setter(ps_tasks=2, ps_device='/cpu', worker_device='/cpu')):
    e = [tf.get_variable(name, initializer=1.0) for name in ('e1', 'e2')]
""",
        "constant(2.0)",
        "constant(3.0)",
        fetch="[c, d]",
    ),
    "control dependencies": Piece(
        """
v = tf.get_variable('v', initializer=1.0)
with tf.control_dependencies([tf.assign_add(v, 1.0, name='up')]):
    with tf.control_dependencies(None):
        free = tf.constant(1.0)
    y = tf.identity(free)
    w = tf.get_variable('w', initializer=5.0)
for _ in range(2):
    with tf.name_scope('s'):
        y = y + 1
""",
        "identity(free)",
        "identity(free * 2)",
        fetch="[y]",
        step="y",
    ),
    "collections": Piece(
        """
v = tf.get_variable('v', initializer=1.0)
tf.add_to_collection('mine', v)
for value in (v * 2, 'text', 7, {'a': 1}):
    tf.add_to_collection('mine', value)
tf.add_to_collections(['mine', 'yours'], tf.identity(v))
total = tf.add_n(tf.get_collection('yours'))
""",
        "v * 2",
        "v * 3",
        fetch="[total, tf.get_collection('mine')[1]]",
    ),
}

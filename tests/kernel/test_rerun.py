"""A cell run again unchanged finds everything that it added to the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from notebook import Notebook

LINEAR = """
x = tf.placeholder(tf.float32, [None, 3])
w = tf.get_variable('w', [3, 2], regularizer=lambda v: tf.reduce_sum(v * v))
loss = tf.reduce_sum(tf.matmul(x, w))
"""
OPTIMIZERS = {
    "GradientDescentOptimizer": "0.1",
    "MomentumOptimizer": "0.1, 0.9",
    "AdamOptimizer": "",
    "AdagradOptimizer": "0.1",
    "AdadeltaOptimizer": "",
    "RMSPropOptimizer": "0.1",
    "FtrlOptimizer": "0.1",
    "ProximalGradientDescentOptimizer": "0.1",
    "ProximalAdagradOptimizer": "0.1",
}
PIECES = {
    **{
        name: f"{LINEAR}tf.train.{name}({arguments}).minimize("
        "loss, global_step=tf.train.get_or_create_global_step())"
        for name, arguments in OPTIMIZERS.items()
    },
    "clipped gradients": f"""{LINEAR}
optimizer = tf.train.AdamOptimizer()
pairs = optimizer.compute_gradients(loss)
clipped, _ = tf.clip_by_global_norm([gradient for gradient, _ in pairs], 1.0)
optimizer.apply_gradients(zip(clipped, [v for _, v in pairs]))
""",
    "partitioned": "tf.get_variable('p', [6, 2], partitioner=tf.fixed_size_partitioner(3))",
    "moving averages": """
v = tf.Variable(1.0)
averages = tf.train.ExponentialMovingAverage(0.9)
averages.apply([v])
averages.average(v)
""",
    "reuse": """
with tf.variable_scope('a'):
    w = tf.get_variable('w', [2])
with tf.variable_scope('a', reuse=True):
    assert tf.get_variable('w', [2]) is w
for _ in range(2):
    with tf.variable_scope(None, 'b'):
        tf.get_variable('w', [2])
""",
    "template": """
scale = tf.make_template('scale', lambda x: x * tf.get_variable('k', []))
scale(1.0), scale(2.0)
""",
    "loop over time": """
x = tf.placeholder(tf.float32, [4, None, 3])
W = tf.get_variable('W', [5, 2])
def step(i, h):
    return i + 1, tf.tanh(tf.matmul(tf.concat([x[:, i, :], h], 1), W))
h = tf.while_loop(lambda i, h: i < tf.shape(x)[1], step, [tf.constant(0), tf.zeros([4, 2])])[1]
tf.train.AdamOptimizer().minimize(tf.reduce_sum(h))
""",
    "scan": """
e = tf.get_variable('e', [5])
tf.gradients(tf.reduce_sum(tf.scan(lambda a, x: a * x, e)), [e])
""",
    "map": "tf.map_fn(lambda x: x * x, tf.range(5))",
    "case": """
tf.case([(tf.constant(True), lambda: tf.constant(1.0))], default=lambda: tf.constant(2.0))
""",
    "loop in a branch": """
x = tf.constant(1.0)
def loop():
    body = lambda i: tf.cond(i > 1, lambda: i + 1, lambda: i + 2)
    return tf.while_loop(lambda i: i < 3, body, [tf.constant(0)])
tf.cond(x > 0, loop, lambda: tf.constant(3))
""",
    "devices and dependencies": """
with tf.device('/cpu:0'):
    a = tf.constant(1.0)
    with tf.colocate_with(a):
        b = tf.constant(2.0)
with tf.control_dependencies([a, b]):
    c = tf.identity(a)
for _ in range(2):
    with tf.name_scope('s'):
        c = c + 1
with tf.device(tf.train.replica_device_setter(ps_tasks=2)):
    tf.get_variable('d1', [2]), tf.get_variable('d2', [2])
""",
    "random with seed": """
tf.set_random_seed(7)
v = tf.Variable(tf.random_normal([2]))
tf.nn.dropout(v, rate=0.5)
""",
    "queue": "tf.train.batch([tf.random_uniform([2])], 4)",
    "summaries": """
tf.summary.scalar('s', tf.constant(1.0)), tf.summary.histogram('h', tf.constant([1.0]))
tf.summary.merge_all()
""",
    "metrics": "tf.metrics.accuracy(tf.constant([1]), tf.constant([1]))",
    "loss": "tf.losses.softmax_cross_entropy(tf.constant([[1.0, 0]]), tf.constant([[1.0, 2]]))",
    "batch normalization": (
        "tf.nn.fused_batch_norm(tf.ones([2, 3, 3, 4]), tf.ones([4]), tf.ones([4]))"
    ),
    "iterator": ("tf.data.make_initializable_iterator(tf.data.Dataset.range(3)).get_next()"),
    "table": """
pairs = tf.lookup.KeyValueTensorInitializer(['a'], [1])
tf.lookup.StaticHashTable(pairs, 0).lookup(tf.constant(['a']))
""",
    "saver": "tf.Variable(1.0); tf.train.Saver()",
}
# What a graph looks like: its variables and its collections, by name and in order.
LOOK = """(
    [v.name for v in tf.global_variables()],
    {
        key: [getattr(item, 'name', type(item).__name__) for item in tf.get_collection(key)]
        for key in tf.get_default_graph().get_all_collection_keys()
    },
)"""


@pytest.mark.parametrize("resource", [False, True], ids=["ref", "resource"])
@pytest.mark.parametrize("piece", list(PIECES))
def test_an_unchanged_cell_adds_nothing(nb: Notebook, piece: str, resource: bool) -> None:
    kind = "enable" if resource else "disable"
    nb.execute_silently(f"tf.{kind}_resource_variables()")
    assert nb.run(PIECES[piece], "build").ok
    look = nb.value(LOOK)
    nb.run("other = tf.constant(1.0) * 2.0", "other")
    operations = nb.operations()
    for _ in range(2):
        again = nb.run(PIECES[piece], "build")
        assert again.error is None, again.error
        nb.run("other = tf.constant(1.0) * 2.0", "other")
    assert nb.operations() == operations
    assert nb.value(LOOK) == look
    nb.execute_silently("tf.disable_resource_variables()")

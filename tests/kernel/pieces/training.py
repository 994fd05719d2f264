"""Losses, gradients, optimizers, and what goes along with training."""

from __future__ import annotations

from typing import Final

from pieces.piece import Piece

_MODEL: Final = """
x = tf.placeholder(tf.float32, [None, 3], name='x')
w = tf.get_variable('w', [3, 2], initializer=tf.ones_initializer())
loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - 1.0))
"""
_FEED: Final = "{x: [[1.0, 2.0, 3.0], [0.5, 0.25, 0.1]]}"
_OPTIMIZERS: Final = {
    "GradientDescentOptimizer": "0.1",
    "MomentumOptimizer": "0.1, 0.9",
    "AdamOptimizer": "0.1",
    "AdagradOptimizer": "0.1",
    "AdagradDAOptimizer": "0.1, global_step",
    "AdadeltaOptimizer": "0.1",
    "RMSPropOptimizer": "0.1",
    "FtrlOptimizer": "0.1",
    "ProximalGradientDescentOptimizer": "0.1",
    "ProximalAdagradOptimizer": "0.1",
}


def _trained(
    source: str, old: str, new: str, fetch: str = "[loss]", *, stateful: bool = False
) -> Piece:
    build = _MODEL + source
    return Piece(build, old, new, fetch=fetch, step="train", feed=_FEED, stateful=stateful)


TRAINING: Final = {
    **{
        name: _trained(
            "global_step = tf.train.get_or_create_global_step()\n"
            f"optimizer = tf.train.{name}({arguments})\n"
            "train = optimizer.minimize(loss, global_step=global_step)\n"
            "slots = [optimizer.get_slot(w, name) for name in optimizer.get_slot_names()]",
            "(0.1",
            "(0.2",
            "[loss, global_step, slots]",
        )
        for name, arguments in _OPTIMIZERS.items()
    },
    "SyncReplicasOptimizer": Piece(
        _MODEL
        + """
optimizer = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(0.1), 1)
train = optimizer.minimize(loss, global_step=tf.train.get_or_create_global_step())
""",
        "(0.1)",
        "(0.2)",
    ),
    "another optimizer": _trained(
        "train = tf.train.AdamOptimizer(0.1).minimize(loss)",
        "AdamOptimizer",
        "GradientDescentOptimizer",
    ),
    "clipped gradients": _trained(
        """
optimizer = tf.train.AdamOptimizer(0.1)
pairs = optimizer.compute_gradients(loss)
clipped, norm = tf.clip_by_global_norm([gradient for gradient, _ in pairs], 1.0)
train = optimizer.apply_gradients(zip(clipped, [v for _, v in pairs]))
""",
        "1.0)\ntrain",
        "0.5)\ntrain",
        "[loss, norm]",
    ),
    "gradients": _trained(
        "slope, = tf.gradients(loss, w)\ncurve, = tf.gradients(slope, w)\ntrain = []",
        "(loss, w)",
        "(loss * 2, w)",
        "[slope, curve]",
    ),
    "learning rate that decays": _trained(
        """
steps = tf.Variable(0, trainable=False, name='steps')
rate = tf.train.exponential_decay(0.1, steps, 2, 0.5)
train = tf.train.MomentumOptimizer(rate, 0.9).minimize(loss, global_step=steps)
""",
        "2, 0.5",
        "2, 0.7",
        "[loss, rate, steps]",
    ),
    "another loss": _trained(
        """
tf.losses.mean_squared_error(tf.ones([2, 2]), tf.matmul(x, w))
total = tf.losses.get_total_loss()
train = tf.train.GradientDescentOptimizer(0.1).minimize(total)
""",
        "mean_squared_error",
        "absolute_difference",
        "[total]",
    ),
    "cross entropy": _trained(
        """
tf.losses.softmax_cross_entropy(tf.constant([[1.0, 0], [0, 1.0]]), tf.matmul(x, w), weights=2.0)
total = tf.losses.get_total_loss()
train = tf.train.AdamOptimizer(0.1).minimize(total)
""",
        "weights=2.0",
        "weights=3.0",
        "[total]",
    ),
    "regularized losses": _trained(
        """
penalized = tf.get_variable(
    'penalized', [2], initializer=tf.ones_initializer(), regularizer=lambda v: tf.nn.l2_loss(v))
total = loss + tf.add_n(tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES))
train = tf.train.GradientDescentOptimizer(0.1).minimize(total)
""",
        "tf.nn.l2_loss(v)",
        "0.1 * tf.reduce_sum(tf.abs(v))",
        "[total, penalized]",
    ),
    "dropout with seeds": _trained(
        """
tf.set_random_seed(7)
dropped = tf.nn.dropout(tf.matmul(x, w), rate=0.5)
noise = tf.random_normal([2], seed=3) + tf.random_uniform([2])
shuffled = tf.random_shuffle(tf.range(6))
train = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(dropped))
""",
        "rate=0.5",
        "rate=0.25",
        "[dropped, noise, shuffled]",
        stateful=True,
    ),
    "batch normalization": _trained(
        """
scale = tf.get_variable('scale', [2], initializer=tf.ones_initializer())
moving = tf.get_variable('moving', [2], initializer=tf.zeros_initializer(), trainable=False)
mean, variance = tf.nn.moments(tf.matmul(x, w), [0])
update = tf.assign(moving, moving * 0.9 + mean * 0.1)
tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update)
normal = tf.nn.batch_normalization(tf.matmul(x, w), mean, variance, None, scale, 1e-3)
fused = tf.nn.fused_batch_norm(tf.ones([2, 3, 3, 4]), tf.ones([4]), tf.ones([4]))[0]
with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
    train = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(normal * normal) + loss)
""",
        "moving * 0.9 + mean * 0.1",
        "moving * 0.8 + mean * 0.2",
        "[normal, moving, fused]",
    ),
    "summaries": _trained(
        """
tf.summary.scalar('loss', loss)
with tf.name_scope('weights'):
    tf.summary.histogram('w', w)
    tf.summary.scalar('norm', tf.norm(w))
tf.summary.text('note', tf.constant('hello'))
merged = tf.summary.merge_all()
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
""",
        "scalar('norm', tf.norm(w))",
        "scalar('sum', tf.reduce_sum(w))",
        "[merged]",
    ),
    "metrics": _trained(
        """
accuracy, update = tf.metrics.accuracy(tf.constant([1, 0, 1]), tf.constant([1, 1, 1]))
mean, more = tf.metrics.mean(loss)
train = [update, more]
""",
        "[1, 1, 1]",
        "[1, 0, 1]",
        "[accuracy, mean]",
    ),
    "saver": Piece(
        """
import os, tempfile
v = tf.get_variable('v', initializer=1.0)
before = tf.train.Saver()
w = tf.get_variable('w', initializer=2.0)
after = tf.train.Saver(max_to_keep=1)
""",
        "initializer=2.0",
        "initializer=[3.0, 4.0]",
        use="""
with tf.Session() as sess, tempfile.TemporaryDirectory() as directory:
    sess.run(tf.global_variables_initializer())
    path = after.save(sess, os.path.join(directory, 'model'))
    first = before.save(sess, os.path.join(directory, 'before'))
    result = [tf.train.list_variables(saved) for saved in (path, first)]
    sess.run([v.assign(5.0), w.assign(w * 10)])
    result.append(sess.run([v, w]))
    before.restore(sess, first)
    result.append(sess.run([v, w]))
    after.restore(sess, path)
    result.append(sess.run([v, w]))
""",
    ),
}

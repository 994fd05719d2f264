"""Keras layers in graph mode: those of Keras itself, which is Keras 2 up to TensorFlow 2.15 and
Keras 3 from then on, and those of tf_keras; both with `tf.layers` where they are Keras 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from fidelity import close, run, see, values
from notebook import Notebook
from preludes import PRELUDES

if TYPE_CHECKING:
    from collections.abc import Iterator

USE: Final = """
sess = tf.Session()
sess.run(tf.global_variables_initializer())
result = [sess.run(y, {x: [[1, 2, 3, 4], [4, 3, 1, 1]]})]
for _ in range(2):
    sess.run(train, {x: [[1, 2, 3, 4], [4, 3, 1, 1]]})
result += [sess.run(y, {x: [[1, 2, 3, 4], [4, 3, 1, 1]]}), sess.run(tf.global_variables())]
"""
TRAIN: Final = "train = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(y))"
X: Final = "x = tf.placeholder(tf.float32, [None, 4], name='x')\n"
KERAS: Final = {
    # cells, the edit of one of them
    "layers": (
        [
            (
                f"{X}h = keras.layers.Dense(3, kernel_initializer='ones', activation='relu')(x)\n"
                "y = keras.layers.Dense(2, kernel_initializer='ones')(h)"
            ),
            TRAIN,
        ],
        (0, "Dense(3", "Dense(5"),
    ),
    "layers of another cell": (
        [
            (
                "hidden = keras.layers.Dense(3, kernel_initializer='ones')\n"
                "out = keras.layers.Dense(2, kernel_initializer='ones')"
            ),
            f"{X}y = out(hidden(x))",
            TRAIN,
        ],
        (1, "out(hidden(x))", "out(hidden(x)) * 2.0"),
    ),
    "layers in several cells": (
        [
            f"{X}h = keras.layers.Dense(3, kernel_initializer='ones')(x)",
            "y = keras.layers.Dense(2, kernel_initializer='ones', name='out')(h)",
            TRAIN,
        ],
        (1, "kernel_initializer='ones'", "kernel_initializer='zeros'"),
    ),
}
LEGACY: Final = {
    "tf.layers": (
        [
            (
                f"{X}ones = tf.ones_initializer()\n"
                "h = tf.layers.dense(x, 3, tf.nn.relu, kernel_initializer=ones)\n"
                "h = tf.layers.batch_normalization(h, training=True)\n"
                "y = tf.layers.dense(h, 2, kernel_initializer=ones, name='out',\n"
                "    kernel_regularizer=lambda w: 0.1 * tf.reduce_sum(w))\n"
                "total = tf.losses.get_regularization_loss() + tf.reduce_sum(y)"
            ),
            (
                "with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):\n"
                "    train = tf.train.GradientDescentOptimizer(0.1).minimize(total)"
            ),
        ],
        (0, "(x, 3,", "(x, 5,"),
    ),
    "convolution and dropout": (
        [
            (
                "tf.set_random_seed(1)\n"
                f"{X}c = tf.layers.conv2d(tf.reshape(x, [-1, 2, 2, 1]), 3, 2,\n"
                "    kernel_initializer=tf.ones_initializer())\n"
                "y = tf.layers.dropout(tf.layers.flatten(c), 0.5, training=True, seed=3)"
            ),
            TRAIN,
        ],
        (0, "1]), 3, 2", "1]), 4, 2"),
    ),
    "recurrent cells": (
        [
            (
                f"{X}tf.get_variable_scope().set_initializer(tf.constant_initializer(0.3))\n"
                "cell = tf.nn.rnn_cell.BasicRNNCell(3)\n"
                "outputs, state = tf.nn.dynamic_rnn(cell, tf.reshape(x, [-1, 2, 2]),\n"
                "    dtype=tf.float32)\ny = outputs * 2.0"
            ),
            "train = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(y))",
        ],
        (0, "y = outputs * 2.0", "y = outputs * 3.0"),
    ),
    "layers": (
        [
            (
                f"{X}h = keras.layers.Dense(3, kernel_initializer='ones', activation='relu')(x)\n"
                "y = keras.layers.Dense(2, kernel_initializer='ones')(h)"
            ),
            TRAIN,
        ],
        (0, "Dense(3", "Dense(5"),
    ),
}
_LEGACY: Final = f"{PRELUDES['tf1']}; from tensorflow import keras"


@pytest.fixture(scope="module")
def legacy() -> Iterator[tuple[Notebook, Notebook]]:
    """Give two kernels with tf_keras, the second for TensorFlow alone."""
    pair = [Notebook(env={"TF_USE_LEGACY_KERAS": "1"}) for _ in range(2)]
    for nb in pair:
        nb.execute_silently(_LEGACY)
    yield pair[0], pair[1]
    for nb in pair:
        nb.shutdown()


@pytest.mark.parametrize("name", KERAS)
def test_keras(nb: Notebook, plain: Notebook, name: str) -> None:
    for kernel in (nb, plain):
        kernel.execute_silently("import keras; keras.backend.clear_session()")
    nb.execute_silently("tf.reset_default_graph()")
    check(nb, plain, *KERAS[name])


def test_the_seed_that_keras_draws_for_initial_values_stays(nb: Notebook) -> None:
    build = f"{X}y = keras.layers.Dense(3, kernel_initializer=keras.initializers.HeNormal())(x)"
    use = (
        "sess = tf.Session()\nsess.run(tf.global_variables_initializer())\n"
        "kernel = sess.run(tf.global_variables()[0]).tolist()"
    )
    nb.execute_silently("import keras; keras.backend.clear_session(); tf.reset_default_graph()")
    run(nb, build, "build")
    run(nb, use, "use")
    operations, kernel = nb.operations(), nb.value("kernel")
    run(nb, build, "build")
    run(nb, "%tfsession close --discard", "discard")
    run(nb, use, "use")
    assert nb.operations() == operations
    assert nb.value("kernel") == kernel


@pytest.mark.parametrize("name", ["tf.layers", "recurrent cells"])
def test_layers_of_tensorflow_1_without_tf_keras(nb: Notebook, plain: Notebook, name: str) -> None:
    for kernel in (nb, plain):
        kernel.execute_silently("import keras; keras.backend.clear_session()")
    nb.execute_silently("tf.reset_default_graph()")
    cells, edit = LEGACY[name]
    if plain.value("hasattr(tf.layers, 'dense')"):
        check(nb, plain, cells, edit)
    else:
        error = plain.run(cells[0]).error
        assert error is not None
        assert "Keras 3" in error.evalue
        again = [nb.run(cells[0], "build").error for _ in range(2)]
        assert [found and found.evalue for found in again] == [error.evalue] * 2


@pytest.mark.kernel
@pytest.mark.parametrize("name", LEGACY)
def test_tf_keras(legacy: tuple[Notebook, Notebook], name: str) -> None:
    nb, plain = legacy
    for kernel in legacy:
        kernel.execute_silently("keras.backend.clear_session(); tf.reset_default_graph()")
    load = "get_ipython().extension_manager.{}load_extension('jupyter_tfsession')"
    nb.execute_silently(load.format(""))
    try:
        check(nb, plain, *LEGACY[name])
    finally:
        nb.execute_silently(load.format("un"))


def check(nb: Notebook, plain: Notebook, cells: list[str], edit: tuple[int, str, str]) -> None:
    at, old, new = edit
    assert old in cells[at]
    edited = [*cells[:at], cells[at].replace(old, new), *cells[at + 1 :]]
    seen = []
    for sources in (cells, edited):
        plain.execute_silently("keras.backend.clear_session(); tf.reset_default_graph()")
        for number, source in enumerate([*sources, USE]):
            run(plain, source, f"cell {number}")
        seen.append(see(plain, "result"))
    for number, source in enumerate([*cells, USE]):
        run(nb, source, f"cell {number}")
    first = see(nb, "result")
    assert first.collections == seen[0].collections
    assert first.result == close(seen[0].result)
    operations, kept = nb.operations(), values(nb)
    for number in [n for n in range(len(cells)) for _ in range(2)] + [0, *range(len(cells))]:
        run(nb, cells[number], f"cell {number}")
    again = see(nb)
    assert again.collections == first.collections
    assert values(nb) == kept
    assert nb.operations() == operations
    for number in range(at, len(cells)):
        run(nb, edited[number], f"cell {number}")
    run(nb, "%tfsession close --discard", "discard")
    run(nb, USE, "use")
    changed = see(nb, "result")
    assert changed.result == close(seen[1].result)
    assert changed.logical_collections() == seen[1].logical_collections()

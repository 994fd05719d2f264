"""A notebook of parts that are alike: each begins with a reset, and has the same names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notebook import Notebook
    from outcome import Outcome

BUILD = """
{reset}
x = tf.placeholder(tf.float32, [], name="x")
w = tf.get_variable("w", initializer={initial})
y = w * x
train = tf.assign_add(w, 1.0)
init = tf.global_variables_initializer()
"""
TRAIN = """
with tf.Session() as sess:
    sess.run(init)
    sess.run(train)
    result = float(sess.run(w))
"""
USE = "result = float(sess.run(y, {x: 2.0}))"


def part(nb: Notebook, number: int) -> None:
    """Run a part of three cells: its variable is worth 100 times its number, and one more."""
    reset = "tf.reset_default_graph()" if number > 1 else ""
    built = BUILD.format(reset=reset, initial=100.0 * number)
    for name, source in (("build", built), ("train", TRAIN), ("use", USE)):
        outcome = nb.run(source, cell=f"{name} {number}")
        assert (outcome.error, outcome.notices) == (None, [])
    assert nb.value("result") == 2 * (100.0 * number + 1)


def again(nb: Notebook, name: str, number: int) -> Outcome:
    """Run a cell of a part again."""
    sources = {"train": TRAIN, "use": USE}
    outcome = nb.run(sources[name], cell=f"{name} {number}")
    assert outcome.error is None
    return outcome

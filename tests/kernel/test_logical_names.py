"""Commands on a variable that replaced another one mean it by the name that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from notebook import Notebook

BUILD = "w = tf.get_variable('w', [{size}], initializer=tf.ones_initializer())"
RUN = "sess = tf.Session()\nsess.run(tf.global_variables_initializer())"
READ = "print(sess.run(w).tolist())"


@pytest.fixture(autouse=True)
def edited(nb: Notebook) -> None:
    """A variable w, whose operation is w_1, that replaced one whose operation is w."""
    nb.run(BUILD.format(size=2), "build")
    nb.run(RUN, "run")
    nb.run("old, _ = w, sess.run(tf.assign(w, [5.0, 6.0]))")
    nb.run(BUILD.format(size=3), "build")
    nb.run(RUN, "run")
    assert nb.value("w.op.name") == "w_1"


@pytest.mark.parametrize("name", ["w", "w_1"])
def test_set_and_reset_mean_the_variable_in_use(nb: Notebook, name: str) -> None:
    assert "set w to" in nb.run(f"%tfsession set {name} [1.0, 2.0, 3.0]").text
    assert nb.run(READ).stdout == "[1.0, 2.0, 3.0]\n"
    nb.run(f"%tfsession reset {name}")
    assert nb.run(READ).stdout == "[1.0, 1.0, 1.0]\n"
    nb.run("%tfsession undo")
    assert nb.run(READ).stdout == "[1.0, 2.0, 3.0]\n"
    assert nb.run("print(sess.run(old).tolist())").stdout == "[5.0, 6.0]\n"


def test_show_means_the_variable_in_use_and_finds_the_retired_one(nb: Notebook) -> None:
    shown = nb.run("%tfsession show w").text
    assert "(3,)" in shown
    assert "earlier version" not in shown
    retired = nb.run("%tfsession show 'w (retired)'").text
    assert "(2,)" in retired
    assert "earlier version" in retired


def test_a_pattern_means_what_is_displayed(nb: Notebook) -> None:
    both = nb.run("%tfsession vars w*").text
    assert "w (retired)" in both
    assert both.count("float32") == 2
    assert "w (retired)" not in nb.run("%tfsession vars w").text
    one = nb.run("%tfsession vars 'w (retired)'").text
    assert "w (retired)" in one
    assert one.count("float32") == 1


def test_a_reset_of_a_pattern_leaves_what_is_retired(nb: Notebook) -> None:
    assert "reset 1 variable " in nb.run("%tfsession reset w*").text
    assert nb.run("print(sess.run(old).tolist())").stdout == "[5.0, 6.0]\n"


def test_a_retired_variable_goes_by_its_operation_once_that_differs(nb: Notebook) -> None:
    nb.run(BUILD.format(size=4), "build")
    nb.run(RUN, "run")
    assert nb.value("w.op.name") == "w_2"
    assert "(4,)" in nb.run("%tfsession show w").text
    retired = nb.run("%tfsession show w_1").text
    assert "(3,)" in retired
    assert "earlier version" in retired
    assert "did you mean 'w'" in nb.run("%tfsession show ww").stderr


def test_python_means_the_same(nb: Notebook) -> None:
    nb.run("import jupyter_tfsession\njupyter_tfsession.set_value('w', [7.0, 8.0, 9.0])")
    assert nb.run(READ).stdout == "[7.0, 8.0, 9.0]\n"


def test_the_widget_watches_by_the_same_names(nb: Notebook) -> None:
    nb.run("import jupyter_tfsession\nwidget = jupyter_tfsession.watch('w')")
    rows = "[row['operation'] for table in widget.snapshot['tables'] for row in table['rows']]"
    assert nb.value(rows) == ["w_1"]
    nb.run("widget = jupyter_tfsession.watch('w*')")
    assert nb.value(rows) == ["w", "w_1"]


SLOTS = """
train = tf.train.AdamOptimizer().minimize(tf.reduce_sum(w ** 2))
saver = tf.train.Saver()
"""


def test_an_optimizers_variables_go_by_the_name_of_the_variable_they_are_for(nb: Notebook) -> None:
    nb.run(SLOTS, "train")
    nb.run(BUILD.format(size=5), "build")
    nb.run(SLOTS, "train")
    assert nb.value("w.op.name") == "w_2"
    nb.run(RUN, "run")
    nb.run("_ = sess.run(train)")
    assert "(5,)" in nb.run("%tfsession show w/Adam").text
    rows = nb.value("[row[0] for row in __import__('jupyter_tfsession').variables().rows]")
    assert {"w", "w/Adam", "w/Adam_1", "w/Adam (retired)"} & set(rows) == {
        "w",
        "w/Adam",
        "w/Adam_1",
    }
    assert nb.value("tf.get_default_graph().get_tensor_by_name('w/Adam:0').shape.as_list()") == [5]
    nb.run("path = saver.save(sess, './slots/model')")
    saved = set(nb.value("[name for name, _ in tf.train.list_variables(path)]"))
    assert saved >= {"w", "w/Adam", "w/Adam_1"}
    assert not [name for name in saved if name.startswith("w_2")]

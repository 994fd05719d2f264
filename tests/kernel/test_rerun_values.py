"""Values, names and sessions when cells that build the graph are edited and run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from notebook import Notebook

BUILD = """
w = tf.get_variable('w', [{}], initializer=tf.ones_initializer(), use_resource={})
total = tf.reduce_sum(w, name='total')
"""
RUN = "sess = tf.Session()\nsess.run(tf.global_variables_initializer())\nprint(sess.run(total))"
RESET = "so that what cannot be placed fails alone"


@pytest.mark.parametrize("resource", [False, True], ids=["ref", "resource"])
def test_an_edit_that_is_taken_back_brings_the_values_back(nb: Notebook, resource: bool) -> None:
    nb.run(BUILD.format(2, resource), "build")
    nb.run(RUN, "run")
    nb.run("_ = sess.run(tf.assign(w, [3.0, 4.0]))", "train")
    nb.run(BUILD.format(3, resource), "build")
    assert nb.run(RUN, "run").stdout == "3.0\n"
    operations = nb.operations()
    nb.run(BUILD.format(2, resource), "build")
    assert nb.run(RUN, "run").stdout == "7.0\n"
    nb.run(BUILD.format(3, resource), "build")
    assert nb.run(RUN, "run").stdout == "3.0\n"
    assert nb.operations() == operations


def test_a_retired_variable_takes_no_memory_until_a_stale_cell_uses_it(nb: Notebook) -> None:
    held = "sess._live.open_engine.run(_old._graph_element).shape"
    nb.run(BUILD.format(2, True), "build")
    nb.run(RUN, "run")
    nb.run("double = total * 2\n_old = w", "double")
    nb.run(BUILD.format(3, True), "build")
    assert nb.value(held) == (0,)
    assert nb.run("print(sess.run(double))").stdout == "4.0\n"
    assert nb.value(held) == (2,)


def test_without_room_for_it_a_retired_value_stays_where_it_is(nb: Notebook) -> None:
    nb.run("%config TFSession.undo_bytes = 4")
    nb.run(BUILD.format(2, True), "build")
    nb.run(RUN, "run")
    nb.run("_old = w", "old")
    nb.run(BUILD.format(3, True), "build")
    assert nb.value("sess._live.open_engine.run(_old._graph_element).tolist()") == [1.0, 1.0]


def test_a_closed_session_keeps_what_retired_variables_hold(nb: Notebook) -> None:
    nb.run(BUILD.format(2, True), "build")
    nb.run(RUN, "run")
    nb.run("_ = sess.run(tf.assign(w, [3.0, 4.0]))", "train")
    nb.run(BUILD.format(3, True), "build")
    nb.run("sess.close()")
    nb.run(BUILD.format(2, True), "build")
    assert nb.run(RUN, "run").stdout == "7.0\n"


@pytest.mark.parametrize("resource", [False, True], ids=["ref", "resource"])
def test_names_mean_what_has_them_now(nb: Notebook, resource: bool) -> None:
    nb.run(BUILD.format(2, resource), "build")
    nb.run(RUN, "run")
    assert nb.run("print(sess.run('total:0'))", "by name").stdout == "2.0\n"
    nb.run(BUILD.format(3, resource), "build")
    nb.run(RUN, "run")
    assert nb.run("print(sess.run('total:0'))", "by name").stdout == "3.0\n"
    graph = "tf.get_default_graph()"
    assert nb.value(f"{graph}.get_tensor_by_name('total:0') is total")
    assert nb.value(f"{graph}.get_operation_by_name('total') is total.op")


@pytest.mark.parametrize("resource", [False, True], ids=["ref", "resource"])
def test_checkpoints_go_by_the_names_asked_for(nb: Notebook, resource: bool) -> None:
    nb.run(BUILD.format(2, resource), "build")
    nb.run(BUILD.format(3, resource), "build")
    nb.run(RUN, "run")
    nb.run("path = tf.train.Saver().save(sess, './model')", "save")
    assert nb.value("tf.train.list_variables(path)") == [("w", [3])]
    assert nb.run("tf.train.Saver().restore(sess, path)", "restore").ok


def test_a_function_edited_in_another_cell_takes_its_variables_along(nb: Notebook) -> None:
    define = "def model(x):\n    {}w = tf.get_variable('w', [2])\n    return x * w\n"
    nb.run(define.format("tf.get_variable('extra', [1]); "), "define")
    nb.run("y = model(1.0)", "build")
    nb.run(define.format(""), "define")
    nb.run("y = model(1.0)", "build")
    assert nb.value("[v.op.name for v in tf.global_variables()]") == ["w"]


def test_what_is_built_on_something_replaced_goes_with_it(nb: Notebook) -> None:
    nb.run(f"w = tf.Variable(tf.ones([{2}]), name='w')", "w")
    train = "train = tf.train.AdamOptimizer().minimize(tf.reduce_sum(w))"
    nb.run(train, "train")
    nb.run(f"w = tf.Variable(tf.ones([{3}]), name='w')", "w")
    nb.run(train, "train")
    shapes = "sorted(v.shape.as_list() for v in tf.global_variables())"
    assert nb.value(shapes) == [[], [], [3], [3], [3]]


def test_code_that_skips_its_building_sees_what_it_built(nb: Notebook) -> None:
    source = """
if 'w' not in globals():
    w = tf.get_variable('w', [2])
train = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(w))
"""
    for _ in range(3):
        assert nb.run(source, "build").error is None
    assert nb.value("[v.op.name for v in tf.trainable_variables()]") == ["w"]


def test_a_cell_that_fails_inside_a_loop_leaves_the_loop_as_it_was(nb: Notebook) -> None:
    loop = """
w = tf.get_variable('w', [2], initializer=tf.constant_initializer([2.0, 3.0]))
def body(i, a):
    r = a * w
    if flags["fail"]: raise RuntimeError('stop')
    return i + 1, r
out = tf.while_loop(lambda i, a: i < 3, body, [tf.constant(0), w])[1]
"""
    nb.run("flags = {'fail': False}", "switch")
    nb.run(loop, "loop")
    nb.run("flags['fail'] = True", "switch")
    assert nb.run(loop, "loop").error is not None
    assert nb.run("slope, = tf.gradients(out, w)", "slope").error is None
    nb.run("sess = tf.Session()\nsess.run(tf.global_variables_initializer())", "run")
    assert nb.run("print(sess.run(slope))").stdout == "[ 32. 108.]\n"


def test_one_shot_iterators_begin_anew_in_a_cell_that_opens_the_session_again(
    nb: Notebook,
) -> None:
    nb.run(
        "n = tf.data.make_one_shot_iterator(tf.data.Dataset.range(3)).get_next()\n"
        "v = tf.Variable(1.0)",
        "build",
    )
    source = """
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    sess.run(tf.assign_add(v, 1.0))
    try:
        while True:
            print(sess.run(n))
    except tf.errors.OutOfRangeError:
        print(sess.run(v))
"""
    assert nb.run(source, "read").stdout == "0\n1\n2\n2.0\n"
    assert nb.run(source, "read").stdout == "0\n1\n2\n3.0\n"
    assert nb.run(source, "read").stdout == "0\n1\n2\n4.0\n"


def test_the_graph_is_optimized_as_in_tensorflow(nb: Notebook) -> None:
    nb.run("""
from tensorflow.python.client.session import Session as Plain
x = tf.placeholder(tf.float32, [1, 8, 8, 3])
convolved = tf.nn.conv2d(x, tf.constant(np.ones((3, 3, 3, 4), np.float32)), 1, 'SAME')
y = tf.reduce_sum(tf.nn.relu(tf.nn.bias_add(convolved, tf.constant([1.0] * 4))) * 1.0 + 0.0)
def kinds(session):
    metadata = tf.RunMetadata()
    options = tf.RunOptions(output_partition_graphs=True)
    session.run(y, {x: np.ones([1, 8, 8, 3])}, options, metadata)
    return sorted(node.op for graph in metadata.partition_graphs for node in graph.node)
""")
    nb.run("managed, plain = tf.Session(), Plain()\nsame = kinds(managed) == kinds(plain)")
    assert nb.value("same")
    assert nb.value("type(managed) is not type(plain)")


def test_one_line_tells_of_what_cannot_be_placed(nb: Notebook) -> None:
    nb.run("v = tf.Variable(1.0)\nsess = tf.Session()\nsess.run(v.initializer)", "run")
    nb.run("with tf.device('/job:worker/task:0'):\n    far = v + 1", "far")
    outcome = nb.run("print(sess.run(v))", "read")
    assert outcome.stdout == "1.0\n"
    assert [notice for notice in outcome.notices if RESET in notice]
    assert nb.run("print(sess.run(v))", "read").notices == []
    assert "Cannot assign a device" in nb.run("sess.run(far)").error.evalue
    assert nb.run("print(sess.run(v))", "read").stdout == "1.0\n"


@pytest.mark.parametrize("nb", ["eager"], indirect=True)
def test_an_eager_tensor_in_a_graph_switches_nothing_off(nb: Notebook) -> None:
    source = """
c = tf.constant(1.0)
with tf.Graph().as_default():
    try:
        y = tf.raw_ops.AddV2(x=tf.placeholder(tf.float32), y=c)
    except Exception as error:
        y = type(error).__name__
print(y)
"""
    for _ in range(2):
        outcome = nb.run(source, "mixed")
        assert (outcome.error, outcome.notices) == (None, [])
    assert nb.run("%unload_ext jupyter_tfsession").ok
    assert nb.run(source, "plain").stdout == outcome.stdout
    assert nb.run("%load_ext jupyter_tfsession").ok

"""The initializer guard: initializers are recognized by what they do, and nothing else is."""

from __future__ import annotations

import pytest
from guarding import World, guard_notices, kept, tf1

__all__ = ["tf1"]

WAYS = {
    "the variable's initializer": "sess.run(v.initializer)",
    "global_variables_initializer": "sess.run(tf.global_variables_initializer())",
    "variables_initializer": "sess.run(tf.variables_initializer([v], name='some'))",
    "initialize_all_variables": "sess.run(tf.initialize_all_variables())",
    "initialize_variables": "sess.run(tf.initialize_variables([v]))",
    "a group": "sess.run(tf.group(v.initializer, init))",
    "an odd name": "sess.run(tf.group(v.initializer, name='foo'))",
    "a no_op that depends on it": "sess.run(after)",
    "init.run()": "init.run(session=sess)",
    "v.initializer.run() in a block": "with sess: v.initializer.run()",
    "a name": "sess.run('everything')",
    "a callable": "sess.make_callable(init)()",
    "a callable with feeds": "sess.make_callable(init, feed_list=[fed])(1.0)",
    "a partial run": "sess.partial_run(sess.partial_run_setup([init, one], []), one)",
    "options": "sess.run(init, options=tf.RunOptions(), run_metadata=tf.RunMetadata())",
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_initialize_is_guarded(tf1: World, way: str) -> None:
    tf1.run("""
everything = tf.group(init, name="everything")
fed = tf.placeholder(tf.float32, [])
one = tf.constant(1.0)
with tf.control_dependencies([v.initializer]):
    after = tf.no_op()
""")
    written = tf1.start()
    outcome = tf1.run(WAYS[way])
    assert guard_notices(outcome) == [kept(written)]
    assert tf1.number() == 3.0


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_initialize_initializes(tf1: World, way: str) -> None:
    tf1.run("""
everything = tf.group(init, name="everything")
fed = tf.placeholder(tf.float32, [])
one = tf.constant(1.0)
with tf.control_dependencies([v.initializer]):
    after = tf.no_op()
sess = OPEN
""")
    assert guard_notices(tf1.run(WAYS[way])) == []
    assert tf1.number() == 1.0
    tf1.run("sess.run(add)")
    tf1.run("sess.run(init)")
    assert tf1.number() == 2.0


def test_a_callable_follows_the_guard_at_every_call(tf1: World) -> None:
    tf1.run("sess = OPEN; initialize = sess.make_callable(init); initialize(); sess.run(add)")
    tf1.run("result = [initialize(), initialize()]", "a")
    assert tf1.value("result") == [None, None]
    tf1.run("sess.run(v.assign(9.0) if hasattr(v, 'assign') else add)")
    tf1.run("initialize()", "b")
    assert tf1.number() == 9.0


VARIABLES = {
    "collections=[]": (
        "x = tf.Variable(0.0, collections=[], use_resource={resource})",
        "x.initializer",
    ),
    "partitioned": (
        (
            "x = tf.get_variable('p', [4], initializer=tf.zeros_initializer(), "
            "use_resource={resource}, partitioner=tf.fixed_size_partitioner(2))"
        ),
        "[part.initializer for part in x]",
    ),
    "in a scope": (
        (
            "with tf.variable_scope('layer'): "
            "x = tf.get_variable('x', initializer=0.0, use_resource={resource})"
        ),
        "x.initializer",
    ),
    "a slot": (
        (
            "y = tf.get_variable('y', initializer=3.0, use_resource={resource})\n"
            "optimizer = tf.train.MomentumOptimizer(0.1, 0.9)\n"
            "train = optimizer.minimize(tf.square(y), var_list=[y])\n"
            "x = optimizer.get_slot(y, 'momentum')"
        ),
        "x.initializer",
    ),
}


@pytest.mark.parametrize("resource", [False, True], ids=["ref", "resource"])
@pytest.mark.parametrize("kind", VARIABLES)
def test_every_kind_of_variable_is_guarded(tf1: World, kind: str, resource: bool) -> None:
    source, initializer = VARIABLES[kind]
    tf1.run(source.format(resource=resource))
    tf1.run(
        "parts = list(x) if isinstance(x, (list, tuple)) or hasattr(x, '_get_variable_list') "
        "else [x]\ngrow = [part.assign_add(part.read_value() * 0 + 5) for part in parts]"
    )
    written = tf1.run(f"sess = OPEN; sess.run({initializer}); sess.run(grow)")
    outcome = tf1.run(f"sess.run({initializer})")
    assert guard_notices(outcome) == [kept(written, count=2 if kind == "partitioned" else 1)]
    values = tf1.value("[np.ravel(sess.run(part)).tolist() for part in parts]")
    assert values == ([[5.0, 5.0]] * 2 if kind == "partitioned" else [[5.0]])


def test_a_group_over_several_devices_is_guarded(tf1: World) -> None:
    tf1.run("""
with tf.device("/cpu:1"):
    far = tf.get_variable("far", initializer=1.0)
with tf.device("/cpu:0"):
    near = tf.get_variable("near", initializer=1.0)
everything = tf.variables_initializer([far, near])
assert [op.type for op in everything.control_inputs] == ["NoOp", "NoOp"]
grow = tf.group(tf.assign_add(far, 1.0), tf.assign_add(near, 1.0))
""")
    written = tf1.run(
        "sess = tf.Session(config=tf.ConfigProto(device_count={'CPU': 2},"
        " allow_soft_placement=True)); sess.run(everything); sess.run(grow)"
    )
    outcome = tf1.run("sess.run(everything)")
    assert guard_notices(outcome) == [kept(written, count=2)]
    assert (tf1.number("far"), tf1.number("near")) == (2.0, 2.0)


def test_the_rest_of_a_mixed_group_runs(tf1: World) -> None:
    tf1.run("""
local = tf.get_variable("local", initializer=1.0, collections=[tf.GraphKeys.LOCAL_VARIABLES])
table = tf.lookup.StaticHashTable(
    tf.lookup.KeyValueTensorInitializer(["a"], [7]), default_value=-1)
found = table.lookup(tf.constant(["a"]))
everything = tf.group(
    tf.global_variables_initializer(), tf.local_variables_initializer(), tf.tables_initializer())
up = tf.assign_add(local, 1.0)
""")
    written = tf1.run("sess = OPEN; sess.run(everything); sess.run([add, up])")
    outcome = tf1.run("sess.run(everything); seen = sess.run(found).tolist()")
    assert guard_notices(outcome) == [kept(written)]
    assert (tf1.number(), tf1.number("local")) == (2.0, 1.0)
    assert tf1.value("seen") == [7]


# A buried initializer cannot be split off.

BURIED = """
with tf.control_dependencies([v.initializer]):
    after = tf.identity(tf.constant(4.0))
"""
BURIED_NOTICE = (
    "this run also initialized v, on which another fetch depends; %tfsession undo has the values"
)


@pytest.mark.parametrize("fetches", ["after", "[after, init]", "[v.initializer, after]"])
def test_a_buried_initializer_runs_and_undo_has_the_values(tf1: World, fetches: str) -> None:
    tf1.run(BURIED)
    tf1.start()
    outcome = tf1.run(f"sess.run({fetches})")
    assert guard_notices(outcome) == [BURIED_NOTICE]
    assert tf1.number() == 1.0
    tf1.run("%tfsession undo")
    assert tf1.number() == 3.0


def test_a_buried_initializer_of_something_new_is_not_mentioned(tf1: World) -> None:
    tf1.run(BURIED)
    assert guard_notices(tf1.run("sess = OPEN; sess.run(after)")) == []
    assert tf1.number() == 1.0


# What is not guarded.

FREE = {
    "a local variable": (
        (
            "x = tf.get_variable('x', initializer=1.0, collections=['local_variables'])\n"
            "up = tf.assign_add(x, 1.0); sess.run(x.initializer); sess.run(up)"
        ),
        "sess.run(tf.local_variables_initializer())",
        "1.0",
        "float(sess.run(x))",
    ),
    "a metric": (
        (
            "accuracy, update = tf.metrics.accuracy([1, 1], [1, 0])\n"
            "sess.run(tf.local_variables_initializer()); sess.run(update)"
        ),
        "sess.run(tf.local_variables_initializer())",
        "0.0",
        "float(sess.run(accuracy))",
    ),
    "an iterator": (
        (
            "iterator = tf.data.make_initializable_iterator(tf.data.Dataset.range(5))\n"
            "after = iterator.get_next(); sess.run(iterator.initializer); sess.run([after])"
        ),
        "sess.run(iterator.initializer)",
        "0",
        "int(sess.run(after))",
    ),
    "an assignment": ("five = tf.assign(v, 5.0)", "sess.run(five)", "5.0", "float(sess.run(v))"),
    "load": ("", "v.load(6.0, sess)", "6.0", "float(sess.run(v))"),
    "an initializer with its value fed": (
        "value = v.initializer.inputs[1]",
        "sess.run(v.initializer, {value: 8.0})",
        "8.0",
        "float(sess.run(v))",
    ),
    "an empty group": (
        "nothing = tf.variables_initializer([])",
        "sess.run(nothing)",
        "3.0",
        "float(sess.run(v))",
    ),
}


@pytest.mark.parametrize("what", FREE)
def test_what_is_no_initializer_of_a_global_variable_is_not_guarded(tf1: World, what: str) -> None:
    before, source, expected, seen = FREE[what]
    tf1.start()
    tf1.run(before)
    for _ in range(2):
        outcome = tf1.run(source, "a")
        assert guard_notices(outcome) == []
        assert tf1.nb.value(f"{seen} == {expected}")


def test_a_name_alone_makes_no_initializer(tf1: World) -> None:
    tf1.run("""
with tf.Graph().as_default():
    x = tf.get_variable("x", initializer=1.0)
    nothing = tf.no_op(name="init")
    sess = tf.Session()
    sess.run([x.initializer])
assert nothing.name == "init"
""")
    outcome = tf1.run("sess.run([nothing, 'init'])")
    assert outcome.notices == []
    assert tf1.number("x") == 1.0


def test_a_saver_restores(tf1: World) -> None:
    tf1.run(
        "import tempfile, os; path = os.path.join(tempfile.mkdtemp(), 'model')\n"
        "saver = tf.train.Saver([v])"
    )
    tf1.start()
    tf1.run("saver.save(sess, path); sess.run(add)")
    for _ in range(2):
        assert guard_notices(tf1.run("saver.restore(sess, path)", "a")) == []
        assert tf1.number() == 3.0
    written = tf1.run("saver.restore(sess, path)")
    assert guard_notices(tf1.run("sess.run(init)")) == [kept(written)]
    assert tf1.number() == 3.0


def test_what_ran_in_an_attrs_class_is_known(tf1: World) -> None:
    tf1.run("""
import attr
@attr.s
class One:
    fetch = attr.ib()
sess = OPEN
sess.run(One(init))
seen = [float(sess.run(One(add)).fetch) for _ in range(3)]
""")
    assert tf1.value("seen") == [2.0, 3.0, 4.0]
    outcome = tf1.run("result = sess.run(One(init)).fetch")
    assert len(guard_notices(outcome)) == 1
    assert tf1.value("result") is None
    assert tf1.number() == 4.0


def test_what_a_callable_wrote_is_known_however_much_ran_since(tf1: World) -> None:
    tf1.run("""
w = tf.get_variable("w", initializer=1.0)
sess = OPEN
initialize = sess.make_callable(w.initializer)
for number in range(600):
    sess.run({"x": "v:0" if v.op.type == "VariableV2" else v.op.name + "/Read/ReadVariableOp:0",
              "y": tf.constant(number)}) if number else sess.run(init)
initialize()
sess.run(w.assign_add(1.0))
""")
    outcome = tf1.run("sess.run(w.initializer)")
    assert len(guard_notices(outcome)) == 1
    assert tf1.number("w") == 2.0

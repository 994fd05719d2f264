"""One session per graph, alive as long as its graph: every row of the table, in a real kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Kernels
    from notebook import Notebook
    from outcome import Outcome

MODES = ["tf1", "graph", "eager"]

# With eager execution on, graphs are explicit; elsewhere the default one will do.
BUILD = """
g = {graph}
with g.as_default():
    v = tf.get_variable("v", initializer=1.0, use_resource={resource})
    add = tf.assign_add(v, 1.0)
    double = v * 2
"""
SECOND_GRAPH = """
other = tf.Graph()
with other.as_default():
    far = tf.constant(20.0, name="far")
    told = []
    tell = tf.py_func(lambda: told.append(1), [], [], name="tell")
    sparse = tf.SparseTensor([[0, 1]], [3.0], [1, 2])
"""
REOPENED = (
    "opened the session of graph-1 again with the values of 1 variable. "
    "%tfsession close --discard starts empty"
)
REUSED = (
    "reused the open session of graph-1, with its values. "
    "%tfsession close --discard gives an empty one"
)
ANEW = "opened the session of graph-1 anew with the new config"
ELSEWHERE = (
    "ran in the session of graph-2, the graph that this belongs to "
    "(the session used is that of graph-1)"
)


@dataclass
class World:
    """A kernel with a variable `v` in the graph `g`, worth 1; `add` makes it one more."""

    nb: Notebook
    opening: str

    def start(self) -> None:
        """Open the session, initialize, count to 3."""
        outcome = self.run(f"sess = {self.opening}; sess.run(v.initializer)")
        assert (outcome.ok, outcome.notices) == (True, [])
        assert self.run(f"sess = {self.opening}").notices == [REUSED]
        self.run("sess.run(add); sess.run(add)")

    def run(self, source: str) -> Outcome:
        """Run a new cell."""
        return self.nb.run(source)

    def value(self, expression: str) -> object:
        """Return the value of an expression."""
        return self.nb.value(expression)


def world_of(kernels: Kernels, mode: str, *, resource: bool) -> World:
    """Build the graph in a clean kernel of the mode."""
    nb = kernels.get(mode)
    graph = "tf.Graph()" if mode == "eager" else "tf.get_default_graph()"
    assert nb.run(BUILD.format(graph=graph, resource=resource)).ok
    return World(nb, "tf.Session(graph=g)" if mode == "eager" else "tf.Session()")


@pytest.fixture(
    params=[(mode, resource) for mode in MODES for resource in (False, True)],
    ids=[f"{mode}-{kind}" for mode in MODES for kind in ("ref", "resource")],
)
def world(request: pytest.FixtureRequest, kernels: Kernels) -> World:
    """Give a world in every mode with both kinds of variables."""
    mode, resource = request.param
    return world_of(kernels, mode, resource=resource)


@pytest.fixture(params=[False, True], ids=["ref", "resource"])
def tf1(request: pytest.FixtureRequest, kernels: Kernels) -> World:
    """Give a world in mode tf1 with both kinds of variables."""
    return world_of(kernels, "tf1", resource=request.param)


# One session per graph


def test_a_graph_has_one_session(world: World) -> None:
    world.start()
    world.run(f"again = {world.opening}; named = tf.Session(graph=g)")
    world.run("with g.as_default(): entered = tf.Session()")
    assert world.value("again is sess and named is sess and entered is sess")
    assert world.value("float(again.run(v))") == 3.0
    assert world.value("sess.graph is g")


def test_the_session_is_a_session(world: World) -> None:
    world.start()
    assert world.value("isinstance(sess, tf.Session)")
    assert world.value("type(sess) is tf.Session and issubclass(type(sess), tf.Session)")
    assert not world.value("isinstance(3, tf.Session) or issubclass(int, tf.Session)")


def test_graphs_do_not_share_a_session(world: World) -> None:
    world.start()
    world.run("""
h = tf.Graph()
with h.as_default():
    w = tf.get_variable("v", initializer=7.0)
    second = tf.Session()
    second.run(w.initializer)
""")
    assert world.value("second is not sess and second.graph is h")
    assert world.value("float(second.run(w)), float(sess.run(v))") == (7.0, 3.0)


def test_an_explicit_new_graph_gets_a_new_session_every_time(nb: Notebook) -> None:
    source = """
g = tf.Graph()
with g.as_default():
    v = tf.get_variable("v", initializer=1.0)
    sess = tf.Session()
    sess.run(v.initializer)
    result = float(sess.run(v.assign_add(1.0)))
"""
    for _ in range(3):
        outcome = nb.run(source, cell="a")
        assert (outcome.ok, outcome.notices) == (True, [])
        assert nb.value("result") == 2.0
        assert nb.value("sess.graph is g")


def test_a_reset_default_graph_gets_a_new_session(tf1: World) -> None:
    tf1.start()
    tf1.run("tf.reset_default_graph(); new = tf.Session()")
    assert tf1.value("new is not sess and new.graph is tf.get_default_graph()")
    assert tf1.value("float(sess.run(v))") == 3.0


# Interactive sessions


def test_an_interactive_session_is_the_graphs_session(world: World) -> None:
    world.start()
    outcome = world.run("with g.as_default(): interactive = tf.InteractiveSession()")
    assert (outcome.ok, outcome.notices) == (True, [])
    assert world.value("interactive is sess and tf.get_default_session() is sess")
    world.run("add.op.run()")
    world.run("with g.as_default(): add.op.run()")
    assert world.value("float(double.eval())") == 10.0
    world.run("interactive.close()")  # a session left the default costs the tests a new kernel


@pytest.mark.parametrize("nb", MODES, indirect=True)
def test_the_default_graph_can_be_reset_while_a_session_is_interactive(nb: Notebook) -> None:
    source = """
tf.reset_default_graph()
before = tf.get_default_session()
sess = tf.InteractiveSession()
after = tf.get_default_session() is sess and sess.graph is tf.get_default_graph()
with sess.graph.as_default():
    v = tf.get_variable("v", initializer=1.0)
    v.initializer.run()
    result = float(v.eval())
"""
    for _ in range(3):
        outcome = nb.run(source, cell="a")
        assert (outcome.error, outcome.notices) == (None, [])
        assert nb.value("after, result") == (True, 1.0)
    assert nb.run("\n".join(["tf.reset_default_graph()"] * 3)).ok
    assert nb.value("tf.get_default_session()") is None
    assert nb.run(f"{source}\n{source}").ok
    assert nb.value("after, result") == (True, 1.0)
    nb.run("sess.close()")


def test_the_next_interactive_session_takes_over(tf1: World) -> None:
    tf1.start()
    tf1.run("first = tf.InteractiveSession()")
    tf1.run("g2 = tf.Graph(); second = tf.InteractiveSession(graph=g2)")
    assert tf1.value("tf.get_default_session() is second and tf.get_default_graph() is g2")
    tf1.run("first.close()")
    assert tf1.value("tf.get_default_session() is second and tf.get_default_graph() is g2")
    tf1.run("second.close()")


def test_an_interactive_session_is_below_every_with_block(tf1: World) -> None:
    tf1.start()
    tf1.run(SECOND_GRAPH)
    tf1.run("""
interactive = tf.InteractiveSession()
with tf.Session(graph=other) as inner:
    seen = [tf.get_default_session() is inner, float(far.eval())]
    with g.as_default():
        tf.InteractiveSession()
    seen.append(tf.get_default_session() is inner)
seen.append(tf.get_default_session() is interactive)
""")
    assert tf1.value("seen") == [True, 20.0, True, True]
    tf1.run("interactive.close()")


@pytest.mark.parametrize("nb", MODES, indirect=True)
def test_an_interactive_session_with_a_graph_makes_it_the_default_until_closed(
    nb: Notebook,
) -> None:
    nb.run("before = tf.get_default_graph(); eager = tf.executing_eagerly(); g = tf.Graph()")
    assert nb.run("sess = tf.InteractiveSession(graph=g)").ok
    assert nb.value("tf.get_default_graph() is g and tf.executing_eagerly()") is False
    nb.run("c = tf.constant(4.0)")
    assert nb.value("float(c.eval()), c.graph is g") == (4.0, True)
    assert nb.run("sess.close()").ok
    assert nb.value("tf.get_default_session()") is None
    assert nb.value("tf.get_default_graph() is before")
    assert nb.value("tf.executing_eagerly() is eager")
    assert nb.run("tf.reset_default_graph()").ok


def test_closing_an_interactive_session_leaves_a_later_default_graph_alone(nb: Notebook) -> None:
    nb.run("g = tf.Graph(); sess = tf.InteractiveSession(graph=g)")
    nb.run("tf.reset_default_graph(); new = tf.get_default_graph(); sess.close()")
    assert nb.value("tf.get_default_graph() is new and new is not g")


def test_a_closed_interactive_session_is_no_default_and_comes_back_when_opened(
    tf1: World,
) -> None:
    tf1.start()
    tf1.run("sess = tf.InteractiveSession()")
    tf1.run("sess.close()")
    outcome = tf1.run("v.eval()")
    assert outcome.error is not None
    assert outcome.error.ename == "ValueError"
    assert "No default session is registered" in outcome.error.evalue
    assert tf1.run("sess = tf.InteractiveSession()").notices == [REOPENED]
    assert tf1.value("float(v.eval())") == 3.0
    tf1.run("sess.close()")


# Blocks


def test_leaving_the_block_keeps_the_session_open(world: World) -> None:
    source = f"""
with {world.opening} as sess:
    sess.run(v.initializer)
    inside = float(add.eval()), tf.get_default_graph() is g, tf.get_default_session() is sess
outside = float(sess.run(double)), tf.get_default_session()
"""
    outcome = world.run(source)
    assert (outcome.ok, outcome.notices) == (True, [])
    assert world.value("inside, outside") == ((2.0, True, True), (4.0, None))
    assert world.value("float(sess.run(v))") == 2.0


def test_the_block_can_be_entered_inside_itself(world: World) -> None:
    world.start()
    outcome = world.run(f"""
with sess:
    with sess as inner, {world.opening} as third:
        seen = [inner is sess, third is sess, float(v.eval())]
    seen += [tf.get_default_session() is sess, tf.get_default_graph() is g, float(v.eval())]
with sess:
    seen += [float(v.eval()), tf.get_default_session() is sess]
""")
    assert (outcome.ok, outcome.notices) == (True, [])
    assert world.value("seen") == [True, True, 3.0, True, True, 3.0, 3.0, True]
    assert world.value("tf.get_default_session()") is None


def test_blocks_of_two_graphs_nest(world: World) -> None:
    world.start()
    world.run(SECOND_GRAPH)
    outcome = world.run("""
with sess:
    with tf.Session(graph=other):
        seen = [tf.get_default_graph() is other, float(far.eval())]
        with sess:
            seen += [tf.get_default_graph() is g, float(v.eval())]
        seen += [tf.get_default_graph() is other]
    seen += [tf.get_default_graph() is g, float(v.eval())]
""")
    assert (outcome.ok, outcome.notices) == (True, [])
    assert world.value("seen") == [True, 20.0, True, 3.0, True, True, 3.0]


def test_an_exception_in_the_block_keeps_the_session_open(world: World) -> None:
    outcome = world.run(f"""
with {world.opening} as sess:
    sess.run(v.initializer)
    sess.run(add)
    raise LookupError("mine")
""")
    assert outcome.error is not None
    assert (outcome.error.ename, outcome.error.evalue) == ("LookupError", "mine")
    assert outcome.notices == []
    assert world.value("tf.get_default_session()") is None
    assert world.value("tf.get_default_graph() is g") is (world.opening == "tf.Session()")
    outcome = world.run("result = float(sess.run(add))")
    assert (outcome.notices, world.value("result")) == ([], 3.0)


def test_a_session_closed_inside_its_block_comes_back(tf1: World) -> None:
    outcome = tf1.run("""
with tf.Session() as sess:
    sess.run(v.initializer)
    sess.close()
with tf.Session() as sess:
    result = float(sess.run(add))
""")
    assert (outcome.ok, outcome.notices) == (True, [REOPENED])
    assert tf1.value("result") == 2.0


# Configurations


def test_another_config_reopens_the_session_and_carries_the_values_over(world: World) -> None:
    world.start()
    opening = world.opening.replace(")", ", config=c)").replace("(,", "(")
    world.run("""
c = tf.ConfigProto(allow_soft_placement=True, log_device_placement=True)
c.gpu_options.allow_growth = True
""")
    outcome = world.run(f"again = {opening}")
    assert outcome.notices == [f"{ANEW}; 1 variable carried over"]
    assert world.value("again is sess and float(sess.run(v))") == 3.0
    assert world.value("sess._config.log_device_placement")
    assert world.run("result = float(sess.run(add))").notices == []
    assert world.value("result") == 4.0


def test_the_same_config_or_none_does_not_reopen(tf1: World) -> None:
    tf1.run("c = tf.ConfigProto(inter_op_parallelism_threads=3); sess = tf.Session(config=c)")
    tf1.run("sess.run(v.initializer); handle = sess._session")
    assert tf1.run("tf.Session()").notices == [REUSED]
    for again in (
        "tf.Session(config=c)",
        "tf.Session(config=tf.ConfigProto(inter_op_parallelism_threads=3))",
        "tf.Session()",
        "tf.Session(graph=g)",
        "tf.InteractiveSession()",
    ):
        outcome = tf1.run(f"again = {again}")
        assert (again, outcome.error, outcome.notices) == (again, None, [])
        assert tf1.value("again is sess and sess._session is handle")
    assert tf1.value("sess._config.inter_op_parallelism_threads") == 3
    tf1.run("again.close()")


def test_a_config_that_was_edited_in_place_is_another_one(tf1: World) -> None:
    tf1.run("c = tf.ConfigProto(); sess = tf.Session(config=c); sess.run(v.initializer)")
    outcome = tf1.run("c.log_device_placement = True; tf.Session(config=c)")
    assert outcome.notices == [f"{ANEW}; 1 variable carried over"]
    assert tf1.value("sess._config.log_device_placement")
    assert tf1.value("float(sess.run(v))") == 1.0


def test_what_cannot_change_in_the_process_is_named(tf1: World) -> None:
    tf1.start()
    outcome = tf1.run("""
c = tf.ConfigProto(intra_op_parallelism_threads=2, inter_op_parallelism_threads=3)
c.gpu_options.per_process_gpu_memory_fraction = 0.5
c.gpu_options.allow_growth = True
again = tf.Session(config=c)
""")
    assert outcome.notices == [
        (
            f"{ANEW}; 1 variable carried over; no effect before the kernel restarts: "
            "gpu_options.per_process_gpu_memory_fraction, intra_op_parallelism_threads, "
            "inter_op_parallelism_threads"
        )
    ]
    assert tf1.value("again is sess and float(sess.run(v))") == 3.0


def test_threads_of_the_sessions_own_do_take_effect(tf1: World) -> None:
    tf1.start()
    outcome = tf1.run("""
c = tf.ConfigProto(inter_op_parallelism_threads=3, use_per_session_threads=True)
c.gpu_options.allow_growth = True
tf.Session(config=c)
""")
    assert outcome.notices == [f"{ANEW}; 1 variable carried over"]


def test_a_closed_session_is_reopened_with_the_new_config(tf1: World) -> None:
    tf1.start()
    tf1.run("sess.close()")
    outcome = tf1.run("tf.Session(config=tf.ConfigProto(log_device_placement=True))")
    assert outcome.notices == [REOPENED]
    assert tf1.value("sess._config.log_device_placement")
    assert tf1.value("float(sess.run(v))") == 3.0


def test_a_config_that_tensorflow_refuses_leaves_the_session_as_it_is(tf1: World) -> None:
    tf1.start()
    outcome = tf1.run("""
bad = tf.ConfigProto()
bad.experimental.executor_type = "nonsense"
tf.Session(config=bad)
""")
    assert outcome.error is not None
    assert outcome.error.ename == "NotFoundError"
    assert outcome.notices == []
    assert tf1.value("float(sess.run(v))") == 3.0
    assert tf1.run("tf.Session()").notices == []


def test_without_a_config_a_session_is_plain_but_for_soft_placement_and_growth(
    tf1: World,
) -> None:
    tf1.run("sess = tf.Session()")
    config = (
        "sess._config.graph_options.place_pruned_graph, sess._config.allow_soft_placement, "
        "sess._config.gpu_options.allow_growth"
    )
    assert tf1.value(config) == (False, True, True)
    tf1.run("c = tf.ConfigProto(); copy = tf.ConfigProto(); copy.CopyFrom(c)")
    tf1.run("tf.Session(config=c)")
    assert tf1.value(config) == (False, False, False)
    assert tf1.value("c == copy")


# Closing and opening again


def test_the_old_handle_reopens_a_closed_session(world: World) -> None:
    world.start()
    outcome = world.run("sess.close()")
    assert (outcome.ok, outcome.notices) == (True, [])
    assert "closed" in str(world.value("repr(sess)"))
    outcome = world.run("result = float(sess.run(add))")
    assert outcome.notices == [REOPENED]
    assert world.value("result") == 4.0
    assert world.run("sess.run(v)").notices == []


def test_opening_reopens_a_closed_session(world: World) -> None:
    world.start()
    world.run("sess.close(); sess.close()")
    outcome = world.run(f"again = {world.opening}")
    assert outcome.notices == [REOPENED]
    assert world.value("again is sess and float(again.run(v))") == 3.0


def test_a_session_without_values_is_reopened_silently(world: World) -> None:
    world.run(f"sess = {world.opening}; sess.close()")
    outcome = world.run("sess.run(v.initializer)")
    assert (outcome.ok, outcome.notices) == (True, [])
    assert world.value("float(sess.run(v))") == 1.0


TABLE_AND_ITERATOR = """
table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a", "b"], [7, 8]), -1)
found = table.lookup(tf.constant(["b"]))
iterator = tf.data.make_initializable_iterator(
    tf.data.Dataset.from_tensor_slices(["b", "a"]).map(table.lookup))
after = iterator.get_next()
"""


def test_tables_and_iterators_are_started_again_when_a_session_is_reopened(tf1: World) -> None:
    tf1.run(TABLE_AND_ITERATOR)
    tf1.start()
    tf1.run("sess.run(tf.tables_initializer()); sess.run(iterator.initializer); sess.run(after)")
    operations = tf1.value("len(g.get_operations())")
    tf1.run("sess.close()")
    outcome = tf1.run("result = sess.run(found).tolist(), [int(sess.run(after)) for _ in range(2)]")
    again = "; started 1 table and 1 iterator again. %tfsession close"
    assert (outcome.error, outcome.notices) == (
        None,
        [REOPENED.replace(". %tfsession close", again)],
    )
    assert tf1.value("result") == ([8], [8, 7])
    outcome = tf1.run("sess = tf.Session(config=tf.ConfigProto()); sess.run(found)")
    said = f"{ANEW}; 1 variable carried over; started 1 table and 1 iterator again"
    assert outcome.notices[0].startswith(said)
    assert tf1.value("len(g.get_operations())") == operations


def test_tables_stay_empty_in_a_session_whose_values_were_discarded(tf1: World) -> None:
    tf1.run(TABLE_AND_ITERATOR)
    tf1.run("sess = tf.Session(); sess.run(tf.tables_initializer())")
    tf1.run("%tfsession close --discard")
    outcome = tf1.run("sess.run(found)")
    assert outcome.error is not None
    assert outcome.error.ename == "FailedPreconditionError"


def test_what_was_begun_with_something_fed_is_not_started_again(tf1: World) -> None:
    tf1.run("""
count = tf.placeholder(tf.int64, [])
iterator = tf.data.make_initializable_iterator(tf.data.Dataset.range(count))
after = iterator.get_next()
""")
    tf1.start()
    tf1.run("sess.run(iterator.initializer, {count: 3}); sess.close()")
    outcome = tf1.run("sess.run(after)")
    assert outcome.notices == [REOPENED]
    assert outcome.error is not None
    assert "has not been initialized" in outcome.error.evalue


def test_a_table_that_cannot_be_filled_again_costs_no_value(tf1: World) -> None:
    tf1.run("""
import tempfile
words = tempfile.NamedTemporaryFile("w", suffix=".txt"); words.write("a\\nb\\n"); words.flush()
table = tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer(words.name, tf.string,
    tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER), -1)
""")
    tf1.start()
    tf1.run("sess.run(tf.tables_initializer()); sess.close(); words.close()")
    outcome = tf1.run("value = float(sess.run(v))")
    (notice,) = outcome.notices
    assert "with the values of 1 variable; not " in notice
    assert "No such file" in notice
    assert tf1.value("value") == 3.0


def test_only_what_held_a_value_comes_back(tf1: World) -> None:
    tf1.run('u = tf.get_variable("u", initializer=5.0)')
    tf1.start()
    tf1.run("sess.close()")
    assert tf1.run("sess.run(v)").notices == [REOPENED]
    outcome = tf1.run("sess.run(u)")
    assert outcome.error is not None
    assert outcome.error.ename == "FailedPreconditionError"


def test_values_beyond_the_undo_budget_are_lost_with_a_word(world: World) -> None:
    world.start()
    world.run("%config TFSession.undo_bytes = 3")
    outcome = world.run("sess.close()")
    assert outcome.notices == [
        (
            "closed the session of graph-1; its values are lost: 4 B exceed the undo budget "
            "(%config TFSession.undo_bytes)"
        )
    ]
    outcome = world.run("sess.run(v)")
    assert outcome.notices == []
    assert outcome.error is not None
    assert outcome.error.ename == "FailedPreconditionError"
    assert world.run("sess.run(v.initializer)").notices == []
    assert world.value("float(sess.run(v))") == 1.0


def test_values_that_just_fit_the_undo_budget_are_kept(world: World) -> None:
    world.start()
    world.run("%config TFSession.undo_bytes = 4")
    assert world.run("sess.close()").notices == []
    assert world.run("sess.run(v)").notices == [REOPENED]


def test_a_session_can_be_closed_with_its_values_discarded(world: World) -> None:
    world.start()
    outcome = world.run("%tfsession close --discard --graph graph-1")
    assert outcome.text == "closed the session of graph-1; its values are discarded"
    outcome = world.run("sess.run(v)")
    assert outcome.notices == []
    assert outcome.error is not None
    assert outcome.error.ename == "FailedPreconditionError"


def test_values_that_wait_can_be_discarded(tf1: World) -> None:
    tf1.start()
    tf1.run("sess.close()")
    outcome = tf1.run("%tfsession close --discard")
    assert outcome.text == "discarded the values of graph-1"
    outcome = tf1.run("tf.Session().run(v)")
    assert outcome.notices == []
    assert outcome.error is not None
    assert outcome.error.ename == "FailedPreconditionError"


def test_closing_keeps_the_values_beside_an_operation_that_cannot_be_placed(tf1: World) -> None:
    tf1.start()
    tf1.run("with tf.device('/job:worker/task:7'):\n    bad = tf.Variable(1.0)")
    assert "the values of 1 variable" in tf1.run("%tfsession close").text


def test_closing_by_magic_says_what_waits(tf1: World) -> None:
    tf1.start()
    outcome = tf1.run("%tfsession close")
    assert outcome.text == (
        "closed the session of graph-1; the values of 1 variable (4 B) wait on the host"
    )
    assert outcome.notices == []
    assert tf1.run("sess.run(v)").notices == [REOPENED]
    assert tf1.value("float(sess.run(v))") == 3.0


def test_session_reset_keeps_the_values(world: World) -> None:
    world.start()
    outcome = world.run("tf.Session.reset('')")
    assert (outcome.ok, outcome.notices) == (True, [])
    assert world.run("sess.run(add)").notices == [REOPENED]
    assert world.value("float(sess.run(v))") == 4.0


CARRIED = """
values = {
    "float16": np.array([1.5, -0.0], np.float16), "float64": np.array([np.nan, np.inf, 1e300]),
    "int8": np.array([-128, 127], np.int8), "uint8": np.array([0, 255], np.uint8),
    "int32": np.array(-7, np.int32), "int64": np.array([[2**62], [-1]]),
    "bool": np.array([True, False]), "complex64": np.array([1 + 2j], np.complex64),
    "complex128": np.array(3 - 4j), "string": np.array([b"\\x00\\xff", b"text"], object),
    "bfloat16": np.array([1.5, -2.0], tf.bfloat16.as_numpy_dtype),
    "empty": np.zeros((0, 3), np.float32),
}
variables = {
    name: tf.get_variable(name, initializer=tf.constant(np.zeros_like(value)
                          if value.dtype != object else np.full_like(value, b"")),
                          use_resource=RESOURCE)
    for name, value in values.items()
}
fed = {name: tf.placeholder(one.dtype.base_dtype) for name, one in variables.items()}
assigned = [tf.assign(one, fed[name], validate_shape=False) for name, one in variables.items()]
sess = tf.Session()
sess.run(tf.variables_initializer(list(variables.values())))
sess.run([one.op for one in assigned], {fed[name]: value for name, value in values.items()})
"""
# numpy's equality knows no NaN and no -0.0; bytes do.
AS_BYTES = """
def as_bytes(value):
    value = np.asarray(value)
    content = list(value.ravel()) if value.dtype == object else value.tobytes()
    return value.dtype.name, value.shape, content
got = sess.run(variables)
wrong = [name for name in values if as_bytes(got[name]) != as_bytes(values[name])]
"""


@pytest.mark.parametrize("resource", [False, True], ids=["ref", "resource"])
def test_values_of_every_dtype_come_back(nb: Notebook, resource: bool) -> None:
    outcome = nb.run(CARRIED.replace("RESOURCE", str(resource)))
    assert outcome.error is None
    assert nb.run(AS_BYTES).error is None
    assert nb.value("wrong") == []
    nb.run("sess.close()")
    outcome = nb.run(AS_BYTES)
    assert (outcome.error, outcome.notices) == (
        None,
        [REOPENED.replace("1 variable", "12 variables")],
    )
    assert nb.value("len(values), wrong") == (12, [])


@pytest.mark.parametrize("resource", [False, True], ids=["ref", "resource"])
def test_variables_that_share_their_initial_value_keep_their_own(
    nb: Notebook, resource: bool
) -> None:
    nb.run(f"""
start = tf.constant([1.0, 2.0])
v = [tf.get_variable(name, initializer=start, use_resource={resource}) for name in "abc"]
sess = tf.Session()
sess.run(tf.global_variables_initializer())
sess.run([tf.assign(one, [n, -n]) for n, one in enumerate(v)])
""")
    assert nb.value("len({one.initializer.inputs[1].name for one in v})") == 1
    expected = [[0.0, 0.0], [1.0, -1.0], [2.0, -2.0]]
    nb.run("sess.close()")
    assert nb.run("got = [one.tolist() for one in sess.run(v)]").ok
    assert nb.value("got") == expected
    nb.run("tf.Session(config=tf.ConfigProto(log_device_placement=True))")
    assert nb.value("[one.tolist() for one in sess.run(v)]") == expected


OTHER_VARIABLES = {
    "partitioned": """
p = tf.get_variable("p", [4], initializer=tf.zeros_initializer(), use_resource=RESOURCE,
                    partitioner=tf.fixed_size_partitioner(2))
start, change = list(p), [tf.assign(one, [n + 1.0, 9.0]) for n, one in enumerate(p)]
read, expected = list(p), [[1.0, 9.0], [2.0, 9.0]]
""",
    "uncollected": """
u = tf.Variable([1.0, 2.0], name="u", collections=[], use_resource=RESOURCE)
start, change = [u], [tf.assign(u, [5.0, 6.0])]
read, expected = [u], [[5.0, 6.0]]
""",
    "local": """
u = tf.get_local_variable("u", initializer=[1.0, 2.0], use_resource=RESOURCE)
start, change = [u], [tf.assign(u, [5.0, 6.0])]
read, expected = [u], [[5.0, 6.0]]
""",
    "imported": """
with tf.Graph().as_default():
    tf.get_variable("u", initializer=[1.0, 2.0], use_resource=RESOURCE)
    meta = tf.train.export_meta_graph()
tf.train.import_meta_graph(meta)
start = tf.global_variables()
change = [tf.assign(start[0], [5.0, 6.0])]
read, expected = start, [[5.0, 6.0]]
""",
}


@pytest.mark.parametrize("resource", [False, True], ids=["ref", "resource"])
@pytest.mark.parametrize("kind", OTHER_VARIABLES)
def test_other_variables_come_back(nb: Notebook, kind: str, resource: bool) -> None:
    assert nb.run(OTHER_VARIABLES[kind].replace("RESOURCE", str(resource))).error is None
    nb.run("sess = tf.Session(); sess.run([one.initializer for one in start]); sess.run(change)")
    before = nb.operations()
    assert nb.run("sess.close()").notices == []
    outcome = nb.run("got = [one.tolist() for one in sess.run(read)]")
    count = "2 variables" if kind == "partitioned" else "1 variable"
    assert outcome.notices == [REOPENED.replace("1 variable", count)]
    assert nb.value("got == expected")
    assert nb.operations() == before


# Leave no trace


# Of the graph called mine.
INSPECTIONS = [
    "vars",
    "vars v*",
    "set v 9",
    "undo",
    "redo",
    "reset",
    "reset v",
    "undo",
    "init",
    "close",
    "vars",
    "undo",
    "close",
    "set v 8",
    "close --discard",
    "init",
]
REOPENINGS = [
    "%tfsession",
    "%tfsession doctor",
    "tf.Session(config=tf.ConfigProto(log_device_placement=True), graph=g)",
    "sess.run(start)",
    "sess.close()",
    "tf.Session(graph=g)",
]


@pytest.mark.parametrize("final", [False, True], ids=["open", "finalized"])
def test_nothing_is_added_to_the_graph(world: World, final: bool) -> None:
    world.start()
    world.run(f"start = v.initializer; {final} and g.finalize()")
    assert world.run("%tfsession name mine --graph graph-1").error is None
    before = world.nb.operations("g")
    for source in [*(f"%tfsession {line} --graph mine" for line in INSPECTIONS), *REOPENINGS]:
        outcome = world.run(source)
        assert (source, outcome.error) == (source, None)
        assert (source, world.nb.operations("g")) == (source, before)
    assert world.value("float(sess.run(v))") == 1.0


def test_a_finalized_graph_is_closed_and_opened_again(world: World) -> None:
    world.start()
    world.run("g.finalize()")
    before = world.nb.operations("g")
    world.run("sess.close()")
    assert world.run("sess.run(add)").notices == [REOPENED]
    world.run("tf.Session(graph=g, config=tf.ConfigProto(log_device_placement=True))")
    assert world.value("float(sess.run(v))") == 4.0
    assert world.nb.operations("g") == before


# Graphs that are not the session's


def two_graphs(kernels: Kernels, mode: str = "tf1") -> World:
    """Give a world with a session opened without `graph=`, and another graph."""
    world = world_of(kernels, mode, resource=True)
    world.run("with g.as_default(): sess = tf.Session()")
    world.run("sess.run(v.initializer)")
    assert world.run(SECOND_GRAPH).ok
    return world


FOREIGN = {
    "sess.run(far)": 20.0,
    "sess.run([far, far])[1]": 20.0,
    "sess.run((far,))[0]": 20.0,
    "far.eval()": 20.0,
    "tell.run() or len(told)": 1.0,
    "sess.run(tell) or len(told)": 1.0,
    "sparse.eval().values[0]": 3.0,
    "sess.run(sparse).values[0]": 3.0,
}


def test_feeds_go_where_the_fetches_belong(kernels: Kernels) -> None:
    world = two_graphs(kernels)
    outcome = world.run("result = float(sess.run(far, {far: 4.0}))")
    assert (outcome.error, outcome.notices) == (None, [ELSEWHERE])
    assert world.value("result") == 4.0


@pytest.mark.parametrize("mode", MODES)
def test_what_belongs_to_another_graph_runs_there(kernels: Kernels, mode: str) -> None:
    world = two_graphs(kernels, mode)
    for source, expected in FOREIGN.items():
        world.run("told.clear()")
        outcome = world.run(f"with g.as_default(), sess.as_default(): result = float({source})")
        assert (source, outcome.error) == (source, None)
        assert (source, outcome.notices) == (source, [ELSEWHERE])
        assert (source, world.value("result")) == (source, expected)


def test_running_elsewhere_is_said_once_in_a_cell(kernels: Kernels) -> None:
    world = two_graphs(kernels)
    source = "for _ in range(3): sess.run(far)"
    assert world.nb.run(source, cell="a").notices == [ELSEWHERE]
    assert world.nb.run(source, cell="a").notices == [ELSEWHERE]


NO_ELEMENT = "is not an element of this graph"
EXPLICIT = [
    ("sess.run(far)", NO_ELEMENT),
    ("sess.run([far, v])", NO_ELEMENT),
    ("sess.run(v, {far: 1.0})", NO_ELEMENT),
    ("sess.run(sparse)", NO_ELEMENT),
    ("sess.make_callable(far)", NO_ELEMENT),
    ("far.eval(session=sess)", "Cannot use the given session to evaluate tensor"),
    ("tell.run(session=sess)", "Cannot use the given session to execute operation"),
    ("with sess: far.eval()", "Cannot use the default session to evaluate tensor"),
    ("with sess: tell.run()", "Cannot use the default session to execute operation"),
]


def test_an_explicit_graph_keeps_tensorflows_error(kernels: Kernels) -> None:
    world = two_graphs(kernels)
    world.run("tf.Session(graph=g)")
    for source, said in EXPLICIT:
        outcome = world.run(source)
        assert outcome.error is not None, source
        assert outcome.error.ename in {"ValueError", "TypeError"}, source
        assert said in outcome.error.evalue
        assert (source, outcome.notices) == (source, [])
    assert world.value("told") == []
    world.run("with g.as_default(): tf.Session()")
    assert world.run("sess.run(far)").notices == [ELSEWHERE]


def test_a_mix_of_graphs_is_tensorflows_error(kernels: Kernels) -> None:
    world = two_graphs(kernels)
    for source in (
        "sess.run([far, v])",
        "sess.run([v, far])",
        "sess.run(v, {far: 1.0})",
        "sess.run({'a': v, 'b': [far]})",
    ):
        outcome = world.run(source)
        assert outcome.error is not None, source
        assert outcome.error.ename in {"ValueError", "TypeError"}, source
        assert NO_ELEMENT in outcome.error.evalue
        assert (source, outcome.notices) == (source, [])


# Left alone


def test_a_subclass_is_left_alone(world: World) -> None:
    world.start()
    outcome = world.run("""
class Mine(tf.Session):
    def run(self, *args, **kwargs):
        return ["mine", tf.Session.run(self, *args, **kwargs)]

with Mine("", g, tf.ConfigProto()) as mine:
    mine.run(v.initializer)
    result = mine.run(add)[0], float(mine.run(v)[1])
""")
    assert (outcome.error, outcome.notices) == (None, [])
    assert world.value("result") == ("mine", 2.0)
    assert world.value("isinstance(mine, tf.Session), issubclass(Mine, tf.Session)") == (True, True)
    assert world.value("mine._closed")
    assert world.value("float(sess.run(v))") == 3.0


LEFT_ALONE = {
    "MonitoredSession": "tf.train.MonitoredSession()",
    "MonitoredTrainingSession": "tf.train.MonitoredTrainingSession()",
    "Supervisor": "tf.train.Supervisor(logdir=None, summary_op=None).managed_session()",
    "SessionManager": "tf.train.SessionManager().prepare_session('', init_op=v.initializer)",
}


@pytest.mark.parametrize("mode", ["tf1", "eager"])
@pytest.mark.parametrize("which", LEFT_ALONE)
def test_tensorflows_own_sessions_are_left_alone(kernels: Kernels, mode: str, which: str) -> None:
    world = world_of(kernels, mode, resource=True)
    world.start()
    outcome = world.run(f"""
with g.as_default():
    with {LEFT_ALONE[which]} as theirs:
        ours = type(theirs) is tf.Session
        result = [float(theirs.run(add)) for _ in range(3)]
""")
    assert (outcome.error, outcome.notices) == (None, [])
    assert world.value("ours, result") == (False, [2.0, 3.0, 4.0])
    assert world.value("float(sess.run(v))") == 3.0


WRONG = {
    "tf.Session(tf.ConfigProto())": "TypeError",
    "tf.Session(3)": "TypeError",
    "tf.Session(0)": "TypeError",
    "tf.Session(graph=3)": "TypeError",
    "tf.Session(graph='g')": "TypeError",
    "tf.Session(config='x')": "TypeError",
    "tf.Session(config={})": "TypeError",
    "tf.Session(nothing=1)": "TypeError",
    "tf.Session('', g, None, 4)": "TypeError",
    "tf.InteractiveSession(graph=3)": "TypeError",
    "tf.InteractiveSession(config='x')": "AttributeError",
    "tf.Session('nonsense://')": "NotFoundError",
    "sess.run(3)": "TypeError",
    "sess.run(None)": "TypeError",
    "sess.run('nothing:0')": "ValueError",
    "sess.run(v, feed_dict=3)": "TypeError",
    "sess.run(v, feed_dict=[v])": "TypeError",
    "sess.run(double, feed_dict={double: [[1.0, 2.0], [3.0]]})": "ValueError",
    "sess.run(v, feed_dict={'nothing:0': 1})": "TypeError",
    "sess.run()": "TypeError",
    "sess.make_callable(3)": "TypeError",
    "sess.partial_run('nothing', v)": "InvalidArgumentError",
    "sess.nothing": "AttributeError",
}

# Python's own errors, which name the class: ours is not TensorFlow's.
NAMES_THE_CALLEE = {
    "tf.Session(nothing=1)",
    "tf.Session('', g, None, 4)",
    "sess.run()",
    "sess.nothing",
}


def test_wrong_arguments_give_tensorflows_errors_and_switch_nothing_off(kernels: Kernels) -> None:
    plainly = kernels.get("graph", load=False)
    plainly.run(BUILD.format(graph="tf.get_default_graph()", resource=True))
    plainly.run("sess = tf.Session(); sess.run(v.initializer)")
    expected = {source: plainly.run(source).error for source in WRONG}
    world = world_of(kernels, "tf1", resource=True)
    world.start()
    for source, ename in WRONG.items():
        outcome, plain = world.run(source), expected[source]
        assert outcome.error is not None, source
        assert plain is not None, source
        assert (source, outcome.error.ename) == (source, ename)
        assert (source, plain.ename) == (source, ename)
        if source not in NAMES_THE_CALLEE:
            # How a protobuf reads differs from process to process, by protobuf's own design.
            said, expected_text = (
                text.partition(" config: ")[0] for text in (outcome.error.evalue, plain.evalue)
            )
            assert said == expected_text
        assert (source, outcome.notices) == (source, [])
    assert world.run("again = tf.Session()").notices == []
    assert world.value("again is sess and float(sess.run(v))") == 3.0
    assert "switched off" not in world.run("%tfsession doctor").text
    features = "sys.modules['jupyter_tfsession.extension'].loaded().features"
    world.run("import sys")
    assert world.value(f"[one.off_because for one in {features} if one.off_because]") == []


@pytest.mark.parametrize("mode", MODES)
def test_a_remote_session_is_left_to_tensorflow(kernels: Kernels, mode: str) -> None:
    world = world_of(kernels, mode, resource=False)
    world.start()
    outcome = world.run("""
server = tf.train.Server.create_local_server()
with tf.Session(server.target, graph=g) as remote, tf.Session(server.target, graph=g) as second:
    remote.run(v.initializer)
    result = type(remote) is tf.Session, remote is second, remote.sess_str, float(second.run(add))
""")
    assert (outcome.error, outcome.notices) == (None, [])
    assert world.value("result[:2]") == (False, False)
    assert world.value("result[2] == server.target.encode() and result[3]") == 2.0
    assert world.value("float(sess.run(v))") == 3.0
    assert world.run("tf.Session.reset(server.target)").error is None
    assert world.run("result = float(sess.run(v))").notices == []


# What must not poison a session


@pytest.mark.parametrize(
    ("device", "config"),
    [("/job:worker/task:0", ""), ("/job:worker/task:0", "config=tf.ConfigProto()"),
     ("/gpu:0", "config=tf.ConfigProto()")],
)  # fmt: skip
def test_an_operation_that_cannot_be_placed_harms_no_other(
    tf1: World, device: str, config: str
) -> None:
    tf1.run(f"sess = tf.Session({config}); sess.run(v.initializer)")
    tf1.run(f"with tf.device({device!r}): bad = double + 1")
    apart = (
        "opened the session of graph-1 anew so that what cannot be placed fails alone; "
        "1 variable carried over"
    )
    for notices in ([apart], []):
        outcome = tf1.run("sess.run(bad)")
        assert outcome.error is not None
        assert outcome.error.ename == "InvalidArgumentError"
        assert outcome.notices == notices
        outcome = tf1.run("result = float(sess.run(add))")
        assert (outcome.error, outcome.notices) == (None, [])
    assert tf1.value("result") == 3.0
    tf1.run('w = tf.get_variable("w", initializer=4.0)')
    tf1.run("sess.run(w.initializer); sess.close()")
    assert tf1.run("result = float(sess.run(w + v))").error is None
    assert tf1.value("result") == 7.0


def test_a_session_without_config_places_softly(tf1: World) -> None:
    tf1.run("with tf.device('/gpu:0'): near = double + 1")
    outcome = tf1.run("sess = tf.Session(); sess.run(v.initializer); result = sess.run(near)")
    assert (outcome.error, outcome.notices) == (None, [])
    assert tf1.value("float(result)") == 3.0


# The rest of a session


def test_a_callable_outlives_the_closing(world: World) -> None:
    world.start()
    outcome = world.run("""
with g.as_default():
    fed = tf.placeholder(tf.float32)
    total = v + fed
count, feeding = sess.make_callable(add), sess.make_callable(total, [fed])
result = float(count()), float(feeding(10.0))
""")
    assert (outcome.error, outcome.notices) == (None, [])
    assert world.value("result") == (4.0, 14.0)
    world.run("sess.close()")
    assert world.run("result = float(count())").notices == [REOPENED]
    world.run("sess.close()")
    assert world.run("fed_result = float(feeding(20.0))").notices == [REOPENED]
    assert world.value("result, fed_result") == (5.0, 25.0)
    world.run("tf.Session(graph=g, config=tf.ConfigProto(log_device_placement=True))")
    assert world.run("result = float(count()), float(feeding(10.0))").notices == []
    assert world.value("result") == (6.0, 16.0)


def test_a_callable_takes_options(tf1: World) -> None:
    tf1.start()
    outcome = tf1.run("""
count = sess.make_callable(add, accept_options=True)
about = tf.RunMetadata()
result = float(count(options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE),
                     run_metadata=about))
""")
    assert outcome.error is None
    assert tf1.value("result, len(about.step_stats.dev_stats) > 0") == (4.0, True)


PARTIAL = """
with g.as_default():
    a, b = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
    first = a + 1.0
    second = first * b
handle = sess.partial_run_setup([first, second], [a, b])
got = float(sess.partial_run(handle, first, {a: 1.0}))
result = got, float(sess.partial_run(handle, second, {b: 10.0}))
"""


@pytest.mark.parametrize("nb", ["tf1", "graph"], indirect=True)
def test_runs_in_parts(nb: Notebook) -> None:
    nb.run("g = tf.get_default_graph(); sess = tf.Session()")
    for _ in range(2):
        outcome = nb.run(PARTIAL)
        assert (outcome.error, outcome.notices) == (None, [])
        assert nb.value("result") == (2.0, 20.0)
        nb.run("sess.close()")


def test_a_handle_of_a_closed_session_is_tensorflows_error(nb: Notebook) -> None:
    nb.run("g = tf.get_default_graph(); sess = tf.Session()")
    nb.run(PARTIAL)
    nb.run("handle = sess.partial_run_setup([first, second], [a, b]); sess.close()")
    outcome = nb.run("sess.partial_run(handle, first, {a: 1.0, b: 2.0})")
    assert outcome.error is not None
    assert outcome.error.ename == "RuntimeError"
    assert (
        "Session has been closed" in outcome.error.evalue
        or "closed Session" in outcome.error.evalue
    )
    assert nb.run(PARTIAL).error is None


def test_options_and_metadata_pass_through(world: World) -> None:
    world.start()
    outcome = world.run("""
about = tf.RunMetadata()
options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
sess.run(add, options=options, run_metadata=about)
""")
    assert outcome.error is None
    assert world.value("len(about.step_stats.dev_stats) > 0")


def test_the_attributes_of_a_session(world: World) -> None:
    world.start()
    assert world.value("sess.graph is g")
    assert world.value("sess.graph_def == g.as_graph_def()")
    assert world.value("sess.sess_str") == b""
    assert world.value("sess.list_devices()[0].device_type") == "CPU"
    assert world.value("repr(sess)") == (
        "<tf.compat.v1.Session of 'graph-1', open, kept by jupyter_tfsession>"
    )
    world.run("sess.close()")
    assert world.value("sess.graph is g and 'closed' in repr(sess)")
    assert world.run("devices = len(sess.list_devices())").notices == [REOPENED]


def test_a_saver_and_a_file_writer_take_the_session(tf1: World, tmp_path) -> None:
    tf1.start()
    outcome = tf1.run(f"""
saver = tf.train.Saver()
path = saver.save(sess, {str(tmp_path / "model")!r})
sess.run(add)
saver.restore(sess, path)
with tf.summary.FileWriter({str(tmp_path)!r}, session=sess): pass
""")
    assert (outcome.error, outcome.notices) == (None, [])
    assert tf1.value("float(sess.run(v))") == 3.0


def test_fetches_of_every_structure(tf1: World) -> None:
    tf1.start()
    tf1.run("import collections; Pair = collections.namedtuple('Pair', 'left right')")
    outcome = tf1.run("""
deep = v, collections.OrderedDict(x=v)
fetches = Pair(v, [double, {"name": double.name, "op": add.op, "deep": deep}])
result = sess.run(fetches)
""")
    assert outcome.error is None
    assert tf1.value("type(result).__name__, type(result.right[1]['deep'][1]).__name__") == (
        "Pair",
        "OrderedDict",
    )
    assert tf1.value("result.right[1]['op']") is None


def test_an_interactive_session_is_one(tf1: Notebook) -> None:
    tf1.run("plain = isinstance(tf.Session(), tf.InteractiveSession)")
    tf1.run(
        "sess = tf.InteractiveSession()\nboth = [isinstance(sess, c) for c in "
        "(tf.Session, tf.InteractiveSession)]\nsess.close()"
    )
    assert tf1.value("plain, both") == (False, [True, True])


def test_a_session_that_is_opened_does_not_know_yet_what_a_cell_still_builds(
    fresh_notebook: Callable[..., Notebook],
) -> None:
    nb = fresh_notebook(env={"TF_CPP_MIN_LOG_LEVEL": "1"})  # with TensorFlow's warnings
    nb.run("%load_ext jupyter_tfsession\nimport tensorflow.compat.v1 as tf")
    nb.run("tf.disable_v2_behavior()\nv = tf.Variable(1.0)\nsess = tf.Session()")
    warned = "was changed by setting attribute after it was run"
    nb.run("init = tf.global_variables_initializer()\nsess.run(init)")
    assert warned not in nb.log()
    nb.run("w = tf.Variable(1.0)\nsess.run(v)\ninit = tf.group(w.initializer)\nsess.run(init)")
    assert warned in nb.log()  # so it would have been seen

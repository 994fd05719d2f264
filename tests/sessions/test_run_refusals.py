"""A managed run refuses what a plain one refuses, in the same words, and goes on after it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pair import outcome

if TYPE_CHECKING:
    from pair import Pair


@dataclass
class Data:
    tensor: Any


class Own(Exception):  # noqa: N818 - as notebooks have it
    pass


class Named:
    """What has a name is no name."""

    name = "a:0"


NO_FETCHES = {
    "a dataclass": lambda tf, a: Data(a),
    "what has a name": lambda tf, a: Named(),
    "a class": lambda tf, a: Data,
    "a function": lambda tf, a: len,
    "a set": lambda tf, a: {"a:0"},
    "a deque": lambda tf, a: deque([a]),
    "a range": lambda tf, a: range(2),
    "a generator": lambda tf, a: (name for name in ["a:0"]),
    "keys": lambda tf, a: {"a:0": 1}.keys(),
    "an array": lambda tf, a: np.array([1.0]),
    "an array of names": lambda tf, a: np.array(["a:0"]),
    "True": lambda tf, a: True,
    "...": lambda tf, a: ...,
    "a type": lambda tf, a: tf.float32,
    "a shape": lambda tf, a: a.shape,
    "a graph": lambda tf, a: a.graph,
    "a queue": lambda tf, a: tf.FIFOQueue(1, tf.int32),
    "a table": lambda tf, a: tf.lookup.experimental.DenseHashTable(tf.int64, tf.int64, 0, -1, -2),
    "a dataset": lambda tf, a: tf.data.Dataset.range(3),
    "a value of a dataset": lambda tf, a: tf.data.Dataset.range(3)._variant_tensor,
    "an iterator": lambda tf, a: tf.data.make_initializable_iterator(tf.data.Dataset.range(3)),
    "a tensor array": lambda tf, a: tf.TensorArray(tf.float32, 2),
    "a partitioned variable": lambda tf, a: tf.get_variable(
        "p", [4], partitioner=tf.fixed_size_partitioner(2)
    ),
    "None in a tuple": lambda tf, a: (a, None),
    "None deep inside": lambda tf, a: {"x": [a, {"y": (None,)}]},
    "bytes that may change": lambda tf, a: bytearray(b"a:0"),
}


@pytest.mark.parametrize("name", NO_FETCHES)
def test_what_is_no_fetch(pair: Pair, tf: Any, name: str) -> None:
    wrong = NO_FETCHES[name](tf, tf.constant(1, name="a"))
    pair.refused(wrong)
    pair.refused([wrong, "a:0"])
    pair.alike(lambda session: session.make_callable(wrong)())


NAMES = [
    "",
    "no",
    "^a",
    "a:",
    "a:b",
    "a:0:0",
    "a:2",
    " a:0",
    "A:0",
    "größe:0",
    "s/",
    "s",
    "0",
    ":0",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_nothing(pair: Pair, tf: Any, name: str) -> None:
    with tf.name_scope("s"):
        a = tf.constant(1, name="in")
    tf.identity(a, "a")
    pair.refused(name)
    pair.refused({"x": [name, a]})
    assert "Cannot interpret feed_dict key" in pair.refused(a, {name: 1})


def test_a_name_that_is_not_there_yet(pair: Pair, tf: Any) -> None:
    early = tf.constant(1)
    pair.refused(["later:0", early])
    pair.refused(early, {"later:0": 2.0})
    pair.alike(lambda session: session.make_callable("later:0"))
    later = tf.placeholder_with_default(1.0, [], "later")
    assert pair.short(["later:0", early]) == [1.0, 1]
    assert pair.short([later, early], {"later:0": 2.0}) == [2.0, 1]


def test_what_is_inside_a_function(pair: Pair, tf: Any) -> None:
    near = tf.constant(1.0)
    function = tf.compat.v2.function(lambda x: tf.identity(x + 1.0))
    inside = function.get_concrete_function(tf.TensorSpec([], tf.float32)).graph
    for element in (inside.inputs[0], inside.outputs[0], inside.outputs[0].op):
        assert "is not an element of this graph" in pair.refused(element)
        assert "is not an element of this graph" in pair.refused([element, near])


@pytest.mark.parametrize("fetches", [[], (), {}, [[]], None, "a:0"], ids=str)
def test_a_graph_without_operations(pair: Pair, tf: Any, fetches: Any) -> None:
    assert "The Session graph is empty" in pair.refused(fetches)
    pair.refused(fetches, None, options=tf.RunOptions(), run_metadata=tf.RunMetadata())
    pair.alike(lambda session: session.make_callable(fetches)())
    pair.alike(lambda session: session.partial_run_setup(fetches))


@pytest.mark.parametrize(
    "kind",
    [
        ValueError,
        TypeError,
        NotImplementedError,
        StopIteration,
        MemoryError,
        KeyError,
        SystemExit,
        Own,
    ],
)
def test_errors_of_python_functions(pair: Pair, tf: Any, kind: Any) -> None:
    def fail(number: Any) -> Any:
        if number > 1:
            raise kind("injected")
        return number

    fed = tf.placeholder(tf.float32, [])
    result = tf.py_func(fail, [fed], tf.float32)
    pair.short(result, {fed: 1.0})
    assert "injected" in pair.refused(result, {fed: 2.0})
    pair.short(result, {fed: 1.0})
    failing = tf.py_func(fail, [tf.constant(2.0)], tf.float32)
    assert isinstance(pair.alike(lambda session: session.make_callable(failing)()), Exception)


def test_a_graph_that_cannot_be_run(pair: Pair, tf: Any) -> None:
    from tensorflow.python.ops import gen_control_flow_ops

    fed = tf.placeholder(tf.float32, [])
    one, other = (gen_control_flow_ops.enter(fed, frame, False) for frame in ("one", "other"))
    assert "different frames" in pair.refused(one + other, {fed: 1.0})
    pair.short(fed + 1, {fed: 1.0})


def test_the_operation_of_an_error_is_that_of_the_graph(pair: Pair, tf: Any) -> None:
    missing = tf.placeholder(tf.float32, name="missing")
    later = tf.identity(missing)
    for ours, theirs in pair.outcomes([later, {"x": later}]):
        for error in (ours, theirs):
            assert error.op is missing.op
            assert error.node_def == missing.op.node_def
            assert error.error_code == tf.errors.INVALID_ARGUMENT


def test_a_run_out_of_time_does_not_end_the_session(pair: Pair, tf: Any) -> None:
    queue = tf.FIFOQueue(1, tf.int32, [])
    take, put = queue.dequeue(), queue.enqueue(7)
    for _ in range(2):
        error = pair.same([take], None, options=tf.RunOptions(timeout_in_ms=20))
        assert isinstance(error, tf.errors.DeadlineExceededError)
        assert pair.alike(lambda session: [session.run(put), session.run(take)]) == [None, 7]


# Runs in parts.


def parts(session: Any, setup: Any, *steps: Any) -> list[Any]:
    """Return what comes of the parts of a run, each fetches and feeds."""
    handle = session.partial_run_setup(*setup)
    return [outcome(session.partial_run, handle, *step) for step in steps]


def test_parts_out_of_order(pair: Pair, tf: Any) -> None:
    a, b = tf.placeholder(tf.float32, [], "a"), tf.placeholder(tf.float32, [], "b")
    constant = tf.constant(1.0)
    first = a + 1
    second = first * b
    whole = ([first, second], [a, b])
    sequences: list[list[tuple[Any, ...]]] = [
        [([], {a: 1}), (first,), (first,), ([], {b: 2}), (second,), (second,), ([],)],
        [(first, {a: 1, constant: 3}), (first, {a: 1}), (first, {a: 1}), (second, {b: 2})],
        [(constant,), (first.op, {a: 1}), ([first, second.op], {a: 1}), (None,), ("no:0",)],
        [(second, {"a": 1}), (second, {"a:0": 1, "b:0": [1, 2]}), ({"x": [second]}, {a: 1, b: 2})],
        [([first, second], {a: 1, b: 2}), (first,)],
        [(first, {a: "text"}), (first, [a]), (first, {a: [1]}), (first, {a: 1}), ([second],)],
    ]
    for steps in sequences:
        assert pair.alike(lambda session, steps=steps: parts(session, whole, *steps))
    pair.short([first, second], {a: 1.0, b: 2.0})


SETUPS = {
    "nothing": lambda tf, a, b: ([], [a]),
    "None": lambda tf, a, b: (None, [a]),
    "a name": lambda tf, a, b: ("b:0", "a:0"),
    "a name of nothing": lambda tf, a, b: ("no:0", [a]),
    "one feed": lambda tf, a, b: (b, a),
    "feeds in a tuple": lambda tf, a, b: (b, (a,)),
    "no feeds": lambda tf, a, b: (b, None),
    "a feed twice": lambda tf, a, b: (b, [a, a]),
    "a feed of no name": lambda tf, a, b: (b, ["no:0"]),
    "an operation": lambda tf, a, b: ([b, b.op], [a]),
    "a fed operation": lambda tf, a, b: (b, [a.op]),
    "None fed": lambda tf, a, b: (b, [None]),
    "a dict of feeds": lambda tf, a, b: (b, {a: 1}),
    "a tuple in feeds": lambda tf, a, b: (b, [(a, b)]),
    "a generator of feeds": lambda tf, a, b: (b, (one for one in [a])),
    "a number fed": lambda tf, a, b: (b, 3),
}


@pytest.mark.parametrize("name", SETUPS)
def test_setting_up(pair: Pair, tf: Any, name: str) -> None:
    a = tf.placeholder_with_default(1.0, [], "a")
    setup = SETUPS[name](tf, a, tf.add(a, 1, "b"))
    pair.alike(lambda session: bool(session.partial_run_setup(*setup)))


@pytest.mark.parametrize("handle", ["no such", b"no such", 3, 1.5])
def test_handles_of_nothing(pair: Pair, tf: Any, handle: Any) -> None:
    a = tf.constant(1.0)
    for step in ((a,), (a + 1, {a: 1}), ([], {a: 1})):
        error = pair.alike(lambda session, step=step: session.partial_run(handle, *step))
        assert getattr(error, "op", None) is getattr(error, "node_def", None) is None


@pytest.mark.parametrize("fed", [False, True])
def test_a_part_of_no_run_is_a_run(pair: Pair, tf: Any, fed: bool) -> None:
    a = tf.constant(1.0)
    feeds = {a: 2.0} if fed else None
    for fetches in ([a, a.op], a):
        found = pair.alike(lambda session, f=fetches: session.partial_run(None, f, feeds))
        assert not isinstance(found, Exception)


def test_a_part_writes_only_its_own(pair: Pair, tf: Any) -> None:
    a, b = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
    v, w = tf.Variable(1.0), tf.Variable(2.0)
    first, second = tf.identity(tf.assign(v, a)), tf.identity(tf.assign(w, b))
    handle = pair.managed.partial_run_setup([first, second], [a, b])
    assert pair.managed.partial_run(handle, first, {a: 3.0}) == 3
    pair.managed.close()  # which reads the values
    assert pair.managed.run(v) == 3
    assert isinstance(outcome(pair.managed.run, w), tf.errors.FailedPreconditionError)


def test_what_an_operation_was_made_for_is_told_with_its_error(pair: Pair, tf: Any) -> None:
    graph = tf.get_default_graph()
    first = tf.constant(0.0)
    with graph._original_op(first.op):
        second = tf.identity(first)
    with graph._original_op(second.op):
        missing = tf.placeholder(tf.float32, name="missing")
    pair.refused(missing)
    for ours, theirs in pair.outcomes(missing):
        assert ours.op is theirs.op is missing.op
        assert ours.error_code == theirs.error_code
        assert ours.op._original_op._original_op is first.op

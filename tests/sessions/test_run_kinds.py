"""A managed run does what a plain one does: what is made of several tensors, a graph that grows."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from jupyter_tfsession import tf_internals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pair import Pair

    from jupyter_tfsession.sessions.registry import Registry


def slices_value(*parts: Any) -> Any:
    from tensorflow.python.framework.indexed_slices import IndexedSlicesValue

    return IndexedSlicesValue(*parts)


@pytest.mark.parametrize("dense", [True, False])
def test_slices_go_in_and_come_out(pair: Pair, tf: Any, dense: bool) -> None:
    shape = [tf.placeholder(tf.int64, [1])] if dense else []
    slices = tf.IndexedSlices(
        tf.placeholder(tf.float32, [2]), tf.placeholder(tf.int64, [2]), *shape
    )
    again = tf.IndexedSlices(*map(tf.identity, (slices.values, slices.indices, *shape)))
    parts = ([1.0, 2.0], [3, 4], *([[9]] if dense else []))
    for value in (parts, list(parts), slices_value(*parts[:2], [9] if dense else None)):
        for fetches in (again, slices, [again, slices, slices.values]):
            found = pair.same(fetches, {slices: value})
            assert not isinstance(found, Exception)
    for value in (parts[:2], (*parts, 1), (1.0, *parts[1:]), None, 3, "text"):
        for fetches in (again, slices, again.values):
            pair.same(fetches, {slices: value})
    pair.alike(
        lambda s: s.partial_run(s.partial_run_setup(again, [slices]), again, {slices: parts})
    )


@pytest.mark.parametrize("dense", [True, False])
def test_slices_whose_parts_disagree(
    pair: Pair, tf: Any, monkeypatch: pytest.MonkeyPatch, dense: bool
) -> None:
    features = pair.managed._live.registry.features
    monkeypatch.setattr(features, "_off", {})
    indices = tf.constant([[3, 2, 0], [4, 5, 1]])
    slices = tf.IndexedSlices(tf.constant([1.0, 2.0]), indices, *[tf.constant([7, 9, 2])][:dense])
    pair.same([slices, {"x": slices}])
    assert features.is_on("guard")
    pair.short(slices)
    pair.short(slices.values * 2, {slices: ([3.0, 4.0], np.zeros((2, 3)), [1, 2, 3])[: 2 + dense]})


def test_sparse_tensors_of_placeholders(pair: Pair, tf: Any) -> None:
    kinds = (tf.int64, tf.float32, tf.int64)
    sparse = tf.SparseTensor(*(tf.placeholder(kind) for kind in kinds))
    again = tf.SparseTensor(*map(tf.identity, (sparse.indices, sparse.values, sparse.dense_shape)))
    parts = np.array([[0, 1], [1, 2]]), np.ones(2, np.float32), np.array([2, 3])
    for value in (parts, list(parts), tf.SparseTensorValue(*parts)):
        for fetches in (again, [again, sparse], {"x": (sparse, again.indices)}):
            pair.short(fetches, {sparse: value})
    for value in (parts[:2], (*parts, 1), (parts[0], "x", parts[2]), "text", None, 3):
        pair.same(again, {sparse: value})


def test_composites_in_tuples_of_feeds(pair: Pair, tf: Any) -> None:
    a, b = tf.zeros([2]), tf.zeros([2])
    sparse = tf.sparse_placeholder(tf.float32)
    fetches = [a * 2, b * 3]
    one, two = np.ones(2), np.full(2, 2)
    found = pair.short(fetches, {(((a,),), (b,)): (((one,),), [two])})
    assert [part.tolist() for part in found] == [[2, 2], [6, 6]]
    for value in (tf.SparseTensorValue([[1]], [5.0], [2]), ([[1]], [5.0], [2]), 3):
        pair.same([*fetches, sparse], {(a, sparse): (one, value), b: two})
        pair.same([*fetches, sparse], {(sparse,): (value,)})


class Several:
    def __init__(self, *tensors: Any) -> None:
        self.tensors = tensors


class SeveralMore(Several):
    pass


class Alone(Several):
    pass


@pytest.fixture
def taught() -> Iterator[Any]:
    """Give what the notebook teaches kinds of fetches with, forgotten after the test."""
    from tensorflow.python.client import session

    known = list(session._REGISTERED_EXPANSIONS)
    yield session.register_session_run_conversion_functions
    session._REGISTERED_EXPANSIONS[:] = known


def test_taught_kinds_of_several_tensors(pair: Pair, tf: Any, taught: Any) -> None:
    taught(
        Several,
        lambda one: (list(one.tensors), lambda values: ("sum", sum(values))),
        lambda one, value: list(zip(one.tensors, value, strict=False)),
        lambda one: list(one.tensors),
    )
    a, b = tf.constant(1.0), tf.constant(2.0)
    both, none, more = Several(a, b), Several(), SeveralMore(b, a, a)
    assert pair.same([both, {"x": none}, (more,)]) == [("sum", 3.0), {"x": None}, (("sum", 4.0),)]
    assert pair.same([both, a], {both: (5.0, 6.0)}) == [("sum", 11.0), 5.0]
    assert pair.same(more, {a: 5.0}) == ("sum", 12.0)
    both.tensors = (b, b)
    assert pair.same([both, {"x": none}, (more,)])[0] == ("sum", 4.0)
    assert pair.alike(lambda session: session.make_callable([both])()) == [("sum", 4.0)]
    pair.alike(lambda s: s.partial_run(s.partial_run_setup(both, [more]), both, {more: [3.0]}))
    with pytest.raises(ValueError, match="already been registered"):
        taught(Several, lambda one: ([], sum))


def test_taught_kinds_that_cannot_be_fed(pair: Pair, tf: Any, taught: Any) -> None:
    taught(Alone, lambda one: (list(one.tensors), lambda values: values[0]))
    alone = Alone(tf.constant(1.0))
    assert pair.same([alone, alone.tensors[0]]) == [1.0, 1.0]
    pair.refused(alone, {alone: 2.0})
    pair.alike(lambda session: session.partial_run_setup(alone, [alone]))
    assert pair.same(alone, {alone.tensors[0]: 2.0}) == 2.0


# The graph grows.


def test_functions_come_to_a_graph_that_ran(pair: Pair, tf: Any) -> None:
    from tensorflow.python.framework import function

    @function.Defun(tf.float32)
    def more(x: Any) -> Any:
        return x + 1

    x = tf.constant(1.0)
    pair.short(x)
    assert pair.short(more(x)) == 2.0
    assert pair.short(tf.compat.v2.function(lambda y: y * 3)(x)) == 3.0


def test_variables_come_in_groups(pair: Pair, tf: Any) -> None:
    a = tf.constant([1.0, 2.0])
    pair.short(a)
    for resource in (False, True):
        v, w = (tf.Variable(a * factor, use_resource=resource) for factor in (2, 3))
        initial = tf.group(v.initializer, w.initializer)
        assert pair.same([initial, a])[0] is None
        assert [part.tolist() for part in pair.short([v, w])] == [[2, 4], [3, 6]]
        new = tf.assign(v, a * 7)
        pair.short([a * 7, v])
        assert pair.short(new).tolist() == [7, 14]


def test_the_graph_def_is_as_it_is_now(pair: Pair, tf: Any) -> None:
    for number in range(3):
        about = pair.alike(lambda s: s.graph_def.SerializeToString(deterministic=True))
        assert about == tf.get_default_graph().as_graph_def().SerializeToString(deterministic=True)
        assert len(pair.managed.graph_def.node) == number
        pair.short(tf.constant(number))


def test_a_run_in_a_run(pair: Pair, tf: Any) -> None:
    inner = tf.constant(3.0) * 2
    for session in (pair.plain, pair.managed):
        outer = tf.py_func(lambda s=session: s.run(inner), [], tf.float32)
        assert [session.run([outer, inner]) for _ in range(3)] == [[6.0, 6.0]] * 3
        assert session.make_callable(outer)() == 6.0


# Several sessions, and the default one.


def test_misnested_defaults(pair: Pair, tf: Any) -> None:
    stack = tf_internals.default_sessions()

    def misnest(session: Any) -> None:
        first, second = session.as_default(), object()
        first.__enter__()
        stack.append(second)
        try:
            first.__exit__(None, None, None)
        finally:
            del stack[-2:]

    assert "Nesting violated" in str(pair.alike(misnest))
    assert not stack


def test_evaluation_needs_a_default_session(pair: Pair, tf: Any) -> None:
    a, constant = tf.placeholder(tf.float32, [], "a"), tf.constant(1.0)
    for act in (a.eval, a.op.run, lambda: a.eval({a: 1.0})):
        with pytest.raises(ValueError, match="No default session is registered"):
            act()
    pair.alike(lambda session: a.eval({"a:0": 1.0}, session=session))
    pair.alike(lambda session: a.eval(session=session))
    pair.alike(lambda session: a.op.run({a: constant}, session=session))
    pair.alike(lambda session: a.op.run({a: 1.0}, session=session))


def test_sessions_of_many_threads(registry: Registry, tf: Any) -> None:
    def work(number: int) -> list[Any]:
        with tf.Graph().as_default() as graph, registry.get_or_create(graph).as_default():
            v = tf.Variable([float(number)], name="v")
            v.initializer.run()
            grown = [tf.assign_add(v, [1.0]).eval().tolist() for _ in range(3)]
            return [*grown, v.eval().tolist(), tf.get_default_session().graph is graph]

    with ThreadPoolExecutor(6) as pool:
        for number, found in enumerate(pool.map(work, range(12))):
            assert found == [[number + 1], [number + 2], [number + 3], [number + 3], True]


@pytest.mark.parametrize("shape", [None, [None, 9], [2, 3]])
def test_sparse_placeholders_of_known_and_unknown_shapes(pair: Pair, tf: Any, shape: Any) -> None:
    sparse = tf.sparse_placeholder(tf.float32, shape)
    again = tf.SparseTensor(*map(tf.identity, (sparse.indices, sparse.values, sparse.dense_shape)))
    value = tf.SparseTensorValue([[0, 1], [1, 2]], [1.0, 2.0], [2, 9 if shape == [None, 9] else 3])
    pair.same([again, sparse], {sparse: value})
    pair.same(again, {sparse: tuple(value)})
    pair.same(again, {sparse: value[:2]})


def test_threads_run_while_threads_build(pair: Pair, tf: Any) -> None:
    constant, graph = tf.constant(5.0), tf.get_default_graph()
    built, building = threading.Event(), threading.Lock()  # TensorFlow builds on one thread at once

    def run() -> int:
        runs = 0
        while not built.is_set() or not runs:
            assert pair.managed.run(constant) == 5
            runs += 1
        return runs

    def square_if(condition: Any, y: Any) -> Any:
        return tf.cond(condition, lambda: y * y, lambda: y)

    def build() -> float:
        for _ in range(5):
            with building, graph.as_default():
                x = tf.placeholder(tf.float32, [])
                with tf.colocate_with(x):
                    y = tf.identity(x)
                slope = tf.gradients(x * square_if(x > 1, y), y)[0]
        return float(pair.managed.run(slope, {x: 3.0, y: 2.0}))

    with ThreadPoolExecutor(8) as pool:
        running = [pool.submit(run) for _ in range(4)]
        try:
            assert [one.result() for one in [pool.submit(build) for _ in range(4)]] == [12.0] * 4
        finally:
            built.set()
        assert all(one.result() for one in running)

"""A managed run does what a plain one does, whatever happened between two runs."""

from __future__ import annotations

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pair import describe, outcome

from jupyter_tfsession.sessions import shortcuts
from jupyter_tfsession.sessions.plans import PlanCache
from jupyter_tfsession.sessions.shortcuts import Shortcut

if TYPE_CHECKING:
    from pair import Pair


def test_the_graph_grows_between_runs(pair: Pair, tf: Any) -> None:
    value = tf.constant(0)
    for number in range(5):
        assert pair.short(value) == number
        v = tf.Variable(value + 1, name=f"v{number}", use_resource=bool(number % 2))
        pair.initialize(v)
        pair.short([v, value])
        value = tf.identity(v)


def test_a_loop_and_a_condition_come_to_the_graph(pair: Pair, tf: Any) -> None:
    fed = tf.placeholder(tf.int32, [])
    pair.short(fed, {fed: 1})
    for v2 in (False, True):
        (tf.enable_control_flow_v2 if v2 else tf.disable_control_flow_v2)()
        total = tf.while_loop(lambda i: i < 10, lambda i: i + fed, [tf.constant(0)])
        assert pair.short(total, {fed: 3}) == 12
        either = tf.cond(fed > 1, lambda: fed * 2, lambda: tf.constant(0))
        assert [pair.short(either, {fed: value}) for value in (1, 2)] == [0, 4]
    for inner in tf.get_default_graph().get_operations():
        if inner.outputs and inner.type in {"Enter", "Switch", "NextIteration"}:
            pair.same(inner.outputs[0], {fed: 1})


def test_a_finalized_graph(pair: Pair, tf: Any) -> None:
    a = tf.placeholder(tf.float32, [])
    total = a + 1
    tf.get_default_graph().finalize()
    pair.short([total, a], {a: 1.0})


def test_an_empty_graph(pair: Pair) -> None:
    assert "empty" in pair.refused([])
    assert "empty" in pair.refused("a:0")


def test_options_and_metadata(pair: Pair, tf: Any) -> None:
    a = tf.placeholder(tf.float32, [])
    total = tf.add(a, 1, "total")
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE, output_partition_graphs=True)
    pair.short(total, {a: 1.0})
    for session in (pair.plain, pair.managed):
        for _ in range(3):
            metadata = tf.RunMetadata()
            assert session.run(total, {a: 2.0}, options, metadata) == 3
            assert any(
                "total" in n.node_name for d in metadata.step_stats.dev_stats for n in d.node_stats
            )
            assert metadata.partition_graphs
            assert session.run([total], {a: 3.0}, options=options) == [4]
            assert session.run({"x": total}, {a: 3.0}, run_metadata=metadata) == {"x": 4}
    hopeless = tf.FIFOQueue(1, tf.float32).dequeue()
    short = tf.RunOptions(timeout_in_ms=20)
    pair.refused(hopeless, None, options=short)
    pair.refused(total, {a: 1.0}, options=3)
    pair.refused(total, {a: 1.0}, run_metadata="x")
    pair.refused(total, {a: "x"}, options=options)


def test_runs_of_many_threads(pair: Pair, tf: Any) -> None:
    fed = tf.placeholder(tf.float32, [None])
    v = tf.Variable(0.0, use_resource=True)
    pair.initialize(v)
    fetches = {
        "sum": tf.reduce_sum(fed),
        "fed": [fed],
        "grown": v.assign_add(1.0, read_value=False),
    }
    wrong: list[Any] = []
    begin = threading.Barrier(6)

    def run(number: int) -> None:
        begin.wait()
        for turn in range(200):
            size = (number + turn) % 7
            found = pair.managed.run(fetches, {fed: np.full(size, number)})
            if found["sum"] != size * number or found["fed"][0].shape != (size,):
                wrong.append(found)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for number in range(50):
        with tf.get_default_graph().as_default():
            assert pair.managed.run(tf.constant(number)) == number
    for thread in threads:
        thread.join()
    assert not wrong
    assert pair.managed.run(v) == 1200


def test_closing_and_opening_again(pair: Pair, tf: Any) -> None:
    v = tf.Variable(1.0)
    pair.initialize(v)
    grown = v.assign_add(1.0)
    for number in range(2, 6):
        assert pair.managed.run(grown) == number
        if number > 3:
            pair.managed.close()
    live_one = pair.managed._live
    assert list(live_one.plans) == []
    assert pair.managed.run([v, v.op]) == [5.0, None]


def test_an_engine_that_was_closed_behind_its_back(pair: Pair, tf: Any) -> None:
    a = tf.constant(1)
    pair.short(a)
    pair.plain.close()
    pair.managed._live.engine().close()
    assert "closed" in pair.refused(a)


def test_a_callable_of_an_engine_that_was_closed(pair: Pair, tf: Any) -> None:
    theirs, ours = (s.make_callable(tf.constant(1)) for s in (pair.plain, pair.managed))
    assert ours() == theirs() == 1
    pair.plain.close()
    pair.managed._live.engine().close()
    assert describe(outcome(ours)) == describe(outcome(theirs))


def test_partial_runs(pair: Pair, tf: Any) -> None:
    a, b = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
    first = a + 1
    second = first * b
    for session in (pair.plain, pair.managed):
        for _ in range(3):
            handle = session.partial_run_setup([first, second], [a, b])
            assert session.partial_run(handle, first, {a: 1}) == 2
            assert session.partial_run(handle, [second], {b: 3}) == [6]
        handle = session.partial_run_setup([first], [a])
        with pytest.raises(ValueError, match="shape"):
            session.partial_run(handle, first, {a: [1, 2]})


CALLABLES = {
    "a tensor": lambda tf, v: v + 1,
    "an operation": lambda tf, v: tf.no_op(),
    "a write": lambda tf, v: tf.assign_add(v, 1.0),
    "a list": lambda tf, v: [v, tf.no_op(), {"x": tf.assign_add(v, 1.0)}],
    "a sparse tensor": lambda tf, v: tf.SparseTensor([[0]], [1.0], [1]),
    "a failure": lambda tf, v: tf.placeholder(tf.float32, name="fed") + 1,
    "a variable": lambda tf, v: v,
    "a variable twice": lambda tf, v: [v, v, (v,)],
    "a variable that holds nothing": lambda tf, v: tf.Variable(2.0, name="empty") + v,
    "a variable of references": lambda tf, v: tf.Variable([2.0], name="ref", use_resource=False),
    "texts": lambda tf, v: tf.constant([b"a", b"\xff", b""]),
    "the first output of several": lambda tf, v: tf.split(tf.stack([v, v]), 2),
}


@pytest.mark.parametrize("name", CALLABLES)
def test_callables(pair: Pair, tf: Any, name: str) -> None:
    v = tf.Variable(1.0)
    pair.initialize(v)
    fetches = CALLABLES[name](tf, v)
    theirs, ours = (s.make_callable(fetches) for s in (pair.plain, pair.managed))
    for _ in range(4):
        assert describe(outcome(ours)) == describe(outcome(theirs))
        assert describe(outcome(ours, 1)) == describe(outcome(theirs, 1))
    pair.managed.close()
    pair.managed._live.ledger.settle(pair.managed._live.plans)
    for _ in range(3):
        assert describe(outcome(ours)) == describe(outcome(theirs))


def test_a_callable_that_waits_lets_other_threads_run(pair: Pair, tf: Any) -> None:
    queue = tf.FIFOQueue(1, tf.int32, [])
    take, put = queue.dequeue(), queue.enqueue(7)
    call = pair.managed.make_callable(take)
    with ThreadPoolExecutor() as pool:
        for _ in range(3):
            waiting = pool.submit(call)
            pair.managed.run(put)
            assert waiting.result(timeout=30) == 7


def test_callables_with_feeds_and_options(pair: Pair, tf: Any) -> None:
    a, b = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
    made = [s.make_callable([a - b], [a, b]) for s in (pair.plain, pair.managed)]
    assert [[call(3, number) for number in range(4)] for call in made] == [[[3], [2], [1], [0]]] * 2
    one = tf.constant(1)
    for session in (pair.plain, pair.managed):
        call = session.make_callable(one, accept_options=True)
        metadata = tf.RunMetadata()
        for _ in range(3):
            full = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
            assert call(options=full, run_metadata=metadata) == call() == 1
        assert metadata.step_stats.dev_stats


def test_a_callable_keeps_to_the_list_that_it_was_made_of(pair: Pair, tf: Any) -> None:
    fetches = [tf.constant(1), tf.constant(2)]
    made = [s.make_callable(fetches) for s in (pair.plain, pair.managed)]
    assert [call() for call in made] == [[1, 2]] * 2
    fetches.pop()
    assert [call() for call in made] == [[1, 2]] * 2


def test_eval_and_run_of_elements(pair: Pair, tf: Any) -> None:
    a = tf.placeholder(tf.float32, [])
    total, op = a + 1, tf.no_op()
    for session in (pair.plain, pair.managed):
        with session.as_default():
            assert [total.eval({a: number}) for number in range(3)] == [1, 2, 3]
            assert op.run() is None


# What is kept.


def test_neither_values_nor_results_are_held(pair: Pair, tf: Any) -> None:
    fed = tf.placeholder(tf.float32, [None])
    fetches = {"x": [fed * 2, fed]}
    wrong = tf.reshape(fed, [7])
    for _ in range(3):
        value = np.ones(3, np.float32)
        result = pair.managed.run(fetches, {fed: value})
        error = outcome(pair.managed.run, wrong, {fed: value})
        assert isinstance(error, tf.errors.InvalidArgumentError)
        held = [weakref.ref(value), weakref.ref(result["x"][0])]
        gc.disable()  # whoever waits for a collection holds on
        try:
            del value, result, error
            assert [one() for one in held] == [None, None]
        finally:
            gc.enable()


def test_feeds_that_are_refused_are_not_held(pair: Pair, tf: Any) -> None:
    fed = tf.placeholder(tf.float32, [2])
    for _ in range(3):
        value = np.ones(3, np.float32)
        error = outcome(pair.managed.run, fed + 1, {fed: value})
        assert isinstance(error, ValueError)
        held = weakref.ref(value)
        del value, error
        gc.collect()
        assert held() is None


def test_an_id_is_never_taken_for_that_of_something_gone(pair: Pair, tf: Any) -> None:
    for number in range(40):
        indices = tf.constant([[number]], tf.int64)
        for _ in range(2):
            sparse = tf.SparseTensor(indices, [number], [1000])
            assert pair.managed.run([sparse])[0].indices.tolist() == [[number]]
            del sparse
        held = [tf.constant(number), {"x": "Const:0"}]
        assert pair.managed.run(held)[0] == number
        del held
        if number % 10 == 9:
            pair.managed._live.plans.clear()


def test_more_fetches_than_plans(pair: Pair, tf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlanCache, "SIZE", 8)
    monkeypatch.setattr(PlanCache, "DROPPED", 2)
    v = tf.Variable(0)
    pair.initialize(v)
    grown = [tf.assign_add(v, 1) for _ in range(20)]
    for _ in range(3):
        for one in grown:
            pair.same(one)
    assert len(list(pair.managed._live.plans)) <= 8
    record = pair.managed._live.plans.catalogue.records[v.op.name]
    assert pair.managed._live.held([record])[v.op.name][1] >= 180


# Failing open.


@pytest.fixture
def warned(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> Any:
    features = pair.managed._live.registry.features
    monkeypatch.setattr(features, "_off", {})
    return features


@pytest.mark.parametrize("where", ["__init__", "_step", "_result", "_c_session"])
def test_a_fault_of_a_shortcut_is_not_the_notebooks(
    pair: Pair, tf: Any, warned: Any, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    v = tf.Variable(0)
    pair.initialize(v)
    fetches = [tf.assign_add(v, 1), tf.no_op()]
    if where == "_result":
        monkeypatch.setattr(shortcuts, "whole", lambda _: _fail)
    else:
        monkeypatch.setattr(Shortcut, where, _fail)
    for number in range(1, 5):
        assert pair.managed.run(fetches) == [number, None]
    assert not warned.is_on("shortcuts")
    assert warned.is_on("guard")


def _fail(*_args: Any, **_kwargs: Any) -> Any:
    raise TypeError("injected")


def test_switched_off_it_runs_as_ever(pair: Pair, tf: Any, warned: Any) -> None:
    warned.switch_off("shortcuts", "asked for")
    a = tf.constant(1)
    pair.same([a, (a,)])
    assert not pair.is_short([a, (a,)])

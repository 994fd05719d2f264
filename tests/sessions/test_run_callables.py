"""What was made of a managed session does what it does of a plain one: callables, partial runs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pair import TIMES, describe, outcome
from structures import STRUCTURES

if TYPE_CHECKING:
    from pair import Pair


def called(session: Any, fetches: Any, *args: Any, made: Any = None, **given: Any) -> Any:
    """Return what several calls of a callable return or raise."""
    call = session.make_callable(fetches, **(made or {}))
    return [outcome(call, *args, **given) for _ in range(TIMES)]


@pytest.mark.parametrize("made", [{}, {"accept_options": True}, {"feed_list": []}], ids=str)
@pytest.mark.parametrize("name", STRUCTURES)
def test_callables_of_every_structure(pair: Pair, tf: Any, name: str, made: Any) -> None:
    a, b = tf.constant([1.0, 2.0], name="a"), tf.constant(b"text", name="b")
    fetches = STRUCTURES[name](a, b, tf.no_op("op"))
    pair.alike(lambda session: called(session, fetches, made=made))


@pytest.mark.parametrize("name", STRUCTURES)
def test_partial_runs_of_every_structure(pair: Pair, tf: Any, name: str) -> None:
    a, b = tf.constant([1.0, 2.0], name="a"), tf.constant(b"text", name="b")
    fetches = STRUCTURES[name](a, b, tf.no_op("op"))

    def run(session: Any) -> Any:
        return session.partial_run(session.partial_run_setup(fetches), fetches)

    pair.alike(run)


@pytest.mark.parametrize("fetches", [None, [None], "no:0", "", 3, {"x": [None]}], ids=str)
def test_no_callable_is_made_of_what_cannot_be_fetched(pair: Pair, tf: Any, fetches: Any) -> None:
    assert isinstance(pair.alike(lambda session: session.make_callable(fetches)), Exception)
    tf.constant(1)
    assert isinstance(pair.alike(lambda session: session.make_callable(fetches)), Exception)


FEEDS = {
    "a list": lambda a, b: [a, b],
    "a tuple": lambda a, b: (a, b),
    "names": lambda a, b: ["a:0", "b:0"],
    "a tuple in a list": lambda a, b: [(a, b)],
    "the same twice": lambda a, b: [a, b, a],
    "None": lambda a, b: [None, a],
    "no tensor": lambda a, b: [a.op, b],
    "a tensor": lambda a, b: a,
    "a name": lambda a, b: "a:0",
    "a dict": lambda a, b: {a: 1, b: 2},
}


@pytest.mark.parametrize("name", FEEDS)
def test_lists_of_feeds(pair: Pair, tf: Any, name: str) -> None:
    a, b = tf.placeholder(tf.float32, [], "a"), tf.placeholder(tf.float32, [], "b")
    made = {"feed_list": FEEDS[name](a, b)}
    for args in ((1, 2), (1, 2, 3), ((1, 2),), ("x", 2), ([1], 2)):
        pair.alike(lambda session, args=args: called(session, a - b, *args, made=made))


def test_options_of_callables(pair: Pair, tf: Any) -> None:
    a, one, op = tf.placeholder(tf.float32, [], "a"), tf.constant(1), tf.no_op()
    double = a * 2
    metadata, traced = tf.RunMetadata(), tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    given: list[dict[str, Any]] = [
        {},
        {"options": traced},
        {"run_metadata": metadata},
        {"options": traced, "run_metadata": metadata},
        {"options": None, "run_metadata": None},
        {"options": 3},
        {"run_metadata": "x"},
        {"options": tf.RunOptions(inter_op_thread_pool=-1)},
        {"options": tf.RunOptions(inter_op_thread_pool=7)},
    ]
    for each in given:
        for made in ({}, {"accept_options": True}, {"feed_list": ()}):
            pair.alike(lambda s, made=made, each=each: called(s, [op, one], made=made, **each))
        for made in ({"feed_list": [a]}, {"feed_list": [a], "accept_options": True}):
            pair.alike(lambda s, made=made, each=each: called(s, double, 3.0, made=made, **each))
        pair.same(a, {a: 1.0}, **each)
        pair.same([op, double], {a: 1.0}, **each)


def test_a_callable_as_the_graph_grows(pair: Pair, tf: Any) -> None:
    v = tf.Variable([1.0, 2.0])
    pair.initialize(v)
    made = [session.make_callable([v, v * 2]) for session in (pair.plain, pair.managed)]
    for number in range(4):
        theirs, ours = ([part.tolist() for part in call()] for call in made)
        assert ours == theirs == [[1 + number, 2 + number], [2 + 2 * number, 4 + 2 * number]]
        pair.same(tf.no_op())
        for session in (pair.plain, pair.managed):
            session.run(tf.assign_add(v, [1.0, 1.0]))
    tf.get_default_graph().finalize()
    pair.alike(lambda session: called(session, [v, {"x": v}]))


def test_a_callable_that_several_threads_call(pair: Pair, tf: Any) -> None:
    v = tf.Variable(0, use_resource=True)
    pair.initialize(v)
    call = pair.managed.make_callable([v.assign_add(1, read_value=False), tf.constant([3])])
    with ThreadPoolExecutor(6) as pool:
        calls = [pool.submit(call) for _ in range(300)]
        assert all(one.result()[1].tolist() == [3] for one in calls)
    assert pair.managed.run(v) == 300


FETCHED = {
    "a variable": lambda tf: tf.Variable([1.0, 2.0], use_resource=True),
    "a variable of references": lambda tf: tf.Variable([1.0, 2.0], use_resource=False),
    "a constant": lambda tf: tf.constant([1.0, 2.0]),
    "what is worked out in advance": lambda tf: tf.transpose(tf.constant([[1.0], [2.0]])),
    "what is worked out": lambda tf: tf.Variable([1.0, 2.0]) * 2.0,
    "a large one": lambda tf: tf.Variable(tf.zeros([400, 400])),
}


def written_to(run: Any, updates: list[Any]) -> Any:
    """Return what is fetched while the notebook writes to arrays that were fetched before."""
    first = run(None)
    kept = first.copy()
    first[...] = 99
    second = run(None)
    for update in updates:
        run(update)
    return [kept, second, first, run(None), first.flags.writeable]


@pytest.mark.parametrize("name", FETCHED)
def test_what_was_fetched_is_the_notebooks_own(pair: Pair, tf: Any, name: str) -> None:
    fetched = FETCHED[name](tf)
    variables = tf.global_variables()
    pair.initialize(*variables)
    updates = [tf.assign_add(v, tf.ones_like(v)) for v in variables]
    pair.alike(lambda s: written_to(lambda one: s.run(fetched if one is None else one), updates))


@pytest.mark.parametrize("name", [name for name in FETCHED if name != "what is worked out"])
def test_what_a_callable_returned_is_the_notebooks_own(pair: Pair, tf: Any, name: str) -> None:
    fetched = FETCHED[name](tf)
    variables = tf.global_variables()
    pair.initialize(*variables)
    updates = [tf.assign_add(v, tf.ones_like(v)) for v in variables]

    def write(session: Any) -> Any:
        call = session.make_callable(fetched)
        return written_to(lambda one: call() if one is None else session.run(one), updates)

    pair.alike(write)


def test_a_callable_of_options_outlives_the_closing(pair: Pair, tf: Any) -> None:
    from tensorflow.core.protobuf import config_pb2

    fed = tf.placeholder(tf.float32, [], "fed")
    v = tf.Variable(1.0)
    pair.initialize(v)
    grown = tf.identity(tf.assign_add(v, fed))
    other = pair.managed.make_callable(tf.constant(3))
    options = config_pb2.CallableOptions(feed=[fed.name], fetch=[grown.name])
    step = pair.managed._make_callable_from_options(options)  # as Keras does
    assert step(np.float32(1)) == [2.0]
    for number in range(3, 6):
        pair.managed.close()
        assert other() == 3
        assert step(np.float32(1)) == [number]


def test_what_a_callable_of_options_wrote_is_kept(pair: Pair, tf: Any) -> None:
    from tensorflow.core.protobuf import config_pb2

    v = tf.Variable([1.0, 2.0])
    options = config_pb2.CallableOptions(target=[v.initializer.name])
    assert pair.managed._make_callable_from_options(options)() == []
    pair.managed.close()
    assert pair.managed.run(v).tolist() == [1, 2]


def test_callables_of_options(pair: Pair, tf: Any) -> None:
    from tensorflow.core.protobuf import config_pb2

    fed = tf.placeholder(tf.float32, [], "fed")
    total = tf.add(fed, 1.0, "total")
    options = config_pb2.CallableOptions(feed=["fed:0"], fetch=["total:0"], target=[total.op.name])
    made = [s._make_callable_from_options(options) for s in (pair.plain, pair.managed)]
    for call in made:
        assert [call(np.float32(number)) for number in range(3)] == [[1.0], [2.0], [3.0]]
    options.run_options.trace_level = tf.RunOptions.FULL_TRACE
    for session in (pair.plain, pair.managed):
        metadata = tf.RunMetadata()
        traced = session._make_callable_from_options(options)
        assert traced(np.float32(1), run_metadata=metadata) == [2.0]
        assert metadata.step_stats.dev_stats
    theirs, ours = (describe(outcome(call, "text", 3)) for call in made)
    assert ours == theirs
    wrong = config_pb2.CallableOptions(fetch=["no:0"])
    theirs, ours = (
        describe(outcome(s._make_callable_from_options, wrong)) for s in (pair.plain, pair.managed)
    )
    assert ours == theirs


def test_a_callable_with_a_name_for_its_feed_and_options(pair: Pair, tf: Any) -> None:
    fed = tf.placeholder(tf.float32, [], "fed")
    v = tf.Variable(42.0)
    pair.initialize(v)
    grown = tf.assign_add(v, fed).op
    full = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    for session in (pair.plain, pair.managed):
        metadata = tf.RunMetadata()
        call = session.make_callable(grown, feed_list=["fed:0"], accept_options=True)
        assert call(1.0, options=full, run_metadata=metadata) is None
        assert session.run(v) == 43
        assert metadata.step_stats.dev_stats


def test_partial_runs_side_by_side_and_of_many_steps(pair: Pair, tf: Any) -> None:
    fed = [tf.placeholder(tf.float32, []) for _ in range(30)]
    total, totals = tf.constant(2.0), []
    for one in fed:
        total = total * one
        totals.append(total)
    for session in (pair.plain, pair.managed):
        first, second = (session.partial_run_setup(totals, fed) for _ in range(2))
        for number, (one, wanted) in enumerate(zip(fed, totals, strict=True)):
            assert session.partial_run(first, wanted, {one: 1}) == 2
            assert session.partial_run(second, wanted, {one: 2}) == 2.0 ** (number + 2)
        unfinished = session.partial_run_setup(totals, fed)
        assert session.partial_run(unfinished, totals[0], {fed[0]: 3}) == 6
    pair.short(totals, dict.fromkeys(fed, 1.0))

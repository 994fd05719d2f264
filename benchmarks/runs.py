"""``sess.run`` of a managed session against that of a plain one, on the same graph."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import tensorflow.compat.v1 as tf

from benchmarks.timing import Result, ratios, rounds, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.notebook import Notebook

ROUNDS = 2000
PAIRS = 10
AGAINST = "managed Session.run / plain Session.run"
CALLABLES: Final = "managed / plain make_callable"

Both = namedtuple("Both", "left right")  # noqa: PYI024 - as notebooks have it


class Case(NamedTuple):
    """What is run, and how much longer than in a plain session it may take."""

    name: str
    build: Callable[[], tuple[Any, dict[Any, Any] | None]]
    goal: float = 1.0
    calls: int = 5


def measure(notebook: Notebook) -> Iterator[Result]:
    """Compare runs that are nearly all overhead, a step of training, and what is less usual."""
    for case in CASES:
        yield _compare(notebook, case)
    yield from _other_ways(notebook)


def _sessions(
    notebook: Notebook, build: Callable[[], Any], *, plain_first: bool = False
) -> tuple[Any, Any, Any]:
    graph = tf.Graph()
    with graph.as_default():
        built = build()
        init = tf.global_variables_initializer()
    managed, plain = notebook.sessions(graph)
    initialize = [lambda: notebook.cell(lambda: managed.run(init)), lambda: plain.run(init)]
    for one in reversed(initialize) if plain_first else initialize:
        one()
    return managed, plain, built


def _compare(notebook: Notebook, case: Case) -> Result:
    managed, plain, (fetches, feeds) = _sessions(notebook, case.build)
    values = notebook.cell(
        lambda: ratios(
            timed(lambda: managed.run(fetches, feeds), case.calls),
            timed(lambda: plain.run(fetches, feeds), case.calls),
            rounds(ROUNDS),
        )
    )
    return Result(case.name, values, "x", AGAINST, case.goal)


def _other_ways(notebook: Notebook) -> Iterator[Result]:
    managed, plain, one = _sessions(notebook, lambda: tf.constant(5))
    turns = rounds(ROUNDS)

    def compare(ours: Callable[[], Any], theirs: Callable[[], Any]) -> list[float]:
        return notebook.cell(lambda: ratios(timed(ours, 10), timed(theirs, 10), turns))

    limit, call = plain.make_callable(one), managed.make_callable(one)
    values = compare(lambda: managed.run(one), limit)
    yield Result("run, to the limit", values, "x", "managed run / plain make_callable", 1.6)
    yield Result("callable", compare(call, limit), "x", CALLABLES, 1.0)
    yield from _callables_of_much(notebook)

    def evaluate(session: Any) -> Callable[[], Any]:
        return lambda: one.eval(session=session)

    values = compare(evaluate(managed), evaluate(plain))
    yield Result("t.eval()", values, "x", "managed / plain", 1.0)
    options = tf.RunOptions(timeout_in_ms=10_000)
    values = compare(
        lambda: managed.run(one, options=options), lambda: plain.run(one, options=options)
    )
    yield Result("run with options", values, "x", AGAINST, 1.0)
    yield _partial(notebook)


def _callables_of_much(notebook: Notebook) -> Iterator[Result]:
    """Compare what is too much to be copied; and what is the same, to know how far that differs.

    Where the buffers of a session lie makes as much of a difference as what is compared: several
    pairs of sessions, either of them the first.
    """

    def compare(one: Callable[[], Any], other: Callable[[], Any]) -> list[float]:
        turns = rounds(ROUNDS // PAIRS)
        return notebook.cell(lambda: ratios(timed(one, 10), timed(other, 10), turns))

    values: list[float] = []
    alike: list[float] = []
    before: Callable[[], Any] | None = None
    for turn in range(PAIRS):
        managed, plain, much = _sessions(
            notebook, lambda: tf.Variable(tf.zeros([300, 300])) + 1.0, plain_first=turn % 2 == 1
        )
        theirs = plain.make_callable(much)
        values += compare(managed.make_callable(much), theirs)
        if before is not None:
            alike += compare(theirs, before)
        before = theirs
    yield Result("callable of 360 kB", values, "x", CALLABLES, 1.0)
    yield Result("the same of two plain sessions", alike, "x", "plain / plain make_callable")


def _partial(notebook: Notebook) -> Result:
    managed, plain, (fed, total) = _sessions(notebook, _sum_of_one)

    def run(session: Any) -> Callable[[], Any]:
        def parts() -> None:
            handle = session.partial_run_setup([total], [fed])
            session.partial_run(handle, total, {fed: 1.0})

        return parts

    values = notebook.cell(
        lambda: ratios(timed(run(managed), 3), timed(run(plain), 3), rounds(ROUNDS // 4))
    )
    return Result("partial run", values, "x", "managed / plain, with its setting up", 1.0)


def _one_operation() -> tuple[Any, None]:
    return tf.constant(5), None


def _by_name() -> tuple[Any, None]:
    tf.constant(5, name="five")
    return "five:0", None


def _nested() -> tuple[Any, None]:
    """Nest twenty fetches as a notebook does that reports on its training."""
    tensors = [tf.constant(number) for number in range(18)]
    return {
        "losses": tensors[:6],
        "both": Both(tensors[6], [tensors[7], (tensors[8], tf.no_op())]),
        "more": {str(number): tensor for number, tensor in enumerate(tensors[9:17])},
        "rest": (tensors[17], [tf.no_op()]),
    }, None


def _ten_feeds() -> tuple[Any, dict[Any, Any]]:
    fed = [tf.placeholder(tf.float32, [None]) for _ in range(10)]
    values = [np.ones(3, np.float32), [1.0, 2.0], np.ones(2), (3, 4), [5.0]] * 2
    return tf.concat(fed, 0), dict(zip(fed, values, strict=True))


def _sum_of_one() -> tuple[Any, Any]:
    fed = tf.placeholder(tf.float32, [])
    return fed, fed + 1.0


def _numbers() -> tuple[Any, dict[Any, Any]]:
    a, b = tf.placeholder(tf.float32, []), tf.placeholder(tf.int32, [])
    return [a + 1, b + 1], {a: 0.5, b: 3}


def _sparse() -> tuple[Any, dict[Any, Any]]:
    sparse = tf.sparse_placeholder(tf.float32)
    value = tf.SparseTensorValue(np.zeros((2, 2), np.int64), np.ones(2, np.float32), [4, 4])
    return [sparse, tf.sparse_reduce_sum(sparse)], {sparse: value}


def _handle() -> tuple[Any, None]:
    return tf.get_session_handle(tf.constant(1.0)), None


def _training_step() -> tuple[Any, dict[Any, Any]]:
    """Build what the digits demo trains, on a batch of 32."""
    images = tf.placeholder(tf.float32, [None, 64])
    labels = tf.placeholder(tf.int64, [None])
    weights = tf.Variable(tf.zeros([64, 10]))
    bias = tf.Variable(tf.zeros([10]))
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=labels, logits=images @ weights + bias
    )
    loss = tf.reduce_mean(losses)
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    random = np.random.default_rng(0)
    feeds = {images: random.random((32, 64), np.float32), labels: random.integers(0, 10, 32)}
    return [train, loss], feeds


def _small_step() -> tuple[Any, dict[Any, Any]]:
    """Build a step of fitting a line, with two feeds."""
    x, y = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.float32, [None])
    slope, offset = tf.Variable(0.0), tf.Variable(0.0)
    loss = tf.reduce_mean(tf.square(slope * x + offset - y))
    train = tf.train.GradientDescentOptimizer(0.01).minimize(loss)
    values = np.arange(8, dtype=np.float32)
    return [train, loss], {x: values, y: 2 * values}


CASES = (
    Case("run of one operation", _one_operation, 0.50, 10),
    Case("small training step, two feeds", _small_step, 0.45),
    Case("training step of the digits demo", _training_step),
    Case("twenty fetches, nested", _nested, 0.60),
    Case("fetch by name", _by_name, 1.0, 10),
    Case("ten feeds, half of them lists", _ten_feeds),
    Case("two numbers fed", _numbers),
    Case("sparse feed and fetch", _sparse),
    Case("fetch of a tensor handle", _handle),
)

"""Random runs, right and wrong, come out of a managed session as they do of a plain one."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, namedtuple
from typing import TYPE_CHECKING, Any

import attr
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pair import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pair import Pair

Both = namedtuple("Both", "left right")  # noqa: PYI024 - as notebooks have it
FEEDABLE = ("a", "b", "c", "names", "flag", "sum", "sparse", "v", "w")
FETCHABLE = (*FEEDABLE, "op", "grown", "gathered", "slices", "ragged", "text")


@attr.s
class Attrs:
    one = attr.ib()
    two = attr.ib()


def build(tf: Any) -> dict[str, Any]:
    """Return elements of the default graph by name."""
    a = tf.placeholder(tf.float32, [], "a")
    b = tf.placeholder(tf.float32, [None, 2], "b")
    c = tf.placeholder(tf.int8, None, "c")
    names = tf.placeholder_with_default(tf.constant(["x", "y"]), [None], "names")
    v = tf.get_variable("v", initializer=1.0, use_resource=True)
    w = tf.get_variable("w", initializer=[1.0, 2.0], use_resource=False)
    u = tf.get_variable("u", initializer=[1.0, 2.0], use_resource=False)
    total = tf.add(a, tf.reduce_sum(b), "sum")
    return {
        "a": a,
        "b": b,
        "c": c,
        "names": names,
        "flag": tf.placeholder_with_default(True, [], "flag"),
        "sum": total,
        "sparse": tf.sparse_placeholder(tf.float32, [2, 2], "sparse"),
        "v": v,
        "w": w,
        "u": u,
        "op": tf.no_op("op"),
        "grown": tf.assign_add(u, [1.0, a], name="grown"),
        "gathered": tf.gather(w, tf.cast(c, tf.int32), name="gathered"),
        "slices": tf.IndexedSlices(b, tf.constant([0])),
        "ragged": tf.RaggedTensor.from_row_splits(w * 2, [0, 1, 2], validate=False),
        "text": tf.strings.join([names, "!"], name="text"),
    }


def leaf(elements: dict[str, Any]) -> st.SearchStrategy[Any]:
    named = ["a:0", "sum:0", "op", "sum", "no:0", "b:0"]
    wrong = st.sampled_from([None, 3, b"a:0", "a:7"])
    right = st.sampled_from([elements[name] for name in FETCHABLE])
    return st.one_of(right, right, right, st.sampled_from(named), wrong)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keys = st.sampled_from(["x", "y", 3, None, ("t",)])
    return st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(keys, inner, max_size=3),
        st.dictionaries(keys, inner, max_size=3).map(OrderedDict),
        st.dictionaries(keys, inner, max_size=2).map(lambda items: defaultdict(list, items)),
        st.builds(Both, inner, inner),
        st.builds(Attrs, inner, inner),
    )


ARRAYS = st.builds(
    np.ones,
    st.sampled_from([(), (2,), (1, 2), (3, 2), (0, 2), (2, 3), (2, 2, 2)]),
    st.sampled_from(["f4", "f8", "i1", "i4", ">f4", "?", "S2", "O"]),
)
NUMBERS = st.one_of(
    st.integers(-300, 300),
    st.sampled_from([2**24 + 1, 2**40, 10**30]),
    st.floats(width=32),
    st.booleans(),
    st.sampled_from([np.float64(2), np.int8(1), np.bool_(0), 1j]),
)
VALUES = st.one_of(
    ARRAYS,
    ARRAYS,
    NUMBERS,
    st.lists(st.lists(NUMBERS, min_size=2, max_size=2), max_size=3),
    st.text(max_size=3),
    st.binary(max_size=3),
    st.lists(st.text(max_size=2), max_size=3),
    st.none(),
    st.just(([[0, 1]], [2.0], [2, 2])),
    st.just(object()),
)
RIGHT = {
    "a": st.floats(width=32, allow_nan=False),
    "b": st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=1, max_size=3),
    "c": st.sampled_from([0, 1, [0, 1], np.ones(2, np.int8)]),
}


def runs(elements: dict[str, Any]) -> st.SearchStrategy[tuple[Any, dict[Any, Any] | None]]:
    leaves = leaf(elements)
    right = st.fixed_dictionaries({}, optional=RIGHT).map(
        lambda fed: {elements[name]: value for name, value in fed.items()}
    )
    keys = st.one_of(
        st.sampled_from([elements[name] for name in FEEDABLE]),
        st.sampled_from(["a:0", "names:0", "a", "no:0", elements["op"]]),
    )
    odd = st.dictionaries(keys, VALUES, max_size=3)
    both = st.builds(lambda one, other: {**one, **other}, right, odd)
    fetches = st.recursive(leaves, nested, max_leaves=8)
    return st.tuples(fetches, st.one_of(st.none(), right, right, odd, both))


@pytest.fixture
def drawn(pair: Pair, tf: Any) -> Iterator[tuple[Pair, dict[str, Any]]]:
    elements = build(tf)
    pair.initialize(elements["v"], elements["w"])
    return pair, elements


@pytest.mark.filterwarnings("ignore")
@given(data=st.data())
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_random_runs(drawn: tuple[Pair, dict[str, Any]], tf: Any, data: Any) -> None:
    pair, elements = drawn
    fetches, feeds = data.draw(runs(elements))
    pair.initialize(elements["u"])  # a run that failed may have written it, or not
    for ours, theirs in pair.outcomes(fetches, feeds):
        if isinstance(theirs, tf.errors.OpError):
            # Which of several operations fails first is not always the same.
            assert type(ours) is type(theirs)
            continue
        assert describe(ours) == describe(theirs)

"""A managed run does what a plain one does: what may be fed, and what is said of what may not."""

from __future__ import annotations

import enum
from collections import OrderedDict, UserDict, deque
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from pair import Pair

KINDS = """
float16 bfloat16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool complex64
complex128 string qint8 quint8 qint32 qint16 quint16
""".split()  # noqa: SIM905 - easier to read


class Five(enum.IntEnum):
    FIVE = 5


class Whole(int):
    def __le__(self, other: object) -> bool:
        return True

    def __ge__(self, other: object) -> bool:
        return True


class Array:
    """What NumPy can convert."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array([1, 2], dtype)


class Broken:
    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise RuntimeError("broken")


VALUES = (
    0, 1, True, False, -1, 127, 128, 255, 256, 2**11 + 1, 2**24, 2**24 + 1, 2**31, 2**53 + 1, 2**63,
    2**64, -(2**63), 10**400, 1.5, -0.0, float("nan"), float("inf"), 1e300, 1j, "text", b"\0\xff",
    "ü\0", None, [], [1, 2], (1, 2.5), [[1], [2, 3]], [True, None], ["a", b"b"], ["a", 1], {}, {1},
    range(3), object(), Array(), Broken(), Five.FIVE, Whole(300), np.float32(2), np.int64(3),
    np.bool_(1), np.bytes_(b"x"), np.str_("y"), np.arange(3), np.arange(3, dtype=">i4"),
    np.ones((2, 2), np.float32)[:, ::2], np.ma.array([1, 2], mask=[0, 1]),
    np.array(["a", "b"]), np.array([b"a", 1], object), np.zeros((0, 3)), np.datetime64("2020"),
    np.ones(2, np.longlong), [np.ones(2), np.ones(2)], [np.ones(1), np.ones(2)], [[]], [[[]], []],
    (), ((1, 2), [3, 4]), [["a"], ["b", "c"]], ["\0", "⚣ \U0001f60e"], "\ud800", bytearray(b"ab"),
    memoryview(b"ab"), Decimal("1.5"), Fraction(1, 2), deque([1, 2]), Path("x"), ..., len, int,
    -(2**63) - 1, 10**39, [2**63], [10**39], 1e39, [np.inf, -np.inf], np.float16(1),
    np.longdouble(1), np.uint64(2**64 - 1), np.timedelta64(1, "s"), np.void(b"ab"), np.array(None),
    np.array("x"), np.array(b"x\0y"), np.array([b"x\0"]), np.array([None, 1.0]),
    np.array([[1], [2, 3]], object), np.zeros(2, [("x", "f4")]), np.zeros((2, 0, 3)),
    np.ones((3, 2), np.float32).T, np.broadcast_to(np.float32(1), (2,)),
    np.array([1, 2], np.float32)[::-1],
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore")
def test_values_are_converted_or_refused_alike(pair: Pair, tf: Any, kind: str) -> None:
    dtype = getattr(tf, kind)
    fed = tf.placeholder(dtype)
    fetches = [fed, tf.shape(fed)]
    for value in VALUES:
        pair.same(fetches, {fed: value})
    vector = tf.placeholder(dtype, [2])
    for value in VALUES:
        pair.same(vector, {vector: value})
    assert pair.is_short(fetches, {fed: None})


@pytest.mark.parametrize("kind", ["resource", "variant"])
@pytest.mark.filterwarnings("ignore")
def test_handles_are_refused_alike(pair: Pair, tf: Any, kind: str) -> None:
    fed = tf.placeholder(getattr(tf, kind))
    for value in VALUES:
        pair.same(tf.shape(fed), {fed: value})


def test_the_very_array_is_passed_on(pair: Pair, tf: Any, tmp_path: Path) -> None:
    fed = tf.placeholder(tf.float32)
    constant, turned = np.ones(3, np.float32), np.ones((2, 3), np.float32).T
    constant.flags.writeable = False
    mapped = np.memmap(tmp_path / "mapped", np.float32, "w+", shape=(2,))
    for value in (np.ones(3, np.float32), constant, turned, mapped):
        for session in (pair.plain, pair.managed):
            for _ in range(3):
                passed = session.run(fed, {fed: value})
                assert passed is value or passed.base is value is mapped
                assert session.run([fed, fed + 1], {fed: value})[0].base is passed.base
        pair.short([fed + 1, tf.identity(fed)], {fed: value})


def test_tensors_with_values_of_their_own(pair: Pair, tf: Any) -> None:
    with tf.init_scope():
        one, two = tf.constant(3.0), tf.constant([1.0, 2.0])
    fed = tf.placeholder(tf.float32)
    for value in ([one, one], [one, 2.0], (one,), [two, two]):
        pair.same(fed + 1, {fed: value})
    assert "cannot be a tf.Tensor" in pair.refused(fed + 1, {fed: two})
    pair.same([one, fed], {fed: 1.0})


def test_feeds_by_name_and_several_at_once(pair: Pair, tf: Any) -> None:
    a = tf.placeholder(tf.float32, [], "a")
    b = tf.placeholder_with_default(2.0, [], "b")
    total = tf.add(a, b, "total")
    assert pair.short(total, {a: 1}) == 3
    assert pair.short(total, {"a:0": 1, b: 5}) == 6
    assert pair.short("total:0", {"b:0": 1, "a:0": 5}) == 6
    assert pair.short([total, {"x": total}], {total: 7}) == [7, {"x": 7}]
    assert pair.same(total, {a: 1, "a:0": 10}) == 12
    for wrong in ("a", "c:0", "a:1", "", 3, None, b"a:0", tf.no_op(), total.op, object()):
        pair.same(total, {wrong: 1, a: 1})


def test_any_tensor_may_be_fed(pair: Pair, tf: Any) -> None:
    a = tf.constant([1.0, 2.0])
    b = a * 2
    c = b + 1
    assert pair.short(c, {a: [3, 4]}).tolist() == [7, 9]
    assert pair.short([c, b, a], {b: [3, 4]})[0].tolist() == [4, 5]
    for resource in (False, True):
        v = tf.Variable([1.0, 2.0], use_resource=resource)
        pair.initialize(v)
        pair.short([v * 2, v], {v: [5, 6]})
        pair.short(v.value() + 1, {v: [5, 6]})


def test_composite_feeds(pair: Pair, tf: Any) -> None:
    sparse = tf.sparse_placeholder(tf.float32)
    dense = tf.sparse_tensor_to_dense(sparse)
    value = tf.SparseTensorValue([[0, 1]], [2.0], [2, 2])
    assert pair.short(dense, {sparse: value}).tolist() == [[0, 2], [0, 0]]
    pair.short([dense, sparse], {sparse: tuple(value)})
    pair.short(sparse, {sparse: list(value)})
    for wrong in (value[:2], (*value, 1), 3, None, [[0]], (value[0], "x", value[2])):
        pair.same(dense, {sparse: wrong})
    from tensorflow.python.framework.indexed_slices import IndexedSlicesValue

    slices = tf.IndexedSlices(tf.placeholder(tf.float32), tf.placeholder(tf.int32))
    doubled = tf.identity(slices.values) * 2
    pair.short(doubled, {slices: ([1.0], [0])})
    pair.short([doubled, slices], {slices: IndexedSlicesValue([1.0], [0], None)})
    ragged = tf.ragged.placeholder(tf.int32, 1, [])
    pair.short(ragged + 1, {ragged: tf.ragged.constant_value([[1, 2], [], [3]], np.int32)})
    pair.same(ragged + 1, {ragged: [[1]]})


def test_feeds_in_tuples(pair: Pair, tf: Any) -> None:
    a, b, c = (tf.placeholder(tf.float32, [], name) for name in "abc")
    total = a + 2 * b + 4 * c
    assert pair.short(total, {(a, b): (1, 2), c: 3}) == 17
    assert pair.short(total, {(a, (b, c)): (1, [2, 3])}) == 17
    for wrong in ({(a, b): (1,), c: 3}, {(a, b): 1, c: 3}, {(a, a): (1, 2), b: 1, c: 1}):
        pair.refused(total, wrong)
    pair.short(total, {c: 3, (b, a): (1, 2)})


@pytest.mark.parametrize("kind", [OrderedDict, UserDict, list, tuple, set, str, int])
def test_what_the_feeds_may_be_kept_in(pair: Pair, tf: Any, kind: Any) -> None:
    fed = tf.placeholder(tf.float32, [])
    for feeds in ({fed: 1.0}, {}):
        try:
            made = kind(feeds)
        except TypeError:
            made = kind()
        pair.same(fed + 1, made)


def test_shapes_are_checked_as_they_are_now(pair: Pair, tf: Any) -> None:
    fed = tf.placeholder(tf.float32, [None, 3], "fed")
    total = tf.reduce_sum(fed)
    pair.short(total, {fed: np.ones((2, 3))})
    pair.short(total, {fed: np.ones((0, 3))})
    for shape in ((3,), (2, 4), (1, 2, 3), ()):
        assert "shape" in pair.refused(total, {fed: np.ones(shape)})
    pair.short(total, {fed: np.ones((2, 3))})
    fed.set_shape([4, None])
    assert "(2, 3)" in pair.refused(total, {fed: np.ones((2, 3))})
    pair.short(total, {fed: np.ones((4, 3))})
    loose = tf.placeholder(tf.float32)
    for shape in ((), (2,), (3, 4)):
        pair.short(loose, {loose: np.ones(shape)})


def test_tensors_and_variables_are_no_values(pair: Pair, tf: Any) -> None:
    fed = tf.placeholder(tf.float32, [])
    pair.short(fed, {fed: 1.0})
    assert "cannot be a tf.Tensor" in pair.refused(fed, {fed: tf.constant(1.0)})
    pair.refused(fed, {fed: [tf.constant(1.0)]})
    pair.refused(fed, {fed: tf.Variable(1.0, name="v")})


def test_a_missing_feed_is_named_with_its_source(pair: Pair, tf: Any) -> None:
    fed = tf.placeholder(tf.float32, [], "missing")
    total = fed + 1
    message = pair.refused(total)
    assert "missing" in message
    assert __file__ in message
    pair.short(total, {fed: 1})
    assert pair.refused(total) == message


def test_errors_of_operations(pair: Pair, tf: Any) -> None:
    fed = tf.placeholder(tf.int32, [])
    broken = tf.gather([1, 2, 3], fed, name="broken")
    assert pair.short(broken, {fed: 1}) == 2
    assert "broken" in pair.refused(broken, {fed: 7})
    assert pair.short(broken, {fed: 2}) == 3
    with tf.control_dependencies([tf.Assert(fed > 0, ["too", "small"])]):
        pair.refused([tf.identity(fed), fed], {fed: 0})
    numbers = tf.data.Dataset.range(2)
    following = tf.data.make_one_shot_iterator(numbers).get_next()
    assert "End of sequence" in pair.refused(following)


def test_a_name_that_is_fed_and_fetched(pair: Pair, tf: Any) -> None:
    fed = tf.placeholder(tf.string, None, "fed")
    assert pair.short("fed:0", {"fed:0": "x"}).tolist() == "x"
    assert pair.short(["fed:0", fed], {fed: ["x", b"y"]})[0].tolist() == ["x", b"y"]


@pytest.mark.parametrize("shape", [(4, 2, 8), (7,), (2, 0, 3), (0, 0), ()])
def test_arrays_of_every_shape_go_in_and_come_out(pair: Pair, tf: Any, shape: Any) -> None:
    count = int(np.prod(shape))
    numbers = np.arange(count).reshape(shape)
    for kind in (np.float32, np.int8, np.uint8, np.int64, np.bool_, np.complex64):
        fed = tf.placeholder(kind, shape)
        pair.short([tf.identity(fed), fed], {fed: numbers.astype(kind)})
    texts = [f"{number}\0\n\x01ü" for number in range(count)]
    fed = tf.placeholder(tf.string, shape)
    for known in (texts, [text.encode() for text in texts]):
        value = np.array(known, object).reshape(shape)
        pair.short([tf.identity(fed), fed], {fed: value})
        pair.short(tf.identity(fed), {fed: value.tolist()})

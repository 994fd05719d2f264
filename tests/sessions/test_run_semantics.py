"""A managed run does what a plain one does: what may be fetched, and what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attr
import numpy as np
import pytest
from structures import STRUCTURES, Two

if TYPE_CHECKING:
    from pair import Pair


@pytest.mark.parametrize("name", STRUCTURES)
def test_the_result_has_the_structure_of_the_fetches(pair: Pair, tf: Any, name: str) -> None:
    a, b = tf.constant([1.0, 2.0], name="a"), tf.constant(b"text", name="b")
    op = tf.no_op("op")
    fetches = STRUCTURES[name](a, b, op)
    pair.same(fetches)
    if name not in {"a proxy of a list", "a name in bytes"}:
        assert pair.is_short(fetches)


def test_structures_of_the_same_fetches_are_told_apart(pair: Pair, tf: Any) -> None:
    a, b = tf.constant(1), tf.constant(2)
    for fetches in ([a, b], (a, b), Two(a, b), [[a], b], [[a, b]], {"x": a, "y": b}):
        pair.short(fetches)
    assert pair.short({"x": a, "y": b}) == {"x": 1, "y": 2}
    assert pair.short({"p": a, "q": b}) == {"p": 1, "q": 2}


def test_a_list_that_changes_between_runs(pair: Pair, tf: Any) -> None:
    fetches: list[Any] = [tf.constant(1)]
    pair.short(fetches)
    fetches.append(tf.constant(2.0))
    assert pair.short(fetches) == [1, 2.0]
    fetches[0] = {"x": fetches[1]}
    assert pair.short(fetches) == [{"x": 2.0}, 2.0]


@pytest.mark.parametrize("wrong", [None, 3, b"no:0", 1.5, object(), [None], {"x": None}, "no", "a"])
def test_what_cannot_be_fetched(pair: Pair, tf: Any, wrong: Any) -> None:
    tf.constant(1, name="a")
    if wrong == "a":
        pair.short(wrong)  # an operation
        wrong = "a:1"
    pair.refused(wrong)


def test_what_belongs_to_another_graph(pair: Pair, tf: Any) -> None:
    near = tf.constant(1)
    with tf.Graph().as_default():
        far = tf.constant(2)
    pair.refused([near, far])


def test_composite_tensors(pair: Pair, tf: Any) -> None:
    sparse = tf.SparseTensor([[0, 1], [2, 3]], [1.0, 2.0], [4, 5])
    slices = tf.IndexedSlices(tf.constant([1.0, 2.0]), tf.constant([3, 4]), tf.constant([9]))
    loose = tf.IndexedSlices(tf.constant([1.0, 2.0]), tf.constant([3, 4]))
    ragged = tf.ragged.constant([[[1], []], [[2, 3]]])
    for composite in (sparse, slices, loose, ragged):
        pair.short(composite)
        pair.short([composite, {"x": composite, "y": sparse.values}])
    assert pair.short(loose).dense_shape is None
    pair.short((sparse, slices, loose, ragged))


def test_variables_of_both_kinds(pair: Pair, tf: Any) -> None:
    for resource in (False, True):
        v = tf.Variable([1.0, 2.0], use_resource=resource, name=f"v{resource:d}")
        pair.refused(v)  # not initialized
        pair.initialize(v)
        pair.short([v, v.read_value()])
        grown = tf.assign_add(v, [1.0, 1.0])
        assert pair.short(grown).tolist() == [4.0, 5.0]
        pair.short([grown.op, v])
        pair.short(v.name.replace(":0", "/Read/ReadVariableOp:0" if resource else ":0"))


def test_a_fetch_that_stands_for_a_tensor_by_a_method(pair: Pair, tf: Any) -> None:
    class Stand:
        def __init__(self, *tensors: Any) -> None:
            self.tensors = list(tensors)

        def _as_graph_element(self) -> Any:
            return self.tensors[-1]

    stand = Stand(tf.constant(1))
    assert pair.same(stand) == 1
    stand.tensors.append(tf.constant(2))
    assert pair.same(stand) == 2


class Squared:
    def __init__(self, tensor: Any) -> None:
        self.square = tensor


def test_kinds_of_fetches_that_the_notebook_teaches(pair: Pair, tf: Any) -> None:
    from tensorflow.python.client import session

    known = list(session._REGISTERED_EXPANSIONS)
    fed = tf.placeholder(tf.float32)
    kind = Squared(tf.square(fed))
    other = tf.identity(fed)
    pair.short(other, {fed: 2.0})
    pair.refused(kind, {fed: 2.0})
    try:
        session.register_session_run_conversion_functions(
            Squared,
            lambda one: ([one.square], lambda values: ("squared", values[0])),
            lambda one, value: [(one.square, value)],
            lambda one: [one.square],
        )
        assert pair.same(kind, {fed: 3.0}) == ("squared", 9.0)
        assert pair.same(kind, {kind: 4.0}) == ("squared", 4.0)
        assert pair.same(other, {fed: 5.0}) == 5.0
    finally:
        session._REGISTERED_EXPANSIONS[:] = known


def test_equal_fetches_give_one_array(pair: Pair, tf: Any) -> None:
    a = tf.constant([1.0])
    for _ in range(3):
        first, (second, third) = pair.managed.run([a, ("Const:0", a)])
        assert first is second is third
    assert pair.managed.run(a) is not pair.managed.run(a)


def test_scalars_are_numpy_scalars(pair: Pair, tf: Any) -> None:
    for kind in (np.int32, np.int64, np.float32, np.float64, np.bool_):
        total = tf.identity(tf.constant(kind(1)))
        assert type(pair.short(total)) is kind
        assert type(pair.short([total])[0]) is kind


def test_strings_come_as_bytes(pair: Pair, tf: Any) -> None:
    texts = tf.constant([[b"", b"\0x"], ["ü\n\t".encode(), b"y" * 1000]])
    assert pair.short(texts).tolist() == [[b"", b"\0x"], ["ü\n\t".encode(), b"y" * 1000]]
    assert pair.short(tf.constant([], tf.string)).shape == (0,)


def test_tensor_handles(pair: Pair, tf: Any) -> None:
    a = tf.constant([1.0, 2.0])
    handle = tf.get_session_handle(a * 2)
    for session in (pair.plain, pair.managed):
        for _ in range(3):
            held = session.run(handle)
            assert type(held).__name__ == "TensorHandle"
            assert held.eval().tolist() == [2.0, 4.0]
            holder, value = tf.get_session_tensor(held.handle, tf.float32)
            assert session.run([value, a], {holder: held.handle})[0].tolist() == [2.0, 4.0]
            fed = tf.placeholder(tf.float32, [2])
            assert session.run([fed + 1, fed], {fed: held})[1].tolist() == [2.0, 4.0]


def test_what_is_not_to_be_fetched_or_fed(pair: Pair, tf: Any) -> None:
    graph = tf.get_default_graph()
    a = tf.placeholder(tf.float32, [], "a")
    b, c = a + 1, a + 2
    pair.short([b, c], {a: 1.0})
    graph.prevent_fetching(b.op)
    assert "fetchable" in pair.refused([b, c], {a: 1.0})
    pair.short(c, {a: 1.0})
    pair.short(c, {a: 1.0, b: 1.0})
    graph.prevent_feeding(b)
    assert "may not be fed" in pair.refused(c, {a: 1.0, b: 1.0})
    pair.short(c, {a: 1.0})


def test_an_object_that_cannot_be_built_raises_what_it_raises(pair: Pair, tf: Any) -> None:
    @attr.s
    class Picky:
        value = attr.ib(validator=attr.validators.instance_of(type(tf.constant(1))))

    assert "value" in pair.refused(Picky(tf.constant(1)))


def test_names_of_every_type_of_text(pair: Pair, tf: Any) -> None:
    tf.constant(42.0, name="c")
    for name in ("c:0", b"c:0", np.str_("c:0"), "c", b"c", np.str_("c")):
        pair.same(name)
        pair.same([name, {"x": name}])

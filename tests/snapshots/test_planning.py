"""Where values would go, and what is said of those that have no place."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from jupyter_tfsession.snapshots import planning
from jupyter_tfsession.snapshots.planning import Plan, Stored, make_plan


def record(shape: tuple[int | None, ...] | None = (), dtype: str = "float32") -> Any:
    """Return what a plan looks at of a variable that can be written."""
    graph = SimpleNamespace(is_feedable=lambda _tensor: True)
    value = SimpleNamespace(graph=graph)
    return SimpleNamespace(
        shape=shape,
        dtype=SimpleNamespace(base_dtype=SimpleNamespace(name=dtype)),
        initializer=SimpleNamespace(inputs=[None, value]),
    )


def plan(stored: list[str], graph: list[str], renames: dict[str, str] | None = None) -> Plan:
    values = [Stored(name, "float32", ()) for name in stored]
    return make_plan(values, {name: record() for name in graph}, renames or {})


def test_names_that_are_the_same() -> None:
    made = plan(["a", "b"], ["b", "a"])
    assert set(made.fitting) == {"a", "b"}
    assert made.is_whole


def test_what_is_on_one_side_only() -> None:
    made = plan(["a", "old"], ["a", "new"])
    assert (made.missing, made.untouched, made.is_whole) == (["old"], ["new"], False)


def test_a_dimension_that_is_not_known_takes_any() -> None:
    stored = [Stored("a", "float32", (2, 3)), Stored("b", "float32", (2,))]
    made = make_plan(stored, {"a": record((None, 3)), "b": record(None)}, {})
    assert made.is_whole
    assert not make_plan(stored, {"a": record((None, 4)), "b": record(())}, {}).fitting


def test_a_rename_goes_before_the_name_itself() -> None:
    made = plan(["a", "b"], ["b"], {"a": "b"})
    assert (made.renamed, made.mismatched) == ({"a": "b"}, {"b": "b gets its value from another"})


def test_names_can_be_swapped() -> None:
    made = plan(["a", "b"], ["a", "b"], {"a": "b", "b": "a"})
    assert made.renamed == {"a": "b", "b": "a"}
    assert made.is_whole


def test_what_differs_by_counting_is_proposed_and_no_more() -> None:
    made = plan(["dense/kernel", "w_1/x"], ["dense_1/kernel", "w/x"])
    assert made.similar == {"dense/kernel": "dense_1/kernel", "w_1/x": "w/x"}
    assert not made.fitting


def test_what_is_ambiguous_or_does_not_fit_is_not_proposed() -> None:
    assert plan(["w"], ["w_1", "w_2"]).similar == {}
    assert plan(["w", "w_3"], ["w_1"]).similar == {}
    stored = [Stored("w", "float32", (2,))]
    assert make_plan(stored, {"w_1": record((3,))}, {}).similar == {}


def test_numbers_that_belong_to_the_name_are_no_counting() -> None:
    assert planning._COUNTED.sub("", "conv_1x1/w_12/Adam_1") == "conv_1x1/w/Adam"

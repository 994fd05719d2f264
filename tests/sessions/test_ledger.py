"""The ledger: which variables hold values, who wrote them last, and since when."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_tfsession.sessions.ledger import Ledger, Stamp
from jupyter_tfsession.sessions.plans import RunPlan

FIRST, SECOND = object(), object()


def record(name: str) -> Any:
    return SimpleNamespace(name=name)


def plan(*, certain: str = "", maybe: str = "", run: tuple[object, int] | None = None) -> Any:
    """Return the plan of a run that writes the variables of these one-letter names."""
    return RunPlan((), certain=frozenset(certain), writes=frozenset(certain + maybe), last_run=run)  # type: ignore[arg-type]


def held(ledger: Ledger, names: str, holding: str = "") -> dict[str, tuple[object, int]]:
    """Return what is held; asked, TensorFlow says that `holding` are."""
    found: Any = ledger.held(
        map(record, names), lambda asked: {one.name: one.name in holding for one in asked}
    )
    return found


def gave_a_value(ledger: Ledger) -> list[object]:
    """Return which execution gave `a` the value that updates have gone on from."""
    stamps: dict[str, Stamp] = {"a": (None, 0)}
    before: Any = ledger.since_before
    return [execution for execution in (FIRST, SECOND) if not before(execution, stamps)]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def test_a_certain_write_needs_no_asking(ledger: Ledger) -> None:
    ledger.wrote("ab", (FIRST, 1))  # type: ignore[arg-type]
    assert held(ledger, "abc") == {"a": (FIRST, 1), "b": (FIRST, 1)}


@pytest.mark.parametrize(("holding", "expected"), [("a", {"a": (FIRST, 1)}), ("", {})])
def test_a_doubtful_write_is_asked_about_once(
    ledger: Ledger, holding: str, expected: dict[str, Any]
) -> None:
    ledger.may_have_written("a", (FIRST, 1))  # type: ignore[arg-type]
    assert held(ledger, "a", holding) == expected
    assert held(ledger, "a", "a") == expected


def test_what_held_a_value_still_does_after_a_doubtful_write(ledger: Ledger) -> None:
    ledger.wrote("a", (FIRST, 1))  # type: ignore[arg-type]
    ledger.may_have_written("a", (SECOND, 2))  # type: ignore[arg-type]
    assert held(ledger, "a") == {"a": (SECOND, 2)}


def test_updates_go_on_from_an_earlier_value(ledger: Ledger) -> None:
    ledger.wrote("a", (FIRST, 1))  # type: ignore[arg-type]
    ledger.may_have_written("a", (SECOND, 2))  # type: ignore[arg-type]
    assert gave_a_value(ledger) == [FIRST]
    ledger.wrote("a", (SECOND, 3))  # type: ignore[arg-type]
    assert gave_a_value(ledger) == [SECOND]


def test_a_doubtful_value_is_as_old_as_the_first_doubt(ledger: Ledger) -> None:
    ledger.may_have_written("a", (FIRST, 1))  # type: ignore[arg-type]
    ledger.may_have_written("a", (SECOND, 2))  # type: ignore[arg-type]
    assert held(ledger, "a", "a") == {"a": (SECOND, 2)}
    assert gave_a_value(ledger) == [FIRST]


def test_a_value_found_not_to_be_there_has_no_past(ledger: Ledger) -> None:
    ledger.may_have_written("a", (FIRST, 1))  # type: ignore[arg-type]
    assert held(ledger, "a") == {}
    ledger.may_have_written("a", (SECOND, 2))  # type: ignore[arg-type]
    assert held(ledger, "a", "a") == {"a": (SECOND, 2)}
    assert gave_a_value(ledger) == [SECOND]


def test_only_the_doubtful_are_asked_about(ledger: Ledger) -> None:
    ledger.wrote("a", (FIRST, 1))  # type: ignore[arg-type]
    ledger.may_have_written("b", (FIRST, 2))  # type: ignore[arg-type]
    ledger.may_have_written("c", (FIRST, 3))  # type: ignore[arg-type]
    asked: list[str] = []

    def ask(records: list[Any]) -> dict[str, bool]:
        asked.extend(one.name for one in records)
        return {}

    ledger.held(map(record, "ab"), ask)
    assert asked == ["b"]


def test_runs_are_taken_in_by_their_order_and_once(ledger: Ledger) -> None:
    first = plan(certain="a", maybe="b", run=(FIRST, 1))
    second = plan(certain="ab", run=(SECOND, 2))
    never = plan(certain="c")
    for _ in range(2):
        ledger.settle([second, first, never])
    assert held(ledger, "abc") == {"a": (SECOND, 2), "b": (SECOND, 2)}
    ledger.forget("a")
    ledger.settle([second, first])
    assert held(ledger, "ab") == {"b": (SECOND, 2)}


def test_an_older_run_taken_in_late_changes_nothing(ledger: Ledger) -> None:
    ledger.wrote("a", (SECOND, 5))  # type: ignore[arg-type]
    ledger.settle([plan(certain="a", run=(FIRST, 4)), plan(maybe="a", run=(FIRST, 3))])
    assert held(ledger, "a") == {"a": (SECOND, 5)}
    assert gave_a_value(ledger) == [SECOND]


def test_forgetting(ledger: Ledger) -> None:
    ledger.wrote("ab", (FIRST, 1))  # type: ignore[arg-type]
    ledger.may_have_written("c", (FIRST, 2))  # type: ignore[arg-type]
    ledger.forget("ac")
    assert held(ledger, "abc", "abc") == {"b": (FIRST, 1)}
    ledger.clear()
    assert held(ledger, "abc", "abc") == {}

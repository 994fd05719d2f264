"""The undo log: what one execution overwrote is one change, and the budget is never exceeded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tfsession.snapshots.undo import UndoBudget, UndoLog

LIMIT = 100


def of(nbytes: int, mark: int = 0, name: str = "v") -> dict[str, Any]:
    """Return values of so many bytes."""
    return {name: np.full(nbytes, mark, np.uint8)}


def whats(log: UndoLog) -> list[str]:
    return [change.what for change in log.done]


@pytest.fixture
def budget() -> UndoBudget:
    return UndoBudget(lambda: LIMIT)


def test_a_change_that_fits_is_kept(budget: UndoBudget) -> None:
    log = budget.new_log()
    assert budget.record(log, "reset", of(LIMIT), None)
    assert (log.nbytes, whats(log)) == (LIMIT, ["reset"])


def test_a_change_that_is_too_large_drops_nothing(budget: UndoBudget) -> None:
    log = budget.new_log()
    budget.record(log, "first", of(10), None)
    assert not budget.record(log, "second", of(LIMIT + 1), None)
    assert whats(log) == ["first"]


def test_the_oldest_of_all_logs_is_dropped_first(budget: UndoBudget) -> None:
    one, two = budget.new_log(), budget.new_log()
    budget.record(one, "a", of(40), None)
    budget.record(two, "b", of(40), None)
    budget.record(one, "c", of(20), None)
    budget.record(two, "d", of(30), None)
    assert (whats(one), whats(two)) == (["c"], ["b", "d"])


def test_parked_values_are_never_dropped(budget: UndoBudget) -> None:
    one, two = budget.new_log(), budget.new_log()
    one.parked = of(60)
    assert not budget.room_for(41)
    assert budget.record(two, "a", of(40), None)
    assert budget.record(two, "b", of(40), None)
    assert (one.nbytes, whats(two)) == (60, ["b"])


def test_a_log_that_is_gone_takes_no_room(budget: UndoBudget) -> None:
    gone = budget.new_log()
    gone.parked = of(LIMIT)
    assert not budget.room_for(1)
    del gone
    assert budget.room_for(LIMIT)


def test_what_one_execution_overwrites_is_one_change_with_the_first_values(
    budget: UndoBudget,
) -> None:
    log, execution = budget.new_log(), object()
    for mark in (1, 2):
        budget.record(log, "initializer", of(1, mark), execution)  # type: ignore[arg-type]
    budget.record(log, "initializer", of(1, 3, "w"), execution)  # type: ignore[arg-type]
    (change,) = log.done
    assert {name: int(value[0]) for name, value in change.values.items()} == {"v": 1, "w": 3}


def test_other_means_and_other_executions_are_other_changes(budget: UndoBudget) -> None:
    log, execution = budget.new_log(), object()
    budget.record(log, "initializer", of(1), execution)  # type: ignore[arg-type]
    budget.record(log, "set v", of(1), execution)  # type: ignore[arg-type]
    budget.record(log, "set v", of(1), object())  # type: ignore[arg-type]
    budget.record(log, "set v", of(1), None)
    budget.record(log, "set v", of(1), None)
    assert whats(log) == ["initializer"] + ["set v"] * 4


def test_a_new_change_clears_redo(budget: UndoBudget) -> None:
    log = budget.new_log()
    budget.record(log, "a", of(1), None)
    budget.move(log, log.done[-1], of(1), undo=True)
    assert [change.what for change in log.undone] == ["a"]
    budget.record(log, "b", of(1), None)
    assert (whats(log), log.undone) == (["b"], [])


def test_moving_there_and_back(budget: UndoBudget) -> None:
    log = budget.new_log()
    budget.record(log, "a", of(1, 1), None)
    budget.move(log, log.done[-1], of(1, 2), undo=True)
    budget.move(log, log.undone[-1], of(1, 1), undo=False)
    assert int(log.done[-1].values["v"][0]) == 1
    assert log.undone == []


STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 130),
        st.sampled_from(["record", "undo", "redo"]),
        st.integers(0, 150),
    ),
    max_size=40,
)


@given(STEPS)
def test_the_limit_is_never_exceeded_and_the_order_is_kept(
    steps: list[tuple[int, int, str, int]],
) -> None:
    limit = [LIMIT]
    budget = UndoBudget(lambda: limit[0])
    logs = [budget.new_log() for _ in range(3)]
    for number, (which, size, step, new_limit) in enumerate(steps):
        log = logs[which]
        limit[0] = new_limit
        if step == "record":
            fits = budget.record(log, str(number), of(size), None)
            assert fits == (size <= new_limit)
            if not fits:
                continue
            assert log.done[-1].what == str(number)
        else:
            changes = log.done if step == "undo" else log.undone
            if not changes:
                continue
            budget.move(log, changes[-1], of(size), undo=step == "undo")
        assert sum(each.nbytes for each in logs) <= limit[0]
        for each in logs:
            assert [int(change.what) for change in each.done] == sorted(
                int(change.what) for change in each.done
            )

"""The running cell, in a shell without a kernel."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_tfsession.cells import CellTracker
from jupyter_tfsession.features import Features

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_tfsession.cells import Execution


@pytest.fixture
def tracker() -> Iterator[tuple[InteractiveShell, CellTracker]]:
    shell = InteractiveShell()
    shell.history_manager.enabled = False
    tracker = CellTracker(shell, Features(lambda _text: None))
    shell.user_ns["current"] = lambda: tracker.current
    tracker.start()
    yield shell, tracker
    tracker.stop()


Tracked = tuple[InteractiveShell, CellTracker]


def run(
    tracked: Tracked, source: str = "seen = current()", cell_id: str | None = None
) -> Execution:
    """Run a cell and return the execution that its code saw."""
    shell, tracker = tracked
    shell.run_cell(source, store_history=True, cell_id=cell_id).raise_error()
    assert tracker.current is None
    return shell.user_ns["seen"]


def test_the_same_id_is_the_same_cell(tracker: Tracked) -> None:
    first, edited = run(tracker, cell_id="a"), run(tracker, "x = 1; seen = current()", cell_id="a")
    other = run(tracker, cell_id="b")
    assert (first.rerun, edited.rerun, other.rerun) == (False, True, False)
    assert first.cell is edited.cell is not other.cell
    assert first.serial < edited.serial < other.serial
    assert [one.label for one in (first, edited, other)] == ["[1]", "[2]", "[3]"]


def test_without_an_id_the_source_is_the_cell(tracker: Tracked) -> None:
    first, again = run(tracker), run(tracker, "seen = current()\n\n")
    assert (first.rerun, again.rerun) == (False, True)
    assert run(tracker, "seen  = current()").rerun is False


def test_code_run_by_a_cell_belongs_to_it(tracker: Tracked) -> None:
    tracker[0].user_ns["inner"] = lambda: tracker[0].run_cell("nested = current()")
    outer = run(tracker, "inner(); seen = current()")
    assert tracker[0].user_ns["nested"] is outer


def test_threads_of_a_cell_belong_to_it_but_do_not_run_here(tracker: Tracked) -> None:
    said: list[object] = []

    def work() -> None:
        thread = threading.Thread(
            target=lambda: said.extend([tracker[1].current, tracker[1].runs_here])
        )
        thread.start()
        thread.join()
        said.append(tracker[1].runs_here)

    tracker[0].user_ns["work"] = work
    execution = run(tracker, "work(); seen = current()")
    assert said == [execution, False, True]


def test_a_named_cell(tracker: Tracked) -> None:
    tracker[0].user_ns["rename"] = tracker[1].rename
    first = run(tracker, "rename('mine'); seen = current()")
    again = run(tracker, "rename('mine'); seen = current()  # edited")
    assert (first.rerun, again.rerun) == (False, True)
    assert first.cell is again.cell


def test_a_cell_that_fails_ends_all_the_same(tracker: Tracked) -> None:
    ended: list[int] = []
    tracker[1].when_finished(lambda: ended.append(1))
    with pytest.raises(ZeroDivisionError):
        run(tracker, "1 / 0")
    assert (tracker[1].current, ended) == (None, [1])

"""The history of variables: bounded in points and in variables."""

from __future__ import annotations

from jupyter_tfsession.variables import history
from jupyter_tfsession.variables.history import History, Point


def point(run: int, value: float = 0.0) -> Point:
    return Point(run, 1.0, "[1]", value)


def test_the_latest_points_are_kept() -> None:
    kept = History()
    for run in range(history.LENGTH + 10):
        kept.add([("v", point(run))])
    assert [p.run for p in kept.of("v")] == list(range(10, history.LENGTH + 10))


def test_another_look_at_the_same_run_replaces_the_point() -> None:
    kept = History()
    kept.add([("v", point(1, 1.0))])
    kept.add([("v", point(1, 2.0))])
    assert kept.of("v") == [point(1, 2.0)]
    assert kept.of("unknown") == []


def test_the_variables_looked_at_last_are_kept() -> None:
    kept = History()
    for number in range(history._VARIABLES + 5):
        kept.add([("first", point(number)), (f"v{number}", point(1))])
    assert kept.of("first")
    assert kept.of("v0") == []
    assert kept.of(f"v{history._VARIABLES + 4}")

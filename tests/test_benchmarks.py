"""What the benchmarks write: the table, the figures, the picture, and what a change did."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[1]


@pytest.fixture
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT))
    for name in ("compare", "picture", "report", "timing"):
        __import__(f"benchmarks.{name}")
    return sys.modules["benchmarks"]


@pytest.fixture
def results(benchmarks: ModuleType) -> dict[str, list[object]]:
    result = benchmarks.timing.Result
    return {
        "runs": [
            result("run of <one>", [0.4, 0.5, 0.3], "x", "managed / plain & more", 0.5),
            result("far too slow", [90.0], "x", "managed / plain", 1.0),
        ],
        "scrolling": [result("scrolled", [40.0, 20.0], "frames/s", "rows", 40.0, at_least=True)],
    }


def test_the_table_tells_what_misses_its_goal(benchmarks: ModuleType, results: dict) -> None:
    lines = [benchmarks.report.line(one) for found in results.values() for one in found]
    assert [("ok" in line, "MISSED" in line) for line in lines] == [
        (True, False),
        (False, True),
        (False, True),
    ]
    assert "0.350 to 0.450" in lines[0]
    assert "30.0 frames/s" in lines[2]


def test_the_figures_are_json(benchmarks: ModuleType, results: dict) -> None:
    report = json.loads(json.dumps(benchmarks.report.as_json(results, quick=True)))
    assert [one["subject"] for one in report["results"]] == ["runs", "runs", "scrolling"]
    assert report["results"][0]["median"] == 0.4


def test_the_picture_shows_every_ratio(benchmarks: ModuleType, results: dict) -> None:
    picture = ET.fromstring(benchmarks.picture.draw(results))
    texts = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert "run of <one>" in texts
    assert "90.00" in texts
    assert "scrolled" not in texts
    circles = list(picture.iter("{http://www.w3.org/2000/svg}circle"))
    assert all(0 <= float(circle.get("cx")) <= float(picture.get("width")) for circle in circles)
    assert len(circles) == 2


def test_a_change_is_marked_where_it_is_beyond_the_spread(benchmarks: ModuleType) -> None:
    one = {"name": "run", "unit": "x", "median": 1.0, "quartiles": [0.9, 1.1], "measured": "m"}
    near = one | {"median": 1.05, "quartiles": [1.0, 1.2]}
    far = one | {"median": 0.5, "quartiles": [0.4, 0.6]}
    difference = benchmarks.compare._difference
    assert "beyond" not in difference(one, near)
    assert "-50%  " in difference(one, far)
    assert "beyond the spread" in difference(one, far)
    assert difference(None, far).split()[:3] == ["run", "-", "0.500"]


def test_fewer_rounds_when_it_has_to_be_quick(
    benchmarks: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    timing = benchmarks.timing
    assert timing.rounds(100) == 100
    monkeypatch.setattr(timing, "_quick", True)
    assert (timing.rounds(100), timing.rounds(5), timing.rounds(5, 4)) == (20, 3, 4)

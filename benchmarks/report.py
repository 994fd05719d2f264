"""The results as a table of text, and as JSON."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.timing import Result

WIDTHS = (42, 15, 24, 13)
HEAD = ("what", "median", "half lie within", "goal", "measured")


def row(*texts: str) -> str:
    """Return one line of the table."""
    *columns, last = texts
    cells = [text.ljust(width) for text, width in zip(columns, WIDTHS, strict=True)]
    return "".join([*cells, last])


def line(result: Result) -> str:
    """Return the line of one result."""
    digits, unit = (3, "") if result.unit == "x" else (1, f" {result.unit}")
    low, high = result.spread
    goal = ""
    if result.goal is not None:
        bound = ">= " if result.at_least else ""
        goal = f"{'ok' if result.met else 'MISSED'} {bound}{result.goal:g}"
    return row(
        result.name,
        f"{result.median:.{digits}f}{unit}",
        f"{low:.{digits}f} to {high:.{digits}f}{unit}",
        goal,
        result.against,
    )


def as_json(results: dict[str, list[Result]], *, quick: bool) -> dict[str, object]:
    """Return all that is known, by subject."""
    return {
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "versions": {
            name: version(name) for name in ("jupyter_tfsession", "tensorflow", "ipython")
        },
        "quick": quick,
        "results": [
            {
                "subject": subject,
                "name": result.name,
                "unit": result.unit,
                "median": result.median,
                "quartiles": result.spread,
                "rounds": len(result.values),
                "goal": result.goal,
                "at_least": result.at_least,
                "measured": result.against,
            }
            for subject, found in results.items()
            for result in found
        ],
    }

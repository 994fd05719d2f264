"""Run the benchmarks and print a table: ``python -m benchmarks [SUBJECT ...] [--json FILE]``."""

from __future__ import annotations

import argparse
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import initializers, keeping, listing, live, loading, overview, rebuilding, runs
from benchmarks.notebook import Notebook

if TYPE_CHECKING:
    from benchmarks.timing import Result

SUBJECTS = {
    "runs": runs.measure,
    "initializers": initializers.measure,
    "listing": listing.measure,
    "loading": loading.measure,
    "rebuilding": rebuilding.measure,
    "live": live.measure,
    "keeping": keeping.measure,
    "overview": overview.measure,
}

WIDTHS = (42, 11, 20, 13)


def main() -> None:
    """Measure, print as it goes, and write the figures to a file if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "subjects", nargs="*", metavar="SUBJECT", help=f"{', '.join(SUBJECTS)}; all without any"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    args = parser.parse_args()
    unknown = [name for name in args.subjects if name not in SUBJECTS]
    if unknown:
        parser.error(f"no subject {unknown[0]!r}; there is {', '.join(SUBJECTS)}")

    notebook = Notebook()
    _print_row("what", "median", "half lie within", "goal", "measured")
    results = []
    for name in args.subjects or SUBJECTS:
        for result in SUBJECTS[name](notebook):
            _print(result)
            results.append(result)
    if args.json:
        args.json.write_text(json.dumps(_report(results), indent=2) + "\n", encoding="utf-8")


def _print(result: Result) -> None:
    digits, unit = (3, "") if result.unit == "x" else (1, f" {result.unit}")
    low, high = result.spread
    goal = ""
    if result.goal is not None:
        goal = f"{'ok' if result.met else 'MISSED'} {result.goal:g}"
    _print_row(
        result.name,
        f"{result.median:.{digits}f}{unit}",
        f"{low:.{digits}f} to {high:.{digits}f}{unit}",
        goal,
        result.against,
    )


def _print_row(*texts: str) -> None:
    *columns, last = texts
    cells = [text.ljust(width) for text, width in zip(columns, WIDTHS, strict=True)]
    print("".join([*cells, last]), flush=True)


def _report(results: list[Result]) -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "versions": {
            name: version(name) for name in ("jupyter_tfsession", "tensorflow", "ipython")
        },
        "results": [
            {
                "name": result.name,
                "unit": result.unit,
                "median": result.median,
                "quartiles": result.spread,
                "rounds": len(result.values),
                "goal": result.goal,
                "measured": result.against,
            }
            for result in results
        ],
    }


if __name__ == "__main__":
    main()

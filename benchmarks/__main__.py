"""Run the benchmarks and print a table: ``python -m benchmarks [SUBJECT ...]``."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import report, timing
from benchmarks.notebook import Notebook
from benchmarks.picture import draw
from benchmarks.subjects import SUBJECTS

if TYPE_CHECKING:
    from benchmarks.timing import Result


def main() -> int:
    """Measure, print as it goes, and write the results to files if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "subjects", nargs="*", metavar="SUBJECT", help=f"{', '.join(SUBJECTS)}; all without any"
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds: all of it in minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument(
        "--write", type=Path, metavar="DIRECTORY", help="write text, JSON and a picture there"
    )
    args = parser.parse_args()
    unknown = [name for name in args.subjects if name not in SUBJECTS]
    if unknown:
        parser.error(f"no subject {unknown[0]!r}; there is {', '.join(SUBJECTS)}")
    if args.quick:
        timing.be_quick()

    lines = [report.row(*report.HEAD)]
    print(lines[0], flush=True)
    results: dict[str, list[Result]] = {}
    failed = False
    notebook = Notebook()
    for name in args.subjects or SUBJECTS:
        found = results[name] = []
        begun = time.monotonic()
        try:
            for result in importlib.import_module(f"benchmarks.{name}").measure(notebook):
                found.append(result)
                lines.append(report.line(result))
                print(lines[-1], flush=True)
        except Exception as error:  # noqa: BLE001 - the other subjects are measured all the same
            failed = True
            lines.append(f"{name} could not be measured: {type(error).__name__}: {error}")
            print(lines[-1], flush=True)
        print(f"  ({name}: {time.monotonic() - begun:.0f} s)", file=sys.stderr, flush=True)
        _write(args, results, lines)  # so that an interrupted run has written what it measured
    return int(failed)


def _write(args: argparse.Namespace, results: dict[str, list[Result]], lines: list[str]) -> None:
    figures = json.dumps(report.as_json(results, quick=args.quick), indent=2) + "\n"
    if args.json:
        args.json.write_text(figures, encoding="utf-8")
    if args.write:
        args.write.mkdir(parents=True, exist_ok=True)
        (args.write / "results.json").write_text(figures, encoding="utf-8")
        table = "\n".join(text.rstrip() for text in lines)
        (args.write / "results.txt").write_text(table + "\n", encoding="utf-8")
        (args.write / "ratios.svg").write_text(draw(results), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

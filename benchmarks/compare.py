"""What a change did: ``python -m benchmarks.compare BASE [SUBJECT ...]``.

BASE is checked out into a temporary directory, and measured with the benchmarks of today by turns
with what is here, one subject at a time: what slows the machine down for long slows both.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.subjects import SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parents[1]
BUILT = ("jupyter_tfsession/static", "jupyter_tfsession/labextension")
WIDTHS = (44, 22, 22, 10)
DEFAULT = ("runs", "training", "initializers", "listing", "loading", "rebuilding", "live")

Key = tuple[str, str, str, str]


def main() -> int:
    """Measure both and print the difference."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("base", metavar="BASE", help="a commit, a branch or a tag")
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=" ".join(DEFAULT))
    parser.add_argument("--full", action="store_true", help="measure as many rounds as it takes")
    args = parser.parse_args()
    unknown = [name for name in args.subjects if name not in SUBJECTS]
    if unknown:
        parser.error(f"no subject {unknown[0]!r}; there is {', '.join(SUBJECTS)}")
    print(_row("what", args.base, "here", "change", ""), flush=True)
    with _checked_out(args.base) as there:
        for subject in args.subjects or DEFAULT:
            before = _measure(there, subject, full=args.full)
            after = _measure(HERE, subject, full=args.full)
            for key in before | after:
                print(_difference(before.get(key), after.get(key)), flush=True)
    return 0


@contextmanager
def _checked_out(base: str) -> Iterator[Path]:
    """Give a directory with the package as it was, and the benchmarks as they are."""
    with tempfile.TemporaryDirectory(prefix="benchmark-base-") as directory:
        there = Path(directory) / "base"
        git = ["git", "-C", str(HERE), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(there), base], check=True)
        try:
            for name in ("benchmarks", "tests", *BUILT):
                if (HERE / name).exists():
                    shutil.rmtree(there / name, ignore_errors=True)
                    shutil.copytree(HERE / name, there / name)
            yield there
        finally:
            subprocess.run([*git, "remove", "--force", str(there)], check=True)


def _measure(where: Path, subject: str, *, full: bool) -> dict[Key, dict[str, Any]]:
    """Return what is measured in a directory, in a process of its own."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "results.json"
        command = [sys.executable, "-m", "benchmarks", subject, "--json", str(file)]
        quiet = subprocess.DEVNULL
        if not full:
            command.append("--quick")
        # One that cannot be measured there is shown as such.
        subprocess.run(command, check=False, cwd=where, stdout=quiet, stderr=quiet)
        found = json.loads(file.read_text(encoding="utf-8"))["results"] if file.exists() else []
    return {(one["subject"], one["name"], one["unit"], one["measured"]): one for one in found}


def _difference(before: dict[str, Any] | None, after: dict[str, Any] | None) -> str:
    either: dict[str, Any] = after or before or {}
    change = verdict = ""
    if before and after:
        change = f"{after['median'] / before['median'] - 1:+.0%}"
        (low, high), (least, most) = before["quartiles"], after["quartiles"]
        verdict = "" if least <= high and low <= most else "beyond the spread"
    name = f"{either['name']}"
    text = f"{either['measured']}"
    return _row(name, _figure(before), _figure(after), change, f"{verdict:19}{text}")


def _figure(one: dict[str, Any] | None) -> str:
    if one is None:
        return "-"
    digits, unit = (3, "") if one["unit"] == "x" else (1, f" {one['unit']}")
    return f"{one['median']:.{digits}f}{unit}"


def _row(*texts: str) -> str:
    *columns, last = texts
    return "".join([text.ljust(width) for text, width in zip(columns, WIDTHS, strict=True)]) + last


if __name__ == "__main__":
    sys.exit(main())

"""Kills writers of snapshots, and looks at what they left; started by the tests as a process.

A process of its own, without TensorFlow and with one thread, can be forked in no time.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

sys.path[:0] = [str(Path(__file__).parents[2])]

from storing import (  # noqa: E402 - found by the line above
    VALUES,
    WRITES,
    FaultyDisk,
    contents,
    hidden,
    put,
    references,
    same,
    store_at,
)

from jupyter_tfsession.snapshots.errors import SnapshotError  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.snapshots.reading import Snapshot

KILLS = 200


def killed(work: Callable[[], object], after: float | None = None) -> bool:
    """Do something in another process that is killed; tell whether it was."""
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def unreadable(root: Path) -> int:
    """Count the snapshots that are listed and are not whole."""
    return sum(not whole(snapshot) for snapshot in store_at(root).snapshots())


def whole(snapshot: Snapshot) -> bool:
    try:
        return same(contents(snapshot), VALUES)
    except SnapshotError:
        return False


def put_until(root: Path, step: int) -> None:
    put(store_at(root, FaultyDisk(WRITES, step, kill=True)), "loop")


def each_step(root: Path) -> None:
    bad = kills = 0
    while killed(partial(put_until, root, kills + 1)):
        kills += 1
        bad += unreadable(root)
        put(store_at(root), "kept")
        assert not hidden(root)
    assert kills > 10
    sys.stdout.write(f"killed at {kills} steps: {bad} unreadable\n")


def at_random(root: Path) -> None:
    chance = random.Random(5)

    def loop() -> NoReturn:
        while True:
            put(store_at(root, each=3), "loop")

    bad = written = 0
    for _ in range(KILLS):
        before = references(store_at(root))
        assert killed(loop, after=chance.uniform(0, 0.03))
        bad += unreadable(root)
        assert len(references(store_at(root))) >= min(3, len(before))
        written += 1
    put(store_at(root), "after")
    assert not hidden(root)
    sys.stdout.write(f"killed {written} times: {bad} unreadable\n")


def write(root: Path, name: str) -> None:
    for _ in range(20):
        put(store_at(root), name)


if __name__ == "__main__":
    _, how, where, *rest = sys.argv
    {"each-step": each_step, "at-random": at_random, "write": write}[how](Path(where), *rest)

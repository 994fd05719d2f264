"""A store of small snapshots without TensorFlow, on a disk that can be made to fail."""

from __future__ import annotations

import errno
import os
import signal
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_tfsession.snapshots.disk import Disk
from jupyter_tfsession.snapshots.encoding import encode
from jupyter_tfsession.snapshots.errors import SnapshotError
from jupyter_tfsession.snapshots.manifest import About
from jupyter_tfsession.snapshots.store import Limits, Store
from jupyter_tfsession.snapshots.writing import Contents, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_tfsession.snapshots.reading import Snapshot

VALUES = {
    "w": np.arange(6, dtype=np.float32).reshape(2, 3),
    "b": np.array([1, -1], np.int64),
    "../x": np.array(7, np.uint8),
}
WRITES = ("make_directory", "create", "write", "sync", "rename", "sync_directory", "names")
READS = ("open", "size", "read", "names")


def store_at(root: Path, disk: Disk | None = None, *, each: int = 5, nbytes: int = 2**30) -> Store:
    return Store(root, lambda: Limits(each, nbytes), disk)


def put(
    store: Store, name: str, values: Mapping[str, Any] = VALUES, *, notebook: str = ""
) -> Snapshot:
    """Write a snapshot of arrays of dtypes that NumPy names as TensorFlow does."""

    @contextmanager
    def given() -> Iterator[Contents]:
        yield Contents(variables, values.values(), {})

    variables = [
        Variable(key, key, array.dtype.name, array.shape, len(encode(array.dtype.name, array)))
        for key, array in values.items()
    ]
    return store.add(name, given, About(notebook=notebook))


def contents(snapshot: Snapshot) -> dict[str, Any]:
    """Return all values of a snapshot."""
    return {entry.name: value for entry, value in snapshot.read()}


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[k], other[k]) for k in one)


def references(store: Store) -> list[str]:
    return [snapshot.reference for snapshot in store.snapshots()]


def failure(store: Store, name: str) -> str:
    """Write a snapshot that may fail; return what is said of it."""
    try:
        put(store, name)
    except SnapshotError as error:
        return str(error)
    return ""


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def hidden(directory: Path) -> list[str]:
    """Return what is unfinished, or is being removed."""
    return [name for name in names(directory) if name.startswith(".")]


def still_open(directory: Path) -> list[Path]:
    """List what this process has open of `directory`; others open and close theirs meanwhile."""
    opened = []
    for descriptor in Path("/proc/self/fd").glob("*"):
        with suppress(FileNotFoundError):  # the listing's own, closed by now
            opened.append(descriptor.readlink())
    return [path for path in opened if path.is_relative_to(directory)]


class FaultyDisk(Disk):
    """A disk whose n-th step of some kinds fails, or kills the process.

    Attributes
    ----------
    steps
        How many steps there were.
    """

    def __init__(self, kinds: tuple[str, ...], fail_at: int = 0, *, kill: bool = False) -> None:
        self.steps = 0
        for kind in kinds:
            setattr(self, kind, self._counted(getattr(super(), kind), fail_at, kill=kill))

    def _counted(self, step: Any, fail_at: int, *, kill: bool) -> Any:
        def counted(*args: Any) -> Any:
            self.steps += 1
            if self.steps == fail_at:
                if kill:
                    os.kill(os.getpid(), signal.SIGKILL)
                raise OSError(errno.ENOSPC, "made to fail")
            return step(*args)

        return counted

"""The snapshots in one directory: which there are, adding one, dropping those that are too many.

Every snapshot is a directory of its own, called by its time, its name and something random, so that
two kernels can write into one place. Whatever has another kind of name is left alone.
"""

from __future__ import annotations

import os
import re
import secrets
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final

from jupyter_tfsession.displays import human_bytes
from jupyter_tfsession.snapshots.disk import Disk
from jupyter_tfsession.snapshots.errors import SnapshotError, explained
from jupyter_tfsession.snapshots.manifest import Manifest
from jupyter_tfsession.snapshots.naming import LAST, check_name, no_such
from jupyter_tfsession.snapshots.reading import TIME, Snapshot, moment_of
from jupyter_tfsession.snapshots.writing import write_data, write_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from jupyter_tfsession.snapshots.manifest import About
    from jupyter_tfsession.snapshots.writing import Contents

_STORED: Final = re.compile(r"(?P<time>\d{8}T\d{6}\.\d{6}Z)-(?P<name>[A-Za-z0-9._-]+)-[0-9a-f]{8}")
_UNFINISHED: Final = re.compile(r"\.(partial|dropped)-[0-9a-f]{16}")
_MARGIN: Final = 2**20  # bytes for the manifest and for what the file system needs


@dataclass(frozen=True)
class Limits:
    """How much is kept.

    Attributes
    ----------
    each
        Snapshots of one name.
    nbytes
        Bytes of all together.
    """

    each: int
    nbytes: int


class Store:
    """The snapshots in one directory, which is made when the first one is written.

    Parameters
    ----------
    root
        The directory.
    limits
        Gives how much is kept.
    disk
        What does it.
    """

    def __init__(self, root: Path, limits: Callable[[], Limits], disk: Disk | None = None) -> None:
        self.root = root
        self._limits = limits
        self._disk = disk or Disk()

    def snapshots(self) -> list[Snapshot]:
        """Return the snapshots, oldest first, the damaged ones among them."""
        later: dict[str, int] = {}
        found = []
        for directory, stored in sorted(self._stored(), reverse=True):
            match = _STORED.fullmatch(directory)
            assert match is not None  # noqa: S101 - _stored has looked
            count = later[stored] = later.get(stored, -1) + 1
            reference = f"{stored}~{count}" if count else stored
            path = self.root / directory
            found.append(Snapshot(self._disk, path, stored, match["time"], reference))
        return found[::-1]

    def find(self, reference: str, notebook: str = "") -> Snapshot:
        """Return a snapshot by its name, by ``NAME~1`` (the one before) or as ``last``.

        The last one is that of the notebook, where it is known which one took them.

        Raises
        ------
        SnapshotError
            There is none, or it is damaged; the error says what there is.
        """
        there = self.snapshots()
        if reference == LAST:
            for snapshot in reversed(there):
                if not snapshot.damage and snapshot.is_of(notebook):
                    return snapshot
            raise SnapshotError(f"there is no snapshot in {self.root} yet")
        for snapshot in there:
            if snapshot.reference == reference:
                return snapshot
        raise SnapshotError(no_such(reference, [one.reference for one in there], self.root))

    def add(
        self, name: str, contents: Callable[[], AbstractContextManager[Contents]], about: About
    ) -> Snapshot:
        """Write a snapshot, and drop those that are too many then.

        Parameters
        ----------
        name
            Its name, checked here.
        contents
            Gives what is to be written; is left before the disk is waited for.
        about
            What else the manifest says.

        Raises
        ------
        SnapshotError
            It cannot be written. What was there is untouched.
        """
        check_name(name)
        with explained(f"write to {self.root}"):
            self._prepare()
            with self._partial() as path:
                with contents() as given:
                    self._make_room(sum(variable.size for variable in given.variables))
                    written = write_data(self._disk, path, given)
                try:
                    self._disk.sync(written.descriptor)
                finally:
                    self._disk.close(written.descriptor)
                time = self._next_time()
                manifest = Manifest(
                    name=name,
                    created=moment_of(time).isoformat(),
                    about=about,
                    data=written.data,
                    variables=written.entries,
                    left_out=dict(given.left_out),
                )
                write_manifest(self._disk, path, manifest)
                stored = self.root / f"{time}-{name}-{secrets.token_hex(4)}"
                self._disk.rename(path, stored)
            self._disk.sync_directory(self.root)
        with suppress(OSError, SnapshotError):  # it is written, whatever becomes of the others
            self._drop_old()
        return Snapshot(self._disk, stored, name, time, name)

    def drop(self, snapshot: Snapshot) -> None:
        """Remove a snapshot."""
        gone = self.root / f".dropped-{secrets.token_hex(8)}"
        with explained(f"remove {snapshot.path}"):
            # First out of sight, so that nobody sees half of it.
            self._disk.rename(snapshot.path, gone)
            self._disk.remove(gone)

    def _stored(self) -> Iterator[tuple[str, str]]:
        """Yield the directories that are snapshots, each with the name of the snapshot."""
        try:
            directories = self._disk.names(self.root)
        except FileNotFoundError:
            return
        except OSError as error:
            with explained(f"look into {self.root}"):
                raise error from None
        for directory in directories:
            match = _STORED.fullmatch(directory)
            if match and self._is_directory(self.root / directory):
                yield directory, match["name"]

    def _is_directory(self, path: Path) -> bool:
        return path.is_dir() and not path.is_symlink()

    def _prepare(self) -> None:
        """Have the directory, and nothing in it that nobody writes any more."""
        if self.root.is_symlink():
            raise SnapshotError(
                f"{self.root} is a symbolic link, which may lead anywhere: say where it leads, "
                f"%config TFSession.snapshot_directory = {os.path.realpath(self.root)!r}"
            )
        if not self.root.is_dir():
            self.root.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):  # another kernel has just made it
                self._disk.make_directory(self.root)
            self._disk.sync_directory(self.root.parent)
        for directory in self._disk.names(self.root):
            if _UNFINISHED.fullmatch(directory):
                self._sweep(self.root / directory)

    def _sweep(self, path: Path) -> None:
        """Remove what a process has left behind; whoever still writes holds a lock on it."""
        lock = self._disk.lock(path)
        if lock is not None:
            try:
                with suppress(OSError):
                    self._disk.remove(path)
            finally:
                self._disk.close(lock)

    @contextmanager
    def _partial(self) -> Iterator[Path]:
        """Give a locked directory for what is unfinished; remove it if it is not renamed."""
        lock = None
        for _ in range(10):
            path = self.root / f".partial-{secrets.token_hex(8)}"
            self._disk.make_directory(path)
            lock = self._disk.lock(path)
            if lock is not None or os.name == "nt":
                break  # else another kernel took it for left behind in this very moment
        try:
            yield path
        except BaseException:
            with suppress(OSError):
                self._disk.remove(path)
            raise
        finally:
            if lock is not None:
                self._disk.close(lock)

    def _next_time(self) -> str:
        """Return the time, or what sorts just after the latest snapshot if clocks went back."""
        now = datetime.now(timezone.utc)
        latest = max((directory for directory, _ in self._stored()), default="")
        if latest:
            match = _STORED.fullmatch(latest)
            assert match is not None  # noqa: S101 - _stored has looked
            with suppress(ValueError):  # digits that are no time
                now = max(now, moment_of(match["time"]) + timedelta(microseconds=1))
        return now.strftime(TIME)

    def _make_room(self, size: int) -> None:
        """See that so many bytes may be written; old versions give way when that helps."""
        limit = self._limits().nbytes
        _, rest = _divided(self.snapshots())
        if size + sum(map(_size, rest)) > limit:
            raise SnapshotError(
                f"a snapshot of {human_bytes(size)} would exceed the {human_bytes(limit)} that "
                f"snapshots may take in {self.root}: remove some of the directories there, or "
                "raise TFSession.snapshot_bytes"
            )
        free = self._disk.free(self.root)
        if size + _MARGIN > free:
            raise SnapshotError(
                f"cannot write to {self.root}: the disk is full, with {human_bytes(free)} free "
                f"and {human_bytes(size)} needed"
            )

    def _drop_old(self) -> None:
        """Drop what is too much, oldest first; the latest of each name always stays."""
        limits = self._limits()
        there = self.snapshots()
        superseded, _ = _divided(there)
        for snapshot in superseded:
            if _version(snapshot) >= limits.each:
                self.drop(snapshot)
                there.remove(snapshot)
        total = sum(map(_size, there))
        for snapshot in superseded:
            if total > limits.nbytes and snapshot in there:
                self.drop(snapshot)
                total -= _size(snapshot)


def _version(snapshot: Snapshot) -> int:
    """Return how many later ones of the same name there are."""
    return int(snapshot.reference.rpartition("~")[2]) if "~" in snapshot.reference else 0


def _divided(snapshots: list[Snapshot]) -> tuple[list[Snapshot], list[Snapshot]]:
    """Tell those of which there is a later one of the same name from the others."""
    old = [snapshot for snapshot in snapshots if _version(snapshot)]
    return old, [snapshot for snapshot in snapshots if not _version(snapshot)]


def _size(snapshot: Snapshot) -> int:
    total = 0
    with suppress(OSError):
        total = sum(entry.stat().st_size for entry in os.scandir(snapshot.path))
    return total

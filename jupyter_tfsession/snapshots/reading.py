"""Reading one snapshot: nothing is believed before its checksum is right."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from jupyter_tfsession.snapshots import encoding, manifest
from jupyter_tfsession.snapshots.digests import digesting
from jupyter_tfsession.snapshots.errors import DamagedError, SnapshotError, explained
from jupyter_tfsession.snapshots.manifest import CHECKSUM, DATA, MANIFEST, MOST_BYTES, Manifest
from jupyter_tfsession.snapshots.planning import Stored

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from jupyter_tfsession.snapshots.disk import Disk
    from jupyter_tfsession.snapshots.manifest import Entry


TIME: Final = "%Y%m%dT%H%M%S.%fZ"
"""How the moment is written in the name of a directory."""


def moment_of(time: str) -> datetime:
    """Return the moment that the name of a directory tells.

    Raises
    ------
    ValueError
        There is no such moment.
    """
    return datetime.strptime(time, TIME).replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class Snapshot:
    """A snapshot on the disk.

    Attributes
    ----------
    disk
        The disk.
    path
        Its directory.
    name, created
        What its directory is called by, and the moment in it; a later one sorts later.
    reference
        What it is referred to by: its name, with ``~1`` if there is one later one of that name.
    """

    disk: Disk
    path: Path
    name: str
    created: str
    reference: str

    @cached_property
    def manifest(self) -> Manifest:
        """What it says of itself.

        Raises
        ------
        SnapshotError
            It cannot be read, or is damaged; the error says which snapshot and why.
        """
        with self._named():
            text = self._whole(MANIFEST, MOST_BYTES)
            found = manifest.decode(text, self._whole(CHECKSUM, 2**10))
            if found.name != self.name:
                raise DamagedError(f"it is called {found.name:.80} by {MANIFEST}")
            return found

    @property
    def damage(self) -> str:
        """Why it cannot be read, as far as that is seen without reading the values."""
        try:
            _ = self.manifest
            with self._named(), self._data():
                return ""
        except SnapshotError as error:
            return str(error.__cause__ or error)

    def read(
        self, entries: Sequence[Entry] | None = None
    ) -> Iterator[tuple[Entry, npt.NDArray[Any]]]:
        """Yield values, by default all, each after its checksum was found right.

        Raises
        ------
        SnapshotError
            The snapshot is damaged.
        """
        import numpy as np

        start = self.manifest.data.header
        wanted = self.manifest.variables if entries is None else entries
        with self._named(), self._data() as descriptor, digesting() as digest_of:
            before: tuple[Entry, Any, Callable[[], str]] | None = None
            for entry in wanted:
                data = np.empty(entry.nbytes, np.uint8)  # which is not filled first
                self._read(descriptor, data.data, start + entry.begin)
                digest = digest_of(data.data)
                if before is not None:
                    yield _checked(*before)
                before = entry, data, digest
            if before is not None:
                yield _checked(*before)

    def is_of(self, notebook: str) -> bool:
        """Whether a notebook took it, as far as is known."""
        try:
            return self.manifest.about.notebook in {"", notebook} or not notebook
        except SnapshotError:
            return False

    def stored(self) -> list[Stored]:
        """Return what there is."""
        return [Stored(e.name, e.dtype, tuple(e.shape)) for e in self.manifest.variables]

    def values(self, names: Collection[str]) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Yield the values of these, each with its name, as `read` does."""
        wanted = [entry for entry in self.manifest.variables if entry.name in names]
        return ((entry.name, value) for entry, value in self.read(wanted))

    @property
    def taken(self) -> str:
        """When it was taken, in the time of the clock on the wall."""
        try:
            return moment_of(self.created).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        except (ValueError, OverflowError):  # somebody made that directory up
            return self.created

    @contextmanager
    def _data(self) -> Iterator[int]:
        """Open the file with the values, after a look at its size and header."""
        about = self.manifest.data
        descriptor = self.disk.open(self.path / DATA)
        try:
            size = self.disk.size(descriptor)
            if size != about.size:
                raise DamagedError(f"{DATA} has {size} bytes, not {about.size}")
            header = bytearray(about.header)
            self._read(descriptor, memoryview(header), 0)
            if hashlib.sha256(header).hexdigest() != about.sha256:
                raise DamagedError(f"the header of {DATA} does not have its checksum")
            yield descriptor
        finally:
            self.disk.close(descriptor)

    def _whole(self, file: str, at_most: int) -> bytes:
        descriptor = self.disk.open(self.path / file)
        try:
            size = self.disk.size(descriptor)
            if size > at_most:
                raise DamagedError(f"{file} has {size} bytes, which is too much")
            text = bytearray(size)
            self._read(descriptor, memoryview(text), 0)
            return bytes(text)
        finally:
            self.disk.close(descriptor)

    def _read(self, descriptor: int, into: memoryview, offset: int) -> None:
        try:
            self.disk.read(descriptor, into, offset)
        except EOFError:
            raise DamagedError("a file is shorter than it should be") from None

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Say of which snapshot an error is."""
        try:
            with explained("read it"):
                yield
        except SnapshotError as error:
            raise type(error)(f"snapshot {self.reference} at {self.path}: {error}") from error


def _checked(
    entry: Entry, data: npt.NDArray[Any], digest: Callable[[], str]
) -> tuple[Entry, npt.NDArray[Any]]:
    if digest() != entry.sha256:
        raise DamagedError(f"the value of {entry.name:.80} does not have its checksum")
    return entry, encoding.decode(entry.dtype, entry.shape, data)

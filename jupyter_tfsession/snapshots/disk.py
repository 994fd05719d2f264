"""What is done to the disk: one call for each step, so that the order of the steps can be seen.

Nothing here follows a symbolic link in the last part of a path.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_CLOEXEC = getattr(os, "O_CLOEXEC", 0)

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows has no such locks: what was left behind there stays
    fcntl = None


class Disk:
    """The file system."""

    def make_directory(self, path: Path) -> None:
        """Make a directory that is not there yet."""
        path.mkdir(mode=0o777)

    def create(self, path: Path) -> int:
        """Create a file that is not there yet and return its descriptor."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW | _BINARY | _CLOEXEC
        return os.open(path, flags, 0o666)

    def write(self, descriptor: int, buffer: bytes | memoryview) -> None:
        """Write all of a buffer."""
        left = memoryview(buffer)
        while left:
            left = left[os.write(descriptor, left) :]

    def sync(self, descriptor: int) -> None:
        """Wait until what was written is on the disk."""
        os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        """Close a file."""
        os.close(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        """Give a directory another name, at once."""
        old.rename(new)

    def sync_directory(self, path: Path) -> None:
        """Wait until the names in a directory are on the disk."""
        if os.name == "nt":  # which has no descriptors of directories
            return
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def open(self, path: Path) -> int:
        """Open a file for reading and return its descriptor."""
        return os.open(path, os.O_RDONLY | _NOFOLLOW | _BINARY | _CLOEXEC)

    def size(self, descriptor: int) -> int:
        """Return the size of an open file."""
        return os.fstat(descriptor).st_size

    def read(self, descriptor: int, into: memoryview, offset: int) -> None:
        """Fill a buffer from the file.

        Raises
        ------
        EOFError
            The file is shorter.
        """
        os.lseek(descriptor, offset, os.SEEK_SET)
        while into:
            count = _read_into(descriptor, into)
            if not count:
                raise EOFError
            into = into[count:]

    def names(self, path: Path) -> list[str]:
        """Return the names in a directory."""
        return [entry.name for entry in path.iterdir()]

    def remove(self, path: Path) -> None:
        """Remove a directory and all that is in it."""
        shutil.rmtree(path)

    def free(self, path: Path) -> int:
        """Return how many bytes can be written."""
        return shutil.disk_usage(path).free

    def lock(self, path: Path) -> int | None:
        """Lock a directory for as long as the returned descriptor, or the process, lives.

        Returns
        -------
        int, optional
            None where another has locked it or it is gone.
        """
        if fcntl is None:
            return None
        try:
            descriptor = os.open(path, os.O_RDONLY | _NOFOLLOW | _CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            same = os.path.samestat(os.fstat(descriptor), os.lstat(path))
        except OSError:
            same = False
        if not same:
            os.close(descriptor)
            return None
        return descriptor


def _read_into(descriptor: int, into: memoryview) -> int:
    if hasattr(os, "readv"):  # not on Windows
        return os.readv(descriptor, [into[: 2**30]])
    piece = os.read(descriptor, min(len(into), 2**24))
    into[: len(piece)] = piece
    return len(piece)

"""What goes wrong with a snapshot, in one line for the user."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jupyter_tfsession.features import UserError, first_line

if TYPE_CHECKING:
    from collections.abc import Iterator


class SnapshotError(UserError, RuntimeError):
    """A snapshot cannot be written, found, read or used; nothing was changed."""


class DamagedError(SnapshotError):
    """A snapshot is not what was written."""


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turn what the operating system says into a `SnapshotError`.

    Parameters
    ----------
    doing
        What is being done, as in ``cannot write snapshots/best``.
    """
    try:
        yield
    except OSError as error:
        raise SnapshotError(f"cannot {doing}: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    words = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EFBIG: "files may not be that large here",
        errno.EROFS: "the file system is read-only",
        errno.EACCES: "it is not permitted",
        errno.EPERM: "it is not permitted",
        errno.ENOENT: "it is not there any more",
        errno.ELOOP: "a symbolic link is in its place",
        errno.EIO: "the disk failed",
    }
    return words.get(error.errno or 0) or error.strerror or first_line(error)

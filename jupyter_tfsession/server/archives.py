"""A snapshot as one stream: a tar archive of its files, made as it is sent."""

from __future__ import annotations

import os
import tarfile
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from jupyter_tfsession.server.stores import FILES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_tfsession.snapshots.reading import Snapshot

CHUNK: Final = 2**20

_BLOCK: Final = tarfile.BLOCKSIZE


class Archive:
    """The files of a snapshot, opened; whoever removes it meanwhile does not disturb.

    Attributes
    ----------
    size
        Bytes of the archive.

    Raises
    ------
    OSError
        A file is not there.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._open = ExitStack()
        self._files: list[tuple[bytes, int, int]] = []
        self.size = 2 * _BLOCK  # which are empty, at the end
        try:
            for file in FILES:
                descriptor = snapshot.disk.open(snapshot.path / file)
                self._open.callback(os.close, descriptor)
                member = tarfile.TarInfo(f"{snapshot.path.name}/{file}")
                about = os.fstat(descriptor)
                member.size, member.mtime = about.st_size, int(about.st_mtime)
                header = member.tobuf(tarfile.PAX_FORMAT)
                self._files.append((header, descriptor, member.size))
                self.size += len(header) + _padded(member.size)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the files."""
        self._open.close()

    def chunks(self) -> Iterator[bytes]:
        """Yield the archive in pieces.

        Raises
        ------
        EOFError
            A file has become shorter.
        """
        for header, descriptor, size in self._files:
            yield header
            left = size
            while left:
                piece = os.read(descriptor, min(left, CHUNK))
                if not piece:
                    raise EOFError
                left -= len(piece)
                yield piece
            yield bytes(_padded(size) - size)
        yield bytes(2 * _BLOCK)


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK

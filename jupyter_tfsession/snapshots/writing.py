"""Writing one snapshot: a directory that appears whole, or not at all.

The order is what makes it so. Everything is written into a directory under another name, and waited
for; then the directory gets its name, which is one step for the file system. Whoever is killed or
fails before leaves a directory that nobody takes for a snapshot.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_tfsession.snapshots import encoding
from jupyter_tfsession.snapshots.digests import digesting
from jupyter_tfsession.snapshots.errors import SnapshotError
from jupyter_tfsession.snapshots.manifest import (
    CHECKSUM,
    DATA,
    MANIFEST,
    Data,
    Entry,
    encode,
    header_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from jupyter_tfsession.snapshots.disk import Disk
    from jupyter_tfsession.snapshots.manifest import Manifest


class Variable(NamedTuple):
    """What is known of a variable before its value is read.

    Attributes
    ----------
    name, operation, dtype, shape
        As in the manifest.
    size
        The bytes that its value will take.
    """

    name: str
    operation: str
    dtype: str
    shape: tuple[int, ...]
    size: int


class Contents(NamedTuple):
    """What is to be written.

    Attributes
    ----------
    variables
        All of them.
    values
        Their values in that order, read when they are asked for.
    left_out
        Why others are not among them, by name.
    """

    variables: Sequence[Variable]
    values: Iterable[Any]
    left_out: Mapping[str, str]


class Unexpected(SnapshotError):  # noqa: N818 - the one who gave the variables may know better
    """A value is not of the shape that was announced.

    Attributes
    ----------
    name
        Of the variable.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has another shape than the graph declares")
        self.name = name


class Written(NamedTuple):
    """The file with the values, still open: whoever has it waits for the disk, and closes it."""

    descriptor: int
    data: Data
    entries: list[Entry]


def write_data(disk: Disk, path: Path, contents: Contents) -> Written:
    """Write the file with the values, of which there is never more than one here."""
    header = header_of([(v.name, v.dtype, list(v.shape), v.size) for v in contents.variables])
    values = iter(contents.values)
    entries: list[Entry] = []
    offset = 0
    descriptor = disk.create(path / DATA)
    try:
        disk.write(descriptor, header)
        with digesting() as digest_of:
            for variable in contents.variables:
                data = _encoded(variable, next(values))
                digest = digest_of(data)
                disk.write(descriptor, data)
                begin, offset = offset, offset + variable.size
                entries.append(
                    Entry(
                        name=variable.name,
                        operation=variable.operation,
                        dtype=variable.dtype,
                        shape=list(variable.shape),
                        begin=begin,
                        end=offset,
                        sha256=digest(),
                    )
                )
                del data, digest  # before the next is read
    except BaseException:
        disk.close(descriptor)
        raise
    about = Data(
        file=DATA,
        header=len(header),
        size=len(header) + offset,
        sha256=hashlib.sha256(header).hexdigest(),
    )
    return Written(descriptor, about, entries)


def _encoded(variable: Variable, value: Any) -> memoryview:
    data = encoding.encode(variable.dtype, value)
    if value.shape != variable.shape or len(data) != variable.size:
        raise Unexpected(variable.name)
    return data


def write_manifest(disk: Disk, path: Path, manifest: Manifest) -> None:
    """Write what a snapshot says of itself, and wait until it and its directory are on the disk."""
    for file, text in zip((MANIFEST, CHECKSUM), encode(manifest), strict=True):
        descriptor = disk.create(path / file)
        try:
            disk.write(descriptor, text)
            disk.sync(descriptor)
        finally:
            disk.close(descriptor)
    disk.sync_directory(path)

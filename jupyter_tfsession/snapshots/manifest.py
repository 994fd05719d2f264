"""What a snapshot says of itself: ``manifest.json``, and the checksum beside it.

The format is described in ``docs/snapshots.md``; a change of it that older versions would
misunderstand raises `VERSION`.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct, field

from jupyter_tfsession.snapshots.encoding import ENCODINGS, encoded_size, stored_shape
from jupyter_tfsession.snapshots.errors import DamagedError, SnapshotError

FORMAT: Final = "jupyter_tfsession snapshot"
VERSION: Final = 1

MANIFEST: Final = "manifest.json"
CHECKSUM: Final = "manifest.sha256"
DATA: Final = "data.safetensors"

MOST_BYTES: Final = 2**28
"""The largest manifest that is read."""

_ALIGNED: Final = 8

Size: TypeAlias = Annotated[int, Meta(ge=0, le=2**62)]
Digest: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Entry(Struct, forbid_unknown_fields=True):
    """One variable in a snapshot.

    Attributes
    ----------
    name
        The name that was asked for when the variable was made.
    operation
        The name of its operation in the graph.
    dtype, shape
        TensorFlow's, of the value.
    begin, end
        Where the value is in the data file, counted from the end of its header.
    sha256
        Of those bytes.
    """

    name: str
    operation: str
    dtype: str
    shape: list[Size]
    begin: Size
    end: Size
    sha256: Digest

    @property
    def nbytes(self) -> int:
        """Bytes in the data file."""
        return self.end - self.begin


class About(Struct, forbid_unknown_fields=True):
    """Where the values come from; every part may be empty.

    Attributes
    ----------
    graph, cell, run
        The user's name of the graph, the label of the cell that ran, and the number of the latest
        run.
    source
        The first line of that cell.
    notebook
        The notebook's path, as Jupyter gives it to the kernel.
    tensorflow
        The version of TensorFlow.
    """

    graph: str = ""
    cell: str = ""
    source: str = ""
    run: Size = 0
    notebook: str = ""
    tensorflow: str = ""


class Data(Struct, forbid_unknown_fields=True):
    """The file with the values.

    Attributes
    ----------
    file
        Its name.
    header, size
        Bytes of its header, the length that comes first included, and of the whole file.
    sha256
        Of the header.
    """

    file: Literal["data.safetensors"]
    header: Size
    size: Size
    sha256: Digest


class Manifest(Struct, forbid_unknown_fields=True):
    """What a snapshot says of itself.

    Attributes
    ----------
    format, version
        What it is.
    name, created
        What the user called it, and when it was taken, in UTC.
    about
        Where the values come from.
    data, variables
        The values, in the order of the data file.
    left_out
        Why variables that held a value are not among them, by name.
    """

    name: str
    created: str
    about: About
    data: Data
    variables: list[Entry]
    left_out: dict[str, str] = field(default_factory=dict)
    format: Literal["jupyter_tfsession snapshot"] = FORMAT
    version: Literal[1] = VERSION

    @property
    def nbytes(self) -> int:
        """Bytes of the values."""
        return sum(entry.nbytes for entry in self.variables)


class _Kind(Struct):
    """The part of a manifest that any version has."""

    format: str = ""
    version: int = 0


def header_of(layout: list[tuple[str, str, list[int], int]]) -> bytes:
    """Return the header of a safetensors file.

    Parameters
    ----------
    layout
        Name, dtype, shape and bytes of each value, in the order of the file.
    """
    offset = 0
    header: dict[str, object] = {"__metadata__": {"format": FORMAT, "version": str(VERSION)}}
    for name, dtype, shape, size in layout:
        header[name] = {
            "dtype": ENCODINGS[dtype].stored,
            "shape": stored_shape(dtype, shape, size),
            "data_offsets": [offset, offset + size],
        }
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNED)
    return len(text).to_bytes(8, "little") + text


def encode(manifest: Manifest) -> tuple[bytes, bytes]:
    """Return the contents of the manifest's file and of the one beside it, for ``sha256sum -c``."""
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"
    return text, _checksum(text)


def _checksum(text: bytes) -> bytes:
    return f"{hashlib.sha256(text).hexdigest()}  {MANIFEST}\n".encode()


def decode(text: bytes, checksum: bytes) -> Manifest:
    """Return a manifest whose parts agree with each other.

    Raises
    ------
    DamagedError
        It is not what was written.
    SnapshotError
        It is of another version.
    """
    try:
        kind = msgspec.json.decode(text, type=_Kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise DamagedError(f"{MANIFEST} cannot be read") from None
    if kind.format == FORMAT and kind.version > VERSION:
        raise SnapshotError(
            f"it has version {kind.version} of the format and this one reads up to {VERSION}: a "
            "newer jupyter_tfsession has written it"
        )
    if checksum != _checksum(text):
        raise DamagedError(f"{MANIFEST} does not have its checksum")
    try:
        manifest = msgspec.json.decode(text, type=Manifest)
    except msgspec.DecodeError as error:
        raise DamagedError(f"{MANIFEST} is not as it should be: {error}") from None
    _check(manifest)
    return manifest


def _check(manifest: Manifest) -> None:
    """Check that sizes, offsets and names agree before anything of that size is asked for."""
    offset = 0
    for entry in manifest.variables:
        if entry.dtype not in ENCODINGS:
            raise SnapshotError(f"{entry.name:.80} has the type {entry.dtype:.40}, not known here")
        least = encoded_size(entry.dtype, entry.shape)
        fits = entry.nbytes >= least if entry.dtype == "string" else entry.nbytes == least
        if entry.begin != offset or not fits:
            raise DamagedError(f"the size of {entry.name:.80} does not fit its shape")
        offset = entry.end
    if manifest.data.size != manifest.data.header + offset:
        raise DamagedError("the sizes of the variables do not add up to that of the file")
    if len({entry.name for entry in manifest.variables}) != len(manifest.variables):
        raise DamagedError("two variables have one name")

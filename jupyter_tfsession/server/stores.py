"""The snapshots on the server's disk, whether or not a kernel runs that took them."""

from __future__ import annotations

import contextlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from jupyter_tfsession.server.models import Stored
from jupyter_tfsession.snapshots.errors import SnapshotError
from jupyter_tfsession.snapshots.manifest import CHECKSUM, DATA, MANIFEST
from jupyter_tfsession.snapshots.store import Limits, Store

if TYPE_CHECKING:
    from jupyter_tfsession.snapshots.reading import Snapshot

FILES: Final = (MANIFEST, CHECKSUM, DATA)
"""What a snapshot consists of; whatever else is in its directory is not its own."""


class Stores:
    """Finds snapshots below the server's root directory, and nowhere else.

    Parameters
    ----------
    root
        The server's root directory.
    name
        What the directory of snapshots is called beside a notebook.
    hidden
        Whether directories may be meant that are hidden.
    """

    def __init__(self, root: Path, name: str, *, hidden: bool) -> None:
        self._root = root.resolve()
        self._name = name
        self._hidden = hidden

    def find(self, directory: str) -> Store | None:
        """Return what is kept in a directory, given as the contents API does.

        Returns
        -------
        Store, optional
            None where there is no such directory, or it is out of bounds.
        """
        parts = PurePosixPath(directory).parts
        if any(map(self._is_out_of_bounds, parts)):
            return None
        try:
            path = self._root.joinpath(*parts, self._name).resolve()
        except (OSError, ValueError, RuntimeError):  # NUL, or links that lead in circles
            return None
        if not path.is_relative_to(self._root) or not path.parent.is_dir():
            return None
        return Store(path, lambda: Limits(each=1, nbytes=0))  # which matter for writing only

    def _is_out_of_bounds(self, part: str) -> bool:
        hidden = part.startswith(".") and not self._hidden
        return hidden or part in {"..", "/", "//"} or "\\" in part or ":" in part


def snapshot_in(store: Store, name: str) -> Snapshot | None:
    """Return a snapshot by the name of its directory."""
    return next((one for one in store.snapshots() if one.path.name == name), None)


def described(snapshot: Snapshot) -> Stored:
    """Return what is told of a snapshot."""
    damage = snapshot.damage
    told = Stored(
        id=snapshot.path.name,
        name=snapshot.reference,
        taken=snapshot.taken,
        notebook="",
        graph="",
        cell="",
        variables=0,
        bytes=_size(snapshot),
        damage=damage,
    )
    try:
        manifest = snapshot.manifest
    except SnapshotError:
        return told
    told.variables = len(manifest.variables)
    about = manifest.about
    told.notebook, told.graph, told.cell = about.notebook, about.graph, about.cell
    return told


def _size(snapshot: Snapshot) -> int:
    with contextlib.suppress(OSError):
        return sum((snapshot.path / file).lstat().st_size for file in FILES)
    return 0

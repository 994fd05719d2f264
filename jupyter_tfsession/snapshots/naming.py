"""What snapshots are called."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final

from jupyter_tfsession.snapshots.errors import SnapshotError

if TYPE_CHECKING:
    from pathlib import Path

LAST: Final = "last"
"""What stands for the latest snapshot, whatever its name."""

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")


def check_name(name: str) -> None:
    """Refuse a name that a snapshot cannot have.

    Raises
    ------
    SnapshotError
        It says what is possible.
    """
    if not _NAME.fullmatch(name):
        raise SnapshotError(
            f"{name[:80]!r} cannot be the name of a snapshot: 1 to 64 letters, digits, dots, "
            "dashes or underscores can"
        )
    if name == LAST:
        raise SnapshotError("'last' stands for the latest snapshot, and cannot be the name of one")


def no_such(reference: str, there: list[str], root: Path) -> str:
    """Say that there is no such snapshot, and what there is; `there` is oldest first."""
    if not there:
        return f"there is no snapshot {reference[:80]!r}: there is none yet in {root}"
    close = difflib.get_close_matches(reference, there, n=1, cutoff=0.5)
    if close:
        return f"there is no snapshot {reference[:80]!r}; did you mean {close[0]!r}?"
    latest = ", ".join(there[::-1][:8]) + (", ..." if len(there) > 8 else "")  # noqa: PLR2004
    return f"there is no snapshot {reference[:80]!r}; there is {latest}"

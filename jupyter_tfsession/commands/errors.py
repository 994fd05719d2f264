"""What a command says of wrong input: one line that names it, and what is possible."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from jupyter_tfsession.features import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence


class CommandError(UserError, ValueError):
    """Wrong input to a command."""


def nearest(word: str, possible: Sequence[str], what: str) -> str:
    """Say that `word` is no `what`, and which one may be meant."""
    close = difflib.get_close_matches(word, possible, n=1, cutoff=0.5)
    if close:
        return f"there is no {what} {word!r}; did you mean {close[0]!r}?"
    shown = ", ".join(possible[:8]) + (", ..." if len(possible) > 8 else "")  # noqa: PLR2004
    return f"there is no {what} {word!r}; there is {shown or 'none'}"

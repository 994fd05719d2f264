"""How a command ends where it does not do what was asked; scripts go by the exit codes."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes; 2 is that of a command line that makes no sense."""

    DONE = 0
    REFUSED = 1
    NOT_FOUND = 3
    UNCONFIRMED = 4
    UNAVAILABLE = 5


class CommandError(Exception):
    """A command was not done; nothing has changed.

    Attributes
    ----------
    code
        The exit code.
    """

    def __init__(self, text: str, code: Exit = Exit.REFUSED) -> None:
        super().__init__(text)
        self.code = code

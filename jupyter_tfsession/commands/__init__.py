"""What the user can do: the commands behind the magics and the Python interface.

Each returns an object with a text and an HTML display, or raises `CommandError` with one line that
names what was wrong and what is possible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_tfsession.commands.autosaving import Autosave
from jupyter_tfsession.commands.environment import EnvironmentCommands
from jupyter_tfsession.commands.errors import CommandError
from jupyter_tfsession.commands.sections import SectionCommands
from jupyter_tfsession.commands.sessions import SessionCommands
from jupyter_tfsession.commands.snapshots import SnapshotCommands
from jupyter_tfsession.commands.variables import VariableCommands
from jupyter_tfsession.settings import POLICIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_tfsession.extension import Extension
    from jupyter_tfsession.frontend.widget import TFSessionWidget

__all__ = ["CommandError", "Commands"]


class Commands:
    """The commands of one shell's extension.

    Attributes
    ----------
    sessions, sections, variables, snapshots, environment
        What they are about.
    autosave
        Takes snapshots by itself.
    """

    def __init__(self, extension: Extension) -> None:
        self._extension = extension
        self.sessions = SessionCommands(extension)
        self.sections = SectionCommands(extension)
        self.variables = VariableCommands(extension, self.sessions)
        self.snapshots = SnapshotCommands(extension, self.sessions, self.variables)
        self.autosave = Autosave(extension, self.snapshots)
        self.environment = EnvironmentCommands(extension)

    def watch(self, globs: Sequence[str] = ()) -> TFSessionWidget:
        """Return the live widget; it watches the variables whose names match from now on."""
        return self._extension.front_ends.watch(globs)

    def completions(self, command: str, before: str) -> list[str]:
        """Return the words that can follow `before` in a line of the sub-command `command`."""
        if before == "--graph":
            return [live.name for live in self._extension.registry.sessions()]
        if command == "use":
            return self.sections.names()
        if command in {"restore", "diff"}:
            return self.snapshots.names()
        words = {"guard": POLICIES, "compat": ("on", "off"), "rerun": ("on", "off")}.get(
            command, ()
        )
        if (
            command in {"vars", "set", "reset", "show", "watch"}
            and self._extension.registry.sessions()
        ):
            return list(self.sessions.find().plans.catalogue.records)
        return list(words)

"""What a command gives: for people by default, for programs with ``--json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.cli.failures import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Result:
    """The result of a command.

    Attributes
    ----------
    told
        What there is to tell, as JSON has it.
    shown
        The same for people.
    code
        The exit code.
    """

    told: Any
    shown: Sequence[object]
    code: Exit = Exit.DONE

    def text(self, *, as_json: bool) -> str:
        """Return what is written."""
        if as_json:
            return json.dumps(self.told, indent=2)
        return "\n\n".join(map(str, self.shown))

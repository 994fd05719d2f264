"""What is switched on, and the rule that every feature fails open.

A feature that fails is switched off for the rest of the kernel's life with one warning; the
user's cell goes on as plain TensorFlow would run it.
"""

from __future__ import annotations

import functools
import logging
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

P = ParamSpec("P")
R = TypeVar("R")

logger = logging.getLogger("jupyter_tfsession")

PURPOSES = {
    "cells": "telling a first run of a cell from a re-run",
    "sessions": "one session per graph, kept alive",
    "rerun": "re-running cells that build graphs",
    "sections": "going back to earlier parts of the notebook",
    "guard": "the initializer guard, and knowing what wrote a variable",
    "shortcuts": "running faster than a plain session",
    "undo": "undo of overwritten values",
    "autosave": "autosave",
    "evaluate": "running in the session of the graph that is run",
    "live": "the live view of variables",
    "memory": "freeing the sessions of graphs that are gone",
    "notices": "one-line notices of what was done",
    "compat": "TensorFlow 1 imports in cells",
    "help": "help on sub-commands and their completion",
}
"""The features that can be switched off one by one, and what each is for."""


class UserError(Exception):
    """An error that is the user's to see: wrong input or a policy the user chose.

    It passes through the fail-open rule; any other exception is a fault of ours.
    """


@dataclass(frozen=True)
class Feature:
    """The state of one feature.

    Attributes
    ----------
    name, purpose
        As in `PURPOSES`.
    off_because
        Why it is off; empty while it is on.
    """

    name: str
    purpose: str
    off_because: str = ""


class Features:
    """The switchboard: which features are on, and why the others are not.

    Parameters
    ----------
    warn
        Shows the user one line.
    """

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._off: dict[str, str] = {}

    def __iter__(self) -> Iterator[Feature]:
        """Yield every feature with its state."""
        for name, purpose in PURPOSES.items():
            yield Feature(name, purpose, self._off.get(name, ""))

    def is_on(self, name: str) -> bool:
        """Whether the feature called `name` works."""
        return name not in self._off

    def switch_off(self, name: str, because: str) -> None:
        """Switch a feature off and warn once; later calls for the same feature are silent."""
        if name in self._off:
            return
        self._off[name] = because
        text = (
            f"jupyter_tfsession switched off {PURPOSES[name]} ({because}); "
            "cells run as in plain TensorFlow. %tfsession doctor tells more"
        )
        try:
            self._warn(text)
        except Exception:
            logger.debug("the warning could not be shown", exc_info=True)
            sys.stderr.write(f"{text}\n")

    def failed(self, name: str, error: BaseException) -> None:
        """Switch a feature off because `error` came out of it."""
        logger.debug("feature %r failed", name, exc_info=error)
        self.switch_off(name, first_line(error))

    def fails_open(
        self,
        name: str,
        work: Callable[P, R],
        otherwise: Callable[P, R],
        *,
        passes: Callable[[BaseException], bool] | None = None,
    ) -> Callable[P, R]:
        """Wrap `work` so that a fault in it gives the result of `otherwise`.

        `UserError`, what `passes` (by default, what TensorFlow's runtime says) and what is no
        `Exception` (an interrupt) pass through.
        """
        passes = passes or is_tensorflows

        @functools.wraps(work)
        def attempt(*args: P.args, **kwargs: P.kwargs) -> R:
            if name not in self._off:
                try:
                    return work(*args, **kwargs)
                except UserError:
                    raise
                except Exception as error:
                    if passes(error):
                        raise
                    self.failed(name, error)
            return otherwise(*args, **kwargs)

        return attempt


def is_tensorflows(error: BaseException) -> bool:
    """Whether an error comes from TensorFlow's runtime, and so is about the user's graph."""
    # Not there while TensorFlow is being imported.
    errors = getattr(sys.modules.get("tensorflow"), "errors", None)
    return errors is not None and isinstance(error, errors.OpError)


def raised_by_tensorflow(error: BaseException) -> bool:
    """Whether an error comes from TensorFlow's runtime or came out of its Python code."""
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_globals.get("__name__", "").startswith("tensorflow."):
            return True
        traceback = traceback.tb_next
    return is_tensorflows(error)


def first_line(error: BaseException) -> str:
    """Return an error's type and the first line of what it says, within 200 characters."""
    # TensorFlow puts where the operation was created before what is wrong with it.
    text = re.sub(r"\AGraph execution error:.*?\nNode: [^\n]*\n", "", str(error), flags=re.DOTALL)
    return f"{type(error).__name__}: {text}".splitlines()[0][:200]


def nothing(*_args: object, **_kwargs: object) -> None:
    """Do nothing: what is done in place of a feature that is off."""

"""What is switched on, and the rule that every feature fails open.

A feature that fails is switched off for the rest of the kernel's life with one warning; the
user's cell goes on as plain TensorFlow would run it.
"""

from __future__ import annotations

import functools
import logging
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
    "guard": "the initializer guard",
    "undo": "undo of overwritten values",
    "evaluate": "t.eval() and op.run() in the session of their own graph",
    "memory": "freeing the sessions of graphs that are gone",
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
        self._warn(
            f"jupyter_tfsession switched off {PURPOSES[name]} ({because}); "
            "cells run as in plain TensorFlow. %tfsession doctor tells more"
        )

    def failed(self, name: str, error: BaseException) -> None:
        """Switch a feature off because `error` came out of it."""
        logger.debug("feature %r failed", name, exc_info=error)
        self.switch_off(name, first_line(error))

    def fails_open(
        self, name: str, work: Callable[P, R], otherwise: Callable[P, R]
    ) -> Callable[P, R]:
        """Wrap `work` so that a fault in it gives the result of `otherwise`.

        `UserError`, what TensorFlow's runtime says and what is no `Exception` (an interrupt) pass
        through.
        """

        @functools.wraps(work)
        def attempt(*args: P.args, **kwargs: P.kwargs) -> R:
            if name not in self._off:
                try:
                    return work(*args, **kwargs)
                except UserError:
                    raise
                except Exception as error:
                    if is_tensorflows(error):
                        raise
                    self.failed(name, error)
            return otherwise(*args, **kwargs)

        return attempt


def is_tensorflows(error: BaseException) -> bool:
    """Whether an error comes from TensorFlow's runtime, and so is about the user's graph."""
    tensorflow = sys.modules.get("tensorflow")
    return tensorflow is not None and isinstance(error, tensorflow.errors.OpError)


def first_line(error: BaseException) -> str:
    """Return an error's type and the first line of what it says, within 200 characters."""
    return f"{type(error).__name__}: {error}".splitlines()[0][:200]

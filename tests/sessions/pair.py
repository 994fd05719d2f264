"""The same run in a managed and in a plain session, and all that may differ between the two."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_tfsession.sessions.shortcuts import LONG_WAY, Shortcut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TIMES = 3
"""A run is looked at, then worked out, then known."""


@dataclass
class Pair:
    """Two sessions of one graph."""

    managed: Any
    plain: Any

    def same(self, fetches: Any, feed_dict: Any = None, **more: Any) -> Any:
        """Run in both, several times, and return what came out, which has to be the same."""
        for ours, theirs in self.outcomes(fetches, feed_dict, **more):
            assert describe(ours) == describe(theirs)
        return ours

    def outcomes(
        self, fetches: Any, feed_dict: Any = None, **more: Any
    ) -> Iterator[tuple[Any, Any]]:
        """Yield what comes out of the managed session and of the plain one."""
        for _ in range(TIMES):
            theirs = outcome(self.plain.run, fetches, feed_dict, **more)
            yield outcome(self.managed.run, fetches, feed_dict, **more), theirs

    def alike(self, act: Callable[[Any], Any]) -> Any:
        """Do the same with both, several times, and return what came of it, which has to be alike.

        Parameters
        ----------
        act
            Does it with one of the sessions.
        """
        for _ in range(TIMES):
            theirs, ours = (outcome(act, session) for session in (self.plain, self.managed))
            assert describe(ours) == describe(theirs)
        return ours

    def refused(self, fetches: Any, feed_dict: Any = None, **more: Any) -> str:
        """Return what both say of a run that is wrong."""
        error = self.same(fetches, feed_dict, **more)
        assert isinstance(error, Exception), error
        return str(error)

    def initialize(self, *variables: Any) -> None:
        """Give variables their initial values, in both."""
        for session in (self.plain, self.managed):
            session.run([variable.initializer for variable in variables])

    def is_short(self, fetches: Any, feed_dict: Any = None) -> bool:
        """Whether these very fetches and feeds have a shortcut."""
        plan = self.managed._live.plans.find(fetches, feed_dict)
        assert plan is not None
        assert plan.way is LONG_WAY or isinstance(plan.way, Shortcut)
        return plan.way is not LONG_WAY

    def short(self, fetches: Any, feed_dict: Any = None, **more: Any) -> Any:
        """Do what `same` does, of what is to have a shortcut."""
        result = self.same(fetches, feed_dict, **more)
        assert self.is_short(fetches, feed_dict)
        return result


def outcome(call: Any, *args: Any, **kwargs: Any) -> Any:
    """Return what a call returns or raises."""
    try:
        return call(*args, **kwargs)
    except Exception as error:  # noqa: BLE001 - whatever it is
        return error


def describe(value: Any) -> Any:  # noqa: PLR0911 - one for each kind
    """Return all about a value that can be compared."""
    if isinstance(value, Exception):
        about = [type(value), re.sub(r"0x[0-9a-f]+", "0x", str(value))]
        operation = getattr(value, "op", None)
        about.append(type(value.__context__))
        about += [getattr(value, "error_code", None), len(value.args), value.__suppress_context__]
        return [*about, operation and operation.name, str(getattr(value, "node_def", None))]
    if isinstance(value, (np.ndarray, np.generic)):
        content = value.tolist() if value.dtype == object else value.tobytes()
        return [type(value), value.dtype, value.shape, content]
    if isinstance(value, dict):
        inside = [[key, describe(item)] for key, item in value.items()]
        return [type(value), getattr(value, "default_factory", None), inside]
    if isinstance(value, (list, tuple)):
        return [type(value), [describe(item) for item in value]]
    if hasattr(type(value), "__attrs_attrs__"):
        names = [attribute.name for attribute in type(value).__attrs_attrs__]
        return [type(value), [describe(getattr(value, name)) for name in names]]
    if type(value).__name__ == "RaggedTensorValue":
        return [type(value), describe(value.values), describe(value.row_splits)]
    return [type(value), value]

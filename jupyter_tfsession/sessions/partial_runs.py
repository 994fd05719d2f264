"""Runs in parts: ``Session.partial_run_setup`` and ``partial_run``."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from jupyter_tfsession.sessions.analysis import ForeignGraph
from jupyter_tfsession.sessions.shortcuts import Shortcut
from jupyter_tfsession.tf_session_internals import NotCovered

if TYPE_CHECKING:
    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.sessions.plans import RunPlan

_REMEMBERED: Final = 64
"""How many runs that were set up are followed; nobody says when the last part has run."""


class _SetUp(NamedTuple):
    """A run that was set up.

    Attributes
    ----------
    engine
        Where, while there is that engine: it ends when nothing holds it.
    plan
        What the parts do, all in all; None where it cannot be told.
    spared
        Names of variables whose initializers the guard left out.
    """

    engine: weakref.ref[Any]
    plan: RunPlan | None
    spared: frozenset[str]


class PartialRuns:
    """Runs in parts: what was set up, by the handle that TensorFlow gave for it.

    The initializers of a partial run are dealt with when it is set up. A handle is good for one
    engine.
    """

    def __init__(self, live: LiveSession) -> None:
        self._live = live
        self._set_up: dict[Any, _SetUp] = {}

    def set_up(self, fetches: Any, feeds: Any) -> Any:
        """Do what ``Session.partial_run_setup`` does; return its handle."""
        live = self._live
        try:
            several = feeds is None or isinstance(feeds, (list, tuple))
            plan, fault = live.plan(fetches, feeds if several else [feeds])
        except ForeignGraph:
            plan = fault = None
        spared: frozenset[str] = frozenset()
        if plan is not None:  # else TensorFlow says what is wrong with the fetches
            live.place_whole_graph()
            prepared = live.registry.guard.before(live, plan, fetches, None)
            fetches, spared = prepared.fetches, prepared.spared
        engine = live.engine()
        handle = engine.partial_run_setup(fetches, feeds)
        live.blame(fault)
        self._set_up[handle] = _SetUp(weakref.ref(engine), plan, spared)
        if len(self._set_up) > _REMEMBERED:
            del self._set_up[next(iter(self._set_up))]
        return handle

    def run(self, handle: Any, fetches: Any, feed_dict: Any) -> Any:
        """Do what ``Session.partial_run`` does.

        Raises
        ------
        RuntimeError
            The session was closed since the run was set up.
        """
        live = self._live
        set_up = self._set_up.get(handle)
        if set_up is None:
            engine, plan, spared = live.engine(), None, frozenset[str]()
        else:
            engine, plan, spared = set_up.engine(), set_up.plan, set_up.spared
            if engine is None:
                raise RuntimeError("Attempted to use a closed Session.")  # TensorFlow's words
        with live.passing(plan):
            stamp = live.stamp()
            result = self._part(engine, handle, fetches, feed_dict)
        if plan is not None:
            live.went_on(plan, stamp, spared=spared)
        return result

    def _part(self, engine: Any, handle: Any, fetches: Any, feed_dict: Any) -> Any:
        live = self._live
        try:
            plan, _ = live.plan(fetches, feed_dict)
            way = plan and (plan.way or live.find_way(plan, fetches, feed_dict))
            if isinstance(way, Shortcut) and handle:  # without one it is a run
                return way.part(engine, handle, fetches, feed_dict)
        except (ForeignGraph, NotCovered):
            pass  # TensorFlow says so
        return engine.partial_run(handle, fetches, feed_dict)

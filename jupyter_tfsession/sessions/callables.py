"""The other ways to run: callables made once, and runs in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_session_internals as internals
from jupyter_tfsession.sessions.analysis import ForeignGraph
from jupyter_tfsession.sessions.fetches import substitute
from jupyter_tfsession.sessions.shortcuts import Shortcut
from jupyter_tfsession.tf_session_internals import NotCovered

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.sessions.plans import RunPlan
    from jupyter_tfsession.tf_session_internals import Prepared


def make_callable(live: LiveSession, fetches: Any, *, accept_options: bool) -> Callable[..., Any]:
    """Do what ``Session.make_callable`` does without feeds, under the guard.

    The callable outlives the closing and opening of the session.

    Raises
    ------
    Exception
        Whatever TensorFlow says of wrong fetches.
    """
    maker = live.engine()
    made = maker.make_callable(fetches, accept_options=accept_options)
    plan, fault = live.plan(fetches, None)
    live.blame(fault)
    shortcut, kept = _shortcut(live, plan, fetches)

    def carefully(*args: Any, **kwargs: Any) -> Any:
        nonlocal maker, made, plan
        if plan is not None and not plan.cached and kept is not None:
            plan, _ = live.plan(kept, None)
        with live.passing(plan):
            engine = live.engine()
            if engine is not maker:
                maker, made = engine, engine.make_callable(fetches, accept_options=accept_options)
            if plan is None:
                return made(*args, **kwargs)
            prepared = live.registry.guard.before(live, plan, fetches, None)
            stamp = live.stamp()
            try:
                if prepared.extended:
                    result = prepared.result(engine.run(prepared.fetches, None, *args, **kwargs))
                else:
                    result = made(*args, **kwargs)
            except BaseException as error:
                live.failed(plan, stamp, error, spared=prepared.spared)
                raise
        live.succeeded(plan, stamp, spared=prepared.spared)
        return result

    if shortcut is None:
        return carefully
    shorten = _Ready(shortcut).run

    def call(*args: Any, **kwargs: Any) -> Any:
        engine = live.open_engine
        if (
            plan is None
            or not plan.cached
            or plan.supervised
            or live.pending
            or engine is not maker
            or args
            or kwargs
        ):
            return carefully(*args, **kwargs)
        return live.call(plan, engine, shorten, kept)

    return call


class _Ready:
    """What a callable runs, ready for the engine that it was last called in."""

    def __init__(self, shortcut: Shortcut) -> None:
        self._shortcut = shortcut
        self._single = shortcut.single
        self._copies = shortcut.shares
        self._made: Prepared | None = None

    def run(self, engine: Any, fetches: Any) -> Any:
        """Run it; make it ready first, the first time in an engine."""
        made = self._made
        if made is None or made.engine is not engine:
            made = self._made = self._shortcut.prepare(engine)
        values = made.run()
        if self._copies:
            values = [value if isinstance(value, bytes) else value.copy() for value in values]
        return values[0] if self._single else self._shortcut.result(engine, fetches, {}, values)


def make_callable_of_options(live: LiveSession, options: Any) -> Callable[..., Any]:
    """Do what ``Session._make_callable_from_options`` does, with which Keras runs.

    The callable outlives the closing and opening of the session: what TensorFlow calls it by is
    good for one engine, and may be that of another callable in the next.
    """
    maker = live.engine()
    asked = type(options).FromString(options.SerializeToString())  # Keras may edit its own
    made = internals.callable_of_options(maker, asked)
    fetches, feeds = [*asked.fetch, *asked.target], list(asked.feed)

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal maker, made
        plan, _ = live.plan(fetches, feeds)
        with live.passing(plan):
            live.registry.guard.catch_up(live)
            engine = live.engine()
            if engine is not maker:
                maker, made = engine, internals.callable_of_options(engine, asked)
            stamp = live.stamp()
            try:
                result = made(*args, **kwargs)
            except BaseException as error:
                if plan is not None:
                    live.failed(plan, stamp, error)
                raise
        if plan is not None:
            live.succeeded(plan, stamp)
        return result

    return call


def _shortcut(live: LiveSession, plan: RunPlan | None, fetches: Any) -> tuple[Shortcut | None, Any]:
    """Return the shortcut that there is for a callable, and a copy of its fetches.

    The notebook may change the list that it has given.
    """
    if plan is None or plan.supervised:
        return None, None
    way = plan.way or live.find_way(plan, fetches, None)
    if not isinstance(way, Shortcut):
        return None, None
    try:
        return way, substitute(fetches, {})
    except Exception:  # noqa: BLE001 - a mapping that cannot be copied
        return None, None


class PartialRuns:
    """Runs in parts: what was set up, by the handle that TensorFlow gave for it.

    The initializers of a partial run are dealt with when it is set up. A handle is good for one
    engine; when the session was closed meanwhile, TensorFlow says so.
    """

    SIZE = 64

    def __init__(self, live: LiveSession) -> None:
        self._live = live
        self._set_up: dict[Any, tuple[Any, RunPlan | None, frozenset[str]]] = {}

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
        self._set_up[handle] = (engine, plan, spared)
        if len(self._set_up) > self.SIZE:
            del self._set_up[next(iter(self._set_up))]
        return handle

    def run(self, handle: Any, fetches: Any, feed_dict: Any) -> Any:
        """Do what ``Session.partial_run`` does."""
        live = self._live
        engine, plan, spared = self._set_up.get(handle, (live.engine(), None, frozenset()))
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

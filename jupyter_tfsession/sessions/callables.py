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


class MadeCallable:
    """A callable without feeds; it outlives the closing and opening of the session.

    Any number of threads may call it.

    Attributes
    ----------
    run
        Runs it, and returns what is fetched, while there is nothing to look at before; else None.
    calls
        How often it ran so; threads that call at once may count as one.
    is_plain
        Whether what is fetched is the one value that is the result.
    """

    __slots__ = (
        "_accepts_options",
        "_fetches",
        "_kept",
        "_live",
        "_made",
        "_maker",
        "_plan",
        "_prepared",
        "_shortcut",
        "calls",
        "is_plain",
        "run",
    )

    def __init__(self, live: LiveSession, fetches: Any, *, accept_options: bool) -> None:
        self._live = live
        self._fetches = fetches
        self._accepts_options = accept_options
        self._made_in(live.engine())
        self._plan, fault = live.plan(fetches, None)
        live.blame(fault)
        self._shortcut, self._kept = _shortcut(live, self._plan, fetches)
        self._prepared: Prepared | None = None
        self.is_plain = bool(self._shortcut and self._shortcut.single and not self._shortcut.shares)
        self.run: Callable[[], list[Any]] | None = None
        self.calls = 0

    def _made_in(self, engine: Any) -> None:
        made = engine.make_callable(self._fetches, accept_options=self._accepts_options)
        self._made = made
        self._maker = engine  # last: other threads look whether it is theirs

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Look at what there is to look at, and run."""
        engine, plan, shortcut = self._live.open_engine, self._plan, self._shortcut
        if plan is None or shortcut is None or args or kwargs or not self._is_known(engine):
            return self._call_carefully(*args, **kwargs)
        result = self._live.step(plan, engine, self._run_prepared, shortcut)
        if not plan.writes:
            self._be_ready(engine)
        return result

    @property
    def qualname(self) -> str:
        """What Python calls TensorFlow's own callable."""
        return str(self._made.__qualname__)

    def _is_known(self, engine: Any) -> bool:
        """Whether it ran in the engine, and nothing has to be done before it runs again."""
        plan, live = self._plan, self._live
        return (
            plan is not None
            and plan.cached
            and not plan.supervised
            and not live.pending
            and engine is live.open_engine
            and engine is self._maker
        )

    def _run_prepared(self, engine: Any, shortcut: Shortcut) -> Any:
        prepared = self._prepared
        if prepared is None or prepared.engine is not engine:
            prepared = self._prepared = shortcut.prepare(engine)
        return self.result(prepared.run())

    def _be_ready(self, engine: Any) -> None:
        prepared = self._prepared
        self._live.ready.add(self)
        if prepared is not None and prepared.engine is engine:
            self.run = prepared.run
        if not self._is_known(engine):  # all that changes from now on calls `unready`
            self.run = None

    def result(self, values: list[Any]) -> Any:
        """Make the result of what is fetched."""
        shortcut, prepared = self._shortcut, self._prepared
        if shortcut is None or prepared is None:
            raise AssertionError("nothing was prepared")
        if shortcut.shares:
            values = [value if isinstance(value, bytes) else value.copy() for value in values]
        if shortcut.single:
            return values[0]
        return shortcut.result(prepared.engine, self._kept, {}, values)

    def failed(self, error: BaseException) -> None:
        """Note that it has failed without looking."""
        if self._plan is not None:
            self._live.failed(self._plan, self._live.stamp(), error)

    def _call_carefully(self, *args: Any, **kwargs: Any) -> Any:
        live, plan = self._live, self._plan
        if plan is not None and not plan.cached and self._kept is not None:
            plan = self._plan = live.plan(self._kept, None)[0]
        with live.passing(plan):
            engine = live.engine()
            if engine is not self._maker:
                self._made_in(engine)
            if plan is None:
                return self._made(*args, **kwargs)
            prepared = live.registry.guard.before(live, plan, self._fetches, None)
            stamp = live.stamp()
            try:
                if prepared.extended:
                    result = prepared.result(engine.run(prepared.fetches, None, *args, **kwargs))
                else:
                    result = self._made(*args, **kwargs)
            except BaseException as error:
                live.failed(plan, stamp, error, spared=prepared.spared)
                raise
        live.succeeded(plan, stamp, spared=prepared.spared)
        return result


def make_callable(live: LiveSession, fetches: Any, *, accept_options: bool) -> Callable[..., Any]:
    """Do what ``Session.make_callable`` does without feeds, under the guard.

    What writes nothing is as quick as TensorFlow's own from its second call in a cell on.

    Raises
    ------
    Exception
        Whatever TensorFlow says of wrong fetches.
    """
    made = MadeCallable(live, fetches, accept_options=accept_options)
    if accept_options:
        return made.call
    is_plain = made.is_plain

    def call() -> Any:
        # A run of much takes everything else out of the processor's cache, so that each object
        # which is touched here costs as much as many steps of Python.
        run = made.run
        if run is None:
            return made.call()
        made.calls += 1
        try:
            values = run()
            return values[0] if is_plain else made.result(values)
        except BaseException as error:
            made.failed(error)
            raise

    call.__qualname__ = made.qualname  # which Python names where it is given arguments
    return call


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

"""Callables: runs that are made once and called any number of times."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_session_internals as internals
from jupyter_tfsession.sessions.fetches import substitute
from jupyter_tfsession.sessions.shortcuts import Shortcut

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.sessions.per_engine import PerEngine
    from jupyter_tfsession.sessions.plans import RunPlan
    from jupyter_tfsession.tf_session_internals import Prepared


class _ShortWay:
    """What a callable runs once TensorFlow's own callable has run.

    Attributes
    ----------
    fetches
        A copy of what is fetched: the notebook may change the list that it has given.
    is_plain
        Whether the one value that is fetched is the result.
    """

    __slots__ = ("_prepared", "_shortcut", "fetches", "is_plain")

    def __init__(self, live: LiveSession, shortcut: Shortcut, fetches: Any) -> None:
        self.fetches = fetches
        self._shortcut = shortcut
        self._prepared: PerEngine[Prepared] = live.per_engine(shortcut.prepare)
        self.is_plain = shortcut.single and not shortcut.shares

    def run(self, engine: Any) -> Any:
        """Run in an engine, and return the result."""
        return self._result(self._prepared.of(engine))

    def runner(self, engine: Any) -> Callable[[], Any] | None:
        """Return what runs in the engine that it ran in last; its result is in a list if plain."""
        prepared = self._prepared.get(engine)
        if prepared is None:
            return None
        return prepared.run if self.is_plain else partial(self._result, prepared)

    def _result(self, prepared: Prepared) -> Any:
        shortcut, values = self._shortcut, prepared.run()
        if shortcut.shares:
            values = [value if isinstance(value, bytes) else value.copy() for value in values]
        if shortcut.single:
            return values[0]
        return shortcut.result(prepared.engine, self.fetches, {}, values)


class MadeCallable:
    """A callable without feeds; it outlives the closing and opening of the session.

    Any number of threads may call it.

    Attributes
    ----------
    run
        Runs it while there is nothing to look at before; else None.
    calls
        How often it ran so; threads that call at once may count as one.
    is_plain
        Whether `run` returns the result in a list.
    """

    __slots__ = (
        "_fetches",
        "_live",
        "_made",
        "_plan",
        "_short",
        "calls",
        "is_plain",
        "run",
    )

    def __init__(self, live: LiveSession, fetches: Any, *, accept_options: bool) -> None:
        self._live = live
        self._fetches = fetches
        self._made: PerEngine[Callable[..., Any]] = live.per_engine(
            lambda engine: engine.make_callable(fetches, accept_options=accept_options)
        )
        self._made.of(live.engine())  # or say what is wrong with the fetches
        self._plan, fault = live.plan(fetches, None)
        live.blame(fault)
        self._short = _short_way(live, self._plan, fetches)
        self.is_plain = self._short is not None and self._short.is_plain
        self.run: Callable[[], Any] | None = None
        self.calls = 0

    @property
    def qualname(self) -> str:
        """What Python calls TensorFlow's own callable, if it takes no options."""
        return str(self._made.of(self._live.engine()).__qualname__)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Look at what there is to look at, and run."""
        engine, plan, short = self._live.open_engine, self._plan, self._short
        if plan is None or short is None or args or kwargs or not self._is_known(plan, engine):
            return self._call_carefully(*args, **kwargs)
        result = self._live.step(plan, engine, short.run)
        if not plan.writes:
            self._be_ready(plan, engine, short)
        return result

    def _is_known(self, plan: RunPlan, engine: Any) -> bool:
        """Whether it ran in the engine, and nothing has to be done before it runs again."""
        live = self._live
        return (
            plan.cached
            and not plan.supervised
            and not live.pending
            and engine is live.open_engine
            and self._made.get(engine) is not None
        )

    def _be_ready(self, plan: RunPlan, engine: Any, short: _ShortWay) -> None:
        self._live.ready.add(self)
        self.run = short.runner(engine)
        if not self._is_known(plan, engine):  # all that changes from now on calls `unready`
            self.run = None

    def failed(self, error: BaseException) -> None:
        """Note that it has failed without looking."""
        if self._plan is not None:
            self._live.failed(self._plan, self._live.stamp(), error)

    def _call_carefully(self, *args: Any, **kwargs: Any) -> Any:
        live, plan = self._live, self._plan
        if plan is not None and not plan.cached and self._short is not None:
            plan = self._plan = live.plan(self._short.fetches, None)[0]
        with live.passing(plan):
            engine = live.engine()
            made = self._made.of(engine)
            if plan is None:
                return made(*args, **kwargs)
            prepared = live.registry.guard.before(live, plan, self._fetches, None)
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
            result = run()
            return result[0] if is_plain else result
        except BaseException as error:
            made.failed(error)
            raise

    call.__qualname__ = made.qualname  # which Python names where it is given arguments
    return call


class CallableOfOptions:
    """What ``Session._make_callable_from_options`` makes, with which Keras runs.

    It outlives the closing and opening of the session: what TensorFlow calls a callable by is good
    for one engine, and may be that of another callable in the next.
    """

    def __init__(self, live: LiveSession, options: Any) -> None:
        asked = type(options).FromString(options.SerializeToString())  # Keras may edit its own
        self._live = live
        self._fetches, self._feeds = [*asked.fetch, *asked.target], list(asked.feed)
        self._made: PerEngine[Callable[..., Any]] = live.per_engine(
            lambda engine: internals.callable_of_options(engine, asked)
        )
        self._made.of(live.engine())  # or say what is wrong with the options

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run with these feeds, under the guard."""
        live = self._live
        plan, _ = live.plan(self._fetches, self._feeds)
        with live.passing(plan):
            live.registry.guard.catch_up(live)
            made = self._made.of(live.engine())
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


def _short_way(live: LiveSession, plan: RunPlan | None, fetches: Any) -> _ShortWay | None:
    """Return the short way that there is for a callable."""
    if plan is None or plan.supervised:
        return None
    way = plan.way or live.find_way(plan, fetches, None)
    if not isinstance(way, Shortcut):
        return None
    try:
        return _ShortWay(live, way, substitute(fetches, {}))
    except Exception:  # noqa: BLE001 - a mapping that cannot be copied
        return None

"""The classes that the notebook sees as ``tf.Session`` and ``tf.InteractiveSession``.

Calling one gives the graph's live session. A class that the user derives from one derives from
TensorFlow's own class instead, so that it is left alone.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.sessions.callables import CallableOfOptions, make_callable
from jupyter_tfsession.sessions.partial_runs import PartialRuns
from jupyter_tfsession.sessions.reopening import LOST

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.sessions.live import LiveSession

    Open = Callable[[Any, Any, Any], Any]

_MANAGED = (
    "run",
    "partial_run_setup",
    "partial_run",
    "make_callable",
    "close",
    "list_devices",
    "__enter__",
    "__exit__",
)


class ManagedSession:
    """What a managed session does differently from TensorFlow's; mixed into its ``Session``."""

    _live: LiveSession
    _partial: PartialRuns
    _entered: threading.local
    run: Callable[..., Any]

    @classmethod
    def of(cls, live: LiveSession) -> Any:
        """Return the session object for a graph's live session."""
        session = cls.__new__(cls)
        session.attach(live)
        return session

    def attach(self, live: LiveSession) -> None:
        """Stand for a graph's live session from now on."""
        self._live = live
        self._partial = PartialRuns(live)
        self._entered = threading.local()
        self.run = live.run  # shadows the method of the class: one call less on every run

    def partial_run_setup(self, fetches: Any, feeds: Any = None) -> Any:
        """See ``tf.compat.v1.Session.partial_run_setup``."""
        return self._partial.set_up(fetches, feeds)

    def partial_run(self, handle: Any, fetches: Any, feed_dict: Any = None) -> Any:
        """See ``tf.compat.v1.Session.partial_run``."""
        return self._partial.run(handle, fetches, feed_dict)

    def make_callable(
        self, fetches: Any, feed_list: Any = None, accept_options: bool = False
    ) -> Any:
        """See ``tf.compat.v1.Session.make_callable``."""
        if feed_list is None:
            return make_callable(self._live, fetches, accept_options=accept_options)
        return super().make_callable(fetches, feed_list, accept_options)  # type: ignore[misc]

    def _make_callable_from_options(self, callable_options: Any) -> Any:
        return CallableOfOptions(self._live, callable_options)

    def close(self) -> None:
        """Release the device memory; the values wait on the host until the session is used."""
        self._live.registry.closing(self)
        said = self._live.close()
        if LOST in said:
            self._live.registry.say(said)

    def list_devices(self) -> Any:
        """See ``tf.compat.v1.Session.list_devices``."""
        return self._live.engine().list_devices()

    def __enter__(self) -> Any:
        """Make the graph and the session the default ones; any number of times."""
        contexts = ExitStack()
        contexts.enter_context(self._live.graph.as_default())
        contexts.enter_context(self.as_default())
        if not hasattr(self._entered, "contexts"):
            self._entered.contexts = []
        self._entered.contexts.append(contexts)
        return self

    def __exit__(self, *exception: object) -> None:
        """Leave the block; the session stays open."""
        self._entered.contexts.pop().__exit__(*exception)

    def __del__(self) -> None:
        """Do nothing: the engine closes itself when nothing runs in it any more."""

    def __repr__(self) -> str:
        """Name the graph and say whether the session is open."""
        state = "open" if self._live.is_open else "closed"
        return f"<tf.compat.v1.Session of {self._live.name!r}, {state}, kept by jupyter_tfsession>"

    @property
    def _graph(self) -> Any:
        return self._live.graph

    @property
    def _closed(self) -> bool:
        return not self._live.is_open

    def __getattr__(self, name: str) -> Any:
        """Give what TensorFlow's own session has, such as what its Python code keeps in it."""
        if name in {"_live", "_partial", "_entered"}:  # not yet set: do not look for them again
            raise AttributeError(name)
        return getattr(self._live.engine(), name)


def live_of(session: Any) -> LiveSession | None:
    """Return what a managed session stands for; None for any other object."""
    return session._live if isinstance(session, ManagedSession) else None  # noqa: SLF001 - ours


def session_classes(
    session: Any, interactive: Any, open_session: Open, open_interactive: Open
) -> tuple[Any, Any]:
    """Make the classes that stand in for TensorFlow's.

    Parameters
    ----------
    session, interactive
        TensorFlow's ``Session`` and ``InteractiveSession``.
    open_session, open_interactive
        Give the session for ``(target, graph, config)``.

    Returns
    -------
    tuple
        The class of all managed sessions, and one whose call opens an interactive one.
    """

    class Stand(type(session)):  # type: ignore[misc]  # the metaclass of TensorFlow's class
        original: Any
        opens: Open

        def __new__(mcls, name: str, bases: Any, namespace: Any, **kwargs: Any) -> Any:
            plain = tuple(base.original if isinstance(base, Stand) else base for base in bases)
            if plain != bases:
                return type(session)(name, plain, namespace, **kwargs)
            return super().__new__(mcls, name, bases, namespace, **kwargs)

        def __call__(cls, target: Any = "", graph: Any = None, config: Any = None) -> Any:
            return cls.opens(target, graph, config)

        def __instancecheck__(cls, instance: Any) -> bool:
            live = live_of(instance)
            interactive = cls.original is not session and live is not None and live.interactive
            return interactive or isinstance(instance, cls.original)

        def __subclasscheck__(cls, subclass: Any) -> bool:
            return issubclass(subclass, cls.original)

    def stand_in(original: Any, bases: Any, opens: Open, names: dict[str, Any]) -> Any:
        about = {key: getattr(original, key) for key in ("__doc__", "__module__", "__qualname__")}
        cls = Stand(original.__name__, bases, {**about, **names})
        cls.original, cls.opens = original, staticmethod(opens)
        return cls

    plain_too = {name: _or_plain(name, session) for name in _MANAGED}
    managed = stand_in(session, (ManagedSession, session), open_session, plain_too)
    return managed, stand_in(interactive, (interactive,), open_interactive, {})


def _or_plain(name: str, session: Any) -> Any:
    """Return a method for which ``tf.Session.run(self)`` in the user's own subclass works too."""
    ours, plain = getattr(ManagedSession, name, None), getattr(session, name)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(self, ManagedSession):
            return plain(self, *args, **kwargs)
        return self.run(*args, **kwargs) if ours is None else ours(self, *args, **kwargs)

    method.__name__, method.__doc__ = name, plain.__doc__
    return method

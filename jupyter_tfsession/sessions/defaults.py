"""The kernel's default session, and where ``t.eval()`` and ``op.run()`` go.

``tf.InteractiveSession()`` makes its session the default until it is closed. TensorFlow pushes it,
and a graph given with it, on thread-local stacks for good, which breaks ``reset_default_graph()``
and the nesting of other contexts. Here the session is put at the *bottom* of its stack, below
whatever ``with`` blocks push and pop, and the graph becomes the one that is the default where none
is entered. All of this belongs to the thread that opened the session.
"""

from __future__ import annotations

import gc
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_internals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class KernelDefault:
    """The session that is the default where no ``with`` block says otherwise; at most one."""

    def __init__(self) -> None:
        self._session: weakref.ref[Any] | None = None
        self._followed: weakref.ref[Any] | None = None
        self._entered: Any | None = None
        self._replaced: tuple[weakref.ref[Any], Any] | None = None

    def set(self, session: Any, graph: Any | None) -> None:
        """Make `session` the kernel's default.

        Parameters
        ----------
        session
            A managed session.
        graph
            The graph that the notebook gave explicitly, if it did: it becomes the default as well.
        """
        self.clear()
        if graph is not None:
            self._set_graph(graph)
        followed = tf_internals.global_default_graph() is session.graph
        self._followed = weakref.ref(session.graph) if followed else None
        self._session = weakref.ref(session)
        tf_internals.default_sessions().insert(0, session)

    def held(self) -> tuple[Any, Any] | None:
        """Return what `set` was called with last, if that is still the default."""
        session = self._session() if self._session else None
        if session is None:
            return None
        return session, session.graph if self._replaced or self._entered else None

    def beneath(self) -> Any | None:
        """Return the graph that is the default but for one given with the session, if any yet."""
        graph = tf_internals.global_default_graph()
        if self._replaced is not None and self._replaced[0]() is graph:
            return self._replaced[1]
        return graph

    def clear(self, session: Any | None = None) -> None:
        """Have no default session any more; given a `session`, only if it is the default."""
        current = self._session() if self._session else None
        if current is None or (session is not None and session is not current):
            return
        stack = tf_internals.default_sessions()
        if current in stack:
            stack.remove(current)
        self._session = self._followed = None
        if self._entered is not None:
            self._entered.__exit__(None, None, None)
            self._entered = None
        if self._replaced is not None:
            (graph, before), self._replaced = self._replaced, None
            # After a reset there is nothing to go back to.
            if tf_internals.global_default_graph() is graph():
                tf_internals.set_global_default_graph(before)

    def follow_reset(self) -> None:
        """Give up a default session whose graph was the default and was reset since."""
        graph = self._followed() if self._followed else None
        if self._followed is not None and tf_internals.global_default_graph() is not graph:
            self.clear()

    @contextmanager
    def let_go(self) -> Iterator[None]:
        """Hold the session only weakly for a while, so that it can be collected."""
        stack = tf_internals.default_sessions()
        held = self._session is not None and self._session() in stack
        if held:
            stack.remove(self._session())  # type: ignore[misc]  # just looked
        try:
            yield
        finally:
            session = self._session() if self._session else None
            if held and session is not None:
                stack.insert(0, session)

    def _set_graph(self, graph: Any) -> None:
        import tensorflow as tf

        if tf.compat.v1.executing_eagerly_outside_functions() and tf.executing_eagerly():
            # Only entering the graph leaves eager execution; this is what TensorFlow does.
            self._entered = graph.as_default()
            self._entered.enforce_nesting = False
            self._entered.__enter__()
        else:
            self._replaced = (weakref.ref(graph), tf_internals.global_default_graph())
            tf_internals.set_global_default_graph(graph)


def collect_garbage(default: KernelDefault) -> None:
    """Collect graphs that nothing refers to, and their sessions with them."""
    with default.let_go():
        gc.collect()


def evaluate_in(own_session: Callable[[Any, Any], Any | None], plain: Any) -> Any:
    """Return a stand-in for what ``t.eval()`` and ``op.run()`` call.

    Parameters
    ----------
    own_session
        Gives the session to use for a graph in place of the default one, or None.
    plain
        TensorFlow's function, ``(fetches, feed_dict, graph, session=None)``.
    """

    def evaluate(fetches: Any, feed_dict: Any, graph: Any, session: Any = None) -> Any:
        if session is None:
            import tensorflow as tf

            default = tf.compat.v1.get_default_session()
            if default is not None and default.graph is not graph:
                session = own_session(default, graph)
        return plain(fetches, feed_dict, graph, session)

    return evaluate

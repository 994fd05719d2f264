"""The short way to run what was run before: straight to TensorFlow's C interface.

``Session.run`` looks fetches and feeds up in the graph at every call, which takes longer than to
run a small graph. A shortcut is what it finds, kept with the plan of the run. Whatever may not come
out the same goes TensorFlow's own way, which also says what is wrong with it: values are looked at
before anything has run.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from jupyter_tfsession import tf_internals
from jupyter_tfsession import tf_session_internals as internals
from jupyter_tfsession.sessions.building import Leaf, builder, whole
from jupyter_tfsession.sessions.feeding import Feeds
from jupyter_tfsession.tf_session_internals import NotCovered

if TYPE_CHECKING:
    from collections.abc import Callable

_SMALL: Final = 2**14
"""Bytes that are copied in a fraction of the time that an empty run takes."""


class Way(Protocol):
    """A way to run one set of fetches with one set of feeds."""

    def run(
        self, engine: Any, fetches: Any, feed_dict: Any, options: Any, run_metadata: Any
    ) -> Any:
        """Do what ``engine.run`` does."""


class LongWay:
    """TensorFlow's own."""

    def run(
        self, engine: Any, fetches: Any, feed_dict: Any, options: Any, run_metadata: Any
    ) -> Any:
        """Do what ``engine.run`` does."""
        if options is None and run_metadata is None:
            return tf_internals.run(engine, fetches, feed_dict)
        return engine.run(fetches, feed_dict, options, run_metadata)


LONG_WAY = LongWay()


class DoubtfulWay(LongWay):
    """TensorFlow's own, after no shortcut was found for a reason that may be the notebook's fault.

    If it is not, somebody has to be told.
    """

    def __init__(self, error: Exception, blame: Callable[[Exception], None]) -> None:
        error.__traceback__ = error.__context__ = None  # which hold what is fed
        self._error = error
        self._blame = blame

    def run(
        self, engine: Any, fetches: Any, feed_dict: Any, options: Any, run_metadata: Any
    ) -> Any:
        """Do what ``engine.run`` does."""
        result = super().run(engine, fetches, feed_dict, options, run_metadata)
        self._blame(self._error)
        return result


class Shortcut:
    """What is handed to TensorFlow for a run, and what is made of what comes back.

    Any number of threads may run it at once. It holds elements of the graph, but no values.

    Attributes
    ----------
    single
        Whether the one value that is fetched is the result.

    Parameters
    ----------
    graph
        The graph.
    fetches, feed_dict
        As for ``Session.run``.
    blame
        Told of a fault of ours.

    Raises
    ------
    Exception
        They are not covered.
    """

    def __init__(
        self, graph: Any, fetches: Any, feed_dict: Any, blame: Callable[[Exception], None]
    ) -> None:
        self._graph = graph
        self._blame = blame
        self._c_run = internals.session_run()
        if graph.version == 0:
            raise NotCovered  # TensorFlow refuses to run in an empty graph
        self._feeds = Feeds(graph, feed_dict)
        outline = internals.outline(graph, fetches)
        fed = {id(feed.tensor) for feed in self._feeds.all}
        if any(internals.dtype_of_handle(feed.tensor) for feed in self._feeds.all):
            raise NotCovered
        self._fetched = [tensor for tensor in outline.fetched if id(tensor) not in fed]
        self._operations = outline.targets
        self._elements = (*outline.fetched, *outline.targets)
        self._outputs = [internals.output_of(tensor) for tensor in self._fetched]
        self._targets = [internals.c_operation(operation) for operation in outline.targets]
        dtypes = map(internals.dtype_of_handle, self._fetched)
        self._handles = [(index, dtype) for index, dtype in enumerate(dtypes) if dtype]
        self._returns_fed = len(self._fetched) < len(outline.fetched)
        self._make_builder(fetches)
        self._version = graph.version
        self._refusals = internals.refusals(graph)
        self._expansions = internals.expansions()
        self._known = len(self._expansions)
        self._counted = -1

    def _make_builder(self, fetches: Any) -> None:
        # What the result is made of: what is fetched, then what is fed, then None.
        elements = [*self._fetched]
        if self._returns_fed:
            elements.extend(feed.tensor for feed in self._feeds.all)
        places = {id(element): place for place, element in enumerate(elements)}

        def place(element: Any) -> int:
            return places.get(id(element), len(elements))

        def leaf(fetch: Any) -> Leaf:
            parts, join = internals.fetches_of(self._graph, fetch)
            found = [place(part) for part in parts]
            return found[0] if join is None else lambda _, values: join([values[i] for i in found])

        found = builder(fetches, leaf)
        self._adds = self._returns_fed or bool(self._targets)
        self.single = isinstance(found, int) and not (self._adds or self._handles)
        self._build = whole(found)

    def run(
        self, engine: Any, fetches: Any, feed_dict: Any, options: Any, run_metadata: Any
    ) -> Any:
        """Do what ``engine.run`` does."""
        # TensorFlow's own way is gone outside of `except`, or its errors would tell of ours.
        error: Exception | None = None
        try:
            session = self._c_session(engine)
            fed = self._feeds.take(feed_dict) if self._feeds.all else {}
        except Exception as found:  # noqa: BLE001 - mostly what TensorFlow refuses as well
            error = found.with_traceback(None)
        else:
            if options is not None or run_metadata is not None:
                with internals.described(options, run_metadata) as (given, wanted):
                    values = self._step(engine, session, fed, given, wanted)
            else:
                try:
                    values = self._step(engine, session, fed)
                except TypeError as found:  # before anything has run
                    error = found.with_traceback(None)
        if error is not None:
            result = LONG_WAY.run(engine, fetches, feed_dict, options, run_metadata)
            if not isinstance(error, NotCovered):
                self._blame(error)
            return result
        return values[0] if self.single else self.result(engine, fetches, fed, values)

    @cached_property
    def shares(self) -> bool:
        """Whether what `prepare` gives returns arrays that may be TensorFlow's own buffers."""
        return self._is_light and any(tensor.shape.rank for tensor in self._fetched)

    @cached_property
    def _is_light(self) -> bool:
        """Whether copying all that is fetched takes next to nothing."""
        return not self._handles and all(map(_is_small, self._fetched))

    def prepare(self, engine: Any) -> internals.Prepared:
        """Have all at hand for a callable, which does not look anything up again.

        ``TF_SessionRunCallable`` is quicker than a run, but the arrays that it returns are the
        buffers of variables and constants themselves: the notebook has to be given copies. (A run
        copies them, too, where they are shared; where they are not it does not, so that this is
        for small ones.)
        """
        if engine.taken_in < self._version:  # another session than when the callable was made
            tf_internals.hand_over(engine)
        if self._is_light:
            return internals.prepared(engine, self._fetched, self._operations)
        session = internals.any_c_session(engine)
        run = partial(self._c_run, session, None, {}, self._outputs, self._targets, None)
        return internals.Prepared(run, engine)

    def part(self, engine: Any, handle: Any, fetches: Any, feed_dict: Any) -> Any:
        """Do what ``engine.partial_run`` does.

        Raises
        ------
        NotCovered
            TensorFlow has to do it, or to say what is wrong; nothing has run.
        """
        try:
            self._c_session(engine)
            fed = self._feeds.take(feed_dict) if self._feeds.all else {}
        except Exception as error:
            raise NotCovered from error
        if self._targets or not (self._outputs or fed):
            raise NotCovered
        try:
            values = internals.run_part(engine, handle, fed, self._outputs)
        except Exception as error:
            internals.explain(engine, error)
            raise
        return values[0] if self.single else self.result(engine, fetches, fed, values)

    def _c_session(self, engine: Any) -> Any:
        """Return what to run in, if the fetches and feeds still are what they were.

        Raises
        ------
        NotCovered
            They are not, or may not be used any more; or the session is closed.
        """
        session = internals.c_session(engine)
        if session is None:
            raise NotCovered
        unfeedable, unfetchable = self._refusals
        # All three only ever grow.
        count = len(unfeedable) + len(unfetchable) + len(self._expansions)
        if count != self._counted:
            graph = self._graph
            if not (
                len(self._expansions) == self._known
                and all(graph.is_feedable(feed.tensor) for feed in self._feeds.all)
                and all(graph.is_fetchable(element) for element in self._elements)
            ):
                raise NotCovered
            self._counted = count
        return session

    def _step(
        self, engine: Any, session: Any, fed: dict[Any, Any], options: Any = None, to: Any = None
    ) -> list[Any]:
        if not (self._outputs or self._targets):
            return []
        try:
            if engine.taken_in != self._graph.version:
                tf_internals.hand_over(engine)
            return self._c_run(session, options, fed, self._outputs, self._targets, to)
        except Exception as error:
            internals.explain(engine, error)
            raise

    def result(self, engine: Any, fetches: Any, fed: dict[Any, Any], values: list[Any]) -> Any:
        """Put what was fetched and fed into the structure of the fetches."""
        parts = values
        if self._adds or self._handles:
            parts = [*values, *(fed.values() if self._returns_fed else ()), None]
        for index, dtype in self._handles:
            parts[index] = internals.handle(engine, values[index], dtype)
        try:
            return self._build(fetches, parts)
        except Exception as found:  # noqa: BLE001 - of a class of the notebook's, or ours
            error = found.with_traceback(None)
        references = (feed.tensor.ref() for feed in self._feeds.all)
        by_reference = dict(zip(references, fed.values(), strict=True))
        result = internals.results(engine, fetches, by_reference, values)
        self._blame(error)
        return result


def _is_small(tensor: Any) -> bool:
    elements = tensor.shape.num_elements()
    return elements is not None and elements * tensor.dtype.size <= _SMALL

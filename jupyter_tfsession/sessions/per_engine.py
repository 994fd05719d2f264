"""What is made for one engine: made again for the next, and let go of with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.sessions.holding import HoldingSession

Made = TypeVar("Made")


class PerEngine(Generic[Made]):
    """Something that is of use in one engine only, which it may hold.

    TensorFlow frees the memory of a session's variables when nothing holds the session, not when it
    is closed, so whatever outlives an engine has to let go of it. Any number of threads may ask.

    Parameters
    ----------
    live
        The session whose engines they are; it has this let go.
    make
        Makes it for an engine.
    """

    __slots__ = ("__weakref__", "_held", "_live", "_make")

    def __init__(self, live: HoldingSession, make: Callable[[Any], Made]) -> None:
        self._live = live
        self._make = make
        # Both in one, so that no thread sees the engine without what was made for it.
        self._held: tuple[Any, Made] | None = None

    def of(self, engine: Any) -> Made:
        """Return what there is for this engine, made if it is another one than the last time."""
        held = self._held
        if held is None or held[0] is not engine:
            held = self._held = engine, self._make(engine)
            if self._live.open_engine is not engine:  # gone meanwhile, and nobody says so again
                self._held = None
        return held[1]

    def get(self, engine: Any) -> Made | None:
        """Return what there is for this engine; None if it was last asked for another."""
        held = self._held
        return held[1] if held is not None and held[0] is engine else None

    def let_go(self) -> None:
        """Hold the engine no longer."""
        self._held = None

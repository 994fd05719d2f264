"""Telling whether things are as they were when the user decided to overwrite something."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.graphs.stale import retired_in

if TYPE_CHECKING:
    from jupyter_tfsession.sessions.live import LiveSession

_lock = threading.Lock()  # guards the counting; held for no longer than a comparison


class _Generation:
    def __init__(self) -> None:
        self.number = 1
        self.seen: object = None
        self.engine: weakref.ref[Any] | None = None


def generation(live: LiveSession) -> int:
    """Return a number that grows with whatever a request that overwrites should not miss.

    That is: variables that are new, redefined or retired, another engine, and changes that can be
    undone. The steps of a training are not among it: they go on all the time.
    """
    log, engine = live.log, live.open_engine
    seen = (
        len(live.plans.catalogue.records),
        frozenset(live.redefined),
        len(retired_in(live.graph)),
        live.changes,
        tuple(change.serial for change in (*log.done[-1:], *log.undone[-1:])),
        len(log.done),
        len(log.undone),
        log.parked is not None,
    )
    with _lock:
        known: _Generation = live.notes.setdefault("generation", _Generation())
        same = known.engine() if known.engine is not None else None
        if known.seen is not None and (known.seen != seen or same is not engine):
            known.number += 1
        known.seen = seen
        known.engine = weakref.ref(engine) if engine is not None else None
        return known.number

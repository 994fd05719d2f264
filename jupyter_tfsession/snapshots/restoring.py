"""Giving variables the values of a snapshot: all that is planned, or nothing."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_tfsession.features import first_line, is_tensorflows
from jupyter_tfsession.snapshots.errors import SnapshotError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.variables.catalogue import VariableRecord
    from jupyter_tfsession.variables.values import Values

T = TypeVar("T")


def restore(
    live: LiveSession,
    values: Mapping[VariableRecord, Any],
    wait: float,
    keep: Callable[[Values], T],
) -> T:
    """Write values that are all there.

    An interrupt is heard when all is done. When anything fails, the variables hold again what they
    held before.

    Parameters
    ----------
    live
        The session.
    values
        What to write; all of it fits.
    wait
        Seconds to wait for a run that is under way.
    keep
        Given the values that were overwritten; what it returns is returned.

    Raises
    ------
    SnapshotError
        TensorFlow could not write them.
    BusyError
        The run did not end.
    """
    with live.gate.closed(wait), uninterrupted():
        held = live.held(values)
        before = live.read([record for record in values if record.name in held])
        try:
            refused = live.write(dict(values))
        except BaseException as error:
            records = live.plans.catalogue.records
            live.write({records[name]: value for name, value in before.items()})
            if not is_tensorflows(error):
                raise
            raise SnapshotError(
                f"TensorFlow could not write the values, and nothing has changed: "
                f"{first_line(error)}"
            ) from error
        live.restored.update(record.name for record in values if record.name not in refused)
        return keep(before)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Put an interrupt off until the end of the block, on the thread that is interrupted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[int, Any]] = []
    handler = signal.signal(signal.SIGINT, lambda *interrupt: came.append(interrupt))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if came and callable(handler):
            handler(*came[0])

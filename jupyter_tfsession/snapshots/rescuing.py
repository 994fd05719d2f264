"""Reading what can be read of a session that fails."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_internals
from jupyter_tfsession.features import first_line
from jupyter_tfsession.snapshots import encoding
from jupyter_tfsession.snapshots.errors import SnapshotError
from jupyter_tfsession.snapshots.taking import unstorable
from jupyter_tfsession.snapshots.writing import Contents, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.variables.catalogue import VariableRecord
    from jupyter_tfsession.variables.values import Values


class Rescue:
    """The variables of a plain session, as far as they can be read.

    Parameters
    ----------
    session
        A plain session, in whatever state.
    names
        Its variables by what they are called.
    waiting
        Values that wait on the host, by the names of the operations.
    """

    def __init__(
        self, session: Any | None, names: Mapping[str, VariableRecord], waiting: Values
    ) -> None:
        self._session = session
        self._names = (
            names
            if session is not None
            else {name: record for name, record in names.items() if record.name in waiting}
        )
        self._waiting = waiting

    @classmethod
    def of(cls, live: LiveSession, names: Mapping[str, VariableRecord]) -> Rescue:
        """Return the rescue of a managed session."""
        parked = live.log.parked or {} if not live.is_open else {}
        return cls(live.open_engine, names, {**live.log.shelved, **parked})

    @contextmanager
    def contents(self) -> Iterator[Contents]:
        """Give what could be read.

        Raises
        ------
        SnapshotError
            Nothing could.
        """
        values: dict[str, Any] = {}
        lost: dict[str, str] = {}
        for name, record in self._names.items():
            reason = unstorable(record)
            if not reason:
                try:
                    values[name] = self._read(record)
                except Exception as error:  # noqa: BLE001 - whatever it is, there are others
                    reason = first_line(error)
            if reason and "FailedPreconditionError" not in reason:  # it holds no value
                lost[name] = reason
        if not values:
            name, reason = next(iter(lost.items()), ("", "no variable holds a value"))
            raise SnapshotError(f"nothing could be read: {f'{name}: ' if name else ''}{reason}")
        yield Contents(
            [self._variable(name, value) for name, value in values.items()], values.values(), lost
        )

    def _read(self, record: VariableRecord) -> Any:
        import numpy as np

        value = self._waiting.get(record.name)
        if value is None:
            (value,) = tf_internals.read_as_it_is(self._session, [record.reader])
        return np.array(value, dtype=record.dtype.as_numpy_dtype)

    def _variable(self, name: str, value: Any) -> Variable:
        record = self._names[name]
        dtype = record.dtype.base_dtype.name
        size = len(encoding.encode(dtype, value))
        return Variable(name, record.name, dtype, value.shape, size)

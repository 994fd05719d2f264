"""Taking a snapshot: the variables of a session as of one moment, written as they are read.

Runs that write variables are kept out while that goes on. Values go to the disk a batch at a time,
so that no more than the largest variable is in memory beside the session's own.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from jupyter_tfsession.snapshots import encoding
from jupyter_tfsession.snapshots.errors import SnapshotError
from jupyter_tfsession.snapshots.writing import Contents, Unexpected, Variable
from jupyter_tfsession.variables.values import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.snapshots.manifest import About
    from jupyter_tfsession.snapshots.reading import Snapshot
    from jupyter_tfsession.snapshots.store import Store
    from jupyter_tfsession.variables.catalogue import VariableRecord

    Named = Mapping[str, VariableRecord]

BATCH: Final = 500
"""Variables that are read in one run. Each set of fetches is one that TensorFlow prepares, and
keeps; so the sets are the same ones every time."""

BATCH_BYTES: Final = 16 * 2**20
"""Bytes that are read in one run, unless a single variable has more."""


class Values:
    """What the variables of a session hold; to be used while its gate is closed.

    Parameters
    ----------
    live
        The session.
    """

    def __init__(self, live: LiveSession) -> None:
        self._live = live
        self._waiting = {**live.log.shelved, **(live.log.parked or {} if not live.is_open else {})}

    def _run(self, readers: list[Any]) -> list[Any]:
        # The open one: another thread may have edited a loop, which is for that one to see to.
        engine = self._live.open_engine or self._live.engine()
        arrays: list[Any] = engine.run(readers)
        return arrays

    def held(self, records: Iterable[VariableRecord]) -> list[VariableRecord]:
        """Leave out what holds no value."""
        records = list(records)
        held = self._live.held(records)
        return [r for r in records if r.name in held or r.name in self._waiting]

    def read(self, records: Sequence[VariableRecord]) -> Iterator[Any]:
        """Yield values, in that order. They may be TensorFlow's own buffers: not to be kept."""
        for batch in _batches(records):
            yield from self._read(batch)

    def _read(self, batch: list[VariableRecord]) -> Iterator[Any]:
        import numpy as np

        asked = [record for record in batch if record.name not in self._waiting]
        arrays = iter(self._run([r.reader for r in asked]) if asked else ())
        for record in batch:
            waiting = self._waiting.get(record.name)
            value = next(arrays) if waiting is None else waiting
            yield np.asarray(value, dtype=record.dtype.as_numpy_dtype)
            del value


def _batches(records: Iterable[VariableRecord]) -> Iterator[list[VariableRecord]]:
    batch: list[VariableRecord] = []
    size = 0
    for record in records:
        nbytes = record.nbytes or 0
        if batch and (len(batch) == BATCH or size + nbytes > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += nbytes
    if batch:
        yield batch


def unstorable(record: VariableRecord) -> str:
    """Say why a variable cannot be in a snapshot; empty if it can."""
    return encoding.unstorable(record.dtype.base_dtype.name) or unreadable(record)


class Moment:
    """The variables of a session as of one moment: the one in which `contents` is entered.

    Parameters
    ----------
    live
        The session.
    names
        The variables that are meant, by what they are called.
    wait
        Seconds to wait for a run that is under way.
    """

    def __init__(self, live: LiveSession, names: Named, wait: float) -> None:
        self._live = live
        self._names = names
        self._wait = wait
        self._trusting = True  # whether shapes are taken to be the declared ones

    def into(self, store: Store, name: str, about: About) -> Snapshot:
        """Write the values into a store.

        Raises
        ------
        SnapshotError
            They cannot be written, or there are none.
        BusyError
            The run that was under way did not end.
        """
        try:
            taken = store.add(name, self.contents, about)
        except Unexpected:  # one was assigned with validate_shape=False: read all before
            self._trusting = False
            taken = store.add(name, self.contents, about)
        self._live.snapshots += 1
        return taken

    @contextmanager
    def contents(self) -> Iterator[Contents]:
        """Give the values, for as long as they cannot change.

        Raises
        ------
        SnapshotError
            There are none.
        BusyError
            The run that was under way did not end.
        """
        with self._live.gate.closed(self._wait):
            if self._live.is_open:
                self._live.keep_up()
            values = Values(self._live)
            held = {record.name for record in values.held(self._names.values())}
            there = {name: record for name, record in self._names.items() if record.name in held}
            left_out = {n: why for n, record in there.items() if (why := unstorable(record))}
            chosen = {name: record for name, record in there.items() if name not in left_out}
            if not chosen:
                raise SnapshotError(_nothing(self._live, left_out))
            early = [r for r in chosen.values() if r.nbytes is None or not self._trusting]
            known = dict(zip((r.name for r in early), values.read(early), strict=True))
            rest = values.read([r for r in chosen.values() if r.name not in known])
            yield Contents(
                variables=[_variable(name, r, known.get(r.name)) for name, r in chosen.items()],
                values=(known[r.name] if r.name in known else next(rest) for r in chosen.values()),
                left_out=left_out,
            )


def _variable(name: str, record: VariableRecord, value: Any | None) -> Variable:
    """Tell what will be written, from the value where that has been read."""
    dtype = record.dtype.base_dtype.name
    if value is not None:
        size = len(encoding.encode(dtype, value))
        return Variable(name, record.name, dtype, value.shape, size)
    shape = cast("tuple[int, ...]", record.shape)  # its bytes are known
    return Variable(name, record.name, dtype, shape, encoding.encoded_size(dtype, shape))


def _nothing(live: LiveSession, left_out: Mapping[str, str]) -> str:
    if left_out:
        name, reason = next(iter(left_out.items()))
        return f"none of the variables of {live.name} can be read: {name}: {reason}"
    return f"no variable of {live.name} holds a value: there is nothing to keep"

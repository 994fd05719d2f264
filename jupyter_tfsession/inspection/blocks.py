"""Reading many small variables again and again, in fixed sets.

TensorFlow prepares each new set of fetches, which takes a second in a graph of 60,000 operations,
and keeps what it prepared. So the variables of a graph are divided into blocks in the order of
their creation, each is read as a whole, and a block's preparation is let go when its members
change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_tfsession.variables.values import total_bytes, unreadable

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    import numpy.typing as npt

    from jupyter_tfsession.variables.catalogue import VariableRecord

BLOCK = 500
"""Variables in a block."""

SMALL_BYTES = 2**20
"""The largest variable that is read in a block."""

_BLOCK_BYTES = 16 * 2**20


class Blocks:
    """The blocks of one engine, as far as they were read.

    Any thread may read; two that read at once may both prepare a block, and one preparation is
    let go again.

    Attributes
    ----------
    engine
        A plain session; it and this refer to each other.
    sizes
        Bytes of the variables that turned out to be too big for a block: their size is not
        declared.
    """

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self.sizes: dict[str, int] = {}
        self._prepared: dict[int, tuple[tuple[str, ...], Any]] = {}

    def read(
        self,
        records: Mapping[str, VariableRecord],
        wanted: Container[str],
        held: Container[str],
        at_most: int = SMALL_BYTES,
    ) -> dict[str, npt.NDArray[Any]]:
        """Read small variables.

        Parameters
        ----------
        records
            All variables of the graph, in the order of their creation.
        wanted
            Names of those that are to be read.
        held
            Names of those that hold a value.
        at_most
            Bytes of the biggest one that is read.

        Returns
        -------
        dict
            The values, by name; some that were not wanted among them. They may be TensorFlow's
            own buffers: not to be kept.
        """
        values: dict[str, npt.NDArray[Any]] = {}
        small = (r for r in records.values() if r.name not in self.sizes)
        for number, block in enumerate(_divided(small, min(at_most, SMALL_BYTES))):
            if any(record.name in wanted for record in block):
                members = [r for r in block if r.name in held and not unreadable(r)]
                values.update(self._read(number, members))
        return values

    def _read(self, number: int, members: list[VariableRecord]) -> dict[str, npt.NDArray[Any]]:
        if not members:
            return {}
        names = tuple(record.name for record in members)
        prepared, call = self._prepared.get(number, ((), None))
        if call is None or prepared != names:
            call = self.engine.make_callable([record.reader for record in members])
            self._prepared[number] = names, call
        values = {
            record.name: _as_declared(array, record)
            for record, array in zip(members, call(), strict=True)
        }
        self._measure({r.name: values[r.name] for r in members if r.nbytes is None})
        return values

    def _measure(self, values: dict[str, npt.NDArray[Any]]) -> None:
        for name, array in values.items():
            size = total_bytes({name: array})
            if size > SMALL_BYTES:
                self.sizes[name] = size


def _divided(records: Iterable[VariableRecord], at_most: int) -> Iterable[list[VariableRecord]]:
    block: list[VariableRecord] = []
    size = 0
    for record in records:
        nbytes = record.nbytes or 0
        if nbytes > at_most:
            continue
        if len(block) == BLOCK or (block and size + nbytes > _BLOCK_BYTES):
            yield block
            block, size = [], 0
        block.append(record)
        size += nbytes
    if block:
        yield block


def _as_declared(array: Any, record: VariableRecord) -> npt.NDArray[Any]:
    """Give a value its variable's dtype: qint8 comes as int8, a scalar as a NumPy scalar."""
    import numpy as np

    return np.asarray(array, dtype=record.dtype.as_numpy_dtype)

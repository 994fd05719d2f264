"""Reading many small variables again and again, in fixed sets.

TensorFlow prepares each new set of fetches, which takes a third of a second in a graph of 40,000
operations, and keeps what it prepared. So what is asked for together becomes a block, together
with what is next by name, since that is how tables are ordered and scrolled; a block is read as a
whole from then on.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.variables.placement import run_and_see
from jupyter_tfsession.variables.values import total_bytes, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from jupyter_tfsession.variables.catalogue import VariableRecord

    Values = dict[str, npt.NDArray[Any]]

BLOCK = 100
"""Variables in a block, unless more are asked for together."""

AHEAD = 300
"""Variables in a block that nobody waits for."""

_MOST = 1_000
_SCATTERED = 4  # blocks that it takes to read what is in sight, in a table sorted by something else
_PAGES = 64

SMALL_BYTES = 2**20
"""The largest variable that is read in a block."""

_BLOCK_BYTES = 16 * 2**20


@dataclass(frozen=True, eq=False)
class _Block:
    members: tuple[VariableRecord, ...]
    fetch: Callable[[], Sequence[Any]]


class Blocks:
    """The blocks of one engine, as far as they were read.

    Any thread may read; two that read at once may both prepare a block, of which one is not used.

    Parameters
    ----------
    engine
        A plain session; it and this refer to each other.
    held
        Tells of variables which of them hold a value, by name.

    Attributes
    ----------
    sizes
        Bytes of the variables that turned out to be too big for a block: their size is not
        declared.
    devices
        Where the members of blocks are, as far as TensorFlow said.
    preparing
        Seconds that the calling threads have spent on preparing, in all.
    """

    def __init__(
        self, engine: Any, held: Callable[[Iterable[VariableRecord]], Mapping[str, object]]
    ) -> None:
        self.sizes: dict[str, int] = {}
        self.devices: dict[str, str] = {}
        self.preparing = 0.0
        self._engine = engine
        self._held = held
        self._block_of: dict[str, _Block] = {}
        self._latest: _Block | None = None
        self._pages: dict[frozenset[str], _Block] = {}
        self._page: frozenset[str] = frozenset()

    def __contains__(self, name: str) -> bool:
        return name in self._block_of

    def read(
        self,
        records: Mapping[str, VariableRecord],
        wanted: Iterable[VariableRecord],
        at_most: int = SMALL_BYTES,
        *,
        room: int = 0,
    ) -> Values:
        """Read small variables.

        Parameters
        ----------
        records
            All variables of the graph.
        wanted
            Those that are to be read; what holds no value or is big is left out.
        at_most
            Bytes of the biggest one that is read.
        room
            Variables in a block that has to be made; what suits them without.

        Returns
        -------
        dict
            The values, by name. They may be TensorFlow's own buffers: not to be kept.
        """
        small = [record for record in wanted if self._fits(record, at_most)]
        held = self._held(small)
        asked = {record.name: record for record in small if record.name in held}
        values: Values = {}
        for block in self._blocks(asked):
            if len(self._held(block.members)) == len(block.members):
                values.update(self._described(block, block.fetch(), asked))
            else:
                self._drop(block)
        while missing := [record for name, record in asked.items() if name not in values]:
            room = room or max(BLOCK, min(len(missing), _MOST))
            block, arrays = self._prepare(missing, records, at_most, room)
            values.update(self._described(block, arrays, asked))
        return values

    def _blocks(self, asked: Mapping[str, VariableRecord]) -> list[_Block]:
        """Return the blocks that there are; of a few from many blocks one of their own."""
        blocks = list({self._block_of[name]: None for name in asked if name in self._block_of})
        if len(blocks) <= _SCATTERED or len(asked) > BLOCK:
            return blocks
        page, before = frozenset(asked), self._page
        self._page = page
        if page == before and page not in self._pages and len(self._pages) < _PAGES:
            members = tuple(asked.values())
            self._pages[page] = _Block(members, self._callable(members))
        return [self._pages[page]] if page in self._pages else blocks

    def _callable(self, members: Iterable[VariableRecord]) -> Callable[[], Sequence[Any]]:
        call: Callable[[], Sequence[Any]]
        call = self._engine.make_callable([record.reader for record in members])
        return call

    def _prepare(
        self,
        missing: list[VariableRecord],
        records: Mapping[str, VariableRecord],
        at_most: int,
        room: int,
    ) -> tuple[_Block, Sequence[Any]]:
        begun = time.thread_time()
        first = list(missing)
        if self._latest is not None:
            # One block of what comes bit by bit is better than many of a few.
            both = [*self._latest.members, *missing]
            if len(tuple(_filled(both, BLOCK))) == len(both):
                first = both
                self._drop(self._latest)
        following = self._next(missing, records, at_most)
        members = tuple(_filled(itertools.chain(first, following), room))
        arrays, devices = run_and_see(self._engine, [record.reader for record in members])
        block = _Block(members, self._callable(members))
        for record in members:
            self._block_of[record.name] = block
            if record.name in devices:
                self.devices[record.name] = devices[record.name]
        self._latest = block
        self.preparing += time.thread_time() - begun
        return block, arrays

    def _next(
        self, missing: list[VariableRecord], records: Mapping[str, VariableRecord], at_most: int
    ) -> Iterator[VariableRecord]:
        """Yield what is in no block yet, beginning after what is asked for."""
        names = sorted(records)
        after = names.index(missing[-1].name) + 1
        free = [
            records[name]
            for name in (*names[after:], *names[:after])
            if name not in self._block_of and self._fits(records[name], at_most)
        ]
        held = self._held(free)
        return (record for record in free if record.name in held)

    def _fits(self, record: VariableRecord, at_most: int) -> bool:
        size = record.nbytes or self.sizes.get(record.name, 0)
        return size <= min(at_most, SMALL_BYTES) and not unreadable(record)

    def _drop(self, block: _Block) -> None:
        for record in block.members:
            if self._block_of.get(record.name) is block:
                del self._block_of[record.name]
        if self._latest is block:
            self._latest = None
        self._pages = {page: one for page, one in self._pages.items() if one is not block}

    def _described(
        self, block: _Block, arrays: Sequence[Any], asked: Mapping[str, VariableRecord]
    ) -> Values:
        values: Values = {}
        for record, array in zip(block.members, arrays, strict=True):
            if record.name in asked:
                values[record.name] = _as_declared(array, record)
            if record.nbytes is None and record.name not in self.sizes:
                size = total_bytes({record.name: _as_declared(array, record)})
                if size > SMALL_BYTES:
                    self.sizes[record.name] = size
        return values


def _filled(records: Iterable[VariableRecord], room: int) -> Iterator[VariableRecord]:
    """Yield the first of these, each once, for which a block has room."""
    names: set[str] = set()
    size = 0
    for record in records:
        if record.name in names:
            continue
        size += record.nbytes or 0
        if names and (len(names) == room or size > _BLOCK_BYTES):
            return
        names.add(record.name)
        yield record


def _as_declared(array: Any, record: VariableRecord) -> npt.NDArray[Any]:
    """Give a value its variable's dtype: qint8 comes as int8, a scalar as a NumPy scalar."""
    import numpy as np

    return np.asarray(array, dtype=record.dtype.as_numpy_dtype)

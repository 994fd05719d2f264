"""What Keras counts and draws when it makes layers: the same again when a cell is run again.

Keras names layers by counts of its own: Keras 3 by some that belong to no graph, Keras 2 by some
for each graph, also where a layer adds nothing to the graph yet. The seed of an initializer that
was given none it draws from Python's ``random``. Drawn anew at each execution, the seed would make
every initial value another one.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from jupyter_tfsession import tf_naming_internals as naming
from jupyter_tfsession.graphs.growth import line_of_notebook

if TYPE_CHECKING:
    from jupyter_tfsession.cells import Cell


@dataclass
class _Drawn:
    """What a cell has counted and drawn.

    Attributes
    ----------
    start
        The counts when the cell first counted there.
    seeds
        By line of the notebook, the seeds that were drawn there.
    taken
        By line, how many of them this execution has taken.
    """

    start: naming.Counts = field(default_factory=dict)
    seeds: dict[str, list[int]] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)


class Layers:
    """The counts and seeds of every cell that makes layers; on the thread that runs the cell."""

    def __init__(self) -> None:
        self._cells: WeakKeyDictionary[Cell, _Drawn] = WeakKeyDictionary()
        self._counted: naming.Counts = {}
        self._running: _Drawn | None = None

    def begin(self, cell: Cell) -> None:
        """Count from where the cell first counted from."""
        self.abandon()
        self._counted = naming.layer_counts()
        self._running = self._cells.get(cell) or _Drawn()
        self._running.taken = {}
        naming.set_layer_counts(self._running.start)

    def finish(self, cell: Cell) -> None:
        """Keep what the cell counted and drew, and count on from where the notebook was."""
        running = self._running
        if running is None:
            return
        for place, counts in naming.layer_counts().items():
            start = running.start.get(place, self._counted.get(place, {}))
            if counts != start:
                running.start[place] = start
        if running.seeds or running.start:
            self._cells[cell] = running
        self.abandon()

    def abandon(self) -> None:
        """Count on from where the notebook was."""
        if self._running is not None:
            self._running = None
            counted = naming.layer_counts().items()
            naming.set_layer_counts(
                {place: naming.most(self._counted.get(place, {}), n) for place, n in counted}
            )

    def drawing(self, plain: Any) -> Any:
        """Return a stand-in for the module ``random`` in which seeds are drawn once."""
        return _Random(self, plain)

    def draw(self, low: int, high: int) -> int:
        """Draw a seed, or return the one that the running cell drew there before."""
        running = self._running
        line = line_of_notebook(sys._getframe()) if running is not None else None  # noqa: SLF001
        if running is None or line is None:
            return random.randint(low, high)  # noqa: S311 - as Keras does
        seeds = running.seeds.setdefault(line.text, [])
        at = running.taken.get(line.text, 0)
        running.taken[line.text] = at + 1
        if at == len(seeds):
            seeds.append(random.randint(low, high))  # noqa: S311 - as Keras does
        return seeds[at]


class _Random:
    """The module ``random`` as Keras sees it."""

    def __init__(self, layers: Layers, plain: Any) -> None:
        self._plain = plain
        self.randint = layers.draw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)

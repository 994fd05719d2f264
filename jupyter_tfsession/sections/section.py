"""A section, and what is known of the cells that belong to it."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_tfsession.sections.names import Bindings

if TYPE_CHECKING:
    from jupyter_tfsession.cells import Cell

_SECTION = "_jupyter_tfsession_section"


@dataclass(eq=False)
class Section:
    """The life of one default graph.

    Attributes
    ----------
    name
        What the user calls it.
    cell, number
        The cell that began it, and with which of its resets; no cell if none did, as with the
        kernel's start.
    graph
        Its graph; None as long as nothing has asked for one.
    bindings
        What the notebook's names were bound to when it was left.
    default
        What was the kernel's default session when it was left, see `KernelDefault.held`.
    is_named
        Whether the user gave it its name: its sessions are called that, too.
    kept_open
        Why its session stays open though it was left; the user knows.
    """

    name: str
    cell: Cell | None = None
    number: int = 0
    graph: Any | None = None
    bindings: Bindings = field(default_factory=Bindings)
    default: tuple[Any, Any] | None = None
    is_named: bool = False
    kept_open: str = ""

    def begin_anew(self) -> None:
        """Let go of the graph and of all that belongs to it."""
        self.graph, self.default, self.kept_open = None, None, ""
        self.bindings = Bindings()

    def take(self, graph: Any) -> None:
        """Have a graph."""
        self.graph = graph
        setattr(graph, _SECTION, weakref.ref(self))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in its graph."""
        return self.graph is None or not self.graph.version

    @property
    def began(self) -> str:
        """Where it began, such as ``[3]``."""
        return self.cell.label if self.cell is not None else "the start"

    def __str__(self) -> str:
        return f"{self.name} (begun in {self.began})" if self.cell is not None else self.name


def section_of(graph: Any | None) -> Section | None:
    """Return the section whose graph this is, or was before the section began anew."""
    mark: weakref.ref[Section] | None = getattr(graph, _SECTION, None)
    return mark() if mark is not None else None


def is_of_section(graph: Any) -> bool:
    """Whether a graph is, or was, that of a section, which may be gone."""
    return hasattr(graph, _SECTION)


class Home(NamedTuple):
    """Where a cell belongs.

    Attributes
    ----------
    section
        The section whose graph was the default when it last ran.
    start
        The one in which it did something first; None if it resets before it does anything.
    touches
        Whether it was seen to build or run anything.
    source
        What it ran.
    """

    section: Section
    start: Section | None
    touches: bool
    source: str

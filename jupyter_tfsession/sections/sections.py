"""The sections of a notebook: which is current, entering one, leaving it, letting go of it.

All of it happens on the thread on which the extension was loaded, which runs the notebook's cells:
TensorFlow's default graph belongs to a thread.
"""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_internals
from jupyter_tfsession.displays import counted
from jupyter_tfsession.sections.names import bound_now, to_bind
from jupyter_tfsession.sections.section import Home, Section, is_of_section, section_of
from jupyter_tfsession.sessions.managed import live_of
from jupyter_tfsession.snapshots.restoring import uninterrupted

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from jupyter_tfsession.cells import Cell
    from jupyter_tfsession.notices import Notices
    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.sessions.registry import Registry


class Sections:
    """The sections of a notebook.

    Parameters
    ----------
    notices, registry
        The rooms below.
    names
        The notebook's.

    Attributes
    ----------
    current
        The section whose graph is the default.
    homes
        Where the cells belong that have run.
    """

    def __init__(
        self, notices: Notices, registry: Registry, names: MutableMapping[str, Any]
    ) -> None:
        self._notices = notices
        self._registry = registry
        self._names = names
        self._thread = threading.get_ident()
        self.forget()

    def forget(self) -> None:
        """Know of one section only: the life of the graph that is the default now."""
        self.homes: dict[Cell, Home] = {}
        self.current = Section("section-1")
        self._all = [self.current]

    def __iter__(self) -> Iterator[Section]:
        """Yield the sections, oldest first."""
        return iter(list(self._all))

    def _free_name(self, section: Section) -> str:
        """Return the first name that no other section has."""
        taken = {one.name for one in self._all if one is not section}
        numbers = (number for number in itertools.count(1) if f"section-{number}" not in taken)
        return f"section-{next(numbers)}"

    def cells_of(self, section: Section) -> list[Cell]:
        """Return the cells that were seen to build or run something in a section."""
        homes = self.homes.items()
        return [cell for cell, home in homes if home.section is section and home.touches]

    def live(self, section: Section) -> LiveSession | None:
        """Return the session of a section, if it has one."""
        return live_of(self._registry.get(section.graph)) if section.graph is not None else None

    @property
    def is_here(self) -> bool:
        """Whether the calling thread is the one that runs the notebook's cells."""
        return threading.get_ident() == self._thread

    # Beginning.

    def look_at_default(self) -> None:
        """Take in which graph is the default; TensorFlow makes it when it is asked for it."""
        graph = self._registry.default_graph()
        if graph is self.current.graph:
            return
        if self.current.graph is not None:  # it was reset when nobody looked
            self.begin(None, 0)
        if graph is not None:
            self.current.take(graph)

    def begin(self, cell: Cell | None, number: int) -> None:
        """Begin the section that a reset of a cell begins, maybe not for the first time."""
        left = self.current
        known = (
            one for one in self if cell is not None and (one.cell, one.number) == (cell, number)
        )
        section = next(known, None)
        is_new = section is None
        if section is None:
            section = Section("", cell, number)
            section.name = self._free_name(section)
            self._all.append(section)
        self._let_go(section)
        self.current = section
        if left is not section:
            self._leave(left, cell)
        if is_new:
            section.name = self._free_name(section)

    def stands_alone(self) -> bool:
        """Whether the current section is a mere reset: nothing was ever built in it."""
        section = self.current
        return section.cell is not None and section.is_empty and self._is_of_its_cell_only(section)

    def _is_of_its_cell_only(self, section: Section) -> bool:
        return all(cell is section.cell for cell in self.cells_of(section))

    def start_over(self, section: Section) -> str:
        """Have a section begin anew in the fresh graph of the current one, which it replaces.

        Returns
        -------
        str
            What was done, in one line.
        """
        fresh = self.current
        with uninterrupted():
            self._switch(section)
            graph, fresh.graph = fresh.graph, None
            self._registry.switch(graph, None)
            self._let_go(section)
            if graph is not None:
                section.take(graph)
        self.drop(fresh)
        return f"{section} begins anew in the fresh graph that {fresh.began} has left"

    # Entering and leaving.

    @property
    def can_enter(self) -> bool:
        """Whether the calling code runs where cells do, and outside of any ``with`` block."""
        return self.is_here and tf_internals.is_outside_of_blocks()

    def enter(self, section: Section) -> str:
        """Make a section the current one; return what was done, in one line."""
        left = self.current
        with uninterrupted():
            bound = self._switch(section)
        self._leave(left)
        live = self.live(section)
        waiting = len(live.log.parked or ()) if live is not None else 0
        text = f"entered {section}: its graph, its session"
        text += f" with the values of {counted(waiting, 'variable')}" if waiting else ""
        text += f" and {counted(bound, 'name')}" if bound else ""
        return f"{text} are back. %tfsession use {left.name} returns"

    def _switch(self, section: Section) -> int:
        """Do all of it, or nothing; return how many names are bound to something else."""
        left, graph = self.current, self._registry.default_graph()
        changes = to_bind(self._names, section.bindings, self.keep())
        try:
            self._registry.switch(section.graph, section.default)
            self._names.update(changes)
        except BaseException:
            self._registry.switch(graph, left.default)
            raise
        self.current = section
        return len(changes)

    def keep(self) -> set[str]:
        """Keep what is the current section's own now, since it is about to be left.

        Returns
        -------
        set
            The names that are bound to what belongs to a graph.
        """
        others = (one.bindings.own.keys() for one in self._all if one is not self.current)
        elsewhere = set[str]().union(*others)
        self.current.bindings, found = bound_now(self._names, self.current, self.owner, elsewhere)
        self.current.default = self._registry.default_session()
        return found

    def owner(self, name: str, value: Any, graph: Any | None) -> Section | None:
        """Return the section to which a binding belongs, None if that was let go of."""
        section = section_of(graph)
        if section is not None:
            return section if section in self._all else None
        if graph is not None:
            return None if is_of_section(graph) else self.current
        for other in self._all:
            if other is not self.current and other.bindings.own.get(name) is value:
                return other
        return self.current

    def _leave(self, section: Section, cell: Cell | None = None) -> None:
        """Park a section, or let go of it if no cell can bring anything back.

        If `cell` leaves it, which began it before, it is about to begin it again.
        """
        is_mere_reset = section.is_empty and self._is_of_its_cell_only(section)
        if is_mere_reset or not self.cells_of(section):
            if cell is not None and section.cell is cell:
                self._let_go(section)
            else:
                self.drop(section)
        else:
            self._registry.left(gone=False)
            self._park(section)

    def tidy_up(self) -> None:
        """Park what has been used since its section was left; drop what was not begun again."""
        for section in self:
            if section is self.current:
                continue
            if section.graph is None and not self.cells_of(section):
                self.drop(section)
            else:
                self._park(section)

    def _park(self, section: Section) -> None:
        live = self.live(section)
        reason = live.park() if live is not None and live.is_open else ""
        if reason and not section.kept_open:
            self._notices.say(f"the session of {section} stays open: {reason}")
        section.kept_open = reason

    def drop(self, section: Section) -> None:
        """Let go of a section: its graph, its names, its session."""
        self._all = [one for one in self._all if one is not section]
        self._let_go(section)
        homes = self.homes.items()
        self.homes = {cell: home for cell, home in homes if home.section is not section}

    def _let_go(self, section: Section) -> None:
        if section.graph is not None:
            self._registry.left(gone=True)
        section.begin_anew()

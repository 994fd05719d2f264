"""Following the notebook's cells and resets: to which section each cell belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jupyter_tfsession.features import nothing
from jupyter_tfsession.sections.mixing import graphs_in, is_mixed
from jupyter_tfsession.sections.references import references
from jupyter_tfsession.sections.section import Home, is_of_section, section_of
from jupyter_tfsession.sections.things import graph_of, graph_thing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_tfsession.cells import CellTracker, Execution
    from jupyter_tfsession.features import Features
    from jupyter_tfsession.graphs.rerun import Rerun
    from jupyter_tfsession.notices import Notices
    from jupyter_tfsession.sections.section import Section
    from jupyter_tfsession.sections.sections import Sections
    from jupyter_tfsession.sessions.registry import Registry

_LET_GO: Final = "a section that was let go of"


class _Running:
    """What the running cell does to sections.

    Attributes
    ----------
    execution, cell
        The execution, and its cell when it began.
    home
        Where the cell belonged before.
    resets
        How many times it has reset the default graph.
    start
        Where it did something before the first of them.
    """

    def __init__(self, execution: Execution, home: Home | None) -> None:
        self.execution = execution
        self.cell = execution.cell
        self.home = home
        self.resets = 0
        self.start: Section | None = None


class Following:
    """Enters the section of a cell that is run again, and begins one with each reset.

    Parameters
    ----------
    sections, cells, features, notices, registry, rerun
        The rooms below.
    enabled
        Whether the user wants it.
    names
        The notebook's.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what it stands on
        self,
        sections: Sections,
        cells: CellTracker,
        features: Features,
        notices: Notices,
        registry: Registry,
        rerun: Rerun,
        enabled: Callable[[], bool],
        names: Mapping[str, Any],
    ) -> None:
        self._sections = sections
        self._cells = cells
        self._features = features
        self._notices = notices
        self._registry = registry
        self._rerun = rerun
        self._enabled = enabled
        self._names = names
        self._running: _Running | None = None
        attempt = features.fails_open
        self.begin = attempt("sections", self._begin, self._forget)
        self.finish = attempt("sections", self._finish, self._forget)
        self.failed = attempt("sections", self._failed, nothing)
        self._about_to_reset = attempt("sections", self._keep, nothing)
        self._was_reset = attempt("sections", self._reset, nothing)

    @property
    def _is_on(self) -> bool:
        return self._enabled() and self._features.is_on("rerun")

    def _forget(self) -> None:
        if self._sections.homes:
            self._sections.forget()

    # Cells.

    def _begin(self) -> None:
        """Enter the section of a cell that is run again; called before it runs."""
        execution = self._cells.current
        if execution is None or not self._sections.is_here:
            return
        if not self._is_on:
            self._forget()
            return
        sections, homes = self._sections, self._sections.homes
        sections.look_at_default()
        before = self._running
        if before is not None and before.execution is execution and before.home is not None:
            homes.setdefault(before.cell, before.home)  # the user gave the running cell a name
        home = homes.pop(execution.cell, None)
        self._running = _Running(execution, home)
        section = self._wanted(home, execution) if home is not None and execution.rerun else None
        if home is None or section is None or section not in list(sections):
            return
        try:
            if sections.stands_alone() and execution.cell.is_known_by_id:
                done = sections.start_over(section)
            else:
                done = sections.enter(section)
            if not _resets_at_once(home, execution):  # for it begins anew, as in plain TensorFlow
                self._notices.say(done)
        except KeyboardInterrupt:
            self._cells.refuse(f"interrupted while entering {section}; the cell was not run")

    def _wanted(self, home: Home, execution: Execution) -> Section | None:
        """Return the section in which a cell is to run again; None if it does not matter."""
        section = home.section
        if home.start is not None and home.source == execution.cell.source:
            section = home.start
        if section is self._sections.current:
            return None
        known_by_id = execution.cell.is_known_by_id
        if home.touches and known_by_id:
            return section
        names, asks = references(home.source)
        known = section.bindings.own.keys() & names
        if known_by_id:
            return section if known or asks or self._displaced(section, names) else None
        # Known by its text, which may well be the text of several cells: it is this one if all that
        # it uses is of that section.
        own = all(self._owner_now(name) is section for name in known)
        return section if known and own else None

    def _displaced(self, section: Section, names: set[str]) -> bool:
        """Whether one of the names is bound to something of a graph now, but was not there."""
        return any(
            graph_thing(self._names.get(name))[0] for name in section.bindings.plain.keys() & names
        )

    def _owner_now(self, name: str) -> Section | None:
        value = self._names.get(name)
        return self._sections.owner(name, value, graph_of(value))

    def _finish(self) -> None:
        """Note where a cell belongs; called after it ran."""
        running = self._running
        if running is None or running.execution is not self._cells.current:
            return
        self._running = None
        sections = self._sections
        sections.look_at_default()
        execution, before, current = running.execution, running.home, sections.current
        cell, source = execution.cell, execution.cell.source
        home = Home(current, current, False, source)
        if running.resets:
            home = Home(current, running.start, True, source)
        elif self._touches(execution):
            home = Home(current, current, True, source)
        elif before is not None and (execution.failed or before.source == source):
            home = before
        sections.homes[cell] = home
        sections.tidy_up()
        live = sections.live(current)
        if current.is_named and live is not None:
            live.name = current.name

    def _touches(self, execution: Execution) -> bool:
        """Whether a cell has built or run anything so far."""
        if execution.opened or self._rerun.has_built(execution):
            return True
        return any(live.last_stamp[0] is execution for live in self._registry.sessions())

    def _failed(self, error: BaseException) -> None:
        """Name the sections when a cell has failed since it mixes what belongs to several."""
        if not self._sections.is_here or not is_mixed(error):
            return
        current, graphs = self._sections.current, graphs_in(error)
        others = [one for one in self._sections if one is not current and one.graph in graphs]
        past = next((graph for graph in graphs if self._is_past(graph)), None)
        if others:
            names = " and of ".join(map(str, others))
            self._notices.say(
                f"this uses something of {names} in {current}: run again the cells of "
                f"{current.name} that make it, or enter the other part with "
                f"%tfsession use {others[0].name}"
            )
        elif past is not None:
            begun_anew = section_of(past) in list(self._sections)
            was = f"{section_of(past)} from before it began anew" if begun_anew else _LET_GO
            self._notices.say(f"this uses something of {was}: run again the cells that make it")

    def _is_past(self, graph: Any) -> bool:
        """Whether a graph was that of a section, and is no more."""
        return is_of_section(graph) and all(one.graph is not graph for one in self._sections)

    # Resets.

    def resetting(self, plain: Any) -> Any:
        """Return a stand-in for what ``tf.reset_default_graph()`` calls."""

        def reset(stack: Any) -> None:
            self._about_to_reset()
            plain(stack)
            self._was_reset()

        return reset

    def _keep(self) -> None:
        if self._sections.is_here and self._is_on:
            self._sections.look_at_default()
            self._sections.keep()

    def _reset(self) -> None:
        if not (self._sections.is_here and self._is_on):
            return
        running = self._running
        if running is None or running.execution is not self._cells.current:
            self._sections.begin(None, 0)  # no cell of the notebook's
            return
        if running.resets == 0 and self._touches(running.execution):
            running.start = self._sections.current
        number, running.resets = running.resets, running.resets + 1
        self._sections.begin(running.execution.cell, number)


def _resets_at_once(home: Home, execution: Execution) -> bool:
    """Whether a cell will reset the default graph before it does anything, as it did before."""
    return home.start is None and home.source == execution.cell.source

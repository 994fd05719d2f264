"""Commands on sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_tfsession.commands.errors import CommandError, nearest
from jupyter_tfsession.displays import Line, Table, human_bytes
from jupyter_tfsession.sections.section import section_of

if TYPE_CHECKING:
    from jupyter_tfsession.extension import Extension
    from jupyter_tfsession.sections.section import Section
    from jupyter_tfsession.sections.sections import Sections
    from jupyter_tfsession.sessions.live import LiveSession


class SectionCommands:
    """What the user can do with sections; called on the thread of the running cell."""

    def __init__(self, extension: Extension) -> None:
        self._extension = extension

    def table(self) -> Table | None:
        """Return the sections: where each began and what it holds; None if there is just one."""
        sections = list(self._sections)
        if len(sections) < 2:  # noqa: PLR2004 - one section is no part
            return None
        return Table(
            title="sections",
            columns=("section", "begun in", "begins with", "cells", "variables", "bytes", "state"),
            rows=[self._row(section) for section in sections],
            numeric=frozenset({"cells", "variables", "bytes"}),
            footnote="%tfsession use SECTION enters one; running one of its cells again does, too",
        )

    def _row(self, section: Section) -> tuple[str, ...]:
        live = self._sections.live(section)
        records = live.plans.catalogue.records if live is not None else {}
        held = live.held(records.values()) if live is not None else {}
        size = sum(records[name].nbytes or 0 for name in held)
        state = "current" if section is self._sections.current else "parked"
        if state == "parked" and live is not None and live.is_open:
            state = f"left, open: {section.kept_open}" if section.kept_open else "left, open"
        return (
            section.name,
            section.began,
            _first_line(section.cell.source) if section.cell is not None else "",
            str(len(self._sections.cells_of(section))),
            f"{len(held)} / {len(records)}",
            human_bytes(size),
            state,
        )

    def use(self, name: str) -> Line:
        """Enter a section."""
        section = self._find(name)
        if section is None:
            raise CommandError(nearest(name, self.names(), "section"))
        return self._enter(section)

    def enter(self, live: LiveSession) -> Line:
        """Enter the section to which a session belongs."""
        section = section_of(live.graph)
        if section is None:
            raise CommandError(f"{live.name} is of no section: it never was the default graph")
        return self._enter(section)

    def _enter(self, section: Section) -> Line:
        if section is self._sections.current:
            return Line(f"{section} is the current section")
        if not self._sections.can_enter:
            raise CommandError("a section can be entered in a cell only, outside of any `with`")
        return Line(self._sections.enter(section))

    def names(self) -> list[str]:
        """Return the names of the sections."""
        return [section.name for section in self._sections]

    def session(self, name: str) -> LiveSession | None:
        """Return the session of the section of this name, if it has one."""
        section = next((one for one in self._sections if one.name == name), None)
        return self._sections.live(section) if section is not None else None

    def has(self, name: str, *, but: Any) -> bool:
        """Whether a section has this name, other than the one of a certain graph."""
        return any(one.name == name and one.graph is not but for one in self._sections)

    def name(self, graph: Any, name: str) -> None:
        """Call the section of a graph `name`, if it is the graph of one."""
        section = section_of(graph)
        if section is not None:
            section.name, section.is_named = name, True

    def drop(self, graph: Any) -> list[str]:
        """Let go of a graph's section if it is not the current one; return what was done."""
        section = section_of(graph)
        if section is None or section is self._sections.current:
            return []
        self._sections.drop(section)
        return [f"let go of {section}"]

    def drop_all(self) -> list[str]:
        """Let go of all sections but the current one; return what was done."""
        others = [one for one in self._sections if one is not self._sections.current]
        for section in others:
            self._sections.drop(section)
        return [f"let go of {section}" for section in others]

    def _find(self, name: str) -> Section | None:
        """Return the section of this name, graph, or first cell such as ``[3]`` or ``3``."""
        for section in self._sections:
            live = self._sections.live(section)
            called = {section.name, section.began, section.began.strip("[]")}
            if name in called or (live is not None and live.name == name):
                return section
        return None

    @property
    def _sections(self) -> Sections:
        return self._extension.sections


def _first_line(source: str) -> str:
    return next((line for line in source.splitlines() if line.strip()), "")

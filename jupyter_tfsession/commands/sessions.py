"""Commands on sessions and graphs."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_graph_internals
from jupyter_tfsession.commands.errors import CommandError, nearest
from jupyter_tfsession.displays import Line, Table, human_bytes
from jupyter_tfsession.sessions.managed import live_of

if TYPE_CHECKING:
    from jupyter_tfsession.commands.sections import SectionCommands
    from jupyter_tfsession.extension import Extension
    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.sessions.registry import Registry


class SessionCommands:
    """What the user can do with sessions; called on the thread of the running cell."""

    def __init__(self, extension: Extension) -> None:
        self._extension = extension

    def status(self) -> Table:
        """Return the sessions: what each holds, where it runs, what it ran last."""
        columns = ("graph", "state", "variables", "bytes", "devices", "config", "runs", "last cell")
        rows = [self._status_of(live) for live in self._registry.sessions()]
        return Table(
            title="TensorFlow sessions",
            columns=columns,
            rows=rows,
            numeric=frozenset({"variables", "bytes", "runs"}),
            footnote=f"guard: {self._extension.settings.guard}",
            empty=nothing_yet(),
            below=self._extension.commands.sections.table(),
        )

    def _status_of(self, live: LiveSession) -> tuple[str, ...]:
        records = live.plans.catalogue.records
        held = live.held(records.values())
        size = sum(records[name].nbytes or 0 for name in held)
        waits = live.log.parked is not None and not live.is_open
        state = "open" if live.is_open else "closed, values wait" if waits else "closed"
        devices = [_short(d.name) for d in live.engine().list_devices()] if live.is_open else []
        execution, runs = live.last_stamp[0], live.runs
        return (
            live.name + (" (default)" if live is self._default() else ""),
            state,
            f"{len(held)} / {len(records)}",
            human_bytes(size),
            ", ".join(devices),
            "default" if live.requested is None else "own",
            str(runs),
            execution.label if execution else "",
        )

    def close(
        self, graph: str | None = None, *, discard: bool = False, every: bool = False
    ) -> Line:
        """Close a session, or all of them, and say what became of the values.

        A section that is parked and whose values are discarded is let go of.
        """
        chosen = self._registry.sessions() if every else [self.find(graph)]
        said = []
        for live in chosen:
            self._registry.closing(self._registry.get(live.graph))
            said.append(live.close(discard=discard))
            if discard:
                said.extend(self._sections.drop(live.graph))
        if every and discard:
            said.extend(self._sections.drop_all())
        chosen.clear()
        return Line("; ".join(said) or nothing_yet())

    def name(self, name: str, graph: str | None = None) -> Line:
        """Call a graph `name` from now on."""
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name):
            raise CommandError(
                f"{name[:80]!r} cannot be a name: 1 to 64 letters, digits, dots, dashes or "
                "underscores can"
            )
        live = self.find(graph, create=True)
        taken = any(other.name == name and other is not live for other in self._registry.sessions())
        if taken or self._sections.has(name, but=live.graph):
            raise CommandError(f"another graph is called {name!r} already")
        self._sections.name(live.graph, name)
        old, live.name = live.name, name
        return Line(f"{old} is called {name} now")

    def stale(self) -> Table:
        """Return the cells that use what another cell has replaced since."""
        rows = [
            (cell.label, _first_line(cell.source), ", ".join(sorted(by.label for by in causes)))
            for cell, causes in self._extension.rerun.stale.marks()
        ]
        return Table(
            title="stale cells",
            columns=("cell", "begins with", "uses what was replaced by"),
            rows=rows,
            footnote="run them again to use what is there now" if rows else "",
            empty="no cell uses anything that was replaced",
        )

    def find(self, graph: str | None = None, *, create: bool = False) -> LiveSession:
        """Return the session of the graph called `graph`; without a name, of the current one.

        The current graph is the default one if it has a session, else the one that ran last.
        """
        sessions = self._registry.sessions()
        if graph is not None:
            own = self._sections.session(graph)
            for live in sessions if own is None else [own]:
                if live.name == graph or live is own:
                    return live
            raise CommandError(nearest(graph, [live.name for live in sessions], "graph"))
        default = self._default(create=create)
        if default is not None:
            return default
        if not sessions:
            raise CommandError(nothing_yet())
        return max(sessions, key=lambda live: (live.last_stamp[0] is not None, _serial(live)))

    def get(self, graph: Any | None = None) -> Any:
        """Return the session of a graph, given itself or by name, as the notebook sees it.

        Without a graph it is the default one's, which gets a session if it has none.
        """
        if graph is None or isinstance(graph, str):
            if self._registry.plain is None:
                raise CommandError(nothing_yet())
            return self._registry.get(self.find(graph, create=True).graph)
        if not hasattr(graph, "get_operations"):
            raise CommandError(f"a tf.Graph or the name of one is needed, not {graph!r:.80}")
        return self._registry.get_or_create(graph)

    @property
    def _registry(self) -> Registry:
        return self._extension.registry

    @property
    def _sections(self) -> SectionCommands:
        return self._extension.commands.sections

    def _default(self, *, create: bool = False) -> LiveSession | None:
        """Return the session of the calling thread's default graph."""
        if "tensorflow" not in sys.modules or self._registry.plain is None:
            return None
        if create:
            made = sys.modules["tensorflow"].compat.v1.get_default_graph()
            return live_of(self._registry.get_or_create(made))
        graph = tf_graph_internals.default_graph()
        session = self._registry.get(graph) if graph is not None else None
        return live_of(session) if session is not None else None


def _first_line(source: str) -> str:
    return next((line for line in source.splitlines() if line.strip()), "")


def nothing_yet() -> str:
    """Say why there is no session."""
    if "tensorflow" not in sys.modules:
        return "no sessions: TensorFlow is not imported yet in this kernel"
    return "no sessions yet: tf.compat.v1.Session() opens one"


def _short(device: str) -> str:
    return device.rsplit("device:", 1)[-1]


def _serial(live: LiveSession) -> int:
    execution = live.last_stamp[0]
    return execution.serial if execution else 0

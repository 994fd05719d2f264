"""Commands on snapshots: taking, listing, restoring and comparing them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_internals
from jupyter_tfsession.commands import comparisons, plans
from jupyter_tfsession.commands.calling import (
    AUTOSAVE,
    RESCUED,
    about,
    autosave_name,
    called,
    notebook,
)
from jupyter_tfsession.commands.errors import CommandError, nearest
from jupyter_tfsession.displays import Line, Table, counted, human_bytes
from jupyter_tfsession.sessions.managed import live_of
from jupyter_tfsession.snapshots.planning import Stored, make_plan
from jupyter_tfsession.variables.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_tfsession.commands.comparisons import Comparison, Source
    from jupyter_tfsession.commands.sessions import SessionCommands
    from jupyter_tfsession.commands.variables import VariableCommands
    from jupyter_tfsession.extension import Extension
    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.snapshots.manifest import About
    from jupyter_tfsession.snapshots.planning import Plan
    from jupyter_tfsession.snapshots.reading import Snapshot
    from jupyter_tfsession.snapshots.store import Store
    from jupyter_tfsession.snapshots.taking import Moment

DEFAULT_NAME = "snapshot"

_AUTOSAVE_WAIT = 1.0  # seconds for runs of other threads; there will be another time


class SnapshotCommands:
    """What the user can do with snapshots; called on the thread of the running cell."""

    def __init__(
        self, extension: Extension, sessions: SessionCommands, variables: VariableCommands
    ) -> None:
        self._extension = extension
        self._sessions = sessions
        self._variables = variables
        self._beginning = Path()
        with suppress(OSError):  # the directory may be gone
            self._beginning = Path.cwd()  # the notebook may go elsewhere

    def take(
        self, name: str | None = None, graph: str | None = None, *, checkpoint: bool = False
    ) -> Line:
        """Keep the values of all variables on the disk."""
        live = self._sessions.find(graph)
        if checkpoint:
            return _write_checkpoint(name, self._moment(live), live)
        return self.take_of(live, name)

    def take_of(self, live: LiveSession, name: str | None = None) -> Line:
        """Keep the values of all variables of a session on the disk."""
        snapshot = self._moment(live).into(self.store(), name or DEFAULT_NAME, self._about(live))
        return Line(
            f"kept {_contents(snapshot, live.name)}; "
            f"%tfsession restore {snapshot.name} brings them back"
        )

    def autosave(self, live: LiveSession) -> None:
        """Keep the values of all variables without being asked."""
        moment = self._moment(live, at_most=_AUTOSAVE_WAIT)
        moment.into(self.store(), autosave_name(live), self._about(live))

    def rescue(
        self, name: str | None = None, graph: str | None = None, session: Any | None = None
    ) -> Line:
        """Keep what can be read of a session that fails."""
        from jupyter_tfsession.snapshots.rescuing import Rescue  # noqa: PLC0415 - not at load

        live = live_of(session) if session is not None else self._sessions.find(graph)
        if live is not None:
            rescue, where = Rescue.of(live, called(live.graph, live.plans.catalogue)), live.name
            told = self._about(live)
        else:
            plain = tf_internals.plain_session(session)
            if plain is None:
                raise CommandError(f"a session is needed, not {session!r:.80}")
            names = called(plain.graph, Catalogue(plain.graph))
            rescue, where = Rescue(plain, names, {}), "the session"
            told = about("", 0, self._extension.cells.current)
        snapshot = self.store().add(name or RESCUED, rescue.contents, told)
        return Line(
            f"rescued {_contents(snapshot, where)}; "
            f"%tfsession restore {snapshot.name} gives them to another session"
        )

    def last_autosave(self) -> Snapshot | None:
        """Return the latest one of this notebook; called when the extension is loaded."""
        try:
            if not any(f"-{AUTOSAVE}" in path.name for path in self.root.iterdir()):
                return None
        except OSError:  # most often: there is no such directory
            return None
        for snapshot in reversed(self.store().snapshots()):
            if snapshot.name.startswith(AUTOSAVE) and snapshot.is_of(notebook()):
                return snapshot
        return None

    def table(self) -> Table:
        """Return the snapshots, latest first."""
        store = self.store()
        rows = [_row(snapshot) for snapshot in reversed(store.snapshots())]
        return Table(
            title="snapshots",
            columns=("name", "taken", "cell", "begins with", "graph", "run", "variables", "bytes"),
            rows=rows,
            footnote=f"in {store.root}",
            empty="no snapshots yet: %tfsession snapshot NAME takes one",
            numeric=frozenset({"run", "variables", "bytes"}),
        )

    def plan(
        self, name: str, graph: str | None = None, renames: Mapping[str, str] | None = None
    ) -> Table:
        """Tell what restoring would do."""
        live = self._sessions.find(graph, create=True)
        source = self._source(name, live)
        return plans.table_of(plan_of(live, source, renames), source.reference, live.name)

    def restore(
        self,
        name: str,
        graph: str | None = None,
        renames: Mapping[str, str] | None = None,
        *,
        partial: bool = False,
    ) -> Line:
        """Give the variables the values of a snapshot: all of them, or nothing is done."""
        live = self._sessions.find(graph, create=True)
        return self.restore_from(live, self._source(name, live), renames, partial=partial)

    def restore_from(
        self,
        live: LiveSession,
        source: Source,
        renames: Mapping[str, str] | None = None,
        *,
        partial: bool = False,
    ) -> Line:
        """Do the same with what was found."""
        from jupyter_tfsession.snapshots.restoring import restore  # noqa: PLC0415 - not at load

        plan = plan_of(live, source, renames)
        if not plan.fitting or not (plan.is_whole or partial):
            raise CommandError(plans.refusal(plan, source.reference, live.name))
        values = {plan.fitting[name]: value for name, value in source.values(plan.fitting.keys())}
        said = restore(
            live,
            values,
            self._extension.settings.snapshot_wait,
            lambda before: self._variables.keep(live, before, f"restore {source.name}"),
        )
        when = f", {source.taken}" if source.taken else ""
        return Line(
            f"restored {counted(len(values), 'variable')} of {live.name} from {source.reference}"
            f"{when}{plans.summary(plan)}{said}"
        )

    def diff(self, before: str, after: str | None = None, graph: str | None = None) -> Table:
        """Tell how far variables moved between two snapshots, or since one."""
        live = self._sessions.find(graph)
        first = self._source(before, live)
        if after is None:
            return comparisons.table_of(self.compare_with_now(live, first))
        second = self._source(after, live)
        return comparisons.table_of(
            comparisons.compare(first, second.reference, second.stored(), second.values)
        )

    def compare_with_now(self, live: LiveSession, first: Source) -> Comparison:
        """Compare a snapshot that was found with what the variables hold."""
        with self._moment(live).contents() as now:
            return comparisons.compare(
                first,
                "now",
                [Stored(one.name, one.dtype, one.shape) for one in now.variables],
                lambda names: (
                    (one.name, value)
                    for one, value in zip(now.variables, now.values, strict=True)
                    if one.name in names
                ),
            )

    def names(self) -> list[str]:
        """Return what can be restored."""
        return [snapshot.reference for snapshot in reversed(self.store().snapshots())]

    @property
    def root(self) -> Path:
        """The directory in which the snapshots are."""
        return self._beginning / Path(self._extension.settings.snapshot_directory).expanduser()

    def store(self) -> Store:
        """Return where the snapshots are."""
        from jupyter_tfsession.snapshots.store import Limits, Store  # noqa: PLC0415 - not at load

        settings = self._extension.settings
        return Store(self.root, lambda: Limits(settings.snapshots_kept, settings.snapshot_bytes))

    def _source(self, name: str, live: LiveSession) -> Source:
        """Return the snapshot of a name, or the checkpoint at a path."""
        from jupyter_tfsession.snapshots.checkpoints import (  # noqa: PLC0415 - not at load
            Checkpoint,
            is_checkpoint,
        )

        is_path = "/" in name or os.sep in name
        if is_path or (name not in self.names() and is_checkpoint(name)):
            return Checkpoint(name, live)
        return self.store().find(name, notebook())

    def _moment(self, live: LiveSession, at_most: float = float("inf")) -> Moment:
        from jupyter_tfsession.snapshots.taking import Moment  # noqa: PLC0415 - not at load

        wait = min(self._extension.settings.snapshot_wait, at_most)
        return Moment(live, called(live.graph, live.plans.catalogue), wait)

    def _about(self, live: LiveSession) -> About:
        execution, run = live.last_stamp
        return about(live.name, run, self._extension.cells.current or execution)


def _write_checkpoint(path: str | None, moment: Moment, live: LiveSession) -> Line:
    from jupyter_tfsession.snapshots import checkpoints  # noqa: PLC0415 - not at load

    if not path:
        raise CommandError("a checkpoint needs a path, such as models/model.ckpt")
    count = checkpoints.write(path, moment, live)
    return Line(
        f"wrote {counted(count, 'variable')} of {live.name} to {path}, for "
        f"tf.train.Saver().restore or %tfsession restore {path}"
    )


def plan_of(live: LiveSession, source: Source, renames: Mapping[str, str] | None = None) -> Plan:
    """Work out what restoring would do."""
    stored = source.stored()
    names = called(live.graph, live.plans.catalogue)
    there = {one.name for one in stored}
    for old, new in (renames or {}).items():
        if old not in there:
            raise CommandError(nearest(old, sorted(there), f"variable of {source.name}"))
        if new not in names:
            raise CommandError(nearest(new, list(names), "variable"))
    return make_plan(stored, names, renames or {})


def _row(snapshot: Snapshot) -> tuple[str, ...]:
    if snapshot.damage:
        return (
            snapshot.reference,
            snapshot.taken,
            "",
            f"damaged: {snapshot.damage}",
            "",
            "",
            "",
            "",
        )
    manifest = snapshot.manifest
    about = manifest.about
    return (
        snapshot.reference,
        snapshot.taken,
        about.cell,
        about.source,
        about.graph,
        str(about.run),
        str(len(manifest.variables)),
        human_bytes(manifest.nbytes),
    )


def _contents(snapshot: Snapshot, where: str) -> str:
    manifest = snapshot.manifest
    left_out = "".join(f"; not {name}: {why}" for name, why in manifest.left_out.items())
    count = counted(len(manifest.variables), "variable")
    return f"{count} of {where} ({human_bytes(manifest.nbytes)}) as {snapshot.name}{left_out}"

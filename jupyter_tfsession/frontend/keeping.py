"""Doing what front ends ask for with snapshots.

A snapshot goes by the name of its directory, which is looked for among those that there are and is
never made into a path. Runs that write are waited for as the commands do.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Final

from jupyter_tfsession.commands.calling import kind_of
from jupyter_tfsession.commands.snapshots import plan_of
from jupyter_tfsession.frontend.conditions import RefusedError
from jupyter_tfsession.frontend.generations import generation
from jupyter_tfsession.frontend.protocol import VERSION, number
from jupyter_tfsession.frontend.protocol import snapshots as sent
from jupyter_tfsession.frontend.protocol.types import MAX_ROWS
from jupyter_tfsession.frontend.tables import short
from jupyter_tfsession.inspection.naming import logical_name
from jupyter_tfsession.snapshots.reading import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_tfsession.extension import Extension
    from jupyter_tfsession.frontend.conditions import Conditions
    from jupyter_tfsession.frontend.protocol import requests as asked
    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.snapshots.comparing import Movement
    from jupyter_tfsession.snapshots.planning import Plan
    from jupyter_tfsession.snapshots.reading import Snapshot

_NAME: Final = 10_000
_LINE: Final = 2_000
_WORD: Final = 200
_COUNT: Final = 2**53 - 1


class Keeping:
    """Answers requests about snapshots; on any thread but the sampler's."""

    def __init__(self, extension: Extension, conditions: Conditions) -> None:
        self._extension = extension
        self._conditions = conditions
        self._commands = extension.commands.snapshots

    def listed(self) -> sent.SnapshotList:
        """Tell which there are."""
        there = self._commands.store().snapshots()
        return sent.SnapshotList(
            version=VERSION,
            root=short(str(self._commands.root), _NAME),
            total=len(there),
            snapshots=[_stored(snapshot) for snapshot in there[: -MAX_ROWS - 1 : -1]],
        )

    def take(self, request: asked.TakeSnapshot) -> str:
        """Take one."""
        live = self._conditions.live(request.graph)
        return str(self._commands.take_of(live, request.name))

    def compare(self, request: asked.Compare) -> sent.Difference:
        """Tell how far variables moved since one was taken."""
        live = self._conditions.live(request.graph)
        snapshot = self._found(request.snapshot)
        now = time.time()
        found = self._commands.compare_with_now(live, snapshot)
        every = [_moved(name, how) for name, how in found.moved.items()]
        every += [_unlike(name, why) for name, why in found.unlike.items()]
        return sent.Difference(
            version=VERSION,
            graph=live.serial,
            snapshot=_stored(snapshot),
            time=now,
            moved=len(every),
            same=found.same,
            only_before=found.only_before,
            only_now=found.only_after,
            furthest=every[: request.limit],
        )

    def plan(self, request: asked.PlanRestore) -> sent.RestorePlan:
        """Tell what restoring would do."""
        live = self._conditions.live(request.graph)
        snapshot = self._found(request.snapshot)
        similar, plan = _planned(live, snapshot, similar=request.similar)
        losing, size = self._conditions.losing(live, list(plan.fitting.values()))
        return sent.RestorePlan(
            version=VERSION,
            graph=live.serial,
            generation=generation(live),
            snapshot=_stored(snapshot),
            matching=len(plan.fitting) - len(plan.renamed),
            renamed=len(plan.renamed),
            mismatched=len(plan.mismatched),
            missing=len(plan.missing),
            untouched=len(plan.untouched),
            similar=len(similar),
            fates=list(_fates(live, plan))[:MAX_ROWS],
            overwritten=len(losing),
            bytes=size,
            undo=self._extension.budget.room_for(size),
        )

    def restore(self, request: asked.Restore) -> str:
        """Restore one, if the user knows what is lost."""
        live = self._conditions.unchanged(request)
        snapshot = self._found(request.snapshot)
        similar, plan = _planned(live, snapshot, similar=request.similar)
        if plan.fitting and (plan.is_whole or request.partial):  # else it is refused below
            chosen = list(plan.fitting.values())
            self._conditions.confirmed(request, live, chosen, f"restore {snapshot.name}")
        renames = similar if request.similar else {}
        return str(self._commands.restore_from(live, snapshot, renames, partial=request.partial))

    def _found(self, directory: str) -> Snapshot:
        for snapshot in self._commands.store().snapshots():
            if snapshot.path.name == directory:
                return snapshot
        raise RefusedError("unknown", "there is no such snapshot any more")


def _planned(
    live: LiveSession, snapshot: Snapshot, *, similar: bool
) -> tuple[dict[str, str], Plan]:
    """Return the names that may be meant, and the plan with or without them."""
    plan = plan_of(live, snapshot)
    return plan.similar, plan_of(live, snapshot, plan.similar) if similar else plan


def _stored(snapshot: Snapshot) -> sent.StoredSnapshot:
    try:
        taken = moment_of(snapshot.created).timestamp()
    except (ValueError, OverflowError):  # somebody made that directory up
        taken = 0.0
    damage = snapshot.damage
    manifest = None if damage else snapshot.manifest
    about = manifest.about if manifest is not None else None
    return sent.StoredSnapshot(
        id=snapshot.path.name,
        name=short(snapshot.reference, _WORD),
        kind=kind_of(snapshot.name),
        taken=taken,
        graph=short(about.graph, _WORD) if about else "",
        cell=short(about.cell, _WORD) if about else "",
        begins=short(about.source, _LINE) if about else "",
        run=min(about.run, _COUNT) if about else 0,
        variables=len(manifest.variables) if manifest else 0,
        bytes=min(manifest.nbytes, _COUNT) if manifest else 0,
        damage=short(damage, _LINE),
    )


def _fates(live: LiveSession, plan: Plan) -> Iterator[sent.Fate]:
    """Yield what becomes of everything, what needs a look first."""
    for name, why in plan.mismatched.items():
        yield _fate(name, "", "mismatched", why)
    for name in plan.missing:
        yield _fate(name, "", "missing", plan.similar.get(name, ""))
    for name, other in plan.renamed.items():
        yield _fate(name, other, "renamed")
    for name in plan.untouched:
        yield _fate("", name, "untouched")
    for name, record in plan.fitting.items():
        if name not in plan.renamed:
            yield _fate(name, logical_name(live.graph, record), "matching")


def _fate(name: str, variable: str, what: sent.What, why: str = "") -> sent.Fate:
    return sent.Fate(short(name, _NAME), short(variable, _NAME), what, short(why, _LINE))


def _moved(name: str, how: Movement) -> sent.Moved:
    numbers = not math.isnan(how.norm)
    return sent.Moved(
        name=short(name, _NAME),
        norm=number(how.norm) if numbers else None,
        relative=number(how.relative) if numbers else None,
        largest=number(how.largest) if numbers else None,
        changed=how.changed,
        strange=how.strange,
        why="",
    )


def _unlike(name: str, why: str) -> sent.Moved:
    return sent.Moved(short(name, _NAME), None, None, None, 0, 0, short(why, _LINE))

"""Autosave: snapshots that nobody asks for, so that a killed kernel costs little.

After so many runs and after cells it works on the thread that runs. By time it has a thread of its
own, since nothing may run for a long time; like all who look, that takes nothing into the session
that a cell is still building.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from jupyter_tfsession import tf_internals
from jupyter_tfsession.features import UserError, nothing

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.commands.snapshots import SnapshotCommands
    from jupyter_tfsession.extension import Extension
    from jupyter_tfsession.sessions.live import LiveSession

TRAITS = ("autosave_seconds", "autosave_runs", "autosave_cells")


class Autosave:
    """Takes snapshots as the settings say.

    Any thread may call; one snapshot is taken at a time.
    """

    def __init__(self, extension: Extension, snapshots: SnapshotCommands) -> None:
        self._extension = extension
        self._snapshots = snapshots
        self._settings = extension.settings
        self._saved: WeakKeyDictionary[LiveSession, object] = WeakKeyDictionary()
        self._turn = threading.Lock()  # held while one is taken
        self._said = ""
        self._stop: threading.Event | None = None  # of the thread, while there is one
        attempt = extension.features.fails_open
        self._attempt: Callable[[LiveSession], None] = attempt("autosave", self._save, nothing)
        self._settings.observe(self._changed, TRAITS)

    def start(self) -> None:
        """Follow the settings from now on."""
        self._changed(None)

    def stop(self) -> None:
        """Take no more."""
        self._extension.registry.every_runs(0)
        if self._stop is not None:
            self._stop.set()
            self._stop = None

    def overdue(self, live: LiveSession) -> None:
        """Take one after a run, on the thread that ran."""
        self._attempt(live)

    def cell_finished(self) -> None:
        """Take one after a cell that wrote variables, if that is what the user wants."""
        if self._settings.autosave_cells:
            for live in self._extension.registry.sessions():
                self._attempt(live)

    def offer(self) -> None:
        """Say in one line that there is something to go on from, in a kernel that has nothing."""
        if self._extension.registry.sessions():
            return
        snapshot = self._snapshots.last_autosave()
        if snapshot is None:
            return
        about, count = snapshot.manifest.about, len(snapshot.manifest.variables)
        cell = f" in cell {about.cell}" if about.cell else ""
        self._extension.notices.say(
            f"{snapshot.reference} has {count} variable{'s' if count > 1 else ''} of "
            f"{snapshot.taken}, after run {about.run}{cell}: when the cells that build the graph "
            "have run, %tfsession restore last brings them back"
        )

    def _changed(self, _change: Any) -> None:
        if not self._extension.started:
            return
        self._extension.registry.every_runs(self._settings.autosave_runs)
        if self._settings.autosave_seconds and self._stop is None:
            self._stop = threading.Event()
            threading.Thread(
                target=self._work, args=(self._stop,), name="tfsession-autosave", daemon=True
            ).start()
        elif not self._settings.autosave_seconds and self._stop is not None:
            self._stop.set()
            self._stop = None

    def _work(self, stop: threading.Event) -> None:
        while not stop.wait(self._settings.autosave_seconds or sys.maxsize // 10**9):
            with tf_internals.graph_as_it_is():
                for live in self._extension.registry.sessions():
                    self._attempt(live)

    def _save(self, live: LiveSession) -> None:
        """Take a snapshot if anything was written since the last one."""
        if not self._turn.acquire(blocking=False):
            return
        try:
            mark = _mark(live)
            if mark is None or self._saved.get(live) == mark:
                return
            self._snapshots.autosave(live)
            self._saved[live] = mark
        except UserError as error:
            if str(error) != self._said:  # it may fail again and again, and work again
                self._said = str(error)
                self._extension.registry.say(f"autosave: {error}")
        finally:
            self._turn.release()


def _mark(live: LiveSession) -> object | None:
    """Return what changes whenever variables are written; None while none holds a value."""
    held = live.held(live.plans.catalogue.records.values())
    if not held:
        return None
    return max(stamp[1] for stamp in held.values()), live.changes, len(held)

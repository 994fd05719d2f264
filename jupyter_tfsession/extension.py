"""Loading and unloading: wires the rooms of this package into one IPython shell."""

from __future__ import annotations

import functools
import os
import sys
import weakref
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import wrapt

from jupyter_tfsession import (
    compat,
    tf_internals,
    tf_naming_internals,
)
from jupyter_tfsession.cells import CellTracker
from jupyter_tfsession.commands import Commands
from jupyter_tfsession.features import Features, UserError, nothing
from jupyter_tfsession.frontend.frontends import FrontEnds
from jupyter_tfsession.graphs import stand_ins
from jupyter_tfsession.graphs.rerun import Rerun
from jupyter_tfsession.inspection.inspector import Inspector
from jupyter_tfsession.magics import TFSessionMagics
from jupyter_tfsession.notices import Notices
from jupyter_tfsession.sections.following import Following
from jupyter_tfsession.sections.sections import Sections
from jupyter_tfsession.sessions.defaults import evaluate_in
from jupyter_tfsession.sessions.registry import Registry
from jupyter_tfsession.settings import TFSession
from jupyter_tfsession.snapshots.undo import UndoBudget

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_tfsession.graphs.stand_ins import StandIn


class Extension:
    """Everything that belongs to one shell; made once, started and stopped any number of times.

    Attributes
    ----------
    settings, features, notices, cells, registry, budget, sections, following, inspector
        The rooms, from the bottom up.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.settings = TFSession(parent=shell)
        self.notices = Notices()
        self.features = Features(self.notices.say)
        self.cells = self.notices.cells = CellTracker(shell, self.features)
        self.budget = UndoBudget(lambda: self.settings.undo_bytes)
        self.registry = Registry(
            self.settings, self.cells, self.notices, self.features, self.budget
        )
        self.rerun = Rerun(
            self.cells,
            self.features,
            self.notices,
            lambda: self.settings.rerun,
            self.registry,
            shell.user_ns,
        )
        self.registry.planned = self.features.fails_open("rerun", self.rerun.ran, nothing)
        self.sections = Sections(self.notices, self.registry, shell.user_ns)
        self.following = Following(
            self.sections,
            self.cells,
            self.features,
            self.notices,
            self.registry,
            self.rerun,
            lambda: self.settings.rerun and self.settings.sections,
            shell.user_ns,
        )
        self.inspector = Inspector(lambda: self.settings.preview_bytes)
        self._patches = ExitStack()
        self._patched = False
        self._configurables: list[Any] = shell.configurables  # what %config knows
        self._hooked = False
        self.started = False
        self.commands = Commands(self)
        self.front_ends = FrontEnds(self)
        self._magics = TFSessionMagics(shell, self.commands, self.features)
        attempt = self.features.fails_open
        self._imported = attempt("sessions", self._tensorflow_imported, nothing)
        self._keras_imported = attempt("rerun", self._patch_keras, nothing)
        self.cells.when_begun(attempt("guard", self.registry.cell_begun, nothing))
        self.cells.when_begun(self.following.begin)
        self.cells.when_begun(attempt("rerun", self.rerun.begin, nothing))
        self.cells.when_failed(self.following.failed)
        self.cells.when_finished(self.following.finish)
        self.cells.when_finished(attempt("rerun", self.rerun.finish, nothing))
        self.registry.overdue = self.commands.autosave.overdue
        self.cells.when_finished(attempt("autosave", self.commands.autosave.cell_finished, nothing))
        self.cells.when_finished(attempt("memory", self.registry.cell_finished, nothing))
        self.cells.when_finished(attempt("notices", self.notices.flush, nothing))
        self.cells.when_finished(self.front_ends.cell_finished)
        self.settings.observe(self._switch_compat, "compat")

    def start(self) -> None:
        """Follow the cells, and patch TensorFlow as soon as it is there."""
        if self.started:
            return
        self.started = self.registry.active = True
        self.sections.forget()
        self.cells.start()
        self._configurables.append(self.settings)
        self._magics.register()
        self.features.fails_open("live", self.front_ends.start, nothing)()
        self.features.fails_open("autosave", self.commands.autosave.start, nothing)()
        if self.settings.compat:
            self._install_compat()
        if not self._hooked:  # a hook cannot be taken back: it looks whether we are started
            self._hooked = True
            os.register_at_fork(after_in_child=self.registry.forked)
            for module in tf_internals.MODULES:
                wrapt.register_post_import_hook(self._imported, module)
            for module in tf_naming_internals.SEEDS:
                wrapt.register_post_import_hook(self._keras_imported, module)
        elif "tensorflow" in sys.modules:
            self._imported(sys.modules["tensorflow"])
            for module in tf_naming_internals.SEEDS.keys() & sys.modules.keys():
                self._keras_imported(sys.modules[module])
        self.features.fails_open("autosave", self.commands.autosave.offer, nothing)()

    def stop(self) -> None:
        """Put everything back; sessions that the notebook holds go on as plain ones."""
        if not self.started:
            return
        self.started = self.registry.active = False
        self.cells.stop()
        self.sections.forget()
        self._configurables.remove(self.settings)
        self._magics.unregister()
        self.features.fails_open("live", self.front_ends.stop, nothing)()
        self.features.fails_open("autosave", self.commands.autosave.stop, nothing)()
        compat.uninstall(self.shell)
        self._patches.close()
        self._patched = False

    def _tensorflow_imported(self, _module: Any) -> None:
        if self.started:
            self._patch()

    def _patch(self) -> None:
        if not self._patched:
            self._patched = True
            self._patch_once()
        if not self.features.is_on("sessions"):
            return
        for original, stand_in in self.registry.stand_ins():
            for module in tf_internals.exports(original.__name__, original):
                self._replace(module, original.__name__, stand_in)
            self._rebind(original, stand_in)

    def _patch_once(self) -> None:
        for capability in tf_internals.capabilities():
            if not capability.found:
                self.features.switch_off(
                    capability.feature, f"this TensorFlow has no {capability.name}"
                )
        if self.features.is_on("evaluate"):
            own = self.features.fails_open("evaluate", self.registry.evaluator, nothing)
            for module, name in tf_internals.evaluators():
                self._replace(module, name, evaluate_in(own, getattr(module, name)))
        self.features.fails_open("rerun", self._patch_builders, nothing)()
        if self.features.is_on("sections"):
            owner, name = tf_internals.resetter()
            self._replace(owner, name, self.following.resetting(getattr(owner, name)))

    def _patch_builders(self) -> None:
        for builder in tf_internals.builders():
            plain = getattr(builder.owner, builder.name)
            stand_in: StandIn = getattr(stand_ins, builder.stand_in)
            self._replace(builder.owner, builder.name, stand_in(self.rerun, plain))

    def _patch_keras(self, module: Any) -> None:
        name = tf_naming_internals.name_of_random(module)
        if self.started and name is not None:
            self._replace(module, name, self.rerun.layers.drawing(getattr(module, name)))

    def _replace(self, owner: Any, name: str, replacement: Any) -> None:
        self._patches.callback(setattr, owner, name, getattr(owner, name))
        setattr(owner, name, replacement)

    def _rebind(self, old: Any, new: Any) -> None:
        """Replace what names of the notebook are bound to, such as a class imported before."""
        names = self.shell.user_ns
        for name in [name for name, value in names.items() if value is old]:
            names[name] = new
            self._patches.callback(self._bind_back, name, new, old)

    def _bind_back(self, name: str, new: Any, old: Any) -> None:
        if self.shell.user_ns.get(name) is new:
            self.shell.user_ns[name] = old

    def _switch_compat(self, change: Any) -> None:
        if self.started:
            if change["new"]:
                self._install_compat(in_cell=self.cells.runs_here)
            else:
                compat.uninstall(self.shell)

    def _install_compat(self, *, in_cell: bool = False) -> None:
        failed = functools.partial(self.features.failed, "compat")
        compat.install(self.shell, in_cell=in_cell, failed=failed)


_extensions: weakref.WeakKeyDictionary[InteractiveShell, Extension] = weakref.WeakKeyDictionary()


def load(shell: InteractiveShell) -> None:
    """Start the extension in a shell; sessions of an earlier time in it are still there."""
    if shell not in _extensions:
        _extensions[shell] = Extension(shell)
    _extensions[shell].start()


def unload(shell: InteractiveShell) -> None:
    """Stop the extension in a shell."""
    if shell in _extensions:
        _extensions[shell].stop()


def loaded() -> Extension:
    """Return the extension of the running shell.

    Raises
    ------
    UserError
        There is none.
    """
    for extension in _extensions.values():
        if extension.started:
            return extension
    raise UserError("jupyter_tfsession is not loaded: run %load_ext jupyter_tfsession")

"""Commands on the extension itself: its policies, and what works."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from typing import TYPE_CHECKING

from jupyter_tfsession import compat, tf_internals
from jupyter_tfsession.commands.errors import CommandError, nearest
from jupyter_tfsession.displays import Line, Table
from jupyter_tfsession.settings import POLICIES

if TYPE_CHECKING:
    from jupyter_tfsession.extension import Extension

PACKAGES = (
    "jupyter_tfsession",
    "tensorflow",
    "keras",
    "ipython",
    "ipykernel",
    "ipywidgets",
    "jupyter_server",
    "numpy",
)


class EnvironmentCommands:
    """What the user can do with the extension; called on the thread of the running cell."""

    def __init__(self, extension: Extension) -> None:
        self._extension = extension

    def guard(self, policy: str | None = None) -> Line:
        """Set the initializer policy, or tell it."""
        if policy is not None:
            if policy not in POLICIES:
                raise CommandError(nearest(policy, POLICIES, "policy"))
            self._extension.settings.guard = policy
        return Line(f"guard: {self._extension.settings.guard}")

    def rerun(self, switch: str | None = None) -> Line:
        """Switch re-run-safe graph building, or tell whether it is on."""
        self._switch("rerun", switch)
        return Line(f"rerun: {'on' if self._extension.settings.rerun else 'off'}")

    def compat(self, switch: str | None = None) -> Line:
        """Switch the TensorFlow 1 API for the notebook's own imports, or tell whether it is on."""
        self._switch("compat", switch)
        if switch == "off":
            compat.switch_v2_behavior_back()
        return Line(f"compat: {'on' if compat.is_installed(self._extension.shell) else 'off'}")

    def _switch(self, trait: str, switch: str | None) -> None:
        if switch is None:
            return
        if switch not in {"on", "off"}:
            raise CommandError(nearest(switch, ("on", "off"), "switch"))
        setattr(self._extension.settings, trait, switch == "on")

    def doctor(self) -> Table:
        """Return versions, what was found of TensorFlow's internals, and what is off and why."""
        rows = [("Python", platform.python_version(), "")]
        rows.extend((package, _version(package), "") for package in PACKAGES)
        imported = "tensorflow" in sys.modules
        rows.append(
            ("TensorFlow in this kernel", "imported" if imported else "not imported yet", "")
        )
        for feature in self._extension.features:
            state = "off" if feature.off_because else "on"
            rows.append((feature.purpose, state, feature.off_because))
        if imported:
            for capability in tf_internals.capabilities():
                state = "found" if capability.found else "missing"
                rows.append((capability.name, state, f"for {capability.feature}"))
        return Table(
            title="jupyter_tfsession doctor",
            columns=("what", "state", "because"),
            rows=rows,
        )

    def name_cell(self, name: str) -> None:
        """Call the running cell `name`, whatever its text becomes."""
        self._extension.cells.rename(name)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"

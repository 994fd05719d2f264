"""The rest of the cell that switches TensorFlow 1 imports on, which is compiled already."""

from __future__ import annotations

import builtins
import importlib
from typing import TYPE_CHECKING

from jupyter_tfsession.compat.api import V1, get, has, prepare
from jupyter_tfsession.compat.imports import is_installed, submodule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

    from IPython.core.interactiveshell import InteractiveShell


class RestOfCell:
    """Gives the TensorFlow 1 API to the imports of a cell that is compiled already."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._import = builtins.__import__

    def start(self) -> None:
        """Replace the import function until the cell has ended."""
        builtins.__import__ = self._tf1_import  # type: ignore[assignment]  # other argument names
        self._shell.events.register("post_run_cell", self.stop)

    def stop(self, _result: object = None) -> None:
        """Put the import function back."""
        self._shell.events.unregister("post_run_cell", self.stop)
        if builtins.__import__ == self._tf1_import:
            builtins.__import__ = self._import

    def _tf1_import(
        self,
        name: str,
        names: Mapping[str, object] | None = None,
        local_names: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        path = None if level or names is not self._shell.user_ns else submodule(name)
        if path is not None:
            prepare()
        module = self._import(name, names, local_names, fromlist, level)
        if path is None or not is_installed(self._shell):
            return module
        if not fromlist:  # binds the top module, or looks the path up from there
            return module if path and not has(path) else importlib.import_module(V1)
        wanted = [".".join(filter(None, (path, item))) for item in fromlist]
        if not all(map(has, wanted)):
            return module
        found: ModuleType = get(path) if path else importlib.import_module(V1)
        return found


def forget() -> None:
    """Put the import function back before its cell has ended."""
    importer = getattr(builtins.__import__, "__self__", None)
    if isinstance(importer, RestOfCell):
        importer.stop()

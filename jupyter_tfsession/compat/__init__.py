"""TensorFlow 1 code in cells: there, ``import tensorflow as tf`` gives ``tensorflow.compat.v1``.

Only the import statements of the notebook's own cells are rewritten, by an AST transformer of
the shell, so what libraries import is TensorFlow 2 as ever. A rewritten import first switches
TensorFlow 2's behaviour off: at that moment TensorFlow is needed anyway, and it makes no
difference whether something else imported it before.

The cell that switches this on was compiled before. For the rest of it, the import function is
replaced by one that treats imports of code in the notebook's namespace likewise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_tfsession.compat.behavior import switch_v2_behavior_back, switch_v2_behavior_off
from jupyter_tfsession.compat.imports import TF1Imports, is_installed
from jupyter_tfsession.compat.running_cell import RestOfCell, forget

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

__all__ = [
    "install",
    "is_installed",
    "switch_v2_behavior_back",
    "switch_v2_behavior_off",
    "uninstall",
]


def install(
    shell: InteractiveShell,
    *,
    in_cell: bool = False,
    failed: Callable[[Exception], None] | None = None,
) -> None:
    """Rewrite the TensorFlow imports of the cells that run from now on; twice is harmless.

    Parameters
    ----------
    shell
        Whose cells.
    in_cell
        A cell is running: the imports in the rest of it are meant, too.
    failed
        Told when a cell cannot be rewritten; without it, the log is.
    """
    if not is_installed(shell):
        shell.ast_transformers.append(TF1Imports(failed))
        if in_cell:
            RestOfCell(shell).start()


def uninstall(shell: InteractiveShell) -> None:
    """Leave imports alone again; what is imported already stays as it is."""
    transformers = shell.ast_transformers
    transformers[:] = [found for found in transformers if not isinstance(found, TF1Imports)]
    forget()

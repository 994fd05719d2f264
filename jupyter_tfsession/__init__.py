"""Keep TensorFlow sessions alive in notebooks: ``%load_ext jupyter_tfsession``.

Run any cell, any number of times, in any order, and never restart the kernel for TensorFlow's sake.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_tfsession.commands import Commands
    from jupyter_tfsession.commands.portraits import Portrait
    from jupyter_tfsession.displays import Line, Table
    from jupyter_tfsession.frontend.widget import TFSessionWidget

__all__ = [
    "allow_init",
    "close",
    "devices",
    "diff",
    "get_session",
    "init",
    "redo",
    "rescue",
    "reset",
    "restore",
    "restore_plan",
    "sessions",
    "set_value",
    "show",
    "snapshot",
    "snapshots",
    "undo",
    "use",
    "variables",
    "watch",
]


# Importing a room binds its name here, once: do it before the functions of the same name.
for _room in ("sessions", "snapshots", "variables"):
    importlib.import_module(f"{__name__}.{_room}")


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Do ``%load_ext jupyter_tfsession``."""
    from jupyter_tfsession.extension import load  # noqa: PLC0415 - importing the package is free

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Do ``%unload_ext jupyter_tfsession``."""
    from jupyter_tfsession.extension import unload  # noqa: PLC0415

    unload(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Tell JupyterLab where the prebuilt extension is."""
    return [{"src": "labextension", "dest": "jupyter-tfsession"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Tell the Jupyter server where its extension is."""
    from jupyter_tfsession.server.app import TFSessionServer  # noqa: PLC0415

    return [{"module": "jupyter_tfsession.server.app", "app": TFSessionServer}]


def _commands() -> Commands:
    from jupyter_tfsession.extension import loaded  # noqa: PLC0415

    return loaded().commands


def get_session(graph: Any | None = None) -> Any:
    """Return the session of a graph, opening it if there is none.

    Parameters
    ----------
    graph
        A ``tf.Graph``, or the name of one; the current default graph without it.

    Returns
    -------
    tf.compat.v1.Session
        The one session of that graph.
    """
    return _commands().sessions.get(graph)


def sessions() -> Table:
    """Return the sessions, as ``%tfsession status`` shows them."""
    return _commands().sessions.status()


def variables(*globs: str, graph: str | None = None) -> Table:
    """Return the variables whose names match, as ``%tfsession vars`` shows them."""
    return _commands().variables.table(globs, graph)


def show(name: str, *, graph: str | None = None) -> Portrait:
    """Return one variable in full, as ``%tfsession show`` shows it."""
    return _commands().variables.show(name, graph)


def devices(*, graph: str | None = None) -> Table:
    """Return the devices of a session and what sits on each."""
    return _commands().variables.devices(graph)


def watch(*globs: str) -> TFSessionWidget:
    """Return the live table of the variables whose names match; there is one per kernel."""
    return _commands().watch(globs)


def set_value(name: str, value: Any, *, graph: str | None = None) -> Line:
    """Assign a value to a variable, after checking its dtype and shape; undo has the old one."""
    return _commands().variables.set(name, value, graph)


def init(*, graph: str | None = None) -> Line:
    """Initialize the variables that are not initialized."""
    return _commands().variables.init(graph)


def reset(*globs: str, graph: str | None = None) -> Line:
    """Give variables their initial values again, all without a pattern; undo has the old ones."""
    return _commands().variables.reset(globs, graph)


def undo(*, graph: str | None = None) -> Line:
    """Take back the last change of values."""
    return _commands().variables.undo(graph)


def redo(*, graph: str | None = None) -> Line:
    """Do again what was undone last."""
    return _commands().variables.redo(graph)


def snapshot(
    name: str | None = None, *, graph: str | None = None, checkpoint: bool = False
) -> Line:
    """Keep the values of all variables on the disk, as ``%tfsession snapshot`` does.

    Parameters
    ----------
    name
        What to call it; of a checkpoint, the path.
    graph
        The name of a graph; the current default graph without it.
    checkpoint
        Whether to write what ``tf.train.Saver`` reads.
    """
    return _commands().snapshots.take(name, graph, checkpoint=checkpoint)


def snapshots() -> Table:
    """Return the snapshots, latest first."""
    return _commands().snapshots.table()


def restore_plan(
    name: str, *, graph: str | None = None, renames: Mapping[str, str] | None = None
) -> Table:
    """Return what `restore` would do, and do nothing."""
    return _commands().snapshots.plan(name, graph, renames)


def restore(
    name: str,
    *,
    graph: str | None = None,
    renames: Mapping[str, str] | None = None,
    partial: bool = False,
) -> Line:
    """Give variables the values of a snapshot: all of them, or nothing is done; undo has the old.

    Parameters
    ----------
    name
        The snapshot; ``NAME~1`` is the one before it, ``last`` the latest of all. Or the path of a
        checkpoint of TensorFlow's.
    graph
        The name of a graph; the current default graph without it.
    renames
        Names in the graph, for names in the snapshot that differ.
    partial
        Restore what fits where not all of it does.
    """
    return _commands().snapshots.restore(name, graph, renames, partial=partial)


def rescue(
    name: str | None = None, *, graph: str | None = None, session: Any | None = None
) -> Line:
    """Keep what can be read of a session that fails, and say what cannot.

    Parameters
    ----------
    name
        What to call the snapshot.
    graph
        The name of a graph; the current default graph without it.
    session
        A session of whatever kind, such as a ``MonitoredSession``, in place of a graph.
    """
    return _commands().snapshots.rescue(name, graph, session)


def diff(before: str, after: str | None = None, *, graph: str | None = None) -> Table:
    """Return how far each variable moved from one snapshot to another, or since one."""
    return _commands().snapshots.diff(before, after, graph)


def use(section: str) -> Line:
    """Enter a section: its graph is the default again, with its session and names."""
    return _commands().sections.use(section)


def close(*, graph: str | None = None, discard: bool = False) -> Line:
    """Close a session; unless discarded, its values wait on the host until it is used again."""
    return _commands().sessions.close(graph, discard=discard)


def allow_init() -> AbstractContextManager[None]:
    """Let initializers in the block overwrite what earlier cells left; undo has the values."""
    from jupyter_tfsession.sessions.guard import allow_init as allow  # noqa: PLC0415

    return allow()

"""What the variables of a snapshot are called, and where they come from."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jupyter_tfsession.inspection.naming import in_use, logical_name

if TYPE_CHECKING:
    from jupyter_tfsession.cells import Execution
    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.snapshots.manifest import About
    from jupyter_tfsession.variables.catalogue import Catalogue, VariableRecord

AUTOSAVE = "autosave"
RESCUED = "rescued"

_UNUSABLE = re.compile(r"[^A-Za-z0-9._-]")


def called(graph: Any, catalogue: Catalogue) -> dict[str, VariableRecord]:
    """Return the variables that are in use, by what the user calls them."""
    names: dict[str, VariableRecord] = {}
    for record in in_use(graph, catalogue.records.values()):
        name = logical_name(graph, record)
        names[record.name if name in names else name] = record
    return names


def notebook() -> str:
    """Return the path of the notebook, as far as Jupyter tells the kernel."""
    return os.environ.get("JPY_SESSION_NAME", "")


def autosave_name(live: LiveSession) -> str:
    """Return what the snapshots of a session are called that nobody has asked for."""
    stem = _UNUSABLE.sub("_", Path(notebook()).stem)[:30]
    graph = live.name[:20] if live.serial > 1 else ""
    return "-".join(filter(None, (AUTOSAVE, stem, graph)))


def kind_of(name: str) -> Literal["named", "autosave", "rescue"]:
    """Tell by its name how a snapshot came about, as far as the user has not called it so."""
    if name == AUTOSAVE or name.startswith(f"{AUTOSAVE}-"):
        return "autosave"
    return "rescue" if name == RESCUED else "named"


def about(graph: str, run: int, execution: Execution | None) -> About:
    """Return what a snapshot says of where its values come from."""
    from jupyter_tfsession.snapshots.manifest import About  # noqa: PLC0415 - not at load

    return About(
        graph=graph,
        cell=execution.label if execution else "",
        source=_first_line(execution.cell.source) if execution else "",
        run=run,
        notebook=notebook(),
        tensorflow=sys.modules["tensorflow"].__version__,
    )


def _first_line(source: str) -> str:
    lines = (line.strip() for line in source.splitlines())
    return next((line for line in lines if line and not line.startswith(("%", "#"))), "")[:200]

"""What the front end weighs: what a browser loads, compressed as a server compresses it."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import jupyter_tfsession
from benchmarks.timing import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.notebook import Notebook

GOAL = 150.0


def measure(_notebook: Notebook) -> Iterator[Result]:
    """Weigh the widget's module, and all that JupyterLab loads."""
    package = Path(jupyter_tfsession.__file__).parent
    parts = {
        "the widget's module": [package / "static" / "widget.js"],
        "JupyterLab's extension": sorted((package / "labextension" / "static").glob("*.js")),
    }
    for name, files in parts.items():
        if not files or not all(file.is_file() for file in files):
            raise FileNotFoundError(f"{name} is not built: make lab builds it")
        size = sum(len(gzip.compress(file.read_bytes())) for file in files) / 1024
        yield Result(name, [size], "KiB", "compressed", GOAL)

"""What the front end weighs: what a browser loads, compressed as a server compresses it."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.timing import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.notebook import Notebook

GOAL = 150.0
FRONT_END = Path(__file__).parent.parent / "labextension"


def measure(_notebook: Notebook) -> Iterator[Result]:
    """Weigh the widget's module, and all that JupyterLab loads."""
    with tempfile.TemporaryDirectory() as directory:
        package = _published(Path(directory))
        parts = {
            "the widget's module": [package / "static" / "widget.js"],
            "JupyterLab's extension": sorted((package / "labextension" / "static").glob("*.js")),
        }
        for name, files in parts.items():
            size = sum(len(gzip.compress(file.read_bytes())) for file in files) / 1024
            yield Result(name, [size], "KiB", "compressed", GOAL)


def _published(directory: Path) -> Path:
    """Build the front end as it is published; what `make lab` has built is for its developers."""
    if not (FRONT_END / "node_modules").is_dir():
        reason = "the front end's packages are not installed: make lab installs them"
        raise FileNotFoundError(reason)
    copy = directory / FRONT_END.name
    shutil.copytree(FRONT_END, copy, ignore=shutil.ignore_patterns("node_modules", "lib"))
    (copy / "node_modules").symlink_to(FRONT_END / "node_modules")
    tools = Path(sys.executable).parent
    path = os.pathsep.join((str(tools), os.environ["PATH"]))
    subprocess.run(
        [tools / "jlpm", "build:prod"],
        cwd=copy,
        env={**os.environ, "PATH": path},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return directory / "jupyter_tfsession"

"""``%load_ext jupyter_tfsession`` in kernels of its own."""

from __future__ import annotations

import ast
import subprocess
from typing import TYPE_CHECKING

from jupyter_client.manager import start_new_kernel

from benchmarks.timing import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.notebook import Notebook

KERNELS = 7
GOAL = 100.0

LOAD = """
import sys, time
begin = time.perf_counter()
get_ipython().run_line_magic("load_ext", "jupyter_tfsession")
seconds = time.perf_counter() - begin
"""
ANSWER = "(seconds, 'tensorflow' in sys.modules)"


def measure(_notebook: Notebook) -> Iterator[Result]:
    """Time the loading, and make sure that it does not import TensorFlow."""
    _load()  # Python may have to compile the package first
    values = []
    for _ in range(KERNELS):
        seconds, imported = _load()
        if imported:
            raise RuntimeError("%load_ext imported TensorFlow")
        values.append(1e3 * seconds)
    yield Result("%load_ext", values, "ms", "fresh kernels, TensorFlow not imported", GOAL)


def _load() -> tuple[float, bool]:
    manager, client = start_new_kernel(stderr=subprocess.DEVNULL)
    try:
        reply = client.execute_interactive(
            LOAD, user_expressions={"answer": ANSWER}, output_hook=_ignore, timeout=60
        )
        answer = reply["content"]["user_expressions"]["answer"]["data"]["text/plain"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    seconds, imported = ast.literal_eval(answer)
    return seconds, imported


def _ignore(_message: object) -> None:
    """Show nothing of what the kernel prints."""

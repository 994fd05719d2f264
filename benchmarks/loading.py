"""``%load_ext jupyter_tfsession`` in kernels of its own."""

from __future__ import annotations

import ast
import subprocess
from typing import TYPE_CHECKING

from jupyter_client.manager import start_new_kernel

from benchmarks.timing import Result, rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.notebook import Notebook

KERNELS = 7
GOAL = 100.0

LOAD = """
import sys, time
begin, begin_busy = time.perf_counter(), time.process_time()
get_ipython().run_line_magic("load_ext", "jupyter_tfsession")
seconds, busy = time.perf_counter() - begin, time.process_time() - begin_busy
"""
ANSWER = "(seconds, busy, 'tensorflow' in sys.modules)"


def measure(_notebook: Notebook) -> Iterator[Result]:
    """Time the loading, and make sure that it does not import TensorFlow."""
    _load()  # Python may have to compile the package first
    times = [_load() for _ in range(rounds(KERNELS, 4))]
    elapsed = [1e3 * seconds for seconds, _ in times]
    busy = [1e3 * seconds for _, seconds in times]
    yield Result("%load_ext", elapsed, "ms", "fresh kernels, TensorFlow not imported", GOAL)
    yield Result("%load_ext, processor time", busy, "ms", "a busy machine adds nothing to it", GOAL)


def _load() -> tuple[float, float]:
    """Load the extension in a new kernel; return the seconds that passed and were worked."""
    manager, client = start_new_kernel(stderr=subprocess.DEVNULL)
    try:
        reply = client.execute_interactive(
            LOAD, user_expressions={"answer": ANSWER}, output_hook=_ignore, timeout=60
        )
        answer = reply["content"]["user_expressions"]["answer"]["data"]["text/plain"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    seconds, busy, imported = ast.literal_eval(answer)
    if imported:
        raise RuntimeError("%load_ext imported TensorFlow")
    return seconds, busy


def _ignore(_message: object) -> None:
    """Show nothing of what the kernel prints."""

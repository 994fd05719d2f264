"""Snapshots of 1 GiB of variables: against ``tf.train.Saver``, the disk itself, and memory."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import tensorflow.compat.v1 as tf

import jupyter_tfsession
from benchmarks.timing import Result, ratios, rounds, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.notebook import Notebook

VARIABLES = 16
EACH = 64 * 2**20
ROUNDS = 5
LEAST = 2  # each takes seconds
STEPS = 200


def measure(notebook: Notebook) -> Iterator[Result]:
    """Write and read in a directory of the disk that the working directory is on."""
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".benchmark-") as directory:
        _set(notebook, "snapshot_directory", directory)
        _set(notebook, "snapshots_kept", 1)
        yield from _throughput(notebook, Path(directory))
        yield from _training(notebook)


def _throughput(notebook: Notebook, directory: Path) -> Iterator[Result]:
    graph = tf.Graph()
    with graph.as_default():
        for number in range(VARIABLES):
            tf.get_variable(f"w{number}", [EACH // 4], initializer=tf.random_normal_initializer())
        init = tf.global_variables_initializer()
        saver = tf.train.Saver(max_to_keep=1)
    managed, plain = notebook.sessions(graph)
    notebook.cell(lambda: managed.run(init))
    plain.run(init)
    name = notebook.cell(lambda: _name_of(graph))
    prefix = str(directory / "model.ckpt")

    def save() -> None:
        saver.save(plain, prefix, write_meta_graph=False)
        _sync(directory)  # which Saver leaves to the system

    def write() -> None:
        _write(directory / "plain", plain_bytes)
        _sync(directory)

    def snapshot() -> None:
        jupyter_tfsession.snapshot("big", graph=name)

    def restore() -> None:
        jupyter_tfsession.restore("big", graph=name)

    def restore_cold() -> None:
        _forget(directory)
        restore()

    def read_cold() -> None:
        _forget(directory)
        _read(directory / "plain")

    turns = rounds(ROUNDS, LEAST)
    plain_bytes = np.random.default_rng(0).bytes(EACH)
    values = notebook.cell(lambda: ratios(timed(snapshot), timed(write), turns))
    yield Result("snapshot of 1 GiB", values, "x", "snapshot / writing as many bytes, both synced")
    values = notebook.cell(lambda: ratios(timed(snapshot), timed(save), turns))
    yield Result("snapshot of 1 GiB", values, "x", "snapshot / Saver.save and fsync")
    values = notebook.cell(lambda: ratios(timed(restore_cold), timed(read_cold), turns))
    yield Result("restore of 1 GiB", values, "x", "restore / reading as many bytes, both uncached")
    values = notebook.cell(
        lambda: ratios(timed(restore), timed(lambda: saver.restore(plain, prefix)), turns)
    )
    yield Result("restore of 1 GiB", values, "x", "restore, checksums and undo / Saver.restore")
    peaks = notebook.cell(lambda: [_peak(snapshot) / EACH for _ in range(turns)])
    yield Result("memory of a snapshot", peaks, "x", "peak / largest variable", 1.1)
    plain.close()
    notebook.cell(lambda: jupyter_tfsession.close(graph=name, discard=True))


def _training(notebook: Notebook) -> Iterator[Result]:
    """Compare training with and without autosave after every 100 runs."""
    graph = tf.Graph()
    with graph.as_default():
        weights = tf.get_variable("weights", [1000, 1000], initializer=tf.zeros_initializer())
        step = tf.assign_add(weights, tf.matmul(weights, weights) + 1e-6)
        init = tf.global_variables_initializer()
    managed, _ = notebook.sessions(graph)
    notebook.cell(lambda: managed.run(init))

    def train() -> None:
        for _ in range(STEPS):
            managed.run(step.op)

    def autosaved() -> None:
        _set(notebook, "autosave_runs", STEPS // 2)
        try:
            train()
        finally:
            _set(notebook, "autosave_runs", 0)

    values = notebook.cell(lambda: ratios(timed(autosaved), timed(train), rounds(ROUNDS)))
    yield Result("autosave of 4 MB after 100 steps", values, "x", "training with / without")


def _set(notebook: Notebook, trait: str, value: object) -> None:
    notebook.shell.run_line_magic("config", f"TFSession.{trait} = {value!r}")


def _name_of(graph: tf.Graph) -> str:
    with graph.as_default():
        found = re.search(r"(\S+) \(default\)", str(jupyter_tfsession.sessions()))
    if found is None:
        raise RuntimeError("the graph has no session")
    return found[1]


def _write(path: Path, piece: bytes) -> None:
    with path.open("wb") as file:
        for _ in range(VARIABLES):
            file.write(piece)


def _read(path: Path) -> None:
    piece = bytearray(EACH)
    with path.open("rb", buffering=0) as file:
        while file.readinto(piece):
            pass


def _forget(directory: Path) -> None:
    """Have the system drop what it has cached of files that are on the disk."""
    for path in directory.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _sync(directory: Path) -> None:
    for path in directory.iterdir():
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _peak(call: Callable[[], None]) -> float:
    """Return how much more memory the process had at most than before."""
    call()
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = _resident("VmRSS")
    call()
    return max(_resident("VmHWM") - before, 0)


def _resident(what: str) -> float:
    found = re.search(rf"{what}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return 1024 * float(found[1]) if found else float("nan")

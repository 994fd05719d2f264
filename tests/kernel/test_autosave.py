"""Autosave: when snapshots are taken by themselves, and what is left when a kernel is killed."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest
from keeping import one

from jupyter_tfsession.snapshots.store import Limits, Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from guarding import World
    from notebook import Notebook

__all__ = ["one"]


def saved(directory: Path) -> list[float]:
    """Return the values of `v` in the snapshots, oldest first."""
    store = Store(directory, lambda: Limits(100, 2**30))
    return [
        float(value)
        for snapshot in store.snapshots()
        for entry, value in snapshot.read()
        if entry.name == "v"
    ]


def wait_for(true: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


@pytest.fixture
def directory(one: World, tmp_path: Path) -> Path:
    one.run("%config TFSession.snapshots_kept = 100")
    return tmp_path / "snapshots"


def test_it_is_off_by_default(one: World, directory: Path) -> None:
    one.run("for _ in range(50): sess.run(add)")
    assert saved(directory) == []


def test_after_so_many_runs(one: World, directory: Path) -> None:
    one.run("%config TFSession.autosave_runs = 10")
    one.run("for _ in range(25): sess.run(add)")
    first, second = saved(directory)
    assert second - first == 10
    one.run("for _ in range(25): sess.run(v)")  # nothing is written
    assert len(saved(directory)) == 3
    one.run("%config TFSession.autosave_runs = 0")
    one.run("for _ in range(50): sess.run(add)")
    assert len(saved(directory)) == 3


def test_after_so_many_runs_of_callables_initializers_and_parts(
    one: World, directory: Path
) -> None:
    one.run("%config TFSession.autosave_runs = 1")
    one.run("call = sess.make_callable(add); call(); call(); sess.run(init)")
    assert saved(directory) == [4.0, 5.0]
    one.run("fed = tf.placeholder(tf.float32, []); total = add + fed")
    one.run("handle = sess.partial_run_setup([total], [fed])")
    one.run("sess.partial_run(handle, total, {fed: 1.0})")
    assert saved(directory) == [4.0, 5.0, 6.0]


def test_after_each_cell_that_wrote_variables(one: World, directory: Path) -> None:
    one.run("%config TFSession.autosave_cells = True")
    one.run("sess.run(add)")
    one.run("sess.run(v); 1 + 1")
    one.run("%tfsession set v 50")
    one.run("sess.run(add); sess.run(add)")
    one.fail("sess.run(add); 1 / 0")
    assert saved(directory) == [3.0, 4.0, 50.0, 52.0, 53.0]


def test_every_so_many_seconds_also_while_a_cell_runs(one: World, directory: Path) -> None:
    one.run("%config TFSession.autosave_seconds = 0.05")
    one.nb.start("import time\nwhile True: sess.run(add); time.sleep(0.005)")
    wait_for(lambda: len(saved(directory)) > 3)
    one.nb.interrupt()
    one.nb.finish()
    number = one.number()
    wait_for(lambda: saved(directory)[-1] == number)  # also when the kernel is idle
    values = saved(directory)
    assert values == sorted(set(values))


def test_what_fails_is_said_once_and_no_error_of_the_cell(one: World, directory: Path) -> None:
    directory.write_text("not a directory")
    one.run("%config TFSession.autosave_runs = 2")
    outcome = one.run("for _ in range(20): sess.run(add)")
    (said,) = outcome.notices
    assert said.startswith("autosave: cannot write to ")
    directory.unlink()
    one.run("for _ in range(4): sess.run(add)")
    assert saved(directory)


TRAIN = """
import os, numpy as np, tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
v = tf.get_variable("v", initializer=0.0)
w = tf.get_variable("w", initializer=np.zeros(50_000))
step = tf.group(tf.assign_add(v, 1.0), tf.assign_add(w, np.ones(50_000)))
"""
LOOP = """
done = os.open({progress!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    while True:
        sess.run(step)
        os.write(done, b".")
"""
EVERY = 20


@pytest.fixture
def training(fresh_notebook: Callable[..., Notebook], tmp_path: Path) -> Notebook:
    """Give a kernel that is autosaved, with a graph; the training has not begun."""
    notebook = fresh_notebook(
        env={"JPY_SESSION_NAME": "folder/My training.ipynb"},
        extra_args=[
            f"--TFSession.autosave_runs={EVERY}",
            f"--TFSession.snapshot_directory={tmp_path / 'snapshots'}",
        ],
    )
    assert not notebook.run("%load_ext jupyter_tfsession").notices
    assert notebook.run(TRAIN).ok
    return notebook


def test_no_more_than_one_interval_is_lost_when_the_kernel_is_killed(
    training: Notebook, tmp_path: Path
) -> None:
    directory, progress = tmp_path / "snapshots", tmp_path / "progress"
    training.start(LOOP.format(progress=str(progress)))
    wait_for(lambda: directory.exists() and len(saved(directory)) > 2)
    os.kill(training.manager.provisioner.pid, signal.SIGKILL)
    wait_for(lambda: not training.is_alive())
    runs = progress.stat().st_size
    training.restart()
    (offer,) = training.run("%load_ext jupyter_tfsession").notices
    assert offer.startswith("autosave-My_training has 2 variables of 20")
    assert offer.endswith("%tfsession restore last brings them back")
    assert training.run(TRAIN).ok
    said = training.run("%tfsession restore last").text
    assert said.startswith("restored 2 variables of graph-1 from autosave-My_training, ")
    cell = LOOP.replace("while True:", "for _ in range(1):").format(progress=str(progress))
    outcome = training.run(cell)
    assert any(text.startswith("kept 2 initialized variables") for text in outcome.notices)
    number = training.value("float(sess.run(v))") - 1
    # What is lost: the runs since the last one, and the one that was under way.
    assert runs - EVERY - 1 <= number <= runs + 1
    assert training.value("set(sess.run(w).tolist())") == {number + 1}
    training.run("%tfsession snapshot")
    assert not list(directory.glob(".*"))

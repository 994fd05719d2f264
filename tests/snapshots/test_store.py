"""The store: whole or not at all, whatever fails; what is kept; names; two kernels at once."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from storing import (
    VALUES,
    WRITES,
    FaultyDisk,
    contents,
    failure,
    hidden,
    names,
    put,
    references,
    same,
    still_open,
    store_at,
)

from jupyter_tfsession.snapshots.disk import Disk
from jupyter_tfsession.snapshots.errors import SnapshotError

if TYPE_CHECKING:
    from collections.abc import Callable


def steps_of_a_snapshot(root: Path) -> int:
    disk = FaultyDisk(WRITES)
    put(store_at(root, disk), "new")
    return disk.steps


def test_a_snapshot_is_read_as_it_was_written(tmp_path: Path) -> None:
    store = store_at(tmp_path / "snapshots")
    put(store, "best")
    assert references(store) == ["best"]
    assert same(contents(store.find("best")), VALUES)
    assert same(contents(store.find("last")), VALUES)


def test_the_nth_failure_leaves_the_snapshots_as_they_were(tmp_path: Path) -> None:
    old = {"w": np.ones(3)}
    put(store_at(tmp_path / "count"), "old", old)
    total = steps_of_a_snapshot(tmp_path / "count")
    assert total > 10
    for fail_at in range(1, total + 1):
        root = tmp_path / str(fail_at)
        put(store_at(root), "old", old)
        said = failure(store_at(root, FaultyDisk(WRITES, fail_at)), "new")
        store = store_at(root)
        assert "the disk is full" in said or "new" in references(store)
        assert "\n" not in said
        assert not still_open(root)
        assert set(references(store)) <= {"old", "new"}
        assert same(contents(store.find("old")), old)
        if "new" in references(store):  # what failed came after it was there
            assert same(contents(store.find("new")), VALUES)
        put(store, "next")
        assert not hidden(root)


def test_the_first_snapshot_of_all_may_fail_too(tmp_path: Path) -> None:
    total = steps_of_a_snapshot(tmp_path / "count")
    for fail_at in range(1, total + 1):
        root = tmp_path / str(fail_at)
        failure(store_at(root, FaultyDisk(WRITES, fail_at)), "new")
        put(store_at(root), "next")
        assert same(contents(store_at(root).find("next")), VALUES)


@pytest.mark.parametrize("how", ["each-step", "at-random"])
def test_killed_at_any_instant(tmp_path: Path, how: str) -> None:
    script = Path(__file__).with_name("killing.py")
    done = subprocess.run(
        [sys.executable, script, how, tmp_path / "snapshots"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 unreadable" in done.stdout


@pytest.mark.parametrize(
    "name",
    ["", "..", ".", "../x", "/etc/passwd", "a/b", "a\\b", "a\0b", "a b", "x" * 65, "x" * 10_000,
     "-rf", ".hidden", "b\u0435st", "best\u200b", "\uff42est", "best\n", "C:", "last", "best~1",
     "<script>", "\udcff"],
)  # fmt: skip
def test_hostile_names_are_refused(tmp_path: Path, name: str) -> None:
    store = store_at(tmp_path / "snapshots")
    with pytest.raises(SnapshotError, match=r"cannot be the name") as caught:
        put(store, name)
    assert len(str(caught.value)) < 1_000
    assert not (tmp_path / "snapshots").exists()
    if name != "last":
        with pytest.raises(SnapshotError, match="there is no snapshot"):
            store.find(name)


@pytest.mark.parametrize(
    "name", ["CON", "nul", "a.", "A", "best", "Best", "_", "1.0-rc.2", "x" * 64]
)
def test_names_that_some_systems_have_other_uses_for(tmp_path: Path, name: str) -> None:
    store = store_at(tmp_path / "snapshots")
    put(store, name)
    put(store, name.swapcase(), {"other": np.zeros(1)})
    assert same(contents(store.find(name)), VALUES) or name == name.swapcase()
    for directory in names(store.root):
        assert directory[0].isdigit()
        assert directory[-1].isalnum()


def test_a_name_again_keeps_the_earlier_ones(tmp_path: Path) -> None:
    store = store_at(tmp_path / "snapshots", each=3)
    for number in range(5):
        put(store, "best", {"n": np.array(number)})
    put(store, "other")
    assert references(store) == ["best~2", "best~1", "best", "other"]
    for reference, number in (("best", 4), ("best~1", 3), ("best~2", 2)):
        assert contents(store.find(reference))["n"] == number


def test_the_budget_drops_superseded_ones_and_never_the_latest_of_a_name(tmp_path: Path) -> None:
    big = {"w": np.zeros(100_000, np.uint8)}
    store = store_at(tmp_path / "snapshots", nbytes=250_000)
    put(store, "a", big)
    put(store, "a", big)
    put(store, "b", big)
    assert references(store) == ["a", "b"]
    with pytest.raises(SnapshotError, match=r"would exceed the 244\.1 KiB that snapshots may take"):
        put(store, "c", big)
    put(store, "b", {"w": np.zeros(1, np.uint8)})
    assert references(store) == ["a", "b~1", "b"]


def test_a_clock_that_goes_back_does_not_hide_the_latest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import datetime

    from jupyter_tfsession.snapshots import store as module

    class Back(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2001, 1, 1, tzinfo=tz)

    store = store_at(tmp_path / "snapshots")
    put(store, "first")
    monkeypatch.setattr(module, "datetime", Back)
    put(store, "second")
    assert store.find("last").name == "second"


def test_what_is_missing_is_named_with_what_there_is(tmp_path: Path) -> None:
    store = store_at(tmp_path / "snapshots")
    assert store.snapshots() == []
    with pytest.raises(SnapshotError, match="there is none yet in"):
        store.find("best")
    with pytest.raises(SnapshotError, match="no snapshot in"):
        store.find("last")
    put(store, "best")
    with pytest.raises(SnapshotError, match="no snapshot 'besst'; did you mean 'best'"):
        store.find("besst")
    with pytest.raises(SnapshotError, match="no snapshot '1234'; there is best"):
        store.find("1234")


def test_the_last_one_is_that_of_the_notebook(tmp_path: Path) -> None:
    store = store_at(tmp_path / "snapshots")
    put(store, "first", notebook="one.ipynb")
    put(store, "second", notebook="two.ipynb")
    put(store, "third")  # of a kernel that was not told
    put(store, "fourth", notebook="two.ipynb")
    assert store.find("last", "one.ipynb").name == "third"
    assert store.find("last", "two.ipynb").name == "fourth"
    assert store.find("last", "other.ipynb").name == "third"
    assert store.find("last").name == "fourth"
    assert store.find("second", "one.ipynb").name == "second"


def test_foreign_files_are_left_alone(tmp_path: Path) -> None:
    root = tmp_path / "snapshots"
    root.mkdir()
    (root / "notes.txt").write_text("mine")
    (root / "20200101T000000.000000Z-best-0123abcd").write_text("a file")
    (root / ".partial-of-mine").mkdir()
    store = store_at(root)
    put(store, "best")
    assert references(store) == ["best"]
    assert len(names(root)) == 4


def test_a_snapshot_that_is_a_symbolic_link_is_none(tmp_path: Path) -> None:
    store = store_at(tmp_path / "snapshots")
    path = put(store, "best").path
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert references(store) == []


def test_a_root_that_is_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "snapshots").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SnapshotError, match="is a symbolic link") as caught:
        put(store_at(tmp_path / "snapshots"), "best")
    assert str(tmp_path / "elsewhere") in str(caught.value)
    assert names(tmp_path / "elsewhere") == []


def test_a_root_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_text("mine")
    store = store_at(tmp_path / "snapshots")
    with pytest.raises(SnapshotError, match="cannot write to"):
        put(store, "best")
    with pytest.raises(SnapshotError, match="cannot look into"):
        store.snapshots()
    assert (tmp_path / "snapshots").read_text() == "mine"


def test_a_root_that_vanished_is_made_again(tmp_path: Path) -> None:
    store = store_at(tmp_path / "deep" / "snapshots")
    snapshot = put(store, "best")
    for path in sorted(store.root.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    store.root.rmdir()
    assert references(store) == []
    with pytest.raises(SnapshotError, match="it is not there any more"):
        contents(snapshot)
    put(store, "again")
    assert references(store) == ["again"]


class _Vanishing(Disk):
    """The directory that is written into is removed half-way."""

    def sync(self, descriptor: int) -> None:
        for path in self.root.glob(".partial-*"):
            self.remove(path)
        super().sync(descriptor)


def test_a_directory_that_vanishes_while_it_is_written(tmp_path: Path) -> None:
    disk = _Vanishing()
    disk.root = tmp_path / "snapshots"
    with pytest.raises(SnapshotError, match="it is not there any more"):
        put(store_at(disk.root, disk), "best")
    assert names(disk.root) == []


def test_a_disk_that_will_be_full_is_seen_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk()
    monkeypatch.setattr(disk, "free", lambda _path: 1_000)
    with pytest.raises(SnapshotError, match="the disk is full, with 1000 B free and 41 B needed"):
        put(store_at(tmp_path / "snapshots", disk), "best")
    assert names(tmp_path / "snapshots") == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "it is not permitted"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EIO, "the disk failed"),
    ],
)
def test_the_reason_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, reason: str
) -> None:
    disk = Disk()
    monkeypatch.setattr(disk, "make_directory", _fails(code))
    with pytest.raises(SnapshotError, match=f"cannot write to .*: {reason}"):
        put(store_at(tmp_path / "snapshots", disk), "best")


def _fails(code: int) -> Callable[[Path], None]:
    def make_directory(path: Path) -> None:
        raise OSError(code, os.strerror(code))

    return make_directory


def test_what_is_written_is_not_taken_for_left_behind(tmp_path: Path) -> None:
    """Two kernels in one directory: one begins while the other is writing."""
    root = tmp_path / "snapshots"

    class Meeting(Disk):
        def sync(self, descriptor: int) -> None:
            super().sync(descriptor)
            put(store_at(root), "other")

    put(store_at(root, Meeting()), "mine")
    assert set(references(store_at(root))) == {"other", "other~1", "other~2", "mine"}
    assert same(contents(store_at(root).find("mine")), VALUES)


def test_two_kernels_in_one_directory(tmp_path: Path) -> None:
    script = Path(__file__).with_name("killing.py")
    writers = [
        subprocess.Popen([sys.executable, script, "write", tmp_path / "snapshots", name])
        for name in ("one", "two", "two")
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    store = store_at(tmp_path / "snapshots")
    assert set(references(store)) == {
        name + version for name in ("one", "two") for version in ("", "~1", "~2", "~3", "~4")
    }
    assert all(same(contents(snapshot), VALUES) for snapshot in store.snapshots())
    assert not hidden(store.root)


def test_dropping_removes_all_of_it(tmp_path: Path) -> None:
    store = store_at(tmp_path / "snapshots")
    put(store, "a")
    store.drop(put(store, "b"))
    assert references(store) == ["a"]
    assert len(names(store.root)) == 1

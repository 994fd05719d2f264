"""Snapshots from a front end: taken, listed, compared, planned and restored, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from front_end import FrontEnd, subshell

if TYPE_CHECKING:
    from pathlib import Path

    from notebook import Notebook

VALUES = "[x.tolist() for x in sess.run([w, b])]"
TRAIN = "for _ in range(3): sess.run(train)"


@pytest.fixture
def directory(model: Notebook, tmp_path: Path) -> Path:
    """A directory for the snapshots of one test."""
    path = tmp_path / "snapshots"
    assert model.run(f"%config TFSession.snapshot_directory = {str(path)!r}").ok
    return path


@pytest.fixture
def front_end(model: Notebook, directory: Path) -> FrontEnd:
    return FrontEnd(model)


def listed(front_end: FrontEnd) -> list[dict[str, Any]]:
    reply = front_end.ask("snapshots")
    assert reply["type"] == "ok", reply
    found: list[dict[str, Any]] = reply["result"]["snapshots"]
    return found


def take(front_end: FrontEnd, **fields: Any) -> dict[str, Any]:
    """Take one and return it, as it is listed."""
    reply = front_end.ask("snapshot", graph=front_end.session()["graph"], **fields)
    assert reply["type"] == "ok", reply
    return listed(front_end)[0]


def about(front_end: FrontEnd, snapshot: dict[str, Any]) -> dict[str, Any]:
    session = front_end.session()
    return {
        "graph": session["graph"],
        "generation": session["generation"],
        "snapshot": snapshot["id"],
    }


def of(front_end: FrontEnd, snapshot: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"graph": front_end.session()["graph"], "snapshot": snapshot["id"], **fields}


def test_snapshots_are_listed_latest_first(front_end: FrontEnd, directory: Path) -> None:
    assert listed(front_end) == []
    take(front_end, name="best")
    front_end.nb.run("sess.run(train)")
    take(front_end)
    reply = front_end.ask("snapshots")["result"]
    assert (reply["root"], reply["total"]) == (str(directory), 2)
    latest, first = reply["snapshots"]
    assert (latest["name"], first["name"]) == ("snapshot", "best")
    assert (first["variables"], first["bytes"], first["kind"]) == (3, 28, "named")
    assert latest["run"] == first["run"] + 1
    assert latest["taken"] >= first["taken"] > 1.7e9
    assert first["damage"] == ""
    assert sorted(path.name for path in directory.iterdir()) == [first["id"], latest["id"]]


def test_a_snapshot_keeps_its_id_when_there_is_a_later_one(front_end: FrontEnd) -> None:
    first = take(front_end, name="best")
    latest = take(front_end, name="best")
    assert [(one["id"], one["name"]) for one in listed(front_end)] == [
        (latest["id"], "best"),
        (first["id"], "best~1"),
    ]


def test_which_ones_nobody_asked_for_is_told(front_end: FrontEnd) -> None:
    nb = front_end.nb
    assert nb.run("%config TFSession.autosave_cells = True\nsess.run(train)").ok
    assert nb.run("%config TFSession.autosave_cells = False\n%tfsession rescue").ok
    assert [one["kind"] for one in listed(front_end)] == ["rescue", "autosave"]


def test_a_restore_is_planned_confirmed_and_undone(front_end: FrontEnd) -> None:
    nb = front_end.nb
    kept = nb.value(VALUES)
    snapshot = take(front_end, name="best")
    assert nb.run(TRAIN).ok
    trained = nb.value(VALUES)
    plan = front_end.ask("plan", **of(front_end, snapshot))["result"]
    assert (plan["matching"], plan["overwritten"], plan["bytes"], plan["undo"]) == (3, 3, 28, True)
    assert {fate["what"] for fate in plan["fates"]} == {"matching"}
    assert nb.value(VALUES) == trained

    fields = about(front_end, snapshot)
    asked = front_end.ask("restore", **fields)
    assert (asked["code"], asked["confirm"]["variables"]) == ("confirm", 3)
    assert "restore best overwrites 3 variables" in asked["message"]
    assert nb.value(VALUES) == trained
    done = front_end.ask("restore", **fields, confirm=asked["confirm"]["token"])
    assert done["text"].startswith("restored 3 variables")
    assert nb.value(VALUES) == kept
    assert front_end.session()["undo"]["what"] == "restore best"
    assert front_end.change("undo")["type"] == "ok"
    assert nb.value(VALUES) == trained
    assert front_end.change("redo")["type"] == "ok"
    assert nb.value(VALUES) == kept


def test_a_confirmation_is_for_that_snapshot_only(front_end: FrontEnd) -> None:
    first, other = take(front_end, name="a"), take(front_end, name="b")
    assert front_end.nb.run(TRAIN).ok
    trained = front_end.nb.value(VALUES)
    token = front_end.ask("restore", **about(front_end, first))["confirm"]["token"]
    again = front_end.ask("restore", **about(front_end, other), confirm=token)
    assert again["code"] == "confirm"
    assert front_end.nb.value(VALUES) == trained


def test_a_restore_on_old_grounds_is_stale(front_end: FrontEnd) -> None:
    fields = about(front_end, take(front_end))
    assert front_end.nb.run("tf.get_variable('late', initializer=1.0)").ok
    assert front_end.ask("restore", **fields)["code"] == "stale"


SLOW = """
def wait(value):
    time.sleep(2)
    return value
slow = b.assign_add(tf.py_func(wait, [1.0], tf.float32))
"""
THREAD = "thread.start(); print('begun', flush=True)"
DRIFTED = """
with tf.Graph().as_default() as other:
    with tf.variable_scope("dense_1"):
        kernel = tf.get_variable("kernel", initializer=[1.0, 2.0])
    wide = tf.get_variable("wide", initializer=[0.0] * 3)
    mine = tf.get_variable("mine", initializer=0.0)
    session = tf.Session()
    session.run(tf.global_variables_initializer())
"""
KEPT = """
with tf.Graph().as_default():
    with tf.variable_scope("dense"):
        tf.get_variable("kernel", initializer=[5.0, 6.0])
    tf.get_variable("wide", initializer=[0.0] * 4)
    tf.get_variable("gone", initializer=0.0)
    tf.Session().run(tf.global_variables_initializer())
    jupyter_tfsession.snapshot("drifted")
"""


def test_what_does_not_fit_is_planned_and_restored_in_part_only_if_asked(
    front_end: FrontEnd,
) -> None:
    nb = front_end.nb
    assert nb.run("import jupyter_tfsession\n" + KEPT).ok
    assert nb.run(DRIFTED).ok
    (snapshot,) = listed(front_end)
    session = front_end.state()["sessions"][-1]
    fields = {"graph": session["graph"], "snapshot": snapshot["id"]}
    plan = front_end.ask("plan", **fields)["result"]
    assert [(fate["name"], fate["variable"], fate["what"]) for fate in plan["fates"]] == [
        ("wide", "", "mismatched"),
        ("dense/kernel", "", "missing"),
        ("gone", "", "missing"),
        ("", "dense_1/kernel", "untouched"),
        ("", "mine", "untouched"),
    ]
    assert plan["fates"][1]["why"] == "dense_1/kernel"
    assert plan["similar"] == 1
    plan = front_end.ask("plan", **fields, similar=True)["result"]
    counts = {key: plan[key] for key in ("matching", "renamed", "mismatched", "missing")}
    assert counts == {"matching": 0, "renamed": 1, "mismatched": 1, "missing": 1}
    assert plan["similar"] == 1

    fields["generation"] = session["generation"]
    whole = front_end.ask("restore", **fields, similar=True)
    assert (whole["code"], "does not fit" in whole["message"]) == ("invalid", True)
    asked = front_end.ask("restore", **fields, similar=True, partial=True)
    assert asked["confirm"]["variables"] == 1
    token = asked["confirm"]["token"]
    done = front_end.ask("restore", **fields, similar=True, partial=True, confirm=token)
    assert done["type"] == "ok", done
    assert nb.value("session.run(kernel).tolist()") == [5.0, 6.0]


def test_a_comparison_has_what_moved_furthest_first(front_end: FrontEnd) -> None:
    nb = front_end.nb
    snapshot = take(front_end)
    same = front_end.ask("diff", **of(front_end, snapshot))["result"]
    assert (same["moved"], same["same"], same["furthest"]) == (0, 3, [])
    assert nb.run("sess.run([w.assign_add(tf.ones([2, 2])), b.assign(float('nan'))])").ok
    diff = front_end.ask("diff", **of(front_end, snapshot))["result"]
    assert (diff["moved"], diff["same"]) == (2, 1)
    moved = {one["name"]: one for one in diff["furthest"]}
    assert (moved["w"]["norm"], moved["w"]["largest"], moved["w"]["changed"]) == (2.0, 1.0, 4)
    assert (moved["b"]["norm"], moved["b"]["strange"]) == (0.0, 1)
    some = front_end.ask("diff", **of(front_end, snapshot), limit=1)["result"]
    assert [one["name"] for one in some["furthest"]] == ["w"]
    assert some["moved"] == 2


@pytest.mark.parametrize("name", ["..", "a/b", "/etc/passwd", "a\0b", "x" * 10_000, "last", "ä"])
def test_hostile_names_are_refused(front_end: FrontEnd, directory: Path, name: str) -> None:
    reply = front_end.ask("snapshot", graph=front_end.session()["graph"], name=name)
    assert (reply["type"], reply["code"]) == ("refused", "invalid")
    for kind in ("plan", "diff"):
        assert front_end.ask(kind, **of(front_end, {"id": name}))["code"] == "unknown"
    restore = front_end.ask("restore", **about(front_end, {"id": name}))
    assert restore["code"] == "unknown"
    assert not directory.exists()


def test_a_name_that_is_too_long_for_a_message_is_malformed(front_end: FrontEnd) -> None:
    reply = front_end.ask("snapshot", graph=front_end.session()["graph"], name="x" * 10_001)
    assert reply["code"] == "malformed"


def test_a_damaged_snapshot_is_listed_and_refused(front_end: FrontEnd, directory: Path) -> None:
    snapshot = take(front_end)
    data = directory / snapshot["id"] / "data.safetensors"
    data.write_bytes(data.read_bytes()[:-1])
    (damaged,) = listed(front_end)
    assert "bytes, not" in damaged["damage"]
    values = front_end.nb.value(VALUES)
    for kind in ("plan", "diff"):
        reply = front_end.ask(kind, **of(front_end, damaged))
        assert reply["type"] == "ok" or reply["code"] == "invalid"
    asked = front_end.ask("restore", **about(front_end, damaged))
    token = asked["confirm"]["token"]
    reply = front_end.ask("restore", **about(front_end, damaged), confirm=token)
    assert (reply["code"], "bytes, not" in reply["message"]) == ("invalid", True)
    assert front_end.nb.value(VALUES) == values


def test_a_directory_that_cannot_be_used_is_told(front_end: FrontEnd, directory: Path) -> None:
    directory.write_text("")
    for kind, fields in (("snapshots", {}), ("snapshot", {"graph": front_end.session()["graph"]})):
        reply = front_end.ask(kind, **fields)
        assert (reply["code"], str(directory) in reply["message"]) == ("invalid", True)


def test_all_of_it_while_a_cell_is_running(model: Notebook, directory: Path) -> None:
    shell = subshell(model)
    if shell is None:  # ipykernel 6 answers when the cell has ended
        return
    front_end = FrontEnd(model, on=shell)
    model.start("while True: sess.run(train); time.sleep(0.001)")
    while not front_end.state()["busy"] or front_end.session()["runs"] < 3:
        pass
    snapshot = take(front_end)
    assert front_end.ask("diff", **of(front_end, snapshot))["result"]["moved"] == 3
    assert front_end.change("restore", snapshot=snapshot["id"])["type"] == "ok"
    assert front_end.change("undo")["type"] == "ok"
    assert front_end.state()["busy"]
    model.interrupt()
    model.finish()


def test_a_run_that_does_not_end_is_said_to_be_in_the_way(model: Notebook, directory: Path) -> None:
    shell = subshell(model)
    if shell is None:
        return
    front_end = FrontEnd(model, on=shell)
    refused_by_a_run(front_end, "print('begun', flush=True); sess.run(slow)")
    assert model.finish().ok
    assert front_end.ask("snapshot", graph=front_end.session()["graph"])["type"] == "ok"


def test_so_is_one_of_a_thread_that_outlives_its_cell(front_end: FrontEnd) -> None:
    refused_by_a_run(front_end, "thread = threading.Thread(target=sess.run, args=[slow])", THREAD)
    assert front_end.nb.finish().ok
    assert front_end.nb.run("thread.join()").ok
    assert front_end.ask("snapshot", graph=front_end.session()["graph"])["type"] == "ok"


def refused_by_a_run(front_end: FrontEnd, *cell: str) -> None:
    """Start a cell that prints `begun` and runs `slow`; a snapshot is refused meanwhile."""
    nb = front_end.nb
    assert nb.run("import threading\n%config TFSession.snapshot_wait = 0.1").ok
    assert nb.run(SLOW).ok
    graph = front_end.session()["graph"]
    nb.start("\n".join(cell))
    nb.wait_for(lambda m: m["content"].get("text") == "begun\n")
    reply = front_end.ask("snapshot", graph=graph)
    while reply["type"] == "ok":  # it came before the run
        reply = front_end.ask("snapshot", graph=graph)
    assert (reply["code"], "has not ended" in reply["message"]) == ("busy", True)


def test_nothing_is_printed_and_no_operation_is_added(front_end: FrontEnd) -> None:
    nb = front_end.nb
    nb.run("tf.get_default_graph().finalize()")
    before = nb.operations()
    nb.heard.clear()
    snapshot = take(front_end)
    front_end.ask("diff", **of(front_end, snapshot))
    assert front_end.change("restore", snapshot=snapshot["id"])["type"] == "ok"
    assert nb.operations() == before
    assert not [m for m in nb.heard if m["msg_type"] in {"stream", "error", "display_data"}]

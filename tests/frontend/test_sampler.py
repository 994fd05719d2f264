"""What views are sent while cells run, and that nothing happens where there is no view."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from front_end import FrontEnd, subshell

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from notebook import Notebook

SAMPLERS = "sum('tfsession' in t.name for t in __import__('threading').enumerate() if t.is_alive())"
LONG = "for _ in range(4000):\n    sess.run(train); time.sleep(0.005)"


def eventually(true: Callable[[], bool], patience: float = 20.0) -> bool:
    """Wait until something is true."""
    deadline = time.monotonic() + patience
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def point(readings: dict[str, Any], variable: int) -> float:
    """Return the point of one variable."""
    return next(r["point"] for r in readings["readings"] if r["variable"] == variable)


def test_no_view_no_thread(model: Notebook) -> None:
    model.run("for _ in range(3): sess.run(train)")
    assert model.value(SAMPLERS) == 0
    front_end = FrontEnd(model)
    front_end.state()
    assert model.value(SAMPLERS) == 0
    front_end.subscribe(interval=0.1)
    assert model.value(SAMPLERS) == 1
    front_end.ask("unsubscribe", view=front_end.view)
    assert eventually(lambda: model.value(SAMPLERS) == 0)


def test_a_view_whose_comm_is_closed_is_forgotten(front_end: FrontEnd) -> None:
    front_end.subscribe(interval=0.1)
    front_end.close()
    assert eventually(lambda: front_end.nb.value(SAMPLERS) == 0)


def test_a_view_that_is_not_heard_of_is_forgotten(front_end: FrontEnd) -> None:
    front_end.nb.execute_silently(
        "import jupyter_tfsession.frontend.views as views; views.LEASE = 0.5"
    )
    try:
        front_end.subscribe(interval=0.1)
        assert eventually(lambda: front_end.nb.value(SAMPLERS) == 0)
    finally:
        front_end.nb.execute_silently("views.LEASE = 60.0")


def test_unloading_ends_it(front_end: FrontEnd) -> None:
    front_end.subscribe(interval=0.1)
    front_end.nb.run("%unload_ext jupyter_tfsession")
    assert "unloaded" in front_end.event("ended")["because"]
    assert eventually(lambda: front_end.nb.value(SAMPLERS) == 0)


def test_a_running_cell_is_followed(model: Notebook) -> None:
    front_end = FrontEnd(model, on=subshell(model))
    front_end.subscribe(interval=0.2)
    table = front_end.event("table")
    assert [row["name"] for row in table["rows"]] == ["w", "b", "global_step"]
    front_end.event("readings")
    model.start(LONG)
    try:
        first, second = front_end.event("readings"), front_end.event("readings")
        assert point(second, 1) > point(first, 1) > 0
        state = front_end.event("state")
        while not state["sessions"][0]["runs_per_second"]:
            state = front_end.event("state")
        assert state["busy"] is True
    finally:
        model.interrupt()
        model.finish()


def test_a_running_cell_that_changes_nothing_gives_signs_of_life(model: Notebook) -> None:
    model.execute_silently(
        "import jupyter_tfsession.frontend.sampler as sampler; sampler._SIGN_OF_LIFE = 0.3"
    )
    try:
        front_end = FrontEnd(model)
        front_end.subscribe(interval=0.1)
        model.start("time.sleep(5.0)")
        state = front_end.event("state")
        while not state["busy"]:
            state = front_end.event("state")
        again = front_end.event("state")
        assert again["time"] >= state["time"] + 0.3
        assert {**again, "time": 0} == {**state, "time": 0}
        assert model.finish().ok
    finally:
        model.execute_silently("sampler._SIGN_OF_LIFE = 15.0")


def test_requests_are_answered_while_a_cell_runs(model: Notebook) -> None:
    shell = subshell(model)
    if shell is None:  # ipykernel 6: they wait for the cell
        model.start("time.sleep(1.0)")
        assert FrontEnd(model).state()["answers"] == "after_cell"
        assert model.finish().ok
        return
    front_end = FrontEnd(model, on=shell)
    front_end.subscribe(interval=0.2)
    model.start(LONG)
    try:
        while not (state := front_end.state())["busy"]:
            time.sleep(0.05)  # the cell is about to begin
        assert state["answers"] == "now"
        for _ in range(3):
            point(front_end.event("readings"), 1)
        assert front_end.change("reset", variables=[1])["type"] == "ok"
        assert front_end.change("undo")["type"] == "ok"
        assert front_end.change("set", variable=1, value="100000")["type"] == "ok"
        assert (
            front_end.ask("detail", graph=state["current"], variable=1)["result"]["reading"][
                "point"
            ]
            >= 100_000
        )
    finally:
        model.interrupt()
        outcome = model.finish()
    assert outcome.error is not None
    assert outcome.error.ename == "KeyboardInterrupt"  # and nothing that the requests did
    (said,) = outcome.displays
    assert said["text/plain"].startswith("stopped after run ")


def test_what_is_read_while_something_runs_is_torn(model: Notebook) -> None:
    slow = """
slow = tf.py_func(lambda: (time.sleep(0.4), np.float32(1))[1], [], tf.float32)
slow.set_shape([])
update = b.assign_add(slow)
"""
    assert model.run(slow).ok
    front_end = FrontEnd(model, on=subshell(model))
    front_end.subscribe(interval=0.1)
    assert front_end.event("readings")["torn"] is False
    model.start("for _ in range(5): sess.run(update)")
    try:
        assert front_end.event("readings")["torn"] is True
    finally:
        model.finish()


def test_paused_views_get_the_state_only(front_end: FrontEnd) -> None:
    front_end.subscribe(interval=0.1, paused=True)
    front_end.event("state")
    front_end.nb.run("sess.run(train)")
    time.sleep(0.5)
    front_end.state()
    events = [
        m["content"]["data"]["type"]
        for m in front_end.nb.heard
        if m["msg_type"] == "comm_msg" and m["content"]["comm_id"] == front_end.events
    ]
    assert set(events) <= {"state"}


def test_what_did_not_change_is_not_sent_again(front_end: FrontEnd) -> None:
    front_end.subscribe(interval=0.1)
    front_end.event("readings")
    front_end.nb.run("sess.run(b.assign_add(1.0))")
    readings = front_end.event("readings")
    assert [r["variable"] for r in readings["readings"]] == [1]


def test_globs_and_rows_choose(front_end: FrontEnd) -> None:
    front_end.subscribe(interval=0.1, globs=["b", "w"], rows=[1])
    assert [row["name"] for row in front_end.event("table")["rows"]] == ["w", "b"]
    assert [r["variable"] for r in front_end.event("readings")["readings"]] == [1]


def test_new_variables_and_marks_are_sent(front_end: FrontEnd) -> None:
    front_end.subscribe(interval=0.1)
    front_end.event("readings")
    front_end.nb.run("late = tf.get_variable('late', initializer=1.0)", "cell")
    (row,) = front_end.event("table")["rows"]
    assert (row["variable"], row["name"], row["marks"]) == (3, "late", [])
    reading = front_end.event("readings")["readings"]
    assert [(r["variable"], r["initialized"]) for r in reading] == [(3, False)]
    front_end.nb.run("late = tf.get_variable('late', initializer=2.0)", "cell")
    (row,) = front_end.event("table")["rows"]
    assert (row["variable"], row["marks"]) == (3, ["redefined"])


def test_a_graph_that_is_being_built_is_not_taken_in(model: Notebook) -> None:
    """A loop is rewired after its operations exist: nobody may run them half-way."""
    front_end = FrontEnd(model, on=subshell(model))
    front_end.subscribe(interval=0.1)
    front_end.event("readings")
    outcome = model.run(
        """
def body(i):
    time.sleep(0.5)  # while the sampler prepares to read what is new
    return i + 1
for k in range(4):
    new = tf.get_variable(f"new{k}", initializer=1.0)
    sess.run(new.initializer)
    total = tf.while_loop(lambda i: i < 7, body, [k])
    assert sess.run(total) == 7
"""
    )
    assert outcome.ok, outcome.error
    readings = front_end.event("readings")
    while not any(r["variable"] == 6 and r["initialized"] for r in readings["readings"]):
        readings = front_end.event("readings")
    assert readings["readings"][-1]["point"] == 1.0


def test_a_change_is_refused_for_what_the_session_does_not_know_yet(
    model: Notebook, tmp_path: Path
) -> None:
    front_end = FrontEnd(model, on=subshell(model))
    before = front_end.state()["sessions"][-1]["variables"]
    # Without a subshell, the request waits for the cell, and the cell for nothing.
    seconds = 60 if front_end.on is not None else 0.5
    model.start(f"""
import os
blank = tf.get_variable('blank', initializer=1.0)
end = time.monotonic() + {seconds}
while time.monotonic() < end and not os.path.exists({str(tmp_path / "enough")!r}):
    time.sleep(0.01)
""")
    try:
        while front_end.on and front_end.state()["sessions"][-1]["variables"] == before:
            time.sleep(0.05)  # the cell is about to begin
        reply = front_end.change("init")
        if front_end.on is not None:  # otherwise the request has waited for the cell
            assert (reply["type"], reply.get("code")) == ("refused", "busy")
    finally:
        (tmp_path / "enough").touch()
        model.finish()
    assert front_end.change("init")["type"] == "ok"
    assert model.value("float(sess.run(blank))") == 1.0


def test_a_graph_that_is_gone_is_let_go_of(model: Notebook) -> None:
    front_end = FrontEnd(model, on=subshell(model))
    front_end.subscribe(interval=0.1)
    front_end.event("readings")
    model.run("import weakref, gc; gone = weakref.ref(tf.get_default_graph())")
    model.run(
        "tf.reset_default_graph(); del w, b, step, train, sess\n"
        "v = tf.get_variable('v', initializer=1.0); sess = tf.Session(); sess.run(v.initializer)"
    )
    model.run("%tfsession close --graph section-1 --discard")  # its part of the notebook waits
    assert eventually(lambda: bool(model.value("gc.collect() * 0 == 0 and gone() is None")))
    table = front_end.event("table")
    while table["rows"][0]["name"] != "v":
        table = front_end.event("table")


def test_a_fault_of_the_sampler_switches_just_the_live_view_off(model: Notebook) -> None:
    model.execute_silently(
        "import jupyter_tfsession.frontend.tables as _tables\n"
        "_numbered = _tables.numbered\n"
        "def _fail(live): raise ZeroDivisionError('ours')\n"
        "_tables.numbered = _fail"
    )
    try:
        front_end = FrontEnd(model)
        front_end.subscribe(interval=0.1)
        assert eventually(lambda: model.value(SAMPLERS) == 0)
        outcome = model.run("sess.run(train); float(sess.run(b))")
    finally:
        model.execute_silently("_tables.numbered = _numbered")
    assert outcome.text == "1.0"
    (warning,) = outcome.notices
    assert "switched off the live view of variables (ZeroDivisionError: ours)" in warning
    assert outcome.stderr == ""


def test_the_step_is_told_whichever_rows_are_in_sight(front_end: FrontEnd, nb: Notebook) -> None:
    nb.run("count = tf.train.get_or_create_global_step()\nsess.run(count.initializer)")
    front_end.subscribe(interval=0.1, rows=[0])
    front_end.event("readings")
    nb.run("_ = sess.run(count.assign_add(7))")
    while (state := front_end.event("state")["sessions"][-1])["step"] != 7:
        assert state["variables"]

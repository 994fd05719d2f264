"""Requests on the control channel, as the Jupyter server sends them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from notebook import Notebook

SIGN = "jupyter.tfsession.control"


def is_loaded(nb: Notebook) -> bool:
    reply = nb.ask("comm_info_request", {"target_name": SIGN}, channel="control")
    return bool(reply["content"]["comms"])


def asked(nb: Notebook, kind: str, *, readings: bool = False, **fields: Any) -> dict[str, Any]:
    request = {"version": 1, "id": "1", "type": kind, **fields}
    content = {"request": request, "readings": readings}
    reply = nb.ask("tfsession_request", content, channel="control")
    assert reply["msg_type"] == "tfsession_reply"
    answer: dict[str, Any] = reply["content"]
    return answer


def state(nb: Notebook) -> dict[str, Any]:
    found: dict[str, Any] = asked(nb, "hello")["reply"]["result"]
    return found


def start(nb: Notebook) -> None:
    """Have a cell run until `stop`."""
    told = str(nb.directory / "stop")
    nb.start(f"while not __import__('pathlib').Path({told!r}).exists(): time.sleep(0.01)")
    while not state(nb)["busy"]:
        time.sleep(0.05)  # the cell is about to begin


def stop(nb: Notebook) -> None:
    (nb.directory / "stop").touch()
    assert nb.finish().ok
    (nb.directory / "stop").unlink()


def test_a_kernel_tells_by_a_comm_that_the_extension_is_loaded(nb: Notebook):
    assert is_loaded(nb)
    assert nb.run("%unload_ext jupyter_tfsession").ok
    assert not is_loaded(nb)
    assert nb.run("%load_ext jupyter_tfsession").ok
    assert is_loaded(nb)
    assert not [m for m in nb.heard if m["content"].get("comm_id") == SIGN]


def test_a_kernel_that_did_not_import_tensorflow_does_not_for_an_answer(
    fresh_notebook: Callable[..., Notebook],
):
    nb = fresh_notebook()
    assert not is_loaded(nb)
    assert nb.run("%load_ext jupyter_tfsession").ok
    assert is_loaded(nb)
    found = state(nb)
    assert (found["tensorflow"], found["sessions"], found["stale"]) == (None, [], [])
    assert not nb.value("'tensorflow' in __import__('sys').modules")


def test_sessions_and_variables_are_told_while_a_cell_runs(model: Notebook):
    start(model)
    found = state(model)
    (session,) = found["sessions"]
    assert found["answers"] == "now"
    assert (session["variables"], session["initialized"], session["bytes"]) == (3, 3, 16 + 4 + 8)
    page = asked(model, "table", readings=True, graph=session["graph"], globs=["w*"])
    assert [row["name"] for row in page["reply"]["result"]["rows"]] == ["w"]
    (reading,) = page["readings"]
    assert reading["text"] == "[[1., 2.], [3., 4.]]"
    assert reading["device"].endswith("CPU:0")
    stop(model)


def test_a_change_is_confirmed_and_made_while_a_cell_runs(model: Notebook):
    assert model.run("_ = sess.run(train)").ok
    (session,) = state(model)["sessions"]
    start(model)
    of = {"graph": session["graph"], "generation": session["generation"]}
    refused = asked(model, "reset", **of)["reply"]
    assert refused["code"] == "confirm"
    done = asked(model, "reset", **of, confirm=refused["confirm"]["token"])["reply"]
    assert done["type"] == "ok"
    assert asked(model, "reset", **of)["reply"]["code"] == "stale"
    stop(model)
    assert model.value("sess.run(b).item()") == 0.0


def test_a_cell_that_waits_for_input_is_not_disturbed(model: Notebook):
    content = {
        "code": "answer = input()",
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": True,
        "stop_on_error": False,
    }
    running = model.send("execute_request", content)
    model.client.get_stdin_msg(timeout=30)
    assert is_loaded(model)
    (session,) = state(model)["sessions"]
    asked(model, "table", readings=True, graph=session["graph"])
    model.client.input("typed")
    assert model.reply(running)["content"]["status"] == "ok"
    assert model.value("answer") == "typed"


def test_what_makes_no_sense_is_refused_and_changes_nothing(model: Notebook):
    before = model.value("sess.run(w).tolist()"), model.operations()
    for content in (
        {},
        {"request": None},
        {"request": "reset"},
        {"request": {"version": 1, "id": "1", "type": "reset", "graph": "1", "generation": 0}},
        {"request": {"version": 1, "id": "1", "type": "subscribe", "view": "v"}},
        {"request": [], "readings": "yes"},
    ):
        reply = model.ask("tfsession_request", content, channel="control")
        assert reply["content"]["reply"]["type"] == "refused", content
    assert (model.value("sess.run(w).tolist()"), model.operations()) == before


def test_requests_leave_no_thread_behind(model: Notebook):
    for _ in range(3):
        state(model)
    names = "[t.name for t in __import__('threading').enumerate()]"
    assert "tfsession-request" not in model.value(names)

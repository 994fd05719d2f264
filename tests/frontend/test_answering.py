"""What front ends ask for is done, or refused with a code and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from front_end import FrontEnd
from hypothesis import HealthCheck, given, settings
from test_protocol import ALMOST, JSON

if TYPE_CHECKING:
    from notebook import Notebook

VALUES = "[x.tolist() for x in sess.run([w, b])]"
FRESH = [[[1.0, 2.0], [3.0, 4.0]], 0.0]


def trained(nb: Notebook) -> list[Any]:
    """Train, and return the values."""
    assert nb.run("for _ in range(3): sess.run(train)").ok
    return list(nb.value(VALUES))


def test_the_state(front_end: FrontEnd) -> None:
    state = front_end.state()
    assert state["busy"] is False
    assert state["guard"] == "keep"
    (session,) = state["sessions"]
    assert session["graph"] == state["current"]
    assert (session["variables"], session["initialized"]) == (3, 3)
    assert session["bytes"] == 16 + 4 + 8
    (device,) = session["devices"]
    assert (device["type"], device["variables"], device["bytes"]) == ("CPU", 3, 28)


@pytest.mark.notebook(mode="plain")
def test_the_state_before_tensorflow(nb: Notebook) -> None:
    state = FrontEnd(nb).state()
    assert (state["tensorflow"], state["sessions"], state["current"]) == (None, [], None)
    assert nb.value("'tensorflow' in __import__('sys').modules") is False


def test_the_state_tells_what_cannot_be_placed(front_end: FrontEnd) -> None:
    assert front_end.session()["poisoned"] is False
    failed = front_end.nb.run("with tf.device('/job:worker/task:0'): bad = b + 1\nsess.run(bad)")
    assert failed.error is not None
    assert front_end.session()["poisoned"] is True


def test_a_reset_has_to_be_confirmed_and_can_be_undone(front_end: FrontEnd) -> None:
    values = trained(front_end.nb)
    session = front_end.session()
    fields = {"graph": session["graph"], "generation": session["generation"], "variables": [0]}
    asked = front_end.ask("reset", **fields)
    assert (asked["type"], asked["code"]) == ("refused", "confirm")
    confirm = asked["confirm"]
    assert (confirm["variables"], confirm["bytes"], confirm["undo"]) == (1, 16, True)
    assert front_end.nb.value(VALUES) == values
    done = front_end.ask("reset", **fields, confirm=confirm["token"])
    assert done["type"] == "ok"
    assert done["text"].startswith("reset 1 variable of")
    assert front_end.nb.value(VALUES) == [FRESH[0], values[1]]
    assert front_end.change("undo")["type"] == "ok"
    assert front_end.nb.value(VALUES) == values
    assert front_end.change("redo")["type"] == "ok"
    assert front_end.nb.value(VALUES) == [FRESH[0], values[1]]


def test_a_confirmation_is_good_once_and_for_its_request_only(front_end: FrontEnd) -> None:
    values = trained(front_end.nb)
    session = front_end.session()
    fields = {"graph": session["graph"], "generation": session["generation"]}
    token = front_end.ask("reset", **fields, variables=[0])["confirm"]["token"]
    for wrong in ({"variables": [1], "confirm": token}, {"variables": [0], "confirm": token}):
        assert front_end.ask("reset", **fields, **wrong)["code"] == "confirm"
    assert front_end.nb.value(VALUES) == values


def test_a_change_on_old_grounds_is_stale(front_end: FrontEnd) -> None:
    session = front_end.session()
    assert front_end.nb.run("tf.get_variable('late', initializer=1.0)").ok
    for kind in ("reset", "undo", "redo", "init", "close"):
        fields = {"graph": session["graph"], "generation": session["generation"]}
        assert front_end.ask(kind, **fields)["code"] == "stale"


def test_training_makes_nothing_stale(front_end: FrontEnd) -> None:
    generation = front_end.session()["generation"]
    trained(front_end.nb)
    assert front_end.session()["generation"] == generation


@pytest.mark.parametrize(
    ("variable", "value", "is_now"),
    [
        (0, "[[5, 6], [7, NaN]]", "[[5.0, 6.0], [7.0, nan]]"),
        (1, "-Infinity", "-inf"),
        (2, "9007199254740993", "9007199254740993"),
    ],
)
def test_a_value_is_set_as_json(
    front_end: FrontEnd, variable: int, value: str, is_now: str
) -> None:
    assert front_end.change("set", variable=variable, value=value)["type"] == "ok"
    assert front_end.nb.value(f"str(sess.run([w, b, step][{variable}]).tolist())") == is_now


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("[1, 2", "no JSON"),
        ("__import__('os')", "no JSON"),
        ("[" * 90_000, "no JSON"),
        ('{"a": 1}', "a value is a number"),
        ("[1, [2]]", "w is float32"),
        ('"text"', "w is float32"),
        ("[1, 2, 3]", "w has shape"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(front_end: FrontEnd, value: str, says: str) -> None:
    reply = front_end.change("set", variable=0, value=value)
    assert (reply["type"], reply["code"]) == ("refused", "invalid")
    assert says in reply["message"]
    assert front_end.nb.value(VALUES) == FRESH


def test_only_known_ids_are_accepted(front_end: FrontEnd) -> None:
    session = front_end.session()
    graph, generation = session["graph"], session["generation"]
    assert front_end.ask("table", graph=99)["code"] == "unknown"
    assert front_end.ask("detail", graph=graph, variable=3)["code"] == "unknown"
    fields = {"graph": graph, "generation": generation}
    assert front_end.ask("reset", **fields, variables=[0, 77])["code"] == "unknown"
    assert front_end.ask("set", **fields, variable=3, value="1")["code"] == "unknown"
    assert front_end.ask("subscribe", view="v", graph=99)["code"] == "unknown"
    assert front_end.ask("undo", **fields)["code"] == "invalid"


def test_the_guard_is_set(front_end: FrontEnd) -> None:
    assert front_end.ask("guard", policy="error")["text"] == "guard: error"
    assert front_end.state()["guard"] == "error"


def test_closing_keeps_the_values_or_asks(front_end: FrontEnd) -> None:
    values = trained(front_end.nb)
    assert front_end.change("close")["type"] == "ok"
    assert front_end.session()["state"] == "parked"
    assert front_end.nb.value(VALUES) == values
    session = front_end.session()
    fields = {"graph": session["graph"], "generation": session["generation"], "discard": True}
    asked = front_end.ask("close", **fields)
    assert (asked["code"], asked["confirm"]["undo"]) == ("confirm", False)


def test_a_table_comes_in_parts(front_end: FrontEnd) -> None:
    graph = front_end.session()["graph"]
    part = front_end.ask("table", graph=graph, offset=1, limit=1)["result"]
    assert (part["total"], [row["name"] for row in part["rows"]]) == (3, ["b"])
    some = front_end.ask("table", graph=graph, globs=["w", "glob*"])["result"]
    assert [row["name"] for row in some["rows"]] == ["w", "global_step"]
    assert some["rows"][0]["shape"] == [2, 2]
    assert some["rows"][0]["trainable"] is True


def test_a_detail_has_histogram_history_and_picture(front_end: FrontEnd) -> None:
    trained(front_end.nb)
    graph = front_end.session()["graph"]
    detail = front_end.ask("detail", graph=graph, variable=0)["result"]
    assert sum(detail["histogram"]["counts"]) == 4
    assert detail["picture"]["values"] == [4.0, 5.0, 6.0, 7.0]
    assert detail["picture"]["limit"] == 7.0
    assert detail["text"] == "[[4.0, 5.0], [6.0, 7.0]]"
    assert detail["history"]["runs"] == [5]  # reading the values above was a run, too
    assert detail["reading"]["written"]["run"] == 4
    assert detail["reading"]["written"]["cell"] == "[2]"


def test_malformed_messages_are_refused_and_change_nothing(front_end: FrontEnd) -> None:
    values, session = trained(front_end.nb), front_end.session()

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(JSON | ALMOST)
    def refuse(message: Any) -> None:
        front_end.send(message)
        reply = front_end.answer()
        assert reply["type"] in {"ok", "refused"}
        assert "internal" not in reply.get("code", "")

    refuse()
    assert front_end.nb.value(VALUES) == values
    assert front_end.session()["initialized"] == session["initialized"]


def test_a_comm_that_is_opened_wrongly_is_told_and_closed(model: Notebook) -> None:
    front_end = FrontEnd(model)
    comm = front_end.open("both")
    told = front_end._next(comm, 30.0)
    assert (told["type"], told["code"]) == ("refused", "malformed")
    model.wait_for(lambda m: m["msg_type"] == "comm_close" and m["content"]["comm_id"] == comm)


def test_nothing_is_printed_and_no_operation_is_added(front_end: FrontEnd) -> None:
    nb = front_end.nb
    nb.run("tf.get_default_graph().finalize()")
    before = nb.operations()
    nb.heard.clear()
    front_end.subscribe(interval=0.1, detail=0)
    front_end.event("detail")
    for kind in ("reset", "undo", "redo", "init"):
        assert front_end.change(kind)["type"] == "ok"
    assert front_end.change("set", variable=1, value="3")["type"] == "ok"
    assert nb.operations() == before
    assert not [m for m in nb.heard if m["msg_type"] in {"stream", "error", "display_data"}]

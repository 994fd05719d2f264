"""The sessions of running kernels over HTTP, as a script asks for them."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jupyter_process import BASE, TOKEN, run, value

if TYPE_CHECKING:
    from jupyter_process import JupyterProcess
    from model_kernel import Model


def test_kernels_are_told_with_their_notebooks_and_sessions(server: JupyterProcess, model: Model):
    run(model.client, "_ = sess.run(w)")
    told = server.api("/kernels").json
    (kernel,) = (one for one in told["kernels"] if one["id"] == model.id)
    assert (kernel["status"], kernel["notebooks"]) == ("loaded", ["part/model.ipynb"])
    (session,) = kernel["state"]["sessions"]
    assert (session["state"], session["variables"], session["initialized"]) == ("open", 2, 2)
    assert kernel["bytes"] == session["bytes"] == 20
    assert told["bytes"] >= 20
    assert session["cell"].startswith("[")
    assert [device["type"] for device in session["devices"]] == ["CPU"]


def test_a_busy_kernel_tells_its_sessions_and_stays_busy_for_the_server(
    server: JupyterProcess, model: Model
):
    with model.busy():
        for _ in range(3):
            assert server.api(f"/kernels/{model.id}").json["status"] == "loaded"
            assert server.ask(f"api/kernels/{model.id}").json["execution_state"] == "busy"


def test_looking_is_no_activity_that_keeps_a_kernel_from_being_culled(
    server: JupyterProcess, model: Model
):
    before, now = "", server.ask(f"api/kernels/{model.id}").json["last_activity"]
    while before != now:  # what the test before has done may still be heard
        time.sleep(0.5)
        before, now = now, server.ask(f"api/kernels/{model.id}").json["last_activity"]
    for _ in range(3):
        server.api("/kernels")
        server.api(model.path("variables"))
    assert server.ask(f"api/kernels/{model.id}").json["last_activity"] == before


def test_variables_come_in_pages_and_by_pattern(server: JupyterProcess, model: Model):
    first = server.api(model.path("variables?limit=1")).json
    second = server.api(model.path("variables?limit=1&offset=1")).json
    assert [page["total"] for page in (first, second)] == [2, 2]
    assert [page["rows"][0]["name"] for page in (first, second)] == ["w", "b"]
    chosen = server.api(model.path("variables?glob=b&glob=nothing*")).json
    assert [row["name"] for row in chosen["rows"]] == ["b"]
    (reading,) = chosen["readings"]
    assert (reading["initialized"], reading["text"]) == (True, "0.0")
    assert server.api(model.path("variables?readings=false")).json["readings"] == []
    detail = server.api(model.path("variables/0")).json
    assert detail["text"] == "[[1.0, 2.0], [3.0, 4.0]]"


def test_a_change_has_to_be_confirmed_and_can_be_undone(server: JupyterProcess, model: Model):
    run(model.client, "_ = sess.run(train)")
    body = {"generation": model.session()["generation"]}
    refused = server.api(model.path("reset"), "POST", body)
    assert refused.status == 409
    assert refused.json["code"] == "confirm"
    assert refused.json["confirm"]["variables"] == 2
    assert value(model.client, "sess.run(b).item()") == "1.0"

    confirmed = {**body, "confirm": refused.json["confirm"]["token"]}
    assert "2 variables" in server.api(model.path("reset"), "POST", confirmed).json["text"]
    assert value(model.client, "sess.run(b).item()") == "0.0"
    assert server.api(model.path("undo"), "POST", body).json["code"] == "stale"
    assert model.act("undo").status == 200
    assert value(model.client, "sess.run(b).item()") == "1.0"
    assert model.act("reset", variables=[1]).status == 200
    assert value(model.client, "sess.run(w).tolist()") == "[[2.0, 3.0], [4.0, 5.0]]"
    assert model.act("reset").status == 200


def test_a_session_is_closed_and_its_values_wait(server: JupyterProcess, model: Model):
    assert model.act("close").status == 200
    assert model.session()["state"] == "parked"
    assert server.api(model.path("variables?glob=w")).json["readings"][0]["initialized"]
    run(model.client, "assert sess.run(b) == 0")


def test_a_snapshot_is_restored_after_a_look_at_the_plan(server: JupyterProcess, model: Model):
    assert model.act("reset").status == 200
    answer = server.api(model.path("snapshot"), "POST", {"name": "kept"})
    assert answer.status == 200, answer.body
    run(model.client, "_ = sess.run(train)")
    (kept,) = server.api(f"/kernels/{model.id}/snapshots").json["snapshots"]
    plan = server.api(model.path(f"plan?snapshot={kept['id']}")).json
    assert (plan["matching"], plan["overwritten"], plan["undo"]) == (2, 2, True)
    answer = model.act("restore", snapshot=kept["id"])
    assert answer.status == 200, answer.body
    assert value(model.client, "sess.run(b).item()") == "0.0"
    assert server.api(f"/snapshots/{kept['id']}?directory=part", "DELETE").status == 204


def test_what_is_not_there_is_not_found(server: JupyterProcess, model: Model):
    nobody = "00000000-0000-0000-0000-000000000000"
    for path in (
        f"/kernels/{nobody}",
        f"/kernels/{nobody}/sessions/1/variables",
        f"/kernels/{model.id}/sessions/987654/variables",
        model.path("variables/77"),
        model.path("nothing"),
        "/snapshots/20260101T000000.000000Z-none-00000000",
        "/snapshots?directory=nowhere",
    ):
        assert server.api(path).status == 404, path


def test_what_makes_no_sense_is_refused(server: JupyterProcess, model: Model):
    for query in ("limit=0", "limit=1001", "offset=-1", "limit=x", "readings=maybe", "other=1"):
        assert server.api(model.path(f"variables?{query}")).status == 400, query
    for body in (b"{", b"[]", b"null", b"\xff", {}, {"generation": -1}, {"generation": "1"}):
        assert server.api(model.path("reset"), "POST", body).status == 400, body


def test_a_body_that_is_too_large_is_not_read(server: JupyterProcess, model: Model):
    address, path = urlsplit(server.url), model.path("reset")
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        head = (
            f"POST {BASE}jupyter-tfsession/api{path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
            f"Authorization: token {TOKEN}\r\nContent-Length: {2**30}\r\n\r\n"
        )
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_kernel_without_the_extension_is_told_so_and_notices_nothing(server: JupyterProcess):
    kernel = server.start_kernel()
    client = server.client(kernel)
    told = server.api(f"/kernels/{kernel}").json
    profile = server.root.parent / "ipython" / "profile_default"
    settings = {file.name: file.read_text() for file in profile.glob("ipython*config*")}
    assert (told["status"], told["state"]) == ("not_loaded", None), (told, settings)
    answer = server.api(f"/kernels/{kernel}/sessions/1/variables")
    assert (answer.status, answer.json["code"]) == (409, "not_loaded")
    assert value(client, "hasattr(__import__('sys'), 'last_value')") == "False"
    assert "UNKNOWN" not in server.log()
    server.ask(f"api/kernels/{kernel}", "DELETE")

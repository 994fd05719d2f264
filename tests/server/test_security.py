"""Nobody gets anywhere without being known and allowed, and then no further than is meant."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_process import TOKEN, JupyterProcess, value

from jupyter_tfsession.server.openapi import specification

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model_kernel import Model

NOBODY = "00000000-0000-0000-0000-000000000000"
STORED = "20260101T000000.000000Z-none-00000000"


def routes() -> list[tuple[str, str]]:
    """Return each method of each address, as it is below the server's."""
    names = {"kernel_id": NOBODY, "graph": "1", "variable": "0", "name": STORED}
    return [
        (method.upper(), path.lstrip("/").format(**names))
        for path, methods in specification()["paths"].items()
        for method in methods
    ]


@pytest.fixture(scope="module")
def read_only() -> Iterator[JupyterProcess]:
    """Give a server on which one may only look."""
    process = JupyterProcess("--ServerApp.authorizer_class=authorizers.ReadOnly")
    yield process
    process.stop()


@pytest.mark.parametrize("token", [None, "", "wrong", f"{TOKEN}x"])
def test_nothing_is_done_for_somebody_who_is_not_known(read_only: JupyterProcess, token: Any):
    for method, path in routes():
        answer = read_only.ask(path, method, b"{" if method == "POST" else None, token=token)
        # Neither 404, which would tell what there is, nor 400, which would have read the body.
        assert answer.status == 403, (method, path)
        assert path.endswith("/stream") or set(answer.json) <= {"message", "reason"}


def test_who_may_look_may_not_change_anything(read_only: JupyterProcess):
    for method, path in routes():
        answer = read_only.ask(path, method, b"{" if method == "POST" else None)
        if method == "GET":
            assert answer.status in {200, 400, 404}, path
        else:
            assert answer.status == 403, (method, path)


def test_who_may_do_nothing_learns_nothing(read_only: JupyterProcess):
    for method, path in routes():
        answer = read_only.ask(path, method, headers={"X-May": "nothing"})
        assert answer.status == 403, (method, path)


def test_every_address_is_described_and_each_of_its_methods_is_guarded():
    from jupyter_tfsession.server.routes.table import HANDLERS

    for address, handler in HANDLERS:
        for method in ("get", "post", "put", "patch", "delete"):
            own = handler.__dict__.get(method)
            # @authorized and @web.authenticated each wrap the method.
            guarded = own is None or hasattr(own.__wrapped__, "__wrapped__")
            assert guarded or address.endswith("/stream"), (address, method)
    described = [f"/{path}" for _, path in routes()]
    for address, _ in HANDLERS:
        assert any(re.fullmatch(address, path) for path in described), address


def test_a_page_of_another_site_can_neither_look_nor_change(server: JupyterProcess, model: Model):
    elsewhere = {"Origin": "http://elsewhere.example"}
    # A cookie is what a browser would add by itself; a token it would have to know.
    for method, path in routes():
        answer = server.ask(path, method, b"{}" if method == "POST" else None, token=None)
        assert answer.status == 403
    cookie = server.cookie()
    assert server.api("/kernels", token=None, headers={"Cookie": cookie}).status == 200
    assert server.api("/kernels", token=None, headers={"Cookie": cookie, **elsewhere}).status == 404
    body = {"generation": model.session()["generation"]}
    answer = server.api(model.path("reset"), "POST", body, token=None, headers={"Cookie": cookie})
    assert answer.status == 403  # it has no XSRF token
    xsrf = next(part for part in cookie.split("; ") if part.startswith("_xsrf="))
    headers = {"Cookie": cookie, "X-XSRFToken": xsrf.removeprefix("_xsrf=")}
    answer = server.api(model.path("init"), "POST", body, token=None, headers=headers)
    assert answer.status == 200


def test_answers_are_json_that_no_browser_takes_for_a_page(server: JupyterProcess, model: Model):
    for path in ("/kernels", model.path("variables"), "/kernels/nothing"):
        headers = server.api(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert server.api("/kernels").headers["Content-Type"] == "application/json"


def test_whatever_is_sent_leaves_the_kernel_as_it_was(server: JupyterProcess, model: Model):
    chance = random.Random(20260101)
    odd = [None, -1, 0, 1, 2**63, 1.5, "", "x", "../..", "\0", True, [], [1], [[]], {}, {"a": 1}]
    fields = ["generation", "confirm", "variables", "discard", "name", "snapshot", "graph", "type"]
    before = (
        value(model.client, "sess.run([w, b])[0].tolist(), sess.run(b).item()"),
        value(model.client, "len(tf.get_default_graph().get_operations())"),
        model.session()["generation"],
    )
    path = model.path("")
    for action in ("reset", "init", "undo", "redo", "close", "restore"):
        for _ in range(12):
            body = {name: chance.choice(odd) for name in chance.sample(fields, 3)}
            body["generation"] = chance.choice([*odd, before[2] + 1])
            answer = server.api(f"{path}{action}", "POST", body)
            assert answer.status in {400, 404, 409, 422}, (action, body, answer.body)
    after = (
        value(model.client, "sess.run([w, b])[0].tolist(), sess.run(b).item()"),
        value(model.client, "len(tf.get_default_graph().get_operations())"),
        model.session()["generation"],
    )
    assert after == before


@pytest.mark.parametrize("length", ["much", "-2", "2, 2"])
def test_a_length_that_is_none_is_a_bad_request(server: JupyterProcess, length: str):
    headers = {"Content-Length": length}
    assert server.api("/snapshots", "POST", b"{}", headers=headers).status == 400


def test_the_token_is_in_no_log(server: JupyterProcess):
    server.api("/kernels")
    server.ask(f"jupyter-tfsession/api/kernels?token={TOKEN}", token=None)
    server.api("/nothing")
    assert TOKEN not in server.log()


def test_the_servers_own_file_describes_the_api(server: JupyterProcess):
    assert json.loads(server.api("").body) == specification()

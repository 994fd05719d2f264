"""``jupyter tfsession`` where several Jupyter servers run, of which some may not be well."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import pytest
from command_shell import Shell
from jupyter_process import TOKEN, JupyterProcess, run, value
from model_kernel import Model

from jupyter_tfsession.cli import servers as servers_room

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKENS: Final = (TOKEN, "another-token-of-the-tests")
NOTEBOOK: Final = "part/model.ipynb"  # there is one on each


class Pair:
    """Two servers of one user, each with a kernel that has a model."""

    def __init__(self, opened: contextlib.ExitStack) -> None:
        patient = "--TFSessionServer.kernel_seconds=5"
        self.first = JupyterProcess(patient, base="/one/")
        opened.callback(self.first.stop)
        self.second = JupyterProcess(patient, base="/two/", token=TOKENS[1], beside=self.first)
        opened.callback(self.second.stop)
        self.models = [Model(server, NOTEBOOK) for server in (self.first, self.second)]
        run(self.models[1].client, "_ = sess.run(train)")
        self.runtime = self.first.runtime

    @property
    def urls(self) -> list[str]:
        """Return the addresses in the order in which they are told."""
        return sorted((self.first.url, self.second.url))


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """Give the two servers."""
    with contextlib.ExitStack() as opened:
        yield Pair(opened)


@pytest.fixture
def shell(pair: Pair, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Give a shell of their user."""
    return Shell(pair.first, monkeypatch, capsys)


@contextlib.contextmanager
def noted(pair: Pair, process: int, **about: Any) -> Iterator[None]:
    """Have the file of a server that is not there, or no more."""
    path = pair.runtime / f"jpserver-{process}.json"
    path.write_text(json.dumps({"pid": process, "token": "x", "root_dir": "/", **about}))
    os.utime(path, (0, 0))  # it was there before the others
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def both_are_listed(pair: Pair, shell: Shell, problem: str) -> str:
    """Assert that another server's problem is told, and does not keep these from being; tell it."""
    code, shown, _ = shell.run("list")
    assert code == 5
    assert shown.count(NOTEBOOK) == 2
    told = shell.told("list", code=5)["servers"]
    assert {one["url"] for one in told if one["kernels"]} == set(pair.urls)
    (ill,) = (one for one in told if one["problem"])
    assert problem in ill["problem"]
    (line,) = (line for line in shown.splitlines() if problem in line)
    assert line.startswith(ill["url"])
    return str(ill["url"])


def test_the_sessions_of_both_are_listed_with_where_they_are(pair: Pair, shell: Shell):
    code, shown, complaint = shell.run("list")
    assert (code, complaint) == (0, "")
    parts = shown.split("\n\n")  # one for each server
    for model in pair.models:
        (part,) = (part for part in parts if model.id[:8] in part)
        assert part.startswith(f"{model.server.url} :: {model.server.root}\n")
    told = shell.told("list")["servers"]
    assert [one["url"] for one in told] == pair.urls
    assert {one["url"]: (one["root"], one["kernels"][0]["id"]) for one in told} == {
        model.server.url: (str(model.server.root), model.id) for model in pair.models
    }
    assert not any(token in shown for token in TOKENS)


def test_a_kernel_is_found_whichever_server_has_it(pair: Pair, shell: Shell):
    for model, text in zip(pair.models, ("0.0", "1.0"), strict=True):
        for reference in (model.id, model.id[:8], str(model.server.root / NOTEBOOK)):
            (reading,) = shell.told("show", reference, "b")["readings"]
            assert reading["text"] == text
        assert "2 variables" in shell.told("snapshot", model.id, "--name", "typed")["text"]
        (kept,) = model.server.api("/snapshots?directory=part").json["snapshots"]
        path = f"/snapshots/{kept['id']}?directory=part"
        assert model.server.api(path, "DELETE").status == 204
        assert "close" in shell.told("close", model.id)["text"]
        assert model.session()["state"] == "parked"
        assert value(model.client, "sess.run(b).item()") == text


@pytest.mark.parametrize("command", ["show", "snapshot", "close"])
def test_a_notebook_that_is_on_both_is_neithers(pair: Pair, shell: Shell, command: str):
    for reference in (NOTEBOOK, "model.ipynb"):
        code, shown, complaint = shell.run(command, reference)
        assert (code, shown, complaint.count("\n")) == (3, "", 1)
        for model in pair.models:
            assert f"{model.id[:8]} {NOTEBOOK} on {model.server.url}" in complaint
        assert "by its id or --server URL" in complaint
    assert [model.session()["state"] for model in pair.models] == ["open", "open"]


def test_a_whole_path_is_not_the_end_of_another(pair: Pair, shell: Shell):
    kernel = pair.first.start_kernel("model.ipynb")
    pair.first.client(kernel)
    code, _, complaint = shell.run("show", "model.ipynb")
    assert code == 5
    assert kernel[:8] in complaint
    pair.first.ask(f"api/kernels/{kernel}", "DELETE")


def test_one_server_is_chosen_by_any_address_of_it(pair: Pair, shell: Shell):
    url = pair.second.url
    port = url.split(":")[2].partition("/")[0]
    for address in (
        url,
        url.rstrip("/"),
        f"{url}?token={TOKENS[1]}",
        f"{url}lab/tree/part/model.ipynb?reset#top",
        f"http://localhost:{port}/two",
        f"http://127.0.0.1:{port}",
        f"localhost:{port}",
    ):
        (there,) = shell.told("list", "--server", address)["servers"]
        assert there["url"] == url, address
        (reading,) = shell.told("show", NOTEBOOK, "b", "--server", address)["readings"]
        assert reading["text"] == "1.0"
    assert shell.told("show", pair.models[0].id, "--server", url, code=3)["error"]
    asked = {one["server"] for one in shell.told("doctor", "--server", url)["checks"]}
    assert asked == {"", url}


def test_a_server_that_is_not_there_is_told_with_those_that_are(pair: Pair, shell: Shell):
    port = pair.first.url.split(":")[2].partition("/")[0]
    for address in (
        "http://localhost:1/",
        "http://localhost:123456/",
        f"http://localhost:{port}/two/",  # the other's path
        f"http://localhost:{port}/onetwo",
        f"http://elsewhere.example:{port}/one/",
        "nonsense",
        "",
    ):
        for command in (["list"], ["close", NOTEBOOK]):
            code, shown, complaint = shell.run(*command, "--server", f"{address}?token=secret")
            assert (code, shown, complaint.count("\n")) == (3, "", 1), address
            assert all(url in complaint for url in pair.urls)
            assert "secret" not in complaint


def test_the_doctor_tells_which_server_has_which_kernel(pair: Pair, shell: Shell):
    checks = [one for one in shell.told("doctor")["checks"] if one["what"] == NOTEBOOK]
    assert [one["server"] for one in checks] == pair.urls


def test_a_server_that_was_killed_is_forgotten(pair: Pair, shell: Shell):
    gone = JupyterProcess(beside=pair.first)
    gone.process.kill()
    gone.process.wait()
    assert [one["url"] for one in shell.told("list")["servers"]] == pair.urls
    gone.stop()


def test_a_server_whose_number_another_process_has_does_not_spoil_the_list(
    pair: Pair, shell: Shell
):
    with noted(pair, os.getpid(), url="http://localhost:1/gone/"):
        assert both_are_listed(pair, shell, "does not answer") == "http://localhost:1/gone/"
        assert shell.told("show", pair.models[1].id, "b")["rows"]
        error = shell.told("show", "no-such-kernel", code=5)["error"]
        assert "http://localhost:1/gone/ does not answer" in error
        checks = {one["what"]: one["ok"] for one in shell.told("doctor", code=1)["checks"]}
        assert not checks["http://localhost:1/gone/"]
    # Another server has come to have its port.
    with noted(pair, os.getpid(), url=pair.first.url.replace("/one/", "/gone/")):
        assert [one["url"] for one in shell.told("list")["servers"]] == pair.urls


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "does not answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", "as no Jupyter server does"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "as no Jupyter server does"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "does not answer"),
        (b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n\r\n", "the server answered 302"),
        (b"", "does not answer"),
    ],
)
def test_a_port_that_something_else_has_does_not_spoil_the_list(
    pair: Pair, shell: Shell, said: bytes, problem: str
):
    def answer() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection:
                    connection.recv(10_000)
                    connection.sendall(said)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=answer, daemon=True).start()
        port = listening.getsockname()[1]
        with noted(pair, os.getpid(), url=f"http://127.0.0.1:{port}/"):
            both_are_listed(pair, shell, problem)
        listening.shutdown(socket.SHUT_RDWR)  # which ends the thread


def test_a_server_without_the_extension_does_not_spoil_the_list(pair: Pair, shell: Shell):
    off = "--ServerApp.jpserver_extensions={'jupyter_tfsession': False}"
    without = JupyterProcess(off, base="/without/", beside=pair.first)
    try:
        assert both_are_listed(pair, shell, "has not got the extension") == without.url
        assert shell.told("list", "--server", pair.first.url)["servers"]
        error = shell.told("show", NOTEBOOK, "--server", without.url, code=5)["error"]
        assert "has not got the extension" in error
    finally:
        without.stop()


def test_servers_that_hang_do_not_spoil_the_list(
    pair: Pair, shell: Shell, monkeypatch: pytest.MonkeyPatch
):
    patience = 4.0
    monkeypatch.setattr(servers_room, "_QUICK", patience)
    with contextlib.ExitStack() as opened:
        listening = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        opened.enter_context(noted(pair, os.getpid(), url=url))
        opened.callback(os.kill, pair.second.process.pid, signal.SIGCONT)
        os.kill(pair.second.process.pid, signal.SIGSTOP)
        began = time.monotonic()
        told = {one["url"]: one for one in shell.told("list", code=5)["servers"]}
        assert time.monotonic() - began < 2 * patience  # as long as for one
        for hung in (url, pair.second.url):
            assert told[hung]["problem"] == "does not answer: timed out"
        (kernel,) = told[pair.first.url]["kernels"]
        assert kernel["id"] == pair.models[0].id
        error = shell.told("show", pair.models[1].id, code=5)["error"]
        assert f"{pair.second.url} does not answer" in error


def test_a_file_that_is_none_of_a_servers_is_told(pair: Pair, shell: Shell):
    odd = pair.runtime / "jpserver-odd.json"
    odd.write_bytes(b"\xff")
    code, shown, complaint = shell.run("list")
    odd.unlink()
    assert (code, shown, complaint.count("\n")) == (5, "", 1)
    assert "the list of servers cannot be read" in complaint


def test_a_kernel_behind_another_server_is_asked_by_that(pair: Pair, shell: Shell):
    gateway = (f"--gateway-url={pair.first.url}", f"--GatewayClient.auth_token={TOKEN}")
    front = JupyterProcess(*gateway, base="/front/", beside=pair.first)
    try:
        kernel = front.start_kernel("far/away.ipynb")
        client = pair.first.client(kernel)
        run(client, "%load_ext jupyter_tfsession")
        has = [
            one["url"]
            for one in shell.told("list")["servers"]
            if kernel in {there["id"] for there in one["kernels"]}
        ]
        assert set(has) == {front.url, pair.first.url}
        assert "no session there" in shell.told("show", kernel, code=3)["error"]
        front.ask(f"api/kernels/{kernel}", "DELETE")
    finally:
        front.stop()

"""The live stream of what changes, as the page of JupyterLab hears it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
import websocket
from jupyter_process import TOKEN, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_process import JupyterProcess
    from model_kernel import Model


class Listener:
    """Somebody who watches."""

    def __init__(self, server: JupyterProcess, **options: Any) -> None:
        address = server.url.replace("http", "ws", 1) + "jupyter-tfsession/api/stream"
        options = {"header": [f"Authorization: token {TOKEN}"], **options}
        self.socket = websocket.create_connection(address, timeout=30, **options)

    def next(self, wanted: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """Return the next message that is wanted."""
        while True:
            message: dict[str, Any] = json.loads(self.socket.recv())
            if wanted(message):
                return message


def test_all_kernels_are_told_and_then_what_changes(server: JupyterProcess, model: Model):
    listener = Listener(server)
    first = listener.next()
    assert first["type"] == "kernels"
    assert model.id in {kernel["id"] for kernel in first["kernels"]}

    def runs(message: dict[str, Any]) -> int:
        return int(message["kernel"]["state"]["sessions"][0]["runs"])

    before = model.session()["runs"]
    run(model.client, "_ = sess.run(w)")
    told = listener.next(
        lambda m: m["type"] == "kernel" and m["kernel"]["id"] == model.id and runs(m) > before
    )
    assert told["kernel"]["status"] == "loaded"
    listener.socket.close()


def test_a_kernel_that_comes_and_goes_is_told(server: JupyterProcess):
    listener = Listener(server)
    listener.next()
    kernel = server.start_kernel()
    listener.next(lambda m: m["type"] == "kernel" and m["kernel"]["id"] == kernel)
    server.ask(f"api/kernels/{kernel}", "DELETE")
    listener.next(lambda m: m == {"type": "gone", "id": kernel})
    listener.socket.close()


def test_a_training_is_followed_while_its_cell_runs(server: JupyterProcess, model: Model):
    listener = Listener(server)
    with model.busy():
        listener.next(
            lambda m: (
                m["type"] == "kernel"
                and m["kernel"]["id"] == model.id
                and m["kernel"]["state"]["busy"]
            )
        )
    listener.next(
        lambda m: (
            m["type"] == "kernel"
            and m["kernel"]["id"] == model.id
            and not m["kernel"]["state"]["busy"]
        )
    )
    listener.socket.close()


def test_kernels_are_asked_nothing_while_nobody_watches(server: JupyterProcess, model: Model):
    Listener(server).socket.close()
    count = (
        "import ipykernel.kernelbase as base; asked = []\n"
        "own = base.Kernel.process_control\n"
        "async def counting(self, msg):\n"
        "    asked.append(time.time())\n"
        "    return await own(self, msg)\n"
        "base.Kernel.process_control = counting"
    )
    run(model.client, count)
    listener = Listener(server)
    listener.next()
    run(model.client, "assert asked")
    listener.socket.close()
    time.sleep(1.5)  # in which the server hears that it is closed
    run(model.client, "asked.clear(); time.sleep(2.5); last = list(asked)")
    run(model.client, "base.Kernel.process_control = own; assert last == [], last")


@pytest.mark.parametrize("header", [[], ["Authorization: token wrong"]])
def test_nobody_listens_who_is_not_known(server: JupyterProcess, header: list[str]):
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        Listener(server, header=header)


def test_a_page_of_another_site_cannot_listen(server: JupyterProcess):
    cookie = server.cookie()
    Listener(server, header=[], cookie=cookie).socket.close()
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        Listener(server, header=[], cookie=cookie, origin="http://elsewhere.example")

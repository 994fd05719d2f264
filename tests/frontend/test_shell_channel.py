"""Requests that arrive while a reply is written, as they do when a page connects to a kernel."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from front_end import subshell

if TYPE_CHECKING:
    from notebook import Notebook

_ROUNDS = 300  # without the stream, ipykernel 7.3 leaves one request in thirty unnoticed


def _is_noticed(nb: Notebook, pause: float) -> bool:
    """Whether a first request is answered which comes right after the server's question."""
    session, manager = nb.client.session, nb.manager
    shell, control = manager.connect_shell(), manager.connect_control()
    page = manager.connect_shell()
    try:
        # As jupyter_server: it asks on both, and listens to whichever answers first.
        session.send(shell, "kernel_info_request", {})
        session.send(control, "kernel_info_request", {})
        assert control.poll(30_000), "the control channel does not answer"
        shell.close(0)
        time.sleep(pause)
        session.send(page, "is_complete_request", {"code": "1"})
        return bool(page.poll(10_000))
    finally:
        for socket in (shell, control, page):
            socket.close(0)


def test_every_request_is_noticed_on_every_ipykernel(nb: Notebook) -> None:
    pauses = itertools.cycle([0.0, 0.0005, 0.001, 0.002, 0.004])
    unnoticed = [turn for turn in range(_ROUNDS) if not _is_noticed(nb, next(pauses))]
    assert unnoticed == []


def test_what_is_asked_on_a_subshell_is_replied_to(nb: Notebook) -> None:
    on = subshell(nb)  # the main shell where there are none
    reply = nb.ask("is_complete_request", {"code": "1"}, subshell_id=on)
    assert reply["content"]["status"] == "complete"
    if on is not None:
        nb.ask("delete_subshell_request", {"subshell_id": on}, channel="control")
    assert nb.run("1 + 1").text == "2"

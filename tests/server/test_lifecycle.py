"""Limits that are kept, and what is told of it to those who measure and collect."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
import websocket
from jupyter_process import TOKEN, JupyterProcess, run, value
from model_kernel import Model

from jupyter_tfsession.server.events import happened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

IDLE = 3.0


@pytest.fixture(scope="module")
def others() -> Iterator[JupyterProcess]:
    """Give a server that closes what is idle and finds 10 bytes a lot."""
    process = JupyterProcess(
        f"--TFSessionServer.cull_idle_seconds={IDLE}", "--TFSessionServer.warn_bytes=10"
    )
    yield process
    process.stop()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


class Collector:
    """Somebody who collects the server's events about sessions."""

    def __init__(self, server: JupyterProcess) -> None:
        address = server.url.replace("http", "ws", 1) + "api/events/subscribe"
        header = [f"Authorization: token {TOKEN}"]
        self._socket = websocket.create_connection(address, timeout=60, header=header)

    def next(self) -> tuple[str, dict[str, Any]]:
        """Return the next event, and what it says."""
        while True:
            event = json.loads(self._socket.recv())
            if "tfsession" in event["schema_id"]:
                return event["event"], event


def measured(server: JupyterProcess) -> dict[str, float]:
    text = server.ask("metrics").body.decode()
    found = re.findall(r"^(tfsession_\S+) (\S+)$", text, re.MULTILINE)
    return {name: float(number) for name, number in found}


def test_an_idle_session_is_closed_after_a_snapshot_and_opens_again(others: JupyterProcess):
    collector = Collector(others)
    kernel = Model(others, "idle/model.ipynb")
    run(kernel.client, "_ = sess.run(train)")
    until(lambda: kernel.session()["state"] == "parked")
    (kept,) = others.api("/snapshots?directory=idle").json["snapshots"]
    assert (kept["name"], kept["variables"], kept["damage"]) == ("idle", 2, "")
    assert collector.next()[0] == "opened"
    event, told = collector.next()
    while event != "culled":
        event, told = collector.next()
    assert (told["kernel_id"], told["notebooks"]) == (kernel.id, ["idle/model.ipynb"])
    assert value(kernel.client, "sess.run(b).item()") == "1.0"

    figures = measured(others)
    assert figures['tfsession_kernels{status="loaded"}'] == 1
    assert figures["tfsession_variables_bytes"] == 20
    assert time.time() - figures["tfsession_told_timestamp_seconds"] < 60

    log = others.log()
    assert len(re.findall("more than the 10 B of TFSessionServer.warn_bytes", log)) == 1
    assert TOKEN not in log
    assert others.api("/kernels").json["limit"] == 10


def test_a_session_at_work_is_not_closed(others: JupyterProcess):
    kernel = Model(others, "busy/model.ipynb")
    with kernel.busy():
        time.sleep(2 * IDLE)
        assert kernel.session()["state"] == "open"


def test_actions_are_counted_and_told(server: JupyterProcess, model: Model):
    collector = Collector(server)
    before = measured(server).get('tfsession_actions_total{action="reset"}', 0)
    run(model.client, "_ = sess.run(train)")
    assert model.act("reset").status == 200
    event, told = collector.next()
    while event != "reset":
        event, told = collector.next()
    assert (told["kernel_id"], told["bytes"]) == (model.id, 20)
    assert measured(server)['tfsession_actions_total{action="reset"}'] == before + 1


def test_a_configured_handler_gets_what_becomes_of_sessions(tmp_path: Path):
    kept, config = tmp_path / "events.json", tmp_path / "jupyter_server_config.py"
    handler = f"logging.FileHandler({str(kept)!r})"
    config.write_text(f"import logging\nc.EventLogger.handlers = [{handler}]")
    server = JupyterProcess(f"--config={config}")

    def events() -> list[str]:
        found = map(json.loads, kept.read_text().splitlines())
        return [one["event"] for one in found if "tfsession" in one["__schema__"]]

    try:
        kernel = Model(server, "collected/model.ipynb")
        until(lambda: "opened" in events())
        run(kernel.client, "%tfsession reset")
        until(lambda: events()[-1] == "reset")
        run(kernel.client, "%tfsession snapshot")
        until(lambda: events()[-1] == "snapshot")
        run(kernel.client, "%tfsession close")
        until(lambda: events() == ["opened", "reset", "snapshot", "closed"])
    finally:
        server.stop()


def session(
    state: str = "open",
    undo: str = "",
    redo: str = "",
    *,
    poisoned: bool = False,
    snapshots: int = 0,
) -> dict[str, Any]:
    def change(what: str) -> dict[str, Any] | None:
        return {"what": what, "variables": 1} if what else None

    undos = {"undo": change(undo), "redo": change(redo)}
    return {"graph": 1, "state": state, "poisoned": poisoned, "snapshots": snapshots, **undos}


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (None, session(), ["opened"]),
        (None, session("closed"), []),
        (session(), session("parked"), ["closed"]),
        (session(), None, ["closed"]),
        (session("parked"), session(), ["opened"]),
        (session(), session(undo="reset"), ["reset"]),
        (session(), session(undo="restore best"), ["restored"]),
        (session(), session(undo="set w"), []),
        (session(undo="reset"), session(redo="reset"), []),
        (session(undo="set w"), session(undo="reset", redo="set w"), []),
        (session(undo="reset"), session(undo="reset"), []),
        (session(), session(poisoned=True), ["poisoned"]),
        (session(poisoned=True), session(poisoned=True), []),
        (session(snapshots=1), session(snapshots=2), ["snapshot"]),
        (session(snapshots=2), session(snapshots=2), []),
    ],
)
def test_what_became_of_a_session_is_seen_from_what_it_was(
    before: dict[str, Any] | None, now: dict[str, Any] | None, told: list[str]
):
    assert list(happened(before, now)) == told

"""A stand-in for a kernel with one session, that starts at once: ``light_kernel.py FILE [busy]``.

It answers on the control channel what a kernel with the extension answers. One that is busy says so
to the server, and its process is at work for a tenth of the time, on another thread.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.session import Session

SIGN = "jupyter.tfsession.control"


def main() -> None:
    """Serve until the server asks to shut down."""
    file, busy = json.loads(Path(sys.argv[1]).read_text()), sys.argv[2:] == ["busy"]
    context = zmq.Context()
    session = Session(key=file["key"].encode(), signature_scheme=file["signature_scheme"])
    kinds = {"shell": zmq.ROUTER, "control": zmq.ROUTER, "stdin": zmq.ROUTER, "hb": zmq.REP}
    sockets: dict[str, zmq.Socket[bytes]] = {}
    for name, kind in {**kinds, "iopub": zmq.PUB}.items():
        sockets[name] = context.socket(kind)
        sockets[name].bind(f"{file['transport']}://{file['ip']}:{file[f'{name}_port']}")
    poller = zmq.Poller()
    for name in ("shell", "control", "hb"):
        poller.register(sockets[name], zmq.POLLIN)
    if busy:
        threading.Thread(target=_work, daemon=True).start()
    cell = session.msg("execute_request")
    while True:
        if busy:  # whoever has just come to listen hears it, too
            session.send(sockets["iopub"], "status", {"execution_state": "busy"}, cell)
        for ready, _ in poller.poll(1000):
            if ready is sockets["hb"]:
                ready.send(ready.recv())
                continue
            identities, frames = session.feed_identities(ready.recv_multipart())
            message = session.deserialize(frames)
            kind = message["msg_type"]
            state = "busy" if busy else "idle"
            session.send(sockets["iopub"], "status", {"execution_state": state}, message)
            reply = kind.replace("_request", "_reply")
            session.send(ready, reply, _answer(kind, message, busy), message, identities)
            if kind == "shutdown_request":
                context.destroy(linger=100)
                return


def _answer(kind: str, message: dict[str, Any], busy: bool) -> dict[str, Any]:
    if kind == "kernel_info_request":
        return {"status": "ok", "protocol_version": "5.3", "language_info": {"name": "python"}}
    if kind == "comm_info_request":
        return {"status": "ok", "comms": {SIGN: {"target_name": SIGN}}}
    if kind == "tfsession_request":
        result = {**_STATE, "busy": busy, "time": time.time()}
        reply = {"type": "ok", "version": 1, "id": "server", "text": "", "result": result}
        return {"status": "ok", "reply": reply, "readings": []}
    return {"status": "ok", **message["content"]}


def _work() -> None:
    while True:
        begun = time.thread_time()
        while time.thread_time() - begun < 0.01:  # noqa: PLR2004 - a tenth of the time
            pass
        time.sleep(0.09)


_DEVICE = {
    "name": "/job:localhost/replica:0/task:0/device:CPU:0",
    "type": "CPU",
    "limit": None,
    "variables": 62,
    "bytes": 4_000_000,
}
_STATE: dict[str, Any] = {
    "type": "state",
    "version": 1,
    "tensorflow": "2.21.0",
    "sessions": [
        {
            "graph": 1,
            "name": "graph-1",
            "state": "open",
            "default": True,
            "generation": 1,
            "variables": 62,
            "initialized": 62,
            "bytes": 4_000_000,
            "devices": [_DEVICE],
            "runs": 1_000,
            "runs_per_second": 0.0,
            "step": None,
            "cell": "[7]",
            "own_config": False,
            "undo": None,
            "redo": None,
        }
    ],
    "current": 1,
    "cell": "",
    "answers": "now",
    "guard": "keep",
    "stale": [],
    "off": [],
    "requests": ["hello"],
}

if __name__ == "__main__":
    main()

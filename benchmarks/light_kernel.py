"""A stand-in for a kernel with one session, that starts at once: ``light_kernel.py FILE [busy]``.

It answers on the control channel what a kernel with the extension answers. One that is busy says so
to the server, and its process is at work for a tenth of the time, on another thread. It writes
Jupyter's messages itself: to import ``jupyter_client`` takes three times as long as all the rest,
and there are hundreds of these.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import sys
import threading
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import zmq

SIGN = "jupyter.tfsession.control"
_DELIMITER = b"<IDS|MSG>"


def main() -> None:
    """Serve until the server asks to shut down."""
    file, busy = json.loads(Path(sys.argv[1]).read_text()), sys.argv[2:] == ["busy"]
    context = zmq.Context()
    wire = _Wire(file["key"].encode())
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
    cell = {"msg_id": "cell", "msg_type": "execute_request", "session": "cell"}
    while True:
        if busy:  # whoever has just come to listen hears it, too
            wire.send(sockets["iopub"], [b"status"], "status", {"execution_state": "busy"}, cell)
        for ready, _ in poller.poll(1000):
            if ready is sockets["hb"]:
                ready.send(ready.recv())
                continue
            identities, header, content = wire.receive(ready)
            kind = header["msg_type"]
            state = "busy" if busy else "idle"
            wire.send(sockets["iopub"], [b"status"], "status", {"execution_state": state}, header)
            reply = kind.replace("_request", "_reply")
            wire.send(ready, identities, reply, _answer(kind, content, busy), header)
            if kind == "shutdown_request":
                context.destroy(linger=100)
                return


class _Wire:
    """Jupyter's messages as frames: identities, a delimiter, a signature, and four of JSON."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._numbers = itertools.count()

    def receive(self, socket: zmq.Socket[bytes]) -> tuple[list[bytes], Any, Any]:
        """Return the identities, the header and the content."""
        frames = socket.recv_multipart()
        place = frames.index(_DELIMITER)
        header, _, _, content = map(json.loads, frames[place + 2 : place + 6])
        return frames[:place], header, content

    def send(
        self, socket: zmq.Socket[bytes], identities: list[bytes], kind: str, content: Any, to: Any
    ) -> None:
        """Send a message that answers the one with the header `to`."""
        header = {
            "msg_id": f"light-{next(self._numbers)}",
            "msg_type": kind,
            "session": "light",
            "username": "light",
            "date": datetime.now(timezone.utc).isoformat(),
            "version": "5.3",
        }
        parts = [json.dumps(part).encode() for part in (header, to, {}, content)]
        signature = hmac.new(self._key, b"".join(parts), hashlib.sha256).hexdigest().encode()
        socket.send_multipart([*identities, _DELIMITER, signature, *parts])


def _answer(kind: str, content: dict[str, Any], busy: bool) -> dict[str, Any]:
    if kind == "kernel_info_request":
        return {"status": "ok", "protocol_version": "5.3", "language_info": {"name": "python"}}
    if kind == "comm_info_request":
        return {"status": "ok", "comms": {SIGN: {"target_name": SIGN}}}
    if kind == "tfsession_request":
        result = {**_STATE, "busy": busy, "time": time.time()}
        reply = {"type": "ok", "version": 1, "id": "server", "text": "", "result": result}
        return {"status": "ok", "reply": reply, "readings": []}
    return {"status": "ok", **content}


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

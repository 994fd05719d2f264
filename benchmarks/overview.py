"""The sessions of many kernels in one place: how soon they are told, and what a server pays.

The many kernels are stand-ins (`light_kernel`), which start at once and have no TensorFlow: what is
measured is the server's part. One kernel is real, and trains, to be asked over its control channel.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import websocket
from jupyter_client.manager import start_new_kernel

from benchmarks.timing import Result, rounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.notebook import Notebook

KERNELS = 100
BUSY = 20
ROUNDS = 20
WATCHED = 5.0  # seconds
SLICES = 4
REQUESTS = 200
PATIENCE = 180.0
SETTLING = 6.0
STARTED_AT_ONCE = 8
TOKEN = "of-the-benchmark"

_KNOWN = {"Authorization": f"token {TOKEN}"}
_TRAINING = """
%load_ext jupyter_tfsession
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
w = tf.Variable(tf.zeros([100, 100]))
train = w.assign_add(tf.ones([100, 100]))
sess = tf.Session()
sess.run(tf.global_variables_initializer())
"""


def measure(_notebook: Notebook) -> Iterator[Result]:
    """Ask for the overview of many kernels, and look at the server's process meanwhile."""
    yield _asked_while_training()
    name = f"of {KERNELS} kernels, {BUSY} busy"
    with _Server(enabled=True) as server:
        server.overview()  # imports, and first connections
        values = [1e3 * server.overview() for _ in range(rounds(ROUNDS, 5))]
        yield Result(f"overview {name}", values, "ms", "over HTTP, all kernels asked", 1_000.0)
        spent = [1e3 * server.processor(server.overview) for _ in range(rounds(ROUNDS, 5))]
        yield Result(
            "... the server's processor time", spent, "ms", "other processes are not in it"
        )
        idle = server.loads()
        with server.watcher():
            watched = server.loads()
    with _Server(enabled=False) as server:
        plain = server.loads()
    yield Result("server, nobody looks", idle, "%", f"of a processor, {KERNELS} kernels")
    yield Result("... without the extension", plain, "%", "the same: its own looking after kernels")
    yield Result("... somebody watches", watched, "%", "the live stream, busy kernels asked")


def _asked_while_training() -> Result:
    manager, client = start_new_kernel()
    try:
        client.execute_interactive(_TRAINING, output_hook=lambda _: None, timeout=PATIENCE)
        client.execute("while True: sess.run(train)")
        values = []
        for _ in range(rounds(REQUESTS, 50) + 1):
            begun = time.perf_counter()
            request = {"version": 1, "type": "hello", "id": "1"}
            message = client.session.msg("tfsession_request", {"request": request})
            client.control_channel.send(message)
            client.get_control_msg(timeout=PATIENCE)
            values.append(1e3 * (time.perf_counter() - begun))
        # The first one imports the protocol.
        return Result("state while a cell trains", values[1:], "ms", "over the control channel", 50)
    finally:
        manager.shutdown_kernel(now=True)
        client.stop_channels()


class _Server:
    """A Jupyter server with many kernels, in a process."""

    def __init__(self, *, enabled: bool) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="tfsession-bench-")
        home = Path(self._home.name)
        config = home / "config"
        config.mkdir()
        extensions = {"ServerApp": {"jpserver_extensions": {"jupyter_tfsession": enabled}}}
        (config / "jupyter_server_config.json").write_text(json.dumps(extensions))
        program = str(Path(__file__).with_name("light_kernel.py"))
        for name, words in (("light", []), ("busy", ["busy"])):
            folder = home / "data" / "kernels" / name
            folder.mkdir(parents=True)
            argv = [sys.executable, program, "{connection_file}", *words]
            specification = {"argv": argv, "display_name": name, "language": "python"}
            (folder / "kernel.json").write_text(json.dumps(specification))
        own = {
            "JUPYTER_CONFIG_DIR": config,
            "JUPYTER_DATA_DIR": home / "data",
            "JUPYTER_RUNTIME_DIR": home / "runtime",
        }
        options = ["--no-browser", "--allow-root", "--port=0", f"--IdentityProvider.token={TOKEN}"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", *options, f"--ServerApp.root_dir={home}"],
            env=os.environ | {name: str(path) for name, path in own.items()},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._url = self._wait(home / "runtime")
        self._load = psutil.Process(self._process.pid)

    def __enter__(self) -> _Server:  # noqa: PYI034 - Python 3.10 has no Self
        names = ["busy"] * BUSY + ["light"] * (KERNELS - BUSY)
        with ThreadPoolExecutor(STARTED_AT_ONCE) as pool:
            list(pool.map(self._start, names))
        time.sleep(SETTLING)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=PATIENCE)
        self._home.cleanup()

    def overview(self) -> float:
        """Return the seconds that the overview takes."""
        begun = time.perf_counter()
        told = self._open("jupyter-tfsession/api/kernels")
        seconds = time.perf_counter() - begun
        statuses = [kernel["status"] for kernel in told["kernels"]]
        if statuses != ["loaded"] * KERNELS:
            raise RuntimeError(f"not all kernels have answered: {statuses}")
        return seconds

    def loads(self) -> list[float]:
        """Return how much of a processor the server takes, a few times."""
        return [
            100 * self.processor(lambda: time.sleep(WATCHED)) / WATCHED
            for _ in range(rounds(SLICES, 2))
        ]

    def processor(self, call: Callable[[], object]) -> float:
        """Return the seconds of a processor that the server takes for a call."""
        before = self._load.cpu_times()
        call()
        after = self._load.cpu_times()
        return float(after.user + after.system - before.user - before.system)

    @contextlib.contextmanager
    def watcher(self) -> Iterator[None]:
        """Have somebody watch."""
        address = self._url.replace("http", "ws", 1) + "jupyter-tfsession/api/stream"
        socket = websocket.create_connection(address, timeout=PATIENCE, header=_KNOWN)
        socket.recv()
        yield
        socket.close()

    def _start(self, kind: str) -> None:
        self._open("api/kernels", json.dumps({"name": kind}).encode())

    def _open(self, path: str, body: bytes | None = None) -> Any:
        request = urllib.request.Request(self._url + path, body, _KNOWN)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def _wait(self, runtime: Path) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            # Half written, or not listening yet: look again.
            with contextlib.suppress(OSError, ValueError, StopIteration):
                path = next(runtime.glob("jpserver-*.json"))
                url = str(json.loads(path.read_text())["url"])
                with urllib.request.urlopen(f"{url}api", timeout=5):
                    return url
            time.sleep(0.1)
        raise RuntimeError("the server did not start")

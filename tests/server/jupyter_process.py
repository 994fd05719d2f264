"""A Jupyter server of its own, with this checkout's extension in it, driven over HTTP."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from jupyter_client.blocking.client import BlockingKernelClient

if TYPE_CHECKING:
    from collections.abc import Sequence

REPOSITORY: Final = Path(__file__).resolve().parents[2]
TOKEN: Final = "a-token-of-the-tests"
BASE: Final = "/some/base/"
_OWN: Final = "the server's own token"
_PATIENCE: Final = 90.0


@dataclass(frozen=True)
class Answer:
    """What the server has answered."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        """The body as what it is in JSON."""
        return json.loads(self.body)


class JupyterProcess:
    """A Jupyter server in a process, with a base URL and a token.

    Parameters
    ----------
    options
        More command-line arguments.
    specifications
        Kernel specifications that it has beside Python's, by name.
    base, token
        Its base URL and its token.
    beside
        A server of the same user, whose files of running servers and kernels are in one folder with
        those of this one.

    Attributes
    ----------
    root, url, environment
        The folder that it serves, its address, and what a command needs to find it.
    """

    def __init__(
        self,
        *options: str,
        specifications: dict[str, dict[str, Any]] | None = None,
        base: str = BASE,
        token: str = TOKEN,
        beside: JupyterProcess | None = None,
    ) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="tfsession-server-")
        home = Path(self._home.name)
        self.root = home / "notebooks"
        self.runtime = beside.runtime if beside is not None else home / "runtime"
        self.environment = _environment(home, self.runtime)
        self._token = token
        for folder in (self.root, home / "config" / "jupyter_server_config.d"):
            folder.mkdir(parents=True)
        enabled = {"ServerApp": {"jpserver_extensions": {"jupyter_tfsession": True}}}
        own = home / "config" / "jupyter_server_config.d" / "jupyter_tfsession.json"
        own.write_text(json.dumps(enabled))
        for name, specification in (specifications or {}).items():
            folder = home / "data" / "kernels" / name
            folder.mkdir(parents=True)
            (folder / "kernel.json").write_text(json.dumps(specification))
        self._log_path = home / "server.log"
        self._log = self._log_path.open("ab")
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyter_server",
                "--no-browser",
                "--allow-root",
                "--ip=127.0.0.1",
                f"--port={_free_port()}",
                f"--IdentityProvider.token={token}",
                f"--ServerApp.base_url={base}",
                f"--ServerApp.root_dir={self.root}",
                *options,
            ],
            cwd=home,
            env=self.environment,
            stdout=self._log,
            stderr=self._log,
        )
        self.url = self._wait_for_url()
        self._clients: list[BlockingKernelClient] = []

    def log(self) -> str:
        """Return what the server and its kernels have written."""
        return self._log_path.read_text(errors="replace")

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: Any = None,
        *,
        token: str | None = _OWN,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send a request to an address below the server's, and return what it answers."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, dict(headers or {}), method=method)
        if token is not None:
            shown = self._token if token is _OWN else token
            request.add_header("Authorization", f"token {shown}")
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def api(self, path: str, method: str = "GET", body: Any = None, **options: Any) -> Answer:
        """Send a request to this extension."""
        return self.ask(f"jupyter-tfsession/api{path}", method, body, **options)

    def cookie(self) -> str:
        """Return the cookies of a browser that came with the token."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
        connection.request("GET", f"{address.path}tree?token={self._token}")
        given = connection.getresponse().headers.get_all("Set-Cookie") or []
        connection.close()
        return "; ".join(one.split(";", 1)[0] for one in given)

    def start_kernel(self, notebook: str = "", name: str = "python3") -> str:
        """Start a kernel, for a notebook if one is named, and return its id."""
        if not notebook:
            return str(self.ask("api/kernels", "POST", {"name": name}).json["id"])
        model = {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": name}}
        return str(self.ask("api/sessions", "POST", model).json["kernel"]["id"])

    def client(self, kernel: str) -> BlockingKernelClient:
        """Return a front end's connection to a kernel."""
        client = BlockingKernelClient(connection_file=str(self.runtime / f"kernel-{kernel}.json"))
        client.load_connection_file()
        client.start_channels()
        self._clients.append(client)
        for patience in (True, True, False):
            try:
                client.wait_for_ready(timeout=_PATIENCE)
                break
            except RuntimeError:  # its heart beats late where much is going on
                if not patience:
                    raise
        return client

    def stop(self) -> None:
        """End the server and its kernels, and remove its files."""
        for client in self._clients:
            client.stop_channels()
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()
        self._home.cleanup()

    def _wait_for_url(self) -> str:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            # Half written, or not listening yet: look again.
            with contextlib.suppress(OSError, ValueError):
                path = self.runtime / f"jpserver-{self.process.pid}.json"
                url = str(json.loads(path.read_text())["url"])
                with urllib.request.urlopen(f"{url}api", timeout=5):
                    return url
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        message = f"the server did not start:\n{self.log()[-3000:]}"
        raise AssertionError(message)


def run(client: BlockingKernelClient, *cells: str) -> None:
    """Run cells and wait for them."""
    for cell in cells:
        reply = client.execute(cell, reply=True, timeout=_PATIENCE)
        assert reply["content"]["status"] == "ok", reply["content"]


def value(client: BlockingKernelClient, expression: str) -> str:
    """Return what an expression is, as text."""
    reply = client.execute(
        "", silent=True, user_expressions={"it": expression}, reply=True, timeout=_PATIENCE
    )
    return str(reply["content"]["user_expressions"]["it"]["data"]["text/plain"])


def _free_port() -> int:
    """Return a port; if it is taken meanwhile, the server tries others."""
    with socket.socket() as probe:  # older servers note the 0 that they are given
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(home: Path, runtime: Path) -> dict[str, str]:
    places = [str(REPOSITORY), str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    own = {
        "HOME": home,
        "IPYTHONDIR": home / "ipython",
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": runtime,
        "PYTHONPATH": os.pathsep.join(filter(None, places)),
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    return os.environ | {name: str(value) for name, value in own.items()}


def specification(code: str, language: str = "python") -> dict[str, Any]:
    """Return the specification of a kernel that is a Python program."""
    argv: Sequence[str] = [sys.executable, "-c", code, "{connection_file}"]
    return {"argv": list(argv), "display_name": language, "language": language}

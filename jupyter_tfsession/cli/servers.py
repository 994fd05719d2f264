"""The running Jupyter servers, as ``jupyter server list`` finds them, and asking them."""

from __future__ import annotations

import json
import logging
import socket
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urlencode, urlsplit

from jupyter_tfsession.cli.failures import CommandError, Exit

if TYPE_CHECKING:
    from collections.abc import Mapping

_QUICK: Final = 20.0  # seconds; hundreds of kernels that do not answer take as long
_LONG: Final = 3600.0

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class ServerError(Exception):
    """A server does not answer, or has not got the extension."""


@dataclass(frozen=True)
class Answer:
    """What a server has answered."""

    status: int
    content: Any

    @property
    def message(self) -> str:
        """Why it was not done."""
        content = self.content if isinstance(self.content, dict) else {}
        return str(content.get("message") or f"the server answered {self.status}")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: the token is for this server only."""

    def redirect_request(self, *_args: Any) -> None:
        return None


@dataclass(frozen=True)
class Server:
    """A running Jupyter server.

    Attributes
    ----------
    url, token
        Where it is, and what it wants to see.
    root
        The directory that it serves.
    """

    url: str
    token: str
    root: str

    def ask(
        self,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Send a request to the extension; one with a body changes something.

        Raises
        ------
        ServerError
            There is no answer.
        """
        url = f"{self.url}jupyter-tfsession/api{path}"
        if query:
            url = f"{url}?{urlencode(query, doseq=True)}"
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(url, data)  # noqa: S310 - from a file of the user's own
        if self.token:
            request.add_header("Authorization", f"token {self.token}")
        # Neither a proxy nor another server gets to see the token.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
        try:
            with opener.open(request, timeout=_LONG if data else _QUICK) as answer:
                content = _content(answer.read())
                if not isinstance(content, dict):
                    raise ServerError("answers as no Jupyter server does")
                return Answer(answer.status, content)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _content(error.read()))
        except (OSError, ValueError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise ServerError(f"does not answer: {reason}") from None

    def kernels(self) -> list[dict[str, Any]]:
        """Return what the server tells of its kernels.

        Raises
        ------
        ServerError
            It does not tell.
        """
        answer = self.ask("/kernels")
        if answer.status == 404:  # noqa: PLR2004 - as HTTP has it
            raise ServerError(
                "has not got the extension: install jupyter_tfsession where it runs and restart it"
            )
        if answer.status != 200:  # noqa: PLR2004
            raise ServerError(f"does not tell its sessions: {answer.message}")
        kernels: list[dict[str, Any]] = answer.content.get("kernels", [])
        return kernels


@dataclass
class Told:
    """What a server tells.

    Attributes
    ----------
    kernels
        Its kernels.
    problem
        Why it tells nothing; "" if it does.
    """

    server: Server
    kernels: list[dict[str, Any]] = field(default_factory=list)
    problem: str = ""


def ask_each(servers: list[Server]) -> list[Told]:
    """Return what servers tell of their kernels; one that hangs delays no other."""
    told = [Told(server) for server in servers]
    # Not a pool, for whose threads an interrupt would have to wait.
    threads = [threading.Thread(target=_fill, args=(one,), daemon=True) for one in told]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def _fill(told: Told) -> None:
    try:
        told.kernels = told.server.kernels()
    except ServerError as error:
        told.problem = str(error)


def running(url: str | None = None) -> list[Server]:
    """Return the servers that run, or the one at an address.

    Parameters
    ----------
    url
        The server's address, as `jupyter server list` shows it, or that of a page of it.

    Raises
    ------
    CommandError
        There is none.
    """
    there = _all()
    found = there if url is None else [server for server in there if _is_at(server, url)]
    if not there:
        raise CommandError("no Jupyter server runs: see jupyter server list", Exit.NOT_FOUND)
    if not found:
        asked = str(url).partition("?")[0]  # behind which there may be a token
        urls = ", ".join(server.url for server in there)
        raise CommandError(f"no Jupyter server runs at {asked}; there is: {urls}", Exit.NOT_FOUND)
    return found


def _all() -> list[Server]:
    # It takes half a second to import, which --help should not.
    from jupyter_core.paths import jupyter_runtime_dir  # noqa: PLC0415
    from jupyter_server.serverapp import list_running_servers  # noqa: PLC0415

    log, directory = logging.getLogger("jupyter_tfsession.cli"), Path(jupyter_runtime_dir())

    def begun(info: dict[str, Any]) -> float:
        try:
            return (directory / f"jpserver-{info['pid']}.json").stat().st_mtime
        except OSError:  # it ends just now
            return 0.0

    found: dict[tuple[str, int | None], Server] = {}
    try:
        for info in sorted(list_running_servers(str(directory), log=log), key=begun):
            if not info.get("sock"):  # for Unix sockets Python has no HTTP client
                url = str(info["url"])
                server = Server(url, str(info.get("token", "")), str(info.get("root_dir", "")))
                # A server that was killed seems to run if another process has its number; its port
                # is the later server's.
                found[_place(urlsplit(url))] = server
    except (OSError, ValueError, KeyError) as error:
        told = f"the list of servers cannot be read: {error}"
        raise CommandError(told, Exit.UNAVAILABLE) from None
    return sorted(found.values(), key=lambda server: server.url)


def _is_at(server: Server, url: str) -> bool:
    own, given = urlsplit(server.url), urlsplit(url if "://" in url else f"http://{url}")
    try:
        same = _place(own) == _place(given)
    except ValueError:  # no port has such a number
        return False
    # Without a path the port is enough; with one it may be that of a page of JupyterLab's.
    return same and (not given.path.strip("/") or f"{given.path}/".startswith(own.path))


def _place(url: SplitResult) -> tuple[str, int | None]:
    host = url.hostname or ""
    here = {"localhost", "127.0.0.1", "::1", socket.gethostname().lower()}
    return "localhost" if host in here else host, url.port or _DEFAULT_PORTS.get(url.scheme)


def _content(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:  # a page for people
        return None

"""The running Jupyter servers, as ``jupyter server list`` finds them, and asking them."""

from __future__ import annotations

import json
import logging
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from jupyter_tfsession.cli.failures import CommandError, Exit

if TYPE_CHECKING:
    from collections.abc import Mapping

_QUICK: Final = 20.0  # seconds; hundreds of kernels that do not answer take as long
_LONG: Final = 3600.0


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
                return Answer(answer.status, json.load(answer))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _content(error.read()))
        except (OSError, ValueError) as error:
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
        kernels: list[dict[str, Any]] = answer.content["kernels"]
        return kernels


def running(url: str | None = None) -> list[Server]:
    """Return the servers that run, or the one at an address.

    Raises
    ------
    CommandError
        There is none.
    """
    # It takes half a second to import, which --help should not.
    from jupyter_core.paths import jupyter_runtime_dir  # noqa: PLC0415
    from jupyter_server.serverapp import list_running_servers  # noqa: PLC0415

    log = logging.getLogger("jupyter_tfsession.cli")
    found = [
        Server(str(info["url"]), str(info.get("token", "")), str(info.get("root_dir", "")))
        for info in list_running_servers(jupyter_runtime_dir(), log=log)
        if not info.get("sock")  # on a socket of Unix there is no HTTP client in Python
    ]
    if url is not None:
        found = [server for server in found if server.url.rstrip("/") == url.rstrip("/")]
    if not found:
        where = f" at {url}" if url is not None else ""
        raise CommandError(
            f"no Jupyter server runs{where}: see jupyter server list", Exit.NOT_FOUND
        )
    return sorted(found, key=lambda server: server.url)


def _content(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:  # a page for people
        return None

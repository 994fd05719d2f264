"""Which kernel and which session a command is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jupyter_tfsession.cli.failures import CommandError, Exit
from jupyter_tfsession.cli.servers import Server, ServerError


@dataclass(frozen=True)
class Target:
    """A session of a kernel of a server, as the server tells of them."""

    server: Server
    kernel: dict[str, Any]
    session: dict[str, Any]

    @property
    def path(self) -> str:
        """The address of the session."""
        return f"/kernels/{self.kernel['id']}/sessions/{self.session['graph']}"


def find(servers: list[Server], reference: str, graph: str | None) -> Target:
    """Return the session of a graph, or the current one, of a kernel.

    Parameters
    ----------
    servers
        Where to look.
    reference
        The beginning of the kernel's id, or the path of its notebook or the end of it.
    graph
        What the graph is called.

    Raises
    ------
    CommandError
        There is none, or more than one.
    """
    found = [
        (server, kernel)
        for server in servers
        for kernel in _kernels(server)
        if _is_meant(kernel, reference)
    ]
    if not found:
        raise CommandError(f"no kernel {reference!r}: see jupyter tfsession list", Exit.NOT_FOUND)
    if len(found) > 1:
        ids = ", ".join(kernel["id"][:8] for _, kernel in found)
        raise CommandError(f"{reference!r} may be one of several kernels: {ids}", Exit.NOT_FOUND)
    server, kernel = found[0]
    if kernel["status"] != "loaded":
        raise CommandError(f"kernel {kernel['id'][:8]}: {kernel['because']}", Exit.UNAVAILABLE)
    return Target(server, kernel, _session(kernel, graph))


def _session(kernel: dict[str, Any], graph: str | None) -> dict[str, Any]:
    state = kernel["state"]
    sessions: list[dict[str, Any]] = state["sessions"]
    if graph is None:
        chosen = [one for one in sessions if one["graph"] == state["current"]]
    else:
        chosen = [one for one in sessions if one["name"] == graph]
    if not chosen:
        there = ", ".join(one["name"] for one in sessions) or "none"
        wanted = f"graph {graph!r}" if graph is not None else "session"
        raise CommandError(f"no {wanted} there; there is: {there}", Exit.NOT_FOUND)
    return chosen[0]


def _kernels(server: Server) -> list[dict[str, Any]]:
    try:
        return server.kernels()
    except ServerError:  # `list` and `doctor` tell
        return []


def _is_meant(kernel: dict[str, Any], reference: str) -> bool:
    least = 4  # characters of an id; fewer are a slip rather than a choice
    if len(reference) >= least and kernel["id"].startswith(reference):
        return True
    return any(path == reference or path.endswith(f"/{reference}") for path in kernel["notebooks"])

"""Which kernel and which session a command is about."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from jupyter_tfsession.cli.failures import CommandError, Exit
from jupyter_tfsession.cli.servers import Server, ask_each

if TYPE_CHECKING:
    from collections.abc import Callable

    Place: TypeAlias = tuple[Server, dict[str, Any]]


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
        The beginning of the kernel's id, or the path of its notebook or the end of it, as the
        server has it or as it is here.
    graph
        What the graph is called.

    Raises
    ------
    CommandError
        There is none, or more than one.
    """
    told = ask_each(servers)
    found = _closest([(one.server, kernel) for one in told for kernel in one.kernels], reference)
    if not found:
        silent = "; ".join(f"{one.server.url} {one.problem}" for one in told if one.problem)
        if silent:  # it may be there
            raise CommandError(f"found no kernel {reference!r}; {silent}", Exit.UNAVAILABLE)
        raise CommandError(f"no kernel {reference!r}: see jupyter tfsession list", Exit.NOT_FOUND)
    if len({kernel["id"] for _, kernel in found}) > 1:
        raise CommandError(_several(reference, found), Exit.NOT_FOUND)
    # One kernel may be on two servers: on its own, and on one that has the other for its gateway.
    server, kernel = min(found, key=lambda place: place[1]["status"] != "loaded")
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


def _several(reference: str, found: list[Place]) -> str:
    kernels = "; ".join(
        " ".join((kernel["id"][:8], ", ".join(kernel["notebooks"]), "on", server.url))
        for server, kernel in found
    )
    how = "by its id" if len({server for server, _ in found}) == 1 else "by its id or --server URL"
    return f"{reference!r} may be one of several kernels, choose {how}: {kernels}"


def _closest(there: list[Place], reference: str) -> list[Place]:
    """Return what is meant; who says a whole path does not mean another that ends like it."""
    least = 4  # characters of an id; fewer are a slip rather than a choice
    here = os.path.realpath(reference)

    def is_file(place: Place) -> bool:
        server, kernel = place
        return any(
            os.path.realpath(Path(server.root, path)) == here for path in kernel["notebooks"]
        )

    def is_whole(place: Place) -> bool:
        _, kernel = place
        is_id = len(reference) >= least and kernel["id"].startswith(reference)
        return is_id or reference in kernel["notebooks"]

    def is_end(place: Place) -> bool:
        return any(path.endswith(f"/{reference}") for path in place[1]["notebooks"])

    ways: tuple[Callable[[Place], bool], ...] = (is_file, is_whole, is_end)
    return next((found for way in ways if (found := list(filter(way, there)))), [])

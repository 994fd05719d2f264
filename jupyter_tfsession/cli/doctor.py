"""``jupyter tfsession doctor``: what works, and what does not and why."""

from __future__ import annotations

from importlib.metadata import distributions
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.cli.failures import CommandError, Exit
from jupyter_tfsession.cli.profiles import is_enabled
from jupyter_tfsession.cli.results import Result
from jupyter_tfsession.cli.servers import ask_each, running
from jupyter_tfsession.displays import Text, counted

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from jupyter_tfsession.cli.servers import Told

_PACKAGES = ("jupyter_tfsession", "jupyter_server", "ipykernel", "tensorflow")


def doctor(args: Namespace) -> Result:
    """Look at versions, settings, servers and kernels."""
    checks = [*_versions(), *_profile(args.profile), *_servers(args.server)]
    shown = "\n".join(
        f"{'ok' if one['ok'] else '!!'}  {one['what']}: {one['detail']}" for one in checks
    )
    well = all(one["ok"] for one in checks)
    return Result({"checks": checks}, [Text(shown)], Exit.DONE if well else Exit.REFUSED)


def _check(what: str, detail: str, *, ok: bool = True, server: str = "") -> dict[str, Any]:
    return {"what": what, "ok": ok, "detail": detail, "server": server}


def _versions() -> Iterator[dict[str, Any]]:
    for name in _PACKAGES:
        found = next(iter(distributions(name=name)), None)
        told = "not installed where this command is, which may be no harm"
        yield _check(name, found.version if found is not None else told)


def _profile(profile: str) -> Iterator[dict[str, Any]]:
    what = f"IPython profile {profile}"
    try:
        enabled = is_enabled(profile)
    except CommandError as error:
        yield _check(what, str(error), ok=False)
        return
    told = "loads" if enabled else "does not load"
    yield _check(what, f"{told} the extension in new kernels; enable and disable change that")


def _servers(url: str | None) -> Iterator[dict[str, Any]]:
    try:
        servers = running(url)
    except CommandError as error:
        yield _check("servers", str(error), ok=url is None)
        return
    for told in ask_each(servers):
        yield from _server(told)


def _server(server: Told) -> Iterator[dict[str, Any]]:
    url, kernels = server.server.url, server.kernels
    if server.problem:
        yield _check(url, server.problem, ok=False, server=url)
        return
    yield _check(url, f"has the extension, and {counted(len(kernels), 'kernel')}", server=url)
    for kernel in kernels:
        what = ", ".join(kernel["notebooks"]) or f"kernel {kernel['id'][:8]}"
        off = (kernel["state"] or {}).get("off", [])
        silent = kernel["status"] == "no_answer"
        failed = "; ".join(f"switched off {one['purpose']} ({one['because']})" for one in off)
        told = failed or kernel["because"] or "tells its sessions"
        yield _check(what, told, ok=not (off or silent), server=url)

"""The commands on sessions: list, show, snapshot and close."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.cli.failures import CommandError, Exit
from jupyter_tfsession.cli.finding import find
from jupyter_tfsession.cli.results import Result
from jupyter_tfsession.cli.servers import ServerError, ask_each, running
from jupyter_tfsession.displays import Line, Table, human_bytes

if TYPE_CHECKING:
    from argparse import Namespace

    from jupyter_tfsession.cli.finding import Target
    from jupyter_tfsession.cli.servers import Answer, Server

_PAGE = 1_000


def list_all(args: Namespace) -> Result:
    """List the sessions of all kernels of all servers."""
    told: list[dict[str, Any]] = []
    tables: list[object] = []
    code = Exit.DONE
    for one in ask_each(running(args.server)):
        server = {"url": one.server.url, "root": one.server.root}
        told.append({**server, "problem": one.problem, "kernels": one.kernels})
        if one.problem:
            tables.append(Line(f"{one.server.url} {one.problem}"))
            code = Exit.UNAVAILABLE
        else:
            tables.append(_table(one.server, one.kernels))
    return Result({"servers": told}, tables, code)


def show(args: Namespace) -> Result:
    """Show the variables of a session."""
    target = find(running(args.server), args.kernel, args.graph)
    rows: list[dict[str, Any]] = []
    readings: dict[int, dict[str, Any]] = {}
    while True:
        query = {"glob": args.globs, "offset": len(rows), "limit": min(_PAGE, args.most)}
        page = _done(_ask(target, "/variables", query=query))
        rows += page["rows"]
        readings.update((reading["variable"], reading) for reading in page["readings"])
        if not page["rows"] or len(rows) >= min(page["total"], args.most):
            break
    left = page["total"] - len(rows)
    table = Table(
        title=f"{target.session['name']} of {_name(target.kernel)}",
        columns=("name", "value", "shape", "dtype", "bytes", "device", "last written"),
        rows=[_row(row, readings.get(row["variable"])) for row in rows],
        footnote=f"and {left} more: --most {page['total']}" if left else "",
        empty="no variable matches" if args.globs else "no variables",
        numeric=frozenset({"bytes"}),
    )
    told = {**page, "rows": rows, "readings": list(readings.values())}
    return Result(told, [table])


def snapshot(args: Namespace) -> Result:
    """Keep the values of a session on the disk."""
    target = find(running(args.server), args.kernel, args.graph)
    return _acted(_ask(target, "/snapshot", body={"name": args.name}))


def close(args: Namespace) -> Result:
    """Close a session; unless discarded, its values wait on the host."""
    target = find(running(args.server), args.kernel, args.graph)
    body = {"generation": target.session["generation"], "discard": args.discard}
    answer = _ask(target, "/close", body=body)
    confirm = answer.content.get("confirm") if isinstance(answer.content, dict) else None
    if confirm:
        if not (args.yes or _agrees(confirm)):
            raise CommandError(f"{confirm['text']} Say --yes if that is meant.", Exit.UNCONFIRMED)
        answer = _ask(target, "/close", body={**body, "confirm": confirm["token"]})
    return _acted(answer)


def _agrees(confirm: dict[str, Any]) -> bool:
    if not sys.stdin.isatty():
        return False
    undo = "Undo can bring it back." if confirm["undo"] else "Nothing brings it back."
    sys.stderr.write(f"{confirm['text']} {undo} Go on? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _ask(target: Target, path: str, **what: Any) -> Answer:
    try:
        return target.server.ask(f"{target.path}{path}", **what)
    except ServerError as error:
        raise CommandError(f"{target.server.url} {error}", Exit.UNAVAILABLE) from None


def _done(answer: Answer) -> dict[str, Any]:
    if answer.status != 200:  # noqa: PLR2004 - as HTTP has it
        content = answer.content if isinstance(answer.content, dict) else {}
        gone = content.get("code") in {"no_answer", "not_loaded", "not_supported"}
        raise CommandError(answer.message, Exit.UNAVAILABLE if gone else Exit.REFUSED)
    content = answer.content
    return dict(content)


def _acted(answer: Answer) -> Result:
    done = _done(answer)
    return Result(done, [Line(done["text"])])


def _table(server: Server, kernels: list[dict[str, Any]]) -> Table:
    rows = [row for kernel in kernels for row in _rows(kernel)]
    return Table(
        title=f"{server.url} :: {server.root}",  # as jupyter server list has it
        columns=("kernel", "notebook", "graph", "state", "variables", "bytes", "runs", "last cell"),
        rows=rows,
        footnote=human_bytes(sum(kernel["bytes"] for kernel in kernels)) if rows else "",
        empty="no kernels",
        numeric=frozenset({"variables", "bytes", "runs"}),
    )


def _rows(kernel: dict[str, Any]) -> list[tuple[str, ...]]:
    first = (kernel["id"][:8], ", ".join(kernel["notebooks"]))
    state = kernel["state"]
    if state is None or not state["sessions"]:
        why = kernel["because"] or "no sessions"
        return [(*first, "", why, "", "", "", "")]
    stale = f", {len(state['stale'])} stale" if state["stale"] else ""
    busy = ", busy" if state["busy"] else ""
    silent = ", does not answer" if kernel["status"] == "no_answer" else ""
    return [
        (
            *first,
            session["name"],
            f"{session['state']}{busy}{stale}{silent}",
            f"{session['initialized']} / {session['variables']}",
            human_bytes(session["bytes"]),
            str(session["runs"]),
            session["cell"],
        )
        for session in state["sessions"]
    ]


def _row(row: dict[str, Any], reading: dict[str, Any] | None) -> tuple[str, ...]:
    told = reading or {"text": "", "note": "", "device": "", "written": None}
    written = told["written"]
    return (
        row["name"],
        told["text"] or told["note"],
        _shape(row["shape"]),
        row["dtype"],
        human_bytes(row["bytes"]),
        str(told["device"]).rpartition("device:")[2],
        written["cell"] if written else "",
    )


def _shape(shape: list[int | None] | None) -> str:
    return "unknown" if shape is None else str(tuple(shape)).replace("None", "?")


def _name(kernel: dict[str, Any]) -> str:
    return ", ".join(kernel["notebooks"]) or kernel["id"][:8]

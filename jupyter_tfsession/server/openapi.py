"""Write the OpenAPI file: ``python -m jupyter_tfsession.server.openapi``.

The shapes of what is sent and taken come from the classes; the addresses are described here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import msgspec

from jupyter_tfsession.frontend.protocol.messages import Detail
from jupyter_tfsession.frontend.protocol.schema import tidied
from jupyter_tfsession.server import models

PATH: Final = Path(__file__).with_name("openapi.json")

_ROOT: Final = "/jupyter-tfsession/api"
_OWN: Final = (
    models.KernelList,
    models.Kernel,
    models.Changed,
    models.Gone,
    models.Variables,
    models.Done,
    models.Refusal,
    models.StoredList,
    *dict.fromkeys(models.ACTIONS.values()),
    Detail,
)
_COUNT: Final = {"type": "integer", "minimum": 0, "maximum": 10**15 - 1}
_FAILURES: Final = {
    "400": "What was asked is not as it should be.",
    "403": "Whoever asks is not known, or may not.",
    "404": "There is no such thing.",
    "409": "Things are not so: not loaded, stale, busy, or it has to be confirmed.",
    "422": "It cannot be done.",
    "502": "A fault in the kernel.",
    "504": "The kernel does not answer.",
}
_WHAT_IT_DOES: Final = {
    "reset": "Give variables their initial values again.",
    "init": "Initialize the variables that are not initialized.",
    "undo": "Take back the last change of values.",
    "redo": "Do again what was undone last.",
    "close": "Close the session; unless discarded, its values wait on the host.",
    "snapshot": "Keep the values of all variables on the disk.",
    "restore": "Give variables the values of a snapshot: all of them, or nothing is done.",
}


def specification() -> dict[str, Any]:
    """Return the description of the API."""
    _, shapes = msgspec.json.schema_components(_OWN, ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jupyter_tfsession",
            "version": "1",
            "description": "The TensorFlow sessions of all kernels of a Jupyter server. Generated.",
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "schemas": {name: tidied(shapes[name]) for name in sorted(shapes)},
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": "Authorization"}
            },
        },
    }


def text() -> str:
    """Return the file as it is in the repository."""
    return json.dumps(specification(), indent=2) + "\n"


def _paths() -> dict[str, Any]:
    kernel = _in_path("kernel_id", {"type": "string", "format": "uuid"})
    graph = _in_path("graph", _COUNT)
    session = f"{_ROOT}/kernels/{{kernel_id}}/sessions/{{graph}}"
    of_session = [kernel, graph]
    stored = _in_path("name", {"type": "string", "pattern": models.STORED})
    directory = _in_query("directory", {"type": "string", "maxLength": 10_000})
    plan = [
        _in_query("snapshot", {"type": "string", "maxLength": 10_000}, required=True),
        _in_query("similar", {"type": "boolean"}),
    ]
    page = [
        _in_query("offset", {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}),
        _in_query("limit", {"type": "integer", "minimum": 1, "maximum": 1000}),
        _in_query("readings", {"type": "boolean"}),
        _in_query("glob", {"type": "array", "items": {"type": "string"}, "maxItems": 32}),
    ]
    free = {"type": "object"}
    paths: dict[str, Any] = {
        _ROOT: {"get": _operation("specification", "Send this file.", [], free)},
        f"{_ROOT}/kernels": {
            "get": _operation("kernels", "Tell all kernels and their sessions.", [], "KernelList")
        },
        f"{_ROOT}/stream": {
            "get": {
                "operationId": "stream",
                "summary": "Open a WebSocket: a KernelList, then a Changed or Gone at a time.",
                "responses": {
                    "101": {"description": "It is open."},
                    "400": {"description": "This is no WebSocket's request."},
                    **{status: _failure(status) for status in ("403", "404")},
                },
            }
        },
        f"{_ROOT}/kernels/{{kernel_id}}": {
            "get": _operation("kernel", "Tell a kernel and its sessions.", [kernel], "Kernel")
        },
        f"{_ROOT}/kernels/{{kernel_id}}/snapshots": {
            "get": _operation("kept", "Tell the snapshots that it can restore.", [kernel], free)
        },
        f"{session}/variables": {
            "get": _operation(
                "variables", "Tell a page of the variables.", [*of_session, *page], "Variables"
            )
        },
        f"{session}/variables/{{variable}}": {
            "get": _operation(
                "variable",
                "Tell one variable in full.",
                [*of_session, _in_path("variable", _COUNT)],
                "Detail",
            )
        },
        f"{session}/plan": {
            "get": _operation("plan", "Tell what restoring would do.", [*of_session, *plan], free)
        },
        f"{_ROOT}/snapshots": {
            "get": _operation("stored", "Tell the snapshots on disk.", [directory], "StoredList")
        },
        f"{_ROOT}/snapshots/{{name}}": {
            "get": _operation("download", "Send a snapshot.", [stored, directory], None),
            "delete": _operation("drop", "Remove a snapshot.", [stored, directory], None),
        },
    }
    for action, kind in models.ACTIONS.items():
        post = _operation(action, _WHAT_IT_DOES[action], of_session, "Done")
        post["requestBody"] = {"required": True, "content": _json(kind.__name__)}
        paths[f"{session}/{action}"] = {"post": post}
    one = paths[f"{_ROOT}/snapshots/{{name}}"]
    archive = {"schema": {"type": "string", "contentMediaType": "application/x-tar"}}
    one["get"]["responses"]["200"]["content"] = {"application/x-tar": archive}
    one["delete"]["responses"]["204"] = one["delete"]["responses"].pop("200")
    return paths


def _operation(name: str, summary: str, parameters: list[Any], gives: Any) -> dict[str, Any]:
    done: dict[str, Any] = {"description": "Done."}
    if gives is not None:
        done["content"] = _json(gives)
    failures = {status: _failure(status) for status in _FAILURES}
    return {
        "operationId": name,
        "summary": summary,
        "parameters": parameters,
        "responses": {"200": done, **failures},
    }


def _failure(status: str) -> dict[str, Any]:
    return {"description": _FAILURES[status], "content": _json("Refusal")}


def _json(shape: Any) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{shape}"} if isinstance(shape, str) else shape
    return {"application/json": {"schema": schema}}


def _in_path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _in_query(name: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": schema}


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")

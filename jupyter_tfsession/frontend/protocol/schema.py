"""Write the JSON schema of the protocol: ``python -m jupyter_tfsession.frontend.protocol.schema``.

The TypeScript types are generated from it; ``make protocol`` does both.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import msgspec

from jupyter_tfsession.frontend.protocol.messages import Event, Reply, Snapshot
from jupyter_tfsession.frontend.protocol.requests import Opened, Request
from jupyter_tfsession.frontend.protocol.types import VERSION

PATH: Final = Path(__file__).parents[1] / "protocol.schema.json"

_ROOTS: Final = {
    "Opened": Opened,
    "Request": Request,
    "Event": Event,
    "Reply": Reply,
    "Snapshot": Snapshot,
}


def text() -> str:
    """Return the schema as it is in the repository."""
    kinds, definitions = msgspec.json.schema_components(
        list(_ROOTS.values()), ref_template="#/$defs/{name}"
    )
    roots = dict(zip(_ROOTS, kinds, strict=True))
    definitions.update((name, kind) for name, kind in roots.items() if "$ref" not in kind)
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Protocol",
        "description": f"Messages of jupyter_tfsession, version {VERSION}. Generated.",
        "type": "object",
        "properties": {name: {"$ref": f"#/$defs/{name}"} for name in roots},
        "additionalProperties": False,
        "$defs": {name: tidied(definitions[name]) for name in sorted(definitions)},
    }
    return json.dumps(schema, indent=2) + "\n"


def tidied(schema: Any) -> Any:
    """Put alternatives in one order, for msgspec's differs from version to version.

    Of descriptions only the first line is kept: the rest, the attributes, reads badly out of
    Python.
    """
    if isinstance(schema, list):
        return [tidied(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: tidied(value) for key, value in schema.items()}
    if "anyOf" in found:
        found["anyOf"].sort(key=lambda one: (one.get("type") == "null", json.dumps(one)))
    if "description" in found:
        found["description"] = str(found["description"]).splitlines()[0]
    return found


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")

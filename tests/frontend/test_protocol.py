"""The protocol: written once, the same on both sides, and strict."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tfsession.frontend.protocol import (
    REQUESTS,
    VERSION,
    MalformedError,
    Opened,
    number,
    parse,
)
from jupyter_tfsession.frontend.protocol import schema as written

REPOSITORY = Path(__file__).resolve().parents[2]
TYPES = REPOSITORY / "labextension" / "src" / "protocol.ts"
HELLO = {"version": VERSION, "type": "hello", "id": "1"}


def test_the_schema_in_the_repository_is_that_of_the_messages() -> None:
    assert written.PATH.read_text(encoding="utf-8") == written.text(), "run `make protocol`"


def test_the_schema_is_one() -> None:
    schema = json.loads(written.PATH.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate({"Request": HELLO})
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({"Request": {**HELLO, "more": 1}})


def test_the_types_of_the_front_end_have_the_same_fields() -> None:
    # `jlpm protocol:check`, which `make check` runs, compares them to the letter.
    types = TYPES.read_text(encoding="utf-8")
    definitions = json.loads(written.PATH.read_text(encoding="utf-8"))["$defs"]
    for name, definition in definitions.items():
        if definition.get("type") != "object":
            continue
        body = re.search(
            rf"export interface {name} \{{\n(.*?)^\}}", types, re.DOTALL | re.MULTILINE
        )
        assert body is not None, name
        fields = dict(re.findall(r"^  (\w+)(\??):", body[1], re.MULTILINE))
        required = set(definition["required"])
        assert fields == {
            field: "" if field in required else "?" for field in definition["properties"]
        }


def test_loading_the_extension_imports_nothing_of_it() -> None:
    source = (
        "import sys, jupyter_tfsession.extension; "
        "print({'msgspec', 'anywidget', 'ipywidgets', 'tensorflow', 'numpy'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (None, "malformed"),
        ([], "malformed"),
        ({}, "malformed"),
        ({1: 2}, "malformed"),
        ({**HELLO, "version": 2}, "version"),
        ({**HELLO, "version": True}, "malformed"),
        ({**HELLO, "type": "eval"}, "unknown"),
        ({**HELLO, "type": ["hello"]}, "malformed"),
        ({**HELLO, "id": ""}, "malformed"),
        ({**HELLO, "id": "x" * 65}, "malformed"),
        ({**HELLO, "code": "1+1"}, "malformed"),
        ({**HELLO, "type": "detail", "graph": 1}, "malformed"),
        ({**HELLO, "type": "detail", "graph": -1, "variable": 0}, "malformed"),
        ({**HELLO, "type": "detail", "graph": "1", "variable": 0}, "malformed"),
        ({**HELLO, "type": "detail", "graph": 10**40, "variable": 0}, "malformed"),
        ({**HELLO, "type": "table", "graph": 1, "limit": 1001}, "malformed"),
        ({**HELLO, "type": "table", "graph": 1, "globs": ["x" * 10_001]}, "malformed"),
        ({**HELLO, "type": "subscribe", "view": "v", "interval": float("nan")}, "malformed"),
        ({**HELLO, "type": "subscribe", "view": "v", "rows": [1] * 1001}, "malformed"),
        ({**HELLO, "type": "guard", "policy": "never"}, "malformed"),
        ({**HELLO, "type": "set", "graph": 1, "generation": 1, "variable": 0}, "malformed"),
    ],
)
def test_what_is_malformed_has_a_code(message: object, code: str) -> None:
    with pytest.raises(MalformedError) as refused:
        parse(message)
    assert refused.value.code == code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
ALMOST = st.fixed_dictionaries(
    {"version": st.just(VERSION), "type": st.sampled_from(REQUESTS), "id": st.just("1")},
    optional=dict.fromkeys(
        ("view", "graph", "generation", "variable", "variables", "value", "rows"), JSON
    ),
)


@given(JSON | ALMOST)
def test_anything_is_a_request_or_refused(message: object) -> None:
    try:
        request = parse(message)
    except MalformedError as error:
        refused = error
    else:
        assert parse(msgspec.to_builtins(request)) == request
        return
    assert refused.code in {"malformed", "version", "unknown"}
    assert len(str(refused)) <= 500


def test_deep_nesting_is_refused() -> None:
    nested: object = []
    for _ in range(50_000):
        nested = [nested]
    with pytest.raises(MalformedError):
        parse({**HELLO, "type": "reset", "graph": 1, "generation": 1, "variables": nested})


def test_a_comm_is_for_requests_or_events() -> None:
    assert parse({"version": 1, "role": "events", "view": "v"}, Opened).role == "events"
    with pytest.raises(MalformedError):
        parse({"version": 1, "role": "both", "view": "v"}, Opened)


@given(st.floats())
def test_numbers_travel_as_json(value: float) -> None:
    sent = json.dumps(number(value), allow_nan=False)
    back = float(json.loads(sent))
    assert back == value or (back != back and value != value)  # noqa: PLR0124 - not a number

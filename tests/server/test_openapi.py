"""The API is as its file says, whatever is asked."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from jupyter_process import TOKEN, value
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from jupyter_tfsession.server import openapi

if TYPE_CHECKING:
    from jupyter_process import JupyterProcess
    from model_kernel import Model

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def test_the_file_is_generated_from_the_code():
    assert openapi.PATH.read_text(encoding="utf-8") == openapi.text()


def test_the_live_server_is_as_its_file_says(server: JupyterProcess, model: Model):
    schema = schemathesis.openapi.from_dict(openapi.specification())
    there = {"kernel_id": model.id, "graph": model.session()["graph"], "variable": 1}
    before = value(model.client, "sess.run(w).tolist()")
    answered = set()

    def tried(operation: Any) -> None:
        @settings(
            max_examples=12,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy())
        def ask(case: Any) -> None:
            # What is there is found; by chance nothing is.
            case.path_parameters.update(
                {name: there[name] for name in case.path_parameters if name in there}
            )
            answer = case.call_and_validate(
                base_url=server.url.rstrip("/"),
                headers={"Authorization": f"token {TOKEN}"},
                checks=CHECKS,
            )
            answered.add((operation.label, answer.status_code))

        ask()

    for found in schema.get_all_operations():
        tried(found.ok())
    done = {label for label, status in answered if status == 200}
    assert any("/variables/{variable}" in label for label in done)
    assert any(label.endswith("/kernels/{kernel_id}") for label in done)
    assert value(model.client, "sess.run(w).tolist()") == before
    shutil.rmtree(server.root / "part" / "tfsession-snapshots", ignore_errors=True)

"""One Jupyter server with one kernel that has a model, for all tests here that only look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jupyter_process import JupyterProcess
from model_kernel import Model

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts kernels as slow; one process has all of it, so that one server does."""
    for item in items:
        if {"server", "others", "read_only", "pair"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("kernel")
            item.add_marker(pytest.mark.xdist_group("server"))


@pytest.fixture(scope="session")
def server() -> Iterator[JupyterProcess]:
    """Give a server."""
    process = JupyterProcess("--TFSessionServer.kernel_seconds=5")
    yield process
    process.stop()


@pytest.fixture(scope="session")
def model(server: JupyterProcess) -> Model:
    """Give a kernel with two initialized variables; a test leaves it as it was."""
    return Model(server, "part/model.ipynb")

"""A kernel with the graph of `guarding`, whose snapshots go to a directory of the test's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from guarding import World, world_of

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Kernels


def keep_in(world: World, directory: Path) -> World:
    world.run(f"%config TFSession.snapshot_directory = {str(directory)!r}")
    return world


@pytest.fixture(params=[False, True], ids=["ref", "resource"])
def kept(request: pytest.FixtureRequest, kernels: Kernels, tmp_path: Path) -> World:
    """Give a world in mode tf1 with both kinds of variables; `v` is 3, `sess` is open."""
    world = keep_in(world_of(kernels, "tf1", resource=request.param), tmp_path / "snapshots")
    world.start()
    return world


@pytest.fixture
def one(kernels: Kernels, tmp_path: Path) -> World:
    """Give such a world with a ResourceVariable."""
    world = keep_in(world_of(kernels, "tf1", resource=True), tmp_path / "snapshots")
    world.start()
    return world


def refused(world: World, source: str) -> str:
    """Run a cell that ends with a usage error of one line; return that line."""
    outcome = world.nb.run(source)
    lines = outcome.stderr.splitlines()
    assert len(lines) == 1, outcome
    assert lines[0].startswith("UsageError: ")
    return lines[0].removeprefix("UsageError: ")


def rows(text: str) -> list[list[str]]:
    """Return the cells of a table's rows."""
    return [re.split(r"\s{2,}", line.strip()) for line in text.splitlines()[3:-1]]

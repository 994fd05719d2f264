"""A kernel with one small graph in it, for the tests of the initializer guard and of undo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Kernels
    from notebook import CellId, Notebook
    from outcome import Outcome

MODES = ["tf1", "graph", "eager"]
STARTS_OVER = "%tfsession reset starts over"

BUILD = """
g = {graph}
with g.as_default():
    v = tf.get_variable("v", initializer=1.0, use_resource={resource})
    add = tf.assign_add(v, 1.0)
    init = tf.global_variables_initializer()
"""


@dataclass
class World:
    """A kernel with the graph `g`: a variable `v`, initially 1, `add` makes it one more; `init`.

    In a cell's source, ``OPEN`` stands for the call that opens the graph's session.
    """

    nb: Notebook
    opening: str

    def run(self, source: str, cell: CellId = None) -> Outcome:
        """Run a cell that does not fail."""
        outcome = self.nb.run(source.replace("OPEN", self.opening), cell=cell)
        assert outcome.error is None, outcome.error.traceback
        return outcome

    def fail(self, source: str, cell: CellId = None) -> Outcome:
        """Run a cell that fails."""
        outcome = self.nb.run(source.replace("OPEN", self.opening), cell=cell)
        assert outcome.error is not None
        return outcome

    def start(self) -> Outcome:
        """Open the session, initialize, count to 3; return that cell's outcome."""
        return self.run("sess = OPEN; sess.run(init); sess.run(add); sess.run(add)")

    def value(self, expression: str) -> Any:
        """Return the value of an expression."""
        return self.nb.value(expression)

    def number(self, name: str = "v") -> float:
        """Return the value of a variable, read by a run that belongs to no cell."""
        return float(self.value(f"float(sess.run({name}))"))

    def operations(self) -> int:
        """Count the graph's operations."""
        return self.nb.operations("g")


def world_of(kernels: Kernels, mode: str, *, resource: bool) -> World:
    """Build the graph in a clean kernel of the mode."""
    graph = "tf.Graph()" if mode == "eager" else "tf.get_default_graph()"
    world = World(
        kernels.get(mode), "tf.Session(graph=g)" if mode == "eager" else "tf.Session(config=None)"
    )
    world.run(BUILD.format(graph=graph, resource=resource))
    return world


@pytest.fixture(
    params=[(mode, resource) for mode in MODES for resource in (False, True)],
    ids=[f"{mode}-{kind}" for mode in MODES for kind in ("ref", "resource")],
)
def world(request: pytest.FixtureRequest, kernels: Kernels) -> World:
    """Give a world in every mode with both kinds of variables."""
    mode, resource = request.param
    return world_of(kernels, mode, resource=resource)


@pytest.fixture(params=[False, True], ids=["ref", "resource"])
def tf1(request: pytest.FixtureRequest, kernels: Kernels) -> World:
    """Give a world in mode tf1 with both kinds of variables."""
    return world_of(kernels, "tf1", resource=request.param)


def guard_notices(outcome: Outcome) -> list[str]:
    """Return what was said below a cell, except that a session was reused."""
    return [text for text in outcome.notices if not text.startswith("reused the open session")]


def kept(written: Outcome, count: int = 1, new: int = 0) -> str:
    """Return the notice of a guarded initializer."""
    text = f"kept {count} initialized variable{'' if count == 1 else 's'}"
    text += f" (last written in [{written.count}])"
    return f"{text}{f'; initialized {new} new' if new else ''}. {STARTS_OVER}"

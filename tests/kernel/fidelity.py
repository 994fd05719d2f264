"""What cells that are run again have in common with plain TensorFlow, which runs them once."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from notebook import Notebook

_HERE: Final = str(Path(__file__).parent)
IMPORT: Final = f"__import__('sys').path.insert(0, {_HERE!r}) or __import__('{{}}')".format
_OBSERVE: Final = IMPORT("observing")
_SUFFIX: Final = re.compile(r"(_\d+)+(?![0-9A-Za-z])")
_CONTROL_FLOW: Final = {"Switch", "If", "StatelessIf", "While", "StatelessWhile", "Case"}
_GRADIENT: Final = re.compile(r"gradients(?:_\d+)?/(.+)_grad(?:_\d+)?/")


@dataclass(frozen=True)
class Seen:
    """A graph, and the values that came out of it."""

    nodes: list[Any]
    collections: dict[str, list[str]]
    result: Any

    @property
    def variables(self) -> list[str]:
        """The names of the global variables."""
        return self.collections.get("variables", [])

    @property
    def names(self) -> set[str]:
        """The names of the operations."""
        return {name for name, *_ in self.nodes}

    def logical_collections(self) -> dict[str, list[str]]:
        """Return the collections with logical names."""
        return {key: logical(names) for key, names in self.collections.items()}


def logical(names: Iterable[str]) -> list[str]:
    """Return names without the numbers that TensorFlow adds to those in use."""
    return [_SUFFIX.sub("", name) for name in names]


def see(nb: Notebook, result: str = "None") -> Seen:
    """Look at the kernel's default graph, and at the value of an expression."""
    observed = nb.value(f"({_OBSERVE}).look(), {_OBSERVE}.literal({result})")
    look, value = observed
    return Seen(look["nodes"], look["collections"], value)


def values(nb: Notebook) -> dict[str, Any]:
    """Return the values of the kernel's variables, by name, without running a cell."""
    found: dict[str, Any] = nb.value(f"({_OBSERVE}).values(tf.Session())")
    return found


def run(nb: Notebook, source: str, cell: str) -> Sequence[str]:
    """Run a cell that must not fail, and return the notices."""
    outcome = nb.run(source, cell)
    assert outcome.error is None, outcome.error.traceback
    broken = [notice for notice in outcome.notices if "switched off" in notice]
    assert not broken, broken
    return outcome.notices


def differing(old: Seen, new: Seen) -> set[str]:
    """Return the names of the operations that differ, and of all that lies downstream.

    What belongs to an operation's gradient is named after it, and so differs with it.
    """
    before = {name: node for name, *node in old.nodes}
    changed = {name for name, *node in new.nodes if before.get(name) != node}
    uses = {
        name: {*(t.removeprefix("^").partition(":")[0] for t in inputs), *_GRADIENT.findall(name)}
        for name, inputs, *_ in new.nodes
    }
    while True:
        more = {name for name in uses.keys() - changed if uses[name] & changed}
        if not more:
            return changed
        changed |= more


def added_as_expected(added: set[str], old: Seen, new: Seen, *, coarsely: bool = False) -> bool:
    """Whether what an edit added is what differs; of loops and branches, at most all of them."""
    found, changed = Counter(logical(added)), Counter(logical(differing(old, new)))
    if coarsely or any(op in _CONTROL_FLOW for _, _, op, *_ in new.nodes):
        return not found - Counter(logical(new.names))
    assert found - changed == Counter(), "more than what differs"
    assert changed - found == Counter(), "less than what differs"
    return True


def close(result: Any) -> Any:
    """Return something that equals numbers and structures of them that are nearly the same."""
    if isinstance(result, dict):
        return {key: close(item) for key, item in result.items()}
    if isinstance(result, list | tuple):
        return type(result)(map(close, result))
    return pytest.approx(result, rel=1e-5, nan_ok=True) if isinstance(result, float) else result

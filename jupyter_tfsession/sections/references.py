"""What a cell refers to when it runs: the names that it loads, but not those of what it defines."""

from __future__ import annotations

import dis
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

_MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)
_INNER = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})
_ASKING = frozenset(
    {
        "get_collection",
        "get_default_graph",
        "get_default_session",
        "global_variables",
        "trainable_variables",
    }
)


def references(source: str) -> tuple[set[str], bool]:
    """Return the names that a cell loads, and whether it asks for what is the default."""
    try:
        code = compile(_MAGIC.sub(r"\1pass", source), "cell", "exec")
    except (SyntaxError, ValueError):
        return set(), False
    names: set[str] = set()
    asks = False
    for part in _run_at_once(code):
        asks = asks or not _ASKING.isdisjoint(part.co_names)
        for instruction in dis.get_instructions(part):
            if instruction.opname in {"LOAD_NAME", "LOAD_GLOBAL"}:
                names.add(str(instruction.argval))
    return names, asks


def _run_at_once(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of a cell and of the comprehensions in it, but of no function."""
    yield code
    for constant in code.co_consts:
        if getattr(constant, "co_name", None) in _INNER:
            yield from _run_at_once(constant)

"""What decides on the graph that a cell builds: its code, and what of the notebook's it refers to.

A cell that is run again unchanged may build something else all the same, since a function that it
calls was edited in another cell, or a setting. Then what it made before and does not make again is
no longer the cell's; where nothing has changed, it only did not come to it this time.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)

_LONG = 64
"""Settings in longer lists than this are data."""


def digest(source: str, namespace: Mapping[str, Any]) -> bytes:
    """Digest a cell's source and the notebook's functions, classes and plain values in it.

    Parameters
    ----------
    source
        What the cell ran.
    namespace
        What the names of the notebook are bound to.
    """
    found = blake2b(source.encode("utf-8", "surrogatepass"), digest_size=16)
    try:
        waiting = [compile(_MAGIC.sub(r"\1pass", source), "cell", "exec")]
    except (SyntaxError, ValueError):  # IPython has more to it than magics
        return found.digest()
    seen: set[str] = set()
    while waiting:
        for name in sorted(_names(waiting.pop()) - seen):
            seen.add(name)
            value = namespace.get(name)
            for code in _codes(value):
                found.update(name.encode())
                for part in _parts(code):
                    found.update(part.co_code + repr(_constants(part)).encode())
                waiting.append(code)
            if _is_setting(value):
                found.update(repr((name, value)).encode())
    return found.digest()


def _parts(code: CodeType) -> Iterator[CodeType]:
    """Yield code and that of the functions defined in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _parts(constant)


def _names(code: CodeType) -> set[str]:
    """Return the names that code refers to."""
    return {name for part in _parts(code) for name in part.co_names}


def _constants(code: CodeType) -> list[Any]:
    return [constant for constant in code.co_consts if not isinstance(constant, CodeType)]


def _codes(value: Any) -> Iterator[CodeType]:
    """Yield the code of a function or class of the notebook's own."""
    if getattr(value, "__module__", None) != "__main__":
        return
    if isinstance(value, FunctionType):
        yield value.__code__
    elif isinstance(value, type):
        for member in vars(value).values():
            function = getattr(member, "__func__", member)
            if isinstance(function, FunctionType):
                yield function.__code__


def _is_setting(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return len(value) <= _LONG and all(map(_is_setting, value))
    return value is None or isinstance(value, (bool, int, float, str))

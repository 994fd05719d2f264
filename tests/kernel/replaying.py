"""Plays a notebook that is run again and edited, and compares with playing it once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from fidelity import IMPORT, close, logical
from hypothesis import currently_in_test_context, note

from notebooks import source

if TYPE_CHECKING:
    from notebook import Notebook

    from notebooks import Script


def play(nb: Notebook, steps: list[tuple[str, str]]) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = nb.value(f"{IMPORT('driving')}.play({steps!r})")
    return seen


def check(nb: Notebook, plain: Notebook, script: Script) -> None:
    steps = list(script.steps())
    for expected, cell, code in steps:
        _remark(f"--- {cell} {expected}\n{code}")
    seen = play(nb, [(cell, code) for _, cell, code in steps])
    once = play(plain, [*((str(n), source(n, c)) for n, c in enumerate(script.cells)), ("use", "")])
    assert [step["error"] for step in once] == [None] * len(once)
    before: dict[str, Any] = {}
    for (expected, cell, _), now in zip(steps, seen, strict=True):
        if expected == "fails":
            assert now["error"] == "KeyError: 'half-way'"
        elif expected == "stale" and now["error"] is not None:
            # A cell still uses a variable of which another has let go.
            assert "FailedPrecondition" in now["error"]
        else:
            assert now["error"] is None, f"cell {cell}: {now['error']}"
        if expected == "unchanged":
            assert now["added"] == [], f"cell {cell} added {now['added']}"
            assert now["collections"] == before["collections"], f"cell {cell}"
        before = now
    final = next(
        now for (expected, *_), now in zip(steps, seen, strict=True) if expected == "final"
    )
    assert contents(final) == contents(once[-1])
    *results, variables = final["results"]
    *results_once, variables_once = once[-1]["results"]
    assert results == close(results_once)
    assert by_name(variables) == close(by_name(variables_once))


def contents(seen: dict[str, Any]) -> dict[str, Counter[str]]:
    """Return what is in the collections; their order is that of the cells' first runs."""
    return {key: Counter(logical(names)) for key, names in seen["collections"].items()}


def by_name(variables: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the values of variables by logical name."""
    found: dict[str, list[Any]] = {}
    for name, value in variables.items():
        found.setdefault(*logical([name]), []).append(value)
    return {name: sorted(values, key=repr) for name, values in found.items()}


def _remark(text: str) -> None:
    if currently_in_test_context():
        note(text)
    else:
        print(text)  # noqa: T201 - pytest shows it when the test fails

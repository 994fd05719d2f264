"""What the commands show of how far variables moved."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.displays import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from jupyter_tfsession.snapshots.comparing import Movement
    from jupyter_tfsession.snapshots.reading import Snapshot

_EIGHTHS = "▏▎▍▌▋▊▉█"
_WIDTH = 12


def compare(
    first: Snapshot,
    after: str,
    kinds: Mapping[str, tuple[str, tuple[int, ...]]],
    read: Callable[[Collection[str]], Iterable[Any]],
) -> Table:
    """Compare a snapshot with something later.

    Parameters
    ----------
    first
        The snapshot.
    after
        What the other is called.
    kinds
        Dtype and shape of each variable of the other.
    read
        Gives the values of some of these, in their order.
    """
    from jupyter_tfsession.snapshots.comparing import movement  # noqa: PLC0415 - not at load

    entries = {entry.name: entry for entry in first.manifest.variables}
    before = {name: (one.dtype, tuple(one.shape)) for name, one in entries.items()}
    both = [name for name in kinds if name in before]
    alike = dict.fromkeys(name for name in both if kinds[name] == before[name])
    moved: dict[str, Movement | str] = {
        name: f"{_kind(before[name])} before, {_kind(kinds[name])} after"
        for name in both
        if name not in alike
    }
    olds = first.read([entries[name] for name in alike])
    for (entry, old), new in zip(olds, read(alike.keys()), strict=True):
        moved[entry.name] = movement(old, new)
    only = len(entries) - len(both), len(kinds) - len(both)
    return table_of(moved, first.reference, after, only)


def _kind(kind: tuple[str, tuple[int, ...]]) -> str:
    return f"{kind[0]} {kind[1]}"


def table_of(
    moved: Mapping[str, Movement | str], before: str, after: str, only: tuple[int, int]
) -> Table:
    """Return how far variables moved, those that moved furthest for their size first.

    Parameters
    ----------
    moved
        By name, how far; or why that cannot be told.
    before, after
        What is compared.
    only
        How many variables are on one side only.
    """
    known = {name: how for name, how in moved.items() if not isinstance(how, str)}
    furthest = max((_finite(how.relative) for how in known.values()), default=0.0)
    rows = [
        (name, _number(how.norm), _number(how.relative), _number(how.largest),
         _bar(_finite(how.relative), furthest), _note(how))
        for name, how in sorted(known.items(), key=lambda item: -_order(item[1]))
        if how.changed
    ]  # fmt: skip
    rows += [(name, "", "", "", "", why) for name, why in moved.items() if isinstance(why, str)]
    return Table(
        title=f"from {before} to {after}",
        columns=("name", "norm of change", "relative", "largest", "how far", ""),
        rows=rows,
        footnote=_footnote(sum(not how.changed for how in known.values()), before, after, only),
        empty="nothing has changed",
        numeric=frozenset({"norm of change", "relative", "largest"}),
    )


def _footnote(same: int, before: str, after: str, only: tuple[int, int]) -> str:
    counts = (
        (same, "did not change"),
        (only[0], f"only in {before}"),
        (only[1], f"only in {after}"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts if count)


def _order(how: Movement) -> float:
    return how.relative if not math.isnan(how.relative) else -1.0


def _finite(number: float) -> float:
    return number if math.isfinite(number) else 0.0


def _number(number: float) -> str:
    return "" if math.isnan(number) else f"{number:.4g}"


def _note(how: Movement) -> str:
    if math.isnan(how.norm):
        return f"{how.changed} elements changed"
    return f"{how.strange} NaN or Inf left out" if how.strange else ""


def _bar(part: float, whole: float) -> str:
    """Draw a bar in eighths of a character; what moved at all shows."""
    if not part or not whole:
        return ""
    eighths = max(1, round(8 * _WIDTH * part / whole))
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest - 1] if rest else "")

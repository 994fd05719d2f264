"""What the commands show of how far variables moved."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from jupyter_tfsession.displays import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from jupyter_tfsession.snapshots.comparing import Movement
    from jupyter_tfsession.snapshots.planning import Stored

_EIGHTHS = "▏▎▍▌▋▊▉█"
_WIDTH = 12


class Source(Protocol):
    """A snapshot or a checkpoint."""

    @property
    def name(self) -> str:
        """What the user calls it."""
        ...

    @property
    def reference(self) -> str:
        """Which one of that name it is."""
        ...

    @property
    def taken(self) -> str:
        """When it was taken, if that is known."""
        ...

    def stored(self) -> list[Stored]:
        """Return what there is."""
        ...

    def values(self, names: Collection[str]) -> Iterable[tuple[str, Any]]:
        """Return the values of these, each with its name."""
        ...


@dataclass(frozen=True)
class Comparison:
    """How far variables moved from one moment to another.

    Attributes
    ----------
    before, after
        What is compared.
    moved
        Those that did move, the furthest for their size first.
    unlike
        Why it cannot be told how far the others moved, by name.
    same
        How many did not move.
    only_before, only_after
        How many variables are on one side only.
    """

    before: str
    after: str
    moved: dict[str, Movement]
    unlike: dict[str, str]
    same: int
    only_before: int
    only_after: int


def compare(
    first: Source,
    after: str,
    stored: Iterable[Stored],
    values: Callable[[Collection[str]], Iterable[tuple[str, Any]]],
) -> Comparison:
    """Compare a snapshot with something later.

    Parameters
    ----------
    first
        The snapshot.
    after, stored, values
        What the other is called, what there is, and its values, each with its name.
    """
    from jupyter_tfsession.snapshots.comparing import movement  # noqa: PLC0415 - not at load

    old, new = {one.name: one for one in first.stored()}, {one.name: one for one in stored}
    both = [name for name in old if name in new]
    unlike = {
        name: f"{_kind(old[name])} before, {_kind(new[name])} after"
        for name in both
        if old[name] != new[name]
    }
    alike = dict.fromkeys(name for name in both if name not in unlike).keys()
    moved: dict[str, Movement] = {}
    for name, before, now in _side_by_side(first.values(alike), values(alike)):
        how = movement(before, now)
        if how.changed:
            moved[name] = how
    return Comparison(
        before=first.reference,
        after=after,
        moved=dict(sorted(moved.items(), key=lambda item: -_order(item[1]))),
        unlike=unlike,
        same=len(alike) - len(moved),
        only_before=len(old) - len(both),
        only_after=len(new) - len(both),
    )


def _side_by_side(
    one: Iterable[tuple[str, Any]], other: Iterable[tuple[str, Any]]
) -> Iterator[tuple[str, Any, Any]]:
    """Pair values by name; those that come in another order are kept until the other comes."""
    waiting: dict[str, Any] = {}
    later = iter(other)
    for name, value in one:
        while name not in waiting:
            found, theirs = next(later)
            waiting[found] = theirs
        yield name, value, waiting.pop(name)


def _kind(one: Stored) -> str:
    return f"{one.dtype} {one.shape}"


def table_of(found: Comparison) -> Table:
    """Return all of a comparison."""
    furthest = max((_finite(how.relative) for how in found.moved.values()), default=0.0)
    rows = [
        (name, _number(how.norm), _number(how.relative), _number(how.largest),
         _bar(_finite(how.relative), furthest), _note(how))
        for name, how in found.moved.items()
    ]  # fmt: skip
    rows += [(name, "", "", "", "", why) for name, why in found.unlike.items()]
    return Table(
        title=f"from {found.before} to {found.after}",
        columns=("name", "norm of change", "relative", "largest", "how far", ""),
        rows=rows,
        footnote=_footnote(found),
        empty="nothing has changed",
        numeric=frozenset({"norm of change", "relative", "largest"}),
    )


def _footnote(found: Comparison) -> str:
    counts = (
        (found.same, "did not change"),
        (found.only_before, f"only in {found.before}"),
        (found.only_after, f"only in {found.after}"),
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

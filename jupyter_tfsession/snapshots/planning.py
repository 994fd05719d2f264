"""What restoring would do, worked out before anything is done."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from jupyter_tfsession.variables.values import unwritable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jupyter_tfsession.variables.catalogue import VariableRecord


class Stored(NamedTuple):
    """A variable in a snapshot or in a checkpoint."""

    name: str
    dtype: str
    shape: tuple[int, ...]


_COUNTED = re.compile(r"_\d+(?=/|\Z)")


@dataclass
class Plan:
    """What restoring would do.

    Attributes
    ----------
    fitting
        Where values go, by their names in the snapshot.
    renamed
        Those of them that have another name in the graph, and which.
    missing
        What the graph has no variable for.
    similar
        For some of these, the one variable that has the same shape, nothing to be restored from,
        and a name that differs by TensorFlow's counting only, as ``dense_1/kernel`` does from
        ``dense/kernel``.
    mismatched
        What the variable of the graph does not take, and why.
    untouched
        Names of variables that keep what they hold.
    """

    fitting: dict[str, VariableRecord] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    similar: dict[str, str] = field(default_factory=dict)
    mismatched: dict[str, str] = field(default_factory=dict)
    untouched: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether all that the snapshot has finds its place."""
        return not (self.missing or self.mismatched)


def make_plan(
    stored: Iterable[Stored], names: Mapping[str, VariableRecord], renames: Mapping[str, str]
) -> Plan:
    """Work out where values go.

    Parameters
    ----------
    stored
        What there is to be restored.
    names
        The variables of the graph, by what they are called.
    renames
        Other names in the graph for names in the snapshot.
    """
    plan = Plan()
    free = dict(names)
    taken: set[str] = set()
    missing: list[Stored] = []
    # What the user says goes first: `--rename a=b` is meant even where the snapshot has a `b`.
    for one in sorted(stored, key=lambda one: one.name not in renames):
        name = renames.get(one.name, one.name)
        record = free.pop(name, None)
        if record is None:
            if name in taken:
                plan.mismatched[one.name] = f"{name} gets its value from another"
            else:
                missing.append(one)
            continue
        taken.add(name)
        reason = _misfit(one, record)
        if reason:
            plan.mismatched[one.name] = reason
        else:
            plan.fitting[one.name] = record
            if name != one.name:
                plan.renamed[one.name] = name
    plan.missing = [one.name for one in missing]
    plan.similar = _similar(missing, free)
    plan.untouched = list(free)
    return plan


def _misfit(one: Stored, record: VariableRecord) -> str:
    """Say why a variable does not take a value; empty if it does."""
    dtype = record.dtype.base_dtype.name
    if dtype != one.dtype:
        return f"{dtype} in the graph, {one.dtype} in the snapshot"
    if not _takes(record, one.shape):
        declared = str(record.shape).replace("None", "?")
        return f"shape {declared} in the graph, {one.shape} in the snapshot"
    return unwritable(record)


def _takes(record: VariableRecord, shape: Sequence[int]) -> bool:
    return record.shape is None or (
        len(record.shape) == len(shape)
        and all(want in {None, got} for want, got in zip(record.shape, shape, strict=True))
    )


def _similar(missing: Iterable[Stored], free: Mapping[str, VariableRecord]) -> dict[str, str]:
    """Find, for what has no place, the one that it may be meant for."""
    places: dict[str, list[str]] = {}
    for name in free:
        places.setdefault(_COUNTED.sub("", name), []).append(name)
    asking: dict[str, list[Stored]] = {}
    for one in missing:
        asking.setdefault(_COUNTED.sub("", one.name), []).append(one)
    found = {}
    for name, ones in asking.items():
        candidates = places.get(name, [])
        if len(ones) == len(candidates) == 1 and not _misfit(ones[0], free[candidates[0]]):
            found[ones[0].name] = candidates[0]
    return found

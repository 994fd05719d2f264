"""What is sent of snapshots: which there are, what restoring one would do, how far values moved."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from jupyter_tfsession.frontend.protocol.types import (
    MAX_ROWS,
    Count,
    Line,
    Message,
    Name,
    Number,
    Real,
    Version,
    Word,
)

What: TypeAlias = Literal["matching", "renamed", "mismatched", "missing", "untouched"]


class StoredSnapshot(Message):
    """A snapshot on the disk.

    Attributes
    ----------
    id
        The id that requests use; it stays the same when there is a later one of that name.
    name
        What the user calls it, with ``~1`` if there is one later one of that name.
    kind
        ``autosave`` is one that nobody asked for, ``rescue`` one of a session that failed.
    taken
        When, in seconds since 1970; 0 if nobody knows.
    graph, cell, begins, run
        Whose values, the number of the cell that ran, its first line, and the number of the run.
    damage
        Why it cannot be read; "" if it can.
    """

    id: Name
    name: Word
    kind: Literal["named", "autosave", "rescue"]
    taken: Real
    graph: Word
    cell: Word
    begins: Line
    run: Count
    variables: Count
    bytes: Count
    damage: Line


class SnapshotList(Message, tag_field="type", tag="snapshots"):
    """The snapshots that there are, latest first.

    Attributes
    ----------
    root
        The directory in which they are.
    total
        How many there are; the latest are listed.
    """

    version: Version
    root: Name
    total: Count
    snapshots: Annotated[list[StoredSnapshot], Meta(max_length=MAX_ROWS)]


class Fate(Message):
    """What becomes of one value, or of one variable.

    Attributes
    ----------
    name, variable
        In the snapshot and in the graph; "" where it is not there.
    why
        Why it does not fit; or of what is missing, the variable that may be meant.
    """

    name: Name
    variable: Name
    what: What
    why: Line


class RestorePlan(Message, tag_field="type", tag="plan"):
    """What restoring would do; nothing was done.

    Attributes
    ----------
    matching, renamed
        Values that have a place, under their own name or under another one.
    mismatched, missing
        Values that do not fit their variable, or have none.
    untouched
        Variables that keep what they hold.
    similar
        How many of what is missing may be meant for a variable whose name differs by TensorFlow's
        counting only.
    fates
        One for each of these, what needs a look first; some are left out where there are many.
    overwritten, bytes, undo
        How many variables would lose a value, and whether undo would bring these back.
    """

    version: Version
    graph: Count
    generation: Count
    snapshot: StoredSnapshot
    matching: Count
    renamed: Count
    mismatched: Count
    missing: Count
    untouched: Count
    similar: Count
    fates: Annotated[list[Fate], Meta(max_length=MAX_ROWS)]
    overwritten: Count
    bytes: Count
    undo: bool


class Moved(Message):
    """How far one variable moved.

    Attributes
    ----------
    norm, largest
        The Euclidean norm of the difference and its largest element, of what is finite; None where
        elements are no numbers.
    relative
        The norm for a norm of 1 before.
    changed, strange
        How many elements differ, and how many are not finite.
    why
        Why that cannot be told; "" if it can.
    """

    name: Name
    norm: Number | None
    relative: Number | None
    largest: Number | None
    changed: Count
    strange: Count
    why: Line


class Difference(Message, tag_field="type", tag="diff"):
    """How far variables moved since a snapshot.

    Attributes
    ----------
    time
        When they were compared, in seconds since 1970.
    moved, same
        How many did move, and did not.
    only_before, only_now
        How many are in the snapshot only, or hold a value only now.
    furthest
        Those that moved furthest for their size, furthest first.
    """

    version: Version
    graph: Count
    snapshot: StoredSnapshot
    time: Real
    moved: Count
    same: Count
    only_before: Count
    only_now: Count
    furthest: Annotated[list[Moved], Meta(max_length=MAX_ROWS)]

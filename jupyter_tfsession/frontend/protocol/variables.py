"""What is sent of a variable."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from jupyter_tfsession.frontend.protocol.types import (
    MAX_CELLS,
    MAX_POINTS,
    MAX_SPARK,
    Count,
    Line,
    Message,
    Name,
    Number,
    Real,
    Word,
)


class Row(Message):
    """A variable, but for its value.

    Attributes
    ----------
    variable
        The id that requests use; ids of a graph grow in the order of creation.
    name
        The name that was asked for; `operation` is what TensorFlow made of it.
    shape
        None of an unknown rank; an unknown dimension is None.
    bytes
        None where elements vary in size, or the shape is not known.
    requested
        The device that was asked for, "" if none was.
    marks
        ``retired``: made by an earlier version of a cell; ``redefined``: the initial value was
        edited, the next initializer applies it; ``stale``: made by a stale cell.
    unreadable, unwritable
        Why it cannot be read or written; "" if it can.
    history
        The latest points of its sparkline, oldest first.
    """

    variable: Count
    name: Name
    operation: Name
    dtype: Word
    shape: Annotated[list[Count | None], Meta(max_length=256)] | None
    bytes: Count | None
    trainable: bool
    collections: Annotated[list[Name], Meta(max_length=64)]
    requested: Name
    marks: Annotated[list[Literal["retired", "redefined", "stale"]], Meta(max_length=3)]
    unreadable: Line
    unwritable: Line
    history: Annotated[list[Number], Meta(max_length=MAX_SPARK)]


class Summary(Message):
    """What a value is like; of complex numbers, their magnitudes.

    Attributes
    ----------
    elements, sampled
        How many there are, and of how many this is the summary.
    mean, std, min, max
        Of the finite ones; None where there is none.
    """

    elements: Count
    sampled: Count
    mean: Number | None
    std: Number | None
    min: Number | None
    max: Number | None
    nan: Count
    inf: Count
    zeros: Count


class Written(Message):
    """Who wrote a variable last.

    Attributes
    ----------
    cell
        The number of the cell, such as ``[7]``; "" outside any.
    id
        The front end's id of the cell; "" where it sends none.
    run
        The number of the session's run.
    """

    cell: Word
    id: Name
    run: Count


class Reading(Message):
    """What a variable holds.

    Attributes
    ----------
    text
        A line: the value where it is small, else what it is like.
    note
        Why it was not read, or "".
    point
        The next point of its sparkline: the value of a scalar, the norm of anything else; of a
        value that was sampled, an estimate.
    device
        Where it is; "" as long as TensorFlow has not placed it.
    placed
        ``actual``: TensorFlow tells so; ``requested``: it does not, this is what was asked for.
    """

    variable: Count
    initialized: bool
    text: Line
    note: Line
    summary: Summary | None
    point: Number | None
    written: Written | None
    device: Name
    placed: Literal["actual", "requested"]


class Histogram(Message):
    """Counts of the finite elements between successive edges."""

    edges: Annotated[list[Real], Meta(max_length=65)]
    counts: Annotated[list[Count], Meta(max_length=64)]


class History(Message):
    """How the value of a scalar, or the norm of anything else, went; oldest first."""

    of: Literal["value", "norm"]
    runs: Annotated[list[Count], Meta(max_length=MAX_POINTS)]
    times: Annotated[list[Real], Meta(max_length=MAX_POINTS)]
    values: Annotated[list[Number], Meta(max_length=MAX_POINTS)]
    cells: Annotated[list[Word], Meta(max_length=MAX_POINTS)]


class Picture(Message):
    """A value as a picture: a matrix as a heat map, a vector as a line.

    Attributes
    ----------
    rows, columns
        Size of the picture; a line has one row.
    values
        Row by row.
    limit
        The largest magnitude of the finite ones: the scale goes from ``-limit`` to ``limit``.
    index
        Of a value of more than two dimensions, where in the others the picture is taken.
    step
        Every how many rows and columns of the value are shown.
    """

    kind: Literal["heat", "line"]
    rows: Count
    columns: Count
    values: Annotated[list[Number], Meta(max_length=MAX_CELLS)]
    limit: Real
    index: Annotated[list[Count], Meta(max_length=256)]
    step: Annotated[list[Count], Meta(max_length=2)]

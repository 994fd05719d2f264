"""What the kernel sends: events, and replies to requests."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from jupyter_tfsession.frontend.protocol.types import (
    MAX_CELLS,
    MAX_POINTS,
    MAX_ROWS,
    MAX_SPARK,
    Count,
    Line,
    Message,
    Name,
    Number,
    Real,
    Token,
    Version,
    Word,
)

# The state: small, sent whole whenever it changes.


class Device(Message):
    """A device of a session, and what sits on it.

    Attributes
    ----------
    name
        As TensorFlow writes it, such as ``/job:localhost/replica:0/task:0/device:CPU:0``.
    type
        Such as ``CPU``.
    limit
        Bytes of memory that TensorFlow may use there; None where it does not tell.
    variables, bytes
        Initialized variables there.
    """

    name: Name
    type: Word
    limit: Count | None
    variables: Count
    bytes: Count


class Change(Message):
    """A change of values that can be taken back, or done again.

    Attributes
    ----------
    what
        What overwrote the values, such as ``reset``.
    cell
        The number of the cell, such as ``[7]``, or "".
    """

    what: Line
    variables: Count
    bytes: Count
    cell: Word


class Session(Message):
    """A graph and its session.

    Attributes
    ----------
    graph
        The id that requests use.
    name
        What the user calls the graph.
    state
        ``parked`` is closed with its values waiting on the host.
    default
        Whether it is the current graph's.
    generation
        Changes with whatever a request that overwrites values should not miss.
    variables, initialized, bytes
        How many there are, how many hold a value, and the bytes of these.
    runs, runs_per_second
        How many runs of the notebook's there were, and lately per second.
    step
        Value of the graph's global step if it has one.
    cell
        The number of the cell that ran in it last, such as ``[7]``, or "".
    own_config
        Whether the notebook configured the session.
    """

    graph: Count
    name: Word
    state: Literal["open", "closed", "parked"]
    default: bool
    generation: Count
    variables: Count
    initialized: Count
    bytes: Count
    devices: Annotated[list[Device], Meta(max_length=256)]
    runs: Count
    runs_per_second: Real
    step: Count | None
    cell: Word
    own_config: bool
    undo: Change | None
    redo: Change | None


class StaleCell(Message):
    """A cell that uses what other cells have replaced since.

    Attributes
    ----------
    cell
        The front end's id of the cell; "" where it sends none.
    label
        Its number, such as ``[7]``.
    begins
        Its first line.
    replaced_by
        Numbers of the cells that replaced what it uses.
    """

    cell: Name
    label: Word
    begins: Line
    replaced_by: Annotated[list[Word], Meta(max_length=100)]


class SwitchedOff(Message):
    """A feature that failed or that this TensorFlow lacks something for."""

    purpose: Line
    because: Line


class State(Message, tag_field="type", tag="state"):
    """What is the same for all views.

    Attributes
    ----------
    time
        When this was so, in seconds since 1970.
    tensorflow
        Its version; None while the notebook has not imported it.
    current
        The graph that requests without one are about.
    busy
        Whether a cell is running, and in `cell` its number.
    answers
        ``now``: requests are answered also while a cell is running; ``after_cell``: they wait.
        As far as the kernel can tell: from the thread on which it was asked.
    requests
        The types of request that this kernel knows.
    """

    version: Version
    time: Real
    tensorflow: Word | None
    sessions: Annotated[list[Session], Meta(max_length=256)]
    current: Count | None
    busy: bool
    cell: Word
    answers: Literal["now", "after_cell"]
    guard: Literal["keep", "error", "off"]
    stale: Annotated[list[StaleCell], Meta(max_length=256)]
    off: Annotated[list[SwitchedOff], Meta(max_length=64)]
    requests: Annotated[list[Word], Meta(max_length=64)]


# The table: what a variable is.


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


class Table(Message, tag_field="type", tag="table"):
    """Rows that are new or have changed; TensorFlow never removes a variable from a graph.

    Attributes
    ----------
    view
        The view whose subscription it belongs to; "" in a reply.
    total
        How many rows the whole table has: it is complete when so many are known.
    """

    version: Version
    view: Annotated[str, Meta(max_length=64)]
    graph: Count
    generation: Count
    total: Count
    rows: Annotated[list[Row], Meta(max_length=MAX_ROWS)]


# The readings: what a variable holds.


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


class Readings(Message, tag_field="type", tag="readings"):
    """Readings that have changed since the last ones sent to this view.

    Attributes
    ----------
    run
        How many runs there were when they were taken.
    torn
        Whether something ran meanwhile, so that they may not be of one moment.
    """

    version: Version
    view: Annotated[str, Meta(max_length=64)]
    graph: Count
    generation: Count
    time: Real
    run: Count
    torn: bool
    readings: Annotated[list[Reading], Meta(max_length=MAX_ROWS)]


# One variable in full.


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


class Detail(Message, tag_field="type", tag="detail"):
    """One variable in full.

    Attributes
    ----------
    view
        As in `Table`.
    text
        The value as JSON, to be copied; cut off where `cut` says so.
    """

    version: Version
    view: Annotated[str, Meta(max_length=64)]
    graph: Count
    generation: Count
    time: Real
    reading: Reading
    text: Annotated[str, Meta(max_length=20_000)]
    cut: bool
    histogram: Histogram | None
    history: History
    picture: Picture | None


# What else happens.


class Ended(Message, tag_field="type", tag="ended"):
    """Nothing more will come: the extension was unloaded, or the view forgotten."""

    version: Version
    because: Line


class Ok(Message, tag_field="type", tag="ok"):
    """A request was done.

    Attributes
    ----------
    text
        What was done, in one line for the user; "" where nothing was to be done.
    result
        What was asked for.
    """

    version: Version
    id: Token
    text: Line
    result: State | Table | Detail | None


class Confirm(Message):
    """What a request would overwrite.

    Attributes
    ----------
    token
        Repeat the request with it, once.
    variables, bytes
        How many hold a value that would be lost.
    undo
        Whether undo would bring the values back.
    text
        The question, for the user.
    """

    token: Token
    variables: Count
    bytes: Count
    undo: bool
    text: Line


class Refused(Message, tag_field="type", tag="refused"):
    """A request was not done, and nothing has changed.

    Attributes
    ----------
    id
        The request's; "" where it had none.
    code
        ``malformed``: not a message of the protocol; ``version``: of another version of it;
        ``unknown``: no such type, graph or variable; ``stale``: things are not what they were when
        the user decided; ``confirm``: the user has to; ``invalid``: a value that does not fit, or
        nothing to undo; ``unavailable``: no TensorFlow or no session yet; ``busy``: the running
        cell has to end first; ``tensorflow``: it raised; ``internal``: a fault of ours.
    """

    version: Version
    id: Annotated[str, Meta(max_length=64)]
    code: Literal[
        "malformed",
        "version",
        "unknown",
        "stale",
        "confirm",
        "invalid",
        "unavailable",
        "busy",
        "tensorflow",
        "internal",
    ]
    message: Line
    confirm: Confirm | None = None


class Snapshot(Message):
    """All that a view needs to begin with, or to show when there is no kernel to ask."""

    state: State
    tables: Annotated[list[Table], Meta(max_length=16)]
    readings: Annotated[list[Readings], Meta(max_length=16)]


Event: TypeAlias = State | Table | Readings | Detail | Ended
Reply: TypeAlias = Ok | Refused

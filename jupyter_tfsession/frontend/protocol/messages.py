"""What the kernel sends: events, and replies to requests."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from jupyter_tfsession.frontend.protocol.sessions import State
from jupyter_tfsession.frontend.protocol.snapshots import Difference, RestorePlan, SnapshotList
from jupyter_tfsession.frontend.protocol.types import (
    MAX_ROWS,
    Count,
    Line,
    Message,
    Real,
    Token,
    Version,
)
from jupyter_tfsession.frontend.protocol.variables import Histogram, History, Picture, Reading, Row


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
    result: State | Table | Detail | SnapshotList | RestorePlan | Difference | None


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
        What would be lost, for the user; whether undo has it is left to the view to say.
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
        ``unknown``: no such type, graph, variable or snapshot; ``stale``: things are not what they
        were when the user decided; ``confirm``: the user has to; ``invalid``: a value or a snapshot
        that does not fit, a name that a snapshot cannot have, or nothing to undo; ``unavailable``:
        no TensorFlow or no session yet; ``busy``: the running cell has to end first;
        ``tensorflow``: it raised; ``internal``: a fault of ours.
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

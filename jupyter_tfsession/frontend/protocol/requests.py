"""What front ends may ask for."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias, get_args

import msgspec
from msgspec import Meta

from jupyter_tfsession.frontend.protocol.types import (
    MAX_ROWS,
    Count,
    Message,
    Name,
    Token,
    Version,
)


class Opened(Message):
    """What ``comm_open`` carries.

    Attributes
    ----------
    role
        Whether requests come and are answered on this comm, or events are sent on it.
    view
        A name that the front end makes up for the view, the same on both comms.
    """

    version: Version
    role: Literal["requests", "events"]
    view: Token


class _Request(Message, tag_field="type"):
    """A request.

    Attributes
    ----------
    id
        Made up by the front end; the reply has it.
    """

    version: Version
    id: Token


class Hello(_Request, tag="hello"):
    """Asks for the `State`; the first request of a view."""


class Subscribe(_Request, tag="subscribe"):
    """Has a view sent events from now on, or changes what it is sent; the reply is the `State`.

    A view that is there repeats this every 20 seconds: one not heard of for a minute, not counting
    time in which the kernel could not hear it, is forgotten.

    Attributes
    ----------
    view
        The view; on a comm the one that the comm was opened for.
    graph
        Whose variables; without it those of the current graph.
    globs
        Patterns for the names of the variables in the table; all without any.
    rows
        Ids of the variables whose readings are wanted: the visible rows and a few around them.
        None stands for all that match, or the first hundred by name where there are more than
        a thousand.
    detail
        The variable whose `Detail` is wanted whenever it changes.
    interval
        Seconds between readings; the sampler may take longer where reading would cost too much.
    paused
        Sends nothing but the `State`.
    """

    view: Token
    graph: Count | None = None
    globs: Annotated[list[Name], Meta(max_length=32)] = msgspec.field(default_factory=list)
    rows: Annotated[list[Count], Meta(max_length=MAX_ROWS)] | None = None
    detail: Count | None = None
    interval: Annotated[float, Meta(ge=0.1, le=60.0)] = 1.0
    paused: bool = False


class Unsubscribe(_Request, tag="unsubscribe"):
    """Has a view sent nothing more."""

    view: Token


class GetTable(_Request, tag="table"):
    """Asks for a part of the `Table`, which a subscription sends by itself."""

    graph: Count
    globs: Annotated[list[Name], Meta(max_length=32)] = msgspec.field(default_factory=list)
    offset: Count = 0
    limit: Annotated[int, Meta(ge=1, le=MAX_ROWS)] = MAX_ROWS


class GetDetail(_Request, tag="detail"):
    """Asks for the `Detail` of one variable."""

    graph: Count
    variable: Count


class _Change(_Request):
    """A request that may change values.

    Attributes
    ----------
    graph, generation
        Whose values, and ``Session.generation`` as the user saw it: refused as ``stale`` when the
        graph, its session or its undo history is not what it was.
    """

    graph: Count
    generation: Count


class _Overwrite(_Change):
    """A request that may overwrite values.

    Attributes
    ----------
    confirm
        Without it, and where a variable would lose a value, the request is refused with code
        ``confirm``, telling what it would overwrite; the token in that refusal makes the same
        request go through.
    """

    confirm: Token | None = None


class Reset(_Overwrite, tag="reset"):
    """Gives variables their initial values again; without `variables`, all."""

    variables: Annotated[list[Count], Meta(min_length=1, max_length=100_000)] | None = None


class SetValue(_Overwrite, tag="set", kw_only=True):
    """Gives one variable a value, written as JSON: ``1.5``, ``[[1, 2], [3, NaN]]``, ``"text"``."""

    variable: Count
    value: Annotated[str, Meta(min_length=1, max_length=100_000)]


class Close(_Overwrite, tag="close"):
    """Closes a session; unless discarded, its values wait on the host."""

    discard: bool = False


class Initialize(_Change, tag="init"):
    """Initializes the variables that are not initialized."""


class Undo(_Change, tag="undo"):
    """Takes back the last change of values."""


class Redo(_Change, tag="redo"):
    """Does again what was undone last."""


class GetSnapshots(_Request, tag="snapshots"):
    """Asks for the `SnapshotList`."""


class TakeSnapshot(_Request, tag="snapshot"):
    """Keeps the values of all variables on the disk.

    Attributes
    ----------
    name
        What to call it; "" leaves that to the kernel.
    """

    graph: Count
    name: Name = ""


class _OfSnapshot(_Request, kw_only=True):
    """A request about a snapshot.

    Attributes
    ----------
    graph
        Whose variables.
    snapshot
        `StoredSnapshot.id`.
    """

    graph: Count
    snapshot: Name


class Compare(_OfSnapshot, tag="diff"):
    """Asks for the `Difference` between a snapshot and now.

    Attributes
    ----------
    limit
        How many variables are wanted, those that moved furthest.
    """

    limit: Annotated[int, Meta(ge=1, le=MAX_ROWS)] = 100


class PlanRestore(_OfSnapshot, tag="plan"):
    """Asks for the `RestorePlan`: what `Restore` would do.

    Attributes
    ----------
    similar
        As in `Restore`.
    """

    similar: bool = False


class Restore(_Overwrite, tag="restore", kw_only=True):
    """Gives variables the values of a snapshot: all of them, or nothing is done.

    Attributes
    ----------
    snapshot
        `StoredSnapshot.id`.
    similar
        Whether what is missing goes to variables whose names differ by TensorFlow's counting only.
    partial
        Whether what does not fit or is missing may be left out.
    """

    snapshot: Name
    similar: bool = False
    partial: bool = False


class Enter(_Request, tag="enter"):
    """Goes on in another section of the notebook, once no cell runs.

    Attributes
    ----------
    graph
        The graph of the section.
    """

    graph: Count


class SetGuard(_Request, tag="guard"):
    """Chooses what becomes of an initializer that comes round again."""

    policy: Literal["keep", "error", "off"]


Request: TypeAlias = (
    Hello
    | Subscribe
    | Unsubscribe
    | GetTable
    | GetDetail
    | Reset
    | SetValue
    | Close
    | Initialize
    | Undo
    | Redo
    | Enter
    | SetGuard
    | GetSnapshots
    | TakeSnapshot
    | Compare
    | PlanRestore
    | Restore
)

REQUESTS: Final[tuple[str, ...]] = tuple(
    str(kind.__struct_config__.tag) for kind in get_args(Request)
)
"""The types of request that this kernel knows."""

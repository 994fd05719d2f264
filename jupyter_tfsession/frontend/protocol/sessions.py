"""What is the same for all views: the sessions and the kernel's state."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from jupyter_tfsession.frontend.protocol.types import (
    Count,
    Line,
    Message,
    Name,
    Real,
    Version,
    Word,
)


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


class Section(Message):
    """The part of the notebook to which a session belongs.

    Attributes
    ----------
    name
        What the user calls it.
    began
        The number of the cell that began it, such as ``[3]``; "" if none did.
    current
        Whether it is the one in which new cells run.
    """

    name: Word
    began: Word
    current: bool


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
    section
        None where the notebook has one part only, or the graph is none that was the default.
    poisoned
        Whether there is an operation in the graph that cannot be placed; what does without it runs.
    snapshots
        How many were taken of it since the kernel started.
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
    section: Section | None = None
    poisoned: bool = False
    snapshots: Count = 0


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

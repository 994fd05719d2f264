"""What the server says and takes: the OpenAPI file is made of these, with the protocol's parts."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from jupyter_tfsession.frontend.protocol.messages import Confirm
from jupyter_tfsession.frontend.protocol.sessions import State
from jupyter_tfsession.frontend.protocol.types import MAX_ROWS, Count, Line, Name, Token
from jupyter_tfsession.frontend.protocol.variables import Reading, Row

MOST_GLOBS: Final = 32

STORED: Final = r"^\d{8}T\d{6}\.\d{6}Z-[A-Za-z0-9._-]{1,64}-[0-9a-f]{8}$"
"""The names of the directories that are snapshots."""


class Kernel(Struct):
    """A kernel and its sessions.

    Attributes
    ----------
    id
        As in the server's own API.
    name, language
        Of its kernel specification.
    notebooks
        The paths of the notebooks, consoles and files that use it.
    execution_state, last_activity
        As in the server's own API.
    status
        ``loaded``: its sessions are told; ``not_loaded``: it has not loaded the extension;
        ``not_supported``: it cannot, and was not asked; ``no_answer``: it does not answer now.
    because
        What that means for the user; "" where all is well.
    bytes
        Of the variables of its sessions.
    state
        Its sessions; those of the last answer where it does not answer now.
    """

    id: str
    name: str
    language: str
    notebooks: list[str]
    execution_state: str
    last_activity: str
    status: Literal["loaded", "not_loaded", "not_supported", "no_answer"]
    because: str
    bytes: Count = 0
    state: State | None = None


class KernelList(Struct, tag_field="type", tag="kernels"):
    """All kernels of the server.

    Attributes
    ----------
    bytes
        Of the variables of all sessions.
    limit
        The bytes above which the server warns; 0 for never.
    """

    kernels: list[Kernel]
    bytes: Count
    limit: Count


class Changed(Struct, tag_field="type", tag="kernel"):
    """A kernel that is new or has changed, in the live stream."""

    kernel: Kernel


class Gone(Struct, tag_field="type", tag="gone"):
    """A kernel that is not there any more, in the live stream."""

    id: str


class Variables(Struct):
    """Some of the variables of a graph.

    Attributes
    ----------
    total
        How many match.
    rows
        What they are.
    readings
        What they hold; none where that was not asked for.
    """

    graph: Count
    generation: Count
    total: Count
    rows: Annotated[list[Row], Meta(max_length=MAX_ROWS)]
    readings: Annotated[list[Reading], Meta(max_length=MAX_ROWS)]


class Done(Struct):
    """What was done, in one line."""

    text: Line


class Refusal(Struct):
    """Why something was not done; nothing has changed.

    Attributes
    ----------
    code
        The code of the kernel's refusal, or the status of a kernel that cannot be asked.
    confirm
        What has to be confirmed: repeat the request with its token.
    """

    message: str
    reason: str | None = None
    code: str = ""
    confirm: Confirm | None = None


class Change(Struct, forbid_unknown_fields=True):
    """What every change of values says.

    Attributes
    ----------
    generation
        `Session.generation` as it was when the user decided.
    """

    generation: Count


class Overwrite(Change, forbid_unknown_fields=True):
    """What may have to be confirmed.

    Attributes
    ----------
    confirm
        The token of the refusal that asked to confirm.
    """

    confirm: Token | None = None


class Reset(Overwrite, forbid_unknown_fields=True):
    """Which variables get their initial values again; all, if it is not said."""

    variables: Annotated[list[Count], Meta(min_length=1, max_length=100_000)] | None = None


class Close(Overwrite, forbid_unknown_fields=True):
    """Whether the values are lost, or wait on the host."""

    discard: bool = False


class TakeSnapshot(Struct, forbid_unknown_fields=True):
    """What to call it; "" leaves that to the kernel."""

    name: Name = ""


class Restore(Overwrite, forbid_unknown_fields=True, kw_only=True):
    """Which snapshot, by its id in the kernel's list, and what of it may be left out."""

    snapshot: Name
    similar: bool = False
    partial: bool = False


ACTIONS: dict[str, type[Struct]] = {
    "reset": Reset,
    "init": Change,
    "undo": Change,
    "redo": Change,
    "close": Close,
    "snapshot": TakeSnapshot,
    "restore": Restore,
}
"""The actions on a session, and what the body of each says."""


class Stored(Struct):
    """A snapshot on the disk.

    Attributes
    ----------
    id
        The name of its directory.
    name
        What the user called it, with ``~1`` where there is a later one of that name.
    notebook, graph, cell
        Where its values come from, as far as is known.
    bytes
        Of its files.
    damage
        Why it cannot be read; "" if it can.
    """

    id: str
    name: str
    taken: str
    notebook: str
    graph: str
    cell: str
    variables: Count
    bytes: Count
    damage: str


class StoredList(Struct):
    """The snapshots in one directory, latest first."""

    directory: str
    snapshots: list[Stored]


def encode(model: Struct) -> bytes:
    """Return a model as JSON."""
    return msgspec.json.encode(model)

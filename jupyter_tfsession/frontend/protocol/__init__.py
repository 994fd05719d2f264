"""The messages between the kernel and its front ends: written once, here.

``protocol.schema.json`` beside this package and ``labextension/src/protocol.ts`` are generated from
these classes by ``make protocol``; tests fail when they differ. Messages are plain JSON: NaN and
the infinities travel as the strings "NaN", "Infinity" and "-Infinity" (JavaScript's ``Number()``
reads all three), every list and string is bounded, and what is not described here is refused.

Within one version fields are only added, with a default, and never change their meaning. A front
end ignores fields and message types that it does not know, and offers only what
``State.requests`` lists; the kernel refuses what it does not know.

How messages travel
-------------------
Comm target ``jupyter.tfsession``, opened by the front end, twice; ``Opened`` is what
``comm_open`` carries. The *requests* comm takes a `Request` per message and answers each with
one `Reply`, sent inside its handler and nowhere else, since ipykernel 7.4 and newer would re-route
the comm otherwise. The *events* comm takes nothing and carries `Event` messages. The widget carries
the same messages as custom messages of its one model, and its trait ``snapshot`` has a `Snapshot`.

Which thread does what
----------------------
====================  =============================================================================
subshell or main      every request is parsed, done and answered on the thread on which its comm
                      message arrives: a subshell's, or the shell's main thread where the kernel or
                      the front end has no subshells (``State.answers`` tells which)
sampler               every `Event` is made and sent by the sampler's thread, which exists only
                      while a view is subscribed
the cell's thread     the widget is made and displayed, its `Snapshot` brought up to date
====================  =============================================================================
"""

from __future__ import annotations

from jupyter_tfsession.frontend.protocol.messages import (
    Confirm,
    Detail,
    Ended,
    Event,
    Ok,
    Readings,
    Refused,
    Reply,
    Snapshot,
    Table,
)
from jupyter_tfsession.frontend.protocol.parsing import MalformedError, parse
from jupyter_tfsession.frontend.protocol.requests import REQUESTS, Opened, Request
from jupyter_tfsession.frontend.protocol.sessions import State
from jupyter_tfsession.frontend.protocol.types import VERSION, Special, number

__all__ = [
    "REQUESTS",
    "VERSION",
    "Confirm",
    "Detail",
    "Ended",
    "Event",
    "MalformedError",
    "Ok",
    "Opened",
    "Readings",
    "Refused",
    "Reply",
    "Request",
    "Snapshot",
    "Special",
    "State",
    "Table",
    "number",
    "parse",
]

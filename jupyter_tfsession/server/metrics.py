"""What the server's own metrics endpoint tells of TensorFlow's sessions.

It tells what the kernels said last, and when: kernels are not asked because somebody measures.
"""

from __future__ import annotations

import time
from collections import Counter as Counting
from typing import TYPE_CHECKING, Final

from prometheus_client import Counter, Gauge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_tfsession.server.models import Kernel

STATUSES: Final = ("loaded", "not_loaded", "not_supported", "no_answer")
STATES: Final = ("open", "parked", "closed")

KERNELS: Final = Gauge("tfsession_kernels", "Kernels, by what they tell.", ["status"])
SESSIONS: Final = Gauge("tfsession_sessions", "TensorFlow sessions of all kernels.", ["state"])
BYTES: Final = Gauge("tfsession_variables_bytes", "Bytes of the variables of all sessions.")
TOLD: Final = Gauge("tfsession_told_timestamp_seconds", "When a kernel has told something last.")
ACTIONS: Final = Counter("tfsession_actions", "Actions on sessions over this server.", ["action"])


def count(known: Mapping[str, Kernel]) -> None:
    """Have the kernels counted as they are known now."""
    statuses = Counting(kernel.status for kernel in known.values())
    states = Counting(
        session.get("state")
        for kernel in known.values()
        for session in sessions_of(kernel).values()
    )
    for status in STATUSES:
        KERNELS.labels(status).set(statuses[status])
    for state in STATES:
        SESSIONS.labels(state).set(states[state])
    BYTES.set(sum(kernel.bytes for kernel in known.values()))
    TOLD.set(time.time())


def sessions_of(kernel: Kernel | None) -> dict[int, dict[str, object]]:
    """Return the sessions of a kernel by the ids of their graphs, as the kernel has told them."""
    # Not a State here but what it was made of: see Overview.
    state: object = kernel.state if kernel is not None else None
    sessions = state.get("sessions", []) if isinstance(state, dict) else []
    return {session["graph"]: session for session in sessions if "graph" in session}

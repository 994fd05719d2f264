"""Asking a kernel of the server for something of its sessions."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from jupyter_tfsession.server.connection import ControlConnection, NoAnswerError

if TYPE_CHECKING:
    from jupyter_tfsession.server.kernels import Running

Status: TypeAlias = Literal["not_loaded", "not_supported", "no_answer"]


class UnavailableError(Exception):
    """The sessions of a kernel cannot be told; the error says why.

    Attributes
    ----------
    status
        As in `models.Kernel`.
    """

    def __init__(self, status: Status, because: str) -> None:
        super().__init__(because)
        self.status = status


async def ask(
    kernel: Running,
    request: dict[str, Any],
    *,
    seconds: float,
    patience: float | None = None,
    readings: bool = False,
) -> dict[str, Any]:
    """Send a request of the protocol to a kernel and return what comes with the reply.

    Parameters
    ----------
    kernel
        The kernel; it is sent nothing that it might not know.
    request
        The request, but for its id and version.
    seconds
        How long to wait for a sign that the extension is loaded, which comes at once.
    patience
        How long to wait for the reply, if longer.
    readings
        With a request for a table, whether the variables are to be read.

    Raises
    ------
    UnavailableError
        There is no reply.
    """
    if kernel.unasked:
        raise UnavailableError("not_supported", kernel.unasked)
    try:
        with contextlib.closing(ControlConnection(kernel.manager)) as connection:
            if not await connection.is_loaded(seconds):
                raise UnavailableError("not_loaded", "jupyter_tfsession is not loaded there")
            return await connection.request(request, patience or seconds, readings=readings)
    except NoAnswerError as error:
        raise UnavailableError("no_answer", str(error)) from None
    except (OSError, AttributeError) as error:  # it ended meanwhile, and its ports are gone
        raise UnavailableError("no_answer", f"it cannot be reached: {error}") from None

"""What all kernels say of their sessions: each asked on its own, so that none waits for another."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from jupyter_tfsession.server.asking import UnavailableError, ask
from jupyter_tfsession.server.models import Kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.server.kernels import Kernels, Running

    Listener: TypeAlias = Callable[[Kernel | None, Kernel | None], None]

_GLANCE = 0.1  # seconds for a kernel that did not answer the last time


class Overview:
    """Asks kernels, and keeps what they said last.

    Parameters
    ----------
    kernels
        The kernels of the server.
    seconds
        How long a kernel may take to answer.
    at_once
        How many are asked at a time.
    """

    def __init__(self, kernels: Kernels, *, seconds: float, at_once: int) -> None:
        self.kernels = kernels
        self.seconds = seconds
        self.known: dict[str, Kernel] = {}
        self._room = asyncio.Semaphore(at_once)
        # Those that did not answer have room of their own: they must not take that of others.
        self._corner = asyncio.Semaphore(at_once)
        self._asking: dict[str, asyncio.Task[Kernel]] = {}
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Have `listener` told, as ``listener(before, now)``, whenever a kernel has changed.

        A kernel that is new was None before, one that is gone is None now.
        """
        self._listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        """Tell `listener` nothing more."""
        self._listeners.remove(listener)

    async def all(self) -> list[Kernel]:
        """Return all kernels; those that do not answer within bounds as they were."""
        running = await self.kernels.all()
        self.forget_others({one.id for one in running})
        return list(await asyncio.gather(*map(self.look, running)))

    def forget_others(self, there: set[str]) -> None:
        """Forget the kernels that are not there any more."""
        for gone in self.known.keys() - there:
            self._tell(self.known.pop(gone), None)

    async def look(self, one: Running) -> Kernel:
        """Return one kernel; whoever looks at the same time gets the same answer."""
        if one.unasked:
            return self._note(_kernel(one, "not_supported", one.unasked))
        before = self.known.get(one.id)
        silent = before is not None and before.status == "no_answer"
        asking = self._asking.get(one.id)
        if asking is None:
            asking = asyncio.create_task(self._ask(one, self._corner if silent else self._room))
            self._asking[one.id] = asking
            asking.add_done_callback(lambda _: self._asking.pop(one.id, None))
        done, _ = await asyncio.wait({asking}, timeout=_GLANCE if silent else 2 * self.seconds)
        if done:
            return asking.result()
        return before or _kernel(one, "no_answer", "it was not its turn yet")

    async def _ask(self, one: Running, room: asyncio.Semaphore) -> Kernel:
        async with room:
            try:
                answer = await ask(one, {"type": "hello"}, seconds=self.seconds)
                return self._note(_told(one, answer["reply"]))
            except UnavailableError as error:
                before = self.known.get(one.id)
                kernel = _kernel(one, error.status, str(error))
                if error.status == "no_answer" and before is not None:
                    kernel.state, kernel.bytes = before.state, before.bytes
                return self._note(kernel)

    def _note(self, kernel: Kernel) -> Kernel:
        before = self.known.get(kernel.id)
        self.known[kernel.id] = kernel
        if before is None or essence(before) != essence(kernel):
            self._tell(before, kernel)
        return kernel

    def _tell(self, before: Kernel | None, now: Kernel | None) -> None:
        for listener in list(self._listeners):
            listener(before, now)


def essence(kernel: Kernel) -> Any:
    """Return what of a kernel is worth telling when it changes."""
    fields = msgspec.to_builtins(kernel)
    fields.pop("last_activity")
    if fields["state"] is not None:
        fields["state"].pop("time", None)
    return fields


def _told(one: Running, reply: dict[str, Any]) -> Kernel:
    """Return a kernel that has answered."""
    state: Any = reply.get("result")
    try:
        size = sum(int(session["bytes"]) for session in state["sessions"])
    except (TypeError, KeyError, ValueError):
        return _kernel(one, "no_answer", "its answer makes no sense")
    kernel = _kernel(one, "loaded", "")
    kernel.bytes = size
    # As the kernel has put it: one with a newer version of the extension may say more.
    kernel.state = state
    return kernel


def _kernel(one: Running, status: Any, because: str) -> Kernel:
    return Kernel(
        id=one.id,
        name=one.name,
        language=one.language,
        notebooks=list(one.notebooks),
        execution_state=one.execution_state,
        last_activity=one.last_activity,
        status=status,
        because=because,
    )

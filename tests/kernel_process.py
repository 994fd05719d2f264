"""A kernel process and the front end's side of its channels; cells are notebook.py's."""

from __future__ import annotations

import os
import queue
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from outcome import Message

REPOSITORY: Final = Path(__file__).resolve().parents[1]
PATIENCE: Final = 60.0
_SLICE: Final = 0.5


class KernelDiedError(RuntimeError):
    """The kernel process ended while an answer was expected from it."""


class Kernel:
    """A kernel process, and any message to or from it.

    Parameters
    ----------
    env
        Environment variables to add to the kernel's; the value ``None`` removes one.
    extra_args
        Command-line arguments of ``ipykernel_launcher``, such as ``["--TFSession.guard=off"]``.

    Attributes
    ----------
    usable
        False once the kernel state cannot be trusted: it was restarted, or did not answer.
    heard
        The iopub messages of no finished cell, oldest first; `wait_for` takes from it.
    client, manager
        The jupyter_client objects.
    """

    def __init__(
        self, *, env: Mapping[str, str | None] | None = None, extra_args: Sequence[str] = ()
    ) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="tfsession-kernel-")
        self.directory = Path(self._home.name)
        self.usable = True
        self.heard: deque[Message] = deque(maxlen=20_000)
        self.inbox: dict[str, list[Message]] = {}
        self._replies: dict[str, Message] = {}
        self.manager = KernelManager(connection_file=str(self.directory / "connection.json"))
        # Kept open since a restart starts the process again with the same arguments.
        self._log = (self.directory / "kernel.log").open("ab")
        self.manager.start_kernel(
            extra_arguments=["--HistoryManager.enabled=False", *extra_args],
            env=self._environment(env or {}),
            cwd=self._home.name,
            stdout=self._log,
            stderr=self._log,
        )
        self.client = self._connect()

    def _environment(self, extra: Mapping[str, str | None]) -> dict[str, str]:
        home = self.directory
        changed: dict[str, str | None] = {
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
            "IPYTHONDIR": str(home / "ipython"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "PYTHONPATH": os.pathsep.join(
                filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH", "")])
            ),
            **extra,
        }
        merged = {**os.environ, **changed}
        return {name: value for name, value in merged.items() if value is not None}

    def _connect(self) -> BlockingKernelClient:
        client = self.manager.client()
        assert isinstance(client, BlockingKernelClient)
        client.start_channels()
        try:
            client.wait_for_ready(timeout=PATIENCE)
        except RuntimeError as error:
            reason = f"{error}\n{self.log()}"
            raise KernelDiedError(reason) from error
        return client

    def log(self) -> str:
        """Return what the kernel process itself wrote outside any cell."""
        return (self.directory / "kernel.log").read_text(encoding="utf-8", errors="replace")

    def interrupt(self) -> None:
        """Interrupt the running cell, as the stop button does."""
        self.manager.interrupt_kernel()

    def restart(self) -> None:
        """Restart the kernel: a new process with nothing imported."""
        self.usable = False
        self.client.stop_channels()
        self.forget()
        self.manager.restart_kernel(now=True)
        self.client = self._connect()

    def shutdown(self) -> None:
        """End the kernel and remove its directory; doing it twice is harmless."""
        self.usable = False
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)
        self._log.close()
        self._home.cleanup()

    def is_alive(self) -> bool:
        """Whether the kernel process runs."""
        return bool(self.manager.is_alive())

    def send(
        self,
        msg_type: str,
        content: Mapping[str, Any],
        *,
        channel: Literal["shell", "control"] = "shell",
        metadata: Mapping[str, Any] | None = None,
        subshell_id: str | None = None,
    ) -> str:
        """Send any message, such as ``comm_open``, and return its id."""
        message = self.client.session.msg(msg_type, dict(content), metadata=dict(metadata or {}))
        if subshell_id is not None:
            message["header"]["subshell_id"] = subshell_id
        sender = self.client.shell_channel if channel == "shell" else self.client.control_channel
        sender.send(message)
        return str(message["header"]["msg_id"])

    def ask(
        self,
        msg_type: str,
        content: Mapping[str, Any],
        *,
        channel: Literal["shell", "control"] = "shell",
        subshell_id: str | None = None,
        timeout: float = PATIENCE,
    ) -> Message:
        """Send a request and return its whole reply message."""
        message_id = self.send(msg_type, content, channel=channel, subshell_id=subshell_id)
        return self.reply(message_id, channel=channel, timeout=timeout)

    def reply(
        self,
        message_id: str,
        *,
        channel: Literal["shell", "control"] = "shell",
        timeout: float = PATIENCE,
    ) -> Message:
        """Wait for the reply to a message sent earlier; others' replies are kept for them."""
        receive = self.client.get_shell_msg if channel == "shell" else self.client.get_control_msg
        deadline = time.monotonic() + timeout
        while message_id not in self._replies:
            message = self._receive(receive, deadline, f"the reply to {message_id}")
            if message is not None:
                self._replies[str(message["parent_header"].get("msg_id"))] = message
        return self._replies.pop(message_id)

    def wait_for(self, wanted: Callable[[Message], bool], timeout: float = PATIENCE) -> Message:
        """Return the first iopub message, heard already or yet to come, that is wanted.

        A message is given out once. ``heard`` holds the iopub messages not given out.
        """
        deadline = time.monotonic() + timeout
        while True:
            for message in self.heard:
                if wanted(message):
                    self.heard.remove(message)
                    return message
            self.listen(deadline, "an iopub message")

    def listen(self, deadline: float, what: str) -> None:
        """Take in one iopub message, or nothing for a moment; errors as in `Notebook.run`."""
        message = self._receive(self.client.get_iopub_msg, deadline, what)
        if message is not None:
            self.heard.append(message)
            parent = message["parent_header"].get("msg_id")
            if parent in self.inbox:
                self.inbox[parent].append(message)

    def _receive(
        self, receive: Callable[..., Message], deadline: float, what: str
    ) -> Message | None:
        left = deadline - time.monotonic()
        if left <= 0:
            self.usable = False
            reason = f"the kernel did not send {what} in time\n{self.log()}"
            raise TimeoutError(reason)
        try:
            return receive(timeout=min(left, _SLICE))
        except queue.Empty:
            if not self.is_alive():
                self.usable = False
                raise KernelDiedError(self.log()) from None
            return None

    def forget(self) -> None:
        """Forget what was sent and heard: whoever asked for it has gone."""
        self.inbox.clear()
        self._replies.clear()
        self.heard.clear()

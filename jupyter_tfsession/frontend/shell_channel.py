"""The kernel notices every request on its shell channel.

ipykernel 7.0 to 7.3 read requests through a stream, and write replies past it onto the same socket.
A request that arrives while a reply is written may not be noticed then, until another client
connects: a cell does not begin, and a panel waits for ever. It takes no more than a page that is
opened, since the server asks each kernel a question as it connects (measured: 14 of 421 first
requests after such a question). ipykernel 7.4 writes through the stream (ipython/ipykernel#1529),
but needs Python 3.11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def reply_through_the_stream(shell: InteractiveShell) -> None:
    """Have a kernel write its replies as ipykernel 7.4 does, where it is older and has subshells.

    It stays so when the extension is unloaded. Subshells that are there already are left: what
    pages send to them, comms, is not replied to on this channel.
    """
    kernel: Any = getattr(shell, "kernel", None)
    channel: Any = getattr(kernel, "shell_channel_thread", None)
    manager: Any = getattr(channel, "manager", None)
    if not hasattr(manager, "_shell_socket"):
        return

    def write(reply: list[Any]) -> None:
        kernel.shell_stream.send_multipart(reply)

    manager._send_on_shell_channel = write  # noqa: SLF001 - what subshells are begun with
    main = manager._main_to_shell_channel  # noqa: SLF001 - there wherever the socket above is
    channel.io_loop.add_callback(main.on_recv, channel.io_loop, write)

"""The live stream: all kernels once, and then whatever changes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web, websocket

from jupyter_tfsession.server.models import Changed, Gone, KernelList, encode
from jupyter_tfsession.server.routes.base import RESOURCE

if TYPE_CHECKING:
    from jupyter_tfsession.server.models import Kernel
    from jupyter_tfsession.server.serving import Serving


class StreamHandler(WebSocketMixin, websocket.WebSocketHandler, JupyterHandler):
    """A WebSocket of changes; what comes from the other side is not looked at.

    Of each kernel at most one message waits: who reads slowly gets the latest.
    """

    auth_resource = RESOURCE

    def initialize(self, serving: Serving) -> None:
        """Take what the routes are given."""
        self.serving = serving
        self._waiting: dict[str, Kernel | None] = {}
        self._something = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    @property
    def max_message_size(self) -> int:
        """Bytes of what the other side may send."""
        return 1024

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Open the stream for whoever may look."""
        allowed = await ensure_async(
            self.authorizer.is_authorized(self, self.current_user, "read", RESOURCE)
        )
        if not allowed:
            raise web.HTTPError(403)
        if self.serving.watching.is_full:
            raise web.HTTPError(503, "too many watch already")
        await super().get(*args, **kwargs)

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Begin to send."""
        super().open(*args, **kwargs)
        self.serving.overview.listen(self._changed)
        self.serving.watching.begin()
        self._sending = asyncio.create_task(self._send())

    def on_message(self, message: str | bytes) -> None:
        """Do nothing with it."""

    def on_close(self) -> None:
        """End what `open` began, if it did."""
        super().on_close()
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None
            self.serving.overview.unlisten(self._changed)
            self.serving.watching.end()

    def _changed(self, before: Kernel | None, now: Kernel | None) -> None:
        kernel = now or before
        if kernel is not None:
            self._waiting[kernel.id] = now
            self._something.set()

    async def _send(self) -> None:
        try:
            kernels = await self.serving.overview.all()
            self._waiting.clear()  # it is all in there
            size = sum(kernel.bytes for kernel in kernels)
            first = KernelList(kernels=kernels, bytes=size, limit=self.serving.limit)
            await self.write_message(encode(first))
            while True:
                await self._something.wait()
                self._something.clear()
                waiting, self._waiting = self._waiting, {}
                for kernel_id, kernel in waiting.items():
                    message = Changed(kernel) if kernel is not None else Gone(kernel_id)
                    await self.write_message(encode(message))
        except websocket.WebSocketClosedError:
            return

"""The kernels and their sessions."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_tfsession.server.models import KernelList
from jupyter_tfsession.server.routes.base import TFSessionHandler


class KernelsHandler(TFSessionHandler):
    """All kernels."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Tell all kernels and their sessions."""
        kernels = await self.serving.overview.all()
        size = sum(kernel.bytes for kernel in kernels)
        self.tell(KernelList(kernels=kernels, bytes=size, limit=self.serving.limit))


class KernelHandler(TFSessionHandler):
    """One kernel."""

    @web.authenticated
    @authorized
    async def get(self, kernel_id: str) -> None:
        """Tell a kernel and its sessions."""
        self.tell(await self.serving.overview.look(await self.kernel(kernel_id)))


class SnapshotsOfKernelHandler(TFSessionHandler):
    """The snapshots where a kernel keeps them."""

    @web.authenticated
    @authorized
    async def get(self, kernel_id: str) -> None:
        """Tell the snapshots, with the ids by which the kernel restores them."""
        answer = await self.ask(kernel_id, {"type": "snapshots"})
        if answer is not None:
            self.finish(answer["reply"]["result"])

"""The snapshots on the server's disk: listed, downloaded, deleted."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from msgspec import Struct
from tornado import iostream, web

from jupyter_tfsession.frontend.protocol.types import Name
from jupyter_tfsession.server.archives import Archive
from jupyter_tfsession.server.models import StoredList
from jupyter_tfsession.server.routes.base import TFSessionHandler
from jupyter_tfsession.server.stores import described, snapshot_in
from jupyter_tfsession.snapshots.errors import SnapshotError

if TYPE_CHECKING:
    from jupyter_tfsession.snapshots.reading import Snapshot
    from jupyter_tfsession.snapshots.store import Store


class Where(Struct, forbid_unknown_fields=True):
    """Beside which notebooks the snapshots are: a directory, as the contents API has it."""

    directory: Name = ""


class _Handler(TFSessionHandler):
    def store(self) -> Store:
        """Return the snapshots that are asked about."""
        found = self.serving.stores.find(self.query(Where).directory)
        if found is None:
            raise web.HTTPError(404, "No such directory")
        return found

    async def snapshot(self, name: str) -> tuple[Store, Snapshot]:
        """Return a snapshot, and where it is."""
        store = self.store()
        try:
            found = await asyncio.to_thread(snapshot_in, store, name)
        except SnapshotError:
            found = None
        if found is None:
            raise web.HTTPError(404, f"No such snapshot: {name}")
        return store, found


class StoredHandler(_Handler):
    """The snapshots in a directory."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Tell the snapshots, latest first."""
        store = self.store()

        def listed() -> list[object]:
            return [described(one) for one in reversed(store.snapshots())]

        try:
            snapshots = await asyncio.to_thread(listed)
        except SnapshotError as error:
            raise web.HTTPError(404, str(error)) from None
        directory = self.query(Where).directory.strip("/")
        self.tell(StoredList(directory=directory, snapshots=snapshots))  # type: ignore[arg-type]


class StoredOneHandler(_Handler):
    """One snapshot."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Send it as a tar archive, which is nowhere as a whole."""
        _, snapshot = await self.snapshot(name)
        try:
            archive = Archive(snapshot)
        except OSError:
            raise web.HTTPError(404, f"No such snapshot: {name}") from None
        with contextlib.closing(archive):
            self.set_header("Content-Type", "application/x-tar")
            self.set_header("Content-Length", str(archive.size))
            self.set_header("Content-Disposition", f'attachment; filename="{name}.tar"')
            chunks = archive.chunks()
            try:
                while chunk := await asyncio.to_thread(next, chunks, None):
                    self.write(chunk)
                    await self.flush()
            except iostream.StreamClosedError:  # the user has enough
                return
            except (OSError, EOFError):
                self.log.warning("snapshot %s has become shorter while it was sent", name)
                self.request.connection.stream.close()  # type: ignore[union-attr]
                return
        self.finish(set_content_type="application/x-tar")

    @web.authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Remove it, at once for whoever looks."""
        store, snapshot = await self.snapshot(name)
        try:
            await asyncio.to_thread(store.drop, snapshot)
        except SnapshotError as error:
            raise web.HTTPError(409, str(error)) from None
        self.set_status(204)
        self.finish()

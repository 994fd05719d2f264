"""The description of this API."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_tfsession.server.openapi import PATH
from jupyter_tfsession.server.routes.base import TFSessionHandler


class SpecificationHandler(TFSessionHandler):
    """What there is to be asked."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Send the OpenAPI file."""
        self.finish(await asyncio.to_thread(PATH.read_bytes))

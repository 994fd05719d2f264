"""What all addresses have in common: who may, how much is taken, and how refusals are said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
from jupyter_server.base.handlers import APIHandler
from tornado import web

from jupyter_tfsession.server.asking import UnavailableError, ask
from jupyter_tfsession.server.models import Refusal, encode

if TYPE_CHECKING:
    from jupyter_tfsession.server.kernels import Running
    from jupyter_tfsession.server.serving import Serving

RESOURCE: Final = "tfsession"
"""What an authorizer is asked about: ``read`` for looking, ``write`` for changing."""

MOST_BYTES: Final = 2**20
"""Of a request's body."""

Body = TypeVar("Body", bound=msgspec.Struct)

STATUSES: Final = {
    "malformed": 400,
    "version": 400,
    "unknown": 404,
    "invalid": 422,
    "tensorflow": 422,
    "internal": 502,
    "no_answer": 504,
}
"""What is answered to which code of a refusal; to the others 409: things are not so."""


@web.stream_request_body
class TFSessionHandler(APIHandler):
    """A handler; its methods are to be ``@web.authenticated`` and ``@authorized``.

    The body is read after both, and only as far as it is of a reasonable size.
    """

    auth_resource = RESOURCE

    def initialize(self, serving: Serving) -> None:
        """Take what the routes are given."""
        self.serving = serving
        self._received = bytearray()

    async def prepare(self) -> None:  # type: ignore[override] # as APIHandler does
        """Check who asks, before there is a body."""
        await super().prepare()
        try:
            announced = int(self.request.headers.get("Content-Length") or 0)
        except ValueError:
            raise web.HTTPError(400, "Content-Length is not a number") from None
        if announced > MOST_BYTES:
            raise web.HTTPError(413)
        self.request.connection.set_max_body_size(MOST_BYTES)  # type: ignore[union-attr]

    def data_received(self, chunk: bytes) -> None:
        """Take a part of the body."""
        self._received += chunk

    def body(self, kind: type[Body]) -> Body:
        """Return the body; one of nothing is taken for that of an empty object."""
        try:
            return msgspec.json.decode(bytes(self._received) or b"{}", type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise web.HTTPError(400, f"the body is not as it should be: {error}") from None

    def query(self, kind: type[Body]) -> Body:
        """Return what the query says; what it should not say is refused."""
        given = {
            name: self.get_query_arguments(name, strip=False)
            for name in self.request.query_arguments
            if name not in {"token", "_xsrf", "no_track_activity"}
        }
        lists = {field.name for field in msgspec.structs.fields(kind) if field.name == "glob"}
        single = {name: all_ if name in lists else all_[-1] for name, all_ in given.items()}
        try:
            return msgspec.convert(single, kind, strict=False)
        except msgspec.ValidationError as error:
            raise web.HTTPError(400, f"the query is not as it should be: {error}") from None

    async def kernel(self, kernel_id: str) -> Running:
        """Return a kernel of the server."""
        found = await self.serving.kernels.find(kernel_id)
        if found is None:
            raise web.HTTPError(404, f"Kernel does not exist: {kernel_id}")
        return found

    async def ask(
        self,
        kernel_id: str,
        request: dict[str, Any],
        *,
        patience: float | None = None,
        readings: bool = False,
    ) -> dict[str, Any] | None:
        """Return what a kernel answers; None after having told that it refuses."""
        kernel = await self.kernel(kernel_id)
        seconds = self.serving.overview.seconds
        try:
            answer = await ask(
                kernel, request, seconds=seconds, patience=patience, readings=readings
            )
        except UnavailableError as error:
            self.refuse(Refusal(message=str(error), code=error.status))
            return None
        reply = answer["reply"]
        if reply.get("type") == "ok":
            return answer
        try:
            told = {key: reply.get(key) for key in ("message", "code", "confirm")}
            self.refuse(msgspec.convert(told, Refusal))
        except msgspec.ValidationError:
            self.refuse(Refusal(message="the kernel's answer makes no sense", code="internal"))
        return None

    def refuse(self, refusal: Refusal) -> None:
        """Answer that something was not done."""
        self.set_status(STATUSES.get(refusal.code, 409))
        self.finish(encode(refusal))

    def tell(self, model: msgspec.Struct) -> None:
        """Answer with a model."""
        self.finish(encode(model))

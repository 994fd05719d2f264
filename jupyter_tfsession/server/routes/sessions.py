"""One session: its variables, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from jupyter_server.auth.decorator import authorized
from msgspec import Meta, Struct
from tornado import web

from jupyter_tfsession.frontend.protocol.types import MAX_ROWS, Count, Name
from jupyter_tfsession.server.models import ACTIONS, MOST_GLOBS, Done, Variables
from jupyter_tfsession.server.routes.base import TFSessionHandler

if TYPE_CHECKING:
    from jupyter_tfsession.server.routes.base import Body


class Page(Struct, forbid_unknown_fields=True):
    """Which variables are wanted."""

    offset: Count = 0
    limit: Annotated[int, Meta(ge=1, le=MAX_ROWS)] = 100
    readings: bool = True
    glob: Annotated[list[Name], Meta(max_length=MOST_GLOBS)] = msgspec.field(default_factory=list)


class Planned(Struct, forbid_unknown_fields=True):
    """What restoring is to be planned."""

    snapshot: Name
    similar: bool = False


class VariablesHandler(TFSessionHandler):
    """The variables of a session."""

    @web.authenticated
    @authorized
    async def get(self, kernel_id: str, graph: str) -> None:
        """Tell a page of the variables whose names match."""
        page = self.query(Page)
        request = {
            "type": "table",
            "graph": int(graph),
            "globs": page.glob,
            "offset": page.offset,
            "limit": page.limit,
        }
        answer = await self.ask(kernel_id, request, readings=page.readings)
        if answer is not None:
            table = answer["reply"]["result"]
            self.tell(
                Variables(
                    graph=table["graph"],
                    generation=table["generation"],
                    total=table["total"],
                    rows=table["rows"],
                    readings=answer.get("readings") or [],
                )
            )


class VariableHandler(TFSessionHandler):
    """One variable."""

    @web.authenticated
    @authorized
    async def get(self, kernel_id: str, graph: str, variable: str) -> None:
        """Tell one variable in full."""
        request = {"type": "detail", "graph": int(graph), "variable": int(variable)}
        await _pass_on(self, kernel_id, request)


class PlanHandler(TFSessionHandler):
    """What restoring a snapshot would do."""

    @web.authenticated
    @authorized
    async def get(self, kernel_id: str, graph: str) -> None:
        """Tell the plan."""
        wanted = self.query(Planned)
        await _pass_on(self, kernel_id, {"type": "plan", "graph": int(graph), **_fields(wanted)})


class ActionHandler(TFSessionHandler):
    """An action on a session."""

    @web.authenticated
    @authorized
    async def post(self, kernel_id: str, graph: str, action: str) -> None:
        """Do it; what overwrites values has to be confirmed, as in the sidebar."""
        body = self.body(ACTIONS[action])
        request = {"type": action, "graph": int(graph), **_fields(body)}
        answer = await self.ask(kernel_id, request, patience=self.serving.patience)
        if answer is not None:
            await self.serving.done(kernel_id, action)
            self.tell(Done(text=str(answer["reply"].get("text", ""))))


async def _pass_on(handler: TFSessionHandler, kernel_id: str, request: dict[str, Any]) -> None:
    answer = await handler.ask(kernel_id, request)
    if answer is not None:
        handler.finish(answer["reply"]["result"])


def _fields(body: Body) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(body)
    return fields

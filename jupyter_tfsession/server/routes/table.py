"""Which address is whose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jupyter_tfsession.server.models import ACTIONS, STORED
from jupyter_tfsession.server.routes.kernels import (
    KernelHandler,
    KernelsHandler,
    SnapshotsOfKernelHandler,
)
from jupyter_tfsession.server.routes.sessions import (
    ActionHandler,
    PlanHandler,
    VariableHandler,
    VariablesHandler,
)
from jupyter_tfsession.server.routes.snapshots import StoredHandler, StoredOneHandler
from jupyter_tfsession.server.routes.specification import SpecificationHandler
from jupyter_tfsession.server.routes.stream import StreamHandler

if TYPE_CHECKING:
    from jupyter_tfsession.server.serving import Serving

ROOT: Final = "/jupyter-tfsession/api"

_KERNEL: Final = rf"{ROOT}/kernels/(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)"
_SESSION: Final = rf"{_KERNEL}/sessions/(?P<graph>\d{{1,15}})"
_STORED: Final = f"(?P<name>{STORED.strip('^$')})"

HANDLERS: Final[list[tuple[str, Any]]] = [
    (ROOT, SpecificationHandler),
    (rf"{ROOT}/kernels", KernelsHandler),
    (rf"{ROOT}/stream", StreamHandler),
    (_KERNEL, KernelHandler),
    (rf"{_KERNEL}/snapshots", SnapshotsOfKernelHandler),
    (rf"{_SESSION}/variables", VariablesHandler),
    (rf"{_SESSION}/variables/(?P<variable>\d{{1,15}})", VariableHandler),
    (rf"{_SESSION}/plan", PlanHandler),
    (rf"{_SESSION}/(?P<action>{'|'.join(ACTIONS)})", ActionHandler),
    (rf"{ROOT}/snapshots", StoredHandler),
    (rf"{ROOT}/snapshots/{_STORED}", StoredOneHandler),
]


def routes(serving: Serving) -> list[tuple[str, Any, dict[str, Any]]]:
    """Return the routes of a server."""
    return [(address, handler, {"serving": serving}) for address, handler in HANDLERS]

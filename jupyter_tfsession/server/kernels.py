"""The kernels of the server, as its own managers know them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async
from jupyter_server.gateway.gateway_client import GatewayClient

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


@dataclass(frozen=True)
class Running:
    """A kernel of the server.

    Attributes
    ----------
    id, name, language
        Its id, and the name and language of its specification.
    notebooks
        What uses it.
    execution_state, last_activity
        What the server has heard of it.
    unasked
        Why it cannot be asked; "" if it can.
    manager
        The server's manager of it.
    """

    id: str
    name: str
    language: str
    notebooks: tuple[str, ...]
    execution_state: str
    last_activity: str
    unasked: str
    manager: Any

    @property
    def activity(self) -> tuple[str, str]:
        """What differs when the kernel has done something."""
        return self.execution_state, self.last_activity


class Kernels:
    """Lists the kernels of a server; nothing is sent to them for that."""

    def __init__(self, server: ServerApp) -> None:
        self._server = server

    async def all(self) -> list[Running]:
        """Return the kernels that run."""
        manager: Any = self._server.kernel_manager
        if _are_elsewhere():  # a gateway may refuse to list its kernels; the server knows its own
            ids = manager.list_kernel_ids()
            models = [await ensure_async(manager.kernel_model(one)) for one in ids]
        else:
            models = await ensure_async(manager.list_kernels())
        notebooks = await self._notebooks()
        return [self._running(model, notebooks.get(model["id"], ())) for model in models]

    async def find(self, kernel_id: str) -> Running | None:
        """Return a kernel by its id."""
        if kernel_id not in self._server.kernel_manager:
            return None
        return next((one for one in await self.all() if one.id == kernel_id), None)

    async def _notebooks(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for model in await ensure_async(self._server.session_manager.list_sessions()):
            kernel, path = model["kernel"]["id"], model.get("path") or model.get("name") or ""
            found[kernel] = (*found.get(kernel, ()), path)
        return found

    def _running(self, model: dict[str, Any], notebooks: tuple[str, ...]) -> Running:
        manager: Any = None
        language, unasked = "", "it runs behind a kernel gateway, which has no way to ask it"
        if not _are_elsewhere():
            try:
                manager = self._server.kernel_manager.get_kernel(model["id"])
                language = str(manager.kernel_spec.language)
            except Exception:  # noqa: BLE001 - gone, or its specification was removed
                language = ""
            unasked = "" if language.lower() == "python" else f"it is not Python: {language or '?'}"
        return Running(
            id=model["id"],
            name=model["name"],
            language=language,
            notebooks=notebooks,
            execution_state=model.get("execution_state") or "unknown",
            last_activity=model.get("last_activity") or "",
            unasked=unasked,
            manager=manager,
        )


def _are_elsewhere() -> bool:
    """Whether the server has its kernels run behind a kernel gateway."""
    return bool(GatewayClient.instance().gateway_enabled)

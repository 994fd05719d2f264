"""Asking many kernels at once, told with kernels that are made up."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_tfsession.server import overview as overview_room
from jupyter_tfsession.server.asking import UnavailableError
from jupyter_tfsession.server.kernels import Kernels
from jupyter_tfsession.server.overview import Overview

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from jupyter_tfsession.server.models import Kernel


class Server:
    """What is used of a Jupyter server; its kernels hold two bytes each, or hang."""

    def __init__(self, count: int, *, language: str = "python") -> None:
        self.kernel_manager = self.session_manager = self
        self.ids = [f"kernel-{number}" for number in range(count)]
        self.hung: set[str] = set()
        self.state: dict[str, Any] = {"sessions": [{"graph": 1, "state": "open", "bytes": 2}]}
        self.asked: list[str] = []
        self.at_once = self.most_at_once = 0
        self._language = language

    def __contains__(self, kernel_id: str) -> bool:
        return kernel_id in self.ids

    def list_kernels(self) -> list[dict[str, Any]]:
        return [{"id": one, "name": "k", "execution_state": "idle"} for one in self.ids]

    def list_sessions(self) -> list[dict[str, Any]]:
        return [{"kernel": {"id": self.ids[0]}, "path": path} for path in ("a.ipynb", "b.ipynb")]

    def get_kernel(self, _: str) -> Any:
        return SimpleNamespace(kernel_spec=SimpleNamespace(language=self._language))

    async def ask(self, kernel: Any, _request: Any, *, seconds: float) -> dict[str, Any]:
        """Stand in for asking a kernel."""
        self.asked.append(kernel.id)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(seconds if kernel.id in self.hung else 0)
        finally:
            self.at_once -= 1
        if kernel.id in self.hung:
            raise UnavailableError("no_answer", "it hangs")
        return {"reply": {"type": "ok", "result": dict(self.state)}}


@pytest.fixture
def overview(monkeypatch: pytest.MonkeyPatch) -> Any:
    def make(server: Any, *, seconds: float = 0.2, at_once: int = 8) -> Overview:
        monkeypatch.setattr(overview_room, "ask", server.ask)
        return Overview(Kernels(server), seconds=seconds, at_once=at_once)

    return make


def run(test: Coroutine[Any, Any, None]) -> None:
    """Run a test; on a thread of its own, since Playwright leaves a loop running on this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, test).result()


def statuses(kernels: list[Kernel]) -> dict[str, str]:
    return {kernel.id: kernel.status for kernel in kernels}


def test_hundreds_of_kernels_are_asked_a_few_at_a_time(overview: Any):
    async def test() -> None:
        server = Server(300)
        told = await overview(server, seconds=30).all()
        assert [kernel.id for kernel in told] == server.ids
        assert {kernel.status for kernel in told} == {"loaded"}
        assert sum(kernel.bytes for kernel in told) == 600
        assert told[0].notebooks == ["a.ipynb", "b.ipynb"]
        assert server.most_at_once == 8

    run(test())


def test_who_looks_at_the_same_time_shares_the_answer(overview: Any):
    async def test() -> None:
        server = Server(2)
        looking = overview(server)
        first, second = await asyncio.gather(looking.all(), looking.all())
        assert first == second
        assert sorted(server.asked) == server.ids
        await looking.all()
        assert len(server.asked) == 4

    run(test())


def test_kernels_that_hang_do_not_take_the_others_turns(overview: Any):
    async def test() -> None:
        server = Server(40)
        looking = overview(server, at_once=4)
        await looking.all()
        server.hung = set(server.ids[:20])
        for _ in range(2):  # at first they have to be waited for
            await looking.all()
        server.asked.clear()
        told = await looking.all()
        assert statuses(told) == {
            one: "no_answer" if one in server.hung else "loaded" for one in server.ids
        }
        assert {kernel.bytes for kernel in told} == {2}  # as it was told last
        server.hung = set()
        await asyncio.sleep(looking.seconds)  # in which the last question is given up
        assert set(statuses(await looking.all()).values()) == {"loaded"}

    run(test())


def test_listeners_are_told_what_has_changed_and_nothing_else(overview: Any):
    async def test() -> None:
        server = Server(2)
        looking = overview(server)
        told: list[tuple[Any, Any]] = []
        looking.listen(lambda before, now: told.append((before, now)))
        await looking.all()
        assert [(before, now.id) for before, now in told] == [(None, one) for one in server.ids]
        told.clear()
        server.state["time"] = 7.0
        await looking.all()
        assert told == []
        server.state["sessions"] = []
        gone = server.ids.pop()
        await looking.all()
        assert [(before.id, now and now.bytes) for before, now in told] == [
            (gone, None),
            (server.ids[0], 0),
        ]

    run(test())


@pytest.mark.parametrize("state", [None, [], {"sessions": None}, {"sessions": [{"bytes": "x"}]}])
def test_an_answer_that_makes_no_sense_is_none(overview: Any, state: Any):
    async def test() -> None:
        server = Server(1)
        server.ask = lambda *_, **__: asyncio.sleep(0, {"reply": {"result": state}})  # type: ignore[method-assign]
        (kernel,) = await overview(server).all()
        assert (kernel.status, kernel.state) == ("no_answer", None)

    run(test())

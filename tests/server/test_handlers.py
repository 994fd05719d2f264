"""What the addresses answer where no kernel is needed: by a server in this process, at once.

With kernels, a server in a process of its own is asked, in the other files here.
"""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_process import Answer

# Of its fixtures some are for every test, and close the loop of the thread: they are for this file.
from pytest_jupyter.jupyter_server import *  # noqa: F403
from tornado.httpclient import HTTPClientError
from traitlets.config import Config

from jupyter_tfsession.frontend.protocol.types import MAX_ROWS
from jupyter_tfsession.server import watching
from jupyter_tfsession.server.models import ACTIONS, MOST_GLOBS
from jupyter_tfsession.server.openapi import specification
from jupyter_tfsession.server.routes import base
from jupyter_tfsession.server.routes.base import MOST_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from pathlib import Path

NOBODY = "00000000-0000-0000-0000-000000000000"
SESSION = f"/kernels/{NOBODY}/sessions/1"
API = "jupyter-tfsession/api"

LEAST: dict[str, dict[str, Any]] = {
    action: {} if action == "snapshot" else {"generation": 1} for action in ACTIONS
}
LEAST["restore"]["snapshot"] = "best"


class Loop:
    """A loop on a thread of its own, since Playwright leaves one running on this one."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = ThreadPoolExecutor(1)

    def is_running(self) -> bool:
        """Tell that it does not: it runs while something is waited for."""
        return False

    def run_until_complete(self, task: Coroutine[Any, Any, Any]) -> Any:
        """Run something."""
        return self._thread.submit(self._loop.run_until_complete, task).result(timeout=60)

    def close(self) -> None:
        """End it."""
        self._thread.submit(self._loop.close).result(timeout=60)
        self._thread.shutdown()


@pytest.fixture
def jp_asyncio_loop() -> Iterator[Loop]:
    """Give pytest-jupyter a loop."""
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def jp_server_config(request: pytest.FixtureRequest) -> Config:
    """Give the server's settings: this extension, and what the test asks for."""
    enabled = {"ServerApp": {"jpserver_extensions": {"jupyter_tfsession": True}}}
    config = Config(enabled)
    config.merge(Config(getattr(request, "param", {})))
    return config


def settings(**classes: Any) -> pytest.MarkDecorator:
    """Have a test's server configured."""
    return pytest.mark.parametrize("jp_server_config", [classes], indirect=True, ids=[""])


class Api:
    """The addresses of this extension."""

    def __init__(self, loop: Loop, fetch: Callable[..., Any]) -> None:
        self._loop, self._fetch = loop, fetch

    def ask(self, path: str, method: str = "GET", body: Any = None, **options: Any) -> Answer:
        """Send a request, and return what is answered."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        address, _, query = path.partition("?")
        params = [tuple(pair.split("=", 1)) for pair in query.split("&") if pair]

        async def asked() -> Answer:
            try:
                answer = await self._fetch(
                    API + address,
                    method=method,
                    body=data,
                    params=params,
                    allow_nonstandard_methods=True,
                    **options,
                )
            except HTTPClientError as error:
                if error.response is None:
                    raise
                answer = error.response
            return Answer(answer.code, answer.headers, answer.body)

        answered: Answer = self._loop.run_until_complete(asked())
        return answered

    def refused(self, *what: Any, status: int, **options: Any) -> str:
        """Send a request that is refused as all are, and return the reason."""
        answer = self.ask(*what, **options)
        assert answer.status == status, (what, answer.body)
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        return str(answer.json["message"])


@pytest.fixture
def api(jp_asyncio_loop: Loop, jp_fetch: Callable[..., Any]) -> Api:
    """Give the addresses."""
    return Api(jp_asyncio_loop, jp_fetch)


@settings(TFSessionServer={"warn_bytes": 77})
def test_no_kernels_are_a_list_of_none(api: Api):
    answer = api.ask("/kernels")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json == {"type": "kernels", "kernels": [], "bytes": 0, "limit": 77}


def test_a_kernel_that_is_not_there_is_told_as_json_at_each_address(api: Api):
    names = {"kernel_id": NOBODY, "graph": "1", "variable": "0"}
    asked = [
        (path.partition("/api")[2].format(**names), method.upper())
        for path, methods in specification()["paths"].items()
        for method in methods
        if "{kernel_id}" in path
    ]
    assert len(asked) > len(ACTIONS)
    for path, method in asked:
        query = "?snapshot=best" if path.endswith("/plan") else ""
        body = LEAST[path.rpartition("/")[2]] if method == "POST" else None
        assert NOBODY in api.refused(path + query, method, body, status=404)


@pytest.mark.parametrize(
    "query",
    [
        f"limit={MAX_ROWS}",
        "limit=1",
        f"limit={MAX_ROWS + 1}&limit=2",  # the last one counts
        f"offset={2**53 - 1}",
        "&".join(["glob=*"] * MOST_GLOBS),
        f"glob={'x' * 10_000}",
        "readings=0",
        "no_track_activity=1",
    ],
)
def test_what_may_be_asked_of_variables(api: Api, query: str):
    api.refused(f"{SESSION}/variables?{query}", status=404)  # there is only no such kernel


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (f"offset={2**53}", "offset"),
        (f"offset={10**30}", "offset"),
        (f"limit=2&limit={MAX_ROWS + 1}", "limit"),
        ("limit=1.5", "limit"),
        ("&".join(["glob=*"] * (MOST_GLOBS + 1)), "glob"),
        (f"glob={'x' * 10_001}", "glob"),
        ("globs=x", "globs"),
    ],
)
def test_what_may_not(api: Api, query: str, reason: str):
    assert reason in api.refused(f"{SESSION}/variables?{query}", status=400)


def test_a_plan_is_that_of_a_snapshot(api: Api):
    assert "snapshot" in api.refused(f"{SESSION}/plan", status=400)


@pytest.mark.parametrize("action", list(ACTIONS))
def test_a_change_says_what_it_has_to_and_nothing_else(api: Api, action: str):
    path = f"{SESSION}/{action}"
    api.refused(path, "POST", LEAST[action], status=404)
    for field in LEAST[action]:
        less = {name: value for name, value in LEAST[action].items() if name != field}
        assert f"`{field}`" in api.refused(path, "POST", less, status=400)
        assert field in api.refused(path, "POST", {**LEAST[action], field: None}, status=400)
    assert "`graph`" in api.refused(path, "POST", {**LEAST[action], "graph": 2}, status=400)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", b'{"generation": 1}', 404),
        ("application/x-www-form-urlencoded", b"generation=1", 400),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n1\r\n--x--", 400),
        ("application/json; charset=utf-16", '{"generation": 1}'.encode("utf-16"), 400),
        ("application/json", b"", 400),
        ("application/json", b'{"generation": 1} {}', 400),
        ("application/json", b'{"generation": NaN}', 400),
        ("application/json", b"[" * 100_000, 400),
    ],
)
def test_a_body_is_json_whatever_it_is_called(api: Api, kind: str, body: bytes, status: int):
    headers = {"Content-Type": kind}
    api.refused(f"{SESSION}/reset", "POST", body, status=status, headers=headers)


def test_a_snapshot_needs_no_body(api: Api):
    api.refused(f"{SESSION}/snapshot", "POST", b"", status=404)


def test_a_body_has_a_mebibyte_at_most_however_it_is_sent(api: Api):
    def pieces(count: int) -> Callable[[Callable[[bytes], Any]], Any]:
        async def send(write: Callable[[bytes], Any]) -> None:
            await write(b'{"generation"')
            for _ in range(count):
                await write(b" " * 2**16)
            await write(b": 1}")

        return send

    path = f"{SESSION}/reset"
    api.refused(path, "POST", LEAST["reset"] | {"confirm": "x" * 64}, status=404)
    whole = b'{"generation": 1}'.ljust(MOST_BYTES)
    api.refused(path, "POST", whole, status=404)
    api.refused(path, "POST", whole + b" ", status=413)
    # In chunks, whose number is not told before.
    api.refused(path, "POST", status=404, body_producer=pieces(1))
    assert api.ask(path, "POST", body_producer=pieces(17)).status == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_looking_is_got(api: Api, method: str):
    for path in ("", "/kernels", f"/kernels/{NOBODY}", f"{SESSION}/variables", "/snapshots"):
        api.refused(path, method, b"{}", status=405)


def test_changing_is_posted(api: Api):
    for action in ACTIONS:
        for method in ("GET", "PUT", "DELETE"):
            api.refused(f"{SESSION}/{action}", method, status=405)


def test_ids_of_another_form_are_no_address(api: Api):
    for path in ("/kernels/nothing", f"/kernels/{NOBODY}/sessions/{10**15}/variables", "/x"):
        assert api.ask(path).status == 404, path


@pytest.mark.parametrize(
    ("reply", "status", "told"),
    [
        ({"code": "stale", "message": "it has changed"}, 409, "it has changed"),
        ({"code": "of-a-newer-version", "message": "it has changed"}, 409, "it has changed"),
        ({"code": "unknown", "message": "no such graph"}, 404, "no such graph"),
        ({"code": "invalid", "message": "no such name"}, 422, "no such name"),
        ({"code": "internal", "message": "a fault"}, 502, "a fault"),
        ({"code": "confirm", "message": "?", "confirm": {"token": 1}}, 502, "makes no sense"),
        ({"code": ["stale"], "message": "it has changed"}, 502, "makes no sense"),
        ({"code": "stale"}, 502, "makes no sense"),
        ({}, 502, "makes no sense"),
    ],
)
def test_what_a_kernel_refuses_is_passed_on_if_it_makes_sense(
    api: Api, monkeypatch: pytest.MonkeyPatch, reply: dict[str, Any], status: int, told: str
):
    async def there(*_: Any) -> object:
        return object()

    async def ask(*_: Any, **__: Any) -> dict[str, Any]:
        return {"reply": {"type": "error", **reply}}

    monkeypatch.setattr(base.TFSessionHandler, "kernel", there)
    monkeypatch.setattr(base, "ask", ask)
    assert told in api.refused(f"{SESSION}/reset", "POST", LEAST["reset"], status=status)


def test_a_stream_begins_with_what_there_is(api: Api, jp_asyncio_loop: Loop, jp_ws_fetch: Any):
    async def first() -> Any:
        stream = await jp_ws_fetch(f"{API}/stream")
        message = json.loads(await stream.read_message())
        stream.close()
        return message

    assert jp_asyncio_loop.run_until_complete(first()) == api.ask("/kernels").json


def test_a_stream_takes_no_long_messages(jp_asyncio_loop: Loop, jp_ws_fetch: Any):
    async def closed(text: str) -> int | None:
        stream = await jp_ws_fetch(f"{API}/stream")
        await stream.read_message()
        await stream.write_message("and a short one")
        await stream.write_message(text)
        await stream.read_message()  # None, for the end
        code: int | None = stream.close_code
        return code

    assert jp_asyncio_loop.run_until_complete(closed("x" * 1025)) == 1009


def test_a_few_may_watch_and_one_more_when_one_has_gone(
    jp_asyncio_loop: Loop, jp_ws_fetch: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(watching, "MOST", 1)

    async def test() -> None:
        first = await jp_ws_fetch(f"{API}/stream")
        with pytest.raises(HTTPClientError, match="503"):
            await jp_ws_fetch(f"{API}/stream")
        first.close()
        while await first.read_message():  # until the server has closed it, too
            pass
        second = await jp_ws_fetch(f"{API}/stream")
        assert await second.read_message()

    jp_asyncio_loop.run_until_complete(test())


def stored(directory: Path) -> str:
    """Make what is listed as a snapshot, and return its id."""
    name = "20260101T000000.000000Z-best-00000000"
    (directory / name).mkdir(parents=True)
    return name


@settings(TFSessionServer={"snapshot_directory": "kept/here"})
def test_snapshots_are_where_the_settings_say(api: Api, jp_root_dir: Path):
    name = stored(jp_root_dir / "part" / "kept" / "here")
    (kept,) = api.ask("/snapshots?directory=part").json["snapshots"]
    assert (kept["id"], kept["name"]) == (name, "best")
    assert name in api.refused(f"/snapshots/{name}?directory=part", status=404)  # it has no files


@settings(TFSessionServer={"snapshot_directory": "../outside"})
def test_no_setting_leads_out_of_the_servers_directory(api: Api, jp_root_dir: Path):
    name = stored(jp_root_dir.parent / "outside")
    assert name.encode() not in api.ask("/snapshots").body
    api.refused(f"/snapshots/{name}", "DELETE", status=404)
    assert (jp_root_dir.parent / "outside" / name).is_dir()


@pytest.mark.parametrize(
    ("jp_server_config", "status"),
    [({}, 404), ({"ContentsManager": {"allow_hidden": True}}, 200)],
    indirect=["jp_server_config"],
)
def test_hidden_directories_are_seen_where_the_server_shows_them(
    api: Api, jp_root_dir: Path, status: int
):
    (jp_root_dir / ".hidden").mkdir()
    assert api.ask("/snapshots?directory=.hidden").status == status


@settings(TFSessionServer={"kernels_at_once": 0})
def test_a_setting_that_makes_no_sense_is_told_and_keeps_nobody_from_anything(
    capsys: pytest.CaptureFixture[str], api: Api
):
    assert api.ask("/kernels").status == 200
    assert "'kernels_at_once' trait" in capsys.readouterr().err


@settings(ServerApp={"jpserver_extensions": {"jupyter_tfsession": False}})
def test_what_is_switched_off_is_not_there(api: Api):
    assert api.ask("/kernels").status == 404
    assert api.ask("").status == 404

"""Kernels that are dead, restarting, hung, or no Python's: each is told, and none delays others."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest
from jupyter_process import TOKEN, JupyterProcess, run, specification, value

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 1.0

# What a kernel of another language would be: it writes down whatever it is asked.
LISTENING = """
import pathlib, ipykernel.kernelbase as base
own = base.Kernel.process_control
async def noting(self, msg):
    with open(f"{pathlib.Path.home()}/heard", "ab") as heard:
        heard.write(b" ".join(bytes(part) for part in msg) + b"\\n")
    return await own(self, msg)
base.Kernel.process_control = noting
from ipykernel.kernelapp import launch_new_instance
import sys
launch_new_instance(["-f", sys.argv[1]])
"""


@pytest.fixture(scope="module")
def others() -> Iterator[JupyterProcess]:
    """Give a server with little patience, and a language that is not Python."""
    process = JupyterProcess(
        f"--TFSessionServer.kernel_seconds={PATIENCE}",
        specifications={"r": specification(LISTENING, "R"), "py": specification(LISTENING)},
    )
    yield process
    process.stop()


def test_a_kernel_of_another_language_is_sent_nothing(others: JupyterProcess):
    kernel = others.start_kernel(name="r")
    others.client(kernel)
    told = others.api(f"/kernels/{kernel}").json
    assert (told["status"], told["language"]) == ("not_supported", "R")
    assert others.api(f"/kernels/{kernel}/sessions/1/variables").json["code"] == "not_supported"
    assert (
        others.api(f"/kernels/{kernel}/sessions/1/reset", "POST", {"generation": 1}).status == 409
    )
    heard = others.root.parent / "heard"
    assert not heard.exists()
    # It would have been heard.
    other = others.start_kernel(name="py")
    others.client(other)
    assert others.api(f"/kernels/{other}").json["status"] == "not_loaded"
    assert heard.exists()
    for one in (kernel, other):
        others.ask(f"api/kernels/{one}", "DELETE")


def test_a_kernel_that_hangs_is_told_as_it_was_and_delays_nobody(others: JupyterProcess):
    well, hung = others.start_kernel(), others.start_kernel()
    for kernel in (well, hung):
        run(others.client(kernel), "%load_ext jupyter_tfsession")
    process = int(value(others.client(hung), "__import__('os').getpid()"))
    statuses = {one["id"]: one["status"] for one in others.api("/kernels").json["kernels"]}
    assert statuses == {well: "loaded", hung: "loaded"}
    os.kill(process, signal.SIGSTOP)
    try:
        for _ in range(2):
            told = {one["id"]: one for one in others.api("/kernels").json["kernels"]}
            assert told[well]["status"] == "loaded"
            assert told[hung]["status"] == "no_answer"
            assert "did not answer within 1 s" in told[hung]["because"]
            assert told[hung]["state"] is not None
        answer = others.api(f"/kernels/{hung}/sessions/1/init", "POST", {"generation": 1})
        assert (answer.status, answer.json["code"]) == (504, "no_answer")
    finally:
        os.kill(process, signal.SIGCONT)
    deadline = time.monotonic() + 30
    while others.api(f"/kernels/{hung}").json["status"] != "loaded":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    for kernel in (well, hung):
        others.ask(f"api/kernels/{kernel}", "DELETE")


def test_a_kernel_that_dies_and_is_restarted_is_told(others: JupyterProcess):
    kernel = others.start_kernel()
    client = others.client(kernel)
    run(client, "%load_ext jupyter_tfsession")
    assert others.api(f"/kernels/{kernel}").json["status"] == "loaded"
    os.kill(int(value(client, "__import__('os').getpid()")), signal.SIGKILL)
    told = others.api(f"/kernels/{kernel}").json  # dead, or begun anew already
    assert told["status"] in {"no_answer", "not_loaded"}
    deadline = time.monotonic() + 60
    while others.api(f"/kernels/{kernel}").json["status"] != "not_loaded":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    others.ask(f"api/kernels/{kernel}", "DELETE")
    assert others.api(f"/kernels/{kernel}").status == 404


def test_kernels_behind_a_gateway_are_told_to_be_there_and_not_asked():
    with contextlib.ExitStack() as opened:
        gateway = JupyterProcess()  # a server has the addresses that a gateway has
        opened.callback(gateway.stop)
        server = JupyterProcess(
            f"--gateway-url={gateway.url}", f"--GatewayClient.auth_token={TOKEN}"
        )
        opened.callback(server.stop)
        kernel = server.start_kernel("far/away.ipynb")
        gateway.process.kill()  # which nobody asks for the list
        gateway.process.wait()
        (told,) = server.api("/kernels").json["kernels"]
        assert (told["id"], told["notebooks"]) == (kernel, ["far/away.ipynb"])
        assert told["status"] == "not_supported"
        assert "kernel gateway" in told["because"]
        answer = server.api(f"/kernels/{kernel}/sessions/1/reset", "POST", {"generation": 1})
        assert (answer.status, answer.json["code"]) == (409, "not_supported")

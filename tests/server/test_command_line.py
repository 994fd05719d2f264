"""``jupyter tfsession``, as a user or a script runs it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest
from command_shell import Shell
from jupyter_process import TOKEN, JupyterProcess, run, value

if TYPE_CHECKING:
    from pathlib import Path

    from model_kernel import Model


COMMAND: Final = (sys.executable, "-m", "jupyter_tfsession.cli.main")


@pytest.fixture
def shell(
    server: JupyterProcess, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    """Give a shell of the user whose server it is."""
    return Shell(server, monkeypatch, capsys)


def test_it_is_a_command_of_jupyters(server: JupyterProcess, model: Model):
    done = subprocess.run(
        [*COMMAND, "list"],
        env=server.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert model.notebook in done.stdout


def test_the_sessions_of_all_kernels_are_listed(server: JupyterProcess, model: Model, shell: Shell):
    code, shown, complaint = shell.run("list")
    assert (code, complaint) == (0, "")
    (line,) = (line for line in shown.splitlines() if model.notebook in line)
    assert model.id[:8] in line
    assert "2 / 2" in line
    assert "20 B" in line
    (there,) = shell.told("list")["servers"]
    assert there["url"].endswith(":" + server.url.split(":")[-1])
    assert model.id in {kernel["id"] for kernel in there["kernels"]}
    assert TOKEN not in shown


def test_a_session_is_shown_by_kernel_or_notebook(
    server: JupyterProcess, model: Model, shell: Shell
):
    for reference in (model.id, model.id[:8], "part/model.ipynb", "model.ipynb"):
        page = shell.told("show", reference, "b")
        assert [row["name"] for row in page["rows"]] == ["b"]
    _, shown, _ = shell.run("show", "model.ipynb", "--most", "1")
    assert "w" in shown
    assert "and 1 more" in shown
    assert "no variable matches" in shell.run("show", model.id, "x*")[1]


def test_a_session_is_closed_and_discarding_it_has_to_be_confirmed(
    server: JupyterProcess, model: Model, shell: Shell
):
    assert "close" in shell.told("close", model.id)["text"]
    run(model.client, "sess.run(b)")
    refused = shell.told("close", model.id, "--discard", code=4)
    assert "overwrites 2 variables" in refused["error"]
    assert value(model.client, "sess.run(b).item()") == "0.0"
    assert shell.told("close", model.id, "--discard", "--yes")["text"]
    run(model.client, "sess.run(tf.global_variables_initializer())")


def test_at_a_terminal_it_asks_before_it_discards(server: JupyterProcess, model: Model):
    def close(answer: str) -> tuple[int, str]:
        terminal, typed = pty.openpty()
        os.write(terminal, f"{answer}\n".encode())
        done = subprocess.run(
            [*COMMAND, "close", model.id, "--discard"],
            env=server.environment,
            stdin=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        os.close(terminal)
        os.close(typed)
        return done.returncode, done.stderr

    run(model.client, "sess.run(tf.global_variables_initializer())")
    code, asked = close("")
    assert code == 4
    assert "overwrites 2 variables" in asked
    assert "Go on? [y/N]" in asked
    assert value(model.client, "sess.run(b).item()") == "0.0"
    assert close("y")[0] == 0
    run(model.client, "sess.run(tf.global_variables_initializer())")


def test_a_snapshot_is_taken(server: JupyterProcess, model: Model, shell: Shell):
    assert "2 variables" in shell.told("snapshot", "model.ipynb", "--name", "typed")["text"]
    (kept,) = server.api("/snapshots?directory=part").json["snapshots"]
    assert kept["name"] == "typed"
    assert server.api(f"/snapshots/{kept['id']}?directory=part", "DELETE").status == 204
    assert "cannot be" in shell.told("snapshot", model.id, "--name", "no/name", code=1)["error"]


def test_what_cannot_be_done_is_told_by_the_exit_code(
    server: JupyterProcess, model: Model, shell: Shell
):
    assert shell.run("nothing")[0] == 2
    assert shell.run("show", model.id, "--most", "0")[0] == 2
    assert shell.run("show", "no-such-kernel")[0] == 3
    assert shell.run("show", model.id, "--graph", "no-such-graph")[0] == 3
    assert shell.run("list", "--server", "http://localhost:1/")[0] == 3
    other = server.start_kernel("part/other.ipynb")
    server.client(other)
    assert shell.run("show", "other.ipynb")[0] == 5
    server.ask(f"api/kernels/{other}", "DELETE")
    nowhere = str(server.root / "no-such-folder")
    code, written, complaint = shell.run("list", JUPYTER_RUNTIME_DIR=nowhere)
    assert (code, written) == (3, "")
    assert "no Jupyter server runs" in complaint


def test_the_doctor_tells_what_works(server: JupyterProcess, model: Model, shell: Shell):
    checks = {one["what"]: one for one in shell.told("doctor")["checks"]}
    assert checks[model.notebook]["detail"] == "tells its sessions"
    assert all(one["ok"] for one in checks.values())


@pytest.fixture
def profile(server: JupyterProcess) -> Path:
    folder = server.root.parent / "ipython" / "profile_default"
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("ipython_config.*"):
        file.unlink()
    return folder


def test_it_is_enabled_in_new_kernels_and_disabled_again(
    server: JupyterProcess, profile: Path, shell: Shell
):
    settings = profile / "ipython_config.json"
    kept = {"InteractiveShellApp": {"pylab": None, "extensions": ["autoreload"]}, "Other": {"a": 1}}
    settings.write_text(json.dumps(kept))
    for _ in range(2):
        assert shell.run("enable")[0] == 0
    section = json.loads(settings.read_text())["InteractiveShellApp"]
    assert section["extensions"] == ["autoreload", "jupyter_tfsession"]

    kernel = server.start_kernel()
    client = server.client(kernel)
    assert server.api(f"/kernels/{kernel}").json["status"] == "loaded"
    assert value(client, "'autoreload' in get_ipython().magics_manager.magics['line']") == "True"
    server.ask(f"api/kernels/{kernel}", "DELETE")

    for _ in range(2):
        assert shell.run("disable")[0] == 0
    assert json.loads(settings.read_text()) == kept


def test_the_users_own_list_of_extensions_is_not_hidden(
    server: JupyterProcess, profile: Path, shell: Shell
):
    own = profile / "ipython_config.py"
    own.write_text("c.InteractiveShellApp.extensions.append('autoreload')\n")
    code, _, complaint = shell.run("enable")
    assert code == 1
    assert "add 'jupyter_tfsession' to it" in complaint
    assert not (profile / "ipython_config.json").exists()
    own.write_text("c.InteractiveShellApp.extensions = ['jupyter_tfsession']\n")
    assert "already" in shell.run("enable")[1]
    assert shell.run("disable")[0] == 1


@pytest.mark.parametrize("text", ["{", "[]", '{"InteractiveShellApp": []}'])
def test_settings_that_make_no_sense_are_left_alone(
    server: JupyterProcess, profile: Path, text: str, shell: Shell
):
    settings = profile / "ipython_config.json"
    settings.write_text(text)
    for name in ("enable", "disable"):
        assert shell.run(name)[0] == 1
    assert settings.read_text() == text
    assert shell.run("doctor")[0] == 1
    settings.unlink()

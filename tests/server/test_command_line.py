"""``jupyter tfsession``, as a user or a script runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_process import TOKEN, JupyterProcess, run, value

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Model


def command(
    environment: dict[str, str], *words: str, answer: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jupyter_tfsession.cli.main", *words],
        env=environment,
        input=answer,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def told(environment: dict[str, str], *words: str, code: int = 0) -> Any:
    done = command(environment, *words, "--json")
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_the_sessions_of_all_kernels_are_listed(server: JupyterProcess, model: Model):
    shown = command(server.environment, "list")
    assert shown.returncode == 0, shown.stderr
    (line,) = (line for line in shown.stdout.splitlines() if model.notebook in line)
    assert model.id[:8] in line
    assert "2 / 2" in line
    assert "20 B" in line
    (there,) = told(server.environment, "list")["servers"]
    assert there["url"].endswith(":" + server.url.split(":")[-1])
    assert model.id in {kernel["id"] for kernel in there["kernels"]}
    assert TOKEN not in shown.stdout


def test_a_session_is_shown_by_kernel_or_notebook(server: JupyterProcess, model: Model):
    for reference in (model.id, model.id[:8], "part/model.ipynb", "model.ipynb"):
        page = told(server.environment, "show", reference, "b")
        assert [row["name"] for row in page["rows"]] == ["b"]
    shown = command(server.environment, "show", "model.ipynb", "--most", "1").stdout
    assert "w" in shown
    assert "and 1 more" in shown
    assert "no variable matches" in command(server.environment, "show", model.id, "x*").stdout


def test_a_session_is_closed_and_discarding_it_has_to_be_confirmed(
    server: JupyterProcess, model: Model
):
    assert "close" in told(server.environment, "close", model.id)["text"]
    run(model.client, "sess.run(b)")
    refused = told(server.environment, "close", model.id, "--discard", code=4)
    assert "overwrites 2 variables" in refused["error"]
    assert value(model.client, "sess.run(b).item()") == "0.0"
    assert told(server.environment, "close", model.id, "--discard", "--yes")["text"]
    run(model.client, "sess.run(tf.global_variables_initializer())")


def test_what_cannot_be_done_is_told_by_the_exit_code(server: JupyterProcess, model: Model):
    there = server.environment
    assert command(there, "nothing").returncode == 2
    assert command(there, "show", model.id, "--most", "0").returncode == 2
    assert command(there, "show", "no-such-kernel").returncode == 3
    assert command(there, "show", model.id, "--graph", "no-such-graph").returncode == 3
    assert command(there, "list", "--server", "http://localhost:1/").returncode == 3
    other = server.start_kernel("part/other.ipynb")
    server.client(other)
    assert command(there, "show", "other.ipynb").returncode == 5
    server.ask(f"api/kernels/{other}", "DELETE")
    nowhere = {**there, "JUPYTER_RUNTIME_DIR": str(server.root / "no-such-folder")}
    done = command(nowhere, "list")
    assert (done.returncode, done.stdout) == (3, "")
    assert "no Jupyter server runs" in done.stderr


def test_the_doctor_tells_what_works(server: JupyterProcess, model: Model):
    checks = {one["what"]: one for one in told(server.environment, "doctor")["checks"]}
    assert checks[model.notebook]["detail"] == "tells its sessions"
    assert all(one["ok"] for one in checks.values())


@pytest.fixture
def profile(server: JupyterProcess) -> Path:
    folder = server.root.parent / "ipython" / "profile_default"
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("ipython_config.*"):
        file.unlink()
    return folder


def test_it_is_enabled_in_new_kernels_and_disabled_again(server: JupyterProcess, profile: Path):
    settings = profile / "ipython_config.json"
    kept = {"InteractiveShellApp": {"pylab": None, "extensions": ["autoreload"]}, "Other": {"a": 1}}
    settings.write_text(json.dumps(kept))
    for _ in range(2):
        assert command(server.environment, "enable").returncode == 0
    section = json.loads(settings.read_text())["InteractiveShellApp"]
    assert section["extensions"] == ["autoreload", "jupyter_tfsession"]

    kernel = server.start_kernel()
    client = server.client(kernel)
    assert server.api(f"/kernels/{kernel}").json["status"] == "loaded"
    assert value(client, "'autoreload' in get_ipython().magics_manager.magics['line']") == "True"
    server.ask(f"api/kernels/{kernel}", "DELETE")

    for _ in range(2):
        assert command(server.environment, "disable").returncode == 0
    assert json.loads(settings.read_text()) == kept


def test_the_users_own_list_of_extensions_is_not_hidden(server: JupyterProcess, profile: Path):
    own = profile / "ipython_config.py"
    own.write_text("c.InteractiveShellApp.extensions.append('autoreload')\n")
    done = command(server.environment, "enable")
    assert done.returncode == 1
    assert "add 'jupyter_tfsession' to it" in done.stderr
    assert not (profile / "ipython_config.json").exists()
    own.write_text("c.InteractiveShellApp.extensions = ['jupyter_tfsession']\n")
    assert "already" in command(server.environment, "enable").stdout
    assert command(server.environment, "disable").returncode == 1


@pytest.mark.parametrize("text", ["{", "[]", '{"InteractiveShellApp": []}'])
def test_settings_that_make_no_sense_are_left_alone(
    server: JupyterProcess, profile: Path, text: str
):
    settings = profile / "ipython_config.json"
    settings.write_text(text)
    for name in ("enable", "disable"):
        assert command(server.environment, name).returncode == 1
    assert settings.read_text() == text
    assert command(server.environment, "doctor").returncode == 1
    settings.unlink()

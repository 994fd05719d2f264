"""A JupyterLab of its own: temporary settings, workspaces and notebooks, any free port."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import nbformat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REPOSITORY: Final = Path(__file__).resolve().parents[2]
_PATIENCE: Final = 120.0
_SHELL_CHANNEL: Final = REPOSITORY / "jupyter_tfsession" / "frontend" / "shell_channel.py"

WITHOUT_SUBSHELLS: Final = "without-subshells"
"""The name of a kernel that cannot answer while a cell runs, as those before ipykernel 7."""


class LabServer:
    """JupyterLab and Notebook in a server process, this checkout's extension in its kernels.

    Attributes
    ----------
    notebooks
        The folder that it serves.
    """

    def __init__(self) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="tfsession-lab-")
        home = Path(self._home.name)
        self.notebooks = home / "notebooks"
        self.notebooks.mkdir()
        self._runtime = home / "runtime"
        self._log_path = home / "lab.log"
        self._settings = home / "settings"
        # A question about news would cover the page, and ask the network.
        news = {"fetchNews": "false", "checkForUpdates": False}
        self._write_settings("@jupyterlab/apputils-extension:notification", news)
        self._write_kernel(home / "data" / "kernels" / WITHOUT_SUBSHELLS)
        self._write_startup(home / "ipython" / "profile_default" / "startup")
        # As an installation does; one for development may be from before there was an extension.
        (home / "config").mkdir()
        enabled = {"ServerApp": {"jpserver_extensions": {"jupyter_tfsession": True}}}
        (home / "config" / "jupyter_server_config.json").write_text(json.dumps(enabled))
        self._log = self._log_path.open("ab")
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyterlab",
                "--no-browser",
                "--allow-root",
                "--ip=127.0.0.1",
                "--port=0",
                "--IdentityProvider.token=",
                "--LabApp.expose_app_in_browser=True",
                "--JupyterNotebookApp.expose_app_in_browser=True",
                f"--ServerApp.root_dir={self.notebooks}",
            ],
            cwd=home,
            env=self._environment(home),
            stdout=self._log,
            stderr=self._log,
        )
        self.url = self._wait_for_url()

    def write(
        self,
        name: str,
        cells: Sequence[str],
        *,
        classic: bool = False,
        kernel: str = "python3",
    ) -> str:
        """Write a notebook of code cells, and return the address that opens it.

        Parameters
        ----------
        name
            Its file name.
        cells
            Its code cells.
        classic
            Open it in Notebook 7 rather than in JupyterLab; the same server has both.
        kernel
            The kernel that it is for.
        """
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": kernel, "display_name": kernel}},
        )
        nbformat.write(notebook, self.notebooks / name)
        if classic:
            return f"{self.url}notebooks/{name}"
        # A workspace of its own, so that nothing opens that another test left open.
        return f"{self.url}lab/workspaces/{Path(name).stem}/tree/{name}"

    @contextlib.contextmanager
    def settings(self, plugin: str, **values: object) -> Iterator[None]:
        """Have a plugin's settings changed, for pages that are loaded meanwhile."""
        path = self._write_settings(plugin, values)
        yield
        path.unlink()

    def stop(self) -> None:
        """End the server and its kernels, and remove its files."""
        request = urllib.request.Request(f"{self.url}api/kernels")
        with urllib.request.urlopen(request, timeout=30) as answer:
            kernels = json.load(answer)
        self._process.terminate()
        try:
            self._process.wait(timeout=30 + 5 * len(kernels))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        self._home.cleanup()

    def _environment(self, home: Path) -> dict[str, str]:
        own = {
            "HOME": home,
            "IPYTHONDIR": home / "ipython",
            "JUPYTER_CONFIG_DIR": home / "config",
            "JUPYTER_DATA_DIR": home / "data",
            "JUPYTER_RUNTIME_DIR": self._runtime,
            "JUPYTERLAB_SETTINGS_DIR": home / "settings",
            "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
            "PYTHONPATH": REPOSITORY,
        }
        return os.environ | {name: str(value) for name, value in own.items()}

    def _write_settings(self, plugin: str, values: dict[str, object]) -> Path:
        path = self._settings / f"{plugin.replace(':', '/')}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
        return path

    @staticmethod
    def _write_kernel(folder: Path) -> None:
        code = (
            "from ipykernel.kernelbase import Kernel; Kernel._supports_kernel_subshells = False; "
            "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
        )
        spec = {
            "argv": [sys.executable, "-c", code, "-f", "{connection_file}"],
            "display_name": WITHOUT_SUBSHELLS,
            "language": "python",
        }
        folder.mkdir(parents=True)
        (folder / "kernel.json").write_text(json.dumps(spec))

    @staticmethod
    def _write_startup(folder: Path) -> None:
        """Have kernels notice the first cell of a page, where it comes before the extension.

        It is ipykernel's own fault, in those versions, and would fail any test now and then. The
        package itself must not be imported for it: there are kernels that do not have it.
        """
        if version("ipykernel").startswith(("7.0.", "7.1.", "7.2.", "7.3.")):
            folder.mkdir(parents=True)
            (folder / "noticing.py").write_text(
                "import runpy\n"
                f"mended = runpy.run_path({str(_SHELL_CHANNEL)!r})\n"
                "mended['reply_through_the_stream'](get_ipython())\n"
            )

    def _wait_for_url(self) -> str:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            # Half written, or not listening yet: look again.
            with contextlib.suppress(OSError, ValueError, StopIteration):
                path = next(self._runtime.glob("jpserver-*.json"))
                url = str(json.loads(path.read_text())["url"])
                with urllib.request.urlopen(f"{url}api/status", timeout=5):
                    return url
            if self._process.poll() is not None:
                break
            time.sleep(0.2)
        message = f"JupyterLab did not start:\n{self._log_path.read_text()[-3000:]}"
        raise AssertionError(message)

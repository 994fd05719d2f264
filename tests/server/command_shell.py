"""A shell in which ``jupyter tfsession`` is typed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.cli.main import main

if TYPE_CHECKING:
    import pytest
    from jupyter_process import JupyterProcess


class Shell:
    """Where commands are typed: in this process, since each would take a second to start.

    Parameters
    ----------
    server
        A server of the user whose shell it is.
    environment, output
        Pytest's, of the test.
    """

    def __init__(
        self,
        server: JupyterProcess,
        environment: pytest.MonkeyPatch,
        output: pytest.CaptureFixture[str],
    ) -> None:
        self._environment = environment
        self._output = output
        for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
            environment.setenv(name, server.environment[name])

    def run(self, *words: str, **environment: str) -> tuple[int, str, str]:
        """Run a command; return its exit code, what it wrote, and what it complained about."""
        for name, text in environment.items():
            self._environment.setenv(name, text)
        try:
            code = main(words)
        except SystemExit as ended:
            code = int(ended.code or 0)
        return code, *self._output.readouterr()

    def told(self, *words: str, code: int = 0) -> Any:
        """Return the JSON that a command writes."""
        ended, text, complaint = self.run(*words, "--json")
        assert ended == code, text + complaint
        return json.loads(text)

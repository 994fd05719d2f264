"""A kernel of a server with a model in it, and what the server tells of it."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_process import JupyterProcess, run

if TYPE_CHECKING:
    from collections.abc import Iterator

MODEL = """
import time
w = tf.get_variable("w", initializer=[[1.0, 2.0], [3.0, 4.0]])
b = tf.get_variable("b", initializer=0.0)
train = tf.group(w.assign_add(tf.ones([2, 2])), b.assign_add(1.0))
sess = tf.Session()
sess.run(tf.global_variables_initializer())
"""

BUSY = "while not __import__('pathlib').Path('stop').exists(): time.sleep(0.01)"


class Model:
    """The kernel with the model.

    Attributes
    ----------
    id, client
        The kernel's, and a front end's connection to it.
    """

    def __init__(self, server: JupyterProcess, notebook: str) -> None:
        (server.root / notebook).parent.mkdir(parents=True, exist_ok=True)
        self.server = server
        self.notebook = notebook
        self.id = server.start_kernel(notebook)
        self.client = server.client(self.id)
        run(
            self.client,
            "%load_ext jupyter_tfsession",
            "import tensorflow.compat.v1 as tf; tf.disable_v2_behavior()",
            MODEL,
        )

    def session(self) -> dict[str, Any]:
        """Return what the server tells of the session."""
        kernel = self.server.api(f"/kernels/{self.id}").json
        found: dict[str, Any] = kernel["state"]["sessions"][0]
        return found

    @contextlib.contextmanager
    def busy(self) -> Iterator[None]:
        """Have a cell run."""
        stop = self.server.root / Path(self.notebook).parent / "stop"
        running = self.client.execute(BUSY)
        while not self.server.api(f"/kernels/{self.id}").json["state"]["busy"]:
            time.sleep(0.05)
        try:
            yield
        finally:
            stop.touch()
            self.client._recv_reply(running, timeout=30)
            stop.unlink()

    def path(self, rest: str) -> str:
        """Return an address below the session's."""
        return f"/kernels/{self.id}/sessions/{self.session()['graph']}/{rest}"

    def act(self, action: str, **body: Any) -> Any:
        """Have something done, confirmed if that is asked for, and return the answer."""
        body = {"generation": self.session()["generation"], **body}
        answer = self.server.api(self.path(action), "POST", body)
        if answer.status == 409 and answer.json["confirm"]:
            body["confirm"] = answer.json["confirm"]["token"]
            answer = self.server.api(self.path(action), "POST", body)
        return answer

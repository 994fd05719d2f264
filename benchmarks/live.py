"""The live view: what it costs a training, and how soon it shows something."""

from __future__ import annotations

import json
import queue
import time
import uuid
from typing import TYPE_CHECKING, Any

import tensorflow.compat.v1 as tf
from jupyter_client.manager import start_new_kernel

from benchmarks.timing import Result, ratios, timed
from jupyter_tfsession.extension import loaded
from jupyter_tfsession.frontend.protocol import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.notebook import Notebook

ROUNDS = 15
STEPS = 1000
REQUESTS = 200
PATIENCE = 120.0


class _View:
    """A view whose events end up in a queue."""

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.name = uuid.uuid4().hex
        self._answering, self._views = loaded().front_ends._serving()  # noqa: SLF001

    def ask(self, kind: str, **fields: object) -> dict[str, Any]:
        request = {"version": VERSION, "id": "1", "type": kind, "view": self.name, **fields}
        reply: dict[str, Any] = self._answering.answer(request, self.events.put)
        if reply["type"] != "ok":
            raise RuntimeError(f"refused: {reply}")
        return reply

    def until(self, kind: str) -> dict[str, Any]:
        while True:
            event = self.events.get(timeout=PATIENCE)
            if event["type"] == kind:
                return event


def measure(notebook: Notebook) -> Iterator[Result]:
    """Compare a training with and without a view; time first pages and requests."""
    yield from _training(notebook)
    for variables, goal in ((1_000, 150.0), (10_000, 1_000.0)):
        yield from _first_page(notebook, variables, goal)
    yield _requests_while_busy()


def _training(notebook: Notebook) -> Iterator[Result]:
    graph = tf.Graph()
    with graph.as_default():
        layers = [tf.Variable(tf.random.normal([128, 128])) for _ in range(20)]
        batch = tf.random.normal([64, 128])
        for weights in layers:
            batch = tf.tanh(batch @ weights)
        train = tf.train.AdamOptimizer().minimize(tf.reduce_mean(batch**2))
        init = tf.global_variables_initializer()
    managed, _ = notebook.sessions(graph)
    serial = loaded().registry.sessions()[-1].serial
    view = _View()

    def training() -> None:
        for _ in range(STEPS):
            managed.run(train)

    def watched() -> float:
        view.ask("subscribe", graph=serial)
        view.until("readings")
        seconds = timed(training)()
        view.ask("unsubscribe")
        return seconds

    def both() -> list[float]:
        managed.run(init)
        return ratios(watched, timed(training), ROUNDS)

    values = notebook.cell(both)
    yield Result("training step while a view watches", values, "x", "watched / unwatched", 1.02)
    sent = []
    while not view.events.empty():
        sent.append(len(json.dumps(view.events.get())) / 1024)
    yield Result("event sent while training", sent, "KiB", "the state, and what 62 variables hold")


def _first_page(notebook: Notebook, variables: int, goal: float) -> Iterator[Result]:
    graph = tf.Graph()
    with graph.as_default():
        for number in range(variables):
            tf.Variable(tf.zeros([10]), name=f"layer_{number % 50}/weights")
        init = tf.global_variables_initializer()
    managed, _ = notebook.sessions(graph)
    notebook.cell(lambda: managed.run(init))
    serial = loaded().registry.sessions()[-1].serial
    tables, readings, again = [], [], []
    for turn in range(5):
        view = _View()
        begun = time.perf_counter()
        view.ask("subscribe", graph=serial)
        rows = 0
        while rows < variables:
            rows += len(view.until("table")["rows"])
        tables.append(1e3 * (time.perf_counter() - begun))
        view.until("readings")
        (readings if turn == 0 else again).append(1e3 * (time.perf_counter() - begun))
        view.ask("unsubscribe")
        time.sleep(0.2)
    name = f"of {variables} variables"
    yield Result(f"table {name}", tables, "ms", "subscribing to all rows sent", goal)
    yield Result(f"first readings {name}", readings * 2, "ms", "TensorFlow prepares the fetches")
    yield Result(f"readings {name}", again, "ms", "a view that comes later")


_KERNEL = """
import time
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
%load_ext jupyter_tfsession
w = [tf.get_variable(f"w{i}", initializer=tf.zeros([100, 100])) for i in range(50)]
train = tf.group(*[v.assign_add(tf.ones([100, 100])) for v in w])
sess = tf.Session()
sess.run(tf.global_variables_initializer())
"""


def _requests_while_busy() -> Result:
    manager, client = start_new_kernel()
    try:
        client.execute_interactive(_KERNEL, output_hook=lambda _message: None, timeout=PATIENCE)
        created = client.session.msg("create_subshell_request", {})
        client.control_channel.send(created)
        shell = client.get_control_msg(timeout=PATIENCE)["content"]["subshell_id"]
        comm = uuid.uuid4().hex

        def send(kind: str, content: dict[str, Any]) -> None:
            message = client.session.msg(kind, {"comm_id": comm, **content})
            message["header"]["subshell_id"] = shell
            client.shell_channel.send(message)

        opened = {"version": VERSION, "role": "requests", "view": "v"}
        send("comm_open", {"target_name": "jupyter.tfsession", "data": opened})
        client.execute("while True: sess.run(train)")
        values = []
        for number in range(REQUESTS + 1):
            begun = time.perf_counter()
            request = {"version": VERSION, "type": "hello", "id": str(number)}
            send("comm_msg", {"data": request})
            while True:
                message = client.get_iopub_msg(timeout=PATIENCE)
                if message["msg_type"] == "comm_msg":
                    break
            values.append(1e3 * (time.perf_counter() - begun))
        # The first one imports the protocol.
        return Result("request while a cell runs", values[1:], "ms", "asking over a subshell", 50.0)
    finally:
        manager.shutdown_kernel(now=True)
        client.stop_channels()

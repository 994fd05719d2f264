"""The live view: what it costs a training, and how soon it shows something."""

from __future__ import annotations

import itertools
import json
import queue
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

import tensorflow.compat.v1 as tf
from jupyter_client.manager import start_new_kernel

from benchmarks.timing import Result, ratios, rounds
from jupyter_tfsession.extension import loaded
from jupyter_tfsession.frontend.protocol import VERSION
from jupyter_tfsession.frontend.sampler import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.notebook import Notebook

PAIRS = 10
PHASE = 1.3  # seconds: two or three looks of the sampler
PATIENCE = 120.0
REQUESTS = 200
IN_SIGHT = 40
FOLLOWED = 5.0  # seconds
INTERVAL = 0.5  # what the widget asks for


class View:
    """A view whose events end up in a queue."""

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[tuple[float, dict[str, Any]]] = queue.SimpleQueue()
        self.name = uuid.uuid4().hex
        self._answering, self._views = loaded().front_ends._serving()  # noqa: SLF001

    def ask(self, kind: str, **fields: object) -> dict[str, Any]:
        """Send a request, and return the reply."""
        request = {"version": VERSION, "id": "1", "type": kind, "view": self.name, **fields}
        reply: dict[str, Any] = self._answering.answer(request, self._take)
        if reply["type"] != "ok":
            raise RuntimeError(f"refused: {reply}")
        return reply

    def until(self, kind: str) -> dict[str, Any]:
        """Return the next event of a kind."""
        while True:
            _, event = self.events.get(timeout=PATIENCE)
            if event["type"] == kind:
                return event

    def taken(self) -> list[tuple[float, dict[str, Any]]]:
        """Return when what has come, came."""
        return [self.events.get() for _ in range(self.events.qsize())]

    def _take(self, event: dict[str, Any]) -> None:
        self.events.put((time.perf_counter(), event))


def measure(notebook: Notebook) -> Iterator[Result]:
    """Compare a training with and without a view; time first pages and requests."""
    yield from _training(notebook)
    for variables, goal, times in ((1_000, 150.0, 3), (10_000, 1_000.0, 1)):
        yield from _pages(notebook, variables, goal, times)
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
    view = View()

    def step() -> float:
        """Train for a while, and return the seconds that a step took."""
        steps, begun = 0, time.perf_counter()
        while (taken := time.perf_counter() - begun) < PHASE:
            managed.run(train)
            steps += 1
        return taken / steps

    shares = []

    def watched() -> float:
        view.ask("subscribe", graph=serial, interval=INTERVAL)
        view.until("readings")
        (clock,) = (
            time.pthread_getcpuclockid(thread.ident)
            for thread in threading.enumerate()
            if thread.name == NAME and thread.ident is not None
        )
        begun, spent = time.perf_counter(), time.clock_gettime(clock)
        seconds = step()
        spent = time.clock_gettime(clock) - spent
        shares.append(100 * spent / (time.perf_counter() - begun))
        view.ask("unsubscribe")
        return seconds

    def both() -> list[float]:
        managed.run(init)
        return ratios(watched, step, rounds(PAIRS, 6))

    values = notebook.cell(both)
    yield Result("training step while a view watches", values, "x", "watched / unwatched", 1.02)
    yield Result("the sampler's thread", shares, "%", "of a processor's time, while watched", 2.0)
    sent = [len(json.dumps(event)) / 1024 for _, event in view.taken()]
    yield Result("event sent while training", sent, "KiB", "the state, and what 62 variables hold")


def _pages(notebook: Notebook, variables: int, goal: float, times: int) -> Iterator[Result]:
    pages = [_Page(notebook, variables) for _ in range(times)]
    name = f"of {variables} variables"
    doing = {
        f"table {name}": ([page.table for page in pages], "subscribing to all rows sent", None),
        f"first page {name}": ([page.seconds for page in pages], "to the values in sight", goal),
        f"... {name}, no other process": (
            [page.processor for page in pages],
            "to the values in sight, in processor time",
            goal,
        ),
    }
    for what, (seconds, against, limit) in doing.items():
        # One graph gives one first page.
        values = [1e3 * s for s in (seconds if times > 1 else seconds * 2)]
        yield Result(what, values, "ms", against, limit)
    yield Result(
        f"refreshing {name}", pages[-1].gaps(), "ms", "values in sight while training", 1_000.0
    )


class _Page:
    """A view that is new to a graph.

    Attributes
    ----------
    table, seconds
        The time to all rows, and to the values of those in sight as well.
    processor
        The latter in processor time: other processes are not in it.
    """

    def __init__(self, notebook: Notebook, variables: int) -> None:
        graph = tf.Graph()
        with graph.as_default():
            zeros = tf.zeros([10])
            made = [tf.Variable(zeros, name=f"layer_{n % 50}/weights") for n in range(variables)]
            self._train = tf.group(*[v.assign_add(tf.ones([10])) for v in made[:IN_SIGHT]])
            init = tf.global_variables_initializer()
        self._notebook = notebook
        self._session, _ = notebook.sessions(graph)
        notebook.cell(lambda: self._session.run(init))
        self._serial = loaded().registry.sessions()[-1].serial
        self._view = View()
        self._open(variables)

    def _open(self, variables: int) -> None:
        begun, spent = time.perf_counter(), time.process_time()
        self._subscribe(None)
        rows: dict[int, str] = {}
        while len(rows) < variables:
            rows |= {row["variable"]: row["name"] for row in self._view.until("table")["rows"]}
        self.table = time.perf_counter() - begun
        in_sight = sorted(rows, key=lambda variable: rows[variable])[:IN_SIGHT]
        self._subscribe(in_sight)
        while in_sight:
            read = {reading["variable"] for reading in self._view.until("readings")["readings"]}
            in_sight = [variable for variable in in_sight if variable not in read]
        self.seconds = time.perf_counter() - begun
        self.processor = time.process_time() - spent

    def gaps(self) -> list[float]:
        """Return the milliseconds between readings while a cell trains."""
        self._subscribe(list(range(IN_SIGHT)))

        def train() -> None:
            end = time.perf_counter() + FOLLOWED
            while time.perf_counter() < end:
                self._session.run(self._train)

        self._notebook.cell(train)
        came = [moment for moment, event in self._view.taken() if event["type"] == "readings"]
        self._view.ask("unsubscribe")
        return [1e3 * (after - before) for before, after in itertools.pairwise(came)]

    def _subscribe(self, rows: list[int] | None) -> None:
        self._view.ask("subscribe", graph=self._serial, interval=INTERVAL, rows=rows)


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
        for number in range(rounds(REQUESTS) + 1):
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

"""A notebook without a browser: a real ipykernel, driven by the messages JupyterLab sends.

Nothing here imports TensorFlow or the extension; both live in the kernel process only.
"""

from __future__ import annotations

import ast
import time
import uuid
from collections import deque
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from kernel_process import PATIENCE, Kernel, KernelDiedError
from outcome import CellError, Message, Outcome, outcome_of, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

CellId: TypeAlias = "str | Literal[False] | None"

__all__ = ["CellError", "CellId", "KernelDiedError", "Message", "Notebook", "Outcome"]


class Notebook(Kernel):
    """A kernel with cells to run in it; see `Kernel` for the parameters and for messages."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._started: deque[str] = deque()

    def run(self, source: str, cell: CellId = None, timeout: float = PATIENCE) -> Outcome:
        """Run a cell and wait for it.

        ``cell`` is the cell's id; the same id again is the same cell run again. Without one the
        cell is a new one; ``False`` sends no id, as Colab does.

        Raises
        ------
        TimeoutError
            When the cell did not end in time; the kernel is then no longer usable.
        KernelDiedError
            When the kernel process ended.
        """
        return self._wait(self._send_cell(source, cell), timeout)

    def start(self, source: str, cell: CellId = None) -> str:
        """Start a cell without waiting, return its message id; `finish` waits for it."""
        message_id = self._send_cell(source, cell)
        self._started.append(message_id)
        return message_id

    def finish(self, timeout: float = PATIENCE) -> Outcome:
        """Wait for the oldest cell begun with `start` and return its outcome."""
        return self._wait(self._started.popleft(), timeout)

    def value(self, expr: str, timeout: float = PATIENCE) -> Any:
        """Return the value of a Python expression of literals, without running a cell.

        Raises
        ------
        AssertionError
            With the kernel's error, or when the value has no literal form.
        """
        # repr() inside the kernel: IPython's own pretty printer shortens long sequences.
        content = self._silent("", timeout, {"value": f"repr((\n{expr}\n))"})
        answer = content["user_expressions"]["value"]
        if answer["status"] != "ok":
            raise AssertionError(plain("\n".join(answer["traceback"])) or answer["ename"])
        text = ast.literal_eval(answer["data"]["text/plain"])
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError) as error:
            message = f"{expr} is not a literal: {text}"
            raise AssertionError(message) from error

    def execute_silently(self, source: str, timeout: float = PATIENCE) -> None:
        """Run code as no cell at all: no count, no cell hooks; AssertionError when it fails."""
        self._silent(source, timeout, {})

    def operations(self, graph: str | None = None) -> int:
        """Count the operations of a graph expression, by default of TensorFlow's default graph.

        Needs no name in the notebook, and is 0 when the kernel has not imported TensorFlow.
        """
        if graph is None:
            modules = "__import__('sys').modules"
            graph = f"{modules}['tensorflow'].compat.v1.get_default_graph()"
            if not self.value(f"'tensorflow' in {modules}"):
                return 0
        return int(self.value(f"len(({graph}).get_operations())"))

    def forget(self) -> None:
        """Forget what was sent and heard, and the cells that were started and not waited for."""
        self._started.clear()
        super().forget()

    def complete(self, code: str, cursor: int | None = None) -> list[str]:
        """Return what the Tab key offers at the cursor, by default at the end."""
        position = len(code) if cursor is None else cursor
        reply = self.ask("complete_request", {"code": code, "cursor_pos": position})
        return [str(match) for match in reply["content"]["matches"]]

    def inspect(self, code: str, cursor: int | None = None) -> str:
        """Return the plain text of Shift+Tab at the cursor, or nothing when not found."""
        position = len(code) if cursor is None else cursor
        content = {"code": code, "cursor_pos": position, "detail_level": 0}
        reply = self.ask("inspect_request", content)
        return plain(str(reply["content"].get("data", {}).get("text/plain", "")))

    def _silent(self, source: str, timeout: float, expressions: Mapping[str, str]) -> Message:
        request = {
            "code": source,
            "silent": True,
            "store_history": False,
            "user_expressions": dict(expressions),
            "allow_stdin": False,
            "stop_on_error": False,
        }
        content: Message = self.ask("execute_request", request, timeout=timeout)["content"]
        if content["status"] != "ok":
            raise AssertionError(plain("\n".join(content.get("traceback", []))) or str(content))
        return content

    def _send_cell(self, source: str, cell: CellId) -> str:
        request = {
            "code": source,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            # JupyterLab sends True; the kernel then aborts requests that arrive just after an
            # error, which for a test that goes on would be a race.
            "stop_on_error": False,
        }
        name = str(uuid.uuid4()) if cell is None else cell
        metadata = {} if name is False else {"cellId": name}
        message_id = self.send("execute_request", request, metadata=metadata)
        self.inbox[message_id] = []
        return message_id

    def _wait(self, message_id: str, timeout: float) -> Outcome:
        deadline = time.monotonic() + timeout
        messages = self.inbox[message_id]
        while not any(_is_idle(message) for message in messages):
            self.listen(deadline, "the end of the cell")
        del self.inbox[message_id]
        self._drop_outputs_of(message_id)
        left = max(deadline - time.monotonic(), 1.0)
        return outcome_of(messages, self.reply(message_id, timeout=left))

    def _drop_outputs_of(self, message_id: str) -> None:
        # Otherwise wait_for would find an earlier cell's output; comms outlive their cell.
        kept = [
            message
            for message in self.heard
            if message["parent_header"].get("msg_id") != message_id
            or message["msg_type"].startswith("comm_")
        ]
        self.heard.clear()
        self.heard.extend(kept)


def _is_idle(message: Message) -> bool:
    return bool(message["msg_type"] == "status" and message["content"]["execution_state"] == "idle")

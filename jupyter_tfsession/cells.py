"""The running cell: which one it is, and whether it ran before.

Cells run on the shell's main thread; IPython runs the cells of a subshell on that subshell's
thread. Executions are therefore kept per thread; a thread that runs no cell of its own (one that
the user's code started) counts as part of what the main thread runs.
"""

from __future__ import annotations

import ast
import itertools
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from IPython.core.error import InputRejected

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell

    from jupyter_tfsession.features import Features


_SOURCE = "source:"


@dataclass(eq=False)
class Cell:
    """A notebook cell.

    Attributes
    ----------
    key
        The front end's id of the cell; without one, its source or a name the user gave.
    runs
        How many executions of it have begun.
    label, source
        The number of the latest, such as ``[7]``, and what it ran.
    initializes_itself
        An execution of it initialized the same variable repeatedly (a loop over learning rates):
        its initializers are its own logic.
    """

    key: str
    runs: int = 0
    label: str = ""
    source: str = ""
    initializes_itself: bool = False

    @property
    def is_known_by_id(self) -> bool:
        """Whether it cannot be taken for another cell of the same text."""
        return not self.key.startswith(_SOURCE)


@dataclass(eq=False)
class Execution:
    """One run of a cell.

    Attributes
    ----------
    cell
        What runs.
    serial
        Grows by one with every execution in this kernel.
    label
        What the user sees beside the cell, such as ``[7]``.
    rerun
        Whether an execution of the same cell came before.
    failed
        Whether it ended in an error; known when it has ended.
    stopped
        Whether the user interrupted it; known then, too.
    opened
        Serials of the sessions that the code opened: called ``tf.Session()`` for.
    initialized
        By the serial of the session, the names of the variables whose initializer was asked for.
    repeated
        Whether it asked for one of them more than once.
    said
        Notices already given.
    """

    cell: Cell
    serial: int
    label: str
    rerun: bool
    failed: bool = False
    stopped: bool = False
    opened: set[int] = field(default_factory=set)
    initialized: dict[int, set[str]] = field(default_factory=dict)
    repeated: bool = False
    said: set[str] = field(default_factory=set)


class CellTracker:
    """Follows the shell's cells through its ``pre_run_cell`` and ``post_run_cell`` events.

    `begun` is the serial of the latest execution.

    These two fire for cells alone; ``pre_execute`` and ``post_execute`` also fire for comm
    messages, on other threads (ipykernel issue 1564).
    """

    def __init__(self, shell: InteractiveShell, features: Features) -> None:
        self._shell = shell
        self._elsewhere = False  # whether other threads than the main one ever ran cells
        self._cells: dict[str, Cell] = {}
        self._serials = itertools.count(1)
        self.begun = 0
        self._local = threading.local()
        self._main: list[Execution] = []
        self._local.stack = self._main  # the thread that loads the extension is the shell's
        self._begun: list[Callable[[], None]] = []
        self._finished: list[Callable[[], None]] = []
        self._failed: list[Callable[[BaseException], None]] = []
        self._refusals: list[_Refusal] = []
        self._hooks: dict[str, Callable[[Any], None]] = {
            "pre_run_cell": features.fails_open("cells", self._begin, self._lose_track),
            "post_run_cell": features.fails_open("cells", self._end, self._lose_track),
        }

    def start(self) -> None:
        """Follow the shell's cells from now on, beginning with the one that runs."""
        for event, hook in self._hooks.items():
            self._shell.events.register(event, hook)
        key = _running_cell(self._shell)
        if key is not None:
            inputs = _inputs(self._shell)
            self._enter(self._main, self._cell(key), len(inputs) - 1, inputs[-1])

    def stop(self) -> None:
        """Follow no more."""
        for event, hook in self._hooks.items():
            self._shell.events.unregister(event, hook)

    def when_begun(self, call: Callable[[], None]) -> None:
        """Have `call` called on the cell's thread before every execution."""
        self._begun.append(call)

    def when_finished(self, call: Callable[[], None]) -> None:
        """Have `call` called on the cell's thread after every execution."""
        self._finished.append(call)

    def when_failed(self, call: Callable[[BaseException], None]) -> None:
        """Have `call` called with the error of every execution that fails, before it is over."""
        self._failed.append(call)

    def refuse(self, why: str) -> None:
        """Have the cell that is about to run not run; it says why."""
        self._refusals.append(_Refusal(why))
        self._shell.ast_transformers.append(self._refusals[-1])

    @property
    def current(self) -> Execution | None:
        """The execution that the calling thread belongs to; None between cells."""
        stack = self._main
        if self._elsewhere:
            stack = getattr(self._local, "stack", None) or stack
        return stack[-1] if stack else None

    @property
    def runs_here(self) -> bool:
        """Whether the calling thread itself runs a cell, so that output lands below it."""
        return bool(getattr(self._local, "stack", None))

    def rename(self, name: str) -> None:
        """Make the running execution one of the cell that the user calls `name`."""
        execution = self.current
        if execution is not None:
            known, cell = execution.cell, self._cell(f"name:{name}")
            execution.cell, execution.rerun = cell, cell.runs > 0
            cell.runs, cell.label, cell.source = cell.runs + 1, known.label, known.source
            for call in self._begun:
                call()

    def _cell(self, key: str) -> Cell:
        return self._cells.setdefault(key, Cell(key))

    def _enter(self, stack: list[Execution], cell: Cell, number: int, source: str) -> None:
        label = f"[{number}]" if number else "[ ]"
        self.begun = next(self._serials)
        stack.append(Execution(cell, self.begun, label, rerun=cell.runs > 0))
        cell.runs, cell.label, cell.source = cell.runs + 1, label, source
        for call in self._begun:
            call()

    def _begin(self, info: ExecutionInfo) -> None:
        if not hasattr(self._local, "stack"):
            self._local.stack = []
            self._elsewhere = True
        stack: list[Execution] = self._local.stack
        cell_id = getattr(info, "cell_id", None)
        if stack and not cell_id:
            stack.append(stack[-1])  # a cell that runs code as a cell is still itself
        else:
            cell = self._cell(_key(cell_id, info.raw_cell or ""))
            # Not the execution count: some versions of IPython have raised it by now.
            number = len(_inputs(self._shell)) if info.store_history else 0
            self._enter(stack, cell, number, info.raw_cell or "")

    def _end(self, result: ExecutionResult) -> None:
        stack: list[Execution] = self._local.stack
        try:
            while self._refusals:
                self._shell.ast_transformers.remove(self._refusals.pop())
            if len(stack) == 1:
                if result.error_in_exec is not None:
                    for failed in self._failed:
                        failed(result.error_in_exec)
                stack[0].failed = not result.success
                stack[0].stopped = isinstance(result.error_in_exec, KeyboardInterrupt)
                for call in self._finished:
                    call()
        finally:
            if stack:
                stack.pop()

    def _lose_track(self, _event: object) -> None:
        """Belong to no cell any more: nobody may take a wrong one for the running one.

        What is to be done after a cell is done before and after each.
        """
        self._main.clear()
        self._local = threading.local()
        for call in self._finished:
            call()


class _Refusal(ast.NodeTransformer):
    """Makes IPython refuse what it is about to run."""

    def __init__(self, why: str) -> None:
        self._why = why

    def visit(self, _node: ast.AST) -> Any:
        raise InputRejected(self._why)


def _key(cell_id: str | None, source: str) -> str:
    """Identify a cell: Colab and nbclient send no id, so that its source has to do.

    The history, which is asked for the source of the running cell, drops the newlines at its end.
    """
    return f"id:{cell_id}" if cell_id else f"{_SOURCE}{source.rstrip(chr(10))}"


def _inputs(shell: InteractiveShell) -> list[str]:
    """Return the sources of the shell's cells by number, from an empty one for number 0."""
    return shell.history_manager.input_hist_raw if shell.history_manager else []


def _running_cell(shell: InteractiveShell) -> str | None:
    """Identify the cell in which the extension is being loaded; None at the shell's start.

    That cell's ``pre_run_cell`` is past, but its source is in the history already; the front end's
    id is in the message that asked for the cell.
    """
    inputs = _inputs(shell)
    if len(inputs) <= 1:
        return None
    message: dict[str, Any] = shell.get_parent() if hasattr(shell, "get_parent") else {}
    if (message.get("content") or {}).get("silent"):
        return None  # code that a front end runs for itself is no cell
    return _key((message.get("metadata") or {}).get("cellId"), inputs[-1])

"""Doing something on the thread that runs the cells, while none runs.

TensorFlow's default graph belongs to that thread, and requests arrive on others as well.
"""

from __future__ import annotations

import concurrent.futures
import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar

from jupyter_tfsession.frontend.conditions import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.extension import Extension

T = TypeVar("T")

_PATIENCE: Final = 5.0  # seconds, in which the thread does something that is no cell


class BetweenCells:
    """The thread that runs the cells, seen from any thread."""

    def __init__(self, extension: Extension) -> None:
        self._extension = extension

    def do(self, work: Callable[[], T]) -> T:
        """Do something there and return what it returns.

        Raises
        ------
        RefusedError
            A cell is running, or the thread cannot be reached.
        """
        if threading.current_thread() is threading.main_thread():
            return self._now(work)
        kernel: Any = getattr(self._extension.shell, "kernel", None)
        loop = getattr(kernel, "io_loop", None)
        if loop is None:
            raise RefusedError("unavailable", "this kernel does it in a cell only")
        done: concurrent.futures.Future[T] = concurrent.futures.Future()

        def there() -> None:
            if done.set_running_or_notify_cancel():
                try:
                    done.set_result(self._now(work))
                except BaseException as error:  # noqa: BLE001 - raised again where it is asked for
                    done.set_exception(error)

        self._no_cell()
        loop.add_callback(there)
        try:
            return done.result(_PATIENCE)
        except concurrent.futures.TimeoutError:
            if done.cancel():
                raise RefusedError("busy", "the kernel has to end what it is doing first") from None
            return done.result()  # it has begun

    def _now(self, work: Callable[[], T]) -> T:
        self._no_cell()
        return work()

    def _no_cell(self) -> None:
        if self._extension.cells.current is not None:
            raise RefusedError("busy", "the running cell has to end first")

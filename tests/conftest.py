"""Kernels for the tests that need a real one, shared because TensorFlow takes seconds to import.

Fixtures
--------
nb
    A clean `Notebook` with the extension loaded, in mode ``"tf1"`` unless the test says
    otherwise: ``@pytest.mark.notebook(mode="graph", load=False)`` or
    ``@pytest.mark.parametrize("nb", ["tf1", "graph", "eager"], indirect=True)``.
kernels
    The shared kernels; ``kernels.get(mode, load=True)`` gives a clean one.
plain
    A shared kernel in mode ``"tf1"`` that never saw the extension, to compare with.
fresh_notebook
    A factory of kernels with nothing imported or loaded, closed at the end of the test.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

import pytest
from notebook import KernelDiedError, Notebook
from preludes import PRELUDES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Runs in the kernel between two tests, in a namespace of its own since it clears the user's.
_CLEAN: Final = """
import gc, sys
from IPython import get_ipython

shell = get_ipython()

def hooks():
    events = {name: list(found) for name, found in shell.events.callbacks.items() if found}
    transforms = (shell.ast_transformers, shell.input_transformers_cleanup,
                  shell.input_transformers_post)
    return events, [list(found) for found in transforms]

if "jupyter_tfsession" in shell.extension_manager.loaded:
    shell.extension_manager.unload_extension("jupyter_tfsession")
if not hasattr(sys, "_tfsession_test_hooks"):
    sys._tfsession_test_hooks = hooks()
assert hooks() == sys._tfsession_test_hooks, f"hooks were left behind: {hooks()}"
if "jupyter_tfsession.extension" in sys.modules:
    # Settings, features that failed and undo outlive a reload; they must not outlive a test.
    sys.modules["jupyter_tfsession.extension"]._extensions.clear()
# The traceback of a failed cell keeps its graph and session alive.
for name in ("last_type", "last_value", "last_traceback", "last_exc"):
    if hasattr(sys, name):
        delattr(sys, name)
shell.config.pop("TFSession", None)  # %config tells the shell, too
shell.config.pop("TFSession", None)  # what %config has set
shell.reset(new_session=True)
if "tensorflow" in sys.modules:
    tf = sys.modules["tensorflow"].compat.v1
    assert tf.get_default_session() is None, "a session is still entered"
    tf.reset_default_graph()
gc.collect()
"""


class Kernels:
    """One shared kernel per mode, cleaned before it is given out."""

    def __init__(self) -> None:
        self._running: dict[str, Notebook] = {}

    def get(self, mode: str = "tf1", *, load: bool = True) -> Notebook:
        """Return a clean kernel of the mode, a new one where the old cannot be cleaned.

        Raises
        ------
        AssertionError
            When the extension cannot be loaded.
        """
        notebook = self._running.pop(mode, None)
        if notebook is not None and not _cleaned(notebook):
            notebook.shutdown()
            notebook = None
        if notebook is None:
            notebook = Notebook()
            notebook.execute_silently(_in_own_namespace(_CLEAN))
        notebook.execute_silently(PRELUDES[mode])
        self._running[mode] = notebook
        if load:
            notebook.execute_silently(_LOAD)
        return notebook

    def close(self) -> None:
        """End every kernel."""
        for notebook in self._running.values():
            notebook.shutdown()
        self._running.clear()


_LOAD: Final = "get_ipython().extension_manager.load_extension('jupyter_tfsession')"


def _in_own_namespace(source: str) -> str:
    return f"exec({source!r}, {{}})"


def _cleaned(notebook: Notebook) -> bool:
    if not notebook.usable or not notebook.is_alive():
        return False
    try:
        notebook.execute_silently(_in_own_namespace(_CLEAN))
    except (AssertionError, TimeoutError, KernelDiedError):
        return False
    notebook.forget()  # a test that failed may not have waited for the cell that it started
    return True


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker that chooses a test's kernel."""
    config.addinivalue_line(
        "markers", "notebook(mode='tf1', load=True): the kernel that the fixture nb gives"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts a kernel as slow, so that ``-m "not kernel"`` leaves it out."""
    for item in items:
        if {"kernels", "nb", "plain", "fresh_notebook"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("kernel")


@pytest.fixture(scope="session")
def kernels() -> Iterator[Kernels]:
    """Give the shared kernels, and end them with the test session."""
    shared = Kernels()
    yield shared
    shared.close()


@pytest.fixture(scope="session")
def plain() -> Iterator[Notebook]:
    """Give a kernel that never saw the extension; the test begins with a graph of its own."""
    shared = Kernels()
    yield shared.get(load=False)
    shared.close()


@pytest.fixture
def nb(request: pytest.FixtureRequest, kernels: Kernels) -> Notebook:
    """Give a clean kernel; see the top of this file for how a test chooses its mode."""
    marker = request.node.get_closest_marker("notebook")
    wishes: dict[str, Any] = dict(marker.kwargs) if marker is not None else {}
    mode = getattr(request, "param", None) or wishes.get("mode", "tf1")
    return kernels.get(mode, load=wishes.get("load", True))


@pytest.fixture
def fresh_notebook() -> Iterator[Callable[..., Notebook]]:
    """Give `Notebook` itself, and end at the end of the test every kernel made with it."""
    with contextlib.ExitStack() as opened:

        def start(**options: Any) -> Notebook:
            notebook = Notebook(**options)
            opened.callback(notebook.shutdown)
            return notebook

        yield start

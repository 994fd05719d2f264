"""The harness itself: what it sends is what a front end sends, and tests do not leak."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from notebook import KernelDiedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Kernels
    from notebook import Notebook

pytestmark = pytest.mark.notebook(mode="plain", load=False)

WATCH_IDS = """
seen = []
def watch(info):
    seen.append(info.cell_id)
get_ipython().events.register("pre_run_cell", watch)
"""


def test_the_cell_id_reaches_the_kernel(nb: Notebook) -> None:
    assert nb.run(WATCH_IDS).ok
    nb.run("1", cell="a")
    nb.run("2", cell="a")
    nb.run("3", cell=False)
    nb.run("4")
    nb.run("5")
    seen = nb.value("seen")
    assert seen[:3] == ["a", "a", None]
    assert len({*seen[3:]}) == 2


def test_values_and_silent_code_are_not_cells(nb: Notebook) -> None:
    nb.run(WATCH_IDS)
    nb.execute_silently("seen.append('silently')")
    assert nb.value("seen") == ["silently"]
    assert nb.run("1").count == 2


def test_outputs(nb: Notebook) -> None:
    outcome = nb.run(
        "import sys\n"
        "from IPython.display import HTML, display\n"
        "print('out'); print('err', file=sys.stderr)\n"
        "display({'text/plain': 'kept', 'application/vnd.tfsession.notice+json': {}}, raw=True)\n"
        "display({'text/plain': 'shown'}, raw=True)\n"
        "display({'text/plain': 'told'}, raw=True,\n"
        "        metadata={'application/vnd.tfsession.notice+json': {}})\n"
        "HTML('<b>bold</b>')"
    )
    assert (outcome.stdout, outcome.stderr) == ("out\n", "err\n")
    assert outcome.html == "<b>bold</b>"
    assert outcome.text.startswith("<IPython.core.display.HTML")
    assert [shown["text/plain"] for shown in outcome.displays] == ["kept", "shown", "told"]
    assert outcome.notices == ["kept", "told"]
    assert outcome.ok


def test_a_display_can_be_updated_and_cleared(nb: Notebook) -> None:
    outcome = nb.run(
        "from IPython.display import clear_output, display\n"
        "print('gone'); clear_output()\n"
        "handle = display({'text/plain': 'first'}, raw=True, display_id=True)\n"
        "handle.update({'text/plain': 'second'}, raw=True)"
    )
    assert outcome.stdout == ""
    assert outcome.displays == [{"text/plain": "second"}]


def test_an_error_has_a_plain_traceback(nb: Notebook) -> None:
    outcome = nb.run("x = 1\n1 / 0")
    assert outcome.error is not None
    assert not outcome.ok
    assert outcome.error.ename == "ZeroDivisionError"
    assert "line 2" in outcome.error.traceback
    assert "\x1b" not in outcome.error.traceback
    assert nb.run("x").text == "1"


def test_value(nb: Notebook) -> None:
    nb.run("numbers = list(range(2000))")
    assert nb.value("numbers") == list(range(2000))
    assert nb.value("{'a': (1, None), 'b': '\\n'}") == {"a": (1, None), "b": "\n"}
    with pytest.raises(AssertionError, match="NameError"):
        nb.value("missing")
    with pytest.raises(AssertionError, match="not a literal"):
        nb.value("object()")


def test_interrupt(nb: Notebook) -> None:
    nb.start("import time\nprint('on', flush=True)\ntime.sleep(60)")
    nb.wait_for(lambda message: message["msg_type"] == "stream", timeout=10)
    nb.interrupt()
    outcome = nb.finish(timeout=10)
    assert outcome.error is not None
    assert outcome.error.ename == "KeyboardInterrupt"
    assert outcome.stdout == "on\n"
    assert nb.run("1 + 1").text == "2"


def test_complete_and_inspect(nb: Notebook) -> None:
    nb.run("def scale(factor):\n    'Scales things.'")
    assert "scale" in nb.complete("sca")
    assert "Scales things." in nb.inspect("scale")
    assert nb.inspect("no_such_name") == ""


def test_operations_without_tensorflow(nb: Notebook) -> None:
    assert nb.operations() == 0
    assert nb.value("'tensorflow' in __import__('sys').modules") is False


def test_any_message_on_control_while_a_cell_runs(nb: Notebook) -> None:
    nb.start("import time\ntime.sleep(1.5)")
    info = nb.ask("kernel_info_request", {}, channel="control", timeout=1)
    assert info["content"]["status"] == "ok"
    assert nb.finish().ok


def test_a_shared_kernel_is_clean_for_the_next_test(kernels: Kernels) -> None:
    first = kernels.get("plain", load=False)
    first.run("left = 1\nleft")
    first.run("1 / 0")
    second = kernels.get("plain", load=False)
    assert second is first
    assert second.value("'left' in globals() or '_1' in globals()") is False
    assert second.run("1").count == 1


def test_a_cell_that_was_not_waited_for_is_forgotten(kernels: Kernels) -> None:
    kernels.get("plain", load=False).start("print('of the test before')")
    nb = kernels.get("plain", load=False)
    nb.start("print('own')")
    assert nb.finish().stdout == "own\n"


def test_a_kernel_with_leftover_hooks_is_thrown_away(kernels: Kernels) -> None:
    first = kernels.get("plain", load=False)
    first.run(WATCH_IDS)
    second = kernels.get("plain", load=False)
    assert second is not first
    assert not first.is_alive()


@pytest.mark.parametrize("nb", ["tf1", "graph", "eager"], indirect=True)
def test_modes_start_with_an_empty_graph(nb: Notebook, request: pytest.FixtureRequest) -> None:
    eager = "eager" in request.node.name
    for _ in range(2):
        assert nb.operations() == 0
        assert nb.value("tf.executing_eagerly()") is eager
        nb.run("with tf.get_default_graph().as_default(): v = tf.Variable(1.0)")
        assert nb.operations() > 0
        assert nb.operations("v.graph") == nb.operations()
        kernels: Kernels = request.getfixturevalue("kernels")
        mode = "eager" if eager else "tf1" if "tf1" in request.node.name else "graph"
        assert kernels.get(mode, load=False) is nb


def test_restart_gives_an_empty_kernel(fresh_notebook: Callable[..., Notebook]) -> None:
    notebook = fresh_notebook(env={"TFSESSION_HARNESS": "1"})
    pid = notebook.value("__import__('os').getpid()")
    notebook.run("x = 1")
    notebook.restart()
    assert notebook.value("'x' in globals()") is False
    assert notebook.value("__import__('os').getpid()") != pid
    assert notebook.value("__import__('os').environ['TFSESSION_HARNESS']") == "1"
    assert notebook.run("x = 2").count == 1


def test_a_dead_kernel_is_told_from_a_slow_one(fresh_notebook: Callable[..., Notebook]) -> None:
    notebook = fresh_notebook()
    with pytest.raises(TimeoutError, match="end of the cell"):
        notebook.run("import time\ntime.sleep(2)", timeout=0.5)
    assert not notebook.usable
    with pytest.raises(KernelDiedError):
        notebook.run("import os\nos._exit(3)", timeout=20)
    assert not notebook.is_alive()

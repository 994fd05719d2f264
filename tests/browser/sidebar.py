"""What the tests of the sidebar have in common."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from lab_notebook import LabNotebook
    from playwright.sync_api import Locator

SETUP: Final = """
%load_ext jupyter_tfsession
import pathlib, threading, time
import tensorflow.compat.v1 as tf
tf.logging.set_verbosity(tf.logging.ERROR)
tf.disable_v2_behavior()
"""
MODEL: Final = """
with tf.variable_scope("model"):
    with tf.variable_scope("dense"):
        kernel = tf.get_variable("kernel", [16, 24], initializer=tf.random_normal_initializer())
        bias = tf.get_variable("bias", [24], initializer=tf.zeros_initializer())
    scale = tf.get_variable("scale", initializer=1.0)
step = tf.train.get_or_create_global_step()
"""
TRAIN: Final = """
train = [bias.assign_add(tf.ones([24])), kernel.assign(kernel * 1.001), step.assign_add(1)]
sess = tf.Session()
sess.run(tf.global_variables_initializer())
for _ in range(5): sess.run(train)
"""
TRAIN_UNTIL_TOLD: Final = """
stop = pathlib.Path("stop")
while not stop.exists():
    sess.run(train)
    time.sleep(0.005)
stop.unlink()
"""

NOT_LOADED: Final = "The extension is not loaded"
NO_TENSORFLOW: Final = "TensorFlow is not imported yet"

# Counts the timers that are set and neither over nor cleared, from now on.
COUNT_TIMERS: Final = """() => {
    window.timers = new Set();
    for (const [set, clear] of [['setTimeout', 'clearTimeout'], ['setInterval', 'clearInterval']]) {
        const [begin, end] = [window[set].bind(window), window[clear].bind(window)];
        window[set] = (call, ...rest) => {
            const timer = begin((...given) => {
                if (set === 'setTimeout') { window.timers.delete(timer); }
                call(...given);
            }, ...rest);
            window.timers.add(timer);
            return timer;
        };
        window[clear] = timer => { window.timers.delete(timer); end(timer); };
    }
}"""
OPEN_AND_CLOSE: Final = """async times => {
    for (let time = 0; time < 2 * times; time += 1) {
        await window.jupyterapp.commands.execute('application:toggle-right-area');
        await new Promise(requestAnimationFrame);
    }
}"""


def opened(
    open_notebook: Callable[..., LabNotebook], cells: Sequence[str], run_first: Iterable[int]
) -> Iterator[LabNotebook]:
    """Give a notebook with its first cells run, and see that the page had no error in the end."""
    notebook = open_notebook(cells)
    for cell in run_first:
        notebook.run(cell)
    yield notebook
    assert notebook.errors == []


def live_sidebar(notebook: LabNotebook) -> Locator:
    """Return the sidebar, once it shows what the kernel holds."""
    shown = notebook.sidebar()
    expect(shown.locator(".jp-tfsession-life")).to_have_text("Live")
    return shown


def open_and_close(notebook: LabNotebook, times: int) -> None:
    """Hide and show the sidebar, which is shown."""
    notebook.page.evaluate(OPEN_AND_CLOSE, times)


def counts(notebook: LabNotebook) -> dict[str, int]:
    """Count what a page may have too many of; see `COUNT_TIMERS`."""
    browser = notebook.page.context.new_cdp_session(notebook.page)
    browser.send("HeapProfiler.collectGarbage")
    browser.send("Performance.enable")
    metrics = {
        one["name"]: int(one["value"]) for one in browser.send("Performance.getMetrics")["metrics"]
    }
    browser.detach()
    return {
        "listeners": metrics["JSEventListeners"],
        "nodes": metrics["Nodes"],
        "timers": notebook.page.evaluate("window.timers.size"),
    }


def value(panel: Locator, name: str) -> Locator:
    """Return the cell of the table with the value of the variable called `name`."""
    row = panel.locator(".jp-tfsession-rows .jp-tfsession-row").filter(
        has=panel.page.locator(".jp-tfsession-name", has_text=re.compile(f"^{name}$"))
    )
    return row.locator(".jp-tfsession-column-value")

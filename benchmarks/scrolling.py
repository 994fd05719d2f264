"""The sidebar with many variables in a real browser.

Needs Chromium and the built extension, as tests/browser do.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from benchmarks.timing import Result

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "browser"))

from lab_notebook import LabNotebook
from lab_server import LabServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.notebook import Notebook

VARIABLES = 10_000
SECONDS = 5
SETUP = f"""
%load_ext jupyter_tfsession
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
for layer in range({VARIABLES // 10}):
    with tf.variable_scope(f"layer_{{layer}}"):
        for name in "abcdefghij":
            tf.get_variable(name, [], initializer=tf.zeros_initializer())
sess = tf.Session()
sess.run(tf.global_variables_initializer())
"""
OPEN = """async () => {
    const begun = performance.now();
    await window.jupyterapp.commands.execute('tfsession:show');
    while (document.querySelector('.jp-tfsession-rows .jp-tfsession-row') === null) {
        await new Promise(requestAnimationFrame);
    }
    return performance.now() - begun;
}"""
SCROLL = """async seconds => {
    const table = document.querySelector('.jp-tfsession-table');
    const begun = performance.now();
    let [last, frames, longest] = [begun, 0, 0];
    while (last - begun < seconds * 1000) {
        const now = await new Promise(requestAnimationFrame);
        longest = Math.max(longest, now - last);
        last = now;
        frames += 1;
        table.scrollTop = (last - begun) / (seconds * 1000) * table.scrollHeight;
    }
    return [1000 * frames / (last - begun), longest];
}"""


def measure(_notebook: Notebook) -> Iterator[Result]:
    """Open the panel on many variables, and scroll through all rows."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        raise FileNotFoundError("no chromium: set CHROMIUM, or apt install chromium")
    server = LabServer()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1280, "height": 1400})
            notebook = LabNotebook(page, server.write("many.ipynb", [SETUP]))
            notebook.run(0)
            opened = [page.evaluate(OPEN)]
            page.wait_for_timeout(3000)
            scrolled = [page.evaluate(SCROLL, SECONDS) for _ in range(3)]
            browser.close()
    finally:
        server.stop()
    name = f"sidebar of {VARIABLES:,} variables"
    yield Result(name, opened, "ms", "from opening it to the first rows", 1000.0)
    rates = [rate for rate, _ in scrolled]
    yield Result(f"{name}, scrolled", rates, "frames/s", "through all rows", 30.0, at_least=True)
    longest = [frame for _, frame in scrolled]
    yield Result(f"{name}, scrolled", longest, "ms", "the longest frame")

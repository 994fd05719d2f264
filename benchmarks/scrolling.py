"""The sidebar with many variables in a real browser: ``python benchmarks/scrolling.py``.

Prints how long it takes from opening the panel to the first rows, and the frames a second while
scrolling through all rows. Needs Chromium and the built extension, as tests/browser do.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "browser"))

from lab_notebook import LabNotebook
from lab_server import LabServer

VARIABLES = 10_000
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


def main() -> None:
    """Measure and print."""
    server = LabServer()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
                args=["--no-sandbox", "--disable-gpu"],
            )
            page = browser.new_page(viewport={"width": 1280, "height": 1400})
            notebook = LabNotebook(page, server.write("many.ipynb", [SETUP]))
            notebook.run(0)
            print(f"first rows of {VARIABLES}: {page.evaluate(OPEN):.0f} ms")
            page.wait_for_timeout(3000)
            for _ in range(3):
                rate, longest = page.evaluate(SCROLL, 5)
                print(f"scrolling: {rate:.1f} frames/s, longest frame {longest:.0f} ms")
            browser.close()
    finally:
        server.stop()


if __name__ == "__main__":
    main()

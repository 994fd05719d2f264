"""What a saved notebook shows where its kernel is gone, or cannot answer yet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import nbformat
import pytest
from lab_notebook import PATIENCE
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, Locator, expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab_notebook import LabNotebook
    from lab_server import LabServer

SETUP: Final = """
%load_ext jupyter_tfsession
import pathlib, time
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
scale = tf.get_variable("scale", initializer=2.5)
sess = tf.Session()
sess.run(tf.global_variables_initializer())
"""
WAIT_UNTIL_TOLD: Final = """
stop = pathlib.Path("stop")
while not stop.exists():
    time.sleep(0.05)
stop.unlink()
"""
CELLS: Final = (SETUP, "%tfsession watch", WAIT_UNTIL_TOLD)


def watched(notebook: LabNotebook) -> LabNotebook:
    notebook.run(0)
    notebook.run(1)
    expect(notebook.widget(1)).to_contain_text("scale")
    return notebook


def expect_table(output: Locator) -> None:
    """Expect the table that was saved, and that nothing else is shown."""
    expect(output.locator("table")).to_contain_text(re.compile(r"scale.*2\.5", re.DOTALL))
    expect(output).to_contain_text(re.compile("not connected: values as of 20"))
    expect(output.locator(".jp-tfsession")).to_have_count(0)
    expect(output.get_by_text("Loading widget")).not_to_be_visible()
    expect(output.get_by_text("model not found")).not_to_be_visible()


@pytest.mark.parametrize("classic", [False, True], ids=["JupyterLab", "Notebook 7"])
def test_a_reopened_notebook_shows_what_was_saved(
    open_notebook: Callable[..., LabNotebook], classic: bool
) -> None:
    notebook = watched(open_notebook(CELLS, classic=classic))
    notebook.save()
    notebook.shut_down()
    notebook.reopen()
    expect_table(notebook.output(1))
    notebook.run(0)
    notebook.run(1)
    expect(notebook.widget(1)).to_contain_text("scale")
    expect(notebook.output(1).locator("table")).not_to_be_visible()


def test_a_page_reloaded_while_a_cell_is_running_shows_what_was_saved(
    open_notebook: Callable[..., LabNotebook], lab: LabServer
) -> None:
    notebook = watched(open_notebook(CELLS))
    notebook.save()
    notebook.start(2)
    notebook.page.wait_for_timeout(1_000)
    notebook.reopen(idle=False)
    expect_table(notebook.output(1))
    (lab.notebooks / "stop").touch()
    expect(notebook.output(1).locator(".jp-tfsession")).to_be_visible(timeout=PATIENCE)
    expect(notebook.output(1).locator("table")).not_to_be_visible()


def test_unloading_leaves_the_table(open_notebook: Callable[..., LabNotebook]) -> None:
    notebook = watched(open_notebook([*CELLS, "%unload_ext jupyter_tfsession"]))
    notebook.run(3)
    expect_table(notebook.output(1))


def test_a_page_made_of_a_notebook_shows_what_was_saved(
    open_notebook: Callable[..., LabNotebook], lab: LabServer, browser: Browser
) -> None:
    notebook = watched(open_notebook(CELLS))
    notebook.save()
    (path,) = (p for p in lab.notebooks.iterdir() if p.stem in notebook.page.url)
    html, _ = HTMLExporter().from_notebook_node(nbformat.read(path, as_version=4))
    page = browser.new_page()
    page.set_content(html, wait_until="domcontentloaded")
    expect_table(page.locator(".jp-OutputArea-output", has_text="scale"))
    page.close()

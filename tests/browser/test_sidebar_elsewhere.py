from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from lab_server import WITHOUT_SUBSHELLS
from playwright.sync_api import expect
from sidebar import MODEL, NO_TENSORFLOW, NOT_LOADED, SETUP, TRAIN, TRAIN_UNTIL_TOLD, value

if TYPE_CHECKING:
    from lab_notebook import LabNotebook

WITHOUT_PACKAGE: Final = """
import sys
class Without:
    def find_spec(self, name, *_):
        if name == "jupyter_tfsession":
            raise ModuleNotFoundError(f"No module named {name!r}")
sys.meta_path.insert(0, Without())
"""


COUNT_SUBSHELLS: Final = """
import threading
print(sum("subshell" in one.name for one in threading.enumerate()))
"""


def test_a_kernel_that_is_kept_has_no_more_subshells_than_pages(open_notebook):
    notebook = open_notebook(["%load_ext jupyter_tfsession", COUNT_SUBSHELLS])
    panel = notebook.sidebar()
    notebook.run(0)
    expect(panel).to_contain_text(NO_TENSORFLOW)
    before = notebook.run(1).inner_text()
    path = notebook.page.evaluate("window.jupyterapp.shell.currentWidget.context.path")
    for _ in range(5):
        notebook.save()
        notebook.command("application:close")
        expect(panel).to_contain_text("No notebook is open")
        notebook.command("docmanager:open", path=path)
        notebook.wait_until_idle()
        expect(panel).to_contain_text(NO_TENSORFLOW)
    notebook.save()
    notebook.reopen()
    expect(panel).to_contain_text(NO_TENSORFLOW)
    has_so_many_subshells(notebook, before)


def test_a_page_that_crashes_leaves_no_subshell_once_the_notebook_is_opened_again(open_notebook):
    notebook = open_notebook(["%load_ext jupyter_tfsession", COUNT_SUBSHELLS])
    panel = notebook.sidebar()
    notebook.run(0)
    expect(panel).to_contain_text(NO_TENSORFLOW)
    before = notebook.run(1).inner_text()
    notebook.save()
    for _ in range(2):
        notebook.crash()
        expect(notebook.sidebar()).to_contain_text(NO_TENSORFLOW)
        has_so_many_subshells(notebook, before)


def has_so_many_subshells(notebook: LabNotebook, told: str) -> None:
    """Wait until the cell that counts them tells so; a page does not wait for their end."""
    deadline = time.monotonic() + 30
    while (now := notebook.run(1).inner_text()) != told:
        assert time.monotonic() < deadline, now


def test_a_kernel_without_the_package_is_told_to_install_it(open_notebook):
    notebook = open_notebook([WITHOUT_PACKAGE])
    panel = notebook.sidebar()
    expect(panel).to_contain_text(NOT_LOADED)
    notebook.run(0)
    panel.get_by_role("button", name="Load the extension").click()
    expect(panel).to_contain_text("Not installed for this kernel")
    expect(panel).to_contain_text("%pip install jupyter_tfsession")


def test_what_cannot_be_done_now_waits_and_can_be_withdrawn(open_notebook, lab):
    notebook = open_notebook([SETUP, MODEL, TRAIN, TRAIN_UNTIL_TOLD])
    panel = notebook.sidebar()
    expect(panel).to_contain_text(NOT_LOADED)
    notebook.change_kernel(WITHOUT_SUBSHELLS)
    expect(panel).to_contain_text(NOT_LOADED)
    for cell in range(3):
        notebook.run(cell)
    step = value(panel, "global_step")
    expect(step).to_have_text("5")
    notebook.start(3)
    expect(panel.locator(".jp-tfsession-life")).to_contain_text("buttons wait")
    before = step.inner_text()
    expect(step).not_to_have_text(before)
    for _ in range(2):
        panel.get_by_role("button", name="Reset").click()
    messages = panel.locator(".jp-tfsession-messages")
    expect(messages.get_by_text("waits for the running cell")).to_have_count(2)
    messages.get_by_role("button", name="Withdraw").first.click()
    expect(messages.get_by_text("waits for the running cell")).to_have_count(1)
    (lab.notebooks / "stop").touch()
    panel.get_by_role("button", name="Overwrite").click()
    expect(step).to_have_text("0")
    expect(panel.get_by_role("dialog")).to_have_count(0)


def test_notebook_7_has_it(open_notebook):
    notebook = open_notebook([SETUP, MODEL, TRAIN], classic=True)
    before = list(notebook.errors)  # Notebook's own
    panel = notebook.sidebar()
    expect(panel).to_contain_text(NOT_LOADED)
    for cell in range(3):
        notebook.run(cell)
    expect(value(panel, "global_step")).to_have_text("5")
    assert notebook.errors == before


def test_settings_apply(open_notebook):
    notebook = open_notebook(["pass"])
    panel = notebook.sidebar()
    expect(panel).to_contain_text(NOT_LOADED)
    notebook.command("settingeditor:open", query="TensorFlow")
    load = notebook.page.get_by_label("Load the extension in new kernels")
    load.check()
    expect(panel).to_contain_text(NO_TENSORFLOW)
    notebook.page.locator("input[id$=_filter]").fill("bias")
    expect(panel.get_by_role("searchbox", include_hidden=True)).to_have_value("bias")
    notebook.page.locator("input[id$=_filter]").fill("")
    load.uncheck()
    expect(panel.get_by_role("searchbox", include_hidden=True)).to_have_value("")

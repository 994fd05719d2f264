"""What the sidebar has to stand: strings of all kinds, no mouse, other settings, other kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from lab_notebook import PATIENCE
from playwright.sync_api import Locator, expect
from sidebar import (
    MODEL,
    NOT_LOADED,
    SETUP,
    TRAIN,
    TRAIN_UNTIL_TOLD,
    live_sidebar,
    opened,
    value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lab_notebook import LabNotebook
    from lab_server import LabServer

HOSTILE: Final = "<img src=x onerror='window.hacked = 1'><script>window.hacked = 1</script>"

WORDS: Final = f"words = tf.get_variable('words', initializer=[{HOSTILE!r}])"
LOSS: Final = "loss = tf.multiply(scale, 2.0)"
OTHER_LOSS: Final = "loss = tf.add(scale, 2.0)"
DOUBLE: Final = f"{HOSTILE!r}; double = loss * 2.0"
CELLS: Final = (SETUP, MODEL, WORDS, LOSS, DOUBLE, TRAIN, TRAIN_UNTIL_TOLD)
RUN_FIRST: Final = range(6)
BROKEN: Final = f"""
import sys
class Broken:
    def find_spec(self, name, *_):
        if name == "jupyter_tfsession":
            raise ImportError({HOSTILE!r})
sys.meta_path.insert(0, Broken())
"""
KERNELS: Final = "@jupyterlab/apputils-extension:kernels-settings"


@pytest.fixture(scope="module")
def notebook(open_notebook: Callable[..., LabNotebook]) -> Iterator[LabNotebook]:
    yield from opened(open_notebook, CELLS, RUN_FIRST)


@pytest.fixture
def panel(notebook: LabNotebook) -> Locator:
    return live_sidebar(notebook)


def assert_harmless(notebook: LabNotebook, panel: Locator) -> None:
    assert panel.locator("img:not([role]), script").count() == 0
    assert notebook.page.evaluate("window.hacked") is None


def tab_to(part: Locator) -> None:
    """Press Tab until `part` has the focus."""
    for _ in range(40):
        if part.evaluate("part => part === document.activeElement"):
            return
        part.page.keyboard.press("Tab")
    message = f"the Tab key does not lead to {part}"
    raise AssertionError(message)


def test_values_sources_and_errors_are_text_whatever_they_are(notebook, panel):
    expect(value(panel, "words")).to_contain_text("<img")
    panel.locator(".jp-tfsession-name", has_text="words").click()
    detail = panel.get_by_role("region", name="Variable words")
    expect(detail).to_contain_text("onerror=")

    notebook.edit(3, OTHER_LOSS)
    notebook.run(3)
    stale = panel.get_by_role("region", name="1 stale cell")
    expect(stale.locator("code")).to_contain_text("<img src=x")
    stale.get_by_role("button", name="Run cell").click()
    expect(stale).to_have_count(0)

    panel.get_by_role("button", name="Set…", exact=True).click()
    dialog = panel.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(HOSTILE)
    dialog.get_by_role("button", name="Set", exact=True).click()
    expect(panel.locator(".jp-tfsession-messages")).to_contain_text("not done")
    assert_harmless(notebook, panel)
    panel.get_by_role("button", name="Dismiss").click()
    detail.get_by_role("button", name="Close").click()


def test_names_of_notebooks_are_text_whatever_they_are(notebook, panel, lab):
    name = f"{HOSTILE.partition('>')[0]}>.ipynb"
    lab.write(name, ["pass"])
    notebook.command("docmanager:open", path=name)
    expect(panel.locator(".jp-tfsession-source")).to_have_text(name)
    expect(panel).to_contain_text(NOT_LOADED)
    assert_harmless(notebook, panel)
    notebook.save()
    notebook.command("application:close")
    expect(value(panel, "scale")).to_have_text("1.0")


def test_the_keyboard_leads_everywhere_and_does_everything(notebook, panel):
    page = notebook.page
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    notebook.command("application:toggle-right-area")
    expect(panel).to_be_hidden()
    page.keyboard.press("Control+Alt+v")
    more = panel.get_by_role("button", name="What can be done")
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".lm-Menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".lm-Menu")).to_have_count(0)
    expect(more).to_be_focused()

    tab_to(panel.get_by_role("searchbox"))
    page.keyboard.type("global")
    expect(panel.locator(".jp-tfsession-rows .jp-tfsession-name")).to_have_text(["global_step"])
    trained = value(panel, "global_step").inner_text()
    reset = panel.get_by_role("button", name="Reset")
    tab_to(reset)
    page.keyboard.press("Enter")
    dialog = panel.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(reset).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(dialog.get_by_role("button", name="Overwrite"))
    page.keyboard.press("Enter")
    expect(value(panel, "global_step")).to_have_text("0")
    tab_to(panel.get_by_role("button", name="Undo"))
    page.keyboard.press("Enter")
    expect(value(panel, "global_step")).to_have_text(trained)

    tab_to(panel.get_by_role("treegrid"))
    page.keyboard.press("Home")
    page.keyboard.type("ddxab")  # in a notebook these delete, cut and add cells
    page.keyboard.press("Enter")
    detail = panel.get_by_role("region", name="Variable global_step")
    expect(detail).to_be_visible()
    tab_to(detail.get_by_role("button", name="Close"))
    page.keyboard.press("Enter")
    expect(detail).to_have_count(0)
    panel.get_by_role("searchbox").focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_it_needs_no_subshells_of_jupyterlabs_own(notebook, panel, lab: LabServer):
    notebook.save()
    with lab.settings(KERNELS, commsOverSubshells="disabled"):
        notebook.reload()
        expect(panel).to_be_visible(timeout=PATIENCE)
        notebook.page.wait_for_function(
            "window.jupyterapp.serviceManager.kernels.commsOverSubshells === 'disabled'"
        )
        step = value(panel, "global_step")
        expect(step).to_be_visible(timeout=PATIENCE)
        notebook.wait_until_idle()
        notebook.start(6)
        expect(panel.locator(".jp-tfsession-life")).to_contain_text("is running")
        before = step.inner_text()
        expect(step).not_to_have_text(before)
        panel.get_by_role("button", name="Reset").click()
        panel.get_by_role("button", name="Overwrite").click()
        expect(panel.locator(".jp-tfsession-messages")).to_contain_text("undo")
        assert notebook.is_running(6)
        (lab.notebooks / "stop").touch()
        notebook.wait_until_idle()


def test_another_kernel_for_the_notebook_is_another_beginning(notebook, panel):
    notebook.change_kernel("python3")
    expect(panel).to_contain_text(NOT_LOADED)
    expect(panel.locator(".jp-tfsession-page")).to_have_count(0)
    notebook.clear()  # counts of the kernel that was
    notebook.edit(0, BROKEN)
    notebook.run(0)
    panel.get_by_role("button", name="Load the extension").click()
    expect(panel).to_contain_text("could not be loaded")
    expect(panel).to_contain_text("onerror=")
    assert_harmless(notebook, panel)

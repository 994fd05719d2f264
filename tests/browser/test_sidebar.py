from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest
from lab_notebook import PATIENCE
from lab_server import REPOSITORY
from playwright.sync_api import Locator, expect
from sidebar import (
    COUNT_TIMERS,
    MODEL,
    NO_TENSORFLOW,
    NOT_LOADED,
    SETUP,
    TRAIN,
    TRAIN_UNTIL_TOLD,
    counts,
    live_sidebar,
    open_and_close,
    opened,
    value,
)
from snapshotting import check_keeping, take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lab_notebook import LabNotebook
    from lab_server import LabServer

AXE: Final = REPOSITORY / "labextension" / "node_modules" / "axe-core" / "axe.min.js"

LOSS: Final = "loss = tf.multiply(scale, 2.0)"
OTHER_LOSS: Final = "loss = tf.add(scale, 2.0)"
THIRD_LOSS: Final = "loss = tf.subtract(scale, 2.0)"
DOUBLE: Final = "double = loss * 2.0"
TRIPLE: Final = "triple = loss * 3.0"
ANOTHER: Final = "late = tf.get_variable('late', [2])"
COUNT: Final = "import comm; print(threading.active_count(), len(comm.get_comm_manager().comms))"
TRAIN_ON: Final = "for _ in range(5): sess.run(train)\nprint(sess.run(step))"
SECOND: Final = """
with tf.Graph().as_default() as second:
    z = tf.get_variable("z", [4], initializer=tf.zeros_initializer())
    tf.Session().run(z.initializer)
"""
CELLS: Final = (
    *(SETUP, MODEL, LOSS, DOUBLE, TRIPLE, TRAIN, TRAIN_UNTIL_TOLD, ANOTHER, COUNT),
    SECOND,
    TRAIN_ON,
)
RUN_FIRST: Final = range(6)

# Counts what the page is told while nobody can see it.
COUNT_MESSAGES: Final = """() => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    window.told = { state: 0, readings: 0 };
    window.listener = (_, message) => {
        const type = message.content?.data?.type;
        if (type in window.told) { window.told[type] += 1; }
    };
    kernel.iopubMessage.connect(window.listener);
}"""


@pytest.fixture(scope="module")
def notebook(open_notebook: Callable[..., LabNotebook]) -> Iterator[LabNotebook]:
    yield from opened(open_notebook, CELLS, RUN_FIRST)


@pytest.fixture
def panel(notebook: LabNotebook) -> Locator:
    return live_sidebar(notebook)


def source(panel: Locator) -> Locator:
    return panel.locator(".jp-tfsession-source")


@pytest.fixture
def training(notebook: LabNotebook, panel: Locator, lab: LabServer) -> Iterator[None]:
    """A cell that trains until the end of the test."""
    notebook.start(6)
    expect(panel.locator(".jp-tfsession-life")).to_contain_text("is running")
    yield
    (lab.notebooks / "stop").touch()
    expect(panel.locator(".jp-tfsession-life")).to_have_text("Live")
    notebook.wait_until_idle()


def test_the_variables_of_the_notebook_are_shown(panel):
    names = panel.locator(".jp-tfsession-rows .jp-tfsession-name")
    expect(names).to_have_text(["global_step", "model/", "dense/", "bias", "kernel", "scale"])
    expect(value(panel, "global_step")).to_have_text("5")
    expect(value(panel, "scale")).to_have_text("1.0")


def test_stale_cells_are_marked_found_and_run_again(notebook, panel):
    marks = notebook.page.locator(".jp-tfsession-stale-cell")
    stale = panel.get_by_role("region", name="2 stale cells")
    notebook.edit(2, OTHER_LOSS)
    notebook.run(2)
    expect(stale.locator("code")).to_have_text([DOUBLE, TRIPLE])
    expect(marks).to_have_count(2)

    stale.get_by_title("Go to cell [5]").click()
    notebook.page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.content.activeCellIndex === 4"
    )
    notebook.command("notebook:move-cell-up")  # a mark stays with its cell
    expect(stale.locator("code")).to_have_text([TRIPLE, DOUBLE])
    expect(marks).to_have_count(2)
    notebook.command("notebook:move-cell-down")
    expect(stale.locator("code")).to_have_text([DOUBLE, TRIPLE])

    stale.get_by_role("button", name="Run cell [4] again").click()
    expect(panel.get_by_role("region", name="1 stale cell")).to_be_visible()
    expect(marks).to_have_count(1)

    notebook.edit(2, THIRD_LOSS)
    notebook.run(2)
    expect(stale).to_be_visible()
    stale.get_by_role("button", name="Run all again").click()
    expect(panel.get_by_role("region", name="stale")).to_have_count(0)
    expect(marks).to_have_count(0)


def test_values_change_and_are_reset_while_a_cell_is_running(notebook, panel, training):
    step = value(panel, "global_step")
    for _ in range(3):
        before = step.inner_text()
        expect(step).not_to_have_text(before)
    panel.get_by_role("searchbox").fill("global_step")
    panel.get_by_role("button", name="Reset").click()
    panel.get_by_role("button", name="Overwrite").click()
    expect(panel.locator(".jp-tfsession-messages")).to_contain_text("undo")
    panel.get_by_role("searchbox").fill("")
    assert notebook.is_running(6)


def test_a_snapshot_is_taken_compared_restored_and_undone(notebook, panel):
    step = value(panel, "global_step")
    check_keeping(panel, step, lambda: notebook.run(10).inner_text().strip(), variables=4)


def test_a_snapshot_is_taken_and_restored_while_a_cell_is_running(notebook, panel, training):
    pane = take(panel, "running")
    pane.get_by_role("button", name="Restore running").first.click()
    panel.get_by_role("dialog").get_by_role("button", name="Restore", exact=True).click()
    expect(panel.locator(".jp-tfsession-messages")).to_contain_text("restored 4 variables")
    assert notebook.is_running(6)
    pane.get_by_role("button", name="Close").click()


def test_a_page_that_is_loaded_again_shows_the_running_cell(notebook, panel, lab):
    notebook.save()
    notebook.start(6)
    expect(panel.locator(".jp-tfsession-life")).to_contain_text("is running")
    notebook.reload()
    expect(panel).to_be_visible(timeout=PATIENCE)  # where it was
    expect(panel.locator(".jp-tfsession-life")).to_contain_text("is running")
    step = value(panel, "global_step")
    before = step.inner_text()
    expect(step).not_to_have_text(before)
    (lab.notebooks / "stop").touch()
    expect(panel.locator(".jp-tfsession-life")).to_have_text("Live")
    notebook.wait_until_idle()


def test_a_request_is_refused_when_the_state_has_moved_on(notebook, panel):
    panel.get_by_role("button", name="Reset").click()
    dialog = panel.get_by_role("dialog")
    expect(dialog).to_be_visible()
    notebook.run(7)
    dialog.get_by_role("button", name="Overwrite").click()
    expect(panel.locator(".jp-tfsession-messages")).to_contain_text("Look again")
    panel.get_by_role("button", name="Dismiss").click()


def test_nothing_is_read_while_nobody_can_see_it(notebook, panel, training):
    notebook.page.evaluate(COUNT_MESSAGES)
    notebook.page.wait_for_function("window.told.readings > 1")
    notebook.command("application:toggle-right-area")
    expect(panel).to_be_hidden()
    notebook.page.wait_for_function("window.told.state > 1")
    notebook.page.evaluate("window.told = { state: 0, readings: 0 }")
    notebook.page.wait_for_function("window.told.state > 2")
    assert notebook.page.evaluate("window.told.readings") == 0
    notebook.sidebar()
    notebook.page.wait_for_function("window.told.readings > 1")


def test_opening_and_closing_it_leaves_nothing_behind(notebook, panel):
    notebook.page.evaluate(COUNT_TIMERS)
    open_and_close(notebook, times=5)
    before = notebook.run(8).inner_text(), counts(notebook)
    open_and_close(notebook, times=100)
    expect(panel).to_be_visible()
    expect(panel.locator(".jp-tfsession-page")).to_have_count(1)
    after = notebook.run(8).inner_text(), counts(notebook)
    assert after[0] == before[0]  # threads, of which subshells are some, and comms
    # What JupyterLab does meanwhile is no more than some; one left for each time were a hundred.
    grown = {name: after[1][name] - before[1][name] for name in before[1]}
    assert max(grown.values()) < 50, grown


def test_commands_and_shortcuts_reach_it(notebook, panel):
    notebook.command("tfsession:reset")
    panel.get_by_role("button", name="Overwrite").click()
    expect(value(panel, "global_step")).to_have_text("0")
    notebook.command("tfsession:undo")
    expect(value(panel, "global_step")).not_to_have_text("0")
    notebook.command("tfsession:snapshot")
    expect(panel.locator(".jp-tfsession-messages")).to_contain_text("as snapshot")
    panel.get_by_role("button", name="What can be done").click()
    menu = notebook.page.locator(".lm-Menu")
    expect(menu.locator(".lm-mod-toggled")).to_contain_text("Keep Values")
    menu.get_by_text("Guard Initializers: Off").click()
    expect(panel.locator(".jp-tfsession-messages")).to_contain_text("guard: off")
    notebook.command("tfsession:guard-keep")
    panel.get_by_role("button", name="Dismiss").click()
    notebook.command("application:toggle-right-area")
    expect(panel).to_be_hidden()
    notebook.page.keyboard.press("Control+Alt+v")
    expect(panel).to_be_visible()


def test_sessions_are_listed_where_things_run_and_in_the_status_bar(notebook, panel):
    status = notebook.page.locator(".jp-tfsession-status-item")
    expect(status).to_contain_text("1 session")
    notebook.run(9)
    expect(status).to_contain_text("2 sessions")
    notebook.page.evaluate("window.jupyterapp.shell.activateById('jp-running-sessions')")
    title = notebook.page.locator("#jp-running-sessions h3").filter(has_text="TensorFlow")
    if title.get_attribute("aria-expanded") == "false":  # JupyterLab 4.4 may fold all of them
        title.click()
    running = notebook.page.locator(".jp-RunningSessions-item").filter(has_text=notebook.name)
    second = running.filter(has_text="graph-2")
    expect(running.filter(has_text="graph-")).to_have_count(2)

    second.get_by_text("graph-2").click()
    expect(panel.locator(".jp-tfsession-rows .jp-tfsession-name")).to_have_text(["z"])
    graphs = panel.get_by_role("combobox", name="Graph")
    graphs.select_option(label="graph-1")
    expect(value(panel, "scale")).to_have_text("1.0")

    second.hover()
    second.get_by_title("Close session").click()
    expect(second).to_have_count(0)
    expect(status).to_contain_text("1 session")


def test_it_follows_the_notebook_that_is_used(notebook, panel, lab):
    name = source(panel).inner_text()
    lab.write("another.ipynb", ["print(1)"])
    notebook.command("docmanager:open", path="another.ipynb")
    expect(source(panel)).to_have_text("another.ipynb")
    expect(panel).to_contain_text(NOT_LOADED)
    notebook.save()
    notebook.command("application:close")
    expect(source(panel)).to_have_text(name)
    expect(value(panel, "scale")).to_have_text("1.0")
    expect(panel).not_to_contain_text(NOT_LOADED)


@pytest.fixture(scope="module")
def with_much_to_see(notebook: LabNotebook) -> LabNotebook:
    """The notebook with stale cells, and one variable that is shown in full."""
    notebook.page.set_viewport_size({"width": 1100, "height": 900})
    notebook.command("application:toggle-left-area")
    notebook.edit(2, OTHER_LOSS)
    notebook.run(2)
    for cell in (0, 1):  # TensorFlow's warnings name files of this machine
        notebook.clear_output(cell)
    panel = notebook.sidebar()
    panel.locator(".jp-tfsession-name", has_text="kernel").click()
    expect(panel.get_by_role("img", name="Heat map")).to_be_visible()
    notebook.page.evaluate(AXE.read_text(encoding="utf-8"))
    return notebook


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_it_is_accessible_in_every_theme(with_much_to_see, panel, theme, screenshot):
    notebook = with_much_to_see
    notebook.set_theme(f"JupyterLab {theme}")
    expect(panel.get_by_role("region", name="2 stale cells")).to_be_visible()
    screenshot(notebook.page.locator("#main"), f"sidebar-{theme.lower()}.png")
    found = notebook.page.evaluate(
        "axe.run('.jp-tfsession-panel', {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"
    )
    red = panel.evaluate("panel => getComputedStyle(panel).backgroundColor.match(/\\d+/g)[0]")
    assert found["passes"]
    serious = [
        (rule["id"], [(node["target"], node["failureSummary"]) for node in rule["nodes"]])
        for rule in found["violations"]
        if rule["impact"] in {"serious", "critical"}
    ]
    assert serious == []
    assert (int(red) > 200) == (theme == "Light")


def test_a_restart_is_told_with_its_time(notebook, panel):
    notebook.set_theme("JupyterLab Light")
    notebook.restart()
    expect(panel).to_contain_text(re.compile(r"values lost at \d+:\d+"))
    expect(panel).to_contain_text(NOT_LOADED)
    expect(notebook.page.locator(".jp-tfsession-stale-cell")).to_have_count(0)
    expect(panel.locator(".jp-tfsession-rows")).to_be_hidden()
    panel.get_by_role("button", name="Load the extension").click()
    expect(panel).to_contain_text(NO_TENSORFLOW)
    notebook.clear()
    for cell in RUN_FIRST:
        notebook.run(cell)
    expect(value(panel, "global_step")).to_have_text("5")
    expect(panel).not_to_contain_text("values lost")

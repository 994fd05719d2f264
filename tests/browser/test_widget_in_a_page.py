from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import Locator, expect
from snapshotting import check_keeping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lab_notebook import LabNotebook

HOSTILE: Final = "<img src=x onerror='window.hacked = 1'><script>window.hacked = 1</script>"

SETUP: Final = """
%load_ext jupyter_tfsession
import pathlib, time
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
"""

MODEL: Final = f"""
with tf.variable_scope("model"):
    with tf.variable_scope("dense"):
        kernel = tf.get_variable("kernel", [16, 24], initializer=tf.random_normal_initializer())
        bias = tf.get_variable("bias", [24], initializer=tf.zeros_initializer())
    scale = tf.get_variable("scale", initializer=1.0)
step = tf.train.get_or_create_global_step()
words = tf.get_variable("words", initializer=[{HOSTILE!r}])
train = [bias.assign_add(tf.ones([24])), kernel.assign(kernel * 1.001), step.assign_add(1)]
sess = tf.Session()
sess.run(tf.global_variables_initializer())
"""

WATCH: Final = "%tfsession watch"
TRAIN: Final = "for _ in range(5): sess.run(train)"
TRAIN_UNTIL_TOLD: Final = """
stop = pathlib.Path("stop")
while not stop.exists():
    sess.run(train)
    time.sleep(0.005)
stop.unlink()
"""
TELL: Final = "print(sess.run(step))"
WATCH_SOME: Final = "%tfsession watch model/* global_step"
CELLS: Final = (SETUP, MODEL, WATCH, TRAIN, TRAIN_UNTIL_TOLD, WATCH, TELL, WATCH_SOME)


@pytest.fixture(scope="module")
def notebook(open_notebook: Callable[[Sequence[str]], LabNotebook]) -> Iterator[LabNotebook]:
    opened = open_notebook(CELLS)
    opened.run(0)
    opened.run(1)
    yield opened
    assert opened.errors == []


@pytest.fixture
def view(notebook: LabNotebook) -> Locator:
    """The widget, as if nobody had touched it, on a model that was trained for five steps."""
    notebook.run(1)
    notebook.page.evaluate("window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    notebook.run(2)
    notebook.run(3)
    return notebook.widget(2)


def row(view: Locator, name: str) -> Locator:
    return view.locator(".jp-tfsession-rows .jp-tfsession-row").filter(
        has=view.page.locator(".jp-tfsession-name", has_text=re.compile(f"^{re.escape(name)}$"))
    )


def names(view: Locator) -> Locator:
    return view.locator(".jp-tfsession-rows .jp-tfsession-name")


def number(locator: Locator) -> int:
    return int(re.sub(r"\D", "", locator.inner_text()))


@pytest.fixture
def training(notebook: LabNotebook, view: Locator, lab) -> Iterator[None]:
    """A cell that trains until the end of the test."""
    notebook.start(4)
    expect(view.locator(".jp-tfsession-life")).to_contain_text("is running")
    yield
    (lab.notebooks / "stop").touch()
    expect(view.locator(".jp-tfsession-life")).not_to_contain_text("is running")
    notebook.wait_until_idle()


def test_values_change_while_a_cell_is_running(notebook, view, training):
    value = row(view, "global_step").locator(".jp-tfsession-column-value")
    for _ in range(3):
        before = number(value)
        expect(value).not_to_have_text(str(before))
        assert number(value) > before
    assert notebook.is_running(4)


def test_a_reset_is_done_while_a_cell_is_running(notebook, view, training):
    row(view, "model/").get_by_role("checkbox", include_hidden=True).check(force=True)
    view.get_by_role("button", name="Reset").click()
    view.get_by_role("button", name="Overwrite").click()
    expect(view.locator(".jp-tfsession-messages")).to_contain_text("undo")
    assert notebook.is_running(4)


def test_the_filter_leaves_what_matches(view):
    expect(names(view)).to_have_count(7)
    view.get_by_role("searchbox").fill("*/bias")
    expect(names(view)).to_have_text(["model/dense/bias"])
    view.get_by_role("searchbox").fill("")
    expect(names(view)).to_have_count(7)


def test_columns_sort(view):
    header = view.get_by_role("columnheader", name="Size")
    view.get_by_role("button", name="Scopes").click()
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    expect(names(view)).to_have_text(
        ["model/scale", "global_step", "model/dense/bias", "model/dense/kernel", "words"]
    )
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    expect(names(view)).to_have_text(
        ["model/dense/kernel", "model/dense/bias", "global_step", "model/scale", "words"]
    )


def test_scopes_fold(view):
    scope = row(view, "model/")
    expect(scope).to_have_attribute("aria-expanded", "true")
    scope.click()
    expect(scope).to_have_attribute("aria-expanded", "false")
    expect(names(view)).to_have_text(["global_step", "model/", "words"])
    scope.click()
    expect(names(view)).to_have_count(7)


def test_a_reset_asks_first_and_undo_takes_it_back(notebook, view):
    value = row(view, "global_step").locator(".jp-tfsession-column-value")
    trained = notebook.run(6).inner_text().strip()
    assert int(trained) > 0

    view.get_by_role("button", name="Reset").click()
    dialog = view.get_by_role("dialog")
    expect(dialog).to_contain_text("Undo will give these values back")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    expect(value).to_have_text(trained)

    view.get_by_role("button", name="Reset").click()
    dialog.get_by_role("button", name="Overwrite").click()
    expect(value).to_have_text("0")
    view.get_by_role("button", name="Undo").click()
    expect(value).to_have_text(trained)


def test_a_snapshot_is_taken_compared_restored_and_undone(notebook, view):
    step = row(view, "global_step").locator(".jp-tfsession-column-value")

    def train() -> str:
        notebook.run(3)
        return notebook.run(6).inner_text().strip()

    check_keeping(view, step, train, variables=5)


def test_a_value_is_set(view):
    row(view, "scale").click()
    view.get_by_role("button", name="Set…", exact=True).click()
    dialog = view.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("2.5")
    dialog.get_by_role("button", name="Set", exact=True).click()
    view.get_by_role("dialog").get_by_role("button", name="Overwrite").click()
    expect(row(view, "scale").locator(".jp-tfsession-column-value")).to_have_text("2.5")


def test_a_variable_is_shown_in_full(view):
    row(view, "kernel").click()
    detail = view.get_by_role("region", name="Variable model/dense/kernel")
    expect(detail.get_by_role("img", name="Histogram")).to_be_visible()
    expect(detail.get_by_role("img", name="Heat map")).to_be_visible()
    expect(detail).to_contain_text("384 elements")


def test_the_keyboard_is_enough_and_leaves_the_notebook_alone(notebook, view):
    page = notebook.page
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    view.get_by_role("searchbox").focus()
    for _ in range(30):
        if view.get_by_role("treegrid").evaluate("grid => grid === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    active = view.locator(".jp-tfsession-row.jp-mod-active")
    expect(active.locator(".jp-tfsession-name")).to_have_text("model/")
    page.keyboard.press("ArrowLeft")
    expect(active).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(active).to_have_attribute("aria-expanded", "true")
    # In a notebook these would delete, cut and add cells.
    page.keyboard.type("ddxab")
    page.keyboard.press("End")
    expect(active.locator(".jp-tfsession-name")).to_have_text("words")
    page.keyboard.press("Enter")
    expect(view.get_by_role("region", name="Variable words")).to_be_visible()
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_strings_are_text_whatever_they_are(notebook, view):
    row(view, "words").click()
    detail = view.get_by_role("region", name="Variable words")
    expect(detail).to_contain_text("onerror=")
    expect(row(view, "words").locator(".jp-tfsession-column-value")).to_contain_text("<img")
    assert view.locator("img:not([role]), script").count() == 0
    assert notebook.page.evaluate("window.hacked") is None


def test_two_displays_are_views_of_their_own_on_the_same_values(notebook, view):
    notebook.run(5)
    other = notebook.widget(5)
    view.get_by_role("searchbox").fill("bias")
    expect(names(view)).to_have_count(1)
    expect(names(other)).to_have_count(7)
    view.get_by_role("searchbox").fill("")
    notebook.run(3)
    step = notebook.run(6).inner_text().strip()
    for one in (view, other):
        expect(row(one, "global_step").locator(".jp-tfsession-column-value")).to_have_text(step)


def test_what_is_watched_is_chosen_by_patterns(notebook, view):
    notebook.run(7)
    some = notebook.widget(7)
    expect(names(some)).to_have_text(["global_step", "model/", "dense/", "bias", "kernel", "scale"])


def test_themes_apply(notebook, screenshot):
    notebook.command("application:toggle-left-area")
    notebook.run(7)
    notebook.run(3)
    view = notebook.widget(7)
    row(view, "kernel").click()
    expect(view.get_by_role("img", name="Heat map")).to_be_visible()
    backgrounds = []
    for theme in ("Light", "Dark"):
        notebook.set_theme(f"JupyterLab {theme}")
        screenshot(notebook.cell(7), f"widget-{theme.lower()}.png")
        backgrounds.append(
            view.evaluate("view => getComputedStyle(view).backgroundColor.match(/\\d+/g)[0]")
        )
    notebook.set_theme("JupyterLab Light")
    light, dark = (int(red) for red in backgrounds)
    assert light > 200
    assert dark < 60


def test_a_restarted_kernel_is_said_to_be_gone(open_notebook):
    notebook = open_notebook(CELLS)
    for cell in range(4):
        notebook.run(cell)
    view = notebook.widget(2)
    expect(row(view, "global_step").locator(".jp-tfsession-column-value")).to_have_text("5")
    notebook.restart()
    expect(view.locator(".jp-tfsession-life")).to_contain_text("Not connected: values as of")
    expect(view.get_by_role("button", name="Reset")).to_be_disabled()
    expect(row(view, "global_step").locator(".jp-tfsession-column-value")).to_have_text("5")

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from lab_server import REPOSITORY
from playwright.sync_api import expect
from snapshotting import take

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab_notebook import LabNotebook

AXE: Final = REPOSITORY / "labextension" / "node_modules" / "axe-core" / "axe.min.js"

MODEL: Final = """
%load_ext jupyter_tfsession
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
with tf.variable_scope("model"):
    kernel = tf.get_variable("kernel", [16, 24], initializer=tf.random_normal_initializer())
    bias = tf.get_variable("bias", [24], initializer=tf.zeros_initializer())
with tf.device("/device:GPU:7"):
    elsewhere = tf.get_variable("elsewhere", initializer=1.0)
sess = tf.Session(config=tf.ConfigProto(allow_soft_placement=True))
sess.run(tf.global_variables_initializer())
late = tf.get_variable("late", [])
"""


@pytest.fixture(scope="module")
def notebook(open_notebook: Callable[..., LabNotebook]) -> LabNotebook:
    opened = open_notebook([MODEL, "%tfsession watch"])
    opened.run(0)
    opened.run(1)
    # JupyterLab's body has no height and hides what is beyond it: to axe, nothing could be seen.
    opened.page.evaluate("document.body.style.height = '100vh'")
    opened.page.evaluate(AXE.read_text(encoding="utf-8"))
    return opened


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
@pytest.mark.parametrize("shown", ["table", "detail", "dialog", "snapshots", "plan"])
def test_a_scan_finds_nothing_serious(notebook: LabNotebook, theme: str, shown: str) -> None:
    notebook.set_theme(theme)
    view = notebook.widget(1)
    if shown == "detail":
        view.locator(".jp-tfsession-name", has_text="kernel").click()
        view.get_by_role("img", name="Heat map").wait_for()
    if shown == "dialog":
        view.get_by_role("button", name="Reset").click()
        view.get_by_role("dialog").wait_for()
    if shown in {"snapshots", "plan"}:
        pane = take(view, shown)
        pane.get_by_role("button", name=f"Compare with {shown}").first.click()
        expect(pane).to_contain_text("as of")
    if shown == "plan":
        pane.get_by_role("button", name=f"Restore {shown}").first.click()
        expect(view.get_by_role("dialog")).to_contain_text("Undo will give")
    found = notebook.page.evaluate(
        "axe.run('.jp-tfsession', {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"
    )
    if shown in {"dialog", "plan"}:
        view.get_by_role("button", name="Cancel").click()
    if shown in {"snapshots", "plan"}:
        pane.get_by_role("textbox").press("Escape")
        expect(pane).to_have_count(0)  # or the next test types into one that goes
    elif shown == "detail":
        view.get_by_role("button", name="Close").click()
    compared = [rule for rule in found["passes"] if rule["id"] == "color-contrast"]
    assert sum(len(rule["nodes"]) for rule in compared) > (1 if shown in {"dialog", "plan"} else 20)
    serious = [
        (rule["id"], [(node["target"], node["failureSummary"]) for node in rule["nodes"]])
        for rule in found["violations"]
        if rule["impact"] in {"serious", "critical"}
    ]
    assert serious == []

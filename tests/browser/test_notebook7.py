from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab_notebook import LabNotebook

SETUP: Final = """
%load_ext jupyter_tfsession
import pathlib, time
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
step = tf.train.get_or_create_global_step()
train = step.assign_add(1)
sess = tf.Session()
sess.run(tf.global_variables_initializer())
"""
TRAIN_UNTIL_TOLD: Final = """
stop = pathlib.Path("stop")
while not stop.exists():
    sess.run(train)
    time.sleep(0.005)
stop.unlink()
"""


def test_notebook_7_shows_values_while_a_cell_is_running(
    open_notebook: Callable[..., LabNotebook], lab
):
    notebook = open_notebook([SETUP, "%tfsession watch", TRAIN_UNTIL_TOLD], classic=True)
    notebook.run(0)
    before_it = list(notebook.errors)  # Notebook's own
    notebook.run(1)
    view = notebook.widget(1)
    value = view.locator(".jp-tfsession-rows .jp-tfsession-column-value").first
    expect(value).to_have_text("0")
    notebook.start(2)
    expect(view.locator(".jp-tfsession-life")).to_contain_text("is running")
    for _ in range(3):
        before = value.inner_text()
        expect(value).not_to_have_text(before)
        expect(value).to_have_text(re.compile(r"^[1-9]\d*$"))
    assert notebook.is_running(2)
    view.get_by_role("button", name="Reset").click()
    view.get_by_role("button", name="Overwrite").click()
    expect(view.locator(".jp-tfsession-messages")).to_contain_text("undo")
    assert notebook.is_running(2)
    (lab.notebooks / "stop").touch()
    expect(view.locator(".jp-tfsession-life")).not_to_contain_text("is running")
    assert notebook.errors == before_it

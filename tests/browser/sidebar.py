"""What the tests of the sidebar have in common."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
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


def value(panel: Locator, name: str) -> Locator:
    """Return the cell of the table with the value of the variable called `name`."""
    row = panel.locator(".jp-tfsession-rows .jp-tfsession-row").filter(
        has=panel.page.locator(".jp-tfsession-name", has_text=re.compile(f"^{name}$"))
    )
    return row.locator(".jp-tfsession-column-value")

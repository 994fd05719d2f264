"""Front ends for the tests of what they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from front_end import FrontEnd

if TYPE_CHECKING:
    from notebook import Notebook

MODEL = """
import time
w = tf.get_variable("w", initializer=[[1.0, 2.0], [3.0, 4.0]])
b = tf.get_variable("b", initializer=0.0)
step = tf.train.get_or_create_global_step()
train = tf.group(w.assign_add(tf.ones([2, 2])), b.assign_add(1.0), step.assign_add(1))
sess = tf.Session()
sess.run(tf.global_variables_initializer())
"""


@pytest.fixture
def model(nb: Notebook) -> Notebook:
    """Give a kernel with three initialized variables."""
    outcome = nb.run(MODEL)
    assert outcome.ok, outcome.error
    nb.heard.clear()  # comms outlive a test
    return nb


@pytest.fixture
def front_end(model: Notebook) -> FrontEnd:
    """Give a view that reaches the kernel over its main shell."""
    return FrontEnd(model)

"""A notebook of two parts, seen from the sidebar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import expect
from sidebar import SETUP, live_sidebar, opened, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lab_notebook import LabNotebook

FIRST: Final = """
v = tf.get_variable("v", initializer=1.5)
sess = tf.Session(); sess.run(v.initializer)
"""
SECOND: Final = """
tf.reset_default_graph()
v = tf.get_variable("v", initializer=[2.5, 2.5])
sess = tf.Session(); sess.run(v.initializer)
"""
LOOK: Final = "print(sess.run(v))"


@pytest.fixture
def notebook(open_notebook: Callable[..., LabNotebook]) -> Iterator[LabNotebook]:
    yield from opened(open_notebook, (SETUP, FIRST, SECOND, LOOK), range(3))


def test_the_sidebar_goes_on_in_another_section(notebook: LabNotebook) -> None:
    panel = live_sidebar(notebook)
    sections = panel.locator(".jp-tfsession-status select")
    expect(sections.locator("option")).to_have_text(
        ["graph-1 (section-1)", "graph-2 (section-2, begun in [3])"]
    )
    enter = panel.get_by_role("button", name="Go on here")
    expect(enter).to_have_count(0)
    sections.select_option(label="graph-1 (section-1)")
    expect(value(panel, "v")).to_have_text("1.5")
    enter.click()
    expect(panel.locator(".jp-tfsession-messages")).to_contain_text("entered section-1")
    expect(enter).to_have_count(0)
    notebook.run(3)
    expect(notebook.output(3)).to_have_text("1.5")

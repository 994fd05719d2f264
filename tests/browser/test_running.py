"""The panel of what is running lists the sessions of all kernels, whichever page they belong to."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sidebar import MODEL, SETUP, TRAIN


@pytest.fixture(scope="module")
def trained(open_notebook):
    def trained():
        notebook = open_notebook([SETUP, MODEL, TRAIN, "sess.run(step)"])
        for cell in range(3):
            notebook.run(cell)
        return notebook

    return trained


def test_sessions_of_another_page_are_listed_opened_and_closed(trained):
    other, here = trained(), trained()
    here.page.evaluate("window.jupyterapp.shell.activateById('jp-running-sessions')")
    items = here.page.locator(".jp-RunningSessions-item").filter(has_text="graph-1")
    theirs = items.filter(has_text=other.name)
    expect(theirs).to_have_count(1)
    expect(items.filter(has_text=here.name)).to_have_count(1)

    theirs.hover()
    theirs.get_by_title("Close session").click()
    expect(theirs).to_have_count(0)
    expect(other.run(3)).to_contain_text("5")  # the values waited
    expect(theirs).to_have_count(1)

    theirs.get_by_text("graph-1").click()
    here.page.wait_for_function(
        "name => window.jupyterapp.shell.currentWidget?.title.label === name", arg=other.name
    )
    assert here.errors == []

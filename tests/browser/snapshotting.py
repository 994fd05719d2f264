"""What both hosts of the view have to do with snapshots."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator


def take(view: Locator, name: str) -> Locator:
    """Take a snapshot in the view, and return the part of the view that lists it."""
    pane = view.get_by_role("region", name="Snapshots", exact=True)
    if not pane.is_visible():
        view.get_by_role("button", name="Snapshots", exact=True).click()
    pane.get_by_role("textbox").fill(name)
    pane.get_by_role("textbox").press("Enter")
    expect(pane.get_by_role("listitem").first).to_contain_text(name)
    expect(view.locator(".jp-tfsession-messages")).to_contain_text(f"as {name}")
    return pane


def check_keeping(view: Locator, step: Locator, train: Callable[[], str], variables: int) -> None:
    """Take a snapshot, train on, compare, restore after a look at the plan, and undo.

    Parameters
    ----------
    step
        Where the view shows how far the training is.
    train
        Trains on and returns how far it is then.
    variables
        How many there are; training moves three of them.
    """
    kept = train()
    expect(step).to_have_text(kept)
    pane = take(view, "best")
    expect(pane.get_by_role("listitem").first).to_contain_text(f"{variables} variables")
    trained = train()
    expect(step).to_have_text(trained)

    pane.get_by_role("button", name="Compare with best").first.click()
    moved = pane.get_by_role("region", name="Since best")
    expect(moved.get_by_role("row").nth(1)).to_contain_text(re.compile("bias|step"))
    expect(moved).to_contain_text(f"3 moved, {variables - 3} did not")

    pane.get_by_role("button", name="Restore best").first.click()
    dialog = view.get_by_role("dialog", name="Restore best")
    expect(dialog).to_contain_text(f"{variables} values fit")
    expect(dialog).to_contain_text(f"Overwrites {variables} variables")
    expect(dialog).to_contain_text("Undo will give these values back")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    expect(step).to_have_text(trained)

    pane.get_by_role("button", name="Restore best").first.click()
    dialog.get_by_role("button", name="Restore", exact=True).click()
    expect(step).to_have_text(kept)
    expect(view.get_by_role("dialog")).to_have_count(0)
    view.get_by_role("button", name="Undo").click()
    expect(step).to_have_text(trained)
    pane.get_by_role("textbox").press("Escape")
    expect(pane).to_have_count(0)
    view.get_by_role("button", name="Dismiss").click()

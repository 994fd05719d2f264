"""A real JupyterLab in a real Chromium.

Fixtures
--------
open_notebook
    Writes a notebook with the given code cells, and opens it in a page of its own with a kernel
    of its own.
"""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from lab_notebook import LabNotebook
from lab_server import REPOSITORY, LabServer
from playwright.sync_api import Browser, BrowserContext, Locator, expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_numbers = itertools.count()


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker of these tests."""
    config.addinivalue_line("markers", "browser: drives a real browser (slow)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")
            item.add_marker("kernel")
            item.add_marker(pytest.mark.xdist_group("browser"))  # one server and browser for all


@pytest.fixture(scope="session")
def lab() -> Iterator[LabServer]:
    """Give a JupyterLab, and end it with the test session."""
    server = LabServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give a Chromium, and end it with the test session."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.fail(
            "needs Chromium: install it (Debian, Ubuntu: apt-get install chromium), "
            "or say where one is (CHROMIUM=/path/to/chromium)",
            pytrace=False,
        )
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def open_notebook(browser: Browser, lab: LabServer) -> Iterator[Callable[..., LabNotebook]]:
    """Give a factory of notebooks, which are closed with the module."""
    contexts: list[BrowserContext] = []
    expect.set_options(timeout=30_000)

    def open_one(
        cells: Sequence[str], *, classic: bool = False, kernel: str = "python3"
    ) -> LabNotebook:
        url = lab.write(f"notebook-{next(_numbers)}.ipynb", cells, classic=classic, kernel=kernel)
        context = browser.new_context(viewport={"width": 1280, "height": 1400})
        context.set_default_timeout(30_000)
        contexts.append(context)
        return LabNotebook(context.new_page(), url)

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def screenshot() -> Callable[[Locator, str], None]:
    """Give what takes the documentation's pictures, where TFSESSION_SCREENSHOTS is set."""

    def take(part: Locator, name: str) -> None:
        if os.environ.get("TFSESSION_SCREENSHOTS"):
            folder = REPOSITORY / "docs"
            folder.mkdir(exist_ok=True)
            part.screenshot(path=folder / name)

    return take

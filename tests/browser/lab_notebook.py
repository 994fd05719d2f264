"""A notebook in a real JupyterLab in a real browser, as a test drives it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PATIENCE: Final = 120_000
"""Milliseconds; importing TensorFlow on a busy machine takes a good part of them."""

_NOTEBOOK: Final = "window.jupyterapp?.shell?.currentWidget"


class LabNotebook:
    """The notebook that a page shows.

    Parameters
    ----------
    page
        The page, which this opens at `url`.

    Attributes
    ----------
    errors
        What went wrong in the page's own scripts.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.errors: list[str] = []
        self._url = url
        self._open_in(page)

    def _open_in(self, page: Page) -> None:
        self.page = page
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.reopen()

    @property
    def name(self) -> str:
        """The notebook's file name."""
        return self._url.rpartition("/")[2]

    def reopen(self, *, idle: bool = True) -> None:
        """Load the page once more, and wait until its kernel runs nothing if `idle`."""
        self.page.goto(self._url)
        self.page.wait_for_function(
            f"""{_NOTEBOOK}?.context?.isReady && {_NOTEBOOK}.content.widgets.length > 0""",
            timeout=PATIENCE,
        )
        if idle:
            self.page.wait_for_function(f"{_NOTEBOOK}.sessionContext.isReady", timeout=PATIENCE)
            self.wait_until_idle()

    def crash(self) -> None:
        """End the page without a word to anybody, and open the notebook in another page."""
        with self.page.expect_event("crash"), contextlib.suppress(PlaywrightError):
            self.page.goto("chrome://crash")
        self._open_in(self.page.context.new_page())

    def reload(self) -> None:
        """Load the page once more as soon as JupyterLab has written down that it shows the sidebar.

        It does so a while after the sidebar was opened.
        """
        while not self.page.evaluate(_KEPT_OPEN, self.name.removesuffix(".ipynb")):
            self.page.wait_for_timeout(100)
        self.page.reload()

    def start(self, cell: int) -> None:
        """Run a cell without waiting for its end."""
        self.page.evaluate(
            f"""cell => {{
                const notebook = {_NOTEBOOK};
                notebook.content.activeCellIndex = cell;
                window.jupyterapp.commands.execute('notebook:run-cell');
            }}""",
            cell,
        )

    def run(self, cell: int) -> Locator:
        """Run a cell, wait for its end and return its output; AssertionError when it fails."""
        # Another kernel may give it the number that it has.
        self.page.evaluate(
            f"""cell => {{
                const model = {_NOTEBOOK}.content.widgets[cell].model;
                model.executionCount = null;
            }}""",
            cell,
        )
        self.start(cell)
        try:
            self._wait_for_end(cell)
        except PlaywrightTimeoutError:
            message = f"cell {cell} does not end: {self.page.evaluate(_STANDING)}"
            raise AssertionError(message) from None
        self.wait_until_idle()
        outputs = self.page.evaluate(
            f"cell => {_NOTEBOOK}.content.widgets[cell].model.outputs.toJSON()", cell
        )
        failed = [output for output in outputs if output["output_type"] == "error"]
        assert not failed, failed
        return self.output(cell)

    def _wait_for_end(self, cell: int) -> None:
        self.page.wait_for_function(
            f"""cell => {{
                const model = {_NOTEBOOK}.content.widgets[cell].model;
                return model.executionCount !== null && model.executionState !== 'running';
            }}""",
            arg=cell,
            timeout=PATIENCE,
        )

    def cell(self, cell: int) -> Locator:
        """Return a cell with its output."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(cell)

    def output(self, cell: int) -> Locator:
        """Return what is shown below a cell."""
        return self.cell(cell).locator(".jp-Cell-outputArea")

    def widget(self, cell: int) -> Locator:
        """Return the view below a cell, once it shows variables."""
        view = self.output(cell).locator(".jp-tfsession")
        expect(view).to_be_visible(timeout=PATIENCE)
        return view

    def sidebar(self) -> Locator:
        """Show the sidebar and return it."""
        self.command("tfsession:show")
        panel = self.page.locator(".jp-tfsession-panel")
        expect(panel).to_be_visible()
        return panel

    def edit(self, cell: int, source: str) -> None:
        """Change what a cell says."""
        self.page.evaluate(
            f"""([cell, source]) =>
                {_NOTEBOOK}.content.widgets[cell].model.sharedModel.setSource(source)""",
            [cell, source],
        )

    def active_cell(self) -> int:
        """Return the number of the cell that is selected."""
        return int(self.page.evaluate(f"{_NOTEBOOK}.content.activeCellIndex"))

    def is_running(self, cell: int) -> bool:
        """Tell whether a cell is running; the kernel's status would not: messages change it."""
        return bool(
            self.page.evaluate(
                f"cell => {_NOTEBOOK}.content.widgets[cell].model.executionState === 'running'",
                cell,
            )
        )

    def wait_until_idle(self) -> None:
        """Wait until the kernel runs nothing."""
        self.page.wait_for_function(f"{_STATUS} === 'idle'", timeout=PATIENCE)

    def restart(self) -> None:
        """Restart the kernel, without a question."""
        self.page.evaluate(f"{_NOTEBOOK}.sessionContext.session.kernel.restart()")
        self.wait_until_idle()

    def change_kernel(self, name: str) -> None:
        """Run the notebook in a new kernel."""
        self.page.evaluate(
            f"async name => {{ await {_NOTEBOOK}.sessionContext.changeKernel({{ name }}); }}", name
        )
        self.wait_until_idle()

    def clear(self) -> None:
        """Forget the outputs and counts of all cells."""
        self.command("notebook:clear-all-cell-outputs")

    def shut_down(self) -> None:
        """End the kernel."""
        self.page.evaluate(f"{_NOTEBOOK}.sessionContext.shutdown()")

    def clear_output(self, cell: int) -> None:
        """Forget what is shown below a cell."""
        self.page.evaluate(
            f"cell => {_NOTEBOOK}.content.widgets[cell].model.sharedModel.setOutputs([])", cell
        )

    def save(self) -> None:
        """Save the notebook."""
        self.page.evaluate(f"{_NOTEBOOK}.context.save()")

    def set_theme(self, name: str) -> None:
        """Change JupyterLab's theme, such as ``JupyterLab Dark``."""
        self.command("apputils:change-theme", theme=name)
        self.page.wait_for_function(
            "name => document.body.dataset.jpThemeName === name", arg=name, timeout=PATIENCE
        )
        # JupyterLab covers the page meanwhile.
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)

    def command(self, name: str, **arguments: Any) -> None:
        """Execute one of JupyterLab's commands, and wait for it."""
        self.page.evaluate(
            # What it returns may be a widget, which cannot be sent here.
            """async ([name, arguments]) => {
                await window.jupyterapp.commands.execute(name, arguments);
            }""",
            [name, arguments],
        )


_KEPT_OPEN: Final = """async workspace => {
    const { workspaces } = window.jupyterapp.serviceManager;
    const { right } = (await workspaces.fetch(workspace)).data['layout-restorer:data'];
    return !right.collapsed && right.current === 'jp-tfsession-panel';
}"""
_STATUS: Final = f"{_NOTEBOOK}.sessionContext.session?.kernel?.status"
_STANDING: Final = f"""({{
    kernel: {_STATUS},
    connection: {_NOTEBOOK}.sessionContext.session?.kernel?.connectionStatus,
    cells: {_NOTEBOOK}.content.widgets.map(({{ model }}) => [
        model.executionCount, model.executionState, model.outputs?.toJSON()
    ]),
    dialogs: [...document.querySelectorAll('.jp-Dialog')].map(dialog => dialog.textContent)
}})"""

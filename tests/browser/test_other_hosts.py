"""The widget where there is no JupyterLab, as in VS Code and Colab: on a page with a model."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

import pytest
from lab_server import REPOSITORY
from playwright.sync_api import expect
from test_accessibility import AXE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

STATIC: Final = REPOSITORY / "jupyter_tfsession" / "static"
CPU: Final = "/job:localhost/replica:0/task:0/device:CPU:0"
STATE: Final = {
    "type": "state",
    "version": 1,
    "time": 1_700_000_000.0,
    "tensorflow": "2.0.0",
    "sessions": [
        {
            "graph": 0,
            "name": "graph-1",
            "state": "open",
            "default": True,
            "generation": 1,
            "variables": 2,
            "initialized": 1,
            "bytes": 4,
            "devices": [{"name": CPU, "type": "CPU", "limit": None, "variables": 1, "bytes": 4}],
            "runs": 3,
            "runs_per_second": 0.0,
            "step": None,
            "cell": "[1]",
            "own_config": False,
            "undo": None,
            "redo": None,
        }
    ],
    "current": 0,
    "busy": False,
    "cell": "",
    "answers": "after_cell",
    "guard": "keep",
    "stale": [],
    "off": [],
    "requests": ["reset", "set", "init", "undo", "redo"],
}


def row(variable: int, name: str, marks: list[str]) -> dict[str, object]:
    return {
        "variable": variable,
        "name": name,
        "operation": name,
        "dtype": "float32",
        "shape": [],
        "bytes": 4,
        "trainable": True,
        "collections": [],
        "requested": "/device:GPU:0",
        "marks": marks,
        "unreadable": "",
        "unwritable": "",
        "history": [],
    }


READING: Final = {
    "variable": 0,
    "initialized": True,
    "text": "2.5",
    "note": "",
    "summary": None,
    "point": 2.5,
    "written": {"cell": "[1]", "id": "", "run": 1},
    "device": CPU,
    "placed": "actual",
}
HEAD: Final = {"version": 1, "view": "", "graph": 0, "generation": 1}
SNAPSHOT: Final = {
    "state": STATE,
    "tables": [
        {
            "type": "table",
            **HEAD,
            "total": 2,
            "rows": [row(0, "model/scale", []), row(1, "model/bias", ["stale"])],
        }
    ],
    "readings": [
        {
            "type": "readings",
            **HEAD,
            "time": 1_700_000_000.0,
            "run": 3,
            "torn": False,
            "readings": [READING, {**READING, "variable": 1, "text": "nan"}],
        }
    ],
}
PAGE: Final = """
<!doctype html>
<meta charset="utf-8">
<title>A page</title>
<style>{css}</style>
<html theme="{theme}">
<body data-vscode-theme-kind="{body}" style="{style}"><div id="here"></div></body>
"""
# As anywidget does: a module from a text, and a model with the four methods that it promises.
HOST: Final = """
async ([source, snapshot, reply]) => {
  const module = await import(URL.createObjectURL(new Blob([source], {type: 'text/javascript'})));
  const traits = {snapshot, globs: [], connected: true}, heard = {};
  window.requests = [];
  const model = {
    get: name => traits[name],
    on: (name, callback) => (heard[name] ??= []).push(callback),
    off: (name, callback) => { heard[name] = heard[name]?.filter(one => one !== callback); },
    send: request => {
      window.requests.push(request);
      if (reply) {
        const message = {type: 'ok', version: 1, id: request.id, text: '', result: snapshot.state};
        setTimeout(() => heard['msg:custom']?.forEach(callback => callback(message)));
      }
    }
  };
  window.gone = module.default.render({model, el: document.getElementById('here')});
}
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert errors == []


def host(
    page: Page, *, body: str = "", theme: str = "", style: str = "", reply: bool = True
) -> None:
    css = (STATIC / "widget.css").read_text(encoding="utf-8")
    if body or theme:
        css = LABVARIABLES + css
    page.set_content(PAGE.format(css=css, body=body, theme=theme, style=style))
    source = (STATIC / "widget.js").read_text(encoding="utf-8")
    page.evaluate(HOST, [source, json.loads(json.dumps(SNAPSHOT)), reply])


# Of the style that comes with ipywidgets, which VS Code and Colab load in every theme.
LABVARIABLES: Final = """
:root {
  --jp-layout-color1: white; --jp-layout-color2: #eee; --jp-border-color2: #e0e0e0;
  --jp-ui-font-color1: rgba(0, 0, 0, 0.8); --jp-ui-font-color2: rgba(0, 0, 0, 0.5);
  --jp-brand-color1: #2196f3; --jp-success-color1: #4caf50; --jp-warn-color1: #ff9800;
  --jp-error-color1: #f44336;
}
"""
VSCODE: Final = (
    "--vscode-editor-background: {back}; --vscode-editor-foreground: {front}; background: {back}"
)


@pytest.mark.parametrize(
    ("scheme", "body", "theme", "style"),
    [
        ("light", "", "", ""),
        ("dark", "", "", "color-scheme: dark; background: #1e1e1e"),
        ("light", "vscode-light", "", VSCODE.format(back="#ffffff", front="#3b3b3b")),
        # VS Code's theme need not be the system's.
        ("light", "vscode-dark", "", VSCODE.format(back="#1f1f1f", front="#cccccc")),
        ("light", "", "light", ""),
        ("light", "", "dark", "background: #383838; color: #d5d5d5"),
    ],
    ids=["light", "dark", "VS Code, light", "VS Code, dark", "Colab, light", "Colab, dark"],
)
def test_it_can_be_read_without_jupyterlabs_style(
    page: Page, scheme: str, body: str, theme: str, style: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    host(page, body=body, theme=theme, style=style)
    view = page.locator(".jp-tfsession")
    expect(view.locator(".jp-tfsession-rows")).to_contain_text("2.5")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run('.jp-tfsession', {runOnly: ['wcag2a', 'wcag2aa']})")
    contrast = [rule for rule in found["passes"] if rule["id"] == "color-contrast"]
    assert sum(len(rule["nodes"]) for rule in contrast) > 20
    assert [(r["id"], [n["html"] for n in r["nodes"]]) for r in found["violations"]] == []


def test_it_asks_by_the_model_alone(page: Page) -> None:
    host(page)
    page.wait_for_function("window.requests.some(request => request.type === 'subscribe')")
    page.get_by_role("button", name="Reset").click()
    page.wait_for_function("window.requests.some(request => request.type === 'reset')")
    page.evaluate("window.gone()")
    expect(page.locator(".jp-tfsession")).to_have_count(0)
    assert page.evaluate("window.requests.at(-1).type") == "unsubscribe"


def test_without_a_kernel_it_shows_when_its_values_were_read(page: Page) -> None:
    host(page, reply=False)
    life = page.locator(".jp-tfsession-life")
    expect(life).to_contain_text(re.compile("Not connected: values as of"), timeout=20_000)
    expect(page.locator(".jp-tfsession-rows")).to_contain_text("2.5")
    expect(page.get_by_role("button", name="Reset")).to_be_disabled()

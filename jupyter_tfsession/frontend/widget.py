"""The widget: the view of variables in a cell's output.

There is one per kernel, displayed as often as one likes. It carries the messages of the protocol
as custom messages of its model, so that it works wherever widgets do.
"""

from __future__ import annotations

import html
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anywidget
from traitlets import Bool, Dict, List, Unicode

from jupyter_tfsession.frontend.comms import answer_on_the_asking_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.frontend.answering import Answering

_STATIC: Final = Path(__file__).parents[1] / "static"

_WATCH: Final = "application/vnd.jupyter-tfsession.watch+json"
"""JupyterLab renders it as the widget, or as the table where the widget is not there any more."""

_NOT_BUILT: Final = """
export default { render({ el }) {
  el.textContent = "jupyter_tfsession: this installation lacks the widget's front end " +
    "(jupyter_tfsession/static/widget.js). %tfsession vars shows the variables.";
} };
"""


def _text_of(name: str, otherwise: str) -> str:
    """Read a file of the front end once; given as a path, anywidget would hold on to widgets."""
    try:
        return (_STATIC / name).read_text(encoding="utf-8")
    except OSError:
        return otherwise


class TFSessionWidget(anywidget.AnyWidget):
    """The live table of variables.

    Attributes
    ----------
    globs
        Which variables it is about; all without any.
    snapshot
        What it showed last, for displays that are made later and for saved notebooks.
    connected
        Whether the kernel's side of it is there.
    """

    _esm = _text_of("widget.js", _NOT_BUILT)
    _css = _text_of("widget.css", "")

    globs = List(Unicode()).tag(sync=True)
    snapshot = Dict().tag(sync=True)
    connected = Bool(default_value=True).tag(sync=True)

    def __init__(self, answering: Answering, displayed: Callable[[], Any]) -> None:
        super().__init__()
        self._answering = answering
        self._displayed = displayed
        self.on_msg(self._asked)
        if self.comm is not None:
            answer_on_the_asking_thread(self.comm)

    def _asked(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Answer a request, on the thread on which it arrives."""
        self.send(self._answering.answer(content, self.send))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        table = self._displayed()
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        if data and table is not None:
            note = f"not connected: values as of {time.strftime('%Y-%m-%d %H:%M:%S')}"
            data[_WATCH] = {}
            data["text/plain"] = f"{table}\n{note}"
            data["text/html"] = f"{table._repr_html_()}<div>{html.escape(note)}</div>"
        return data, metadata

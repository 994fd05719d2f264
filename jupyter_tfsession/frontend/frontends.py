"""The front ends of one shell's extension: made when one is first there, gone when it is unloaded.

Loading the extension makes none of what is in the other modules here, and imports none of it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.features import nothing
from jupyter_tfsession.frontend.comms import CommTarget
from jupyter_tfsession.frontend.control import ControlChannel, answer
from jupyter_tfsession.frontend.shell_channel import reply_through_the_stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_tfsession.displays import Table
    from jupyter_tfsession.extension import Extension
    from jupyter_tfsession.frontend.answering import Answering
    from jupyter_tfsession.frontend.sampler import Sampler
    from jupyter_tfsession.frontend.states import States
    from jupyter_tfsession.frontend.views import Views
    from jupyter_tfsession.frontend.widget import TFSessionWidget


_STATIC_ROWS = 200  # a display waits for them, and a notebook keeps them


class _Parts:
    """What serves front ends."""

    def __init__(self, extension: Extension) -> None:
        # Not at load: a kernel that no front end looks at needs none of it.
        from jupyter_tfsession.frontend.answering import Answering  # noqa: PLC0415
        from jupyter_tfsession.frontend.sampler import Sampler  # noqa: PLC0415
        from jupyter_tfsession.frontend.states import States  # noqa: PLC0415
        from jupyter_tfsession.frontend.views import Views  # noqa: PLC0415

        self.views: Views = Views()
        self.states: States = States(extension)
        self.sampler: Sampler = Sampler(extension, self.views, self.states)
        self.answering: Answering = Answering(extension, self.views, self.states, self.sampler)


class FrontEnds:
    """The comm target and the widget of one shell.

    The lock guards the making of the parts.
    """

    def __init__(self, extension: Extension) -> None:
        self._extension = extension
        self._lock = threading.Lock()
        self._parts: _Parts | None = None
        self._widget: TFSessionWidget | None = None
        self._target = CommTarget(self._serving)
        self._control = ControlChannel(self._asked)
        self.cell_finished = extension.features.fails_open("live", self._cell_finished, nothing)

    def start(self) -> None:
        """Take comms and requests from now on."""
        self._target.register(self._extension.shell)
        self._control.register(self._extension.shell)
        reply_through_the_stream(self._extension.shell)

    def stop(self) -> None:
        """Tell the views that it is over, and close what is open."""
        parts, self._parts = self._parts, None
        widget, self._widget = self._widget, None
        if parts is not None:
            parts.sampler.end("jupyter_tfsession was unloaded")
        self._control.unregister()
        self._target.unregister(self._extension.shell)
        if widget is not None:
            widget.connected = False
            widget.close()

    def watch(self, globs: Sequence[str]) -> TFSessionWidget:
        """Return the widget, which watches the variables whose names match from now on."""
        from jupyter_tfsession.frontend.widget import TFSessionWidget  # noqa: PLC0415 - not at load

        parts = self._made()
        parts.states.note_default()
        if self._widget is None or self._widget.comm is None:  # none yet, or the user closed it
            self._widget = TFSessionWidget(parts.answering, self._displayed)
        self._widget.globs = list(globs)
        self._remember(parts, self._widget)
        return self._widget

    def _displayed(self) -> Table | None:
        """Have a widget that is displayed sent events, whether or not it can ask for them.

        Returns
        -------
        Table | None
            What to show where widgets do not work.
        """
        from jupyter_tfsession.frontend.protocol.requests import Subscribe  # noqa: PLC0415
        from jupyter_tfsession.frontend.protocol.types import VERSION  # noqa: PLC0415

        widget, parts = self._widget, self._made()
        if widget is not None:
            wants = Subscribe(version=VERSION, id="-", view="-", globs=list(widget.globs))
            parts.views.subscribe("", widget.send, wants, "after_cell")
            parts.sampler.wake()
        return self._static(list(widget.globs) if widget is not None else [])

    def _cell_finished(self) -> None:
        """Bring what a display begins with up to date; on the cell's thread."""
        parts, widget = self._parts, self._widget
        if parts is not None:
            parts.states.note_default()
            if widget is not None and widget.comm is not None and parts.views.all():
                self._remember(parts, widget)

    def _remember(self, parts: _Parts, widget: TFSessionWidget) -> None:
        import msgspec  # noqa: PLC0415 - not at load

        from jupyter_tfsession.frontend.protocol import Snapshot  # noqa: PLC0415 - not at load

        live = parts.states.current()
        globs = list(widget.globs)
        tables, readings = parts.sampler.snapshot(live, globs) if live is not None else ([], [])
        snapshot = Snapshot(
            state=parts.states.state("after_cell"), tables=tables, readings=readings
        )
        widget.snapshot = msgspec.to_builtins(snapshot)

    def _static(self, globs: Sequence[str]) -> Table | None:
        """Return the table for where widgets do not work; None where there is nothing to show."""
        from jupyter_tfsession.commands import CommandError  # noqa: PLC0415 - not at load
        from jupyter_tfsession.frontend.states import LARGE  # noqa: PLC0415 - not at load

        try:
            live = self._extension.commands.sessions.find()
            small = len(live.plans.catalogue.records) <= LARGE
            return self._extension.commands.variables.table(globs, read=small, most=_STATIC_ROWS)
        except CommandError:
            return None

    def _made(self) -> _Parts:
        with self._lock:
            if self._parts is None:
                self._parts = _Parts(self._extension)
            return self._parts

    def _asked(self, content: dict[str, Any]) -> dict[str, Any]:
        return answer(self._extension, self._made().answering, content)

    def _serving(self) -> tuple[Answering, Views]:
        parts = self._made()
        return parts.answering, parts.views

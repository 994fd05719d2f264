"""Doing what front ends ask for.

A request is parsed, done and answered on the thread on which its message arrives. It names graphs
and variables by their ids; nothing that it carries is evaluated, and what is refused has changed
nothing.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from jupyter_tfsession import tf_internals
from jupyter_tfsession.features import UserError, first_line, is_tensorflows
from jupyter_tfsession.frontend import tables
from jupyter_tfsession.frontend.between_cells import BetweenCells
from jupyter_tfsession.frontend.conditions import Conditions, RefusedError
from jupyter_tfsession.frontend.generations import generation
from jupyter_tfsession.frontend.keeping import Keeping
from jupyter_tfsession.frontend.protocol import (
    VERSION,
    Confirm,
    MalformedError,
    Ok,
    Refused,
    parse,
)
from jupyter_tfsession.frontend.protocol import requests as asked
from jupyter_tfsession.inspection.naming import in_use, logical_name
from jupyter_tfsession.sessions.gate import BusyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.extension import Extension
    from jupyter_tfsession.frontend.protocol import Reply
    from jupyter_tfsession.frontend.sampler import Sampler
    from jupyter_tfsession.frontend.states import States
    from jupyter_tfsession.frontend.views import Views

    Send = Callable[[dict[str, Any]], None]

logger = logging.getLogger("jupyter_tfsession")


class Answering:
    """Answers requests; on any thread but the sampler's."""

    def __init__(
        self, extension: Extension, views: Views, states: States, sampler: Sampler
    ) -> None:
        self._extension = extension
        self._views = views
        self._states = states
        self._sampler = sampler
        self._conditions = Conditions(extension, states)
        self._between_cells = BetweenCells(extension)
        keeping = Keeping(extension, self._conditions)
        self._doing: dict[type, Callable[[Any], Ok]] = {
            asked.Hello: self._hello,
            asked.Unsubscribe: self._unsubscribe,
            asked.GetTable: self._table,
            asked.GetDetail: self._detail,
            asked.Reset: self._reset,
            asked.SetValue: self._set,
            asked.Close: self._close,
            asked.Initialize: self._initialize,
            asked.Undo: self._undo,
            asked.Redo: self._redo,
            asked.Enter: self._enter,
            asked.SetGuard: self._guard,
            asked.GetSnapshots: lambda request: _ok(request, result=keeping.listed()),
            asked.Compare: lambda request: _ok(request, result=keeping.compare(request)),
            asked.PlanRestore: lambda request: _ok(request, result=keeping.plan(request)),
            asked.TakeSnapshot: lambda request: _ok(request, text=keeping.take(request)),
            asked.Restore: lambda request: self._changed(request, keeping.restore(request)),
        }

    def answer(self, data: Any, send: Send | None, view: str | None = None) -> dict[str, Any]:
        """Do what a message asks for and return the reply; raises nothing.

        Parameters
        ----------
        data
            What the comm delivered.
        send
            Sends events to the view that asks, if it can be sent any.
        view
            The view's name where the comm has one, whatever the request says.
        """
        reply: dict[str, Any] = msgspec.to_builtins(self._answer(data, send, view))
        return reply

    def _answer(self, data: Any, send: Send | None, view: str | None) -> Reply:
        try:
            request = parse(data)
        except MalformedError as error:
            return _refused(error.id, error.code, str(error))
        # What the sessions know of their graphs has to do while another thread adds to them.
        elsewhere = (
            self._extension.cells.current is not None and not self._extension.cells.runs_here
        )
        held_back = tf_internals.graph_as_it_is() if elsewhere else contextlib.nullcontext()
        try:
            with held_back:
                if isinstance(request, asked.Subscribe):
                    return self._subscribe(request, send, view)
                return self._doing[type(request)](request)
        except RefusedError as error:
            return _refused(request.id, error.code, str(error), error.confirm)
        except Exception as error:  # noqa: BLE001 - nothing may surface in the kernel
            return self._fault(request.id, error, held_back=elsewhere)

    def _fault(self, request_id: str, error: Exception, *, held_back: bool) -> Refused:
        cause = error if is_tensorflows(error) else error.__context__
        if held_back and cause is not None and is_tensorflows(cause):
            text = f"the running cell has to end first: {first_line(cause)}"
            return _refused(request_id, "busy", text)
        if isinstance(error, BusyError):
            return _refused(request_id, "busy", str(error))
        if isinstance(error, UserError):
            return _refused(request_id, "invalid", str(error))
        if is_tensorflows(error):
            return _refused(request_id, "tensorflow", first_line(error))
        logger.debug("a request failed", exc_info=error)
        return _refused(request_id, "internal", first_line(error))

    # Looking.

    def _hello(self, request: asked.Hello) -> Ok:
        return _ok(request, result=self._states.state(_answers()))

    def _subscribe(self, request: asked.Subscribe, send: Send | None, view: str | None) -> Ok:
        of_widget = view is None
        view = view or request.view
        if request.graph is not None:
            self._conditions.live(request.graph)
        if send is None:
            raise RefusedError("unavailable", "no comm for events was opened for this view")
        self._views.subscribe(view, send, request, _answers())
        if of_widget:
            self._views.unsubscribe("")  # it can speak for itself
        self._sampler.wake()
        return _ok(request, result=self._states.state(_answers()))

    def _unsubscribe(self, request: asked.Unsubscribe) -> Ok:
        self._views.unsubscribe(request.view)
        return _ok(request)

    def _table(self, request: asked.GetTable) -> Ok:
        live = self._conditions.live(request.graph)
        records = tables.numbered(live)
        shown = tables.matching(live, records, request.globs)
        part = shown[request.offset : request.offset + request.limit]
        made = tables.rows(live, self._extension.inspector, ((v, records[v]) for v in part))
        table = tables.table(live, generation(live), len(shown), list(made))
        return _ok(request, result=table)

    def _detail(self, request: asked.GetDetail) -> Ok:
        live = self._conditions.live(request.graph)
        self._conditions.record(live, request.variable)
        detail = tables.detail(live, self._extension.inspector, request.variable, generation(live))
        return _ok(request, result=detail)

    # Changing.

    def _reset(self, request: asked.Reset) -> Ok:
        live = self._conditions.unchanged(request)
        if request.variables is None:
            chosen = in_use(live.graph, live.plans.catalogue.records.values())
        else:
            chosen = [self._conditions.record(live, variable) for variable in request.variables]
        self._conditions.confirmed(request, live, chosen, "reset")
        return self._changed(request, self._extension.commands.variables.reset_these(live, chosen))

    def _set(self, request: asked.SetValue) -> Ok:
        live = self._conditions.unchanged(request)
        record = self._conditions.record(live, request.variable)
        try:
            value = json.loads(request.value)
        except (ValueError, RecursionError) as error:
            raise RefusedError("invalid", f"the value is no JSON: {error}") from None
        if isinstance(value, dict):
            raise RefusedError("invalid", "a value is a number, true, false, a text, or a list")
        self._conditions.confirmed(
            request, live, [record], f"set {logical_name(live.graph, record)}"
        )
        return self._changed(
            request, self._extension.commands.variables.set_one(live, record, value)
        )

    def _close(self, request: asked.Close) -> Ok:
        live = self._conditions.unchanged(request)
        if request.discard:
            self._conditions.confirmed(
                request, live, list(live.plans.catalogue.records.values()), "close", undo=False
            )
        done = self._extension.commands.sessions.close(live.name, discard=request.discard)
        return self._changed(request, done)

    def _initialize(self, request: asked.Initialize) -> Ok:
        live = self._conditions.unchanged(request)
        return self._changed(request, self._extension.commands.variables.init(live.name))

    def _undo(self, request: asked.Undo) -> Ok:
        live = self._conditions.unchanged(request)
        return self._changed(request, self._extension.commands.variables.undo(live.name))

    def _redo(self, request: asked.Redo) -> Ok:
        live = self._conditions.unchanged(request)
        return self._changed(request, self._extension.commands.variables.redo(live.name))

    def _enter(self, request: asked.Enter) -> Ok:
        live = self._conditions.live(request.graph)

        def enter() -> object:
            done = self._extension.commands.sections.enter(live)
            self._states.note_default()
            return done

        return self._changed(request, self._between_cells.do(enter))

    def _guard(self, request: asked.SetGuard) -> Ok:
        return self._changed(request, self._extension.commands.environment.guard(request.policy))

    def _changed(self, request: Any, done: object) -> Ok:
        """Answer with what was done, and have all views see it."""
        self._views.look_again()
        self._sampler.wake()
        return _ok(request, text=str(done))


def _answers() -> Literal["now", "after_cell"]:
    """Tell from the thread on which a request arrived whether it had to wait for the cell."""
    main = threading.current_thread() is threading.main_thread()
    return "after_cell" if main else "now"


def _ok(request: Any, *, text: str = "", result: Any = None) -> Ok:
    return Ok(version=VERSION, id=request.id, text=text[:2_000], result=result)


def _refused(request_id: str, code: Any, text: str, confirm: Confirm | None = None) -> Refused:
    return Refused(version=VERSION, id=request_id, code=code, message=text[:2_000], confirm=confirm)

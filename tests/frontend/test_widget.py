"""The widget: one per kernel, live while a cell runs, of use without a kernel."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from front_end import subshell

if TYPE_CHECKING:
    from notebook import Notebook

VIEW = "application/vnd.jupyter.widget-view+json"
_ids = itertools.count(1)


class Widget:
    """The front end's side of the widget's model."""

    def __init__(self, nb: Notebook) -> None:
        self.nb = nb
        self.comm = ""

    def display(self, source: str = "%tfsession watch") -> dict[str, Any]:
        """Display the widget; return what the cell shows."""
        outcome = self.nb.run(source)
        assert outcome.ok, outcome.error
        bundle = self.nb.value("dict(jupyter_tfsession.watch()._repr_mimebundle_()[0])")
        self.comm = bundle[VIEW]["model_id"]
        return dict(bundle)

    def next(self, *kinds: str) -> dict[str, Any]:
        """Return the next custom message of one of these types."""
        message = self.nb.wait_for(lambda m: self._custom(m).get("type") in kinds, 30.0)
        return self._custom(message)

    def ask(self, kind: str, on: str | None = None, **fields: Any) -> dict[str, Any]:
        """Send a request as a custom message and return its reply."""
        request = {"version": 1, "type": kind, "id": f"w{next(_ids)}", **fields}
        data = {"method": "custom", "content": request}
        self.nb.send("comm_msg", {"comm_id": self.comm, "data": data}, subshell_id=on)
        while True:
            reply = self.next("ok", "refused")
            if reply["id"] == request["id"]:
                return reply

    def _custom(self, message: dict[str, Any]) -> dict[str, Any]:
        content = message["content"]
        if message["msg_type"] != "comm_msg" or content["comm_id"] != self.comm:
            return {}
        data = content["data"]
        return data["content"] if data.get("method") == "custom" else {}


def shown(nb: Notebook) -> Widget:
    """Display the widget in a kernel."""
    assert nb.run("import jupyter_tfsession").ok
    widget = Widget(nb)
    widget.display()
    return widget


def test_it_has_a_display_for_where_widgets_do_not_work(model: Notebook) -> None:
    assert model.run("import jupyter_tfsession").ok
    bundle = Widget(model).display()
    assert bundle.keys() >= {VIEW, "text/plain", "text/html"}
    for mime in ("text/plain", "text/html"):
        assert "global_step" in bundle[mime]
        assert "not connected: values as of 20" in bundle[mime]


def test_the_display_says_what_it_does_not_show(model: Notebook) -> None:
    assert model.run("import jupyter_tfsession").ok
    whole = Widget(model).display()["text/plain"]
    assert "not shown" not in whole
    limits = (
        "import jupyter_tfsession.frontend.states as s, jupyter_tfsession.frontend.frontends as f"
    )
    assert model.run(f"{limits}; s.LARGE, f._STATIC_ROWS = 2, 1").ok
    text = Widget(model).display()["text/plain"]
    assert "2 more are not shown: a pattern narrows them down" in text
    assert "values are not shown, for the graph is too large" in text
    assert "3." in whole
    assert "3." not in text


def test_there_is_one_however_often_it_is_displayed(model: Notebook) -> None:
    widget = shown(model)
    first = widget.comm
    widget.display("jupyter_tfsession.watch('w*')")
    assert widget.comm == first
    assert model.value("jupyter_tfsession.watch('w*').globs") == ["w*"]


def test_it_begins_with_a_snapshot(model: Notebook) -> None:
    shown(model)
    snapshot = model.value("jupyter_tfsession.watch().snapshot")
    assert snapshot["state"]["sessions"][0]["initialized"] == 3
    assert [row["name"] for row in snapshot["tables"][0]["rows"]] == ["w", "b", "global_step"]
    assert snapshot["readings"][0]["readings"][1]["point"] == 0.0
    model.run("sess.run(train)")
    snapshot = model.value(
        "[*map(dict, jupyter_tfsession.watch.__globals__['_commands']()"
        "._extension.front_ends._widget.snapshot['readings'])]"
    )
    assert snapshot[0]["readings"][1]["point"] == 1.0


def test_it_is_sent_what_happens_in_the_very_cell_that_displays_it(model: Notebook) -> None:
    assert model.run("import jupyter_tfsession").ok
    widget = Widget(model)
    model.start(
        "display(jupyter_tfsession.watch())\nfor _ in range(400): sess.run(train); time.sleep(0.01)"
    )
    opened = model.wait_for(lambda m: m["msg_type"] == "comm_open" and "_esm" in str(m["content"]))
    # The model's comm is the one whose state has the module.
    widget.comm = opened["content"]["comm_id"]
    first = widget.next("readings")
    second = widget.next("readings")
    model.finish()
    assert (first["view"], second["view"]) == ("", "")
    assert second["run"] > first["run"]


def test_it_answers_while_a_cell_runs_where_there_are_subshells(model: Notebook) -> None:
    widget = shown(model)
    shell = subshell(model)
    assert widget.ask("hello")["result"]["answers"] == "after_cell"
    if shell is None:  # ipykernel 6
        return
    widget.ask("subscribe", view="v1", interval=0.1)
    model.start("for _ in range(600): sess.run(train); time.sleep(0.005)")
    state = widget.ask("hello", on=shell)["result"]
    while not state["busy"]:
        state = widget.ask("hello", on=shell)["result"]
    assert (state["busy"], state["answers"]) == (True, "now")
    model.interrupt()
    model.finish()


def test_unloading_closes_it(model: Notebook) -> None:
    widget = shown(model)
    assert model.run("%unload_ext jupyter_tfsession").ok
    assert "unloaded" in widget.next("ended")["because"]
    model.wait_for(
        lambda m: m["msg_type"] == "comm_close" and m["content"]["comm_id"] == widget.comm
    )


def test_before_there_is_any_session(nb: Notebook) -> None:
    assert nb.run("import jupyter_tfsession").ok
    outcome = nb.run("%tfsession watch")
    assert outcome.ok, outcome.error

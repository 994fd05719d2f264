"""Going on in another section of the notebook, from a front end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from front_end import FrontEnd, subshell

if TYPE_CHECKING:
    from pathlib import Path

    from notebook import Notebook

PART = """
tf.reset_default_graph()
v = tf.get_variable("v", initializer={value})
sess = tf.Session()
sess.run(v.initializer)
"""


@pytest.fixture
def parts(nb: Notebook) -> Notebook:
    """Give a notebook of two parts, in which `v` is 1 and 2."""
    for value in (1.0, 2.0):
        assert nb.run(PART.format(value=value), cell=f"part {value}").ok
    nb.heard.clear()
    return nb


def sections(front_end: FrontEnd) -> list[dict[str, Any]]:
    """Return the sessions that belong to sections, oldest first."""
    return [one for one in front_end.state()["sessions"] if one["section"] is not None]


@pytest.mark.parametrize("beside", [False, True])
def test_a_section_is_entered_between_cells(parts: Notebook, beside: bool) -> None:
    front_end = FrontEnd(parts, on=subshell(parts) if beside else None)
    first, second = sections(front_end)
    assert [one["section"]["current"] for one in (first, second)] == [False, True]
    assert second["section"]["began"].startswith("[")
    assert (first["state"], second["state"]) == ("parked", "open")
    reply = front_end.ask("enter", graph=first["graph"])
    assert reply["type"] == "ok"
    assert reply["text"].startswith(f"entered {first['section']['name']}")
    assert front_end.state()["current"] == first["graph"]
    assert parts.value("float(sess.run(v)), v.graph is tf.get_default_graph()") == (1.0, True)
    again = front_end.ask("enter", graph=first["graph"])
    assert "is the current section" in again["text"]


def test_entering_has_to_wait_for_a_running_cell(parts: Notebook, tmp_path: Path) -> None:
    front_end = FrontEnd(parts, on=subshell(parts))
    first, _ = sections(front_end)
    if front_end.on is None:  # the request itself waits for the cell
        assert front_end.ask("enter", graph=first["graph"])["type"] == "ok"
        return
    enough = tmp_path / "enough"
    parts.start(f"import os, time\nwhile not os.path.exists({str(enough)!r}): time.sleep(0.01)")
    try:
        while not front_end.state()["busy"]:
            time.sleep(0.01)
        reply = front_end.ask("enter", graph=first["graph"])
        assert (reply["type"], reply["code"]) == ("refused", "busy")
    finally:
        enough.touch()
        parts.finish()
    assert parts.value("float(sess.run(v))") == 2.0


def test_what_is_no_section_cannot_be_entered(parts: Notebook) -> None:
    parts.run("with tf.Graph().as_default(): other = tf.Session()")
    front_end = FrontEnd(parts)
    (other,) = (one for one in front_end.state()["sessions"] if one["section"] is None)
    reply = front_end.ask("enter", graph=other["graph"])
    assert (reply["type"], reply["code"]) == ("refused", "invalid")
    assert "is of no section" in reply["message"]
    assert front_end.ask("enter", graph=999)["code"] == "unknown"

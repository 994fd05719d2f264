"""Listing, naming and entering parts by hand, and switching all of it off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from parts import BUILD, USE, again, part

if TYPE_CHECKING:
    from notebook import Notebook


def rows(nb: Notebook) -> list[list[str]]:
    """Return the rows of the table of sections, without the first line of what began each."""
    text = nb.run("%tfsession").text
    _, _, below = text.partition("\nsections\n")
    lines = below.splitlines()[2:-1]
    return [line.replace("tf.reset_default_graph()", "").split() for line in lines]


def test_the_status_lists_the_parts(nb: Notebook) -> None:
    part(nb, 1)
    assert rows(nb) == []
    part(nb, 2)
    nb.run("history = 3")
    assert rows(nb) == [
        ["section-1", "the", "start", "3", "1", "/", "1", "4", "B", "parked"],
        ["section-2", "[5]", "3", "1", "/", "1", "4", "B", "current"],
    ]
    html = nb.run("%tfsession").html
    assert "section-2" in html
    assert "parked" in html


def test_a_part_is_entered_by_hand(nb: Notebook) -> None:
    part(nb, 1)
    part(nb, 2)
    for name in ("section-1", "graph-1"):
        entered = nb.run(f"%tfsession use {name}").text
        assert entered.startswith("entered section-1: its graph, its session with the values of 1")
        assert entered.endswith("%tfsession use section-2 returns")
        nb.run(f"{USE}; z = y + x")  # a new cell runs in what is current
        assert nb.value("result") == 202.0
        assert nb.value("z.graph is tf.get_default_graph()")
        assert "entered section-2" in nb.run("%tfsession use [4]").text
    assert "is the current section" in nb.run("%tfsession use section-2").text
    nb.run("import jupyter_tfsession")
    assert "entered section-1" in nb.value("str(jupyter_tfsession.use('section-1'))")
    refused = nb.run("%tfsession use section-7")
    assert refused.error is not None
    assert "there is no section 'section-7'" in refused.error.evalue
    assert {"section-1", "section-2"} <= {*nb.complete("%tfsession use ")}


def test_a_part_keeps_the_name_that_it_was_given(nb: Notebook) -> None:
    part(nb, 1)
    part(nb, 2)
    nb.run("%tfsession name digits")
    again(nb, "use", 1)
    outcome = again(nb, "use", 2)
    assert "entered digits (begun in [4])" in outcome.notices[0]
    part(nb, 2)  # begun anew
    assert [row[0] for row in rows(nb)] == ["section-1", "digits"]
    assert "digits (default)" in nb.run("%tfsession").text
    taken = nb.run("%tfsession use section-1\n%tfsession name digits")
    assert taken.error is not None
    assert "another graph is called 'digits'" in taken.error.evalue


def test_commands_on_a_graph_take_the_name_of_a_part(nb: Notebook) -> None:
    part(nb, 1)
    part(nb, 2)
    assert "101" in nb.run("%tfsession vars --graph section-1").text
    assert nb.run("%tfsession set w 7 --graph section-1").ok
    again(nb, "use", 1)
    assert nb.value("result") == 14.0


@pytest.mark.parametrize("off", ["%tfsession rerun off", "%config TFSession.sections = False"])
def test_switched_off_it_is_as_in_plain_tensorflow(nb: Notebook, off: str) -> None:
    part(nb, 1)
    part(nb, 2)
    nb.run("import weakref, gc; graph = weakref.ref(w.graph)")
    nb.run(off)
    outcome = nb.run(USE, cell="use 1")
    assert (outcome.error, outcome.notices) == (None, [])
    assert nb.value("result") == 402.0
    nb.run(BUILD.format(reset="tf.reset_default_graph()", initial=1.0) + "sess = None")
    nb.execute_silently("Out.clear(); _ = __ = ___ = None")
    nb.run("gc.collect(); None")
    assert nb.value("graph() is None")
    assert rows(nb) == []


# What belongs to another graph, run without entering its part.


@pytest.mark.parametrize("run", ["sess.run(old)", "old.eval()", "old.op.run() or old.eval()"])
def test_what_belongs_to_another_part_runs_in_its_own_session(nb: Notebook, run: str) -> None:
    part(nb, 1)
    nb.run("old = w + 0.0", cell="old")
    part(nb, 2)
    outcome = nb.run(f"with tf.Session() as sess: result = float({run})")
    assert outcome.error is None
    assert nb.value("result") == 101.0
    said = outcome.notices[-1]
    assert said.startswith("ran in the session of graph-1, the graph that this belongs to")
    explicit = "tf.Session(graph=tf.get_default_graph()).run(old)"
    refused = nb.run(explicit)
    assert refused.error is not None
    assert "is not an element of this graph" in refused.error.evalue


def test_a_cell_is_stale_in_its_own_part_only(nb: Notebook) -> None:
    def stale() -> list[str]:
        text = nb.run("%tfsession stale").text
        return [name for name in ("y - 1", "y - 2") if name in text]

    def x(number: int, value: int) -> list[str]:
        outcome = nb.run(f"x = tf.constant({value}.0)", f"x {number}")
        return [notice for notice in outcome.notices if "still use" in notice]

    def y(number: int) -> None:
        built = nb.run(f"z = (x + 1) * {number}  # y - {number}", f"y {number}")
        assert built.error is None

    for number in (1, 2):
        nb.run(f"tf.reset_default_graph()  # {number}", f"reset {number}")
        assert not x(number, number)
        y(number)
    assert len(x(1, 10)) == 1  # enters the first part
    assert stale() == ["y - 1"]
    assert len(x(2, 20)) == 1
    assert stale() == ["y - 1", "y - 2"]
    y(2)
    assert stale() == ["y - 1"]  # while the other part is current
    assert nb.value("float(tf.Session().run(z))") == 42
    nb.run("%tfsession use section-1")
    y(1)
    assert stale() == []
    assert nb.value("float(tf.Session().run(z))") == 11

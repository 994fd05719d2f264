"""The initializer guard's policies: keep, error, off, and allow_init()."""

from __future__ import annotations

import pytest
from guarding import World, guard_notices, kept, tf1

__all__ = ["tf1"]

REFUSED = (
    "the initializer would overwrite v, written by an earlier cell; %tfsession reset or "
    "allow_init() does so, %tfsession guard keep initializes only what is new"
)
WAYS = ["%tfsession guard {}", "%config TFSession.guard = '{}'"]


@pytest.mark.parametrize("way", WAYS)
def test_off_does_what_tensorflow_does_and_undo_has_the_values(tf1: World, way: str) -> None:
    tf1.start()
    tf1.run(way.format("off"))
    for before in (3.0, 2.0):
        assert tf1.number() == before
        assert guard_notices(tf1.run("sess.run(init); sess.run(add)", "a")) == []
        assert tf1.number() == 2.0
    tf1.run("%tfsession undo")
    assert tf1.number() == 2.0
    tf1.run("%tfsession undo")
    assert tf1.number() == 3.0


@pytest.mark.parametrize("way", WAYS)
def test_error_names_the_variables_and_runs_nothing(tf1: World, way: str) -> None:
    tf1.start()
    tf1.run("w = tf.get_variable('w', initializer=1.0); x = tf.get_variable('x', initializer=1.0)")
    tf1.run(way.format("error"))
    outcome = tf1.fail("sess.run([add, tf.global_variables_initializer()])", "a")
    assert outcome.error is not None
    assert (outcome.error.ename, outcome.error.evalue) == ("InitializerError", REFUSED)
    assert tf1.number() == 3.0
    assert tf1.value("sess.run(tf.report_uninitialized_variables([v, w, x])).tolist()") == [
        b"w",
        b"x",
    ]


def test_error_raises_as_often_as_it_is_asked(tf1: World) -> None:
    tf1.start()
    tf1.run("%tfsession guard error")
    source = """
errors = []
for _ in range(3):
    try:
        sess.run(init)
    except RuntimeError as error:
        errors.append(str(error))
"""
    for _ in range(2):
        tf1.run(source, "a")
        assert tf1.value("errors") == [REFUSED] * 3
    assert tf1.number() == 3.0


def test_error_names_no_more_than_five_variables(tf1: World) -> None:
    tf1.run(
        "more = [tf.get_variable(f'm{i}', initializer=0.0) for i in range(9)]\n"
        "sess = OPEN; everything = tf.variables_initializer(more); sess.run(everything)"
    )
    tf1.run("%tfsession guard error")
    outcome = tf1.fail("sess.run(everything)")
    assert outcome.error is not None
    assert "overwrite m0, m1, m2, m3, m4 and 4 more, written" in outcome.error.evalue


HARMLESS = {
    "what is new": "w = tf.get_variable('w', initializer=1.0)\nsess.run(w.initializer)",
    "a first run that opens its session": "with OPEN as sess:\n    sess.run(init)",
    "allow_init": "import jupyter_tfsession\n"
    "with jupyter_tfsession.allow_init():\n    sess.run(init)",
    "an assignment": "v.load(1.0, sess)",
}


@pytest.mark.parametrize("source", HARMLESS.values(), ids=HARMLESS)
def test_error_lets_through_what_is_no_rerunning_initializer(tf1: World, source: str) -> None:
    tf1.start()
    tf1.run("%tfsession guard error")
    assert guard_notices(tf1.run(source)) == []


def test_a_buried_initializer_is_refused_too(tf1: World) -> None:
    tf1.run("with tf.control_dependencies([v.initializer]):\n    after = tf.constant(4.0) + 1")
    tf1.start()
    tf1.run("%tfsession guard error")
    outcome = tf1.fail("sess.run(after)")
    assert outcome.error is not None
    assert outcome.error.evalue == REFUSED
    assert tf1.number() == 3.0


def test_keep_is_the_default_and_comes_back(tf1: World) -> None:
    assert tf1.run("%tfsession guard").text == "guard: keep"
    written = tf1.start()
    tf1.run("%tfsession guard off")
    assert tf1.value("get_ipython().run_line_magic('config', 'TFSession.guard')") == "off"
    tf1.run("%tfsession guard keep")
    assert guard_notices(tf1.run("sess.run(init)")) == [kept(written)]
    assert tf1.number() == 3.0


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("%tfsession guard of", "there is no policy 'of'; did you mean 'off'?"),
        ("%tfsession guard zzz", "there is no policy 'zzz'; there is keep, error, off"),
    ],
)
def test_an_unknown_policy_changes_nothing(tf1: World, source: str, said: str) -> None:
    outcome = tf1.nb.run(source)
    assert said in outcome.stderr + (outcome.error.evalue if outcome.error else "")
    assert tf1.run("%tfsession guard").text == "guard: keep"


def test_allow_init_overwrites_once_and_undo_has_the_values(tf1: World) -> None:
    tf1.start()
    allow = """
import jupyter_tfsession
with jupyter_tfsession.allow_init():
    sess.run(init)
"""
    assert guard_notices(tf1.run(allow)) == []
    assert tf1.number() == 1.0
    tf1.run("%tfsession undo")
    assert tf1.number() == 3.0
    outcome = tf1.run("sess.run(init)")
    assert len(guard_notices(outcome)) == 1
    assert tf1.number() == 3.0


def test_allow_init_ends_with_its_block_by_an_exception_too(tf1: World) -> None:
    tf1.start()
    tf1.fail("import jupyter_tfsession\nwith jupyter_tfsession.allow_init():\n    1 / 0")
    tf1.run("sess.run(init)")
    assert tf1.number() == 3.0

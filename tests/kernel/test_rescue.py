"""Rescue: what can be read of a session that refuses every run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from guarding import World, world_of
from keeping import keep_in, kept, one, refused

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Kernels

__all__ = ["kept", "one"]

POISONED = """
class Own(tf.Session):  # which the extension leaves alone
    pass

with g.as_default():
    u = tf.get_variable("u", initializer=[1.0, 2.0])
    empty = tf.get_variable("empty", initializer=0.0)
own = Own(graph=g)
own.run([v.initializer, u.initializer])
own.run(add)
with g.as_default(), tf.device("/job:worker/task:7"):
    bad = tf.get_variable("bad", initializer=1.0)
try:
    own.run(v)
except tf.errors.InvalidArgumentError as error:
    poisoned = "Cannot assign a device" in str(error)
"""


def test_a_poisoned_session_gives_up_its_variables(kept: World) -> None:
    kept.run(POISONED)
    assert kept.value("poisoned")
    before = kept.operations()
    said = kept.run("%tfsession rescue saved --session own").text
    assert said.startswith("rescued 2 variables of the session (12 B) as saved; not bad: ")
    assert kept.operations() == before
    kept.run("%tfsession reset u v")
    kept.run("%tfsession restore saved")
    assert kept.value("(float(sess.run(v)), sess.run(u).tolist())") == (2.0, [1.0, 2.0])


def test_a_managed_session_does_too(one: World) -> None:
    one.run("with g.as_default(), tf.device('/job:worker/task:7'):\n"
            "    bad = tf.get_variable('bad', initializer=1.0)")  # fmt: skip
    assert one.run("%tfsession rescue").text.startswith("rescued 1 variable of graph-1 (4 B)")
    assert one.run("%tfsession snapshot").text.startswith("kept 1 variable of graph-1")
    one.run("%tfsession close")
    assert one.run("%tfsession rescue").text.startswith("rescued 1 variable of graph-1 (4 B)")
    one.run("%tfsession set v 7")
    one.run("%tfsession restore rescued")
    assert one.number() == 3.0


def test_a_monitored_session(kernels: Kernels, tmp_path: Path) -> None:
    world = keep_in(world_of(kernels, "tf1", resource=True), tmp_path / "snapshots")
    world.run("with g.as_default(): hooked = tf.train.MonitoredSession()\nhooked.run(add)")
    said = world.run("import jupyter_tfsession as j\nj.rescue('m', session=hooked)").text
    assert said.startswith("rescued 1 variable of the session (4 B) as m;")
    world.run("hooked.close()")


@pytest.mark.parametrize(
    ("session", "says"),
    [
        ("7", "a session is needed, not 7"),
        ("nothing", "cannot evaluate 'nothing': NameError: name 'nothing' is not defined"),
    ],
)
def test_what_is_no_session(one: World, session: str, says: str, tmp_path: Path) -> None:
    assert refused(one, f"%tfsession rescue --session {session}") == says
    assert not (tmp_path / "snapshots").exists()


def test_nothing_can_be_read(one: World, tmp_path: Path) -> None:
    one.run("%tfsession close --discard")
    assert refused(one, "%tfsession rescue") == "nothing could be read: no variable holds a value"
    assert list((tmp_path / "snapshots").iterdir()) == []
    one.run(POISONED.split("own.run([v", maxsplit=1)[0])
    assert refused(one, "%tfsession rescue --session own").startswith("nothing could be read: ")
